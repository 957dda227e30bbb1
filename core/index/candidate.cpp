// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/candidates.h"

#include <algorithm>

#include "core/pg/catalog_row.h"
#include "core/pg/connection.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

/// As ANALYZE does it (Duj1): what a sample of n rows with d values, f1 of them once, says of all rows.
double distinctOf(double n, double d, double once, double rows)
{
    if (n <= 0 || d <= 0)
        return 0;
    if (n >= rows)
        return d;
    const double denominator = (n - once) + once * n / rows;
    return std::clamp(denominator > 0 ? n * d / denominator : rows, d, rows);
}

void sample(pg::Connection &connection, const TableFacts &table, const std::string &expression, ExpressionFacts &facts)
{
    const double percent = std::clamp(table.pages > 0 ? 30000 / table.pages : 100.0, 0.001, 100.0);
    const std::string from = table.kind == 'r' || table.kind == 'm' || table.kind == 'p'
                                 ? table.quoted() + " TABLESAMPLE SYSTEM (" + std::to_string(percent) + ") REPEATABLE (1)"
                                 : table.quoted();
    const auto answer = connection.query("WITH s AS (SELECT " + expression + " AS e FROM " + from + " LIMIT 20000), "
                                         "g AS (SELECT e, count(*) AS c FROM s GROUP BY e) "
                                         "SELECT coalesce(sum(c), 0), count(e), count(*) FILTER (WHERE c = 1), coalesce(sum(c) FILTER (WHERE e IS NULL), 0), "
                                         "coalesce(sum(c * pg_catalog.pg_column_size(e)) / nullif(sum(c) FILTER (WHERE e IS NOT NULL), 0), 0) FROM g");
    if (!answer || answer->result->rowCount() == 0) {
        static_cast<void>(connection.query("ROLLBACK TO SAVEPOINT howdah_advice"));
        // What fails on rows, or wants to write, is nothing that an index could hold.
        facts.known = facts.known && answer.has_value();
        return;
    }
    const auto number = [&](std::size_t column) { return std::strtod(std::string(answer->result->cell(0, column).text).c_str(), nullptr); };
    const double count = number(0);
    if (count <= 0)
        return;
    facts.value.has_statistics = true;
    facts.value.null_fraction = number(3) / count;
    facts.value.width = std::max(1.0, number(4));
    facts.value.distinct = distinctOf(count - number(3), number(1), number(2), std::max(count, table.rows));
}

} // namespace

std::string IndexKey::text() const
{
    std::string result = expression;
    if (!operator_class.empty())
        result += " " + operator_class;
    if (descending)
        result += " DESC";
    if (nulls_first != descending)
        result += nulls_first ? " NULLS FIRST" : " NULLS LAST";
    return result;
}

std::string Candidate::ddl(const TableFacts &table_facts, const std::string &name, bool concurrently) const
{
    std::string text = std::string("CREATE INDEX ") + (concurrently ? "CONCURRENTLY " : "") + (name.empty() ? "" : sql::quoteIdentifier(name) + " ") + "ON " + table_facts.quoted();
    if (method != "btree")
        text += " USING " + sql::quoteIdentifier(method);
    text += " (";
    for (std::size_t i = 0; i < keys.size(); ++i)
        text += (i > 0 ? ", " : "") + keys[i].text();
    text += ")";
    if (!include.empty()) {
        text += " INCLUDE (";
        for (std::size_t i = 0; i < include.size(); ++i)
            text += (i > 0 ? ", " : "") + include[i];
        text += ")";
    }
    if (!options.empty())
        text += " WITH (" + options + ")";
    if (!predicate.empty())
        text += " WHERE " + predicate;
    return text;
}

std::string Candidate::signature() const
{
    std::string text = std::to_string(table) + "\x01" + method;
    for (const IndexKey &key : keys)
        text += "\x01" + key.text();
    text += "\x02";
    for (const std::string &one : include)
        text += "\x01" + one;
    return text + "\x02" + predicate + "\x02" + options;
}

const ColumnFacts *valueFacts(std::size_t table, const std::string &expression, int attnum, const Facts &facts, const Expressions &expressions)
{
    if (attnum > 0)
        return facts.tables[table].column(attnum);
    const auto found = expressions.find({table, expression});
    return found == expressions.end() || !found->second.known ? nullptr : &found->second.value;
}

Expressions readExpressions(pg::Connection &connection, const std::vector<Shape> &shapes, const Facts &facts)
{
    Expressions expressions;
    const auto want = [&](const TableUse &use, const std::string &expression, int attnum) {
        if (attnum == 0 && !expression.empty() && expressions.size() < 500)
            expressions.emplace(std::pair(use.table, expression), ExpressionFacts{});
    };
    for (const Shape &shape : shapes) {
        for (const TableUse &use : shape.uses) {
            for (const Term &term : use.terms)
                want(use, term.expression, term.attnum);
            for (const auto &arm : use.alternatives)
                for (const Term &term : arm)
                    want(use, term.expression, term.attnum);
            for (const SortWish &wish : use.sorts)
                for (const SortTerm &term : wish.terms)
                    want(use, term.expression, term.attnum);
        }
    }
    for (auto &[key, one] : expressions) {
        const TableFacts &table = facts.tables[key.first];
        const auto typed = connection.query("SELECT " + key.second + " FROM " + table.quoted() + " LIMIT 0");
        if (!typed) {
            static_cast<void>(connection.query("ROLLBACK TO SAVEPOINT howdah_advice"));
            continue;
        }
        one.known = true;
        one.value.type = typed->result->columns().front().type_oid;
        one.value.align = 'd';
        const bool has_volatile = std::any_of(facts.methods.volatile_functions.begin(), facts.methods.volatile_functions.end(), [&](const std::string &name) {
            return key.second.find(name + "(") != std::string::npos;
        });
        const auto type = connection.query("SELECT typlen, typalign, typtype, typcategory, pg_catalog.format_type(oid, NULL) FROM pg_catalog.pg_type WHERE oid = $1::oid", {{std::to_string(one.value.type)}});
        if (type && type->result->rowCount() > 0) {
            pg::CatalogRow row(*type->result, 0);
            one.value.length = row.number<int>();
            one.value.align = row.letter();
            one.value.type_kind = row.letter();
            one.value.category = row.letter();
            one.value.type_name = row.text();
            if (one.value.length > 0)
                one.value.width = one.value.length;
        }
        if (!has_volatile)
            sample(connection, table, key.second, one);
    }
    return expressions;
}

double fractionOf(const Term &term, const ColumnFacts *column)
{
    if (column == nullptr || !column->has_statistics)
        return term.op == "=" ? 0.005 : 0.33;
    if (term.op == "IS NULL")
        return column->null_fraction;
    if (term.op == "IS NOT NULL")
        return 1 - column->null_fraction;
    if (term.op == "=") {
        const std::string value = term.is_string ? term.text : term.value == "true" ? "t" : term.value == "false" ? "f" : term.value;
        double common = 0;
        for (std::size_t i = 0; i < column->common_values.size(); ++i) {
            if (!term.join && !term.list && column->common_values[i] == value)
                return column->common_frequencies[i];
            common += column->common_frequencies[i];
        }
        const double others = column->distinct - static_cast<double>(column->common_values.size());
        if (term.join || term.list || term.parameter > 0 || others < 1)
            return 1 / std::max(1.0, column->distinct);
        return std::max(0.0, 1 - common - column->null_fraction) / others;
    }
    return 0.33;
}

const IndexFacts *servedBy(const Candidate &candidate, const TableFacts &table, const AccessMethods &methods)
{
    const auto same = [&](const IndexFacts &index, std::size_t i, bool turned) {
        const IndexKey &key = candidate.keys[i];
        const std::string plain = key.attnum == 0 && key.expression.size() > 2 ? key.expression.substr(1, key.expression.size() - 2) : key.expression;
        if (index.keys[i] != key.expression && index.keys[i] != plain)
            return false;
        const int option = i < index.options.size() ? index.options[i] : 0;
        const bool ordered = candidate.method == "btree";
        if (ordered && (((option & 1) != 0) != (key.descending != turned) || ((option & 2) != 0) != (key.nulls_first != turned)))
            return false;
        if (key.operator_class.empty()) {
            const ColumnFacts *column = table.column(key.attnum);
            const ClassFacts *usual = column != nullptr ? methods.byDefault(candidate.method, column->type) : nullptr;
            return usual == nullptr || i >= index.classes.size() || index.classes[i] == usual->name;
        }
        return i < index.classes.size() && (key.operator_class == index.classes[i] || key.operator_class.ends_with("." + index.classes[i]));
    };
    for (const IndexFacts &index : table.indexes) {
        if (!index.valid || index.access_method != candidate.method || (!index.predicate.empty() && index.predicate != candidate.predicate && "(" + candidate.predicate + ")" != index.predicate))
            continue;
        const bool exact = candidate.method != "btree" && candidate.method != "gist" && candidate.method != "gin" && candidate.method != "brin";
        if (index.keys.size() < candidate.keys.size() || (exact && index.keys.size() != candidate.keys.size()))
            continue;
        bool forward = true, backward = candidate.method == "btree";
        for (std::size_t i = 0; i < candidate.keys.size(); ++i) {
            forward = forward && same(index, i, false);
            backward = backward && same(index, i, true);
        }
        const bool covers = std::all_of(candidate.include.begin(), candidate.include.end(), [&](const std::string &column) {
            return std::find(index.keys.begin(), index.keys.end(), column) != index.keys.end() || std::find(index.included.begin(), index.included.end(), column) != index.included.end();
        });
        if ((forward || backward) && covers)
            return &index;
    }
    return nullptr;
}

} // namespace howdah::index
