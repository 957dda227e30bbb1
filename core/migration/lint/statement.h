// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/migration/effects/script.h"
#include "core/migration/lint.h"
#include "core/migration/lint_facts.h"

namespace howdah::migration::linting {

using effects::Analysis;
using effects::Column;
using effects::Constraint;
using effects::Lock;
using effects::Node;
using effects::Place;
using effects::Relation;

/// A lock that makes readers or writers of a relation wait that was there before the script.
struct HeldLock {
    const Relation *relation = nullptr;
    std::string label;
    Lock mode = Lock::None;
    std::size_t line = 1; ///< of the statement that took it
    /// Readers or writers, for as long as it is held or waited for. Sequences do not count.
    [[nodiscard]] bool blocks() const;
};

/// What a setting is at some point of a script, in milliseconds; 0 is none.
struct Timeouts {
    std::int64_t lock_ms = 0, statement_ms = 0;
    bool operator==(const Timeouts &) const = default;
};

/// One transaction, as far as the script has come in it.
struct Transaction {
    bool open = false;
    bool implicit = false;                 ///< a DO block outside of any
    ByteSpan begun;                        ///< the BEGIN; empty when it was assumed
    std::size_t begun_line = 0;
    std::vector<HeldLock> held;            ///< the strongest for each relation
    std::set<std::string> not_valid;       ///< constraints "table.name" added NOT VALID in it
    std::map<std::string, std::string> new_values; ///< enum values added: value, type
    std::set<std::string> new_types;       ///< enums made in it, whose values are usable at once
    std::set<std::string> rows_taken;      ///< tables that rows were deleted from
    std::vector<std::pair<std::string, ByteOffset>> savepoints; ///< and where they stand
};

/// Where a finding at the end of the script belongs.
struct Spot {
    ByteSpan span, statement;
    std::size_t line = 1;
    std::map<std::string, std::string> locks;
};

struct AddedKey {
    Spot spot;
    Relation *table = nullptr;
    std::string name, referenced;
    std::vector<std::string> columns;
    bool new_table = false;
    bool retyped = false; ///< the key was there; a column of it changes its type
};

struct AddedNotValid {
    Spot spot;
    std::string table, name;
};

/// What of an index Relation does not tell.
struct IndexFacts {
    std::string method;
    std::set<std::string> not_null; ///< its predicate is nothing but "column IS NOT NULL" of these
    bool has_predicate = false;
};

/// What is known of a script before its next statement; after the last one, of all of it.
struct Script {
    const LintOptions *options = nullptr;
    std::string_view text;
    Transaction transaction;
    Timeouts session, current;             ///< current: with SET LOCAL
    std::vector<AddedKey> keys;
    std::vector<AddedNotValid> not_valid;
    std::vector<Spot> waits;               ///< statements that wait for locks without a bound
    std::map<const Relation *, IndexFacts> indexes; ///< made by the script
    effects::Schema *schema = nullptr;
    std::string last_change;               ///< the name of a table whose lock was last taken
};

/// A sub-command of ALTER TABLE.
struct SubCommand {
    Node node;
    std::string subtype; ///< "AT_AddColumn"
    std::string column;  ///< that it is about, or ""
    ByteSpan span;       ///< in the script
    std::string text;
    [[nodiscard]] bool is(const char *kind) const { return subtype == kind; }
    [[nodiscard]] Node def() const { return node.get("def"); }
};

/// One statement as rules see it: the script before it, and its effects.
struct Statement {
    const Script &script;
    const Analysis &at;
    const Place &place;
    Node root;
    const std::string &text;
    std::vector<SubCommand> commands;            ///< of ALTER TABLE
    const std::map<std::string, Relation> &before; ///< the relations that it names, by label, as they were
    std::vector<HeldLock> locks;                 ///< on relations that were there before the script
    std::vector<std::string> worked;             ///< of these, what is read or written anew
    bool blocks_work = false;                    ///< … while others wait
    std::string command;                         ///< that no transaction block may hold: "CREATE INDEX CONCURRENTLY"

    [[nodiscard]] const StatementEffects &effects() const { return at.out; }
    [[nodiscard]] int major() const { return at.major; }
    [[nodiscard]] bool failed() const { return at.failed; }
    /// The relation of "relation", as it was; null when it was not there.
    [[nodiscard]] const Relation *target() const;
    [[nodiscard]] const Relation *named(const Node &range_var) const;
    /// It was there before the script, so others may use it.
    [[nodiscard]] static bool isOld(const Relation *relation) { return relation != nullptr && relation->made_by == 0; }
    [[nodiscard]] bool onOldTable() const { return isOld(target()); }
    [[nodiscard]] const EffectReason *reason(const char *rule, const std::string &subject = {}) const;
    [[nodiscard]] Lock strongest() const;
    [[nodiscard]] bool isWorkedOn(const Relation &relation) const;
    /// "t (about 2,000,000 rows, 1.2 s to 3 s)"
    [[nodiscard]] std::string workWords() const;
};

[[nodiscard]] std::vector<SubCommand> subCommandsOf(const Analysis &at, const Place &place);
/// Copies of what a statement names, before it is worked out.
[[nodiscard]] std::map<std::string, Relation> namedRelations(Analysis &at);
/// Fills in locks and work.
void judge(Statement &statement);
/// The script after the statement.
void advance(Script &script, const Statement &statement);
/// A block without a transaction of its own begins and ends.
void beginBlock(Script &script, ByteSpan span, std::size_t line);
void endBlock(Script &script);

/// "1s", "500ms", "2 min", "1000"; nothing when unreadable.
[[nodiscard]] std::optional<std::int64_t> milliseconds(const std::string &text);

/// What a rule says of a statement.
struct Say {
    std::string message;
    std::string fix_sql = {};
    std::optional<ByteSpan> span = {};
    std::optional<LintSeverity> severity = {};
    std::string fix = {};  ///< instead of the rule's
    std::string why = {};  ///< before the rule's
};

class Report
{
public:
    Report(std::vector<LintFinding> &into, const LintRule &rule, Spot spot, std::string routine = {})
        : into_(into), rule_(rule), spot_(std::move(spot)), routine_(std::move(routine))
    {
    }
    void say(Say said) { say(std::move(said), spot_); }
    void say(Say said, const Spot &spot);

private:
    std::vector<LintFinding> &into_;
    const LintRule &rule_;
    Spot spot_;
    std::string routine_;
};

struct RuleRow {
    LintRule rule;
    void (*check)(const Statement &, Report &) = nullptr;
    void (*finish)(const Script &, Report &) = nullptr; ///< at the end of the script
};

// A table a subject.
[[nodiscard]] const std::vector<RuleRow> &columnRules();
[[nodiscard]] const std::vector<RuleRow> &typeRules();
[[nodiscard]] const std::vector<RuleRow> &constraintRules();
[[nodiscard]] const std::vector<RuleRow> &indexRules();
[[nodiscard]] const std::vector<RuleRow> &partitionRules();
[[nodiscard]] const std::vector<RuleRow> &maintenanceRules();
[[nodiscard]] const std::vector<RuleRow> &timeoutRules();
[[nodiscard]] const std::vector<RuleRow> &transactionRules();
[[nodiscard]] const std::vector<RuleRow> &compatibilityRules();
[[nodiscard]] const std::vector<RuleRow> &enumRules();
[[nodiscard]] const std::vector<RuleRow> &keyRules();
[[nodiscard]] const std::vector<RuleRow> &styleRules();
/// Syntax, errors and suppressions, which lint() itself finds.
[[nodiscard]] const std::vector<RuleRow> &ownRules();
[[nodiscard]] const RuleRow *ruleNamed(std::string_view name);
[[nodiscard]] const std::vector<const RuleRow *> &allRules();

} // namespace howdah::migration::linting
