// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/findings/rule.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/pg/catalog.h"
#include "core/plan/findings/quals.h"
#include "core/plan/findings/statistics_kinds.h"
#include "core/plan/subplans.h"
#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

bool isWrong(const RuleInput &in, NodeId id)
{
    const auto factor = in.of(id).estimate_factor;
    if (!factor || !in.executed(id))
        return false;
    return *factor >= 10 || (*factor <= 0.1 && !in.of(id).stopped_early);
}

/// Whether so many rows more or fewer could have changed a plan.
bool matters(const RuleInput &in, NodeId id)
{
    const double actual = in.rows(id);
    const double expected = in.of(id).plan_rows_total.value_or(0);
    return std::max(actual, expected) >= 1000;
}

/// Statistics over several columns of one table.
void fixTogether(const RuleInput &in, NodeId id, const std::vector<Qual> &quals, const std::vector<std::string> &columns, Finding &f)
{
    const Node &node = in.node(id);
    const std::string name = relationName(node);
    const StatisticsChoice choice = chooseStatistics(in, id, quals, columns);
    f.why += " The planner multiplies the shares of several conditions as if they were independent; columns that go "
             "together need statistics of their own.";
    if (!choice.reason.empty())
        f.why += " " + choice.reason;
    if (choice.kinds.empty())
        return;
    const std::string stat = sql::quoteIdentifier(node.relation_name + "_" + "stat");
    f.fix_sql.push_back(fmt::format("CREATE STATISTICS {} ({}) ON {} FROM {};", stat, fmt::join(choice.kinds, ", "),
                                    fmt::join(columns, ", "), name));
    if (choice.target)
        f.fix_sql.push_back(fmt::format("ALTER STATISTICS {} SET STATISTICS {};", stat, *choice.target));
    f.fix_sql.push_back("ANALYZE " + name + ";");
}

void fixScan(const RuleInput &in, NodeId id, Finding &f)
{
    const Node &node = in.node(id);
    const std::string name = relationName(node);
    const pg::CatalogRelation *relation = in.relation(id);
    const bool fresh = relation != nullptr && relation->last_analyze
                       && static_cast<double>(relation->modified_since_analyze)
                              < 0.1 * static_cast<double>(std::max<std::int64_t>(1, relation->live_tuples));
    if (!fresh)
        f.fix_sql.push_back("ANALYZE " + name + ";");
    std::string conditions = node.text("Filter");
    for (const char *key : {"Index Cond", "Recheck Cond"}) {
        if (const std::string more = node.text(key); !more.empty())
            conditions = conditions.empty() ? more : conditions + " AND " + more;
    }
    std::vector<std::string> columns;
    std::vector<Qual> on_columns;
    int expressions = 0;
    for (const Qual &qual : qualsOf(in, id, conditions)) {
        if (!qual.column.empty() && !qual.converts && qual.against_constant) {
            on_columns.push_back(qual);
            if (std::find(columns.begin(), columns.end(), qual.column) == columns.end())
                columns.push_back(qual.column);
        }
        if ((qual.column.empty() || qual.converts) && qual.against_constant
            && qual.expression.find('(') != std::string::npos) {
            ++expressions; // a name is optional from 16 on only
            const std::string stat = sql::quoteIdentifier(fmt::format("{}_expr{}_stat", node.relation_name, expressions));
            if (in.version() != 0 && in.version() < 140000) // only an index has statistics of an expression there
                f.fix_sql.push_back(createIndex(in, id, "(" + qual.expression + ")", false));
            else
                f.fix_sql.push_back(fmt::format("CREATE STATISTICS {} ON ({}) FROM {};", stat, qual.expression, name));
            f.fix_sql.push_back("ANALYZE " + name + ";");
        }
    }
    if (columns.size() >= 2) {
        columns.resize(std::min<std::size_t>(columns.size(), 8));
        fixTogether(in, id, on_columns, columns, f);
    } else if (columns.size() == 1) {
        f.fix_sql.push_back(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET STATISTICS 1000;", name, columns[0]));
        f.fix_sql.push_back("ANALYZE " + name + ";");
    }
}

/// ndistinct of a group's columns when they come from one relation below.
void fixGroups(const RuleInput &in, NodeId id, Finding &f)
{
    const Node &node = in.node(id);
    const PropertyValue *keys = node.property("Group Key");
    const auto *list = keys == nullptr ? nullptr : std::get_if<PropertyValue::List>(&keys->value);
    std::vector<NodeId> inputs = inputsOf(in.plan, id);
    if (list == nullptr || list->size() < 2 || inputs.empty())
        return;
    NodeId below = inputs[0];
    while (in.node(below).relation_name.empty() && (inputs = inputsOf(in.plan, below)).size() == 1)
        below = inputs[0];
    if (in.node(below).relation_name.empty())
        return;
    std::vector<std::string> columns;
    for (const PropertyValue &item : *list) {
        const auto *text = std::get_if<std::string>(&item.value);
        const Qual qual = text == nullptr ? Qual() : readQual(*text);
        if (!qual.column.empty())
            columns.push_back(qual.column);
    }
    if (columns.size() < 2)
        return;
    columns.resize(std::min<std::size_t>(columns.size(), 8));
    f.fix_sql.push_back(fmt::format("CREATE STATISTICS {} (ndistinct) ON {} FROM {};",
                                    sql::quoteIdentifier(in.node(below).relation_name + "_stat"),
                                    fmt::join(columns, ", "), relationName(in.node(below))));
    f.fix_sql.push_back("ANALYZE " + relationName(in.node(below)) + ";");
}

} // namespace

/// The deepest nodes at which an estimate goes wrong: what is wrong above follows from them.
void ruleMisestimate(const RuleInput &in, std::vector<Finding> &out)
{
    if (!in.analyzed)
        return;
    std::vector<bool> wrong_below(in.size(), false);
    for (NodeId id = static_cast<NodeId>(in.size()); id-- > 0;) {
        const bool wrong = isWrong(in, id);
        const NodeId parent = in.node(id).parent;
        if ((wrong || wrong_below[id]) && parent != no_node)
            wrong_below[parent] = true;
        if (!wrong || wrong_below[id] || !matters(in, id))
            continue;
        // What was chosen by this estimate: the joins, sorts and groups above, and the other sides of loops.
        double at_stake = 0;
        int above = 0;
        for (NodeId at = id; in.node(at).parent != no_node && above < 100; at = in.node(at).parent, ++above) {
            const Node &node = in.node(in.node(at).parent);
            at_stake += in.exclusive(in.node(at).parent);
            if (node.node_type != "Nested Loop")
                continue;
            const std::vector<NodeId> inputs = inputsOf(in.plan, in.node(at).parent);
            if (inputs.size() == 2 && inputs[0] == at)
                at_stake += in.inclusive(inputs[1]);
        }
        const double lost = 0.5 * at_stake;
        if (!in.worth(lost))
            continue;
        const Node &node = in.node(id);
        const double factor = *in.of(id).estimate_factor;
        Finding &f =
            report(in, out, "misestimate", id, lost,
                   fmt::format("{} gave {} rows where {} were expected: {} times {}.", nameOf(node),
                               countText(node.actual_rows.value_or(0)), countText(node.plan_rows.value_or(0)),
                               countText(factor >= 1 ? factor : 1 / factor), factor >= 1 ? "more" : "fewer"),
                   fmt::format("rows={:.0f} (estimate) rows={:.0f} (actual) loops={:.0f}", node.plan_rows.value_or(0),
                               node.actual_rows.value_or(0), node.loops.value_or(0)));
        f.severity = std::min(f.severity, Severity::Warning); // what another plan would take is not known yet
        f.why = "The nodes above were chosen for that many rows.";
        if (!node.relation_name.empty())
            fixScan(in, id, f);
        else if (node.node_type == "Aggregate" || node.node_type == "Group")
            fixGroups(in, id, f);
        else if (node.node_type == "Function Scan")
            f.why += " A set-returning function is expected to give 1,000 rows unless it was created with ROWS.";
    }
}

} // namespace howdah::plan
