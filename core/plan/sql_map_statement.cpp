// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/sql_map_statement.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>

#include <nlohmann/json.hpp>

#include "core/sql/lexer.h"
#include "core/sql/parser.h"

namespace howdah::plan {

namespace {

using Json = nlohmann::json;
using sql::Token;
using sql::TokenKind;

constexpr int deepest = 1000;
constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

/// The tokens of the statement: the parse tree tells where things begin, they tell where things end.
class Words
{
public:
    explicit Words(std::string_view text) : text_(text)
    {
        sql::Lexer lexer(text);
        Token token;
        while (lexer.next(token)) {
            if (token.kind != TokenKind::Whitespace && token.kind != TokenKind::LineComment && token.kind != TokenKind::BlockComment)
                tokens_.push_back(token);
        }
    }

    [[nodiscard]] std::size_t size() const { return tokens_.size(); }
    [[nodiscard]] std::string_view at(std::size_t i) const { return i < tokens_.size() ? tokens_[i].span.of(text_) : std::string_view(); }
    [[nodiscard]] bool isName(std::size_t i) const
    {
        return i < tokens_.size() && (tokens_[i].kind == TokenKind::Identifier || tokens_[i].kind == TokenKind::QuotedIdentifier);
    }
    [[nodiscard]] bool is(std::size_t i, std::string_view word) const
    {
        const std::string_view own = at(i);
        return own.size() == word.size()
            && std::equal(own.begin(), own.end(), word.begin(), [](unsigned char a, unsigned char b) { return std::toupper(a) == b; });
    }
    [[nodiscard]] bool isAny(std::size_t i, std::initializer_list<std::string_view> words) const
    {
        return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return is(i, word); });
    }
    /// The token that holds the byte.
    [[nodiscard]] std::size_t holding(std::size_t byte) const
    {
        const auto after = std::upper_bound(tokens_.begin(), tokens_.end(), byte, [](std::size_t b, const Token &t) { return b < t.span.begin.value; });
        return after == tokens_.begin() ? 0 : static_cast<std::size_t>(after - tokens_.begin()) - 1;
    }
    [[nodiscard]] ByteSpan span(std::size_t first, std::size_t last) const
    {
        if (first >= tokens_.size() || last >= tokens_.size() || last < first)
            return {};
        return {tokens_[first].span.begin, tokens_[last].span.end};
    }
    /// The bracket that closes the one at `open`.
    [[nodiscard]] std::size_t closing(std::size_t open) const
    {
        int depth = 0;
        for (std::size_t i = open; i < size(); ++i) {
            depth += isAny(i, {"(", "["}) ? 1 : isAny(i, {")", "]"}) ? -1 : 0;
            if (depth == 0)
                return i;
        }
        return nowhere;
    }
    /// The nearest such word before `from` on the same level of brackets.
    [[nodiscard]] std::size_t before(std::size_t from, std::initializer_list<std::string_view> words) const
    {
        int depth = 0;
        for (std::size_t i = from; i-- > 0;) {
            if (isAny(i, {")", "]"}))
                ++depth;
            else if (isAny(i, {"(", "["}) && depth-- == 0)
                return nowhere;
            else if (depth == 0 && isAny(i, words))
                return i;
        }
        return nowhere;
    }

private:
    std::string_view text_;
    std::vector<Token> tokens_;
};

struct Extent {
    std::size_t first = nowhere, last = nowhere; ///< tokens
    [[nodiscard]] bool known() const { return first != nowhere; }
};

void locations(const Json &tree, std::size_t &low, std::size_t &high, int depth = 0)
{
    if (depth > deepest || !tree.is_structured())
        return;
    if (tree.is_object()) {
        if (const auto found = tree.find("location"); found != tree.end() && found->is_number_integer() && found->get<std::int64_t>() >= 0) {
            const auto at = found->get<std::size_t>();
            low = low == nowhere ? at : std::min(low, at);
            high = high == nowhere ? at : std::max(high, at);
        }
    }
    for (const Json &item : tree)
        locations(item, low, high, depth + 1);
}

/// Words that may stand behind the last located token and belong to the expression.
std::size_t tailOf(const Words &words, std::size_t last)
{
    for (;;) {
        const std::size_t next = last + 1;
        if (words.is(next, "."))
            last = next + 1;
        else if (words.is(next, "[") || (words.is(next, "(") && words.isName(last)))
            last = std::min(words.closing(next), words.size() - 1);
        else if (words.isAny(last, {"IS", "NOT"}) && words.isAny(next, {"NOT", "NULL", "TRUE", "FALSE", "UNKNOWN"}))
            last = next;
        else if ((words.is(last, "DOUBLE") && words.is(next, "PRECISION")) || (words.is(last, "CHARACTER") && words.is(next, "VARYING")) || words.is(last, "COLLATE"))
            last = next;
        else if (words.isAny(next, {"WITH", "WITHOUT"}) && words.is(next + 1, "TIME") && words.is(next + 2, "ZONE"))
            last = next + 2;
        else
            return last;
        if (last >= words.size())
            return words.size() - 1;
    }
}

Extent extentOf(const Words &words, const Json &tree)
{
    std::size_t low = nowhere;
    std::size_t high = nowhere;
    locations(tree, low, high);
    if (low == nowhere || words.size() == 0)
        return {};
    Extent extent{words.holding(low), tailOf(words, words.holding(high))};
    // Brackets and CASE … END that were entered have to be left.
    for (int round = 0; round < 20; ++round) {
        int depth = 0;
        int lowest = 0;
        int cases = 0;
        for (std::size_t i = extent.first; i <= extent.last; ++i) {
            depth += words.isAny(i, {"(", "["}) ? 1 : words.isAny(i, {")", "]"}) ? -1 : 0;
            cases += words.is(i, "CASE") ? 1 : words.is(i, "END") ? -1 : 0;
            lowest = std::min(lowest, depth);
        }
        const Extent start = extent;
        if (lowest < 0 && extent.first > 0) {
            --extent.first;
        } else if (depth > 0 || cases > 0) {
            while (extent.last + 1 < words.size() && (depth > 0 || cases > 0)) {
                ++extent.last;
                depth += words.isAny(extent.last, {"(", "["}) ? 1 : words.isAny(extent.last, {")", "]"}) ? -1 : 0;
                cases += words.is(extent.last, "CASE") ? 1 : words.is(extent.last, "END") ? -1 : 0;
            }
            extent.last = tailOf(words, extent.last);
        }
        if (extent.first == start.first && extent.last == start.last)
            break;
    }
    return extent;
}

/// Takes one statement apart.
class Dissection
{
public:
    explicit Dissection(std::string_view text) : words_(text) {}

    std::vector<SqlBlock> run(const Json &statement)
    {
        visitStatement(statement, SqlBlockKind::Statement, 0, {}, {}, 0);
        return std::move(blocks_);
    }

private:
    ByteSpan spanOf(const Json &tree) const
    {
        const Extent extent = extentOf(words_, tree);
        return extent.known() ? words_.span(extent.first, extent.last) : ByteSpan{};
    }

    std::size_t open(SqlBlockKind kind, std::size_t parent, const std::string &name, ByteSpan owner)
    {
        const std::size_t id = blocks_.size();
        SqlBlock block;
        block.kind = kind;
        block.parent = parent;
        block.name = name;
        block.owner = owner;
        blocks_.push_back(std::move(block));
        if (id != parent)
            blocks_[parent].children.push_back(id);
        return id;
    }

    /// A wrapped statement: {"SelectStmt": {…}}.
    void visitStatement(const Json &wrapped, SqlBlockKind kind, std::size_t parent, const std::string &name, ByteSpan owner, int depth)
    {
        if (depth > deepest || !wrapped.is_object() || wrapped.empty())
            return;
        const std::string type = wrapped.begin().key();
        const Json &body = wrapped.begin().value();
        for (const char *inner : {"query", "ctas_query"}) { // EXPLAIN, DECLARE, CREATE TABLE AS
            if (body.contains(inner) && (type == "ExplainStmt" || type == "DeclareCursorStmt" || type == "CreateTableAsStmt"))
                return visitStatement(body[inner], kind, parent, name, owner, depth + 1);
        }
        const std::size_t block = open(kind, parent, name, owner);
        if (type == "SelectStmt")
            return visitSelect(body, block, depth);
        visitWith(body, block, depth);
        if (body.contains("relation"))
            visitTarget(body["relation"], block);
        for (const char *list : {"fromClause", "usingClause"}) {
            if (body.contains(list))
                visitFrom(body[list], block, depth);
        }
        if (body.contains("sourceRelation"))
            visitFromItem(body["sourceRelation"], block, depth);
        if (body.contains("joinCondition"))
            conditions(body["joinCondition"], block, depth);
        if (body.contains("whereClause"))
            visitWhere(body["whereClause"], block, depth);
        for (const char *list : {"targetList", "returningList", "mergeWhenClauses"}) {
            if (body.contains(list))
                expressions(body[list], block, depth);
        }
        if (body.contains("selectStmt"))
            visitStatement(body["selectStmt"], SqlBlockKind::SetOperand, block, {}, {}, depth + 1);
    }

    void visitWith(const Json &body, std::size_t block, int depth)
    {
        const Json ctes = body.value("/withClause/ctes"_json_pointer, Json::array());
        for (const Json &wrapped : ctes) {
            const Json &cte = wrapped.at("CommonTableExpr");
            const std::size_t first = words_.holding(cte.value("location", std::size_t{0}));
            std::size_t as = first;
            while (as < words_.size() && !words_.is(as, "AS"))
                ++as;
            while (as < words_.size() && !words_.is(as, "("))
                ++as;
            visitStatement(cte.value("ctequery", Json::object()), SqlBlockKind::Cte, block, cte.value("ctename", ""), words_.span(first, words_.closing(as)), depth + 1);
        }
    }

    void visitSelect(const Json &select, std::size_t block, int depth)
    {
        if (depth > deepest)
            return;
        visitWith(select, block, depth);
        if (select.value("op", "SETOP_NONE") != "SETOP_NONE") {
            for (const char *side : {"larg", "rarg"}) {
                if (select.contains(side))
                    visitSelect(select[side], open(SqlBlockKind::SetOperand, block, {}, spanOf(select[side])), depth + 1);
            }
            const Extent right = extentOf(words_, select.value("rarg", Json()));
            std::size_t word = nowhere;
            for (std::size_t at = right.first; at != nowhere && word == nowhere; at = enclosing(at)) // out of its brackets
                word = words_.before(at, {"UNION", "INTERSECT", "EXCEPT"});
            if (word != nowhere)
                blocks_[block].set_operation = words_.span(word, words_.isAny(word + 1, {"ALL", "DISTINCT"}) ? word + 1 : word);
        }
        if (select.contains("fromClause"))
            visitFrom(select["fromClause"], block, depth);
        if (select.contains("whereClause"))
            visitWhere(select["whereClause"], block, depth);
        if (select.contains("targetList"))
            expressions(select["targetList"], block, depth);
        visitGrouping(select, block, depth);
        visitOrder(select, block, depth);
        if (select.contains("valuesLists"))
            blocks_[block].from.push_back({"*VALUES*", "", spanOf(select["valuesLists"])});
    }

    void visitWhere(const Json &where, std::size_t block, int depth)
    {
        const Extent extent = extentOf(words_, where);
        const std::size_t word = extent.known() ? words_.before(extent.first, {"WHERE"}) : nowhere;
        if (word != nowhere)
            blocks_[block].where = words_.span(word, extent.last);
        conditions(where, block, depth);
    }

    void visitGrouping(const Json &select, std::size_t block, int depth)
    {
        if (select.contains("havingClause"))
            conditions(select["havingClause"], block, depth);
        if (select.contains("groupClause"))
            blocks_[block].group_by = clause(select["groupClause"], {"GROUP"});
        if (select.contains("distinctClause")) {
            const Extent targets = extentOf(words_, select.value("targetList", Json()));
            const std::size_t word = targets.known() ? words_.before(targets.first, {"DISTINCT"}) : nowhere;
            if (word != nowhere)
                blocks_[block].distinct = words_.span(word, words_.is(word + 1, "ON") ? words_.closing(word + 2) : word);
        }
    }

    void visitOrder(const Json &select, std::size_t block, int depth)
    {
        if (select.contains("sortClause")) {
            blocks_[block].order_by = clause(select["sortClause"], {"ORDER"});
            for (const Json &key : select["sortClause"])
                blocks_[block].sort_keys.push_back({spanOf(key), termsOf(key)});
            expressions(select["sortClause"], block, depth);
        }
        Extent limits;
        for (const char *key : {"limitCount", "limitOffset"}) {
            const Extent own = extentOf(words_, select.value(key, Json()));
            const std::size_t word = own.known() ? words_.before(own.first, {"LIMIT", "OFFSET", "FETCH"}) : nowhere;
            if (word == nowhere)
                continue;
            limits.first = limits.known() ? std::min(limits.first, word) : word;
            limits.last = limits.last == nowhere ? own.last : std::max(limits.last, own.last);
        }
        if (limits.known())
            blocks_[block].limit = words_.span(limits.first, limits.last);
        if (select.contains("lockingClause"))
            visitLocking(block);
    }

    void visitLocking(std::size_t block)
    {
        for (std::size_t i = 0; i + 1 < words_.size(); ++i) {
            if (words_.is(i, "FOR") && words_.isAny(i + 1, {"UPDATE", "SHARE", "NO", "KEY"}))
                blocks_[block].locking = words_.span(i, words_.is(i + 1, "NO") ? i + 3 : words_.is(i + 1, "KEY") ? i + 2 : i + 1);
        }
    }

    /// From its word to the end of its last expression, direction included.
    ByteSpan clause(const Json &list, std::initializer_list<std::string_view> words) const
    {
        Extent extent = extentOf(words_, list);
        const std::size_t word = extent.known() ? words_.before(extent.first, words) : nowhere;
        if (word == nowhere)
            return {};
        while (words_.isAny(extent.last + 1, {"ASC", "DESC", "NULLS", "FIRST", "LAST"}))
            ++extent.last;
        return words_.span(word, extent.last);
    }

    void visitTarget(const Json &relation, std::size_t block)
    {
        const SqlRangeItem item = rangeVariable(relation);
        blocks_[block].target = item.span;
        blocks_[block].from.push_back(item);
    }

    SqlRangeItem rangeVariable(const Json &relation) const
    {
        const std::size_t first = words_.holding(relation.value("location", std::size_t{0}));
        std::size_t last = first;
        while (words_.is(last + 1, ".") && last + 2 < words_.size())
            last += 2;
        SqlRangeItem item;
        item.relation = relation.value("relname", "");
        item.alias = relation.value("/alias/aliasname"_json_pointer, item.relation);
        if (relation.contains("alias"))
            last += words_.is(last + 1, "AS") ? 2 : 1;
        item.span = words_.span(first, std::min(last, words_.size() - 1));
        return item;
    }

    /// Behind a bracket that closed: [AS] alias [(columns)].
    std::size_t aliasEnd(std::size_t last) const
    {
        last += words_.is(last + 1, "AS") ? 2 : 1;
        return words_.is(last + 1, "(") ? words_.closing(last + 1) : last;
    }

    void visitFrom(const Json &list, std::size_t block, int depth)
    {
        const Extent extent = extentOf(words_, list);
        const std::size_t word = extent.known() ? words_.before(extent.first + 1, {"FROM", "USING"}) : nowhere;
        for (const Json &item : list)
            visitFromItem(item, block, depth);
        if (word == nowhere)
            return;
        ByteSpan whole = words_.span(word, extent.last);
        for (const SqlRangeItem &item : blocks_[block].from)
            whole.end = item.span.begin >= whole.begin ? std::max(whole.end, item.span.end) : whole.end;
        blocks_[block].from_clause = whole;
    }

    void visitFromItem(const Json &item, std::size_t block, int depth)
    {
        if (depth > deepest || !item.is_object() || item.empty())
            return;
        const std::string type = item.begin().key();
        const Json &body = item.begin().value();
        if (type == "RangeVar") {
            blocks_[block].from.push_back(rangeVariable(body));
        } else if (type == "JoinExpr") {
            visitJoin(body, block, depth);
        } else if (type == "RangeSubselect") {
            const std::string alias = body.value("/alias/aliasname"_json_pointer, std::string());
            Extent extent = extentOf(words_, body.value("subquery", Json()));
            const std::size_t bracket = extent.known() ? enclosing(extent.first) : nowhere;
            ByteSpan span;
            if (bracket != nowhere && words_.closing(bracket) != nowhere) {
                const std::size_t close = words_.closing(bracket);
                span = words_.span(words_.is(bracket - 1, "LATERAL") ? bracket - 1 : bracket, alias.empty() ? close : aliasEnd(close));
            }
            blocks_[block].from.push_back({alias, "", span});
            visitStatement(body.value("subquery", Json::object()), SqlBlockKind::FromSubselect, block, alias, span, depth + 1);
        } else {
            const Extent extent = extentOf(words_, body);
            const std::string alias = body.value("/alias/aliasname"_json_pointer, std::string());
            const std::string name = body.value("/functions/0/List/items/0/FuncCall/funcname/0/String/sval"_json_pointer, std::string());
            if (extent.known())
                blocks_[block].from.push_back({alias.empty() ? name : alias, "", words_.span(extent.first, alias.empty() ? extent.last : aliasEnd(extent.last))});
            expressions(body, block, depth);
        }
    }

    std::size_t enclosing(std::size_t token) const
    {
        int depth = 0;
        for (std::size_t i = token; i-- > 0;) {
            depth += words_.is(i, ")") ? 1 : 0;
            if (words_.is(i, "(") && depth-- == 0)
                return i;
        }
        return nowhere;
    }

    void visitJoin(const Json &join, std::size_t block, int depth)
    {
        visitFromItem(join.value("larg", Json::object()), block, depth + 1);
        visitFromItem(join.value("rarg", Json::object()), block, depth + 1);
        if (join.contains("quals"))
            conditions(join["quals"], block, depth);
        if (!join.contains("usingClause") || blocks_[block].from.empty())
            return;
        const ByteSpan right = blocks_[block].from.back().span;
        const std::size_t word = right.size() == 0 ? nowhere : words_.holding(right.end.value - 1) + 1;
        if (word == nowhere || !words_.is(word, "USING"))
            return;
        SqlPiece piece{words_.span(word, words_.closing(word + 1)), {}};
        for (const Json &column : join["usingClause"])
            piece.terms.names.insert(column.value("/String/sval"_json_pointer, std::string()));
        blocks_[block].conditions.push_back(std::move(piece));
    }

    void conditions(const Json &tree, std::size_t block, int depth)
    {
        if (depth > deepest)
            return;
        if (tree.is_object() && tree.contains("BoolExpr") && tree["BoolExpr"].value("boolop", "") == "AND_EXPR") {
            for (const Json &part : tree["BoolExpr"]["args"])
                conditions(part, block, depth + 1);
            return;
        }
        blocks_[block].conditions.push_back({spanOf(tree), termsOf(tree)});
        expressions(tree, block, depth);
    }

    /// Finds sub-selects, aggregates and window functions.
    void expressions(const Json &tree, std::size_t block, int depth)
    {
        if (depth > deepest || !tree.is_structured())
            return;
        if (tree.is_object() && tree.contains("SubLink")) {
            const Json &link = tree["SubLink"];
            visitStatement(link.value("subselect", Json::object()), SqlBlockKind::SubLink, block, {}, spanOf(tree), depth + 1);
            if (link.contains("testexpr"))
                expressions(link["testexpr"], block, depth + 1);
            return;
        }
        if (tree.is_object() && tree.contains("FuncCall"))
            call(tree, block);
        for (const Json &item : tree)
            expressions(item, block, depth + 1);
    }

    void call(const Json &tree, std::size_t block)
    {
        constexpr std::array known{"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg",
                                   "bool_and", "bool_or", "every", "bit_and", "bit_or", "stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp",
                                   "corr", "percentile_cont", "percentile_disc", "mode", "any_value", "xmlagg", "grouping"};
        const Json &function = tree["FuncCall"];
        const SqlPiece piece{spanOf(tree), termsOf(tree)};
        const Json name = function.value("funcname", Json::array());
        const std::string last = name.empty() ? std::string() : name.back().value("/String/sval"_json_pointer, std::string());
        if (function.contains("over"))
            blocks_[block].windows.push_back(piece);
        else if (function.contains("agg_star") || function.contains("agg_distinct") || function.contains("agg_filter") || function.contains("agg_order")
                 || std::find(known.begin(), known.end(), last) != known.end())
            blocks_[block].aggregates.push_back(piece);
    }

    Words words_;
    std::vector<SqlBlock> blocks_;
};

} // namespace

std::vector<SqlBlock> takeApart(std::string_view statement)
{
    const auto tree = sql::parseTree(statement);
    if (!tree)
        return {};
    const Json document = Json::parse(*tree, nullptr, false);
    const Json first = document.is_object() ? document.value("/stmts/0/stmt"_json_pointer, Json()) : Json();
    if (!first.is_object() || first.empty())
        return {};
    try {
        return Dissection(statement).run(first);
    } catch (const Json::exception &) { // a tree that is built otherwise than every known grammar's
        return {};
    }
}

} // namespace howdah::plan
