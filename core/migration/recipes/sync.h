// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/migration/recipes/parts.h"

namespace howdah::migration::recipes {

/// A trigger that keeps columns of one row in step, and its function.
struct SyncTrigger {
    std::string table;      ///< as SQL names it
    std::string function;   ///< as SQL names it, with its schema
    std::string trigger;    ///< as SQL names it
    std::string body;       ///< PL/pgSQL statements, each on lines of its own
    std::string when = {};  ///< over NEW alone: rows that need nothing do without the function; "" for every row
    [[nodiscard]] std::string createFunction() const;
    [[nodiscard]] std::string createTrigger() const;
    [[nodiscard]] std::string dropTrigger(bool if_exists = false) const;
    [[nodiscard]] std::string dropFunction(bool if_exists = false) const;
};

/// Named after what it is for; the trigger fires behind the table's own ones.
[[nodiscard]] SyncTrigger syncTrigger(const pg::CatalogRelation &table, const TableParts &parts, std::string_view purpose, std::string_view column, std::string body);

struct SyncedColumn {
    std::string name;       ///< not quoted
    std::string type;       ///< as SQL writes it; "" for one that is there
    std::string expression; ///< over the other side's columns, as SQL names them
};

/// Old columns and new ones, both written by versions of the application that run at the same time.
struct TwoWay {
    const pg::CatalogRelation *table = nullptr;
    std::vector<SyncedColumn> olds; ///< their expressions are over the new ones
    std::vector<SyncedColumn> news; ///< their expressions are over the old ones
    std::string purpose;            ///< of helper names: "rename", "split"
};

/// Expand, backfill and compare: columns, trigger on INSERT and UPDATE, filled rows. The trigger is given back, for the
/// caller to drop it.
SyncTrigger twoWaySteps(const Ground &ground, Draft &draft, const TableParts &parts, const TwoWay &both);

/// An expression with NEW. before its columns.
[[nodiscard]] std::string ofNewRow(const std::string &expression);
/// "(value) IS DISTINCT FROM (other)", by text for types without equality. `type`: as SQL writes it.
[[nodiscard]] std::string differs(const std::string &value, const std::string &other, const std::string &type);
/// The condition of a trigger that has nothing to do for rows which are in step: a batch that fills rows does without its function. "" where
/// it would not pay, or cannot be said.
[[nodiscard]] std::string whenStale(const pg::CatalogRelation &table, const std::string &stale);
/// One comparison of expressions over the rows of a table against what the columns hold.
[[nodiscard]] Comparison comparisonOf(const pg::CatalogRelation &table, const std::vector<std::string> &expected, const std::vector<std::string> &found, const std::string &differences);
/// What a batch that updates rows must say about the table's own triggers; "" when there are none.
[[nodiscard]] std::string triggerNote(const TableParts &parts);
/// Subscribers of whole-table publications need the columns too.
void askSubscribers(Draft &draft, const pg::CatalogRelation &table, const TableParts &parts, const std::string &columns);

} // namespace howdah::migration::recipes
