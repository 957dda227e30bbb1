// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/index/ledger.h"
#include "ui/table/keyed_model.h"

namespace howdah::index_tool {

using SharedApplied = std::shared_ptr<const index::Applied>;

/// A set that was built.
struct AppliedRow {
    SharedApplied applied;
};
using AppliedModel = ui::KeyedModel<AppliedRow>;

/// One index of it, as it was expected and, once it was looked at, as it is.
struct BuiltRow {
    SharedApplied applied;
    std::size_t at = 0;
    std::optional<index::Judged> judged;
    [[nodiscard]] const index::BuiltIndex &built() const { return applied->indexes[at]; }
};
using BuiltModel = ui::KeyedModel<BuiltRow>;

/// One of its queries before, and as it was last asked; null where it was not.
struct FaredRow {
    SharedApplied applied;
    std::size_t at = 0;
    const index::QueryState *after = nullptr; ///< of applied
    [[nodiscard]] const index::QueryState &before() const { return applied->before[at]; }
    /// By time where both were run and the plans differ, else by cost: a plan that stayed the same only has its noise.
    [[nodiscard]] std::pair<double, double> figures() const;
    [[nodiscard]] QString change() const; ///< "12× less", "same plan"
    [[nodiscard]] ui::Tone tone() const;
};
using FaredModel = ui::KeyedModel<FaredRow>;

[[nodiscard]] std::vector<ui::KeyedColumn<AppliedRow>> appliedColumns();
[[nodiscard]] std::vector<ui::KeyedColumn<BuiltRow>> builtColumns();
[[nodiscard]] std::vector<ui::KeyedColumn<FaredRow>> faredColumns();
[[nodiscard]] QString appliedKey(const AppliedRow &row);
[[nodiscard]] QString builtKey(const BuiltRow &row);
[[nodiscard]] QString faredKey(const FaredRow &row);
/// `look` is of this set, or null.
[[nodiscard]] std::vector<BuiltRow> builtRows(const SharedApplied &applied, const index::Look *look);
[[nodiscard]] std::vector<FaredRow> faredRows(const SharedApplied &applied);

} // namespace howdah::index_tool
