// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/run_status.h"

#include <algorithm>

#include <QGridLayout>
#include <QLabel>

#include "core/base/human.h"
#include "ui/base/elided_label.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/grid/cell_text.h"

namespace howdah::ui {

namespace {

constexpr int most_rows = 200; ///< the pane of messages has all of them
constexpr int icon_size = 16;
constexpr qsizetype shown_sql = 160;

QString fromUtf8(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

} // namespace

RunStatus::RunStatus(QWidget *parent) : QScrollArea(parent), page_(new QWidget), title_(new QLabel), rows_(new QGridLayout)
{
    setAccessibleName(tr("Progress of the run"));
    setWidgetResizable(true);
    setFrameShape(QFrame::NoFrame);
    auto *column = new QVBoxLayout(page_);
    column->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    column->setSpacing(spacing::card);
    column->addWidget(title_);
    column->addLayout(rows_);
    column->addStretch(1);
    title_->setProperty("role", QStringLiteral("dim"));
    rows_->setHorizontalSpacing(spacing::control);
    rows_->setVerticalSpacing(spacing::control);
    rows_->setColumnStretch(2, 1);
    page_->setAutoFillBackground(true);
    page_->setBackgroundRole(QPalette::Base);
    setWidget(page_);
}

void RunStatus::begin()
{
    clear();
    title_->setText(tr("Running…"));
    title_->show();
}

void RunStatus::clear()
{
    while (QLayoutItem *item = rows_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    texts_.clear();
    statements_ = 0;
}

void RunStatus::add(const pg::StatementOutcome &outcome, const QString &sql)
{
    ++statements_;
    title_->hide();
    if (statements_ > most_rows + 1)
        return;
    if (statements_ == most_rows + 1) {
        addRow(QStringLiteral("more"), false, tr("More statements followed; the messages list them all"), {});
        return;
    }
    const QString head_sql = lineText(sql.simplified().left(shown_sql + 1).toStdString(), shown_sql);
    if (!outcome.error) {
        const QString tag = outcome.command_tag.empty() ? tr("OK") : fromUtf8(outcome.command_tag);
        addRow(QStringLiteral("check"), false, QStringLiteral("%1 · %2").arg(tag, fromUtf8(human::duration(outcome.duration_ms))), head_sql);
        return;
    }
    QStringList more;
    for (const std::string &line : {outcome.error->detail, outcome.error->hint}) {
        if (!line.empty())
            more << fromUtf8(line);
    }
    more << head_sql;
    const bool cancelled = outcome.error->kind == ErrorKind::Cancelled;
    const QString code = outcome.error->sqlstate.empty() ? QString() : tr(" (SQLSTATE %1)").arg(fromUtf8(outcome.error->sqlstate));
    addRow(cancelled ? QStringLiteral("stop") : QStringLiteral("error"), !cancelled, fromUtf8(outcome.error->message) + code, more.join(QLatin1Char('\n')));
}

void RunStatus::addRow(const QString &icon_name, bool failed, const QString &head, const QString &more)
{
    const int row = rows_->rowCount();
    auto *picture = new QLabel;
    const auto paint = [picture, icon_name, failed] {
        picture->setPixmap(icon(icon_name, failed ? colors().bad_ink : icon_name == QStringLiteral("check") ? colors().good_ink : colors().dim)
                               .pixmap(icon_size, icon_size));
    };
    paint();
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, picture, paint);
    auto *said = new QLabel(head);
    said->setTextFormat(Qt::PlainText);
    said->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    if (failed) {
        said->setProperty("role", QStringLiteral("error"));
        said->setWordWrap(true);
    }
    auto *detail = new QLabel(more);
    detail->setTextFormat(Qt::PlainText);
    detail->setProperty("role", QStringLiteral("dim"));
    detail->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    detail->setTextInteractionFlags(Qt::TextSelectableByMouse);
    rows_->addWidget(picture, row, 0, Qt::AlignTop);
    if (failed) {
        rows_->addWidget(said, row, 1, 1, 2);
        detail->setWordWrap(true);
        rows_->addWidget(detail, row + 1, 1, 1, 2);
    } else {
        rows_->addWidget(said, row, 1, Qt::AlignTop);
        rows_->addWidget(detail, row, 2, Qt::AlignTop);
    }
    texts_ << head;
}

void RunStatus::end()
{
    if (statements_ > 0)
        return;
    title_->setText(tr("Nothing was run"));
    title_->show();
}

QString RunStatus::text() const
{
    return texts_.join(QLatin1Char('\n'));
}

} // namespace howdah::ui
