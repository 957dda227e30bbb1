// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/why.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/human.h"
#include "core/index/advise_parts.h"
#include "core/index/shape_scope.h"
#include "core/index/size.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

using shapes::Json;

/// The one statement's IndexStmt; null when it is none.
Json indexStatement(std::string_view text)
{
    const auto tree = sql::parseTree(text);
    const Json parsed = tree ? Json::parse(*tree, nullptr, false) : Json();
    if (!parsed.is_object() || !parsed.contains("stmts") || parsed["stmts"].size() != 1)
        return {};
    return parsed["stmts"][0].value("stmt", Json::object()).value("IndexStmt", Json());
}

std::string className(const Json &element)
{
    std::string name;
    for (const std::string &part : shapes::namesOf(element.value("opclass", Json::array())))
        name += (name.empty() ? "" : ".") + sql::quoteIdentifier(part);
    return name;
}

Result<Candidate> candidateOf(const Json &node, std::string_view text, const Facts &facts, std::size_t table)
{
    Candidate candidate;
    candidate.table = table;
    candidate.method = node.value("accessMethod", "btree");
    Shape shape;
    shape.uses.emplace_back();
    shape.uses.front().table = table;
    shapes::Walk walk(facts, shape);
    shapes::Scope scope;
    scope.sources.push_back({facts.tables[table].name, 0, {}});
    for (const Json &one : node.value("indexParams", Json::array())) {
        const Json element = one.value("IndexElem", Json::object());
        IndexKey key;
        key.operator_class = className(element);
        key.descending = element.value("ordering", "") == "SORTBY_DESC";
        const std::string nulls = element.value("nulls_ordering", "");
        key.nulls_first = nulls == "SORTBY_NULLS_FIRST" || (nulls != "SORTBY_NULLS_LAST" && key.descending);
        if (const std::string name = element.value("name", ""); !name.empty()) {
            const ColumnFacts *column = facts.tables[table].column(name);
            if (column == nullptr)
                return fail(ErrorKind::Usage, "Table " + facts.tables[table].quoted() + " has no column \"" + name + "\"");
            key.expression = sql::quoteIdentifier(name);
            key.attnum = column->attnum;
        } else {
            const shapes::Expr expression = walk.expression(element.value("expr", Json()), scope, 0);
            if (!expression.writable || expression.text.empty())
                return fail(ErrorKind::Unsupported, "An expression of this index is not understood");
            key.expression = shapes::keyText(expression);
        }
        candidate.keys.push_back(std::move(key));
    }
    for (const Json &one : node.value("indexIncludingParams", Json::array()))
        candidate.include.push_back(sql::quoteIdentifier(one.value("IndexElem", Json::object()).value("name", "")));
    if (node.contains("whereClause")) {
        const auto printed = sql::deparse(text);
        const std::size_t where = printed ? printed->rfind(" WHERE ") : std::string::npos;
        if (where == std::string::npos)
            return fail(ErrorKind::Unsupported, "The predicate of this index is not understood");
        candidate.predicate = printed->substr(where + 7);
    }
    for (const ColumnFacts &column : facts.tables[table].columns) {
        const std::string name = sql::quoteIdentifier(column.name);
        const bool in_key = std::any_of(candidate.keys.begin(), candidate.keys.end(), [&](const IndexKey &key) { return key.attnum == column.attnum || (key.attnum == 0 && key.expression.find(name) != std::string::npos); });
        if (in_key || candidate.predicate.find(name) != std::string::npos || std::find(candidate.include.begin(), candidate.include.end(), name) != candidate.include.end())
            candidate.attnums.insert(column.attnum);
    }
    return candidate;
}

/// Why the planner leaves it: what the query asks of the first key.
std::string reasonAgainst(const Candidate &candidate, const Shape &shape, double rows)
{
    const IndexKey &first = candidate.keys.front();
    bool asked = false;
    std::string op;
    for (const TableUse &use : shape.uses) {
        if (use.table != candidate.table)
            continue;
        for (const Term &term : use.terms) {
            if (term.expression == first.expression) {
                asked = true;
                op = term.op;
            }
        }
        for (const SortWish &wish : use.sorts)
            asked = asked || (!wish.terms.empty() && wish.terms.front().expression == first.expression);
    }
    if (!asked)
        return "The query asks nothing of " + first.expression + ", which the index begins with.";
    if (rows < 1000)
        return "The table is so small that reading all of it is as quick.";
    return "The query asks for " + first.expression + (op.empty() ? "" : " " + op) + ", but the planner finds another way cheaper: too many rows match, or another index serves it.";
}

/// A partial index's share of the rows, as the planner sees it.
void countFraction(pg::Connection &connection, Candidate &candidate, const TableFacts &table)
{
    if (candidate.predicate.empty() || table.rows <= 0)
        return;
    const auto explained = connection.query("EXPLAIN (FORMAT JSON) SELECT FROM " + table.quoted() + " WHERE " + candidate.predicate);
    if (!explained) {
        static_cast<void>(connection.query("ROLLBACK TO SAVEPOINT howdah_advice"));
        return;
    }
    std::string source;
    for (std::int64_t row = 0; row < explained->result->rowCount(); ++row)
        source += explained->result->cell(row, 0).text;
    const Json document = Json::parse(source, nullptr, false);
    if (document.is_array() && !document.empty())
        candidate.rows_fraction = std::clamp(document[0]["Plan"].value("Plan Rows", table.rows) / table.rows, 1e-6, 1.0);
}

void weigh(Why &result, const TableFacts &table)
{
    const double gain = result.cost_before - result.cost_after;
    result.helps = gain > result.write_cost && gain > 0.0005 * result.cost_before && gain > 0;
    if (!result.served_by.empty()) {
        result.helps = false;
        result.reasons.push_back(result.served_by + " has the same columns in front already, and serves whatever this index would.");
    }
    if (table.pages < 10)
        result.reasons.push_back(fmt::format("{} has {:.0f} pages: reading them all is as quick as an index.", table.quoted(), std::max(1.0, table.pages)));
    if (result.helps)
        result.reasons.insert(result.reasons.begin(), fmt::format("It takes {:.0f} off the workload's cost of {:.0f}{}.", gain, result.cost_before,
                                                                 result.write_cost > 0 ? fmt::format(", for {:.0f} of upkeep", result.write_cost) : ""));
    else if (gain > 0 && result.write_cost >= gain)
        result.reasons.push_back(fmt::format("Keeping it up costs {:.0f}, more than the {:.0f} that it saves.", result.write_cost, gain));
    else if (!result.queries.empty() && gain <= 0)
        result.reasons.emplace_back("No query of the workload would be planned with it.");
    else if (result.queries.empty())
        result.reasons.push_back("No query of the workload reads " + table.quoted() + ".");
}

} // namespace

Result<Why> why(pg::Connection &connection, std::string_view create_index, const workload::Workload &load)
{
    const Json node = indexStatement(create_index);
    if (!node.is_object())
        return fail(ErrorKind::Usage, "That is no CREATE INDEX", "Write the statement as it would be run: CREATE INDEX ON orders (customer_id).");
    auto ground = readGround(connection, load);
    if (!ground)
        return tl::unexpected(ground.error());
    const Json relation = node.value("relation", Json::object());
    const std::string schema = relation.value("schemaname", ""), name = relation.value("relname", "");
    if (auto done = readTables(connection, {sql::quoteQualified(schema, name)}, ground->facts); !done)
        return tl::unexpected(done.error());
    const TableFacts *found = ground->facts.find(schema, name);
    if (found == nullptr)
        return fail(ErrorKind::Usage, "There is no table " + sql::quoteQualified(schema, name) + " here, or none that may be seen");
    const auto place = static_cast<std::size_t>(found - ground->facts.tables.data());
    const auto understood = candidateOf(node, create_index, ground->facts, place);
    if (!understood)
        return tl::unexpected(understood.error());
    Planner planner(connection, ground->facts);
    if (auto done = planner.begin(); !done)
        return tl::unexpected(done.error());
    if (auto done = planGround(connection, planner, *ground); !done)
        return tl::unexpected(done.error());
    std::vector<Candidate> candidates{*understood};
    Candidate &candidate = candidates.front();
    const TableFacts &table = ground->facts.tables[place];
    countFraction(connection, candidate, table);
    if (const auto refused = planner.check(candidates); !refused.empty())
        return tl::unexpected(refused.begin()->second);
    Why result;
    candidate.size_bytes = estimatedBytes(candidate, ground->facts, ground->expressions);
    result.ddl = candidate.ddl(table);
    result.size_bytes = candidate.size_bytes;
    result.write_cost = upkeepOf(candidate, *ground);
    result.problems = ground->problems;
    if (const IndexFacts *old = servedBy(candidate, table, ground->facts.methods))
        result.served_by = sql::quoteQualified(old->schema, old->name);
    const bool pretended = planner.pretends() && candidate.pretendable();
    result.proof = pretended ? Proof::WhatIf : Proof::Estimated;
    std::vector<double> after;
    for (std::size_t i = 0; i < ground->statements.size(); ++i) {
        after.push_back(ground->base[i].cost);
        const bool reads = std::any_of(ground->shapes[i].uses.begin(), ground->shapes[i].uses.end(), [&](const TableUse &use) { return use.table == place; });
        if (reads)
            candidate.statements.insert(i);
    }
    std::vector<char> used(ground->statements.size(), 0);
    if (pretended) {
        for (const std::size_t i : candidate.statements) {
            const auto answer = planner.plan(ground->planned[i], candidates, {0});
            if (!answer)
                return tl::unexpected(answer.error());
            after[i] = answer->cost;
            used[i] = answer->used.empty() ? 0 : 1;
        }
    } else {
        for (const EstimatedPlan &plan : estimatePlans(connection, *ground, candidates, {0})) {
            after[plan.statement] = plan.cost;
            used[plan.statement] = 1;
            if (plan.probed)
                result.proof = Proof::Probe;
        }
    }
    for (std::size_t i = 0; i < ground->statements.size(); ++i) {
        const workload::Statement &statement = ground->statements[i];
        result.cost_before += statement.weight * ground->base[i].cost;
        result.cost_after += statement.weight * after[i];
        if (candidate.statements.count(i) == 0)
            continue;
        Why::Query query{workload::oneLine(statement.text), statement.weight, ground->base[i].cost, after[i], used[i] != 0, {}};
        if (!query.used)
            query.reason = reasonAgainst(candidate, ground->shapes[i], table.rows);
        result.queries.push_back(std::move(query));
    }
    result.whatif_calls = planner.calls();
    weigh(result, table);
    return result;
}

std::string toJson(const Why &why)
{
    nlohmann::ordered_json document{{"ddl", why.ddl},         {"helps", why.helps},           {"reasons", why.reasons},       {"size_bytes", why.size_bytes}, {"write_cost", why.write_cost},
                                    {"cost_before", why.cost_before}, {"cost_after", why.cost_after}, {"proof", proofName(why.proof)}, {"whatif_calls", why.whatif_calls},
                                    {"queries", nlohmann::ordered_json::array()}, {"problems", nlohmann::ordered_json::array()}};
    if (!why.served_by.empty())
        document["served_by"] = why.served_by;
    for (const Why::Query &query : why.queries) {
        nlohmann::ordered_json object{{"text", query.text}, {"weight", query.weight}, {"cost_before", query.cost_before}, {"cost_after", query.cost_after}, {"used", query.used}};
        if (!query.reason.empty())
            object["reason"] = query.reason;
        document["queries"].push_back(std::move(object));
    }
    for (const workload::Problem &problem : why.problems)
        document["problems"].push_back({{"statement", problem.statement}, {"message", problem.message}});
    return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace howdah::index
