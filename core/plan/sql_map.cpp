// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/sql_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "core/plan/sql_map_statement.h"
#include "core/plan/subplans.h"

namespace howdah::plan {

namespace {

constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
constexpr std::array condition_keys{"Hash Cond", "Merge Cond", "Index Cond", "TID Cond", "Join Filter", "Filter", "One-Time Filter", "Recheck Cond"};

bool isAnyOf(const std::string &text, std::initializer_list<const char *> words)
{
    return std::any_of(words.begin(), words.end(), [&](const char *word) { return text == word; });
}

/// Goes over the plan beside the statement.
class Mapping
{
public:
    Mapping(const Plan &plan, std::vector<SqlBlock> blocks) : plan_(plan), blocks_(std::move(blocks)), block_of_(plan.nodes.size(), 0), sources_(plan.nodes.size()) {}

    std::vector<NodeSource> run()
    {
        for (NodeId id = 0; id < plan_.nodes.size(); ++id)
            block_of_[id] = blockOf(id);
        for (NodeId id = 0; id < plan_.nodes.size(); ++id)
            visit(id);
        for (NodeId id = static_cast<NodeId>(plan_.nodes.size()); id-- > 0;)
            inherit(id);
        std::vector<NodeSource> all;
        for (std::vector<NodeSource> &own : sources_)
            all.insert(all.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
        return all;
    }

private:
    void add(NodeId id, std::vector<ByteSpan> spans, const char *what)
    {
        std::erase_if(spans, [](const ByteSpan &span) { return span.size() == 0; });
        std::sort(spans.begin(), spans.end(), [](const ByteSpan &a, const ByteSpan &b) { return a.begin < b.begin; });
        spans.erase(std::unique(spans.begin(), spans.end()), spans.end());
        if (!spans.empty())
            sources_[id].push_back({id, std::move(spans), what});
    }
    void add(NodeId id, ByteSpan span, const char *what) { add(id, std::vector{span}, what); }

    bool isWithin(std::size_t block, std::size_t outer) const
    {
        while (block != outer && block != 0)
            block = blocks_[block].parent;
        return block == outer;
    }

    // Query levels.

    std::size_t blockOf(NodeId id)
    {
        const Node &node = plan_.nodes[id];
        if (node.parent == no_node)
            return 0;
        const std::size_t outer = block_of_[node.parent];
        if (node.subplan_name.starts_with("CTE "))
            return named(SqlBlockKind::Cte, node.subplan_name.substr(4), outer);
        if (node.parent_relationship == "InitPlan" || node.parent_relationship == "SubPlan")
            return subLink(id, outer);
        if (plan_.nodes[node.parent].node_type == "Subquery Scan") {
            const std::string &alias = plan_.nodes[node.parent].alias;
            if (const std::size_t operand = numberedOperand(alias, outer); operand != nowhere)
                return operand;
            const std::size_t found = named(SqlBlockKind::FromSubselect, alias, outer);
            return found == outer ? named(SqlBlockKind::FromSubselect, baseAlias(alias), outer) : found;
        }
        return operandOf(id, outer);
    }

    /// The only level of that name, else `otherwise`. CTEs are looked for everywhere, others below `otherwise`.
    std::size_t named(SqlBlockKind kind, const std::string &name, std::size_t otherwise) const
    {
        std::size_t found = nowhere;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            if (blocks_[i].kind != kind || blocks_[i].name != name || (kind != SqlBlockKind::Cte && !isWithin(i, otherwise)))
                continue;
            if (found != nowhere)
                return otherwise;
            found = i;
        }
        return found == nowhere ? otherwise : found;
    }

    /// The operands of a UNION … below `block`, nested ones taken apart, in the order written.
    std::vector<std::size_t> operandsOf(std::size_t block) const
    {
        std::vector<std::size_t> open{block};
        std::vector<std::size_t> operands;
        while (!open.empty()) {
            const std::size_t next = open.back();
            open.pop_back();
            std::vector<std::size_t> below;
            for (const std::size_t child : blocks_[next].children) {
                if (blocks_[child].kind == SqlBlockKind::SetOperand)
                    below.push_back(child);
            }
            if (below.empty() && next != block)
                operands.push_back(next);
            open.insert(open.end(), below.rbegin(), below.rend());
        }
        return operands;
    }

    /// Of "*SELECT* 2".
    std::size_t numberedOperand(const std::string &alias, std::size_t block) const
    {
        constexpr std::string_view prefix = "*SELECT* ";
        if (!alias.starts_with(prefix))
            return nowhere;
        const std::vector<std::size_t> operands = operandsOf(block);
        const auto number = static_cast<std::size_t>(std::atoi(alias.c_str() + prefix.size()));
        return number >= 1 && number <= operands.size() ? operands[number - 1] : nowhere;
    }

    std::size_t operandOf(NodeId id, std::size_t outer) const
    {
        const Node &parent = plan_.nodes[plan_.nodes[id].parent];
        if (!isAnyOf(parent.node_type, {"Append", "Merge Append", "SetOp", "Recursive Union"}))
            return outer;
        std::vector<std::size_t> operands = operandsOf(outer);
        if (operands.size() != parent.children.size()) { // those of an operation within were not pulled up
            operands = blocks_[outer].children;
            std::erase_if(operands, [&](std::size_t child) { return blocks_[child].kind != SqlBlockKind::SetOperand; });
        }
        if (operands.size() != parent.children.size())
            return outer;
        const auto place = std::find(parent.children.begin(), parent.children.end(), id) - parent.children.begin();
        return operands[static_cast<std::size_t>(place)];
    }

    /// Names of what is scanned below a node, without EXPLAIN's numbers.
    std::set<std::string> aliasesBelow(NodeId id) const
    {
        std::set<std::string> names;
        std::vector<NodeId> open{id};
        while (!open.empty() && names.size() < 100) {
            const Node &node = plan_.nodes[open.back()];
            open.pop_back();
            if (!node.alias.empty())
                names.insert(baseAlias(node.alias));
            open.insert(open.end(), node.children.begin(), node.children.end());
        }
        return names;
    }

    const std::set<std::string> &aliasesOf(std::size_t block)
    {
        const auto [found, is_new] = aliases_.try_emplace(block);
        std::set<std::string> &names = found->second;
        if (!is_new)
            return names;
        for (std::size_t i = block; i < blocks_.size(); ++i) {
            if (!isWithin(i, block))
                continue;
            for (const SqlRangeItem &item : blocks_[i].from)
                names.insert(baseAlias(item.alias));
        }
        return names;
    }

    std::size_t subLink(NodeId id, std::size_t outer)
    {
        const std::set<std::string> scanned = aliasesBelow(id);
        std::size_t best = outer;
        double most = 0;
        bool tied = false;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            if (blocks_[i].kind != SqlBlockKind::SubLink || !isWithin(i, outer) || taken_.contains(i))
                continue;
            const std::set<std::string> &written = aliasesOf(i);
            const auto common = static_cast<double>(std::count_if(scanned.begin(), scanned.end(), [&](const std::string &name) { return written.contains(name); }));
            const double score = common / static_cast<double>(std::max<std::size_t>(scanned.size() + written.size(), 1));
            tied = score > 0 && (score == most || (tied && score < most));
            if (score > most) {
                most = score;
                best = i;
            }
        }
        if (tied)
            return outer;
        if (best != outer)
            taken_.insert(best);
        return best;
    }

    // What is scanned.

    const SqlRangeItem *rangeItem(NodeId id) const
    {
        const Node &node = plan_.nodes[id];
        const std::string &name = !node.alias.empty() ? node.alias : !node.relation_name.empty() ? node.relation_name : node.cte_name;
        if (name.empty())
            return nullptr;
        if (const SqlRangeItem *exact = rangeItem(id, name, 0))
            return exact;
        const std::string base = baseAlias(name);
        if (base == name)
            return nullptr;
        return rangeItem(id, base, static_cast<std::size_t>(std::max(std::atoi(name.c_str() + base.size() + 1), 0)));
    }

    /// The item of that name: the only one of the node's own level, else the only one below, else the one that
    /// EXPLAIN gave that number (it numbers in the order of levels).
    const SqlRangeItem *rangeItem(NodeId id, const std::string &name, std::size_t number) const
    {
        std::vector<const SqlRangeItem *> own, below, all;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            for (const SqlRangeItem &item : blocks_[i].from) {
                if (item.alias != name)
                    continue;
                all.push_back(&item);
                if (i == block_of_[id])
                    own.push_back(&item);
                else if (isWithin(i, block_of_[id]) && blocks_[i].kind != SqlBlockKind::Cte)
                    below.push_back(&item);
            }
        }
        const std::size_t in_scope = own.size() + below.size();
        if (in_scope == 1)
            return own.empty() ? below.front() : own.front();
        if (all.size() == 1)
            return all.front();
        if (own.size() == 1 && number == 0)
            return own.front();
        // The target of a DELETE or UPDATE is in its FROM only once, partitions carry numbers of their own.
        return in_scope > 1 && number < all.size() && in_scope == all.size() ? all[number] : nullptr;
    }

    void visitScan(NodeId id)
    {
        const Node &node = plan_.nodes[id];
        if (const SqlRangeItem *item = rangeItem(id))
            add(id, item->span, !node.cte_name.empty() ? "CTE reference" : node.relation_name.empty() ? "FROM item" : "table");
        else if (const SqlBlock &block = blocks_[block_of_[id]]; block.from.size() == 1 && block.children.empty() && !node.relation_name.empty())
            add(id, block.from.front().span, "view"); // what it names stands for others
    }

    // Conditions.

    ByteSpan bestCondition(NodeId id, const std::string &printed, const std::string &alias) const
    {
        const SqlTerms terms = termsOf(std::string_view(printed));
        double most = 0;
        const SqlPiece *best = nullptr;
        bool tied = false;
        std::size_t level = nowhere;
        for (std::size_t i = 0; i < blocks_.size(); ++i) {
            for (const SqlPiece &piece : blocks_[i].conditions) {
                double score = likeness(terms, piece.terms, alias);
                if (score < 0 || piece.span.size() == 0)
                    continue;
                score += isWithin(i, block_of_[id]) ? 1 : 0;
                if (std::abs(score - most) < 0.001) {
                    tied = true;
                    level = level == i ? i : nowhere;
                } else if (score > most) {
                    most = score;
                    best = &piece;
                    tied = false;
                    level = i;
                }
            }
        }
        if (best == nullptr)
            return blocks_[block_of_[id]].where;
        if (!tied)
            return best->span;
        return level != nowhere ? blocks_[level].where : ByteSpan{};
    }

    std::vector<ByteSpan> conditionsOf(NodeId id, const char *key, const std::string &alias) const
    {
        std::vector<ByteSpan> spans;
        for (const std::string &part : conjunctsOf(plan_.nodes[id].text(key)))
            spans.push_back(bestCondition(id, part, alias));
        return spans;
    }

    void visitConditions(NodeId id)
    {
        const Node &node = plan_.nodes[id];
        const bool recheck_only = !node.text("Index Cond").empty();
        for (const char *key : condition_keys) {
            const std::string name = key;
            if (node.text(key).empty() || (name == "Recheck Cond" && recheck_only))
                continue;
            const bool joins = isAnyOf(name, {"Hash Cond", "Merge Cond", "Join Filter"});
            const char *what = joins ? "join condition" : isAnyOf(name, {"Filter", "One-Time Filter"}) ? "filter" : "index condition";
            add(id, conditionsOf(id, key, joins ? std::string() : scannedAlias(id)), what);
        }
    }

    /// A Bitmap Index Scan works for the heap scan above.
    std::string scannedAlias(NodeId id) const
    {
        while (plan_.nodes[id].alias.empty() && isAnyOf(plan_.nodes[id].node_type, {"Bitmap Index Scan", "BitmapAnd", "BitmapOr"}) && plan_.nodes[id].parent != no_node)
            id = plan_.nodes[id].parent;
        return plan_.nodes[id].alias;
    }

    /// A nested loop's condition may have become the inner side's.
    void visitNestedLoop(NodeId id)
    {
        const std::vector<NodeId> inputs = inputsOf(plan_, id);
        if (!sources_[id].empty() || inputs.size() < 2)
            return;
        NodeId inner = inputs[1];
        std::vector<ByteSpan> spans;
        for (int step = 0; step < 8 && spans.empty(); ++step) {
            for (const char *key : {"Index Cond", "Recheck Cond", "Filter", "TID Cond"}) {
                for (const std::string &part : conjunctsOf(plan_.nodes[inner].text(key))) {
                    const SqlTerms terms = termsOf(std::string_view(part));
                    const std::string own = scannedAlias(inner);
                    const bool from_outside = std::any_of(terms.qualifiers.begin(), terms.qualifiers.end(), [&](const std::string &name) { return name != own; });
                    if (from_outside)
                        spans.push_back(bestCondition(inner, part, own));
                }
            }
            if (plan_.nodes[inner].children.empty())
                break;
            inner = plan_.nodes[inner].children.front();
        }
        add(id, std::move(spans), "join condition");
    }

    void visitJoin(NodeId id)
    {
        if (plan_.nodes[id].node_type == "Nested Loop")
            visitNestedLoop(id);
        if (sources_[id].empty())
            add(id, blocks_[block_of_[id]].from_clause, "FROM");
    }

    // Sorting and grouping.

    /// The node that wants the order: above Gathers, Limits and the like.
    const Node *consumer(NodeId id) const
    {
        NodeId above = plan_.nodes[id].parent;
        while (above != no_node && isAnyOf(plan_.nodes[above].node_type, {"Gather Merge", "Gather", "Materialize", "Merge Append"}))
            above = plan_.nodes[above].parent;
        return above == no_node ? nullptr : &plan_.nodes[above];
    }

    std::vector<ByteSpan> spansOf(const std::vector<SqlPiece> &pieces) const
    {
        std::vector<ByteSpan> spans;
        for (const SqlPiece &piece : pieces)
            spans.push_back(piece.span);
        return spans;
    }

    void visitSort(NodeId id)
    {
        const SqlBlock &block = blocks_[block_of_[id]];
        const Node *above = consumer(id);
        const std::string type = above != nullptr ? above->node_type : "";
        if (type == "Merge Join") {
            const auto which = static_cast<NodeId>(above - plan_.nodes.data());
            add(id, conditionsOf(which, "Merge Cond", ""), "join condition");
        } else if (type == "Unique" && block.distinct.size() > 0) {
            add(id, block.distinct, "DISTINCT");
        } else if ((type == "Aggregate" || type == "Group") && block.group_by.size() > 0) {
            add(id, block.group_by, "GROUP BY");
        } else if (type == "Aggregate" || type == "Group") {
            if (block.distinct.size() > 0 && block.aggregates.empty())
                add(id, block.distinct, "DISTINCT");
            else
                add(id, spansOf(block.aggregates), "aggregate");
        } else if (type == "WindowAgg") {
            add(id, spansOf(block.windows), "window");
        } else if (type == "Unique" || type == "SetOp") {
            add(id, setOperation(block_of_[id]), "set operation");
        } else {
            add(id, block.order_by, "ORDER BY");
        }
    }

    /// Of the level, or of the one that it is an operand of.
    ByteSpan setOperation(std::size_t block) const
    {
        while (blocks_[block].set_operation.size() == 0 && blocks_[block].kind == SqlBlockKind::SetOperand)
            block = blocks_[block].parent;
        return blocks_[block].set_operation;
    }

    void visitAggregate(NodeId id)
    {
        const SqlBlock &block = blocks_[block_of_[id]];
        const Node &node = plan_.nodes[id];
        const bool grouped = !node.text("Group Key").empty() || node.property("Grouping Sets") != nullptr;
        if (grouped && block.group_by.size() > 0)
            add(id, block.group_by, "GROUP BY");
        else if (grouped && block.distinct.size() > 0)
            add(id, block.distinct, "DISTINCT");
        else if (grouped && setOperation(block_of_[id]).size() > 0)
            add(id, setOperation(block_of_[id]), "set operation");
        if (!grouped || block.group_by.size() > 0)
            add(id, spansOf(block.aggregates), "aggregate");
    }

    void visitOther(NodeId id)
    {
        const SqlBlock &block = blocks_[block_of_[id]];
        const std::string &type = plan_.nodes[id].node_type;
        if (type == "Limit")
            add(id, block.limit, "LIMIT");
        else if (type == "WindowAgg")
            add(id, spansOf(block.windows), "window");
        else if (type == "Unique")
            add(id, block.distinct.size() > 0 ? block.distinct : setOperation(block_of_[id]), block.distinct.size() > 0 ? "DISTINCT" : "set operation");
        else if (isAnyOf(type, {"SetOp", "Recursive Union"}) || (isAnyOf(type, {"Append", "Merge Append"}) && operandsOf(block_of_[id]).size() > 1))
            add(id, setOperation(block_of_[id]), "set operation");
        else if (type == "ModifyTable")
            add(id, block.target, "target");
        else if (type == "LockRows")
            add(id, block.locking, "locking");
    }

    /// The first node of a CTE's or sub-select's plan stands for all of it, too.
    void visitOwner(NodeId id)
    {
        const Node &node = plan_.nodes[id];
        const SqlBlock &block = blocks_[block_of_[id]];
        if (node.subplan_name.empty() || node.parent == no_node)
            return;
        const bool moved = block_of_[id] != block_of_[node.parent];
        if (moved && block.kind == SqlBlockKind::Cte)
            add(id, block.owner, "CTE");
        else if (moved && block.kind == SqlBlockKind::SubLink)
            add(id, block.owner, "sub-select");
        else if (!moved && node.parent_relationship == "InitPlan" && node.node_type == "Limit")
            add(id, extremes(block), "aggregate"); // min() and max() through an index
    }

    std::vector<ByteSpan> extremes(const SqlBlock &block) const
    {
        std::vector<ByteSpan> spans;
        for (const SqlPiece &piece : block.aggregates) {
            if (piece.terms.names.contains("min") || piece.terms.names.contains("max"))
                spans.push_back(piece.span);
        }
        return spans;
    }

    void visit(NodeId id)
    {
        const Node &node = plan_.nodes[id];
        const std::string &type = node.node_type;
        if (type.ends_with("Scan") && type != "Bitmap Index Scan")
            visitScan(id);
        visitConditions(id);
        if (isAnyOf(type, {"Nested Loop", "Hash Join", "Merge Join"}))
            visitJoin(id);
        else if (isAnyOf(type, {"Sort", "Incremental Sort"}))
            visitSort(id);
        else if (isAnyOf(type, {"Aggregate", "Group"}))
            visitAggregate(id);
        else
            visitOther(id);
        visitOwner(id);
    }

    /// Nodes that only pass rows on come from what they pass on.
    void inherit(NodeId id)
    {
        const Node &node = plan_.nodes[id];
        const bool passes = isAnyOf(node.node_type, {"Hash", "Materialize", "Memoize", "Gather", "Gather Merge", "Append", "Merge Append", "BitmapAnd", "BitmapOr"});
        if (!passes || !sources_[id].empty())
            return;
        for (const NodeId child : node.children) {
            if (sources_[child].empty() || !plan_.nodes[child].subplan_name.empty())
                continue;
            sources_[id].push_back({id, sources_[child].front().spans, "input: " + sources_[child].front().what});
            if (sources_[id].back().what.starts_with("input: input: "))
                sources_[id].back().what.erase(0, 7);
            return;
        }
    }

    const Plan &plan_;
    std::vector<SqlBlock> blocks_;
    std::vector<std::size_t> block_of_;
    std::vector<std::vector<NodeSource>> sources_;
    std::set<std::size_t> taken_;                          ///< sub-selects that a node stands for already
    std::map<std::size_t, std::set<std::string>> aliases_; ///< of a level with those below it
};

} // namespace

std::vector<NodeSource> mapToSql(const Plan &plan, std::string_view statement)
{
    std::vector<SqlBlock> blocks = takeApart(statement);
    if (blocks.empty() || plan.nodes.empty())
        return {};
    return Mapping(plan, std::move(blocks)).run();
}

std::vector<NodeSource> mapToSql(const Plan &plan, std::string_view statement, const sql::ParameterValues &values)
{
    sql::ParameterValues any = values;
    for (const sql::ParameterUse &use : sql::parametersOf(statement))
        any.try_emplace(use.name, std::nullopt); // without a value it was planned by its number alone
    const sql::BoundStatement bound = sql::bindParameters(statement, any);
    std::vector<NodeSource> sources = mapToSql(plan, bound.sql);
    for (NodeSource &source : sources) {
        for (ByteSpan &span : source.spans)
            span = {bound.written(span.begin), bound.written(span.end)};
    }
    return sources;
}

std::vector<NodeId> nodesAt(const std::vector<NodeSource> &sources, ByteOffset at)
{
    std::vector<std::pair<std::size_t, NodeId>> found;
    for (const NodeSource &source : sources) {
        for (const ByteSpan &span : source.spans) {
            if (span.contains(at))
                found.emplace_back(span.size(), source.node);
        }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    std::vector<NodeId> nodes;
    for (const auto &[size, node] : found) {
        if (std::find(nodes.begin(), nodes.end(), node) == nodes.end())
            nodes.push_back(node);
    }
    return nodes;
}

} // namespace howdah::plan
