// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/subplans.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

namespace howdah::plan {

namespace {

constexpr std::string_view cte_prefix = "CTE ";
constexpr std::string_view init_prefix = "InitPlan ";

bool isWordCharacter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

std::string_view word(std::string_view text, std::size_t from)
{
    std::size_t end = from;
    while (end < text.size() && isWordCharacter(text[end]))
        ++end;
    return text.substr(from, end - from);
}

/// Calls `found` with every "$3" and every "InitPlan expr_1" in the text.
template <typename Found> void eachMention(std::string_view text, Found found)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '$') {
            const std::string_view number = word(text, at + 1);
            if (!number.empty())
                found(text.substr(at, number.size() + 1));
        } else if (text[at] == 'I' && text.compare(at, init_prefix.size(), init_prefix) == 0) {
            const std::string_view name = word(text, at + init_prefix.size());
            if (!name.empty())
                found(text.substr(at, init_prefix.size() + name.size()));
        }
    }
}

template <typename Found> void eachMention(const PropertyValue &value, Found found)
{
    std::vector<const PropertyValue *> pending{&value};
    while (!pending.empty()) {
        const PropertyValue &next = *pending.back();
        pending.pop_back();
        if (const auto *text = std::get_if<std::string>(&next.value)) {
            eachMention(std::string_view(*text), found);
        } else if (const auto *list = std::get_if<PropertyValue::List>(&next.value)) {
            for (const PropertyValue &item : *list)
                pending.push_back(&item);
        } else if (const auto *group = std::get_if<PropertyValue::Group>(&next.value)) {
            for (const auto &[key, item] : *group)
                pending.push_back(&item);
        }
    }
}

/// The names of CTEs in reach at each point of a walk in depth-first order.
class CteScopes {
public:
    explicit CteScopes(const Plan &plan) : plan_(plan) {}

    void enter(NodeId id)
    {
        while (!open_.empty() && open_.back() != plan_.nodes[id].parent) {
            leave(open_.back());
            open_.pop_back();
        }
        open_.push_back(id);
        for (const NodeId child : plan_.nodes[id].children) {
            if (isCteBody(plan_.nodes[child]))
                bodies_[nameOf(child)].push_back(child);
        }
    }

    [[nodiscard]] NodeId find(const std::string &name) const
    {
        const auto found = bodies_.find(name);
        return found == bodies_.end() || found->second.empty() ? no_node : found->second.back();
    }

private:
    [[nodiscard]] std::string_view nameOf(NodeId body) const
    {
        return std::string_view(plan_.nodes[body].subplan_name).substr(cte_prefix.size());
    }
    void leave(NodeId id)
    {
        for (const NodeId child : plan_.nodes[id].children) {
            if (isCteBody(plan_.nodes[child]))
                bodies_[nameOf(child)].pop_back();
        }
    }

    const Plan &plan_;
    std::vector<NodeId> open_;
    std::unordered_map<std::string_view, std::vector<NodeId>> bodies_;
};

} // namespace

bool isCteBody(const Node &node)
{
    return std::string_view(node.subplan_name).starts_with(cte_prefix);
}

bool isDetached(const Node &node)
{
    return node.parent_relationship == "InitPlan" || isCteBody(node)
           || std::string_view(node.subplan_name).starts_with(init_prefix);
}

std::vector<NodeId> inputsOf(const Plan &plan, NodeId id)
{
    std::vector<NodeId> inputs;
    for (const NodeId child : plan.nodes[id].children) {
        if (!isDetached(plan.nodes[child]) && plan.nodes[child].parent_relationship != "SubPlan")
            inputs.push_back(child);
    }
    return inputs;
}

std::vector<NodeId> gathersAbove(const Plan &plan)
{
    std::vector<NodeId> above(plan.nodes.size(), no_node);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const NodeId parent = plan.nodes[i].parent;
        if (parent == no_node)
            continue;
        const std::string &type = plan.nodes[parent].node_type;
        // An InitPlan that hangs on a Gather is evaluated by the leader alone,
        // before the workers start.
        const bool gather = (type == "Gather" || type == "Gather Merge") && !isDetached(plan.nodes[i]);
        above[i] = gather ? parent : above[parent];
    }
    return above;
}

std::vector<SubplanUse> findSubplanUses(const Plan &plan)
{
    std::vector<SubplanUse> uses;
    std::vector<std::uint32_t> use_of(plan.nodes.size(), no_node);
    std::unordered_map<std::string_view, std::uint32_t> by_mention;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const Node &node = plan.nodes[i];
        if (node.parent == no_node || !isDetached(node))
            continue;
        const auto use = static_cast<std::uint32_t>(uses.size());
        use_of[i] = use;
        uses.push_back({static_cast<NodeId>(i), isCteBody(node), {}});
        if (!uses.back().is_cte) // its own name, and up to 16 "(returns $0,$1)"
            eachMention(std::string_view(node.subplan_name),
                        [&](std::string_view mention) { by_mention.emplace(mention, use); });
    }
    if (uses.empty())
        return uses;

    const std::vector<NodeId> gathers = gathersAbove(plan);
    CteScopes scopes(plan);
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        const auto id = static_cast<NodeId>(i);
        const Node &node = plan.nodes[i];
        scopes.enter(id);
        // A WorkTable Scan has the CTE's name too, but reads the rows of the last
        // round, not the CTE.
        if (node.node_type == "CTE Scan") {
            if (const NodeId body = scopes.find(node.cte_name); body != no_node)
                uses[use_of[body]].consumers.push_back(id);
        }
        if (by_mention.empty())
            continue;
        for (const Property &property : node.properties) {
            eachMention(property.second, [&](std::string_view mention) {
                const auto found = by_mention.find(mention);
                if (found == by_mention.end())
                    return;
                SubplanUse &use = uses[found->second];
                // Workers cannot evaluate it: the Gather does, before it starts them.
                NodeId consumer = id;
                for (NodeId gather = gathers[id]; gather != no_node && gather >= plan.nodes[use.body].parent;
                     gather = gathers[gather])
                    consumer = gather;
                if (use.consumers.empty() || use.consumers.back() != consumer)
                    use.consumers.push_back(consumer);
            });
        }
    }
    return uses;
}

} // namespace howdah::plan
