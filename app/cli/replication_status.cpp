// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/replication_commands.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/replication/monitor.h"
#include "core/replication/to_json.h"

namespace howdah::cli {

namespace {

using namespace howdah::replication;
using Clock = std::chrono::steady_clock;

struct StatusChoice {
    std::vector<std::string> nodes;
    std::vector<std::string> expected;
    std::vector<std::string> limits;
    int looks = 3;
    double interval_s = 2;
    int count = 0;
};

/// The newest overview, and how often each node was heard.
class Latest
{
public:
    void take(std::shared_ptr<const Overview> overview)
    {
        const std::lock_guard lock(mutex_);
        for (const auto &node : overview->nodes) {
            Heard &heard = heard_[node->name];
            if (node->sampled && node->time_ms != heard.time_ms) {
                heard.time_ms = node->time_ms;
                ++heard.looks;
            }
            heard.lost = node->isLost();
        }
        overview_ = std::move(overview);
        ++number_;
        changed_.notify_all();
    }
    /// Every node was looked at that often, or is lost.
    [[nodiscard]] bool isComplete(int looks)
    {
        const std::lock_guard lock(mutex_);
        return overview_ && std::all_of(overview_->nodes.begin(), overview_->nodes.end(), [&](const auto &node) {
            const Heard &heard = heard_[node->name];
            return heard.lost || heard.looks >= looks;
        });
    }
    [[nodiscard]] std::shared_ptr<const Overview> overview(long *number = nullptr)
    {
        const std::lock_guard lock(mutex_);
        if (number != nullptr)
            *number = number_;
        return overview_;
    }

private:
    struct Heard {
        series::TimeMs time_ms = 0;
        int looks = 0;
        bool lost = false;
    };
    std::mutex mutex_;
    std::condition_variable changed_;
    std::shared_ptr<const Overview> overview_;
    std::map<std::string, Heard> heard_;
    long number_ = 0;
};

Result<std::vector<Monitor::Source>> sourcesOf(const Context &context, const StatusChoice &choice)
{
    std::vector<std::pair<std::string, bool>> places; // where, and whether --ssh holds
    if (!context.dbname.empty() || choice.nodes.empty())
        places.emplace_back(context.dbname, true);
    for (const std::string &node : choice.nodes)
        places.emplace_back(node, false);
    std::vector<Monitor::Source> sources;
    std::vector<std::string> names;
    for (const auto &[where, ssh] : places) {
        auto spec = connectionSpec(context, where, ssh);
        if (!spec)
            return tl::unexpected(spec.error());
        // It only looks, so the server may as well hold it to that.
        spec->read_only = true;
        names.push_back(nodeName(spec->conninfo, names));
        sources.push_back({names.back(), std::make_shared<pg::Session>(std::move(*spec))});
    }
    return sources;
}

Result<Limits> limitsOf(const StatusChoice &choice)
{
    Limits limits;
    for (const std::string &text : choice.limits) {
        const std::size_t equals = text.find('=');
        char *end = nullptr;
        const std::string value = equals == std::string::npos ? std::string() : text.substr(equals + 1);
        const double number = std::strtod(value.c_str(), &end);
        if (value.empty() || *end != '\0' || !setLimit(limits, text.substr(0, equals), number)) {
            std::string names;
            for (const std::string &name : limitNames())
                names += (names.empty() ? "" : ", ") + name;
            return fail(ErrorKind::Usage, "There is no limit \"" + text + "\"", "NAME=NUMBER, of: " + names);
        }
    }
    return limits;
}

std::string lagText(const Sender *sender)
{
    if (sender == nullptr)
        return {};
    const Lag &lag = sender->lag[static_cast<int>(Stage::Replay)];
    if (lag.bytes < 0)
        return "?";
    return human::bytes(lag.bytes) + (lag.ms >= 0 ? " · " + human::duration(lag.ms) : std::string());
}

void printTable(std::vector<TableColumn> columns, const std::vector<TableRow> &rows)
{
    if (rows.empty())
        return;
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
    output().write("\n");
}

void printNodes(const Overview &now)
{
    std::vector<TableRow> rows;
    for (const Place &place : now.topology.places) {
        if (!place.node)
            continue;
        const Node &node = *place.node;
        std::string role = place.role == Role::Primary ? "primary" : place.role == Role::Standby ? place.cascades ? "standby, cascades" : "standby" : "?";
        role += place.publishes ? ", publisher" : "";
        role += place.subscribes ? ", subscriber" : "";
        rows.push_back({{printable(node.name)},
                        {node.isLost() ? "lost" : role},
                        {node.server ? printable(node.server->version) : std::string()},
                        {node.timeline > 0 ? std::to_string(node.timeline) : std::string()},
                        {lsnText(node.in_recovery ? node.replay_lsn : node.lsn)},
                        {node.wal_rate == node.wal_rate ? human::bytes(static_cast<std::int64_t>(node.wal_rate)) + "/s" : std::string()}});
    }
    printTable({{"Node"}, {"Role"}, {"Version"}, {"Timeline", true}, {"LSN", true}, {"WAL", true}}, rows);
}

void printLinks(const Overview &now)
{
    std::vector<TableRow> rows;
    for (const Link &link : now.topology.links)
        rows.push_back({{printable(now.topology.places[static_cast<std::size_t>(link.upstream)].name)},
                        {printable(now.topology.places[static_cast<std::size_t>(link.downstream)].name)},
                        {link.kind == LinkKind::Streaming ? "streaming" : "logical"},
                        {printable(link.words)},
                        {lagText(link.sender)},
                        {link.slot == nullptr ? std::string() : printable(link.slot->name)}});
    printTable({{"From"}, {"To"}, {"Kind"}, {"State"}, {"Replay lag", true}, {"Slot"}}, rows);
}

void printSlots(const Overview &now)
{
    std::vector<TableRow> rows;
    for (const SlotForecast &forecast : now.forecast.slots) {
        const Node *node = now.node(forecast.node);
        const Slot *slot = node == nullptr ? nullptr : node->slot(forecast.slot);
        if (slot == nullptr)
            continue;
        rows.push_back({{printable(slot->name)}, {printable(forecast.node)}, {slot->type}, {slot->active ? "yes" : "no"}, {slot->wal_status},
                        {slot->retained_bytes < 0 ? std::string() : human::bytes(slot->retained_bytes)}, {forecast.words}});
    }
    printTable({{"Slot"}, {"Node"}, {"Type"}, {"Active"}, {"WAL status"}, {"Retained", true}, {"Lost in"}}, rows);
}

void printAlerts(const Overview &now)
{
    for (const Alert &alert : now.alerts) {
        const Ink ink = alert.severity == Severity::Critical ? Ink::Red : alert.severity == Severity::Warning ? Ink::Yellow : Ink::Cyan;
        output().write(inked(severityName(alert.severity), ink, stdoutHasColors()) + "  " + printable(alert.title) + "\n");
        output().write("  " + printable(alert.figure) + " (limit: " + printable(alert.limit) + ", rule " + alert.rule + ")\n");
        output().write("  " + printable(alert.message) + "\n  " + printable(alert.action) + "\n");
        if (alert.script) {
            for (const migration::ChangeStep &step : alert.script->steps)
                output().write("    " + printable(step.sql) + ";\n");
        }
    }
    if (now.alerts.empty())
        output().write("Nothing is wrong.\n");
}

void print(const Context &context, const Overview &now)
{
    if (context.json) {
        output().write(toJson(now) + "\n");
    } else {
        printNodes(now);
        printLinks(now);
        printSlots(now);
        printAlerts(now);
        for (const auto &node : now.nodes) {
            for (const std::string &note : node->notes)
                printNote(node->name + ": " + note);
        }
    }
    output().flush();
}

bool isWrong(const Overview &now)
{
    return std::any_of(now.alerts.begin(), now.alerts.end(), [](const Alert &alert) { return alert.severity != Severity::Info; });
}

struct Looking {
    std::unique_ptr<Monitor> monitor;
    std::shared_ptr<Latest> latest = std::make_shared<Latest>();
};

Result<Looking> look(const Context &context, const StatusChoice &choice, double tick_s)
{
    auto sources = sourcesOf(context, choice);
    if (!sources)
        return tl::unexpected(sources.error());
    const auto limits = limitsOf(choice);
    if (!limits)
        return tl::unexpected(limits.error());
    Looking looking;
    looking.monitor = std::make_unique<Monitor>(std::move(*sources), *limits, std::set<std::string>(choice.expected.begin(), choice.expected.end()));
    looking.monitor->setTick(std::chrono::milliseconds(static_cast<std::int64_t>(tick_s * 1000)));
    looking.monitor->start([latest = looking.latest](std::shared_ptr<const Overview> overview) { latest->take(std::move(overview)); });
    return looking;
}

/// The error of the whole when nobody could be reached at all.
std::optional<Error> nobody(const Overview &now)
{
    for (const auto &node : now.nodes) {
        if (node->sampled)
            return {};
    }
    return now.nodes.empty() ? std::nullopt : std::optional(now.nodes.front()->error);
}

int status(const Context &context, const StatusChoice &choice)
{
    const auto looking = look(context, choice, 1);
    if (!looking)
        return failed(context, looking.error());
    const auto give_up = Clock::now() + std::chrono::seconds(25 + choice.looks);
    while (!looking->latest->isComplete(choice.looks) && Clock::now() < give_up && interruptedBy() == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    looking->monitor->stop();
    if (interruptedBy() != 0)
        return interruptedBy();
    const auto now = looking->latest->overview();
    if (!now)
        return failed(context, fail(ErrorKind::Connection, "No node has answered").value());
    if (const auto error = nobody(*now))
        return failed(context, *error);
    print(context, *now);
    return isWrong(*now) ? exit_findings : exit_ok;
}

int watch(const Context &context, const StatusChoice &choice)
{
    const auto looking = look(context, choice, std::clamp(choice.interval_s, 1.0, 10.0));
    if (!looking)
        return failed(context, looking.error());
    const auto give_up = Clock::now() + std::chrono::seconds(15);
    while (!looking->latest->isComplete(1) && Clock::now() < give_up && interruptedBy() == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    bool wrong = false;
    for (int shown = 1; interruptedBy() == 0; ++shown) {
        const auto now = looking->latest->overview();
        if (now) {
            print(context, *now);
            wrong = isWrong(*now);
        }
        if (shown == choice.count || output().broken() || !pauseFor(choice.interval_s))
            break;
    }
    looking->monitor->stop();
    return interruptedBy() != 0 ? interruptedBy() : wrong ? exit_findings : exit_ok;
}

void declareNodes(CLI::App &options, StatusChoice &choice)
{
    options.add_option("--node", choice.nodes, "Another node to look at; may be given again")->type_name("CONNINFO")->allow_extra_args(false);
    options.add_option("--expect", choice.expected, "A standby that must be there, by application_name or slot")->type_name("NAME")->allow_extra_args(false);
    options.add_option("--limit", choice.limits, "Another limit for a rule")->type_name("NAME=VALUE")->allow_extra_args(false);
}

} // namespace

bool pauseFor(double seconds)
{
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    while (Clock::now() < end && interruptedBy() == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return interruptedBy() == 0;
}

ReplicationCommand declareReplicationStatus(CLI::App &replication)
{
    CLI::App *options = replication.add_subcommand("status", "Look at all nodes and judge them");
    options->fallthrough();
    const auto choice = std::make_shared<StatusChoice>();
    declareNodes(*options, *choice);
    options->add_option("--looks", choice->looks, "How often each node is looked at, a second apart")->type_name("N")->check(CLI::Range(1, 3600));
    return {options, [choice](const Context &context) { return status(context, *choice); }};
}

ReplicationCommand declareReplicationWatch(CLI::App &replication)
{
    CLI::App *options = replication.add_subcommand("watch", "Look again and again");
    options->fallthrough();
    const auto choice = std::make_shared<StatusChoice>();
    declareNodes(*options, *choice);
    options->add_option("--interval", choice->interval_s, "Seconds between looks")->type_name("SECONDS")->check(CLI::Range(1, 3600));
    options->add_option("-n,--count", choice->count, "Stop after N looks")->type_name("N")->check(CLI::PositiveNumber);
    return {options, [choice](const Context &context) { return watch(context, *choice); }};
}

} // namespace howdah::cli
