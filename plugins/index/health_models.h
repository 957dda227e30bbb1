// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "core/index/health/health.h"
#include "ui/charts/treemap_view.h"
#include "ui/table/keyed_model.h"

namespace howdah::index_tool {

using SharedReport = std::shared_ptr<const index_health::Report>;

struct FindingRow {
    SharedReport report;
    std::size_t at = 0;
    [[nodiscard]] const index_health::Finding &finding() const { return report->findings[at]; }
};
using FindingsModel = ui::KeyedModel<FindingRow>;

struct IndexRow {
    SharedReport report;
    std::size_t at = 0;
    [[nodiscard]] const index_health::IndexFacts &index() const { return report->facts.indexes[at]; }
    [[nodiscard]] const index_health::TableFacts &table() const { return *report->facts.table(index().table); }
};
using IndexesModel = ui::KeyedModel<IndexRow>;

[[nodiscard]] std::vector<ui::KeyedColumn<FindingRow>> findingColumns();
[[nodiscard]] std::vector<ui::KeyedColumn<IndexRow>> indexColumns();
/// What makes it the same finding when it is read again.
[[nodiscard]] QString findingKey(const FindingRow &row);
[[nodiscard]] QString indexKey(const IndexRow &row);

[[nodiscard]] std::vector<FindingRow> findingRows(const SharedReport &report);
/// The largest `most`; partitioned indexes are their parts.
[[nodiscard]] std::vector<IndexRow> indexRows(const SharedReport &report, std::size_t most);
/// A group a table, of the rows given.
[[nodiscard]] std::vector<ui::TreemapView::Group> tilesOf(const std::vector<IndexRow> &rows);

/// One line for the map's tooltip and for screen readers.
[[nodiscard]] QString indexText(const IndexRow &row);

} // namespace howdah::index_tool
