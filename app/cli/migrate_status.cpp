// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/migrate_commands.h"
#include "app/cli/migrate_report.h"
#include "app/cli/output.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"

namespace howdah::cli {

namespace {

using nlohmann::ordered_json;
using namespace howdah::migration;

struct StatusChoice {
    std::int64_t id = 0;
    int events = 20;
    int limit = 100;
    bool now = false;
    std::vector<std::string> limits;
};

void writeDocument(const ordered_json &document)
{
    output().write(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

/// Connects and goes on with the connection; reports what fails.
template <typename Then> int connected(const Context &context, Then then)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    return then(**connection);
}

int status(const Context &context, const StatusChoice &choice, pg::Connection &connection)
{
    std::int64_t id = choice.id;
    if (id == 0) {
        const auto latest = listMigrations(connection, 1);
        if (!latest)
            return failed(context, latest.error());
        if (latest->empty())
            return failed(context, fail(ErrorKind::Usage, "No migration has been run in this database").value());
        id = latest->front().id;
    }
    const auto migration = readMigration(connection, id, choice.events);
    if (!migration)
        return failed(context, migration.error());
    if (context.json)
        writeDocument(migrationJson(*migration, true));
    else
        output().write(migrationText(*migration, stdoutHasColors()));
    return exit_ok;
}

int list(const Context &context, const StatusChoice &choice, pg::Connection &connection)
{
    const auto migrations = listMigrations(connection, choice.limit);
    if (!migrations)
        return failed(context, migrations.error());
    if (context.json) {
        ordered_json document{{"migrations", ordered_json::array()}};
        for (const JournalMigration &migration : *migrations)
            document["migrations"].push_back(migrationJson(migration, false));
        writeDocument(document);
        return exit_ok;
    }
    if (migrations->empty()) {
        output().write("No migration has been run in this database.\n");
        return exit_ok;
    }
    std::vector<TableColumn> columns{{"ID", true}, {"Title"}, {"State"}, {"Steps", true}, {"Who"}, {"Created"}};
    std::vector<TableRow> rows;
    for (const JournalMigration &m : *migrations)
        rows.push_back({{std::to_string(m.id)}, {printable(m.title)}, {m.stateText()}, {fmt::format("{}/{}", m.steps_done, m.steps_total)}, {printable(m.created_by)}, {m.created_at.substr(0, 19)}});
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
    return exit_ok;
}

int throttle(const Context &context, const StatusChoice &choice, pg::Connection &connection)
{
    const auto migration = readMigration(connection, choice.id, 0);
    if (!migration)
        return failed(context, migration.error());
    Throttle limits = migration->throttle;
    for (const std::string &limit : choice.limits) {
        if (auto set = setThrottle(limits, limit); !set)
            return failed(context, set.error());
    }
    if (!choice.limits.empty()) {
        if (auto set = setThrottle(connection, choice.id, limits); !set)
            return failed(context, set.error());
    }
    const auto document = ordered_json::parse(toJson(limits));
    if (context.json) {
        writeDocument({{"migration", choice.id}, {"throttle", document}});
        return exit_ok;
    }
    for (const auto &[name, value] : document.items())
        output().write(fmt::format("{} = {}\n", name, value.is_string() ? printable(value.get<std::string>()) : value.dump()));
    return exit_ok;
}

int pauseIt(const Context &context, const StatusChoice &choice, pg::Connection &connection)
{
    if (auto asked = requestPause(connection, choice.id, choice.now ? JournalRequest::Stop : JournalRequest::Pause); !asked)
        return failed(context, asked.error());
    const auto migration = readMigration(connection, choice.id, 0);
    if (!migration)
        return failed(context, migration.error());
    if (context.json)
        writeDocument(migrationJson(*migration, false));
    else
        output().write(migration->attended ? fmt::format("Asked {} to pause.\n", printable(migration->executor)) : "Nobody runs it: it is " + migration->stateText() + ".\n");
    return exit_ok;
}

using StatusWork = int (*)(const Context &, const StatusChoice &, pg::Connection &);

MigrateCommand command(CLI::App *options, const std::shared_ptr<StatusChoice> &choice, StatusWork work)
{
    return {options, [choice, work](const Context &context) {
                return connected(context, [&](pg::Connection &connection) { return work(context, *choice, connection); });
            }};
}

} // namespace

MigrateCommand declareMigrateStatus(CLI::App &migrate)
{
    const auto choice = std::make_shared<StatusChoice>();
    CLI::App *options = migrate.add_subcommand("status", "Tell where a migration stands");
    options->add_option("id", choice->id, "Number of the migration; the latest without");
    options->add_option("--events", choice->events, "How many events")->type_name("N")->check(CLI::Range(0, 10'000));
    return command(options, choice, status);
}

MigrateCommand declareMigrateList(CLI::App &migrate)
{
    const auto choice = std::make_shared<StatusChoice>();
    CLI::App *options = migrate.add_subcommand("list", "List the migrations of a database");
    options->add_option("--limit", choice->limit, "At most so many, the latest first")->type_name("N")->check(CLI::Range(1, 100'000));
    return command(options, choice, list);
}

MigrateCommand declareMigratePause(CLI::App &migrate)
{
    const auto choice = std::make_shared<StatusChoice>();
    CLI::App *options = migrate.add_subcommand("pause", "Ask whoever runs a migration to pause");
    options->add_option("id", choice->id, "Number of the migration")->required();
    options->add_flag("--now", choice->now, "Cancel the statement at hand");
    return command(options, choice, pauseIt);
}

MigrateCommand declareMigrateThrottle(CLI::App &migrate)
{
    const auto choice = std::make_shared<StatusChoice>();
    CLI::App *options = migrate.add_subcommand("throttle", "Show or change what batches give way to");
    options->add_option("id", choice->id, "Number of the migration")->required();
    options->add_option("limit", choice->limits, "Limits to set")->type_name("NAME=VALUE");
    return command(options, choice, throttle);
}

} // namespace howdah::cli
