// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/migrate_commands.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/migration/dry_run.h"
#include "core/migration/migration_file.h"
#include "core/migration/migration_plan.h"
#include "core/migration/plan_json.h"
#include "core/migration/plan_sql.h"

namespace howdah::cli {

namespace {

using migration::Approach;
using migration::MigrationPlan;
using migration::Phase;
using migration::WantedChange;

struct PlanChoice {
    std::string file;
    std::vector<std::string> operations;
    std::string rename_by;
    std::string back;
    bool no_index = false, sql = false, dry_run = false;
};

void wrapped(std::string &out, const char *head, const std::string &text)
{
    std::size_t at = 0;
    bool first = true;
    while (at < text.size() || first) {
        std::size_t size = std::min<std::size_t>(84, text.size() - at);
        if (at + size < text.size()) {
            const std::size_t blank = text.rfind(' ', at + size);
            size = blank != std::string::npos && blank > at ? blank - at : size;
        }
        out += fmt::format("   {:<10} {}\n", first ? head : "", text.substr(at, size));
        first = false;
        at += size;
        while (at < text.size() && text[at] == ' ')
            ++at;
    }
}

std::string naiveWords(const migration::StatementEffects &naive)
{
    std::string words;
    for (const auto &[relation, lock] : naive.locks)
        words += fmt::format("{}{} on {}", words.empty() ? "" : ", ", lock, printable(relation));
    const auto work = [&](const char *what, const std::vector<std::string> &of) {
        for (const std::string &one : of)
            words += fmt::format("; {} {}", what, printable(one));
    };
    work("rewrites", naive.rewrites);
    work("scans", naive.scans);
    work("builds", naive.builds);
    for (const Error &error : naive.errors)
        words += (words.empty() ? "it fails: " : "; it fails: ") + printable(error.message);
    if (naive.duration_ms && naive.duration_ms->high > 0)
        words += fmt::format("; {} to {}", human::duration(naive.duration_ms->low), human::duration(naive.duration_ms->high));
    return words;
}

void writeWanted(std::string &out, const MigrationPlan &plan, const Input &script, bool colored)
{
    for (const WantedChange &change : plan.wanted) {
        const bool good = change.approach == Approach::LeftAlone || change.approach == Approach::Recipe;
        out += inked(fmt::format("{}: {}", change.line, clipped(printable(change.sql), 94)), Ink::Bold, colored) + "\n";
        const std::string word = change.recipe.empty() ? migration::approachName(change.approach) : "recipe " + change.recipe;
        out += fmt::format("   {}\n", inked(word, good ? Ink::Green : change.approach == Approach::Refused ? Ink::Red : Ink::Yellow, colored));
        if (!change.reason.empty())
            wrapped(out, "why", printable(change.reason));
        if (const std::string naive = naiveWords(change.naive); !naive.empty())
            wrapped(out, "as written", naive);
        for (const std::string &note : change.notes)
            wrapped(out, "note", printable(note));
        for (const Error &error : change.errors)
            out += errorText(error, script, 100, colored);
        out += "\n";
    }
}

void writeSteps(std::string &out, const MigrationPlan &plan, bool colored)
{
    static const char *const names[] = {"Steps", "Expand", "Backfill", "Validate", "Switch", "Contract"};
    const auto &script = plan.script;
    std::size_t deployment = 0;
    int phase = -1;
    for (std::size_t i = 0; i < script.steps.size(); ++i) {
        const migration::ChangeStep &step = script.steps[i];
        if (static_cast<int>(step.phase) != phase) {
            phase = static_cast<int>(step.phase);
            while (deployment < script.deployments.size() && script.deployments[deployment].before <= step.phase)
                wrapped(out, "deploy", inked(printable(script.deployments[deployment++].what), Ink::Yellow, colored));
            out += inked(names[phase], Ink::Bold, colored) + "\n";
        }
        out += fmt::format("{:>3}. {}  {}\n", i + 1, printable(step.title), inked(step.lock_level.empty() ? "no lock" : step.lock_level, step.lock_level == "ACCESS EXCLUSIVE" ? Ink::Red : Ink::Dim, colored));
        const std::string sql = step.batches ? step.batches->batch_sql : step.comparison ? step.comparison->left_sql + "  =  " + step.comparison->right_sql : step.sql;
        wrapped(out, step.batches ? "batches" : step.comparison ? "compare" : "", clipped(printable(sql), 400));
        if (!step.note.empty())
            wrapped(out, "", inked(printable(step.note), Ink::Dim, colored));
    }
}

void writeDryRun(std::string &out, const migration::DryRun &dry)
{
    out += fmt::format("\nDry run on {}: {}\n", dry.place, dry.asPlanned() ? "every step did what the plan says" : "");
    for (std::size_t i = 0; i < dry.steps.size(); ++i) {
        for (const std::string &difference : dry.steps[i].disagreements)
            out += fmt::format("{:>3}. {}\n", i + 1, printable(difference));
        for (const Error &error : dry.steps[i].errors)
            out += fmt::format("{:>3}. it failed: {}\n", i + 1, printable(error.text()));
    }
}

nlohmann::ordered_json dryJson(const migration::DryRun &dry)
{
    nlohmann::ordered_json out{{"place", dry.place}, {"as_planned", dry.asPlanned()}, {"steps", nlohmann::ordered_json::array()}};
    for (const migration::DryStep &step : dry.steps) {
        nlohmann::ordered_json one{{"disagreements", step.disagreements}, {"errors", nlohmann::ordered_json::array()}};
        for (const Error &error : step.errors)
            one["errors"].push_back(errorJson(error, {}));
        out["steps"].push_back(std::move(one));
    }
    return out;
}

int print(const Context &context, const PlanChoice &choice, const MigrationPlan &plan, const Input &script, const migration::DryRun *dry)
{
    if (context.json) {
        auto document = migration::planJson(plan);
        if (dry != nullptr)
            document["dry_run"] = dryJson(*dry);
        output().write(document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    } else if (choice.sql) {
        output().write(migration::planSql(plan.script));
        for (const WantedChange &change : plan.wanted) {
            for (const Error &error : change.errors)
                printError(error, script);
        }
    } else {
        writeWanted(output().buffer(), plan, script, stdoutHasColors());
        writeSteps(output().buffer(), plan, stdoutHasColors());
        if (dry != nullptr)
            writeDryRun(output().buffer(), *dry);
        output().settle();
    }
    for (const WantedChange &change : plan.wanted) {
        if (std::any_of(change.errors.begin(), change.errors.end(), [](const Error &error) { return error.kind == ErrorKind::Parse; }))
            return exit_usage;
    }
    return plan.complete() && (dry == nullptr || dry->asPlanned()) ? exit_ok : exit_findings;
}

int makePlan(const Context &context, const PlanChoice &choice)
{
    Input script;
    if (choice.operations.empty() == choice.file.empty())
        return failed(context, fail(ErrorKind::Usage, "Say what is wanted: a file, - for standard input, or --op", "See howdah-cli help migrate").value());
    if (!choice.file.empty()) {
        auto read = readInput(choice.file);
        if (!read)
            return failed(context, read.error());
        script = std::move(*read);
        migration::MigrationFile file = migration::readMigrationFile(script.text);
        for (const std::string &note : file.notes)
            printNote(note);
        script.text = std::move(file.forward);
    }
    for (const std::string &operation : choice.operations)
        script.text += operation + ";\n";
    if (context.dbname.empty())
        return failed(context, fail(ErrorKind::Usage, "A plan needs the catalog of the database", "Name it with -d").value());
    migration::PlanOptions options;
    options.rename_by = choice.rename_by == "view" ? migration::RenameBy::View : choice.rename_by == "trigger" ? migration::RenameBy::Trigger : migration::RenameBy::Usual;
    options.back = choice.back;
    options.index_foreign_keys = !choice.no_index;
    const Work work(context.canceller);
    pg::ConnectionSpec spec;
    auto connection = connect(context, &spec);
    if (!connection)
        return failed(context, connection.error());
    const auto plan = migration::planMigration(**connection, script.text, options);
    if (!plan)
        return failed(context, plan.error());
    if (!choice.dry_run)
        return print(context, choice, *plan, script, nullptr);
    const auto dry = migration::dryRun(**connection, spec, *plan);
    if (!dry)
        return failed(context, dry.error());
    return print(context, choice, *plan, script, &*dry);
}

} // namespace

MigrateCommand declareMigratePlan(CLI::App &migrate)
{
    const auto choice = std::make_shared<PlanChoice>();
    CLI::App *options = migrate.add_subcommand("plan", "Turn DDL into steps that keep nobody waiting");
    options->add_option("file", choice->file, "DDL, - for standard input")->type_name("FILE");
    options->add_option("--op", choice->operations, "A statement instead of a file; may be repeated")->type_name("SQL")->allow_extra_args(false);
    options->add_option("--rename-by", choice->rename_by, "How both names of a renamed column or table work: trigger or view")->type_name("HOW")->check(CLI::IsMember({"trigger", "view"}));
    options->add_option("--back", choice->back, "Of a type change with USING: the old value out of the new one")->type_name("EXPRESSION");
    options->add_flag("--no-fk-index", choice->no_index, "Build no index on the columns of a foreign key");
    options->add_flag("--dry-run", choice->dry_run, "Run the steps on an empty copy of the schema too and compare");
    options->add_flag("--sql", choice->sql, "The script as SQL with comments");
    return {options, [choice](const Context &context) { return makePlan(context, *choice); }};
}

} // namespace howdah::cli
