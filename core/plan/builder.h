// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/plan/keys.h"
#include "core/plan/model.h"

namespace howdah::plan {

/// What EXPLAIN says of statements that have no plan.
[[nodiscard]] bool isPlanlessNote(std::string_view text);
/// The same from the word that JSON, XML and YAML have for it ("Utility Statement"); "" when it is none.
[[nodiscard]] std::string_view planlessNote(std::string_view word);

/// Makes plans out of the events that the JSON, XML and YAML readers send while they read: groups (objects),
/// lists, keys and scalars. No document tree is built in between. finish() closes whatever a truncated input
/// left open, so a damaged plan is kept as far as it went.
class PlanBuilder {
public:
    void key(std::string_view name);
    /// The same for an XML element's name, "Shared-I-O-Read-Time".
    void keyOfTag(std::string_view tag);
    void beginGroup();
    void endGroup();
    void beginList();
    void endList();
    void scalar(std::string_view text, Written written);
    void finish();

    /// A top-level scalar or empty list that stands for a statement without a plan.
    void note(std::string_view text);

    [[nodiscard]] std::vector<Plan> takePlans() { return std::move(plans_); }
    [[nodiscard]] bool hasPlans() const { return !plans_.empty(); }
    /// Something of a plan has been read, complete or not.
    [[nodiscard]] bool hasBegun() const { return has_plan_ || !plans_.empty(); }
    /// Groups that were read at the top and held no plan: log records, rows, other JSON.
    [[nodiscard]] std::size_t foreignGroups() const { return foreign_groups_; }

private:
    enum class Place : std::uint8_t {
        TopList, Query, Node, Plans, Workers, Worker, Planning, Triggers, Trigger, Settings, Value
    };
    struct Frame {
        Place place;
        const KeyInfo *info = nullptr; ///< of the key read last in this frame; nullptr when unknown
        std::string key;
        NodeId node = no_node;
        KeyType element = KeyType::Unknown; ///< Value: of a list's items
    };

    void open(Place place, NodeId node = no_node);
    void close();
    void beginNode(NodeId parent);
    void beginValue(bool list);
    void storeValue(PropertyValue value);
    void nodeScalar(Frame &frame, std::string_view text, Written written);
    void workerScalar(Frame &frame, std::string_view text, Written written);
    void queryScalar(Frame &frame, std::string_view text, Written written);
    void planningScalar(Frame &frame, std::string_view text, Written written);
    void triggerScalar(Frame &frame, std::string_view text, Written written);
    void noteIoKey(std::string_view key);
    void commit();

    std::vector<Plan> plans_;
    Plan plan_;
    bool has_plan_ = false; ///< plan_ holds something
    std::size_t foreign_groups_ = 0;
    std::vector<Frame> frames_;
    std::vector<PropertyValue> values_; ///< unfinished values, outermost first; one per Value frame
};

} // namespace howdah::plan
