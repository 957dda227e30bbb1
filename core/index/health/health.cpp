// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/health/health.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>
#include <unordered_set>

#include "core/index/health/rule.h"
#include "core/pg/connection.h"

namespace howdah::index_health {

namespace {

constexpr std::array<Rule, 12> rules{ruleInvalid, ruleRedundant, ruleUnused, ruleForeignKeys, ruleBloated, ruleBrin,
                                     ruleGinPending, ruleNeverVacuumed, ruleTooMany, ruleOpclass, ruleOpclassByUse, ruleCollation};
constexpr std::int64_t writes_per_rare_scan = 1000;

std::vector<Draft> drafts(const Facts &facts)
{
    RuleInput in{facts};
    std::vector<Draft> out;
    for (const Rule rule : rules)
        rule(in, out);
    std::stable_sort(out.begin(), out.end(), [](const Draft &a, const Draft &b) {
        const Finding &x = a.finding, &y = b.finding;
        if (x.severity != y.severity)
            return x.severity > y.severity;
        if (x.size_won_bytes != y.size_won_bytes)
            return x.size_won_bytes > y.size_won_bytes;
        return std::tie(x.schema, x.table_name, x.index_name, x.rule) < std::tie(y.schema, y.table_name, y.index_name, y.rule);
    });
    return out;
}

void limit(std::vector<Draft> &all, std::size_t most, std::map<std::string, std::int64_t> &omitted)
{
    std::map<std::string, std::size_t> seen;
    std::erase_if(all, [&](const Draft &draft) {
        if (++seen[draft.finding.rule] <= most)
            return false;
        ++omitted[draft.finding.rule];
        return true;
    });
}

void add(Report &report)
{
    for (const IndexFacts &index : report.facts.indexes)
        report.index_bytes += index.pages * report.facts.block_bytes;
    std::unordered_map<Oid, std::int64_t> won;
    for (const Finding &finding : report.findings) {
        if (finding.index != 0 && finding.size_won_bytes > 0)
            won[finding.index] = std::max(won[finding.index], finding.size_won_bytes);
    }
    for (const auto &[index, bytes] : won)
        report.size_won_bytes += bytes;
}

} // namespace

const std::vector<HealthRule> &healthRules()
{
    static const std::vector<HealthRule> all{
        {"invalid", "Invalid", "A concurrent build failed, or a partition has no part attached: no query can count on it"},
        {"duplicate", "Duplicate", "The same columns, classes, collations and conditions as another one"},
        {"overlapping", "Overlapping", "Another index begins with its columns and does its work"},
        {"unused", "Unused", "No scan since the statistics began, and nothing that enforces anything"},
        {"missing-foreign-key", "Missing on a foreign key", "A foreign key whose columns no index begins with"},
        {"bloated", "Bloated", "Much larger than the same index built anew"},
        {"low-correlation-brin", "Ineffective BRIN", "The rows do not lie in the order that a BRIN index lives on"},
        {"gin-pending-list", "Long pending list", "A GIN index whose searches read many entries that are not in their places yet"},
        {"never-vacuumed", "Never vacuumed", "Index-only scans visit the table, because no page is known to be visible to all"},
        {"too-many-indexes", "Too many indexes", "A table that is written often, and each time into many indexes that are seldom read"},
        {"wrong-opclass", "Wrong operator class", "An index that the usual operators of its type cannot use"},
        {"wrong-collation", "Wrong collation", "In another order than the one that is asked for"},
    };
    return all;
}

std::string_view severityWord(Severity severity)
{
    return severity == Severity::Serious ? "serious" : severity == Severity::Warning ? "warning" : "info";
}

Use useOf(const Facts &facts, const IndexFacts &index)
{
    if (!facts.counts)
        return Use::Unknown;
    const std::int64_t scans = facts.scansOf(index);
    if (scans == 0)
        return index.isProtected() && (index.parent == 0 || index.unique) ? Use::Needed : Use::Unused;
    const TableFacts *table = facts.table(index.table);
    const std::int64_t writes = table == nullptr ? 0 : table->inserted + table->updated - table->hot_updated;
    if (scans * writes_per_rare_scan < writes)
        return index.isProtected() && index.unique ? Use::Needed : Use::Rare;
    return Use::Used;
}

std::vector<Finding> judge(const Facts &facts)
{
    auto finished = finish(drafts(facts), facts, nullptr);
    return finished ? std::move(*finished) : std::vector<Finding>();
}

Result<Report> examine(pg::Connection &connection, const HealthOptions &options)
{
    const pg::CancelScope scope(connection.canceller());
    const auto begin = std::chrono::steady_clock::now();
    auto facts = readFacts(connection, options.schema);
    if (!facts)
        return tl::unexpected(facts.error());
    Report report;
    report.facts = std::move(*facts);
    for (const auto &[name, replica] : options.replicas) {
        if (auto asked = addReplica(report.facts, *replica, name); !asked)
            return tl::unexpected(asked.error());
    }
    const std::int64_t unasked = report.facts.standbys - static_cast<std::int64_t>(report.facts.replicas.size());
    if (unasked > 0)
        report.facts.notes.push_back((unasked == 1 ? std::string("1 standby follows this server and was") : std::to_string(unasked) + " standbys follow this server and were") +
                                     " not asked; an index may be scanned there only.");
    if (report.facts.in_recovery)
        report.facts.notes.push_back("This server is a standby: it shows, and nothing can be changed here.");
    report.measured = options.measure;
    if (auto measured = measure(connection, report.facts, options.measure, options.measure_bytes); !measured)
        return tl::unexpected(measured.error());
    if (auto used = readUses(connection, report.facts); !used)
        return tl::unexpected(used.error());
    auto all = drafts(report.facts);
    limit(all, options.max_findings, report.omitted);
    auto finished = finish(std::move(all), report.facts, &connection);
    if (!finished)
        return tl::unexpected(finished.error());
    report.findings = std::move(*finished);
    add(report);
    report.elapsed_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    return report;
}

migration::ChangeScript combined(const std::vector<const Finding *> &findings)
{
    migration::ChangeScript script;
    std::unordered_set<std::string> seen;
    for (const Finding *finding : findings) {
        for (const migration::ChangeStep &step : finding->script.steps) {
            if (seen.insert(step.sql).second)
                script.steps.push_back(step);
        }
        script.danger = script.danger || finding->script.danger;
    }
    // What is dropped is not rebuilt first.
    std::erase_if(script.steps, [&](const migration::ChangeStep &step) {
        return step.sql.starts_with("REINDEX") && seen.contains("DROP" + step.sql.substr(std::string_view("REINDEX").size()));
    });
    if (findings.size() == 1) {
        script.title = findings.front()->script.title;
        script.reason = findings.front()->script.reason;
    } else {
        script.title = "Mend " + std::to_string(findings.size()) + " findings about indexes";
        script.reason = "Steps run one after the other; what is dropped has its definition as its way back.";
    }
    return script;
}

namespace {

std::string statement(const std::string &sql)
{
    return sql.empty() || sql.ends_with(';') ? sql : sql + ";";
}

} // namespace

std::string sqlOf(const migration::ChangeScript &script)
{
    std::string text;
    for (const migration::ChangeStep &step : script.steps)
        text += (text.empty() ? "" : "\n") + statement(step.sql);
    return text;
}

std::string undoOf(const migration::ChangeScript &script)
{
    std::string text;
    for (auto step = script.steps.rbegin(); step != script.steps.rend(); ++step) {
        if (!step->undo_sql.empty())
            text += (text.empty() ? "" : "\n") + statement(step->undo_sql);
    }
    return text;
}

} // namespace howdah::index_health
