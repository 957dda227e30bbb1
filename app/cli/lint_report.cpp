// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/lint_report.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"

namespace howdah::cli {

using migration::LintFinding;
using migration::LintRule;
using migration::LintSeverity;
using nlohmann::ordered_json;

namespace {

Ink inkOf(LintSeverity severity)
{
    return severity >= LintSeverity::Serious ? Ink::Red : severity == LintSeverity::Warning ? Ink::Yellow : Ink::Cyan;
}

/// "AccessExclusiveLock" as the documentation writes it, and what it keeps waiting.
std::string lockWords(const std::string &mode)
{
    std::string words;
    for (const char c : mode.substr(0, mode.size() - std::min<std::size_t>(mode.size(), 4))) {
        if (c >= 'A' && c <= 'Z' && !words.empty())
            words += ' ';
        words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    const bool reads = mode == "AccessExclusiveLock";
    const bool writes = mode == "ExclusiveLock" || mode == "ShareRowExclusiveLock" || mode == "ShareLock";
    return words + (reads ? " – reads and writes wait" : writes ? " – writes wait" : "");
}

/// Below its head, broken at blanks.
void field(std::string &out, const char *head, const std::string &text, std::size_t columns)
{
    if (text.empty())
        return;
    const std::size_t room = std::max<std::size_t>(columns, 50) - 12;
    std::string line;
    bool first = true;
    const auto put = [&] {
        out += fmt::format("    {:<6}  {}\n", first ? head : "", line);
        first = false;
        line.clear();
    };
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        if (!line.empty() && displayWidth(line) + 1 + displayWidth(word) > room)
            put();
        line += (line.empty() ? "" : " ") + word;
        at = end + 1;
    }
    if (!line.empty())
        put();
}

void sqlLines(std::string &out, const std::string &sql, bool colored)
{
    bool first = true;
    for (std::size_t at = 0; at < sql.size();) {
        const std::size_t end = std::min(sql.find('\n', at), sql.size());
        out += fmt::format("    {:<6}  {}\n", first ? "sql" : "", inked(printable(sql.substr(at, end - at)), Ink::Green, colored));
        first = false;
        at = end + 1;
    }
}

std::string plural(std::size_t count, const char *one, const char *many)
{
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// 16 hex digits, the same on every machine.
std::string digest(std::string_view text)
{
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return fmt::format("{:016x}", hash);
}

/// Says the same finding in the next run too, when lines moved: by file, rule and the statement's text. The second
/// of the same gets another number.
class Fingerprints
{
public:
    std::string of(const LintedFile &file, const LintFinding &finding)
    {
        const std::string key = file.name + '\n' + finding.rule->name + '\n' + std::string(finding.statement.of(file.input.text));
        return digest(key) + digest(key + '\n' + std::to_string(++seen_[key]));
    }

private:
    std::map<std::string, std::size_t> seen_;
};

std::string uriOf(const std::string &file)
{
    if (file == "-")
        return "stdin.sql";
    std::string uri;
    for (const char c : file) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view("-._~/").find(c) != std::string_view::npos;
        uri += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return !uri.empty() && uri.front() == '/' ? "file://" + uri : uri;
}

const char *sarifLevel(LintSeverity severity)
{
    return severity >= LintSeverity::Serious ? "error" : severity == LintSeverity::Warning ? "warning" : "note";
}

ordered_json sarifRule(const LintRule &rule)
{
    ordered_json object{{"id", rule.name}, {"shortDescription", {{"text", rule.title}}}, {"fullDescription", {{"text", *rule.why == '\0' ? rule.title : rule.why}}}};
    if (*rule.fix != '\0')
        object["help"] = {{"text", rule.fix}};
    if (*rule.source != '\0')
        object["helpUri"] = rule.source;
    object["defaultConfiguration"] = {{"level", sarifLevel(rule.severity)}, {"enabled", !rule.style}};
    object["properties"] = {{"tags", {rule.group}}};
    return object;
}

ordered_json sarifResult(const LintedFile &file, const LintFinding &finding, std::size_t rule, Fingerprints &fingerprints)
{
    const LineColumn end = lineColumn(file.input.text, finding.span.end);
    const std::string text = finding.fix.empty() ? finding.message : finding.message + ". " + finding.fix;
    ordered_json object{{"ruleId", finding.rule->name}, {"ruleIndex", rule}, {"level", sarifLevel(finding.severity)}, {"message", {{"text", text}}}};
    object["locations"] = ordered_json::array({{{"physicalLocation",
                                                 {{"artifactLocation", {{"uri", uriOf(file.name)}}},
                                                  {"region", {{"startLine", finding.line}, {"startColumn", finding.column}, {"endLine", end.line}, {"endColumn", end.column}}}}}}});
    object["partialFingerprints"] = {{"howdah/v1", fingerprints.of(file, finding)}};
    if (!finding.suppression.empty())
        object["suppressions"] = ordered_json::array({{{"kind", "inSource"}, {"justification", finding.suppression}}});
    object["properties"] = {{"severity", migration::severityName(finding.severity)}, {"why", finding.why}, {"locks", finding.locks}, {"fixSql", finding.fix_sql}};
    return object;
}

} // namespace

std::string lintText(const LintedFile &file, std::size_t columns, bool colored)
{
    std::string out;
    for (const LintFinding &finding : file.result.findings) {
        out += inked(printable(fmt::format("{}:{}:{}:", file.name, finding.line, finding.column)), Ink::Bold, colored) + " "
            + inked(migration::severityName(finding.severity), inkOf(finding.severity), colored) + ": " + printable(finding.message) + " "
            + inked(fmt::format("[{}]", finding.rule->name), Ink::Dim, colored) + "\n";
        out += "      " + inked(clipped(printable(finding.statement.of(file.input.text)), std::max<std::size_t>(columns, 50) - 6), Ink::Dim, colored) + "\n";
        for (const auto &[relation, mode] : finding.locks)
            field(out, relation == finding.locks.begin()->first ? "locks" : "", printable(relation) + "  " + lockWords(mode), columns);
        field(out, "why", printable(finding.why), columns);
        field(out, "fix", printable(finding.fix), columns);
        sqlLines(out, finding.fix_sql, colored);
        out += "\n";
    }
    return out;
}

std::string lintSummary(const std::vector<LintedFile> &files, bool colored)
{
    std::size_t statements = 0, suppressed = 0, total = 0;
    std::array<std::size_t, 4> count{};
    for (const LintedFile &file : files) {
        statements += file.result.statements;
        suppressed += file.result.suppressed.size();
        total += file.result.findings.size();
        for (const LintFinding &finding : file.result.findings)
            ++count[static_cast<std::size_t>(finding.severity)];
    }
    std::string text = total == 0 ? "Nothing found" : plural(total, "finding", "findings");
    std::string parts;
    for (std::size_t i = count.size(); i-- > 0;) {
        if (count[i] > 0)
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", count[i], migration::severityName(static_cast<LintSeverity>(i)));
    }
    text += (parts.empty() ? "" : " (" + parts + ")") + " in " + plural(statements, "statement", "statements") + " of " + plural(files.size(), "file", "files");
    if (suppressed > 0)
        text += fmt::format("; {} suppressed", suppressed);
    return inked(text, Ink::Bold, colored) + "\n";
}

std::string lintRulesText(std::size_t columns, bool colored)
{
    std::string out, group;
    for (const LintRule *rule : migration::lintRules()) {
        if (group != rule->group) {
            group = rule->group;
            out += (out.empty() ? "" : "\n") + inked(group, Ink::Bold, colored) + (group == "style" ? " (with --style)" : "") + "\n";
        }
        out += fmt::format("  {:<32}{:<9}{}\n", rule->name, migration::severityName(rule->severity), clipped(rule->title, std::max<std::size_t>(columns, 80) - 43));
    }
    return out;
}

ordered_json lintJson(const std::vector<LintedFile> &files)
{
    ordered_json document{{"files", ordered_json::array()}, {"findings", ordered_json::array()}};
    for (const LintedFile &file : files) {
        document["files"].push_back({{"file", file.name}, {"statements", file.result.statements}, {"findings", file.result.findings.size()}, {"suppressed", file.result.suppressed.size()}});
        for (const LintFinding &finding : file.result.findings) {
            const LineColumn end = lineColumn(file.input.text, finding.span.end);
            document["findings"].push_back({{"file", file.name}, {"line", finding.line}, {"column", finding.column}, {"end_line", end.line}, {"end_column", end.column},
                                            {"rule", finding.rule->name}, {"group", finding.rule->group}, {"severity", migration::severityName(finding.severity)},
                                            {"title", finding.rule->title}, {"message", finding.message}, {"why", finding.why},
                                            {"locks", finding.locks}, {"fix", finding.fix}, {"fix_sql", finding.fix_sql}, {"source", finding.rule->source},
                                            {"sql", std::string(finding.statement.of(file.input.text))}});
        }
    }
    return document;
}

ordered_json lintRulesJson()
{
    ordered_json rules = ordered_json::array();
    for (const LintRule *rule : migration::lintRules())
        rules.push_back({{"name", rule->name}, {"group", rule->group}, {"severity", migration::severityName(rule->severity)}, {"title", rule->title}, {"why", rule->why},
                         {"fix", rule->fix}, {"source", rule->source}, {"style", rule->style}});
    return {{"rules", rules}};
}

ordered_json lintSarif(const std::vector<LintedFile> &files)
{
    std::map<const LintRule *, std::size_t> numbers;
    ordered_json rules = ordered_json::array(), results = ordered_json::array(), artifacts = ordered_json::array();
    for (const LintRule *rule : migration::lintRules()) {
        numbers.emplace(rule, numbers.size());
        rules.push_back(sarifRule(*rule));
    }
    Fingerprints fingerprints;
    for (const LintedFile &file : files) {
        artifacts.push_back({{"location", {{"uri", uriOf(file.name)}}}, {"sourceLanguage", "sql"}});
        for (const auto *list : {&file.result.findings, &file.result.suppressed}) {
            for (const LintFinding &finding : *list)
                results.push_back(sarifResult(file, finding, numbers.at(finding.rule), fingerprints));
        }
    }
    ordered_json run{{"tool", {{"driver", {{"name", "howdah-cli lint"}, {"version", HOWDAH_VERSION}, {"rules", rules}}}}},
                     {"columnKind", "unicodeCodePoints"},
                     {"artifacts", artifacts},
                     {"results", results}};
    return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"}, {"version", "2.1.0"}, {"runs", ordered_json::array({run})}};
}

ordered_json lintGitlab(const std::vector<LintedFile> &files)
{
    ordered_json report = ordered_json::array();
    Fingerprints fingerprints;
    for (const LintedFile &file : files) {
        for (const LintFinding &finding : file.result.findings) {
            const char *severity = finding.severity == LintSeverity::Error ? "blocker" : finding.severity == LintSeverity::Serious ? "critical" : finding.severity == LintSeverity::Warning ? "minor" : "info";
            report.push_back({{"description", finding.fix.empty() ? finding.message : finding.message + ". " + finding.fix}, {"check_name", finding.rule->name},
                              {"fingerprint", fingerprints.of(file, finding)}, {"severity", severity}, {"location", {{"path", file.name}, {"lines", {{"begin", finding.line}}}}}});
        }
    }
    return report;
}

} // namespace howdah::cli
