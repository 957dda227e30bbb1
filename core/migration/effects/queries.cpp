// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *locks_page = "https://www.postgresql.org/docs/current/explicit-locking.html";
constexpr Rule select_rule{"query", "reads beside writes", locks_page};
constexpr Rule write_rule{"write", "rows that it changes are locked until the transaction ends", locks_page};

std::set<std::string> namesOfWith(const nlohmann::json &query)
{
    std::set<std::string> names;
    walk(query, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind == "CommonTableExpr")
            names.insert(value.value("ctename", ""));
    });
    return names;
}

/// "column = constant" conditions of the statement's own WHERE.
std::map<std::string, std::string> equalities(const nlohmann::json &query)
{
    std::map<std::string, std::string> found;
    walk(query, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind != "A_Expr")
            return;
        const Node node(value);
        const auto name = node.names("name");
        const auto column = node.get("lexpr").is("ColumnRef") ? node.get("lexpr").names("fields") : std::vector<std::string>();
        const std::string constant = constantText(node.get("rexpr"));
        if (!name.empty() && name[0] == "=" && !column.empty() && !constant.empty())
            found[column.back()] = constant;
    });
    return found;
}

bool numberWithin(const Bound &bound, const std::string &value)
{
    const auto less = [](const std::string &a, const std::string &b) {
        char *end_a = nullptr, *end_b = nullptr;
        const double x = std::strtod(a.c_str(), &end_a), y = std::strtod(b.c_str(), &end_b);
        return *end_a == '\0' && *end_b == '\0' ? x < y : a < b;
    };
    if (bound.is_default)
        return false;
    if (bound.strategy == 'l')
        return std::find(bound.values.begin(), bound.values.end(), value) != bound.values.end();
    return bound.strategy == 'r' && bound.lower.size() == 1 && (bound.lower[0].empty() || !less(value, bound.lower[0])) && (bound.upper[0].empty() || less(value, bound.upper[0]));
}

/// Null when the key is not known, or none is known to take it.
Relation *partitionFor(const Relation &table, const std::map<std::string, std::string> &values)
{
    const auto value = table.kind == 'p' && table.partition_key.size() == 1 ? values.find(table.partition_key[0]) : values.end();
    if (value == values.end())
        return nullptr;
    for (Relation *child : table.children) {
        if (numberWithin(child->bound, value->second))
            return child;
    }
    return nullptr;
}

std::vector<Relation *> unpruned(Relation &table, const std::map<std::string, std::string> &equal)
{
    std::vector<Relation *> kept{&table};
    for (Relation *child = partitionFor(table, equal); child != nullptr; child = partitionFor(*kept.back(), equal))
        kept.push_back(child);
    if (kept.size() == 1)
        return tree(table);
    // below the last that the key decides, all are read
    for (Relation *member : tree(*kept.back())) {
        if (member != kept.back())
            kept.push_back(member);
    }
    return kept;
}

/// Where rows of INSERT … VALUES with literals go: every leaf, or false when that cannot be told.
bool lockTargets(Analysis &at, Relation &table, const Node &statement)
{
    std::vector<std::string> columns;
    for (const Node &target : statement.list("cols"))
        columns.push_back(target.text("name"));
    if (columns.empty()) {
        for (const Column &column : table.columns)
            columns.push_back(column.name);
    }
    const auto rows = statement.get("selectStmt").list("valuesLists");
    std::vector<Relation *> leaves;
    for (const Node &row : rows) {
        std::map<std::string, std::string> values;
        const auto cells = row.list("items");
        for (std::size_t i = 0; i < cells.size() && i < columns.size(); ++i) {
            if (const std::string constant = constantText(cells[i]); !constant.empty())
                values[columns[i]] = constant;
        }
        Relation *leaf = partitionFor(table, values);
        for (Relation *below = leaf; below != nullptr && below->kind == 'p'; leaf = below)
            below = partitionFor(*below, values);
        if (leaf == nullptr)
            return false;
        leaves.push_back(leaf);
    }
    for (Relation *leaf : leaves) {
        for (Relation *member = leaf; member != &table && member != nullptr; member = member->parents.empty() ? nullptr : member->parents[0])
            at.lock(member, Lock::RowExclusive);
    }
    return !rows.empty();
}

void readRelation(Analysis &at, Relation &relation, Lock mode, const std::map<std::string, std::string> &equal)
{
    for (Relation *member : unpruned(relation, equal)) {
        at.lock(member, mode);
        if (member->kind == 'v') {
            for (Relation *below : member->reads)
                readRelation(at, *below, Lock::AccessShare, {});
            continue;
        }
        if (member->kind != 'p' || at.major >= 16)
            at.lockIndexes(*member, mode);
        const bool by_key = std::any_of(member->indexes.begin(), member->indexes.end(), [&](const Relation *index) {
            return index->unique && index->plain && std::all_of(index->keys.begin(), index->keys.end(), [&](const std::string &key) { return equal.count(key) > 0; });
        });
        if (!by_key)
            at.scan(*member);
    }
}

} // namespace

void readQuery(Analysis &at, const nlohmann::json &query, std::vector<Relation *> *reads)
{
    const auto with = namesOfWith(query);
    const auto equal = equalities(query);
    const bool locks_rows = query.dump().find("\"LockingClause\"") != std::string::npos;
    std::vector<Node> ranges;
    walk(query, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind == "RangeVar")
            ranges.emplace_back(value);
    });
    for (const Node &range : ranges) {
        if (range.text("schemaname").empty() && with.count(range.text("relname")) > 0)
            continue;
        Relation *relation = at.relation(range);
        if (relation == nullptr)
            continue;
        if (reads != nullptr) {
            if (std::find(reads->begin(), reads->end(), relation) == reads->end())
                reads->push_back(relation);
        } else {
            readRelation(at, *relation, locks_rows ? Lock::RowShare : Lock::AccessShare, equal);
        }
    }
}

void lockNames(Analysis &at, const nlohmann::json &query)
{
    const auto with = namesOfWith(query);
    std::set<const nlohmann::json *> written;
    walk(query, [&](const std::string &kind, const nlohmann::json &value) {
        if ((kind == "InsertStmt" || kind == "UpdateStmt" || kind == "DeleteStmt" || kind == "MergeStmt") && value.contains("relation"))
            written.insert(&value["relation"]);
    });
    const auto name = [&](const Node &range, Lock mode) {
        if (!range.text("schemaname").empty() || with.count(range.text("relname")) == 0)
            at.lock(at.relation(range, true), mode);
    };
    walk(query, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind == "RangeVar")
            name(Node(value), Lock::AccessShare);
    });
    for (const nlohmann::json *target : written)
        name(Node(*target), Lock::RowExclusive);
}

namespace {

/// What INSERT puts in where the statement says nothing, and the keys that it has to look up.
void insertedValues(Analysis &at, Relation &target, const Node &statement)
{
    std::set<std::string> given;
    for (const Node &column : statement.list("cols"))
        given.insert(column.text("name"));
    const bool all = given.empty() && statement.get("selectStmt").exists();
    for (const Column &column : target.columns) {
        if (all || given.count(column.name) > 0)
            continue;
        for (Relation *sequence : target.sequences) {
            if (sequence->owner_column == column.name && (column.identity || drawsFrom(column.expression, *sequence)))
                at.lock(sequence, Lock::RowExclusive);
        }
    }
    for (const Constraint &key : target.constraints) {
        const bool is_null = !all && target.known && std::any_of(key.columns.begin(), key.columns.end(), [&](const std::string &name) {
            const Column *column = target.column(name);
            return given.count(name) == 0 && column != nullptr && column->expression.empty() && !column->identity;
        });
        if (key.type != 'f' || key.referenced == nullptr || !key.enforced || is_null)
            continue;
        at.lock(key.referenced, Lock::RowShare); // each row's key is looked up
        at.lockIndexes(*key.referenced, Lock::RowShare);
    }
}

void write(Analysis &at, const Node &statement)
{
    Relation *target = at.relation(statement.get("relation"));
    if (target == nullptr)
        return;
    const bool inserts = statement.is("InsertStmt");
    if (inserts || statement.is("MergeStmt")) {
        for (Relation *member : tree(*target))
            member->empty = false;
    }
    while (inserts && target->kind == 'v' && target->reads.size() == 1) { // what is written is the table below
        at.lock(target, Lock::RowExclusive);
        target = target->reads.front();
    }
    const auto equal = inserts ? std::map<std::string, std::string>() : equalities(*statement.body());
    for (Relation *member : inserts ? std::vector<Relation *>{target} : unpruned(*target, equal)) {
        at.lock(member, Lock::RowExclusive);
        if (!inserts && (member->kind != 'p' || at.major >= 16)) // the planner opens them; INSERT's own are let go at once
            at.lockIndexes(*member, Lock::RowExclusive);
        if (!inserts && !statement.get("whereClause").exists())
            at.scan(*member);
    }
    if (inserts && target->kind == 'p' && !lockTargets(at, *target, statement))
        at.note("The partitions that rows go to are locked with RowExclusiveLock as well.");
    if (inserts && statement.get("onConflictClause").get("infer").exists())
        at.lockIndexes(*target, Lock::RowExclusive); // opened to find the one that ON CONFLICT means
    if (inserts)
        insertedValues(at, *target, statement);
}

bool isWrite(const Node &statement)
{
    return statement.is("InsertStmt") || statement.is("UpdateStmt") || statement.is("DeleteStmt") || statement.is("MergeStmt");
}

/// COPY, EXPLAIN, DECLARE and PREPARE of a query.
bool utility(Analysis &at, const Node &statement)
{
    const auto named = [&](const Node &query) {
        lockNames(at, *query.body());
        if (isWrite(query))
            at.lock(at.relation(query.get("relation"), true), Lock::RowExclusive);
    };
    const auto planned = [&](const Node &query) { // opened and planned, but not run
        auto scans = at.out.scans;
        readQuery(at, *query.body(), nullptr);
        named(query);
        at.out.scans = std::move(scans);
    };
    if (statement.is("CopyStmt")) {
        const Node query = statement.get("query");
        const bool from = statement.flag("is_from");
        at.because(from ? write_rule : select_rule);
        if (query.exists()) {
            queries(at, query);
        } else if (Relation *table = at.relation(statement.get("relation"))) {
            at.lock(table, from ? Lock::RowExclusive : Lock::AccessShare);
            if (from)
                table->empty = false;
            else
                at.scan(*table);
        }
        return true;
    }
    if (statement.is("ExplainStmt")) {
        bool runs = false;
        for (const Node &option : statement.list("options")) {
            const std::string value = option.get("arg").value();
            runs = runs || (option.text("defname") == "analyze" && value != "false" && value != "off" && value != "0");
        }
        at.because(select_rule);
        const Node query = statement.get("query");
        if (runs)
            queries(at, query);
        else
            planned(query);
        return true;
    }
    if (statement.is("DeclareCursorStmt")) {
        at.because(select_rule);
        planned(statement.get("query"));
        return true;
    }
    if (statement.is("PrepareStmt")) {
        at.because(select_rule);
        named(statement.get("query"));
        return true;
    }
    return false;
}

} // namespace

void lockSequences(Analysis &at, const nlohmann::json &expression)
{
    for (const std::string &name : sequencesIn(expression))
        at.lock(at.relation(nameParts(name), false, 'S'), Lock::RowExclusive);
}

bool queries(Analysis &at, const Node &statement)
{
    if (utility(at, statement))
        return true;
    if (!isWrite(statement) && !statement.is("SelectStmt"))
        return false;
    if (statement.is("MergeStmt") && at.major < 15) {
        at.error("syntax error at or near \"MERGE\"", "42601", "MERGE came with PostgreSQL 15");
        return true;
    }
    const auto with = statement.get("withClause").list("ctes");
    const bool writes = isWrite(statement) || std::any_of(with.begin(), with.end(), [](const Node &each) { return isWrite(each.get("ctequery")); });
    at.because(writes ? write_rule : select_rule);
    readQuery(at, *statement.body(), nullptr);
    lockSequences(at, *statement.body());
    for (const Node &each : with) {
        if (isWrite(each.get("ctequery")))
            write(at, each.get("ctequery"));
    }
    if (isWrite(statement))
        write(at, statement);
    return true;
}

} // namespace howdah::migration::effects
