// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/index/health/health.h"

namespace howdah::index_health {

/// What a finding does about it; the statements are written when the definitions are known (mend.cpp).
struct Mend {
    enum class Kind { Drop, Reindex, AttachParts, Step } kind = Kind::Step;
    Oid index = 0;
    std::vector<Oid> tables;             ///< AttachParts: partitions without a part
    migration::ChangeStep step;          ///< Step: as it is
    bool expect_no_scans = false;        ///< Drop: only while nobody has scanned it since
};

struct Draft {
    Finding finding;
    std::vector<Mend> mends;
};

/// What every rule sees, and what earlier ones settled: no index is proposed for dropping whose place another needs.
struct RuleInput {
    const Facts &facts;
    std::unordered_set<Oid> redundant{}; ///< another index does their work
    std::unordered_set<Oid> kept{};      ///< those others
    std::unordered_set<Oid> idle{};      ///< nobody scans them, and nothing needs them
};
using Rule = void (*)(RuleInput &, std::vector<Draft> &);

/// A draft about an index, with its names, size and what it gives back 0.
[[nodiscard]] Draft draftOf(const RuleInput &in, std::string_view rule, Severity severity, const IndexFacts &index);
[[nodiscard]] Draft draftOf(const RuleInput &in, std::string_view rule, Severity severity, const TableFacts &table);

/// schema.name, quoted where needed.
[[nodiscard]] std::string qualified(const IndexFacts &index);
[[nodiscard]] std::string qualified(const TableFacts &table);
/// A name for a new index that nothing in the schema has yet, as far as is known.
[[nodiscard]] std::string freshIndexName(const Facts &facts, const TableFacts &table, const std::vector<std::string> &columns);
/// CREATE INDEX CONCURRENTLY as a step, checked for validity; `body` is what follows the table: "(a, b) WHERE …".
[[nodiscard]] Mend createIndex(const TableFacts &table, const std::string &name, const std::string &body);
[[nodiscard]] Mend dropIndex(const IndexFacts &index, bool expect_no_scans = false);
[[nodiscard]] Mend reindex(const IndexFacts &index);
[[nodiscard]] migration::ChangeStep stepOf(std::string title, std::string sql, std::string lock, bool in_transaction);

/// "3 days", "5 h 10 min".
[[nodiscard]] std::string ageText(double seconds);
[[nodiscard]] std::string countText(std::int64_t count);
[[nodiscard]] std::string shareText(double of_one);

/// Whether a lookup by the foreign key's columns can go through this index.
[[nodiscard]] bool serves(const Facts &facts, const TableFacts &table, const IndexFacts &index, const ForeignKeyFacts &key);
/// Whether `predicate` holds for every row whose columns `names` are not null.
[[nodiscard]] bool followsFromNotNull(const std::string &predicate, const std::unordered_set<std::string> &names);
/// What the same index would take if it were built now, in pages; nothing where that cannot be told.
[[nodiscard]] std::optional<double> expectedPages(const Facts &facts, const TableFacts &table, const IndexFacts &index);

/// Whether `wide` does all that `narrow` does: `same` when it is its like in everything.
struct Coverage {
    bool covers = false;
    bool same = false;
    bool backwards = false;              ///< read in the other direction
};
[[nodiscard]] Coverage coverage(const Facts &facts, const IndexFacts &wide, const IndexFacts &narrow);

// One file each; in the order in which they run.
void ruleInvalid(RuleInput &, std::vector<Draft> &);
void ruleRedundant(RuleInput &, std::vector<Draft> &);
void ruleUnused(RuleInput &, std::vector<Draft> &);
void ruleBloated(RuleInput &, std::vector<Draft> &);
void ruleForeignKeys(RuleInput &, std::vector<Draft> &);
void ruleBrin(RuleInput &, std::vector<Draft> &);
void ruleGinPending(RuleInput &, std::vector<Draft> &);
void ruleNeverVacuumed(RuleInput &, std::vector<Draft> &);
void ruleTooMany(RuleInput &, std::vector<Draft> &);
void ruleOpclass(RuleInput &, std::vector<Draft> &);
void ruleOpclassByUse(RuleInput &, std::vector<Draft> &);
void ruleCollation(RuleInput &, std::vector<Draft> &);

/// Writes the scripts of the drafts; asks the server for the definitions of what is dropped. Without a connection the
/// ways back are missing.
[[nodiscard]] Result<std::vector<Finding>> finish(std::vector<Draft> drafts, const Facts &facts, pg::Connection *connection);

/// A statement that a server keeps, with $1 … for its constants.
struct ServerUse {
    std::string text;
    double calls = 0;
};
/// Adds what the statements compare indexed columns by. What does not parse, or names no known table, is left out.
void noteUses(Facts &facts, const std::vector<ServerUse> &statements);
/// The same for pg_stat_statements, where it is installed.
[[nodiscard]] Result<void> readUses(pg::Connection &connection, Facts &facts);

/// Reads the indexes, and pieces of tables, themselves. What cannot be measured is left out with a note.
[[nodiscard]] Result<void> measure(pg::Connection &connection, Facts &facts, bool thoroughly, std::int64_t most_bytes);

} // namespace howdah::index_health
