// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lint.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/lint_report.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/migration/effects_facts.h"
#include "core/migration/lint_facts.h"
#include "core/pg/catalog.h"

namespace howdah::cli {

const char *const lint_manual = R"(howdah-cli lint [options] FILE...

Finds what is dangerous in scripts of DDL and says what to write instead: work under
locks that make others wait, missing and misplaced timeouts, mistakes with
transactions, what breaks applications, traps. Nothing is run. With -d the catalog of
that database is asked, and only what really happens there is told; without, the
script alone is judged. - is standard input. Files of Flyway, Liquibase, sqitch,
Rails and Django are read as plain SQL; psql's backslash lines are passed over.

      --pg N           for a server of that major version (13 to 18); the
                       connection's otherwise, else 17
      --format F       text, json, sarif (2.1.0) or gitlab (code quality report)
      --json           as --format json: {"findings": [{file, line, column, rule,
                       severity, message, why, locks, fix, fix_sql, ...}]}
      --fail-on LEVEL  end with 1 from this level on: info, warning (as a rule),
                       serious, error, none
      --assume-in-transaction
                       whatever runs the scripts begins a transaction first
      --style          rules of style too: int keys, char, timestamp ...
      --rule NAME      only this rule or group of rules; may be given again
      --exclude NAME   not this rule or group; may be given again
      --list-rules     name all rules and groups

A comment before a statement suppresses a rule for it, and needs a reason:
  -- howdah:ignore create-index-blocking: the table is new in this release
The same for a whole file is howdah:ignore-file. One that suppresses nothing is a
finding.

Exit code: 0 nothing at or above --fail-on, 1 findings, 2 wrong usage or a file that
cannot be read, 3 no connection, 4 the server refused.

  howdah-cli lint -d demo migrations/*.sql
  howdah-cli lint --format sarif change.sql > lint.sarif
)";

namespace {

struct LintCommandChoice {
    std::vector<std::string> files;
    int major = 0;
    std::string format = "text";
    std::string fail_on = "warning";
    bool in_transaction = false, style = false, list_rules = false;
    std::vector<std::string> only, exclude;
};

/// What a connection tells, read once for all files.
struct Known {
    std::shared_ptr<const pg::Catalog> catalog;
    migration::SchemaFacts facts;
    migration::LintFacts lint_facts;
    int major = 0;
};

Result<Known> ask(const Context &context)
{
    auto connection = connect(context);
    if (!connection)
        return tl::unexpected(connection.error());
    Known known;
    known.major = (*connection)->facts().major();
    pg::CatalogOptions options;
    options.with_functions = false;
    auto catalog = pg::readCatalog(**connection, options);
    if (!catalog)
        return tl::unexpected(catalog.error());
    known.catalog = *catalog;
    auto facts = migration::readSchemaFacts(**connection);
    if (!facts)
        return tl::unexpected(facts.error());
    known.facts = std::move(*facts);
    auto lint_facts = migration::readLintFacts(**connection);
    if (!lint_facts)
        return tl::unexpected(lint_facts.error());
    known.lint_facts = std::move(*lint_facts);
    return known;
}

/// Past the last level nothing fails.
int levelOf(const std::string &word)
{
    return word == "info" ? 0 : word == "warning" ? 1 : word == "serious" ? 2 : word == "error" ? 3 : 4;
}

void writeDocument(const nlohmann::ordered_json &document)
{
    output().write(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void print(const std::vector<LintedFile> &files, const std::string &format, const std::string &fail_on, bool is_failed, const std::vector<std::string> &unreadable)
{
    if (format == "json") {
        nlohmann::ordered_json document{{"fail_on", fail_on}, {"failed", is_failed}};
        document.update(lintJson(files));
        document["unreadable"] = unreadable;
        writeDocument(document);
    } else if (format == "sarif") {
        writeDocument(lintSarif(files));
    } else if (format == "gitlab") {
        writeDocument(lintGitlab(files));
    } else {
        const std::size_t columns = terminalColumns(100);
        for (const LintedFile &file : files)
            output().write(lintText(file, columns, stdoutHasColors()));
        output().write(lintSummary(files, stdoutHasColors()));
    }
}

int listRules(const std::string &format)
{
    if (format == "text")
        output().write(lintRulesText(terminalColumns(100), stdoutHasColors()));
    else
        writeDocument(lintRulesJson());
    return exit_ok;
}

int lint(const Context &context, const LintCommandChoice &choice)
{
    const std::string format = context.json ? "json" : choice.format;
    if (choice.list_rules)
        return listRules(format);
    if (choice.files.empty())
        return failed(context, fail(ErrorKind::Usage, "There is no script to check", "Give files, or - for standard input.").value());
    const Work work(context.canceller);
    Known known;
    migration::LintOptions options;
    if (!context.dbname.empty()) {
        auto asked = ask(context);
        if (!asked)
            return failed(context, asked.error());
        known = std::move(*asked);
        options.catalog = known.catalog.get();
        options.facts = &known.facts;
        options.lint_facts = &known.lint_facts;
    }
    options.major = choice.major != 0 ? choice.major : known.major != 0 ? known.major : 17;
    options.assume_in_transaction = choice.in_transaction;
    options.style = choice.style;
    options.only = choice.only;
    options.exclude = choice.exclude;
    std::vector<LintedFile> files;
    std::vector<std::string> unreadable;
    int code = exit_ok;
    for (const std::string &name : choice.files) {
        auto input = readInput(name);
        if (!input) {
            printError(input.error());
            unreadable.push_back(name);
            code = exit_usage;
            continue;
        }
        auto result = migration::lint(input->text, options);
        if (!result)
            return failed(context, result.error());
        for (const migration::LintFinding &finding : result->findings) {
            if (static_cast<int>(finding.severity) >= levelOf(choice.fail_on) && code == exit_ok)
                code = exit_findings;
        }
        files.push_back({name, std::move(*input), std::move(*result)});
    }
    print(files, format, choice.fail_on, code != exit_ok, unreadable);
    return code;
}

} // namespace

Action declareLint(CLI::App &options)
{
    const auto choice = std::make_shared<LintCommandChoice>();
    options.add_option("files", choice->files, "SQL scripts, - for standard input")->type_name("FILE");
    options.add_option("--pg", choice->major, "Major version of the server")->type_name("N")->check(CLI::Range(13, 18));
    options.add_option("--format", choice->format, "text, json, sarif or gitlab")->type_name("F")->check(CLI::IsMember({"text", "json", "sarif", "gitlab"}));
    options.add_option("--fail-on", choice->fail_on, "End with 1 from this level on: info, warning, serious, error, none")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"info", "warning", "serious", "error", "none"}));
    options.add_flag("--assume-in-transaction", choice->in_transaction, "Whatever runs the scripts begins a transaction first");
    options.add_flag("--style", choice->style, "Rules of style too");
    options.add_option("--rule", choice->only, "Only this rule or group of rules")->type_name("NAME")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.add_option("--exclude", choice->exclude, "Not this rule or group of rules")->type_name("NAME")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.add_flag("--list-rules", choice->list_rules, "Name all rules and groups");
    return [choice](const Context &context) { return lint(context, *choice); };
}

} // namespace howdah::cli
