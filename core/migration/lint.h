// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {
class Catalog;
} // namespace howdah::pg

namespace howdah::migration {

struct SchemaFacts;
struct LintFacts;

// What is dangerous in a script of DDL, and what to write instead. Nothing is run. Rules judge the effects of each
// statement (effects.h): a linter that knows the catalog flags neither a type change without work nor misses one
// sub-command that makes all others wait.

enum class LintSeverity : std::uint8_t {
    Info,    ///< worth knowing
    Warning, ///< others wait for a moment, or applications may break
    Serious, ///< others wait while rows are read or written, or data is lost
    Error    ///< the server refuses it
};

struct LintRule {
    const char *name;   ///< stable: "set-not-null-scan"
    const char *group;  ///< syntax, blocking, locking, transaction, compatibility, data, trap, performance, suppression, style
    const char *title;  ///< what it looks for, as a heading
    const char *why;    ///< how it hurts
    const char *fix;    ///< what to do instead
    const char *source; ///< where PostgreSQL's documentation says so; "" where there is none
    LintSeverity severity = LintSeverity::Warning; ///< usual; a finding may differ
    bool style = false; ///< a matter of taste: off unless asked for
};

struct LintFinding {
    const LintRule *rule = nullptr; ///< of lintRules()
    LintSeverity severity = LintSeverity::Warning;
    ByteSpan span;                  ///< what to mark in the script
    ByteSpan statement;             ///< that it is about, in the script
    std::size_t line = 1, column = 1; ///< of the span, from 1; columns count characters
    std::string message;            ///< one sentence about this statement
    std::string why;                ///< the rule's, with what the statement does
    std::string fix;                ///< one or two sentences; "" where there is nothing to do
    std::string fix_sql;            ///< instead of the statement, or beside it as `fix` says; "" where it cannot be told
    std::map<std::string, std::string> locks; ///< relation: PostgreSQL's lock mode, of the statement as a whole
    std::string suppression;        ///< the reason that a comment gives for suppressing it
};

struct LintOptions {
    int major = 17;                        ///< of the server, 13 to 18
    const pg::Catalog *catalog = nullptr;  ///< null: judged by the script alone
    const SchemaFacts *facts = nullptr;    ///< null: domains, views and volatility are not known
    const LintFacts *lint_facts = nullptr; ///< null: functions and publications are not known
    bool assume_in_transaction = false;    ///< whatever runs the script begins a transaction first
    bool style = false;                    ///< rules of style too
    std::vector<std::string> only;         ///< names of rules or groups; empty: all
    std::vector<std::string> exclude;      ///< names of rules or groups
};

struct LintResult {
    std::vector<LintFinding> findings;   ///< in the order of the script, the gravest first at one place
    std::vector<LintFinding> suppressed; ///< by comments
    std::size_t statements = 0;
};

/// In comments, for the next statement (or the one that the comment stands in, or ends the line of):
///   -- howdah:ignore rule[, rule]: reason
/// and for the whole script
///   -- howdah:ignore-file rule[, rule]: reason
/// A suppression without a reason does not count; one that suppressed nothing is a finding. Syntax errors are findings
/// with their position. Fails (Unsupported, Usage) for other versions and for unknown names of rules.
[[nodiscard]] Result<LintResult> lint(std::string_view script, const LintOptions &options = {});

/// All rules, by group.
[[nodiscard]] std::vector<const LintRule *> lintRules();

[[nodiscard]] const char *severityName(LintSeverity severity); ///< "info", "warning", "serious", "error"

} // namespace howdah::migration
