// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/replication/replication.h"

namespace howdah::replication {

enum class LinkKind : std::uint8_t { Streaming, Logical };

/// How a link is, from the worst of what both ends say of it.
enum class LinkState : std::uint8_t { Good, Behind, Broken };

/// A receiver that takes from an upstream: what is known of it from either end.
struct Link {
    LinkKind kind = LinkKind::Streaming;
    LinkState state = LinkState::Good;
    int upstream = -1;             ///< index in Topology::places
    int downstream = -1;
    const Sender *sender = nullptr;            ///< of the upstream's pg_stat_replication; null when it does not tell
    const Receiver *receiver = nullptr;        ///< of the downstream, streaming
    const Subscription *subscription = nullptr;///< of the downstream, logical
    const Slot *slot = nullptr;                ///< on the upstream
    std::string name;              ///< application_name, subscription or slot: whatever names it
    std::string words;             ///< "streaming · sync", "no walsender", "slot idle" …
};

enum class Role : std::uint8_t { Primary, Standby, Unknown };

/// A server in the picture: a node that is sampled, or one that only another one tells of.
struct Place {
    std::shared_ptr<const Node> node; ///< null: not sampled, only seen from the other end
    std::string name;
    Role role = Role::Unknown;
    bool is_slot = false;          ///< stands for a slot that nobody uses
    bool publishes = false, subscribes = false; ///< logical links go out, come in
    bool cascades = false;         ///< a standby that others take from
    int depth = 0;                 ///< 0: nobody is above it
};

/// Who takes from whom. Joined by system identifier, slot and its walsender, host and port, application_name; each
/// link holds on to the nodes that it was made of.
struct Topology {
    std::vector<Place> places;     ///< sampled nodes first, in their order
    std::vector<Link> links;
    [[nodiscard]] const Place *placeOf(std::string_view node) const;
};

/// `nodes` are kept by the places, so that the links' pointers live.
[[nodiscard]] Topology topologyOf(const std::vector<std::shared_ptr<const Node>> &nodes);

} // namespace howdah::replication
