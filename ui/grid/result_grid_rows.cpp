// SPDX-License-Identifier: GPL-3.0-or-later
// Which rows are shown, and in what order.
#include <algorithm>
#include <set>

#include <QMenu>

#include "ui/base/palette.h"
#include "ui/grid/cell_text.h"
#include "ui/grid/chart_panel.h"
#include "ui/grid/grid_filter_bar.h"
#include "ui/grid/grid_find_bar.h"
#include "ui/grid/grid_footer.h"
#include "ui/grid/grid_header.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_selection.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/statistics_panel.h"

namespace howdah::ui {

namespace {

constexpr std::size_t longest_operand = 10'000; ///< of a value that is filtered by; bytes
constexpr std::int64_t most_operands = 1'000;

struct Arranged {
    std::shared_ptr<const result::RowOrder> sorted; ///< all rows
    std::shared_ptr<const result::RowOrder> shown;
    std::int64_t rows = 0;
};

} // namespace

void ResultGrid::sortClicked(int column)
{
    const auto at = static_cast<std::size_t>(column);
    const auto key = model_->sortKey();
    if (!key || key->column != at)
        sortBy(result::SortKey{at, false});
    else if (!key->descending)
        sortBy(result::SortKey{at, true});
    else
        sortBy(std::nullopt);
}

void ResultGrid::sortBy(std::optional<result::SortKey> key)
{
    if (running_ || (!key && !arrange_job_.running() && !model_->sortKey()))
        return;
    if (key)
        footer_->setSorted(tr("Sorting by %1…").arg(lineText(model_->column(static_cast<int>(key->column)).name, 40)));
    arrange(key);
}

void ResultGrid::setFilter(const result::RowFilter &filter)
{
    filter_ = filter;
    arrange(model_->sortKey());
}

void ResultGrid::forgetArrangement()
{
    arrange_job_.cancel();
    filter_ = {};
    sorted_key_.reset();
    sorted_.reset();
    filtered_rows_ = 0;
    footer_->setFiltered(std::nullopt);
}

/// Sorts all rows once, whatever the filter, so that a change of the filter is one walk through them.
void ResultGrid::arrange(std::optional<result::SortKey> key)
{
    const auto accept = [this, key](const Arranged &done) {
        sorted_ = done.sorted;
        sorted_key_ = done.sorted ? key : std::nullopt;
        filtered_rows_ = done.rows;
        view_->selected()->clear();
        const int column = std::max(0, view_->currentIndex().column());
        model_->setOrder(done.shown, key);
        model_->grow();
        showArranged();
        if (model_->totalRows() > 0 && model_->columnCount() > 0)
            view_->goTo({0, static_cast<std::size_t>(column)});
        view_->setTopRow(0);
        find_->searchAgain();
        statistics_->refresh();
        chart_->refresh();
        filterMore();
        Q_EMIT sorted();
    };
    const auto source = model_->rows().source;
    if (!key && filter_.empty()) {
        arrange_job_.cancel();
        accept({});
        return;
    }
    const auto known = key == sorted_key_ ? sorted_ : nullptr;
    arrange_job_.start<std::optional<Arranged>>(
        [source, key, known, filter = filter_](std::stop_token stop) -> std::optional<Arranged> {
            Arranged done;
            done.rows = source->rowCount();
            if (key)
                done.sorted = known && known->size() == done.rows ? known : result::sortRows(*source, done.rows, *key, stop);
            if (key && !done.sorted)
                return std::nullopt;
            done.shown = filter.empty() ? done.sorted : result::filterRows({source, done.sorted}, done.rows, filter, stop);
            return done.shown ? std::optional(done) : std::nullopt;
        },
        [accept](std::optional<Arranged> done) {
            if (done)
                accept(*done);
        });
}

/// Rows that have come since the filter looked.
void ResultGrid::filterMore()
{
    const auto &view = model_->rows();
    if (filter_.empty() || model_->sortKey() || !view.order || arrange_job_.running() || view.source->rowCount() <= filtered_rows_)
        return;
    arrange_job_.start<std::optional<Arranged>>(
        [source = view.source, known = view.order, from = filtered_rows_, filter = filter_](std::stop_token stop) -> std::optional<Arranged> {
            Arranged done;
            done.rows = source->rowCount();
            done.shown = result::filterRows({source, nullptr}, done.rows, filter, stop, known.get(), from);
            return done.shown ? std::optional(done) : std::nullopt;
        },
        [this](std::optional<Arranged> done) {
            if (!done)
                return;
            filtered_rows_ = done->rows;
            model_->growOrder(done->shown);
            view_->updateRowsBar();
            find_->searchMore();
            statistics_->refresh();
            chart_->refresh();
            showFigures();
            showSentence();
            if (!rows_timer_.isActive())
                filterMore();
        });
}

void ResultGrid::showFigures()
{
    const bool filtered = !filter_.empty() && model_->rows().order;
    const qint64 rows = filtered ? filtered_rows_ : model_->totalRows();
    footer_->setFiltered(filtered ? std::optional(model_->totalRows()) : std::nullopt);
    footer_->setRows(rows, store_ ? store_->valueBytes() : 0);
}

void ResultGrid::showArranged()
{
    const auto key = model_->sortKey();
    QString text;
    if (key) {
        const QString name = lineText(model_->column(static_cast<int>(key->column)).name, 40);
        text = key->descending ? tr("Sorted by %1, descending").arg(name) : tr("Sorted by %1").arg(name);
    }
    footer_->setSorted(text);
    view_->updateRowsBar();
    view_->columnsHeader()->viewport()->update();
    showFigures();
    showSentence();
}

void ResultGrid::openFilter(int column)
{
    if (model_->columnCount() > 0)
        filter_bar_->open(column >= 0 ? column : view_->currentIndex().isValid() ? view_->currentIndex().column() : -1);
}

/// The values selected, where they are of one column and few; else the current one.
void ResultGrid::addFilterActions(QMenu *menu)
{
    const auto bands = view_->selectedBands();
    if (bands.empty())
        return;
    const bool one_column = std::all_of(bands.begin(), bands.end(), [&](const auto &band) { return band.columns == bands[0].columns; })
        && bands[0].columns.size() == 1 && result::rowCount(bands) <= most_operands;
    const result::CellPlace place = one_column ? result::CellPlace{bands[0].first_row, bands[0].columns[0]} : view_->currentPlace();
    if (place.row < 0)
        return;
    std::set<std::string> values;
    bool has_null = false, small = true;
    const auto look = [&](std::int64_t row) {
        const pg::Cell cell = model_->rows().cell(row, place.column);
        has_null = has_null || cell.is_null;
        small = small && cell.text.size() <= longest_operand;
        if (!cell.is_null && small)
            values.emplace(cell.text);
    };
    if (one_column) {
        for (const auto &band : bands) {
            for (std::int64_t row = band.first_row; row <= band.last_row; ++row)
                look(row);
        }
    } else {
        look(place.row);
    }
    using enum result::FilterOp;
    const bool null = values.empty();
    const bool several = values.size() > 1;
    const auto condition = [&](result::FilterOp one, result::FilterOp many, result::FilterOp of_null) {
        return result::Condition{place.column, null ? of_null : several ? many : one, {values.begin(), values.end()}, false};
    };
    const auto act = [&](const QString &text, const result::Condition &made) {
        menu->addAction(text, this, [this, made] { filter_bar_->add(made); })->setEnabled(small && !(has_null && !null));
    };
    const QString value = null ? QStringLiteral("NULL") : lineText(*values.begin(), 24);
    act(several ? tr("Filter by these %1 values").arg(values.size()) : tr("Filter by “%1”").arg(value), condition(Equal, In, Null));
    act(several ? tr("Exclude these %1 values").arg(values.size()) : tr("Exclude “%1”").arg(value), condition(NotEqual, NotIn, NotNull));
    QAction *more = menu->addAction(icon(QStringLiteral("filter")), tr("Filter…"), this, [this] { openFilter(); });
    more->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_L);
    if (!filter_.empty())
        menu->addAction(tr("Remove the filter"), filter_bar_, &GridFilterBar::close);
}

std::vector<std::pair<std::string, result::Condition>> ResultGrid::namedFilter() const
{
    std::vector<std::pair<std::string, result::Condition>> named;
    for (const result::Condition &condition : filter_bar_->conditions())
        named.emplace_back(model_->column(static_cast<int>(condition.column)).name, condition);
    return named;
}

void ResultGrid::setNamedFilter(const std::vector<std::pair<std::string, result::Condition>> &conditions)
{
    for (const auto &[name, condition] : conditions) {
        result::Condition here = condition;
        const auto &columns = model_->rows().source->columns();
        const auto column = std::find_if(columns.begin(), columns.end(), [&name = name](const pg::Column &one) { return one.name == name; });
        if (column == columns.end())
            continue;
        here.column = static_cast<std::size_t>(column - columns.begin());
        if (result::RowFilter::make({here}, columns)) // the column may have become another type
            filter_bar_->add(here);
    }
}

} // namespace howdah::ui
