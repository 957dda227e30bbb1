// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/pg/session.h"
#include "core/replication/alerts.h"

namespace howdah::replication {

/// All that is known of a replication at one moment. Immutable; what it points to lives with it.
struct Overview {
    series::TimeMs time_ms = 0;
    std::vector<std::shared_ptr<const Node>> nodes; ///< in the order in which they were given
    Topology topology;
    Forecast forecast;
    std::vector<Alert> alerts;
    double server_ms = 0;          ///< of the node that the last tick cost most
    [[nodiscard]] const Node *node(std::string_view name) const;
};

/// Looks at any number of nodes, each through one connection of its own, and keeps what one look cannot tell. Looks as
/// long as it is started. A node that is lost stays in the picture with what it said last, and is tried again.
class Monitor
{
public:
    struct Source {
        std::string name;                     ///< unique
        std::shared_ptr<pg::Session> session; ///< the monitor's alone
    };
    explicit Monitor(std::vector<Source> sources, Limits limits = {}, std::set<std::string> expected = {});
    ~Monitor();
    Monitor(const Monitor &) = delete;
    Monitor &operator=(const Monitor &) = delete;

    /// `changed` comes on threads of the samplers, one call at a time, whenever a node was sampled, was lost or came
    /// back; after stop() none comes any more. It must not stop the monitor.
    void start(std::function<void(std::shared_ptr<const Overview>)> changed);
    void stop();
    [[nodiscard]] bool isStarted() const { return !watches_.empty(); }
    /// 1 to 10 s.
    void setTick(std::chrono::milliseconds tick);
    void sampleNow();
    [[nodiscard]] const std::vector<Source> &sources() const { return sources_; }
    /// Null for an unknown node. Names as in probes().
    [[nodiscard]] std::shared_ptr<series::SeriesStore> series(const std::string &node) const;

private:
    class Shared;
    std::vector<Source> sources_;
    std::vector<std::unique_ptr<series::Sampler>> samplers_;
    std::shared_ptr<Shared> shared_;
    std::vector<std::shared_ptr<series::Sampler::Watch>> watches_;
};

/// How a node is called after its conninfo: "db-1.eu:5432"; "local:5433" for a socket. Apart from those in `taken`.
[[nodiscard]] std::string nodeName(const std::string &conninfo, const std::vector<std::string> &taken);

} // namespace howdah::replication
