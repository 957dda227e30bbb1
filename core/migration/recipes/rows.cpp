// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

/// UPDATE of one table by its own columns: batch after batch along its key.
Result<void> updateRows(const Ground &, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    const bool alone = wish.statement.list("fromClause").empty() && !wish.statement.get("withClause").exists() && wish.statement.list("returningList").empty()
        && wish.statement.get("relation").text("alias").empty() && !wish.statement.get("relation").get("alias").exists();
    const auto key = walkKey(*wish.table);
    const auto targets = wish.statement.list("targetList");
    const bool moves_key = key.empty() || std::any_of(targets.begin(), targets.end(), [&](const Node &target) { return std::find(key.begin(), key.end(), sql::quoteIdentifier(target.text("name"))) != key.end(); });
    if (alone && moves_key) { // a row that moves along the walk could be met twice
        draft.approach = Approach::LeftAlone;
        draft.why = "Without a key to walk along that stays as it is, rows could be met twice in batches: it runs as written, and its rows stay locked until it ends";
        draft.add(Phase::Backfill, "Update rows", wish.sql, "").no_undo_reason = "The values before are gone";
        return {};
    }
    if (!alone) {
        draft.approach = Approach::LeftAlone;
        draft.why = "An UPDATE with FROM, WITH, RETURNING or an alias is not cut into batches: it runs as written, and its rows stay locked until it ends";
        draft.add(Phase::Backfill, "Update rows", wish.sql, "").no_undo_reason = "The values before are gone";
        return {};
    }
    // The condition goes behind {range}: WHERE is the last clause here.
    const auto words = wordsOf(wish.sql);
    std::string sql = wish.sql;
    int depth = 0;
    std::size_t where = 0;
    for (const WordAt &word : words) {
        depth += word.is_name ? 0 : word.text == "(" ? 1 : word.text == ")" ? -1 : 0;
        if (depth == 0 && word.is_name && !word.quoted && word.text == "where")
            where = word.span.begin.value;
    }
    const std::string condition = where == 0 ? "" : trimmed(sql.substr(where + 5));
    sql = trimmed(where == 0 ? sql : sql.substr(0, where)) + " WHERE {range}" + (condition.empty() ? "" : " AND (" + condition + ")");
    ChangeStep &step = draft.add(Phase::Backfill, "Update rows in batches", "", "");
    step.batches = BatchWork{wish.on(), key, sql, 1000, true};
    step.no_undo_reason = "The values before are gone";
    draft.why = "In batches, each in a transaction of its own: no row stays locked for long, and vacuum keeps up";
    return {};
}

} // namespace howdah::migration::recipes
