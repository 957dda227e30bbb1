// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint.h"

#include <algorithm>

#include "core/migration/lint/narrow.h"
#include "core/migration/lint/neutral.h"
#include "core/migration/lint/statement.h"
#include "core/migration/lint/suppressions.h"
#include "core/migration/lint/words.h"
#include "core/sql/error_place.h"

namespace howdah::migration {

namespace {

using namespace linting;

bool isGroup(std::string_view name)
{
    const auto &all = allRules();
    return std::any_of(all.begin(), all.end(), [&](const RuleRow *row) { return name == row->rule.group; });
}

/// Groups whose rules mean something for code that runs later, by whoever calls it.
bool holdsInRoutines(const LintRule &rule)
{
    const std::string_view group = rule.group;
    return group == "blocking" || group == "transaction" || group == "data" || group == "trap";
}

/// One script, once.
class Linter
{
public:
    Linter(std::string_view script, const LintOptions &options) : options_(options), original_(script), neutral_(neutral(script))
    {
        if (options.catalog != nullptr && (narrow_ = narrowed(*options.catalog, options.facts, neutral_.text)))
            options_.catalog = narrow_.get();
        script_.options = &options_;
        script_.text = neutral_.text;
        if (options.lint_facts != nullptr)
            script_.session = script_.current = {options.lint_facts->lock_timeout_ms, options.lint_facts->statement_timeout_ms};
        script_.transaction.open = options.assume_in_transaction;
    }

    Result<LintResult> run()
    {
        effects::Listener listener;
        listener.before = [this](Analysis &at, const Place &place) { before(at, place); };
        listener.after = [this](Analysis &at, const Place &place) { after(at, place); };
        listener.unreadable = [this](const StatementEffects &effects, const Place &place) { unreadable(effects, place); };
        listener.end = [this](effects::Schema &schema) { end(schema); };
        const auto effects = effects::followScript(neutral_.text, options_.major, options_.catalog, options_.facts, listener);
        if (!effects)
            return tl::unexpected(effects.error());
        result_.statements = effects->size();
        suppress();
        select();
        finish();
        return std::move(result_);
    }

private:
    void before(Analysis &at, const Place &place)
    {
        units_.push_back(place.span);
        if (place.routine.empty() && at.tree.root().is("DoStmt"))
            beginBlock(script_, place.span, at.out.line);
        if (at.tree.root().is("CreateFunctionStmt")) { // its code runs in a transaction that nothing is known of
            routine_ = {};
            routine_.options = &options_;
            routine_.text = neutral_.text;
            routine_.transaction.open = true;
        }
        open_.push_back(namedRelations(at));
    }

    void after(Analysis &at, const Place &place)
    {
        std::map<std::string, Relation> named = std::move(open_.back());
        open_.pop_back();
        Script &script = place.routine.empty() ? script_ : routine_;
        addUnknown(at, named);
        Statement statement{script, at, place, at.tree.root(), at.out.sql, subCommandsOf(at, place), named, {}, {}, false, {}};
        judge(statement);
        check(statement);
        advance(script, statement);
        if (place.routine.empty() && statement.root.is("DoStmt"))
            endBlock(script_);
    }

    void end(effects::Schema &schema)
    {
        script_.schema = &schema;
        for (const RuleRow *row : allRules()) {
            Report report(result_.findings, row->rule, {}, {});
            if (row->finish != nullptr)
                row->finish(script_, report);
        }
    }

    /// Without a catalog what the script names for the first time is taken as there.
    static void addUnknown(Analysis &at, std::map<std::string, Relation> &before)
    {
        if (at.schema.connected())
            return;
        for (const auto &[relation, lock] : at.locks) {
            if (relation->known || relation->made_by != 0 || before.count(relation->label()) > 0)
                continue;
            Relation unknown;
            unknown.schema = relation->schema;
            unknown.name = relation->name;
            unknown.kind = relation->kind;
            unknown.known = false;
            before.emplace(relation->label(), std::move(unknown));
        }
    }

    void check(const Statement &statement)
    {
        const std::size_t first = result_.findings.size();
        const Spot spot{statement.place.span, statement.place.span, statement.effects().line, statement.effects().locks};
        for (const RuleRow *row : allRules()) {
            if (row->check == nullptr || (!statement.place.routine.empty() && !holdsInRoutines(row->rule)) || (row->rule.style && !options_.style))
                continue;
            const bool last_resort = std::string_view(row->rule.name) == "blocking-work";
            const bool told = std::any_of(result_.findings.begin() + static_cast<std::ptrdiff_t>(first), result_.findings.end(),
                                          [](const LintFinding &finding) { return std::string_view(finding.rule->group) == "blocking"; });
            if (last_resort && told)
                continue;
            Report report(result_.findings, row->rule, spot, statement.place.routine);
            row->check(statement, report);
        }
        if (statement.failed() && statement.place.routine.empty() && !statement.place.in_block)
            refusals(statement.effects());
    }

    void refusals(const StatementEffects &effects)
    {
        for (const Error &error : effects.errors) {
            const bool syntax = error.sqlstate == "42601";
            const RuleRow *row = ruleNamed(syntax ? "syntax-error" : "server-refuses");
            // the type rule names all dependants at once
            const bool told = std::any_of(result_.findings.begin(), result_.findings.end(), [&](const LintFinding &finding) {
                return finding.statement == effects.span && std::string_view(finding.rule->name) == "column-type-dependants";
            });
            if (told && error.sqlstate == "0A000")
                continue;
            Spot spot{effects.span, effects.span, effects.line, {}};
            if (error.position && *error.position > effects.span.begin && *error.position < effects.span.end)
                spot.span = sql::offendingWord(neutral_.text, *error.position, effects.span);
            Report(result_.findings, row->rule, spot, {}).say({error.message + (error.sqlstate.empty() ? "" : " (" + error.sqlstate + ")"), {}, {}, {}, error.hint});
        }
    }

    void unreadable(const StatementEffects &effects, const Place &place)
    {
        if (place.in_block || !place.routine.empty())
            return; // PL/pgSQL's own forms of statements are no errors
        units_.push_back(place.span);
        for (const Error &error : effects.errors) {
            Spot spot{place.span, place.span, effects.line, {}};
            if (error.position)
                spot.span = sql::offendingWord(neutral_.text, *error.position, place.span);
            std::string hint = error.hint;
            if (effects.sql.find("MERGE PARTITIONS") != std::string::npos || effects.sql.find("SPLIT PARTITION") != std::string::npos)
                hint = "No release of PostgreSQL up to 18 can split or merge partitions.";
            Report(result_.findings, ruleNamed("syntax-error")->rule, spot, {}).say({error.message, {}, {}, {}, hint});
        }
    }

    void suppress()
    {
        std::sort(units_.begin(), units_.end(), [](ByteSpan a, ByteSpan b) { return a.begin != b.begin ? a.begin < b.begin : a.end > b.end; });
        auto suppressions = suppressionsIn(neutral_.text, units_);
        if (suppressions.empty())
            return;
        std::vector<LintFinding> kept;
        for (LintFinding &finding : result_.findings)
            (isSuppressed(finding, suppressions) ? result_.suppressed : kept).push_back(std::move(finding));
        result_.findings = std::move(kept);
        for (const Suppression &suppression : suppressions)
            judgeSuppression(suppression);
    }

    static bool isSuppressed(LintFinding &finding, std::vector<Suppression> &suppressions)
    {
        bool is_suppressed = false;
        for (Suppression &suppression : suppressions) {
            const ByteOffset at = finding.statement.begin;
            if (suppression.reason.empty() || at < suppression.covers.begin || at >= suppression.covers.end)
                continue;
            for (std::size_t i = 0; i < suppression.rules.size(); ++i) {
                if (suppression.rules[i] != finding.rule->name && suppression.rules[i] != finding.rule->group)
                    continue;
                suppression.used[i] = is_suppressed = true;
                finding.suppression = suppression.reason;
            }
        }
        return is_suppressed;
    }

    void judgeSuppression(const Suppression &suppression)
    {
        const Spot spot{suppression.comment, suppression.comment, 1, {}};
        if (suppression.rules.empty()) {
            Report(result_.findings, ruleNamed("suppression-unused")->rule, spot, {}).say({"The suppression names no rule"});
            return;
        }
        if (suppression.reason.empty()) {
            Report(result_.findings, ruleNamed("suppression-without-reason")->rule, spot, {}).say({"The suppression gives no reason, and does not count"});
            return;
        }
        for (std::size_t i = 0; i < suppression.rules.size(); ++i) {
            const std::string &name = suppression.rules[i];
            if (suppression.used[i])
                continue;
            const RuleRow *row = ruleNamed(name);
            if (row == nullptr && !isGroup(name))
                Report(result_.findings, ruleNamed("suppression-unused")->rule, spot, {}).say({"There is no rule " + name});
            else if (row == nullptr || !row->rule.style || options_.style)
                Report(result_.findings, ruleNamed("suppression-unused")->rule, spot, {}).say({"Nothing here is found by " + name});
        }
    }

    void select()
    {
        const auto in = [](const std::vector<std::string> &names, const LintRule &rule) {
            return std::any_of(names.begin(), names.end(), [&](const std::string &name) { return name == rule.name || name == rule.group; });
        };
        const auto unwanted = [&](const LintFinding &finding) { return (!options_.only.empty() && !in(options_.only, *finding.rule)) || in(options_.exclude, *finding.rule); };
        result_.findings.erase(std::remove_if(result_.findings.begin(), result_.findings.end(), unwanted), result_.findings.end());
        result_.suppressed.erase(std::remove_if(result_.suppressed.begin(), result_.suppressed.end(), unwanted), result_.suppressed.end());
    }

    /// Lines and columns, order, and placeholders as they were written.
    void finish()
    {
        for (auto *list : {&result_.findings, &result_.suppressed}) {
            std::stable_sort(list->begin(), list->end(), [](const LintFinding &a, const LintFinding &b) {
                return a.span.begin != b.span.begin ? a.span.begin < b.span.begin : a.severity > b.severity;
            });
            std::size_t line = 1, begin = 0, at = 0;
            for (LintFinding &finding : *list) {
                for (; at < finding.span.begin.value && at < original_.size(); ++at) {
                    if (original_[at] == '\n') {
                        ++line;
                        begin = at + 1;
                    }
                }
                finding.line = line;
                finding.column = toChars(original_.substr(begin), {finding.span.begin.value - begin}).value + 1;
                if (!neutral_.stand_ins.empty())
                    restore(finding);
            }
        }
    }

    void restore(LintFinding &finding) const
    {
        for (std::string *text : {&finding.message, &finding.why, &finding.fix, &finding.fix_sql})
            *text = neutral_.restored(std::move(*text));
        std::map<std::string, std::string> locks;
        for (const auto &[relation, mode] : finding.locks)
            locks.emplace(neutral_.restored(relation), mode);
        finding.locks = std::move(locks);
    }

    LintOptions options_;
    std::shared_ptr<const pg::Catalog> narrow_;
    std::string_view original_;
    NeutralText neutral_;
    Script script_, routine_;
    std::vector<std::map<std::string, Relation>> open_; ///< of the statements that are being worked out, the innermost last
    std::vector<ByteSpan> units_;
    LintResult result_;
};

} // namespace

const std::vector<RuleRow> &linting::ownRules()
{
    static const std::vector<RuleRow> rules{
        {{"syntax-error", "syntax", "A syntax error", "PostgreSQL cannot read the statement.", "", "https://www.postgresql.org/docs/current/sql-commands.html", LintSeverity::Error}},
        {{"server-refuses", "syntax", "A statement that the server refuses", "It fails on the schema as the script finds it.", "", "https://www.postgresql.org/docs/current/errcodes-appendix.html", LintSeverity::Error}},
        {{"suppression-without-reason", "suppression", "A suppression without a reason", "Who reads the script later has to know why it is fine.", "Write: -- howdah:ignore rule: reason", "", LintSeverity::Warning}},
        {{"suppression-unused", "suppression", "A suppression that suppresses nothing", "It would hide the next mistake.", "Remove it, or name the rule that is meant.", "", LintSeverity::Warning}},
    };
    return rules;
}

const std::vector<const RuleRow *> &linting::allRules()
{
    static const std::vector<const RuleRow *> all = [] {
        std::vector<const RuleRow *> rows;
        for (const auto rules : {columnRules, typeRules, constraintRules, indexRules, partitionRules, maintenanceRules, timeoutRules, transactionRules, compatibilityRules, enumRules, keyRules,
                                 styleRules, ownRules}) {
            for (const RuleRow &row : rules())
                rows.push_back(&row);
        }
        // the one that speaks where no other does comes last
        std::stable_partition(rows.begin(), rows.end(), [](const RuleRow *row) { return std::string_view(row->rule.name) != "blocking-work"; });
        return rows;
    }();
    return all;
}

const RuleRow *linting::ruleNamed(std::string_view name)
{
    const auto found = std::find_if(allRules().begin(), allRules().end(), [&](const RuleRow *row) { return name == row->rule.name; });
    return found == allRules().end() ? nullptr : *found;
}

std::vector<const LintRule *> lintRules()
{
    std::vector<const LintRule *> rules;
    for (const RuleRow *row : allRules())
        rules.push_back(&row->rule);
    std::stable_sort(rules.begin(), rules.end(), [](const LintRule *a, const LintRule *b) { return std::string_view(a->group) < b->group; });
    return rules;
}

const char *severityName(LintSeverity severity)
{
    constexpr const char *names[] = {"info", "warning", "serious", "error"};
    return names[static_cast<std::uint8_t>(severity)];
}

Result<LintResult> lint(std::string_view script, const LintOptions &options)
{
    for (const auto *names : {&options.only, &options.exclude}) {
        for (const std::string &name : *names) {
            if (ruleNamed(name) == nullptr && !isGroup(name))
                return fail(ErrorKind::Usage, "There is no rule or group of rules " + name, "howdah-cli lint --list-rules names them");
        }
    }
    return Linter(script, options).run();
}

} // namespace howdah::migration
