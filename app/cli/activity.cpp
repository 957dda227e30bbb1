// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/activity/activity.h"

#include <chrono>
#include <cmath>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/activity/probes.h"
#include "core/activity/reader.h"
#include "core/activity/to_json.h"
#include "core/base/human.h"

namespace howdah::cli {

const char *const activity_manual = R"(howdah-cli activity [options]

Shows what the server does: sessions that work or wait, who blocks whom, commands
with their progress, and the rates of the last second. It takes a second, because a
rate needs two looks.

  -w, --watch SECONDS  again every so many seconds (1 to 3600), until Ctrl+C
  -n, --count N        stop after N looks
  -a, --all            idle sessions and background processes too
      --json           everything as one line of JSON a look

Exits with 1 when a session waits for a lock, so that a script can ask.

  howdah-cli activity -d demo
  howdah-cli activity -d demo --watch 5 --json | jq -c '.blocking[] | select(.depth == 0)'
)";

namespace {

struct ActivityChoice {
    double watch_s = 0;
    int count = 0;
    bool all = false;
};

std::string rate(double value, const char *unit)
{
    return std::isnan(value) ? std::string("?") : human::compactCount(value) + unit;
}

std::string bytesRate(double value)
{
    return std::isnan(value) ? std::string("?") : human::bytes(std::llround(value)) + "/s";
}

void printFigures(const activity::Activity &now)
{
    const activity::Figures &f = now.figures;
    output().write(fmt::format("{} commits, {} rollbacks · {} WAL · {} temporary files · cache {}\n", rate(f.commits, "/s"),
                               rate(f.rollbacks, "/s"), bytesRate(f.wal_bytes), bytesRate(f.temp_bytes),
                               std::isnan(f.cache_hit) ? std::string("idle") : fmt::format("{:.1f} %", f.cache_hit * 100)));
    output().write(fmt::format("{} of {} connections: {} active, {} waiting, {} idle, {} idle in transaction\n", f.clients,
                               f.max_connections, f.active, f.waiting, f.idle, f.idle_in_transaction));
}

std::string age(double milliseconds)
{
    return milliseconds < 0 ? std::string() : human::duration(milliseconds);
}

std::string oneLine(const std::string &query)
{
    std::string text;
    for (const char c : query) {
        const bool blank = c == '\n' || c == '\t' || c == '\r' || c == ' ';
        if (!blank)
            text += c;
        else if (!text.empty() && text.back() != ' ')
            text += ' ';
    }
    return text;
}

std::string waitText(const activity::Backend &backend)
{
    return backend.wait_event_type.empty() ? std::string() : backend.wait_event_type + ":" + backend.wait_event;
}

void printSessions(const activity::Activity &now, bool all)
{
    std::vector<TableColumn> columns{{"PID", true}, {"Who"}, {"State"}, {"Since", true}, {"Transaction", true}, {"Waits for"}, {"Query"}};
    std::vector<TableRow> rows;
    for (const activity::Backend &backend : now.backends) {
        if (backend.is_own || (!all && (!backend.isClient() || backend.state == "idle")))
            continue;
        const std::string who = backend.user.empty() ? backend.backend_type : backend.user + "@" + backend.database;
        rows.push_back({{std::to_string(backend.pid)},
                        {printable(who)},
                        {printable(backend.state)},
                        {age(backend.state_age_ms)},
                        {age(backend.transaction_age_ms)},
                        {printable(waitText(backend))},
                        {clipped(printable(oneLine(backend.query)), 60)}});
    }
    if (rows.empty()) {
        output().write("Nobody works.\n");
        return;
    }
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
}

void printBlocking(const activity::Activity &now)
{
    for (const activity::BlockingNode &node : now.blocking) {
        const activity::Backend *backend = now.find(node.pid);
        const std::string name = node.pid == 0 ? "prepared transaction" : std::to_string(node.pid);
        const std::string who = backend != nullptr ? " " + printable(backend->user + "@" + backend->database) : std::string();
        const std::string how = node.depth == 0 ? fmt::format(" holds up {}", node.waiting_below)
                                : backend != nullptr ? " waits " + age(backend->wait_ms) : std::string();
        output().write(std::string(static_cast<std::size_t>(node.depth) * 2, ' ') + (node.depth == 0 ? "" : "└ ") +
                       inked(name, node.depth == 0 ? Ink::Red : Ink::Plain, stdoutHasColors()) + who + how + "\n");
    }
}

void printProgress(const activity::Activity &now)
{
    for (const activity::Progress &progress : now.progress) {
        std::string line = fmt::format("{} {} {} · {}", progress.pid, progress.command, printable(progress.relation), progress.phase);
        if (progress.total > 0)
            line += fmt::format(" · {:.0f} %", progress.fraction() * 100);
        if (progress.seconds_left)
            line += " · " + human::duration(*progress.seconds_left * 1000) + " left";
        output().write(line + "\n");
    }
}

void print(const Context &context, const activity::Activity &now, const ActivityChoice &choice)
{
    if (context.json) {
        output().write(activity::toJson(now) + "\n");
    } else {
        printFigures(now);
        printSessions(now, choice.all);
        printBlocking(now);
        printProgress(now);
        for (const std::string &note : now.notes)
            printNote(note);
        if (!now.sees_everything)
            printNote("Sessions of other roles are hidden from this one: GRANT pg_read_all_stats shows them.");
        if (choice.watch_s > 0)
            output().write("\n");
    }
    output().flush();
}

/// False when it was interrupted.
bool pause(std::chrono::duration<double> time)
{
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(time);
    while (Clock::now() < end && interruptedBy() == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return interruptedBy() == 0;
}

int activityOf(const Context &context, const ActivityChoice &choice)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto store = std::make_shared<series::SeriesStore>();
    series::ProbeRound round(activity::probes(), store);
    activity::Reader reader(store);
    bool somebody_waits = false;
    for (int look = 0;; ++look) {
        const auto sample = round.run(**connection);
        if (!sample)
            return interruptedBy() != 0 ? interruptedBy() : failed(context, sample.error());
        const auto now = reader.read(**sample);
        if (look > 0) {
            print(context, *now, choice);
            somebody_waits = now->waiters() > 0;
            if (choice.watch_s <= 0 || look == choice.count || output().broken())
                return somebody_waits ? exit_findings : exit_ok;
        }
        if (!pause(std::chrono::duration<double>(look == 0 ? 1 : choice.watch_s)))
            return interruptedBy();
    }
}

} // namespace

Action declareActivity(CLI::App &options)
{
    const auto choice = std::make_shared<ActivityChoice>();
    options.add_option("-w,--watch", choice->watch_s, "Again every so many seconds")->type_name("SECONDS")->check(CLI::Range(1, 3600));
    options.add_option("-n,--count", choice->count, "Stop after N looks")->type_name("N")->check(CLI::PositiveNumber);
    options.add_flag("-a,--all", choice->all, "Idle sessions and background processes too");
    return [choice](const Context &context) { return activityOf(context, *choice); };
}

} // namespace howdah::cli
