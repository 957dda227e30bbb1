// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/index/health/facts.h"
#include "core/migration/change_script.h"

namespace howdah::index_health {

enum class Severity : std::uint8_t {
    Info,    ///< worth knowing
    Warning, ///< costs space or writes for nothing, or is missing where it is needed
    Serious  ///< broken, or costly beyond doubt
};

struct Evidence {
    std::string name;                    ///< "scans", "statistics_age_s"
    std::variant<bool, std::int64_t, double, std::string> value;
};

struct Finding {
    std::string rule;                    ///< a stable name: "unused"; healthRules() lists them
    Severity severity = Severity::Info;
    Oid index = 0, table = 0;            ///< index: 0 where there is none yet
    std::string schema, index_name, table_name; ///< as in the catalog, not quoted; the schema is the table's
    std::int64_t size_bytes = 0;         ///< of the index
    std::int64_t size_won_bytes = 0;     ///< what the script gives back to the disk
    std::string message;                 ///< one sentence, with the figures that matter
    std::string why;                     ///< how it comes about, and what the change does
    std::vector<Evidence> evidence;
    Oid kept_index = 0;                  ///< the one that does the same, where the script drops `index`
    migration::ChangeScript script;      ///< no steps: there is nothing to run
};

/// What the map of sizes and the list of indexes show.
enum class Use : std::uint8_t { Used, Rare, Unused, Needed, Unknown };

struct Report {
    Facts facts;
    std::vector<Finding> findings;       ///< the most severe first, then by what they give back
    std::map<std::string, std::int64_t> omitted; ///< by rule: findings beyond the limit
    std::int64_t index_bytes = 0;
    std::int64_t size_won_bytes = 0;     ///< each index counted once
    bool measured = false;
    double elapsed_ms = 0;
};

/// How much an index is used: Needed where it is scanned little but enforces something.
[[nodiscard]] Use useOf(const Facts &facts, const IndexFacts &index);

struct HealthRule {
    std::string_view name;
    std::string_view title;              ///< "Unused"
    std::string_view meaning;            ///< one sentence
};
[[nodiscard]] const std::vector<HealthRule> &healthRules();

struct HealthOptions {
    std::string schema;                  ///< "" for all
    bool measure = false;                ///< read indexes and pieces of tables, not only the catalog
    std::int64_t measure_bytes = std::int64_t{10} << 30; ///< at most so much of indexes
    std::size_t max_findings = 1000;     ///< of a rule
    /// Open connections to standbys, with the names to show; asked one after the other.
    std::vector<std::pair<std::string, pg::Connection *>> replicas;
};

/// Reads, measures what is to be measured, judges and writes the scripts.
[[nodiscard]] Result<Report> examine(pg::Connection &connection, const HealthOptions &options = {});

/// The rules alone: no server is asked; scripts are without the definitions that only it knows.
[[nodiscard]] std::vector<Finding> judge(const Facts &facts);

/// One script of several findings; what two of them would do twice is done once.
[[nodiscard]] migration::ChangeScript combined(const std::vector<const Finding *> &findings);

[[nodiscard]] std::string_view severityWord(Severity severity);
/// The script's statements, and their ways back, a line each.
[[nodiscard]] std::string sqlOf(const migration::ChangeScript &script);
[[nodiscard]] std::string undoOf(const migration::ChangeScript &script);

/// {"summary", "findings", "indexes"} with the largest `max_indexes` of the indexes.
[[nodiscard]] std::string toJson(const Report &report, std::size_t max_indexes);

} // namespace howdah::index_health
