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

namespace {

void write(Analysis &at, const Node &statement)
{
    Relation *target = at.relation(statement.get("relation"));
    if (target == nullptr)
        return;
    const bool inserts = statement.is("InsertStmt");
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
    for (const Constraint &key : inserts ? target->constraints : std::vector<Constraint>()) {
        if (key.type != 'f' || key.referenced == nullptr || !key.enforced)
            continue;
        at.lock(key.referenced, Lock::RowShare); // each row's key is looked up
        at.lockIndexes(*key.referenced, Lock::RowShare);
    }
}

bool isWrite(const Node &statement)
{
    return statement.is("InsertStmt") || statement.is("UpdateStmt") || statement.is("DeleteStmt") || statement.is("MergeStmt");
}

} // namespace

void lockSequences(Analysis &at, const nlohmann::json &expression)
{
    for (const std::string &name : sequencesIn(expression))
        at.lock(at.relation(nameParts(name), false, 'S'), Lock::RowExclusive);
}

bool queries(Analysis &at, const Node &statement)
{
    if (!isWrite(statement) && !statement.is("SelectStmt"))
        return false;
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
