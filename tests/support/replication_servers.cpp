// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/replication_servers.h"

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <unistd.h>

#include "core/base/subprocess.h"
#include "support/cluster_template.h"

namespace howdah::test {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

[[noreturn]] void giveUp(const std::string &what)
{
    std::fprintf(stderr, "replication server: %s\n", what.c_str());
    std::abort();
}

fs::path makeScratch()
{
    std::array<char, 32> name{"/tmp/howdah-repl-XXXXXX"};
    if (mkdtemp(name.data()) == nullptr)
        giveUp("cannot make a folder below /tmp");
    fs::permissions(name.data(), fs::perms::owner_all | fs::perms::others_exec | fs::perms::group_exec);
    return name.data();
}

const ReplicationServer::Settings usual{{"shared_buffers", "16MB"},   {"max_connections", "40"}, {"jit", "off"},
                                        {"autovacuum", "off"},        {"wal_level", "logical"},  {"max_wal_senders", "12"},
                                        {"min_wal_size", "32MB"},     {"max_wal_size", "4GB"},   {"wal_keep_size", "0"},
                                        {"checkpoint_timeout", "1h"}, {"log_min_messages", "warning"},
                                        {"wal_retrieve_retry_interval", "500ms"}, {"full_page_writes", "on"},
                                        {"synchronous_commit", "on"}};

} // namespace

ReplicationServer::ReplicationServer() : folder_(makeScratch()) {}

ReplicationServer::~ReplicationServer()
{
    if (cluster_)
        static_cast<void>(cluster_->stop(cluster::LocalCluster::StopMode::Immediate));
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
}

void ReplicationServer::start()
{
    if (cluster_) {
        // On the port that it had.
        if (auto started = cluster_->restart(); !started)
            giveUp(started.error().text());
        return;
    }
    const auto installation = cluster::findInstallation(major_);
    if (!installation)
        giveUp("PostgreSQL " + std::to_string(major_) + " is not installed; packaging/setup installs it");
    cluster::ClusterOptions options;
    options.folder = folder_;
    options.durable = false;
    options.listen_tcp = true;
    options.settings = settings_;
    auto started = cluster::LocalCluster::start(*installation, options);
    if (!started)
        giveUp(started.error().text());
    cluster_ = std::move(*started);
}

void ReplicationServer::stop(cluster::LocalCluster::StopMode mode)
{
    if (auto stopped = cluster_->stop(mode); !stopped)
        giveUp(stopped.error().text());
}

std::unique_ptr<ReplicationServer> ReplicationServer::primary(int major, const Settings &settings, bool own_identity)
{
    std::unique_ptr<ReplicationServer> server(new ReplicationServer);
    server->major_ = major;
    server->settings_ = usual;
    for (const auto &[name, value] : settings)
        server->settings_[name] = value;
    const auto installation = cluster::findInstallation(major);
    if (installation && !own_identity)
        copyTemplate(*installation, server->folder_);
    server->start();
    return server;
}

/// As pg_basebackup does it, where only the server itself is installed: the files between the begin and the end of a
/// backup. The WAL since then comes through the slot.
void ReplicationServer::copyFiles(const ReplicationServer &upstream, const fs::path &target, const std::string &slot, const std::string &application_name)
{
    const auto connection = upstream.open();
    const auto ask = [&connection](const std::string &sql) {
        const auto outcome = connection->query(sql);
        if (!outcome)
            giveUp(sql + ": " + outcome.error().text());
        return std::string(outcome->result->cell(0, 0).text);
    };
    if (!slot.empty())
        ask("SELECT pg_create_physical_replication_slot('" + slot + "', true)");
    ask("SELECT pg_backup_start('copy', true)");
    Command copy{"/bin/cp", {"-a", upstream.data().string(), target.string()}, {}, {}, {}};
    if (const auto outcome = runCommand(copy); !outcome || outcome->exit_code > 1)
        giveUp("cp has failed");
    const std::string label = ask("SELECT labelfile FROM pg_backup_stop(false)");
    for (const char *left_out : {"pg_wal", "pg_replslot"}) {
        for (const fs::directory_entry &entry : fs::directory_iterator(target / left_out))
            fs::remove_all(entry.path());
    }
    fs::create_directory(target / "pg_wal" / "archive_status");
    fs::remove(target / "postmaster.pid");
    std::ofstream(target / "backup_label") << label;
    if (!slot.empty()) {
        std::string conninfo;
        for (const char c : upstream.conninfo() + " application_name=" + application_name)
            conninfo += c == '\'' ? std::string("''") : std::string(1, c);
        std::ofstream(target / "standby.signal");
        std::ofstream(target / "postgresql.auto.conf", std::ios::app) << "primary_conninfo = '" << conninfo << "'\nprimary_slot_name = '" << slot << "'\n";
    }
    if (auto given = giveToServiceAccount(target); !given)
        giveUp(given.error().text());
}

std::unique_ptr<ReplicationServer> ReplicationServer::copyOf(ReplicationServer &upstream, const std::vector<std::string> &arguments, const std::string &application_name)
{
    std::unique_ptr<ReplicationServer> server(new ReplicationServer);
    server->major_ = upstream.major_;
    server->settings_ = upstream.settings_;
    if (auto given = giveToServiceAccount(server->folder_); !given)
        giveUp(given.error().text());
    if (!fs::exists(upstream.cluster_->installation().bin / "pg_basebackup")) {
        copyFiles(upstream, server->data(), arguments.empty() ? std::string() : arguments.back(), application_name);
        return server;
    }
    Command copy;
    copy.program = upstream.cluster_->installation().bin / "pg_basebackup";
    copy.arguments = {"-D", server->data().string(), "-X", "stream", "-c", "fast", "-w", "--no-sync", "-d",
                      upstream.conninfo() + (application_name.empty() ? "" : " application_name=" + application_name)};
    copy.arguments.insert(copy.arguments.end(), arguments.begin(), arguments.end());
    copy.account = serviceAccount();
    const auto outcome = runCommand(copy);
    if (!outcome || outcome->exit_code != 0)
        giveUp("pg_basebackup: " + (outcome ? outcome->output : outcome.error().text()));
    return server;
}

std::unique_ptr<ReplicationServer> ReplicationServer::standby(ReplicationServer &upstream, const std::string &name, const Settings &settings)
{
    auto server = copyOf(upstream, {"-R", "-C", "-S", name}, name);
    server->settings_["cluster_name"] = name;
    for (const auto &[key, value] : settings)
        server->settings_[key] = value;
    server->start();
    return server;
}

std::unique_ptr<ReplicationServer> ReplicationServer::copyWithoutSignal(ReplicationServer &upstream)
{
    auto server = copyOf(upstream, {}, {});
    server->start();
    return server;
}

std::string ReplicationServer::conninfo(const std::string &database) const
{
    return cluster_->conninfo(database);
}

std::unique_ptr<pg::Connection> ReplicationServer::open(const std::string &database) const
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo(database);
    auto connection = pg::Connection::open(spec);
    if (!connection)
        giveUp(connection.error().text());
    return std::move(*connection);
}

void ReplicationServer::run(const std::string &script, const std::string &database) const
{
    if (const auto outcome = open(database)->run(script); outcome.error)
        giveUp(script + ": " + outcome.error->text());
}

std::string ReplicationServer::ask(const std::string &sql, const std::string &database) const
{
    const auto outcome = open(database)->query(sql);
    if (!outcome)
        giveUp(sql + ": " + outcome.error().text());
    return outcome->result && outcome->result->rowCount() > 0 ? std::string(outcome->result->cell(0, 0).text) : std::string();
}

bool ReplicationServer::waitFor(const std::string &sql, int milliseconds, const std::string &database) const
{
    const auto connection = open(database);
    const auto give_up = Clock::now() + std::chrono::milliseconds(milliseconds);
    while (Clock::now() < give_up) {
        const auto outcome = connection->query(sql);
        if (outcome && outcome->result && outcome->result->rowCount() > 0 && outcome->result->cell(0, 0).text == "t")
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

struct Watcher::State {
    std::mutex mutex;
    std::condition_variable changed;
    std::shared_ptr<const replication::Overview> last;
};

Watcher::Watcher(const std::vector<std::pair<std::string, std::string>> &nodes, replication::Limits limits, std::set<std::string> expected)
    : state_(std::make_shared<State>())
{
    std::vector<replication::Monitor::Source> sources;
    for (const auto &[name, conninfo] : nodes) {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        spec.read_only = true;
        sources.push_back({name, std::make_shared<pg::Session>(spec)});
    }
    monitor_ = std::make_unique<replication::Monitor>(std::move(sources), limits, std::move(expected));
    monitor_->setTick(std::chrono::milliseconds(1000));
    monitor_->start([state = state_](std::shared_ptr<const replication::Overview> overview) {
        const std::lock_guard lock(state->mutex);
        state->last = std::move(overview);
        state->changed.notify_all();
    });
}

Watcher::~Watcher()
{
    monitor_->stop();
}

std::shared_ptr<const replication::Overview> Watcher::waitFor(const std::function<bool(const replication::Overview &)> &holds, int milliseconds)
{
    const auto began = Clock::now();
    std::unique_lock lock(state_->mutex);
    const bool held = state_->changed.wait_for(lock, std::chrono::milliseconds(milliseconds), [&] { return state_->last && holds(*state_->last); });
    last_wait_ms_ = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
    return held ? state_->last : nullptr;
}

std::optional<replication::Alert> Watcher::waitForAlert(const std::string &rule, const std::string &node, int milliseconds, const std::string &subject)
{
    std::optional<replication::Alert> found;
    waitFor([&](const replication::Overview &overview) {
        for (const replication::Alert &alert : overview.alerts) {
            if (alert.rule == rule && (node.empty() || alert.node == node) && (subject.empty() || alert.subject == subject)) {
                found = alert;
                return true;
            }
        }
        return false;
    }, milliseconds);
    return found;
}

bool Watcher::waitUntilGone(const std::string &rule, const std::string &node, int milliseconds)
{
    return waitFor([&](const replication::Overview &overview) {
        for (const replication::Alert &alert : overview.alerts) {
            if (alert.rule == rule && (node.empty() || alert.node == node))
                return false;
        }
        return true;
    }, milliseconds) != nullptr;
}

std::shared_ptr<const replication::Overview> Watcher::looked(int times, int milliseconds)
{
    std::map<std::string, std::pair<series::TimeMs, int>> looks;
    return waitFor([&](const replication::Overview &overview) {
        bool all = true;
        for (const auto &node : overview.nodes) {
            auto &[time_ms, count] = looks[node->name];
            if (node->sampled && node->time_ms != time_ms) {
                time_ms = node->time_ms;
                ++count;
            }
            all = all && (count >= times || node->isLost());
        }
        return all;
    }, milliseconds);
}

std::string Watcher::alerts()
{
    const std::lock_guard lock(state_->mutex);
    std::string text;
    if (state_->last) {
        for (const replication::Alert &alert : state_->last->alerts)
            text += alert.rule + " " + alert.node + " " + alert.subject + ": " + alert.figure + "\n";
    }
    return text;
}

} // namespace howdah::test
