// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/topology.h"

#include <algorithm>
#include <set>

#include "core/base/human.h"

namespace howdah::replication {

namespace {

constexpr std::int64_t behind_bytes = 64LL * 1024 * 1024;

class Drawing
{
public:
    explicit Drawing(const std::vector<std::shared_ptr<const Node>> &nodes) : nodes_(nodes) {}
    Topology draw();

private:
    void placeNodes();
    void linkStandbys();
    [[nodiscard]] int silentUpstream(std::size_t standby) const;
    void linkSubscriptions();
    void linkRemainingSenders();
    void linkIdleSlots();
    void settleDepths();
    int ghost(const std::string &name, Role role, bool is_slot = false);
    void take(Link link, const Sender *sender);
    [[nodiscard]] static int likeness(const Node &upstream, const Sender &sender, const Node &standby);

    const std::vector<std::shared_ptr<const Node>> &nodes_;
    Topology topology_;
    std::set<const Sender *> taken_;
    std::set<std::string> seen_senders_; ///< instance and pid: two connections to one server show the same ones
    std::set<std::string> used_slots_;   ///< instance and slot
};

std::string slotKey(const Node &node, const std::string &slot)
{
    return node.instance + "/" + slot;
}

std::string senderKey(const Node &node, const Sender &sender)
{
    return node.instance + "#" + std::to_string(sender.pid);
}

bool isOtherServer(const Node &a, const Node &b)
{
    return a.instance != b.instance;
}

std::string streamingWords(const Sender *sender, const Receiver *receiver)
{
    std::string words = sender != nullptr ? sender->state : "no walsender";
    if (sender != nullptr && !sender->sync_state.empty() && sender->sync_state != "async")
        words += " · " + sender->sync_state;
    if (receiver != nullptr && receiver->visible && receiver->status != "streaming")
        words += " · receiver " + receiver->status;
    return words;
}

LinkState stateOf(const Link &link, const Node *upstream, const Node *downstream)
{
    if (link.sender == nullptr || (upstream != nullptr && upstream->isLost()) || (downstream != nullptr && downstream->isLost()))
        return LinkState::Broken;
    if (link.slot != nullptr && (link.slot->wal_status == "lost" || !link.slot->invalidation_reason.empty()))
        return LinkState::Broken;
    if (link.receiver != nullptr && downstream != nullptr && downstream->settings.wal_receiver_timeout_ms > 0 &&
        link.receiver->receipt_age_ms > downstream->settings.wal_receiver_timeout_ms / 2 + 1000)
        return LinkState::Broken;
    if (link.subscription != nullptr && (!link.subscription->enabled || link.subscription->worker_pid == 0))
        return LinkState::Broken;
    const bool paused = downstream != nullptr && downstream->pause_state != "" && downstream->pause_state != "not paused";
    const bool lags = link.sender->lag[static_cast<int>(Stage::Replay)].bytes > behind_bytes;
    return link.sender->state != "streaming" || paused || lags ? LinkState::Behind : LinkState::Good;
}

void Drawing::placeNodes()
{
    for (const auto &node : nodes_) {
        Place place;
        place.node = node;
        place.name = node->name;
        place.role = !node->sampled ? Role::Unknown : node->in_recovery ? Role::Standby : Role::Primary;
        topology_.places.push_back(std::move(place));
    }
}

int Drawing::ghost(const std::string &name, Role role, bool is_slot)
{
    Place place;
    place.name = name;
    place.role = role;
    place.is_slot = is_slot;
    topology_.places.push_back(std::move(place));
    return static_cast<int>(topology_.places.size()) - 1;
}

void Drawing::take(Link link, const Sender *sender)
{
    link.sender = sender;
    const Node *up = link.upstream < 0 ? nullptr : topology_.places[static_cast<std::size_t>(link.upstream)].node.get();
    const Node *down = link.downstream < 0 ? nullptr : topology_.places[static_cast<std::size_t>(link.downstream)].node.get();
    if (sender != nullptr) {
        taken_.insert(sender);
        if (up != nullptr)
            seen_senders_.insert(senderKey(*up, *sender));
    }
    if (link.slot != nullptr && up != nullptr)
        used_slots_.insert(slotKey(*up, link.slot->name));
    link.state = stateOf(link, up, down);
    topology_.links.push_back(std::move(link));
}

/// How much speaks for that walsender being the one that the standby takes from; below 2 nothing does.
int Drawing::likeness(const Node &upstream, const Sender &sender, const Node &standby)
{
    if (!standby.receiver || sender.logical || sender.state == "backup")
        return 0;
    const Receiver &receiver = *standby.receiver;
    int points = 0;
    if (!receiver.slot.empty() && sender.slot == receiver.slot)
        points += 4;
    else if (!receiver.slot.empty() || !sender.slot.empty())
        return 0;
    const std::string &port = upstream.settings.port.empty() ? upstream.server->port : upstream.settings.port;
    if (receiver.sender_port != 0 && port == std::to_string(receiver.sender_port))
        points += 2;
    if (!receiver.sender_host.empty() && receiver.sender_host == upstream.server->host)
        points += 2;
    const std::string &name = receiver.application_name.empty() ? standby.settings.cluster_name : receiver.application_name;
    if (!name.empty() && name == sender.application_name)
        points += 2;
    else if (name.empty() && sender.application_name == "walreceiver")
        points += 1;
    return points;
}

/// The server that the standby says it takes from, among those looked at; -1: none. By the slot, or by port and host.
int Drawing::silentUpstream(std::size_t standby) const
{
    const Receiver &receiver = *nodes_[standby]->receiver;
    for (std::size_t j = 0; j < nodes_.size(); ++j) {
        const Node &other = *nodes_[j];
        if (j == standby || !other.sampled || other.system_identifier != nodes_[standby]->system_identifier || !isOtherServer(other, *nodes_[standby]))
            continue;
        const Slot *slot = receiver.slot.empty() ? nullptr : other.slot(receiver.slot);
        const std::string &port = other.settings.port.empty() ? other.server->port : other.settings.port;
        if ((slot != nullptr && slot->isPhysical() && !slot->active) || (port == std::to_string(receiver.sender_port) && receiver.sender_host == other.server->host))
            return static_cast<int>(j);
    }
    return -1;
}

void Drawing::linkStandbys()
{
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const Node &standby = *nodes_[i];
        if (!standby.sampled || !standby.in_recovery || standby.system_identifier.empty())
            continue;
        // Another connection to a standby that is drawn already: the same link leads to it.
        const auto twin = std::find_if(topology_.links.begin(), topology_.links.end(), [&](const Link &link) {
            const Place &down = topology_.places[static_cast<std::size_t>(link.downstream)];
            return down.node && down.node->instance == standby.instance;
        });
        if (twin != topology_.links.end()) {
            Link link = *twin;
            link.downstream = static_cast<int>(i);
            link.receiver = standby.receiver ? &*standby.receiver : nullptr;
            topology_.links.push_back(std::move(link));
            continue;
        }
        int best = 1, upstream = -1;
        const Sender *chosen = nullptr;
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            const Node &other = *nodes_[j];
            if (i == j || !other.sampled || other.system_identifier != standby.system_identifier || !isOtherServer(other, standby))
                continue;
            for (const Sender &sender : other.senders) {
                const int points = taken_.contains(&sender) ? 0 : likeness(other, sender, standby);
                if (points > best) {
                    best = points;
                    upstream = static_cast<int>(j);
                    chosen = &sender;
                }
            }
        }
        Link link;
        link.downstream = static_cast<int>(i);
        link.receiver = standby.receiver ? &*standby.receiver : nullptr;
        link.name = chosen != nullptr ? chosen->application_name : standby.name;
        link.words = streamingWords(chosen, link.receiver);
        const bool only_above = chosen == nullptr && link.receiver != nullptr && (upstream = silentUpstream(i)) >= 0;
        if (chosen != nullptr) {
            link.upstream = upstream;
            link.slot = nodes_[static_cast<std::size_t>(upstream)]->slot(chosen->slot);
        } else if (only_above) {
            // It took from that server when it was last heard of; that one does not tell of it any more.
            link.upstream = upstream;
            link.slot = nodes_[static_cast<std::size_t>(upstream)]->slot(link.receiver->slot);
            link.words = standby.isLost() ? "standby not reachable" : "no walsender";
        } else if (link.receiver != nullptr && link.receiver->visible && !link.receiver->sender_host.empty()) {
            // It takes from a server that is not among those looked at, or from one whose view does not show it.
            link.upstream = ghost(link.receiver->sender_host + ":" + std::to_string(link.receiver->sender_port), Role::Unknown);
            link.words = "receiver " + link.receiver->status + " · upstream not looked at";
        } else {
            continue;
        }
        const bool only_below = chosen == nullptr && !only_above;
        take(std::move(link), chosen);
        if (only_below && topology_.links.back().receiver->status == "streaming")
            topology_.links.back().state = LinkState::Good;
    }
}

void Drawing::linkSubscriptions()
{
    std::set<std::string> done;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (const Subscription &subscription : nodes_[i]->subscriptions) {
            if (!done.insert(nodes_[i]->instance + "/" + std::to_string(subscription.oid)).second)
                continue;
            Link link;
            link.kind = LinkKind::Logical;
            link.downstream = static_cast<int>(i);
            link.subscription = &subscription;
            link.name = subscription.name;
            const Sender *sender = nullptr;
            for (std::size_t j = 0; j < nodes_.size() && link.slot == nullptr; ++j) {
                const Slot *slot = subscription.slot.empty() ? nullptr : nodes_[j]->slot(subscription.slot);
                // Several connections to one server show one slot; that of its database is the publisher.
                if (slot == nullptr || slot->isPhysical() || used_slots_.contains(slotKey(*nodes_[j], slot->name)) ||
                    (slot->synced && *slot->synced) || (nodes_[j]->server && nodes_[j]->server->database != slot->database))
                    continue;
                link.slot = slot;
                link.upstream = static_cast<int>(j);
                sender = slot->active ? nodes_[j]->senderOf(slot->active_pid) : nullptr;
            }
            link.words = !subscription.enabled           ? "subscription disabled"
                         : subscription.worker_pid == 0 ? "no apply worker"
                         : sender == nullptr && link.slot != nullptr ? "no walsender"
                                                        : sender != nullptr ? sender->state : "publisher not looked at";
            if (link.upstream < 0)
                link.upstream = ghost("publisher of " + subscription.name, Role::Unknown);
            const bool only_below = link.slot == nullptr;
            take(std::move(link), sender);
            if (only_below && subscription.enabled && subscription.worker_pid != 0)
                topology_.links.back().state = LinkState::Good;
        }
    }
}

void Drawing::linkRemainingSenders()
{
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (const Sender &sender : nodes_[i]->senders) {
            if (taken_.contains(&sender) || seen_senders_.contains(senderKey(*nodes_[i], sender)))
                continue;
            // Workers that copy a table, and backups, come and go.
            const Slot *slot = nodes_[i]->slot(sender.slot);
            if (slot != nullptr && slot->temporary)
                continue;
            Link link;
            link.kind = sender.logical ? LinkKind::Logical : LinkKind::Streaming;
            link.upstream = static_cast<int>(i);
            link.slot = slot;
            link.name = sender.application_name;
            link.words = streamingWords(&sender, nullptr);
            const std::string where = sender.client == "local" ? std::string() : " @ " + sender.client;
            link.downstream = ghost((sender.application_name.empty() ? sender.slot : sender.application_name) + where,
                                    sender.logical ? Role::Unknown : sender.state == "backup" ? Role::Unknown : Role::Standby);
            topology_.places.back().subscribes = sender.logical;
            take(std::move(link), &sender);
        }
    }
}

void Drawing::linkIdleSlots()
{
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (const Slot &slot : nodes_[i]->slots) {
            if (slot.active || slot.temporary || (slot.synced && *slot.synced) || used_slots_.contains(slotKey(*nodes_[i], slot.name)))
                continue;
            Link link;
            link.kind = slot.isPhysical() ? LinkKind::Streaming : LinkKind::Logical;
            link.upstream = static_cast<int>(i);
            link.slot = &slot;
            link.name = slot.name;
            link.words = slot.wal_status == "lost" ? "slot lost" : "slot idle";
            if (slot.inactive_ms >= 0)
                link.words += " " + human::duration(slot.inactive_ms);
            link.downstream = ghost("slot " + slot.name, Role::Unknown, true);
            take(std::move(link), nullptr);
        }
    }
}

void Drawing::settleDepths()
{
    for (const Link &link : topology_.links) {
        Place &up = topology_.places[static_cast<std::size_t>(link.upstream)];
        Place &down = topology_.places[static_cast<std::size_t>(link.downstream)];
        if (link.kind == LinkKind::Logical) {
            up.publishes = true;
            down.subscribes = true;
        } else if (up.role == Role::Standby) {
            up.cascades = true;
        }
    }
    // As many rounds as there are places: subscriptions may go in a ring.
    for (std::size_t round = 0; round < topology_.places.size(); ++round) {
        bool changed = false;
        for (const Link &link : topology_.links) {
            const Place &up = topology_.places[static_cast<std::size_t>(link.upstream)];
            Place &down = topology_.places[static_cast<std::size_t>(link.downstream)];
            if (link.upstream != link.downstream && down.depth <= up.depth && up.depth + 1 < static_cast<int>(topology_.places.size())) {
                down.depth = up.depth + 1;
                changed = true;
            }
        }
        if (!changed)
            break;
    }
}

Topology Drawing::draw()
{
    placeNodes();
    linkStandbys();
    linkSubscriptions();
    linkRemainingSenders();
    linkIdleSlots();
    settleDepths();
    return std::move(topology_);
}

} // namespace

const Place *Topology::placeOf(std::string_view node) const
{
    const auto found = std::find_if(places.begin(), places.end(), [node](const Place &one) { return one.node && one.name == node; });
    return found == places.end() ? nullptr : &*found;
}

Topology topologyOf(const std::vector<std::shared_ptr<const Node>> &nodes)
{
    return Drawing(nodes).draw();
}

} // namespace howdah::replication
