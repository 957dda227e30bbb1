// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/index/advise_parts.h"
#include "core/index/estimate.h"
#include "core/index/size.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

/// Some hundred at once, so that statistics of thousands of tables are not held twice; halves of them, and halves of those,
/// where one spoils it (a schema that may not be looked into).
void readNames(pg::Connection &connection, const std::vector<std::string> &names, Facts &facts)
{
    constexpr std::size_t at_once = 400;
    if (names.empty() || connection.canceller().requested())
        return;
    const auto half = [&](std::size_t begin, std::size_t end) {
        readNames(connection, {names.begin() + static_cast<std::ptrdiff_t>(begin), names.begin() + static_cast<std::ptrdiff_t>(end)}, facts);
    };
    if (names.size() > at_once) {
        for (std::size_t begin = 0; begin < names.size(); begin += at_once)
            half(begin, std::min(begin + at_once, names.size()));
    } else if (const auto read = readTables(connection, {names.begin(), names.end()}, facts); !read) {
        if (names.size() == 1) {
            facts.unknown.insert(names.front());
        } else {
            half(0, names.size() / 2);
            half(names.size() / 2, names.size());
        }
    }
}

void readNames(pg::Connection &connection, const std::set<std::string> &names, Facts &facts)
{
    readNames(connection, std::vector<std::string>(names.begin(), names.end()), facts);
}

/// Names that views stand on.
void readViews(pg::Connection &connection, Facts &facts)
{
    for (std::size_t next = 0, depth = 0; next < facts.tables.size() && depth < 10; ++depth) {
        std::set<std::string> names;
        const std::size_t end = facts.tables.size();
        for (; next < end; ++next) {
            if (facts.tables[next].kind != 'v')
                continue;
            const auto inner = relationNames(facts.tables[next].view_definition);
            if (inner)
                names.insert(inner->begin(), inner->end());
        }
        if (!names.empty())
            readNames(connection, names, facts);
    }
}

/// Tables that refer to those at hand: deleting from these looks through them.
void readReferring(pg::Connection &connection, Facts &facts)
{
    std::string oids;
    for (const TableFacts &table : facts.tables)
        oids += (oids.empty() ? "" : ",") + std::to_string(table.oid);
    const auto referring = connection.query("SELECT DISTINCT conrelid::regclass::text FROM pg_catalog.pg_constraint WHERE contype = 'f' AND confrelid = ANY ($1::oid[]) LIMIT 1000", {{"{" + oids + "}"}});
    if (!referring)
        return;
    std::set<std::string> names;
    for (std::int64_t row = 0; row < referring->result->rowCount(); ++row)
        names.emplace(referring->result->cell(row, 0).text);
    readNames(connection, names, facts);
}

double writtenRows(const std::string &source)
{
    const auto document = nlohmann::json::parse(source, nullptr, false);
    if (!document.is_array() || document.empty())
        return 1;
    const auto &root = document[0]["Plan"];
    if (root.value("Node Type", "") != "ModifyTable" || !root.contains("Plans") || root["Plans"].empty())
        return 1;
    return std::max(1.0, root["Plans"][0].value("Plan Rows", 1.0));
}

} // namespace

Result<Ground> readGround(pg::Connection &connection, const workload::Workload &load)
{
    auto facts = readServerFacts(connection);
    if (!facts)
        return tl::unexpected(facts.error());
    Ground ground;
    ground.facts = std::move(*facts);
    ground.problems = load.problems;
    std::set<std::string> names;
    std::vector<std::set<std::string>> by_statement;
    for (const workload::Statement &statement : load.statements) {
        auto used = relationNames(statement.text);
        by_statement.push_back(used ? std::move(*used) : std::set<std::string>());
        names.insert(by_statement.back().begin(), by_statement.back().end());
    }
    readNames(connection, names, ground.facts);
    readViews(connection, ground.facts);
    readReferring(connection, ground.facts);
    for (std::size_t i = 0; i < load.statements.size(); ++i) {
        const workload::Statement &statement = load.statements[i];
        std::string missing;
        for (const std::string &name : by_statement[i]) {
            if (ground.facts.unknown.count(name) > 0)
                missing += (missing.empty() ? "" : ", ") + name;
        }
        if (!missing.empty()) {
            ground.problems.push_back({workload::oneLine(statement.text), "There is no table or view " + missing + " here, or none that may be seen", statement.line});
            continue;
        }
        auto shape = shapeOf(statement.text, ground.facts);
        if (!shape) {
            ground.problems.push_back({workload::oneLine(statement.text), shape.error().message, statement.line});
            continue;
        }
        // What asks the catalog alone is some tool's.
        const bool system = !shape->uses.empty() && std::all_of(shape->uses.begin(), shape->uses.end(), [&](const TableUse &use) {
            const std::string &schema = ground.facts.tables[use.table].schema;
            return schema == "pg_catalog" || schema == "information_schema";
        });
        if (system)
            continue;
        ground.statements.push_back(statement);
        ground.shapes.push_back(std::move(*shape));
    }
    return ground;
}

Result<void> planGround(pg::Connection &connection, Planner &planner, Ground &ground)
{
    ground.expressions = readExpressions(connection, ground.shapes, ground.facts);
    std::vector<workload::Statement> statements;
    std::vector<Shape> shapes;
    const std::size_t samples = ground.statements.size() <= 40 ? workload::max_samples : 1;
    for (std::size_t i = 0; i < ground.statements.size(); ++i) {
        const workload::Statement &statement = ground.statements[i];
        const auto problem = [&](const Error &error) {
            ground.problems.push_back({workload::oneLine(statement.text), error.message + (error.hint.empty() ? "" : " (" + error.hint + ")"), statement.line});
        };
        auto ready = planned(statement, ground.shapes[i], ground.facts, samples);
        if (!ready) {
            problem(ready.error());
            continue;
        }
        auto answer = planner.plan(*ready, {}, {});
        if (!answer) {
            if (answer.error().kind == ErrorKind::Connection || answer.error().kind == ErrorKind::Cancelled)
                return tl::unexpected(answer.error());
            problem(answer.error());
            continue;
        }
        ground.written.push_back(ground.shapes[i].write == WriteKind::None ? 0 : writtenRows(answer->source));
        ground.planned.push_back(std::move(*ready));
        ground.base.push_back(std::move(*answer));
        statements.push_back(statement);
        shapes.push_back(std::move(ground.shapes[i]));
    }
    ground.statements = std::move(statements);
    ground.shapes = std::move(shapes);
    return {};
}

double upkeepOf(const Candidate &candidate, const Ground &ground)
{
    const double each = writeCost(candidate, ground.facts, ground.expressions);
    const TableFacts &table = ground.facts.tables[candidate.table];
    double sum = 0;
    for (std::size_t i = 0; i < ground.statements.size(); ++i) {
        const Shape &shape = ground.shapes[i];
        if (shape.written_use < 0 || shape.uses[static_cast<std::size_t>(shape.written_use)].table != candidate.table)
            continue;
        double times = 0;
        if (shape.write == WriteKind::Insert || shape.write == WriteKind::Merge) {
            times = 1;
        } else if (shape.write == WriteKind::Delete) {
            times = 0.1; // vacuum takes the entries away later, many at once
        } else if (shape.write == WriteKind::Update) {
            const auto touches = [&](const std::set<int> &columns) { return std::any_of(columns.begin(), columns.end(), [&](int column) { return shape.updated.count(column) > 0; }); };
            const bool hot_lost_already = std::any_of(table.indexes.begin(), table.indexes.end(), [&](const IndexFacts &index) {
                return std::any_of(shape.updated.begin(), shape.updated.end(), [&](int column) {
                    const ColumnFacts *facts = table.column(column);
                    return facts != nullptr && index.access_method != "brin" && index.definition.find(sql::quoteIdentifier(facts->name)) != std::string::npos;
                });
            });
            if (hot_lost_already)
                times = 1;
            else if (touches(candidate.attnums) && candidate.method != "brin")
                times = 1 + static_cast<double>(table.indexes.size()); // no longer HOT: every other index gets an entry, too
        }
        sum += times * each * ground.written[i] * ground.statements[i].weight;
    }
    return sum;
}

std::vector<EstimatedPlan> estimatePlans(pg::Connection &connection, const Ground &ground, const std::vector<Candidate> &candidates, const std::vector<std::size_t> &which)
{
    std::vector<EstimatedPlan> plans;
    for (const std::size_t one : which) {
        for (const std::size_t statement : candidates[one].statements) {
            if (connection.canceller().requested())
                return plans;
            double read = 1;
            bool probed = false;
            if (candidates[one].method == "brin") {
                const auto found = probeRanges(connection, ground.shapes[statement], candidates[one], ground.facts);
                if (!found)
                    continue;
                read = *found;
                probed = true;
            }
            const double cost = estimatedCost(ground.base[statement].source, ground.shapes[statement], candidates[one], ground.facts, ground.expressions, read);
            if (cost < ground.base[statement].cost * 0.98)
                plans.push_back({statement, one, cost, probed});
        }
    }
    return plans;
}

std::vector<KeyCheck> keyChecks(std::size_t statement, const Ground &ground, const std::vector<Candidate> &candidates)
{
    std::vector<KeyCheck> checks;
    const Shape &shape = ground.shapes[statement];
    if ((shape.write != WriteKind::Delete && shape.write != WriteKind::Merge) || shape.written_use < 0)
        return checks;
    const TableFacts &parent = ground.facts.tables[shape.uses[static_cast<std::size_t>(shape.written_use)].table];
    for (std::size_t place = 0; place < ground.facts.tables.size(); ++place) {
        const TableFacts &table = ground.facts.tables[place];
        for (const ForeignKey &key : table.foreign_keys) {
            if (key.referenced != parent.quoted() && key.referenced != sql::quoteIdentifier(parent.name))
                continue;
            const std::set<std::string> wanted(key.columns.begin(), key.columns.end());
            // Any order of the columns does, as long as they stand in front.
            const auto leads = [&](const std::vector<std::string> &keys) {
                std::set<std::string> first;
                for (std::size_t i = 0; i < keys.size() && i < wanted.size(); ++i)
                    first.insert(keys[i]);
                std::set<std::string> quoted;
                for (const std::string &name : wanted)
                    quoted.insert(sql::quoteIdentifier(name));
                return first == quoted;
            };
            if (std::any_of(table.indexes.begin(), table.indexes.end(), [&](const IndexFacts &index) { return index.valid && index.predicate.empty() && leads(index.keys); }))
                continue;
            KeyCheck check;
            check.cost = ground.written[statement] * (table.pages * ground.facts.costs.seq_page + table.rows * (ground.facts.costs.cpu_tuple + ground.facts.costs.cpu_operator));
            for (std::size_t i = 0; i < candidates.size(); ++i) {
                std::vector<std::string> keys;
                for (const IndexKey &one : candidates[i].keys)
                    keys.push_back(one.expression);
                if (candidates[i].table == place && candidates[i].method == "btree" && candidates[i].predicate.empty() && leads(keys))
                    check.candidates.push_back(i);
            }
            checks.push_back(std::move(check));
        }
    }
    return checks;
}

} // namespace howdah::index
