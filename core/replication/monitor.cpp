// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/monitor.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <mutex>

#include "core/pg/connection_spec.h"
#include "core/replication/probes.h"
#include "core/replication/reader.h"

namespace howdah::replication {

namespace {

series::TimeMs wallMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// A day in stretches of ten seconds, an hour as measured, a few hundred lines: a bounded number of megabytes.
constexpr series::SeriesLimits limits_of_series{3600, 10'000, 8640};

} // namespace

/// What the samplers' threads share.
class Monitor::Shared
{
public:
    struct Entry {
        Entry(const std::string &name, std::shared_ptr<series::SeriesStore> store) : reader(name), series(std::move(store))
        {
            auto node = std::make_shared<Node>();
            node->name = name;
            last = std::move(node);
        }
        Reader reader;
        std::shared_ptr<series::SeriesStore> series;
        std::shared_ptr<const Node> last;
        series::TimeMs heard_ms = wallMs();
    };

    void sampled(std::size_t index, const series::Sample &sample);
    void stateChanged(std::size_t index, series::SamplerState state, const Error &error);

    std::vector<Entry> entries;
    Limits limits;
    std::set<std::string> expected;

    std::mutex mutex; ///< of all that follows, and of entries; held while `changed` is called
    std::function<void(std::shared_ptr<const Overview>)> changed;
    series::TimeMs began_ms = wallMs();
    std::map<std::string, std::set<std::string>> seen;
    std::map<std::string, std::int64_t> first_conflicts;
    std::set<std::string> were_standbys;
    std::map<std::string, series::TimeMs> alert_since;

private:
    void remember(const Node &node);
    void tell();
};

/// What must not vanish silently: receivers that have streamed, and who was a standby.
void Monitor::Shared::remember(const Node &node)
{
    for (const Sender &sender : node.senders) {
        if (sender.state == "streaming" && !sender.logical && !sender.application_name.empty() &&
            sender.application_name != "pg_basebackup" && sender.application_name != "pg_receivewal")
            seen[node.instance].insert(sender.application_name);
    }
    if (node.in_recovery) {
        first_conflicts.emplace(node.instance, node.conflicts.all());
        were_standbys.insert(node.instance);
    }
}

void Monitor::Shared::sampled(std::size_t index, const series::Sample &sample)
{
    const std::lock_guard lock(mutex);
    Entry &entry = entries[index];
    entry.last = entry.reader.read(sample, *entry.series);
    entry.heard_ms = wallMs();
    remember(*entry.last);
    tell();
}

void Monitor::Shared::stateChanged(std::size_t index, series::SamplerState state, const Error &error)
{
    if (state == series::SamplerState::Live || state == series::SamplerState::Stopped)
        return; // a sample follows, or nobody looks
    const std::lock_guard lock(mutex);
    Entry &entry = entries[index];
    auto node = std::make_shared<Node>(*entry.last);
    node->state = state;
    node->error = error;
    entry.last = std::move(node);
    tell();
}

void Monitor::Shared::tell()
{
    if (!changed)
        return;
    auto overview = std::make_shared<Overview>();
    overview->time_ms = wallMs();
    Situation situation;
    for (Entry &entry : entries) {
        std::shared_ptr<const Node> node = entry.last;
        if (node->isLost()) {
            auto silent = std::make_shared<Node>(*node);
            silent->silent_ms = static_cast<double>(overview->time_ms - entry.heard_ms);
            node = std::move(silent);
        } else {
            overview->server_ms = std::max(overview->server_ms, node->server_ms);
        }
        overview->nodes.push_back(std::move(node));
    }
    situation.series = [this](const std::string &name) -> const series::SeriesStore * {
        for (const Entry &entry : entries) {
            if (entry.last->name == name)
                return entry.series.get();
        }
        return nullptr;
    };
    situation.nodes = overview->nodes;
    situation.topology = topologyOf(overview->nodes);
    situation.forecast = forecastOf(overview->nodes, situation.series);
    situation.limits = limits;
    situation.expected = expected;
    situation.seen = seen;
    situation.first_conflicts = first_conflicts;
    situation.were_standbys = were_standbys;
    situation.watched_ms = overview->time_ms - began_ms;
    overview->alerts = alertsOf(situation);
    std::map<std::string, series::TimeMs> still;
    for (Alert &alert : overview->alerts) {
        const std::string key = alert.rule + '\n' + alert.node + '\n' + alert.subject;
        const auto known = alert_since.find(key);
        alert.since_ms = known == alert_since.end() ? overview->time_ms : known->second;
        still.emplace(key, alert.since_ms);
    }
    alert_since = std::move(still);
    overview->topology = std::move(situation.topology);
    overview->forecast = std::move(situation.forecast);
    changed(std::move(overview));
}

Monitor::Monitor(std::vector<Source> sources, Limits limits, std::set<std::string> expected)
    : sources_(std::move(sources)), shared_(std::make_shared<Shared>())
{
    shared_->limits = limits;
    shared_->expected = std::move(expected);
    for (const Source &source : sources_) {
        samplers_.push_back(std::make_unique<series::Sampler>(source.session, probes(), limits_of_series));
        shared_->entries.emplace_back(source.name, samplers_.back()->series());
    }
}

Monitor::~Monitor()
{
    stop();
}

void Monitor::start(std::function<void(std::shared_ptr<const Overview>)> changed)
{
    stop();
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->changed = std::move(changed);
    }
    for (std::size_t i = 0; i < samplers_.size(); ++i) {
        series::Sampler::Observer observer;
        observer.sampled = [shared = shared_, i](const std::shared_ptr<const series::Sample> &sample) { shared->sampled(i, *sample); };
        observer.stateChanged = [shared = shared_, i](series::SamplerState state, const Error &error) { shared->stateChanged(i, state, error); };
        watches_.push_back(samplers_[i]->observe(std::move(observer)));
    }
}

void Monitor::stop()
{
    watches_.clear();
    const std::lock_guard lock(shared_->mutex);
    shared_->changed = {};
}

void Monitor::setTick(std::chrono::milliseconds tick)
{
    for (const auto &sampler : samplers_)
        sampler->setTick(tick);
}

void Monitor::sampleNow()
{
    for (const auto &sampler : samplers_)
        sampler->sampleNow();
}

std::shared_ptr<series::SeriesStore> Monitor::series(const std::string &node) const
{
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        if (sources_[i].name == node)
            return samplers_[i]->series();
    }
    return nullptr;
}

const Node *Overview::node(std::string_view name) const
{
    const auto found = std::find_if(nodes.begin(), nodes.end(), [name](const auto &one) { return one->name == name; });
    return found == nodes.end() ? nullptr : found->get();
}

std::string nodeName(const std::string &conninfo, const std::vector<std::string> &taken)
{
    const auto described = pg::describe(conninfo);
    const auto value = [&described](const char *keyword, const char *variable, const char *otherwise) -> std::string {
        if (described) {
            if (const auto found = described->find(keyword); found != described->end() && !found->second.empty())
                return found->second;
        }
        const char *set = std::getenv(variable);
        return set != nullptr && *set != '\0' ? set : otherwise;
    };
    const std::string host = value("host", "PGHOST", "local");
    std::string name = (host.front() == '/' ? "local" : host) + ":" + value("port", "PGPORT", "5432");
    const auto isTaken = [&taken](const std::string &one) { return std::find(taken.begin(), taken.end(), one) != taken.end(); };
    if (isTaken(name))
        name += "/" + value("dbname", "PGDATABASE", "postgres");
    const std::string base = name;
    for (int number = 2; isTaken(name); ++number)
        name = base + " " + std::to_string(number);
    return name;
}

} // namespace howdah::replication
