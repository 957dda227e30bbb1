// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QMenu>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/cell_viewer.h"
#include "ui/grid/column_chooser.h"
#include "ui/grid/grid_editing.h"
#include "ui/grid/grid_footer.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_grid.h"

namespace howdah::ui {

namespace {

using result::CopyFormat;

constexpr qint64 copied_at_once = 20'000;         ///< cells; more are written on another thread
constexpr qint64 copied_at_once_bytes = 2'000'000;

struct FormatName {
    CopyFormat format;
    const char *menu;
    const char *said;
};

constexpr FormatName formats[] = {
    {CopyFormat::Tsv, QT_TRANSLATE_NOOP("CopyFormat", "Copy"), "TSV"},
    {CopyFormat::TsvWithHeaders, QT_TRANSLATE_NOOP("CopyFormat", "Copy with headers"), "TSV"},
    {CopyFormat::Csv, QT_TRANSLATE_NOOP("CopyFormat", "CSV"), "CSV"},
    {CopyFormat::Json, QT_TRANSLATE_NOOP("CopyFormat", "JSON"), "JSON"},
    {CopyFormat::Markdown, QT_TRANSLATE_NOOP("CopyFormat", "Markdown table"), "Markdown"},
    {CopyFormat::SqlInsert, QT_TRANSLATE_NOOP("CopyFormat", "SQL INSERT"), "INSERT"},
    {CopyFormat::InList, QT_TRANSLATE_NOOP("CopyFormat", "IN list"), "IN list"},
};

} // namespace

void ResultGrid::copyAs(CopyFormat format)
{
    result::CopyRequest request;
    request.rows = model_->rows();
    request.columns = view_->shownColumns();
    request.bands = view_->selectedBands();
    request.format = format;
    request.table = table_;
    if (request.bands.empty())
        return;
    const qint64 rows = result::rowCount(request.bands);
    const qint64 total = std::max<qint64>(1, model_->totalRows());
    const qint64 likely_bytes = store_ ? store_->valueBytes() / total * rows : 0;
    copy_job_.cancel();
    if (result::cellCount(request.bands) <= copied_at_once && likely_bytes <= copied_at_once_bytes) {
        copyFinished(result::formatRows(request).map(QString::fromStdString), rows, format);
        return;
    }
    footer_->say(tr("Copying %1 rows…").arg(QString::fromStdString(human::count(rows))));
    copy_job_.start<Result<QString>>(
        [request = std::move(request)](std::stop_token stop) -> Result<QString> {
            return result::formatRows(request, stop).map(QString::fromStdString);
        },
        [this, rows, format](const Result<QString> &text) { copyFinished(text, rows, format); });
}

void ResultGrid::copyFinished(const Result<QString> &text, qint64 rows, CopyFormat format)
{
    QString message;
    if (text) {
        QApplication::clipboard()->setText(*text);
        const auto *name = std::find_if(std::begin(formats), std::end(formats), [format](auto &f) { return f.format == format; });
        const QString number = QString::fromStdString(human::count(rows));
        message = (rows == 1 ? tr("Copied %1 row as %2") : tr("Copied %1 rows as %2")).arg(number, QLatin1StringView(name->said));
    } else {
        message = QString::fromStdString(text.error().message + ". " + text.error().hint);
    }
    footer_->say(message);
    Q_EMIT copied(message);
}

void ResultGrid::addCopyActions(QMenu *menu)
{
    QMenu *as = nullptr;
    for (const FormatName &name : formats) {
        if (name.format == CopyFormat::Csv)
            as = menu->addMenu(tr("Copy as"));
        const QString text = QCoreApplication::translate("CopyFormat", name.menu);
        QAction *action = (as != nullptr ? as : menu)->addAction(text, this, [this, format = name.format] { copyAs(format); });
        if (name.format == CopyFormat::Tsv) {
            action->setIcon(icon(QStringLiteral("copy")));
            action->setShortcut(QKeySequence::Copy);
        }
    }
}

void ResultGrid::cellMenu(const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    addCopyActions(menu);
    menu->addSeparator();
    if (editing_ != nullptr)
        editing_->addActions(menu);
    addFilterActions(menu);
    if (model_->columnCount() > 0)
        menu->addAction(icon(QStringLiteral("chart")), tr("Column statistics"), this, [this] { openStatistics(); });
    menu->addAction(tr("Chart of the result"), this, &ResultGrid::openChart);
    menu->addSeparator();
    menu->addAction(tr("Show value"), this, &ResultGrid::openViewer)->setShortcut(Qt::Key_Return);
    menu->addAction(icon(QStringLiteral("search")), tr("Find in result…"), this, &ResultGrid::openFind)->setShortcut(QKeySequence::Find);
    menu->addSeparator();
    menu->addAction(tr("Select all"), view_, &QTableView::selectAll)->setShortcut(QKeySequence::SelectAll);
    const QPoint global = view_->viewport()->mapToGlobal(at);
    menu->addAction(icon(QStringLiteral("column")), tr("Columns…"), this, [this, global] { openColumns(global); });
    menu->addAction(tr("Show all columns"), view_, &GridView::showAllColumns);
    menu->popup(view_->viewport()->mapToGlobal(at));
}

void ResultGrid::openColumns(const QPoint &global)
{
    (new ColumnChooser(view_, model_, this))->openAt(global);
}

void ResultGrid::columnMenu(int column, const QPoint &global)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (column >= 0) {
        const auto at = static_cast<std::size_t>(column);
        const auto sort = [&](const QString &icon_name, const QString &text, std::optional<result::SortKey> key) {
            QAction *action = menu->addAction(icon(icon_name), text, this, [this, key] { sortBy(key); });
            action->setEnabled(!running_ && (key || model_->sortKey()));
            action->setToolTip(view_->columnsHeader()->sortObstacle());
        };
        menu->setToolTipsVisible(true);
        sort(QStringLiteral("chevron-up"), tr("Sort ascending"), result::SortKey{at, false});
        sort(QStringLiteral("chevron-down"), tr("Sort descending"), result::SortKey{at, true});
        sort(QStringLiteral("close"), tr("Back to the server's order"), std::nullopt);
        menu->addSeparator();
        menu->addAction(icon(QStringLiteral("filter")), tr("Filter by this column…"), this, [this, column] { openFilter(column); });
        menu->addAction(icon(QStringLiteral("chart")), tr("Column statistics"), this, [this, column] { openStatistics(column); });
        menu->addSeparator();
        menu->addAction(tr("Select column"), this, [this, column] { view_->selectColumnOfAll(column, false); });
        menu->addAction(icon(QStringLiteral("copy")), tr("Copy name"), this, [this, at] {
            QApplication::clipboard()->setText(QString::fromStdString(model_->column(static_cast<int>(at)).name));
        });
        menu->addAction(tr("Fit width"), this, [this, column] { view_->fitColumn(column); });
        QAction *hide = menu->addAction(tr("Hide column"), this, [this, column] { view_->columnsHeader()->setSectionHidden(column, true); });
        hide->setEnabled(view_->shownColumns().size() > 1);
        const auto &pinned = view_->pinnedColumns();
        const bool is_pinned = std::find(pinned.begin(), pinned.end(), column) != pinned.end();
        menu->addAction(icon(QStringLiteral("pin")), is_pinned ? tr("Unpin column") : tr("Pin column to the left"), this,
                        [this, column, is_pinned] { view_->setColumnPinned(column, !is_pinned); });
        menu->addSeparator();
    }
    menu->addAction(icon(QStringLiteral("column")), tr("Columns…"), this, [this, global] { openColumns(global); });
    menu->addAction(tr("Fit all columns"), view_, &GridView::fitColumns);
    QAction *all = menu->addAction(tr("Show all columns"), view_, &GridView::showAllColumns);
    all->setEnabled(view_->columnsHeader()->hiddenSectionCount() > 0);
    menu->popup(global);
}

} // namespace howdah::ui
