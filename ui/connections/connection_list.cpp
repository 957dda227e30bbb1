// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/connection_list.h"

#include <QCoreApplication>
#include <QPainter>

#include "core/pg/connection_spec.h"
#include "ui/base/palette.h"
#include "ui/base/tone.h"
#include "ui/connections/connection_store.h"

namespace howdah::ui {

namespace {
constexpr int dot_size = 8;
constexpr int demo_icon = 16;
} // namespace

const QString ConnectionList::demo_id = QStringLiteral("demo");

QString environmentName(const std::string &environment)
{
    if (environment == "production")
        return QCoreApplication::translate("howdah::ui::ConnectionList", "production");
    if (environment == "staging")
        return QCoreApplication::translate("howdah::ui::ConnectionList", "staging");
    if (environment == "test")
        return QCoreApplication::translate("howdah::ui::ConnectionList", "test");
    if (!environment.empty() && environment != "development")
        return QString::fromStdString(environment); // a name of one's own
    return QCoreApplication::translate("howdah::ui::ConnectionList", "development");
}

void ConnectionList::setConnections(std::vector<workspace::SavedConnection> connections)
{
    beginResetModel();
    connections_ = std::move(connections);
    filter();
    endResetModel();
}

void ConnectionList::setSearch(const QString &text)
{
    beginResetModel();
    search_ = text;
    filter();
    endResetModel();
}

void ConnectionList::hide(const QString &id)
{
    beginResetModel();
    hidden_ = id;
    filter();
    endResetModel();
}

void ConnectionList::filter()
{
    shown_.clear();
    const QStringList words = search_.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        const workspace::SavedConnection &saved = connections_[i];
        if (!hidden_.isEmpty() && saved.id == hidden_.toStdString())
            continue;
        const QString all = QString::fromStdString(saved.name + " " + saved.conninfo + " ") + environmentName(saved.environment);
        if (std::all_of(words.begin(), words.end(), [&](const QString &word) { return all.contains(word, Qt::CaseInsensitive); }))
            shown_.push_back(i);
    }
}

QModelIndex ConnectionList::indexOf(const QString &id) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (this->id(index(row)) == id)
            return index(row);
    }
    return {};
}

QString ConnectionList::id(const QModelIndex &index) const
{
    const workspace::SavedConnection *saved = connection(index);
    return saved != nullptr ? QString::fromStdString(saved->id) : index.isValid() ? demo_id : QString();
}

const workspace::SavedConnection *ConnectionList::connection(const QModelIndex &index) const
{
    const auto row = static_cast<std::size_t>(index.row());
    return index.isValid() && row < shown_.size() ? &connections_[shown_[row]] : nullptr;
}

int ConnectionList::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(shown_.size()) + 1;
}

QString ConnectionList::address(const workspace::SavedConnection &saved)
{
    const auto keywords = pg::describe(saved.conninfo);
    if (!keywords)
        return {};
    const auto value = [&](const char *keyword) {
        const auto found = keywords->find(keyword);
        return found == keywords->end() ? QString() : QString::fromStdString(found->second);
    };
    if (!value("service").isEmpty())
        return tr("service %1").arg(value("service"));
    QString text = value("host").startsWith(QLatin1Char('/')) ? tr("local socket") : value("host");
    if (text.isEmpty())
        text = value("hostaddr").isEmpty() ? tr("this machine") : value("hostaddr");
    if (!value("port").isEmpty() && value("port") != QLatin1StringView("5432"))
        text += QLatin1Char(':') + value("port");
    if (!value("dbname").isEmpty())
        text += QStringLiteral(" · ") + value("dbname");
    return text;
}

QVariant ConnectionList::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const workspace::SavedConnection *saved = connection(index);
    const QString name = saved != nullptr ? QString::fromStdString(saved->name) : tr("Demo server");
    const QString second = saved != nullptr ? address(*saved) : tr("A shop with a million orders");
    switch (role) {
    case Qt::DisplayRole: return name;
    case Qt::AccessibleTextRole:
        return saved != nullptr ? QStringLiteral("%1, %2, %3").arg(name, second, environmentName(saved->environment)) : name;
    case Qt::ToolTipRole:
        if (saved == nullptr)
            return tr("A private server on this machine, for looking around. It ends with the window.");
        return tr("%1\nLast used: %2").arg(QString::fromStdString(saved->conninfo),
                                            saved->last_used.empty() ? tr("never") : QString::fromStdString(saved->last_used.substr(0, 10)));
    case Qt::UserRole: return second;
    default: return {};
    }
}

QSize ConnectionDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &) const
{
    return {160, 2 * option.fontMetrics.height() + 2 * spacing::control};
}

void ConnectionDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *list = static_cast<const ConnectionList *>(index.model());
    const workspace::SavedConnection *saved = list->connection(index);
    const Colors &c = colors();
    const bool is_selected = option.state.testFlag(QStyle::State_Selected);
    const bool has_focus = option.state.testFlag(QStyle::State_HasFocus);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF ground = QRectF(option.rect).adjusted(spacing::unit + 0.5, 1.5, -spacing::unit - 0.5, -1.5);
    if (is_selected || has_focus || option.state.testFlag(QStyle::State_MouseOver)) {
        painter->setPen(has_focus ? QPen(c.accent, 1) : QPen(Qt::NoPen));
        painter->setBrush(is_selected ? c.on_tint : c.hover);
        painter->drawRoundedRect(ground, 6, 6);
    }
    const int height = option.fontMetrics.height();
    QRect line(option.rect.left() + spacing::page, option.rect.top() + spacing::control - 1, option.rect.width() - 2 * spacing::page, height);
    const int centre = line.top() + height / 2;
    if (saved != nullptr) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(environmentColor(*saved));
        painter->drawEllipse(QRectF(line.left(), centre - dot_size / 2.0, dot_size, dot_size));
    } else {
        icon(QStringLiteral("demo"), c.dim).paint(painter, QRect(line.left() - 4, centre - demo_icon / 2, demo_icon, demo_icon));
    }
    line.setLeft(line.left() + dot_size + spacing::control);
    QRect name_line = line;
    if (saved != nullptr && saved->environment != "development" && !saved->environment.empty()) {
        const QString name = environmentName(saved->environment);
        const QSize size = pillSize(name);
        paintPill(*painter, QRect(line.right() - size.width() + 1, line.top(), size.width(), height), name,
                  saved->environment == "production" ? Tone::Warn : Tone::Accent);
        name_line.setRight(line.right() - size.width() - spacing::control);
    }
    painter->setFont(option.font);
    painter->setPen(c.text);
    painter->drawText(name_line, Qt::AlignVCenter | Qt::AlignLeft,
                      option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, name_line.width()));
    QFont small = option.font;
    small.setPixelSize(textFont().pixelSize() - 1);
    painter->setFont(small);
    painter->setPen(c.dim);
    const QRect second = line.translated(0, height);
    painter->drawText(second, Qt::AlignVCenter | Qt::AlignLeft,
                      QFontMetrics(small).elidedText(index.data(Qt::UserRole).toString(), Qt::ElideRight, second.width()));
    painter->restore();
}

} // namespace howdah::ui
