// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "core/base/human.h"
#include "core/index/health/rule.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

using nlohmann::json;

constexpr std::int64_t small_table_bytes = 1 << 20;
constexpr double few_rows = 10;
constexpr double mostly_null = 0.5;
constexpr std::size_t most_parts = 500;

/// "a IS NOT NULL" of one of the names, or a conjunction of such.
bool isNotNullOf(const json &node, const std::unordered_set<std::string> &names)
{
    if (node.contains("NullTest")) {
        const json &test = node["NullTest"];
        if (test.value("nulltesttype", "") != "IS_NOT_NULL")
            return false;
        const json fields = test.value("arg", json::object()).value("ColumnRef", json::object()).value("fields", json::array());
        return !fields.empty() && names.contains(fields.back().value("String", json::object()).value("sval", ""));
    }
    if (node.contains("BoolExpr") && node["BoolExpr"].value("boolop", "") == "AND_EXPR") {
        const json arguments = node["BoolExpr"].value("args", json::array());
        return std::all_of(arguments.begin(), arguments.end(), [&](const json &one) { return isNotNullOf(one, names); });
    }
    return false;
}

bool isIn(const std::vector<std::int16_t> &columns, const PartFacts &part)
{
    return part.attnum != 0 && std::find(columns.begin(), columns.end(), part.attnum) != columns.end();
}

/// Whether the index's operator class and collation take the key's comparison.
bool takesComparison(const Facts &facts, const TableFacts &table, const IndexFacts &index, const PartFacts &part, const ForeignKeyFacts &key)
{
    const auto at = static_cast<std::size_t>(std::find(key.columns.begin(), key.columns.end(), part.attnum) - key.columns.begin());
    const auto column = table.columns.find(part.attnum);
    if (part.collation != 0 && column != table.columns.end() && part.collation != column->second.collation)
        return false;
    if (index.access_method == "btree" || index.access_method == "hash")
        return true;
    const OpclassFacts *opclass = facts.opclass(part.opclass);
    const auto operators = opclass == nullptr ? facts.search_operators.end() : facts.search_operators.find(opclass->family);
    return operators != facts.search_operators.end() && at < key.operators.size() &&
           std::find(operators->second.begin(), operators->second.end(), key.operators[at]) != operators->second.end();
}

/// How many of its first keys are columns of the foreign key.
std::size_t leading(const Facts &facts, const TableFacts &table, const IndexFacts &index, const ForeignKeyFacts &key)
{
    std::size_t count = 0;
    while (count < index.keys && isIn(key.columns, index.parts[count]) && takesComparison(facts, table, index, index.parts[count], key))
        ++count;
    return count;
}

double distinctOf(const TableFacts &table, const ColumnFacts &column)
{
    return column.distinct >= 0 ? column.distinct : -column.distinct * std::max(table.rows, 0.0);
}

class Judge
{
public:
    Judge(RuleInput &in, std::vector<Draft> &out) : in_(in), facts_(in.facts), out_(out)
    {
        for (const ForeignKeyFacts &key : facts_.foreign_keys)
            by_oid_.emplace(key.oid, &key);
    }

    /// A foreign key of a partitioned table has one of its own on each partition, with the partition's column numbers.
    void run()
    {
        std::unordered_map<Oid, std::vector<const ForeignKeyFacts *>> unserved;
        for (const ForeignKeyFacts &key : facts_.foreign_keys) {
            const TableFacts &table = *facts_.table(key.table);
            const ForeignKeyFacts &root = rootOf(key);
            // What a key has for each partition of the table it references looks at the same columns once more.
            if (table.kind == 'p' || (key.parent != 0 && key.table == root.table) || isServed(table, key) || isServed(*facts_.table(root.table), root))
                continue;
            unserved[root.oid].push_back(&key);
        }
        for (const ForeignKeyFacts &key : facts_.foreign_keys) {
            const auto found = unserved.find(key.oid);
            if (found == unserved.end() || key.parent != 0)
                continue;
            report(key, found->second);
        }
    }

private:
    [[nodiscard]] const ForeignKeyFacts &rootOf(const ForeignKeyFacts &key) const
    {
        const ForeignKeyFacts *at = &key;
        for (auto up = by_oid_.find(at->parent); at->parent != 0 && up != by_oid_.end(); up = by_oid_.find(at->parent))
            at = up->second;
        return *at;
    }

    [[nodiscard]] bool isServed(const TableFacts &table, const ForeignKeyFacts &key) const
    {
        return std::any_of(table.indexes.begin(), table.indexes.end(),
                           [&](std::size_t i) { return serves(facts_, table, facts_.indexes[i], key); });
    }

    /// An index that finds few rows by a part of the columns; null when there is none.
    [[nodiscard]] const IndexFacts *nearlyServes(const TableFacts &table, const ForeignKeyFacts &key) const
    {
        for (const std::size_t i : table.indexes) {
            const IndexFacts &index = facts_.indexes[i];
            if (!index.isUsable() || !index.predicate.empty() || index.access_method != "btree" || table.rows <= 0)
                continue;
            double distinct = 0;
            for (std::size_t part = 0, count = leading(facts_, table, index, key); part < count; ++part) {
                if (const auto column = table.columns.find(index.parts[part].attnum); column != table.columns.end())
                    distinct = std::max(distinct, distinctOf(table, column->second));
            }
            if (distinct > 0 && table.rows / distinct <= few_rows)
                return &index;
        }
        return nullptr;
    }

    [[nodiscard]] std::string columnsText(const TableFacts &table, const ForeignKeyFacts &key, std::vector<std::string> *names) const
    {
        std::string text;
        for (const std::int16_t number : key.columns) {
            const auto column = table.columns.find(number);
            const std::string name = column == table.columns.end() ? "?" : column->second.name;
            text += (text.empty() ? "" : ", ") + sql::quoteIdentifier(name);
            if (names != nullptr)
                names->push_back(name);
        }
        return "(" + text + ")";
    }

    void report(const ForeignKeyFacts &key, const std::vector<const ForeignKeyFacts *> &leaves);
    void buildParts(const TableFacts &table, const ForeignKeyFacts &key, const std::vector<const ForeignKeyFacts *> &leaves, Draft &draft) const;
    [[nodiscard]] std::string body(const TableFacts &table, const ForeignKeyFacts &key) const;

    RuleInput &in_;
    const Facts &facts_;
    std::vector<Draft> &out_;
    std::unordered_map<Oid, const ForeignKeyFacts *> by_oid_;
};

/// Mostly NULL values need no place in the index: a comparison with a key never finds them.
std::string Judge::body(const TableFacts &table, const ForeignKeyFacts &key) const
{
    std::string text = columnsText(table, key, nullptr);
    if (key.columns.size() == 1) {
        const auto column = table.columns.find(key.columns[0]);
        if (column != table.columns.end() && column->second.null_fraction >= mostly_null)
            text += " WHERE " + sql::quoteIdentifier(column->second.name) + " IS NOT NULL";
    }
    return text;
}

/// CREATE INDEX CONCURRENTLY does not take a partitioned table, but its parts can be built so and attached.
void Judge::buildParts(const TableFacts &table, const ForeignKeyFacts &key, const std::vector<const ForeignKeyFacts *> &leaves, Draft &draft) const
{
    std::vector<std::string> names;
    const std::string columns = columnsText(table, key, &names);
    const std::string name = freshIndexName(facts_, table, names);
    const std::string full = sql::quoteQualified(table.schema, name);
    const bool flat = std::all_of(leaves.begin(), leaves.end(), [&](const ForeignKeyFacts *leaf) { return facts_.table(leaf->table)->parent == table.oid; });
    Mend whole;
    whole.step = stepOf("Create index " + name, "CREATE INDEX " + sql::quoteIdentifier(name) + " ON " + (flat && leaves.size() <= most_parts ? "ONLY " : "") + qualified(table) + " " + columns, "SHARE", true);
    whole.step.check_before = "SELECT to_regclass(" + sql::quoteLiteral(full) + ") IS NULL";
    whole.step.undo_sql = "DROP INDEX " + full;
    if (!flat || leaves.size() > most_parts) {
        whole.step.note = "Writes to the table and its partitions wait until all of it is built.";
        draft.mends.push_back(std::move(whole));
        return;
    }
    whole.step.note = "Of the partitioned table alone: nothing is built yet.";
    draft.mends.push_back(std::move(whole));
    for (const ForeignKeyFacts *leaf : leaves) {
        const TableFacts &part = *facts_.table(leaf->table);
        std::vector<std::string> part_names;
        const std::string part_columns = columnsText(part, *leaf, &part_names);
        const std::string part_name = freshIndexName(facts_, part, part_names);
        draft.mends.push_back(createIndex(part, part_name, part_columns));
        Mend attach;
        attach.step = stepOf("Attach " + part_name, "ALTER INDEX " + full + " ATTACH PARTITION " + sql::quoteQualified(part.schema, part_name), "ACCESS EXCLUSIVE", true);
        attach.step.note = "On the index only, for an instant.";
        attach.step.no_undo_reason = "Dropping the index of the partitioned table takes its parts along.";
        draft.mends.push_back(std::move(attach));
    }
}

void Judge::report(const ForeignKeyFacts &key, const std::vector<const ForeignKeyFacts *> &leaves)
{
    const TableFacts &table = *facts_.table(key.table);
    const TableFacts *parent = facts_.table(key.referenced);
    std::int64_t bytes = 0;
    for (const ForeignKeyFacts *leaf : leaves)
        bytes += facts_.table(leaf->table)->bytes(facts_.block_bytes);
    const IndexFacts *near = nearlyServes(table, key);
    const std::int64_t touched = parent == nullptr ? 0 : parent->deleted;
    const bool cascades = key.on_delete == 'c' || key.on_delete == 'n' || key.on_delete == 'd';
    const bool dear = near == nullptr && bytes >= small_table_bytes;
    Draft draft = draftOf(in_, "missing-foreign-key", dear && touched > 0 ? Severity::Serious : dear || (cascades && near == nullptr) ? Severity::Warning : Severity::Info, table);
    Finding &finding = draft.finding;
    std::vector<std::string> names;
    const std::string columns = columnsText(table, key, &names);
    const std::string referenced = parent == nullptr ? "the referenced table" : parent->name;
    finding.message = "No index serves the foreign key " + key.name + " " + columns + " of " + table.name + "; each row deleted from " + referenced +
                      " reads all of it (" + human::bytes(bytes) + ")";
    if (near != nullptr)
        finding.message = "No index has all columns of the foreign key " + key.name + " " + columns + " of " + table.name + "; " + near->name + " finds few rows by some of them";
    finding.why = "PostgreSQL looks for referencing rows when a referenced one is deleted or its key changes, and holds its lock meanwhile. "
                  "An index serves when its first columns are those of the key, in any order" +
                  std::string(touched > 0 ? "; " + countText(touched) + " rows of " + referenced + " were deleted since " + facts_.statistics_since.substr(0, 10) : "") + ".";
    finding.evidence = {{"constraint", key.name}, {"columns", columns}, {"referenced_table", referenced},
                        {"table_bytes", bytes},   {"referenced_deleted", touched}, {"on_delete", std::string(1, key.on_delete)}};
    for (const std::size_t i : table.indexes) {
        const IndexFacts &index = facts_.indexes[i];
        const auto names_key = [&](const PartFacts &part) { return isIn(key.columns, part); };
        if (std::any_of(index.parts.begin(), index.parts.end(), names_key))
            finding.evidence.push_back({"does_not_serve", index.name + " " + index.access_method + " " + keyText(table, index) + (index.predicate.empty() ? "" : " WHERE " + index.predicate)});
    }
    if (table.kind == 'p')
        buildParts(table, key, leaves, draft);
    else
        draft.mends.push_back(createIndex(table, freshIndexName(facts_, table, names), body(table, key)));
    out_.push_back(std::move(draft));
}

} // namespace

bool followsFromNotNull(const std::string &predicate, const std::unordered_set<std::string> &names)
{
    if (predicate.empty())
        return true;
    const auto tree = sql::parseTree("SELECT " + predicate);
    const json parsed = tree ? json::parse(*tree, nullptr, false) : json();
    if (!parsed.is_object())
        return false;
    const json pointed = parsed.value(json::json_pointer("/stmts/0/stmt/SelectStmt/targetList/0/ResTarget/val"), json::object());
    return isNotNullOf(pointed, names);
}

bool serves(const Facts &facts, const TableFacts &table, const IndexFacts &index, const ForeignKeyFacts &key)
{
    static const std::unordered_set<std::string> methods{"btree", "hash", "gist", "spgist", "gin"};
    // A BRIN or bloom index has the operator too, and reads large parts of the table for each row.
    if (!index.isUsable() || index.table != key.table || !methods.contains(index.access_method))
        return false;
    std::unordered_set<std::string> names;
    for (const std::int16_t number : key.columns) {
        if (const auto column = table.columns.find(number); column != table.columns.end())
            names.insert(column->second.name);
    }
    if (!followsFromNotNull(index.predicate, names))
        return false;
    if (index.access_method != "gin")
        return leading(facts, table, index, key) >= key.columns.size();
    return std::all_of(key.columns.begin(), key.columns.end(), [&](std::int16_t number) {
        return std::any_of(index.parts.begin(), index.parts.end(), [&](const PartFacts &part) {
            return part.attnum == number && takesComparison(facts, table, index, part, key);
        });
    });
}

void ruleForeignKeys(RuleInput &in, std::vector<Draft> &out)
{
    Judge(in, out).run();
}

} // namespace howdah::index_health
