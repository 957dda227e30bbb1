// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/completion_list.h"

#include <algorithm>

#include <QFontMetrics>
#include <QPainter>
#include <QScrollBar>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"

namespace howdah::ui {

namespace {

constexpr int icon_size = 16;
constexpr int most_rows = 11;
constexpr int least_width = 300, most_width = 680;
constexpr int gap = 24; ///< between label and detail

QString iconOf(complete::Kind kind)
{
    using complete::Kind;
    switch (kind) {
    case Kind::Keyword: return QStringLiteral("sql");
    case Kind::Schema: return QStringLiteral("schema");
    case Kind::Table:
    case Kind::Cte:
    case Kind::Alias: return QStringLiteral("table");
    case Kind::PartitionedTable: return QStringLiteral("partitioned-table");
    case Kind::View: return QStringLiteral("view");
    case Kind::MaterializedView: return QStringLiteral("matview");
    case Kind::ForeignTable: return QStringLiteral("foreign-table");
    case Kind::Sequence: return QStringLiteral("sequence");
    case Kind::Column:
    case Kind::List: return QStringLiteral("column");
    case Kind::Join: return QStringLiteral("foreign-key");
    case Kind::Function: return QStringLiteral("function");
    case Kind::Procedure: return QStringLiteral("procedure");
    case Kind::Type: return QStringLiteral("type");
    case Kind::Setting: return QStringLiteral("settings");
    case Kind::Value: return QStringLiteral("check");
    case Kind::Role: return QStringLiteral("role");
    case Kind::Extension: return QStringLiteral("extension");
    case Kind::Index: return QStringLiteral("index-object");
    case Kind::Constraint: return QStringLiteral("constraint");
    case Kind::Word: return QStringLiteral("edit");
    }
    return {};
}

QColor inkOf(complete::Kind kind)
{
    using complete::Kind;
    const Colors &c = colors();
    switch (kind) {
    case Kind::Join: return c.accent_ink;
    case Kind::Function:
    case Kind::Procedure: return c.warn_ink;
    case Kind::Column:
    case Kind::List: return c.good_ink;
    case Kind::Keyword:
    case Kind::Word: return c.dim;
    default: return c.accent_ink;
    }
}

QFont detailFont()
{
    QFont font = textFont();
    font.setPixelSize(font.pixelSize() - 1);
    return font;
}

/// Labels of the editor's own face; what was matched bold and in the accent.
void drawLabel(QPainter &painter, const QRect &rect, const complete::Candidate &candidate)
{
    const QFont plain = monoFont();
    QFont strong = plain;
    strong.setWeight(QFont::Bold);
    const QString label = QString::fromStdString(candidate.label);
    // Matched bytes as positions in the label.
    QList<bool> matched(label.size(), false);
    if (!candidate.matched.empty()) {
        qsizetype at = 0;
        std::size_t byte = 0, next = 0;
        for (; at < label.size() && next < candidate.matched.size(); ++at) {
            while (next < candidate.matched.size() && candidate.matched[next] < byte)
                ++next;
            if (next < candidate.matched.size() && candidate.matched[next] == byte)
                matched[at] = true;
            const char16_t unit = label.at(at).unicode();
            byte += unit < 0x80 ? 1U : unit < 0x800 || (unit >= 0xD800 && unit < 0xE000) ? 2U : 3U;
        }
    }
    const QString shown = QFontMetrics(strong).elidedText(label, Qt::ElideRight, rect.width());
    int x = rect.left();
    for (qsizetype begin = 0; begin < shown.size();) {
        const bool is_matched = begin < matched.size() && matched.at(begin);
        qsizetype end = begin + 1;
        while (end < shown.size() && (end < matched.size() && matched.at(end)) == is_matched)
            ++end;
        const QString run = shown.mid(begin, end - begin);
        painter.setFont(is_matched ? strong : plain);
        painter.setPen(is_matched ? colors().accent_ink : colors().text);
        painter.drawText(QRect(x, rect.top(), rect.right() - x + 1, rect.height()), Qt::AlignLeft | Qt::AlignVCenter, run);
        x += QFontMetrics(painter.font()).horizontalAdvance(run);
        begin = end;
    }
}

} // namespace

void CompletionModel::setCandidates(std::vector<complete::Candidate> candidates)
{
    beginResetModel();
    candidates_ = std::move(candidates);
    endResetModel();
}

int CompletionModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(candidates_.size());
}

QVariant CompletionModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const complete::Candidate &one = candidate(index.row());
    switch (role) {
    case Qt::DisplayRole: return QString::fromStdString(one.label);
    case Qt::ToolTipRole: return QString::fromStdString(one.detail.empty() ? one.label : one.label + "\n" + one.detail);
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1, %2 %3").arg(QString::fromStdString(one.label), QString::fromLatin1(complete::kindName(one.kind)), QString::fromStdString(one.detail));
    default: return {};
    }
}

QSize CompletionDelegate::sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const
{
    return {least_width, row_height};
}

int CompletionDelegate::widthOf(const complete::Candidate &candidate)
{
    QFont strong = monoFont();
    strong.setWeight(QFont::Bold);
    const int detail = QFontMetrics(detailFont()).horizontalAdvance(QString::fromStdString(candidate.detail));
    return QFontMetrics(strong).horizontalAdvance(QString::fromStdString(candidate.label)) + (detail > 0 ? std::min(detail, 400) + gap : 0) + icon_size + 4 * spacing::control;
}

void CompletionDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const auto *model = qobject_cast<const CompletionModel *>(index.model());
    if (model == nullptr)
        return;
    const complete::Candidate &candidate = model->candidate(index.row());
    const Colors &c = colors();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect row = option.rect.adjusted(spacing::unit, 0, -spacing::unit, 0);
    // Only what Enter takes is marked: the list opens under a pointer that nobody moved.
    if ((option.state & QStyle::State_Selected) != 0) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(c.on_tint);
        painter->drawRoundedRect(row, 5, 5);
    }
    QRect inner = row.adjusted(spacing::unit + 2, 0, -spacing::control, 0);
    icon(iconOf(candidate.kind), inkOf(candidate.kind)).paint(painter, QRect(inner.left(), inner.center().y() - icon_size / 2 + 1, icon_size, icon_size));
    inner.setLeft(inner.left() + icon_size + spacing::control);
    const QString detail = QString::fromStdString(candidate.detail);
    if (!detail.isEmpty()) {
        QFont strong = monoFont();
        strong.setWeight(QFont::Bold);
        const QFont font = detailFont();
        const QFontMetrics metrics(font);
        // The label comes first; the detail takes what is left, but a little of it always shows.
        const int label = QFontMetrics(strong).horizontalAdvance(QString::fromStdString(candidate.label));
        const int room = std::max(inner.width() - label - gap, std::min(inner.width() / 4, metrics.horizontalAdvance(detail)));
        const QString shown = metrics.elidedText(detail, Qt::ElideRight, room);
        painter->setFont(font);
        painter->setPen(c.dim);
        painter->drawText(inner, Qt::AlignRight | Qt::AlignVCenter, shown);
        inner.setRight(inner.right() - metrics.horizontalAdvance(shown) - spacing::control);
    }
    drawLabel(*painter, inner, candidate);
    painter->restore();
}

CompletionPopup::CompletionPopup(QWidget *parent) : QFrame(parent), model_(new CompletionModel(this)), view_(new QListView(this))
{
    setObjectName(QStringLiteral("completion"));
    setFocusPolicy(Qt::NoFocus);
    hide();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, spacing::unit, 1, spacing::unit);
    view_->setModel(model_);
    view_->setItemDelegate(new CompletionDelegate(view_));
    view_->setUniformItemSizes(true);
    view_->setFocusPolicy(Qt::NoFocus);
    view_->setFrameShape(QFrame::NoFrame);
    view_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    view_->setAccessibleName(tr("Completion"));
    layout->addWidget(view_);
    connect(view_, &QListView::clicked, this, &CompletionPopup::chosen);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &CompletionPopup::applyTheme);
    applyTheme();
}

void CompletionPopup::applyTheme()
{
    const Colors &c = colors();
    setStyleSheet(QStringLiteral("#completion { background: %1; border: 1px solid %2; border-radius: %3px; } "
                                 "#completion QListView { background: transparent; border: none; outline: none; }")
                      .arg(c.panel.name(), c.line.name())
                      .arg(spacing::radius));
}

void CompletionPopup::show(std::vector<complete::Candidate> candidates)
{
    int width = least_width;
    for (std::size_t i = 0; i < std::min<std::size_t>(candidates.size(), 60); ++i)
        width = std::max(width, CompletionDelegate::widthOf(candidates[i]));
    const int rows = std::min<int>(most_rows, static_cast<int>(candidates.size()));
    const bool scrolls = static_cast<int>(candidates.size()) > most_rows;
    width += scrolls ? view_->verticalScrollBar()->sizeHint().width() : 0;
    model_->setCandidates(std::move(candidates));
    resize(std::min({width, most_width, std::max(least_width, parentWidget()->width() - 2 * spacing::control)}),
           rows * CompletionDelegate::row_height + 2 * spacing::unit);
    select(0);
    raise();
    setVisible(true);
}

void CompletionPopup::place(int left, int top, int bottom)
{
    const QSize room = parentWidget()->size();
    const bool above = bottom + height() > room.height() && top - height() >= 0;
    const int y = above ? top - height() - 2 : std::min(bottom + 2, std::max(0, room.height() - height()));
    // Labels stand under the letters that are being typed.
    const int label = icon_size + spacing::control + 2 * spacing::unit + 3;
    move(std::clamp(left - label, 0, std::max(0, room.width() - width())), y);
}

const complete::Candidate &CompletionPopup::current() const
{
    return model_->candidate(std::max(0, currentRow()));
}

void CompletionPopup::select(int row)
{
    view_->setCurrentIndex(model_->index(row));
    view_->scrollTo(model_->index(row));
}

void CompletionPopup::step(int rows)
{
    if (count() > 0)
        select((currentRow() + rows + count()) % count());
}

void CompletionPopup::stepPage(int pages)
{
    select(std::clamp(currentRow() + pages * (most_rows - 1), 0, std::max(0, count() - 1)));
}

void CompletionPopup::toEnd(bool last)
{
    select(last ? std::max(0, count() - 1) : 0);
}

} // namespace howdah::ui
