// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint/statement.h"

#include <algorithm>
#include <charconv>
#include <cctype>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/lint/words.h"
#include "core/sql/lexer.h"
#include "core/sql/transaction_block.h"

namespace howdah::migration::linting {

namespace {

struct Piece {
    ByteSpan span; ///< in the statement
};

/// The sub-commands of ALTER TABLE are what stands between commas behind the table's name.
std::vector<Piece> piecesOf(const std::string &text, std::size_t name_at)
{
    std::vector<Piece> pieces;
    sql::Lexer lexer(text);
    bool in_name = false, past_name = false, after_dot = false, open = false;
    int depth = 0;
    for (sql::Token token; lexer.next(token);) {
        if (token.kind == sql::TokenKind::Whitespace || token.kind == sql::TokenKind::LineComment || token.kind == sql::TokenKind::BlockComment)
            continue;
        const std::string_view word = token.span.of(text);
        if (!past_name) {
            if (token.span.begin.value < name_at)
                continue;
            if (!in_name || word == "." || after_dot || word == "*") {
                in_name = true;
                after_dot = word == ".";
                continue;
            }
            past_name = true;
        }
        depth += word == "(" || word == "[" ? 1 : word == ")" || word == "]" ? -1 : 0;
        if (word == "," && depth == 0) {
            open = false;
            continue;
        }
        if (!open)
            pieces.push_back({token.span});
        open = true;
        pieces.back().span.end = token.span.end;
    }
    return pieces;
}

} // namespace

bool HeldLock::blocks() const
{
    if (relation->kind == 'r' || relation->kind == 'p' || relation->kind == 'f')
        return mode >= Lock::Share;
    return relation->kind != 'S' && mode == Lock::AccessExclusive;
}

const Relation *Statement::named(const Node &range_var) const
{
    if (!range_var.exists())
        return nullptr;
    const auto found = before.find(nameOf(range_var));
    return found == before.end() ? nullptr : &found->second;
}

const Relation *Statement::target() const
{
    return named(root.get("relation"));
}

const EffectReason *Statement::reason(const char *rule, const std::string &subject) const
{
    for (const EffectReason &reason : effects().reasons) {
        if (reason.rule == rule && (subject.empty() || reason.subject == subject))
            return &reason;
    }
    return nullptr;
}

Lock Statement::strongest() const
{
    Lock mode = Lock::None;
    for (const HeldLock &lock : locks)
        mode = std::max(mode, lock.mode);
    return mode;
}

bool Statement::isWorkedOn(const Relation &relation) const
{
    return std::find(worked.begin(), worked.end(), relation.label()) != worked.end();
}

std::string Statement::workWords() const
{
    const std::string names = listed(worked);
    double rows = -1;
    for (const HeldLock &lock : locks) {
        if (lock.relation->isIndex() || lock.relation->rows < 0 || std::find(worked.begin(), worked.end(), lock.label) == worked.end())
            continue;
        rows = std::max(rows, 0.0) + lock.relation->rows;
    }
    std::string more;
    if (rows >= 0)
        more = "about " + human::count(static_cast<std::int64_t>(rows), ",") + " rows";
    if (effects().duration_ms && effects().duration_ms->high >= 1)
        more += fmt::format("{}{} to {}", more.empty() ? "" : ", ", human::duration(effects().duration_ms->low), human::duration(effects().duration_ms->high));
    return more.empty() ? names : names + " (" + more + ")";
}

std::vector<SubCommand> subCommandsOf(const Analysis &at, const Place &place)
{
    std::vector<SubCommand> commands;
    const Node root = at.tree.root();
    if (!root.is("AlterTableStmt"))
        return commands;
    const auto nodes = root.list("cmds");
    const auto pieces = piecesOf(at.out.sql, static_cast<std::size_t>(root.get("relation").number("location")));
    const bool as_written = place.span.size() == at.out.sql.size(); // not so for what EXECUTE puts together
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        SubCommand command;
        command.node = nodes[i];
        command.subtype = nodes[i].text("subtype");
        command.column = nodes[i].text("name");
        if (command.column.empty())
            command.column = nodes[i].get("def").text("colname");
        command.span = place.span;
        if (pieces.size() == nodes.size()) {
            command.text = pieces[i].span.of(at.out.sql);
            if (as_written)
                command.span = {{place.span.begin.value + pieces[i].span.begin.value}, {place.span.begin.value + pieces[i].span.end.value}};
        }
        commands.push_back(std::move(command));
    }
    return commands;
}

std::map<std::string, Relation> namedRelations(Analysis &at)
{
    std::map<std::string, Relation> named;
    const auto take = [&](const std::string &schema, const std::string &name, const std::string &label) {
        if (const Relation *found = at.schema.find(schema, name))
            named.emplace(label, *found);
    };
    const Node root = at.tree.root();
    const bool is_query = root.is("SelectStmt") || root.is("InsertStmt") || root.is("UpdateStmt") || root.is("DeleteStmt") || root.is("MergeStmt");
    if (root.is("DropStmt")) {
        for (const Node &object : root.list("objects")) {
            auto name = object.names("items");
            if (name.empty())
                continue;
            const std::string schema = name.size() > 1 ? name[name.size() - 2] : "";
            std::string label;
            for (const std::string &part : name)
                label += (label.empty() ? "" : ".") + part;
            take(schema, name.back(), label);
        }
        return named;
    }
    if (is_query) {
        const Node range = root.get("relation");
        if (range.exists())
            take(range.text("schemaname"), range.text("relname"), nameOf(range));
        return named;
    }
    effects::walk(*at.tree.document, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind == "RangeVar" || value.contains("relname"))
            take(value.value("schemaname", ""), value.value("relname", ""), nameOf(Node(value)));
    });
    return named;
}

void judge(Statement &statement)
{
    const Analysis &at = statement.at;
    bool waits = false;
    for (const auto &[relation, mode] : at.locks) {
        // EXCLUSIVE on a materialized view, whose kind is not known without a catalog, keeps nobody waiting
        const bool refreshes = mode == Lock::Exclusive && statement.root.is("RefreshMatViewStmt");
        if (!Statement::isOld(relation) || refreshes)
            continue;
        statement.locks.push_back({relation, relation->label(), mode, at.out.line});
        waits = waits || (!relation->isIndex() && statement.locks.back().blocks());
    }
    std::sort(statement.locks.begin(), statement.locks.end(), [](const HeldLock &a, const HeldLock &b) { return a.label < b.label; });
    for (const auto *list : {&at.out.scans, &at.out.rewrites}) {
        for (const std::string &label : *list) {
            const auto held = std::find_if(statement.locks.begin(), statement.locks.end(), [&](const HeldLock &lock) { return lock.label == label; });
            if (held == statement.locks.end() || held->relation->kind == 'S')
                continue;
            if (!held->relation->isIndex() && std::find(statement.worked.begin(), statement.worked.end(), label) == statement.worked.end())
                statement.worked.push_back(label);
        }
    }
    const bool empties = statement.root.is("TruncateStmt");
    statement.blocks_work = waits && !statement.worked.empty() && !empties && !at.failed;
    if (const sql::BlockRule rule = sql::blockRule(statement.text); rule.role == sql::BlockRole::Outside)
        statement.command = rule.command;
}

std::optional<std::int64_t> milliseconds(const std::string &text)
{
    double value = 0;
    std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string::npos)
        return {};
    const auto [end, error] = std::from_chars(text.data() + begin, text.data() + text.size(), value);
    if (error != std::errc())
        return {};
    std::string unit(end, text.data() + text.size());
    unit.erase(std::remove(unit.begin(), unit.end(), ' '), unit.end());
    const double factor = unit.empty() || unit == "ms" ? 1 : unit == "us" ? 0.001 : unit == "s" ? 1000 : unit == "min" ? 60000 : unit == "h" ? 3600000 : unit == "d" ? 86400000 : -1;
    if (factor < 0 || value < 0 || value > 1e12)
        return {};
    return static_cast<std::int64_t>(value * factor + 0.5);
}

void Report::say(Say said, const Spot &spot)
{
    LintFinding finding;
    finding.rule = &rule_;
    finding.severity = said.severity.value_or(rule_.severity);
    finding.span = said.span.value_or(spot.span);
    finding.statement = spot.statement;
    finding.locks = spot.locks;
    finding.message = std::move(said.message);
    if (!routine_.empty()) {
        finding.message = "When " + routine_ + "() runs: " + finding.message;
        if (finding.severity == LintSeverity::Serious)
            finding.severity = LintSeverity::Warning;
    }
    finding.why = said.why.empty() ? rule_.why : said.why + (*rule_.why == '\0' ? "" : " ") + rule_.why;
    finding.fix = said.fix.empty() ? rule_.fix : std::move(said.fix);
    finding.fix_sql = std::move(said.fix_sql);
    into_.push_back(std::move(finding));
}

} // namespace howdah::migration::linting
