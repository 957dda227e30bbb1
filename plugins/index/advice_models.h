// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "core/index/advise.h"
#include "ui/table/keyed_model.h"

namespace howdah::index_tool {

using SharedAdvice = std::shared_ptr<const index::Advice>;

struct AdvisedRow {
    SharedAdvice advice;
    std::size_t at = 0;
    [[nodiscard]] const index::AdvisedIndex &advised() const { return advice->indexes[at]; }
};
using AdvisedModel = ui::KeyedModel<AdvisedRow>;

struct QueryRow {
    SharedAdvice advice;
    std::size_t at = 0;
    [[nodiscard]] const index::AdvisedQuery &query() const { return advice->queries[at]; }
    /// What running it on a sample gave; null where it was not run.
    [[nodiscard]] const index::Measured *measured() const;
};
using QueriesModel = ui::KeyedModel<QueryRow>;

/// What is to be said beside the indexes: a rewrite, a statement that could not be planned, an index that becomes redundant,
/// a foreign key without one.
struct Remark {
    enum class Kind { Note, Problem, Rewrite, Redundant, ForeignKey };
    Kind kind = Kind::Note;
    QString about; ///< a statement or an index
    QString text;
    QString sql;   ///< that would act on it
};
using RemarksModel = ui::KeyedModel<Remark>;

[[nodiscard]] std::vector<ui::KeyedColumn<AdvisedRow>> advisedColumns();
[[nodiscard]] std::vector<ui::KeyedColumn<QueryRow>> queryColumns();
[[nodiscard]] std::vector<ui::KeyedColumn<Remark>> remarkColumns();
[[nodiscard]] QString advisedKey(const AdvisedRow &row);
[[nodiscard]] QString queryKey(const QueryRow &row);
[[nodiscard]] QString remarkKey(const Remark &row);

[[nodiscard]] std::vector<AdvisedRow> advisedRows(const SharedAdvice &advice);
/// The `most` that cost most, weights counted.
[[nodiscard]] std::vector<QueryRow> queryRows(const SharedAdvice &advice, std::size_t most);
[[nodiscard]] std::vector<Remark> remarksOf(const index::Advice &advice, std::size_t most);
[[nodiscard]] QString remarkKind(Remark::Kind kind);
[[nodiscard]] ui::Tone remarkTone(Remark::Kind kind);

} // namespace howdah::index_tool
