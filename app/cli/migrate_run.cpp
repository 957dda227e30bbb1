// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/migrate_commands.h"
#include "app/cli/migrate_report.h"
#include "app/cli/output.h"
#include "core/migration/script_json.h"

namespace howdah::cli {

namespace {

using namespace howdah::migration;

struct RunChoice {
    std::string file;
    std::int64_t id = 0;
    bool journal = false;
    bool yes = false;
    std::vector<std::string> limits;
    ExecutorOptions options;
};

void addRunOptions(CLI::App &options, RunChoice &choice)
{
    options.add_flag("-y,--yes", choice.yes, "Do not ask");
    options.add_flag("--deployed", choice.options.deployed, "Everything to be deployed is: do not stop for it");
    options.add_option("--limit", choice.limits, "What batches give way to")->type_name("NAME=VALUE");
    options.add_option("--lock-timeout", choice.options.locks.timeout_ms, "Of the first tries for a lock")->type_name("MS")->check(CLI::Range(1.0, 60'000.0));
    options.add_option("--give-up", choice.options.locks.give_up_s, "Fail when a lock was not had in that time")->type_name("S")->check(CLI::Range(0.0, 1e6));
    options.add_option("--max-queued", choice.options.locks.max_queued, "Give a try up when more sessions wait behind it")->type_name("N")->check(CLI::Range(1, 10'000));
    options.add_option("--reconnect", choice.options.reconnect_s, "Try that long to get a lost connection back")->type_name("S")->check(CLI::Range(0.0, 1e6));
}

/// From the terminal itself, since standard input may be the script. Nothing: there is none.
std::optional<bool> ask(const std::string &question)
{
    const int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0)
        return {};
    dprintf(terminal, "%s [y/N] ", question.c_str());
    char first = 0;
    char c = 0;
    while (read(terminal, &c, 1) == 1 && c != '\n') {
        if (first == 0)
            first = c;
    }
    close(terminal);
    return first == 'y' || first == 'Y';
}

/// True when it may go on; otherwise `code` is the exit code.
bool allowed(const Context &context, bool yes, const std::string &question, int &code)
{
    if (yes)
        return true;
    const auto answer = ask(question);
    if (!answer) {
        code = failed(context, fail(ErrorKind::Usage, "There is no terminal to ask at", "Read what was shown, and give --yes.").value());
        return false;
    }
    if (!*answer) {
        printNote("Nothing was run.");
        code = exit_findings;
    }
    return *answer;
}

void show(const Context &context, const std::string &sql)
{
    if (context.json) {
        std::fputs(sql.c_str(), stderr);
        return;
    }
    output().write(sql);
    output().flush();
}

Result<Throttle> throttleOf(const RunChoice &choice, Throttle throttle)
{
    for (const std::string &limit : choice.limits) {
        if (auto set = setThrottle(throttle, limit); !set)
            return tl::unexpected(set.error());
    }
    return throttle;
}

/// The journal is only made when the user says so.
bool haveJournal(const Context &context, const RunChoice &choice, pg::Connection &connection, int &code)
{
    const auto exists = journalExists(connection);
    if (!exists) {
        code = failed(context, exists.error());
        return false;
    }
    if (*exists)
        return true;
    if (!choice.journal) {
        const auto answer = ask("There is no journal in this database yet: the schema \"howdah\" with four tables. Make it?");
        if (!answer) {
            code = failed(context, fail(ErrorKind::Usage, "There is no journal in this database", "--journal makes one: the schema \"howdah\" with four tables.").value());
            return false;
        }
        if (!*answer) {
            printNote("Nothing was run.");
            code = exit_findings;
            return false;
        }
    }
    if (auto made = createJournal(connection); !made) {
        code = failed(context, made.error());
        return false;
    }
    return true;
}

int executeIt(const Context &context, const RunChoice &choice, const pg::ConnectionSpec &spec, std::int64_t id, const ChangeScript &script, bool backward)
{
    EventWriter writer(context.json, id, script);
    const RunObserver observer = [&](const RunEvent &event) { writer.write(event); };
    const Execution execution = backward ? rollBack(spec, context.canceller, id, choice.options, observer) : execute(spec, context.canceller, id, choice.options, observer);
    return writer.end(execution, backward);
}

int run(const Context &context, const RunChoice &choice)
{
    const auto input = readInput(choice.file);
    if (!input)
        return failed(context, input.error());
    const auto script = readScript(input->text);
    if (!script)
        return failed(context, script.error());
    if (auto unfit = unfitForJournal(*script))
        return failed(context, *unfit);
    const auto throttle = throttleOf(choice, {});
    if (!throttle)
        return failed(context, throttle.error());
    const Work work(context.canceller);
    pg::ConnectionSpec spec;
    const auto connection = connect(context, &spec);
    if (!connection)
        return failed(context, connection.error());
    if ((*connection)->facts().in_recovery || (*connection)->facts().read_only)
        return failed(context, fail(ErrorKind::Usage, (*connection)->facts().in_recovery ? "This server is a standby: a migration runs on the primary" : "This connection is read-only").value());
    int code = exit_ok;
    show(context, script->toSql());
    for (const Deployment &deployment : script->deployments)
        show(context, fmt::format("-- Before {}: {}\n", word(deployment.before), deployment.what));
    if (!allowed(context, choice.yes, fmt::format("Run these {} steps on {}?", script->steps.size(), (*connection)->facts().database), code))
        return code;
    if (!haveJournal(context, choice, **connection, code))
        return code;
    const auto id = addMigration(**connection, *script, *throttle);
    if (!id)
        return failed(context, id.error());
    return executeIt(context, choice, spec, *id, *script, false);
}

int goOn(const Context &context, const RunChoice &choice, bool backward)
{
    const Work work(context.canceller);
    pg::ConnectionSpec spec;
    const auto connection = connect(context, &spec);
    if (!connection)
        return failed(context, connection.error());
    const auto migration = readMigration(**connection, choice.id, 0);
    if (!migration)
        return failed(context, migration.error());
    if (!choice.limits.empty()) {
        const auto throttle = throttleOf(choice, migration->throttle);
        if (!throttle)
            return failed(context, throttle.error());
        if (auto set = setThrottle(**connection, choice.id, *throttle); !set)
            return failed(context, set.error());
    }
    if (backward) {
        std::string sql;
        for (std::size_t i = migration->steps.size(); i-- > 0;) {
            const ChangeStep &step = migration->script.steps[i];
            if (migration->steps[i].state != JournalStepState::Waiting && migration->steps[i].state != JournalStepState::Undone && !step.undo_sql.empty())
                sql += fmt::format("-- Take back {}. {}\n{}{}\n", i + 1, step.title, step.undo_sql, step.undo_sql.ends_with(';') ? "" : ";");
        }
        show(context, sql);
        int code = exit_ok;
        if (!allowed(context, choice.yes, fmt::format("Roll migration {} back?", choice.id), code))
            return code;
    }
    return executeIt(context, choice, spec, choice.id, migration->script, backward);
}

} // namespace

MigrateCommand declareMigrateRun(CLI::App &migrate)
{
    const auto choice = std::make_shared<RunChoice>();
    CLI::App *options = migrate.add_subcommand("run", "Run a change script with a journal");
    options->add_option("file", choice->file, "Change script as JSON, - for standard input")->type_name("FILE")->required();
    options->add_flag("--journal", choice->journal, "Make the journal's tables where they are not there yet");
    addRunOptions(*options, *choice);
    return {options, [choice](const Context &context) { return run(context, *choice); }};
}

MigrateCommand declareMigrateResume(CLI::App &migrate)
{
    const auto choice = std::make_shared<RunChoice>();
    CLI::App *options = migrate.add_subcommand("resume", "Go on where a migration stands");
    options->add_option("id", choice->id, "Number of the migration")->required();
    addRunOptions(*options, *choice);
    return {options, [choice](const Context &context) { return goOn(context, *choice, false); }};
}

MigrateCommand declareMigrateRollback(CLI::App &migrate)
{
    const auto choice = std::make_shared<RunChoice>();
    CLI::App *options = migrate.add_subcommand("rollback", "Take a migration back");
    options->add_option("id", choice->id, "Number of the migration")->required();
    addRunOptions(*options, *choice);
    return {options, [choice](const Context &context) { return goOn(context, *choice, true); }};
}

} // namespace howdah::cli
