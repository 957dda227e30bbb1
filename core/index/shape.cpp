// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/shape.h"

#include <algorithm>

#include "core/index/shape_scope.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace shapes {

namespace {

const Json none = Json::object();
const Json empty_list = Json::array();

const Json &part(const Json &node, const char *key)
{
    const auto found = node.find(key);
    return found == node.end() ? none : *found;
}

const Json &list(const Json &node, const char *key)
{
    const auto found = node.find(key);
    return found == node.end() || !found->is_array() ? empty_list : *found;
}

void collectNames(const Json &node, std::set<std::string> &ctes, std::set<std::string> &names, int depth)
{
    if (depth > 2 * deepest_walk || !node.is_structured())
        return;
    if (node.is_array()) {
        for (const Json &one : node)
            collectNames(one, ctes, names, depth + 1);
        return;
    }
    if (node.contains("ctename"))
        ctes.insert(node.value("ctename", ""));
    if (node.contains("relname") && node.contains("relpersistence")) {
        const std::string schema = node.value("schemaname", "");
        names.insert(sql::quoteQualified(schema, node.value("relname", "")));
    }
    for (const auto &member : node)
        collectNames(member, ctes, names, depth + 1);
}

} // namespace

void Walk::rewrite(const char *kind, std::string message)
{
    const auto known = std::find_if(shape_.rewrites.begin(), shape_.rewrites.end(), [&](const Rewrite &one) { return one.kind == kind && one.message == message; });
    if (known == shape_.rewrites.end())
        shape_.rewrites.push_back({kind, std::move(message)});
}

int Walk::target(const Json &range, Scope &scope)
{
    const std::string name = range.value("relname", "");
    const TableFacts *table = facts_.find(range.value("schemaname", ""), name);
    if (table == nullptr)
        return -1;
    TableUse use;
    use.table = static_cast<std::size_t>(table - facts_.tables.data());
    use.has_alias = range.contains("alias");
    use.alias = use.has_alias ? part(range, "alias").value("aliasname", name) : name;
    if (view_depth_ == 0) {
        use.name_begin = range.value("location", 0UL);
        use.name_end = use.name_begin + 1;
    }
    const int place = static_cast<int>(shape_.uses.size());
    shape_.uses.push_back(std::move(use));
    scope.sources.push_back({shape_.uses.back().alias, place, {}});
    return place;
}

Outputs Walk::view(const TableFacts &table, int depth)
{
    const auto tree = sql::parseTree(table.view_definition);
    const Json parsed = tree ? Json::parse(*tree, nullptr, false) : Json();
    if (!parsed.is_object() || list(parsed, "stmts").size() != 1 || view_depth_ > 8)
        return {};
    ++view_depth_;
    Outputs outputs = statement(part(parsed["stmts"][0], "stmt"), nullptr, depth + 1);
    --view_depth_;
    for (std::size_t i = 0; i < outputs.size() && i < table.columns.size(); ++i)
        outputs[i].first = table.columns[i].name;
    return outputs;
}

void Walk::fromTable(const Json &range, Scope &scope, int depth)
{
    const std::string name = range.value("relname", "");
    const std::string alias = range.contains("alias") ? part(range, "alias").value("aliasname", name) : name;
    if (range.value("schemaname", "").empty()) {
        for (const Scope *at = &scope; at != nullptr; at = at->parent) {
            if (const auto cte = at->ctes.find(name); cte != at->ctes.end()) {
                scope.sources.push_back({alias, -1, cte->second});
                return;
            }
        }
    }
    const TableFacts *table = facts_.find(range.value("schemaname", ""), name);
    if (table != nullptr && table->kind == 'v') {
        Outputs outputs = view(*table, depth);
        scope.sources.push_back({alias, -1, std::move(outputs)});
        return;
    }
    target(range, scope);
}

void Walk::from(const Json &item, Scope &scope, int depth)
{
    if (depth > deepest_walk)
        return;
    const auto [kind, body] = onlyMember(item);
    if (body == nullptr)
        return;
    if (kind == "RangeVar") {
        fromTable(*body, scope, depth);
    } else if (kind == "RangeSubselect") {
        // A lateral one sees what stands before it; for others nothing is lost by letting them.
        Outputs outputs = statement(part(*body, "subquery"), &scope, depth + 1);
        const Json &alias = part(*body, "alias");
        const std::vector<std::string> columns = namesOf(list(alias, "colnames"));
        for (std::size_t i = 0; i < columns.size() && i < outputs.size(); ++i)
            outputs[i].first = columns[i];
        scope.sources.push_back({alias.value("aliasname", ""), -1, std::move(outputs)});
    } else if (kind == "JoinExpr") {
        const std::size_t first = scope.sources.size();
        from(part(*body, "larg"), scope, depth + 1);
        const std::size_t second = scope.sources.size();
        from(part(*body, "rarg"), scope, depth + 1);
        for (const std::string &name : namesOf(list(*body, "usingClause"))) {
            Scope left, right;
            left.sources.assign(scope.sources.begin() + static_cast<std::ptrdiff_t>(first), scope.sources.begin() + static_cast<std::ptrdiff_t>(second));
            right.sources.assign(scope.sources.begin() + static_cast<std::ptrdiff_t>(second), scope.sources.end());
            const Json reference{{"ColumnRef", {{"fields", Json::array({Json{{"String", {{"sval", name}}}}})}}}};
            std::vector<std::pair<int, Term>> terms;
            term(expression(reference, left, depth + 1), "=", expression(reference, right, depth + 1), false, terms);
            for (auto &[use, one] : terms)
                shape_.uses[static_cast<std::size_t>(use)].terms.push_back(std::move(one));
        }
        if (body->contains("quals"))
            apply((*body)["quals"], scope, depth + 1);
    } else if (kind == "RangeFunction") {
        expression(part(*body, "functions"), scope, depth + 1);
        scope.sources.push_back({part(*body, "alias").value("aliasname", ""), -1, {}});
    } else if (kind == "RangeTableSample") {
        from(part(*body, "relation"), scope, depth + 1);
    } else {
        expression(item, scope, depth + 1);
    }
}

void Walk::with(const Json &node, Scope &scope, int depth)
{
    for (const Json &one : list(part(node, "withClause"), "ctes")) {
        const Json &cte = part(one, "CommonTableExpr");
        const std::string name = cte.value("ctename", "");
        scope.ctes[name] = {};
        Outputs outputs = statement(part(cte, "ctequery"), &scope, depth + 1);
        const std::vector<std::string> columns = namesOf(list(cte, "aliascolnames"));
        for (std::size_t i = 0; i < columns.size() && i < outputs.size(); ++i)
            outputs[i].first = columns[i];
        scope.ctes[name] = std::move(outputs);
    }
}

void Walk::targets(const Json &node, const Scope &scope, bool exists, int depth, Outputs &outputs)
{
    for (const Json &one : list(node, "targetList")) {
        const Json &entry = part(one, "ResTarget");
        const Json &value = part(entry, "val");
        const Json &fields = part(part(value, "ColumnRef"), "fields");
        if (fields.is_array() && !fields.empty() && fields.back().contains("A_Star")) {
            const std::vector<std::string> names = namesOf(fields);
            for (const Source &source : scope.sources) {
                if (!names.empty() && source.alias != names.back())
                    continue;
                outputs.insert(outputs.end(), source.outputs.begin(), source.outputs.end());
                if (source.use < 0)
                    continue;
                TableUse &use = shape_.uses[static_cast<std::size_t>(source.use)];
                for (const ColumnFacts &column : facts_.tables[use.table].columns) {
                    outputs.emplace_back(column.name, Origin{source.use, column.attnum});
                    if (!exists)
                        use.columns.insert(column.attnum);
                }
                use.whole_row = use.whole_row || !exists;
            }
            continue;
        }
        const Expr found = expression(value, scope, depth + 1);
        std::string name = entry.value("name", "");
        if (name.empty() && fields.is_array() && !fields.empty())
            name = stringOf(fields.back());
        outputs.emplace_back(name, found.column ? Origin{found.use, found.attnum} : Origin{});
    }
}

void Walk::addSort(std::vector<SortTerm> terms, int use, bool limited, bool grouping)
{
    if (use < 0 || terms.empty())
        return;
    SortWish wish;
    wish.terms = std::move(terms);
    wish.limited = limited;
    wish.grouping = grouping;
    shape_.uses[static_cast<std::size_t>(use)].sorts.push_back(std::move(wish));
}

/// The terms before the first that is of another table; false where that is none at all.
bool Walk::sortTerms(const Json &clause, const Json &target_list, const Scope &scope, int depth, std::vector<SortTerm> &terms, int &use)
{
    for (const Json &one : clause) {
        const Json *node = &one;
        SortTerm term;
        if (one.contains("SortBy")) {
            const Json &by = one["SortBy"];
            node = &part(by, "node");
            term.descending = by.value("sortby_dir", "") == "SORTBY_DESC";
            const std::string nulls = by.value("sortby_nulls", "");
            term.nulls_first = nulls == "SORTBY_NULLS_FIRST" || (nulls != "SORTBY_NULLS_LAST" && term.descending);
        }
        // A position, or the name of an output.
        if (node->contains("A_Const")) {
            const auto place = part((*node)["A_Const"], "ival").value("ival", 0);
            if (place < 1 || static_cast<std::size_t>(place) > target_list.size())
                return false;
            node = &part(part(target_list[static_cast<std::size_t>(place) - 1], "ResTarget"), "val");
        } else if (const Json &fields = part(part(*node, "ColumnRef"), "fields"); fields.is_array() && fields.size() == 1) {
            const std::string name = stringOf(fields[0]);
            for (const Json &target_entry : target_list) {
                if (part(target_entry, "ResTarget").value("name", "") == name)
                    node = &part(part(target_entry, "ResTarget"), "val");
            }
        }
        const Json &operation_node = part(*node, "A_Expr");
        if (operation_node.value("kind", "") == "AEXPR_OP" && operation_node.contains("lexpr")) {
            const Expr left = expression(operation_node["lexpr"], scope, depth + 1);
            const Expr right = expression(part(operation_node, "rexpr"), scope, depth + 1);
            const Expr &indexed = left.use >= 0 ? left : right;
            const Expr &value = left.use >= 0 ? right : left;
            const std::vector<std::string> op = namesOf(list(operation_node, "name"));
            if (indexed.use >= 0 && value.use != indexed.use && !value.mixed && indexed.writable && op.size() == 1 && op[0].find_first_of("<>~#|") != std::string::npos) {
                term.distance = op[0];
                term.expression = keyText(indexed);
                term.attnum = indexed.attnum;
                term.attnums = indexed.attnums;
                use = indexed.use;
                terms.push_back(std::move(term));
                return true;
            }
        }
        const Expr found = expression(*node, scope, depth + 1);
        if (found.use < 0 || found.mixed || !found.writable || found.has_parameters || (use >= 0 && found.use != use))
            return !terms.empty();
        use = found.use;
        term.expression = keyText(found);
        term.attnum = found.attnum;
        term.attnums = found.attnums;
        const bool repeated = std::any_of(terms.begin(), terms.end(), [&](const SortTerm &earlier) { return earlier.expression == term.expression; });
        if (!repeated)
            terms.push_back(std::move(term));
    }
    return !terms.empty();
}

void Walk::minMax(const Json &node, const Scope &scope, int depth)
{
    for (const Json &one : list(node, "targetList")) {
        const Json &function = part(part(part(one, "ResTarget"), "val"), "FuncCall");
        const std::vector<std::string> names = namesOf(list(function, "funcname"));
        if (names.empty() || (names.back() != "min" && names.back() != "max") || list(function, "args").size() != 1)
            continue;
        const Expr found = expression(function["args"][0], scope, depth + 1);
        if (found.use < 0 || found.mixed || !found.writable || found.has_parameters)
            continue;
        addSort({{keyText(found), found.attnum, found.attnums, false, false, {}}}, found.use, true, false);
    }
}

void Walk::window(const Json &definition, const Scope &scope, int depth)
{
    const Json &body = definition.contains("WindowDef") ? definition["WindowDef"] : definition;
    std::vector<SortTerm> terms;
    int use = -1;
    const bool first = list(body, "partitionClause").empty() || sortTerms(list(body, "partitionClause"), empty_list, scope, depth + 1, terms, use);
    if (first)
        sortTerms(list(body, "orderClause"), empty_list, scope, depth + 1, terms, use);
    addSort(std::move(terms), use, false, false);
}

void Walk::orders(const Json &node, const Scope &scope, int depth)
{
    const Json &target_list = list(node, "targetList");
    const bool limited = node.contains("limitCount");
    const bool groups = !list(node, "groupClause").empty();
    for (const char *clause : {"limitCount", "limitOffset"}) {
        const Json &value = part(node, clause);
        if (value.contains("ParamRef"))
            shape_.limit_parameters.insert(value["ParamRef"].value("number", 1));
        else if (value.is_object() && !value.empty())
            expression(value, scope, depth + 1);
    }
    const Json &offset = part(part(part(node, "limitOffset"), "A_Const"), "ival");
    if (offset.value("ival", 0) >= 1000)
        rewrite("offset", "OFFSET reads and throws away that many rows, with or without an index. Keep the last row's key instead: "
                          "WHERE (a, b) > (last a, last b) ORDER BY a, b LIMIT n.");
    std::vector<SortTerm> terms;
    int use = -1;
    if (sortTerms(list(node, "sortClause"), target_list, scope, depth, terms, use))
        addSort(terms, use, limited && !groups, false);
    if (groups) {
        std::vector<SortTerm> grouped;
        int group_use = -1;
        if (sortTerms(node["groupClause"], target_list, scope, depth, grouped, group_use))
            addSort(std::move(grouped), group_use, false, true);
    } else {
        minMax(node, scope, depth);
    }
    if (node.contains("distinctClause")) {
        const Json &clause = list(node, "distinctClause");
        const bool plain = clause.empty() || !clause[0].is_object() || clause[0].empty();
        std::vector<SortTerm> distinct;
        int distinct_use = -1;
        if (plain) {
            for (const Json &one : target_list) {
                const Expr found = expression(part(part(one, "ResTarget"), "val"), scope, depth + 1);
                if (found.use < 0 || found.mixed || !found.writable || (distinct_use >= 0 && found.use != distinct_use)) {
                    distinct.clear();
                    break;
                }
                distinct_use = found.use;
                distinct.push_back({keyText(found), found.attnum, found.attnums, false, false, {}});
            }
            addSort(std::move(distinct), distinct_use, false, true);
        } else if (list(node, "sortClause").empty() && sortTerms(clause, target_list, scope, depth, distinct, distinct_use)) {
            addSort(std::move(distinct), distinct_use, false, true);
        }
    }
}

Outputs Walk::select(const Json &node, const Scope *parent, int depth, bool exists)
{
    Scope scope;
    scope.parent = parent;
    with(node, scope, depth);
    if (node.value("op", "SETOP_NONE") != "SETOP_NONE") {
        Outputs outputs = select(part(node, "larg"), &scope, depth + 1, exists);
        select(part(node, "rarg"), &scope, depth + 1, exists);
        for (auto &[name, origin] : outputs)
            origin = {}; // of several tables
        return outputs;
    }
    for (const Json &item : list(node, "fromClause"))
        from(item, scope, depth + 1);
    if (node.contains("whereClause"))
        apply(node["whereClause"], scope, depth + 1);
    Outputs outputs;
    targets(node, scope, exists, depth, outputs);
    for (const char *clause : {"groupClause", "havingClause", "valuesLists"}) {
        if (node.contains(clause))
            expression(node[clause], scope, depth + 1);
    }
    for (const Json &definition : list(node, "windowClause"))
        window(definition, scope, depth + 1);
    orders(node, scope, depth);
    return outputs;
}

void Walk::insert(const Json &node, const Scope *parent, int depth)
{
    Scope scope;
    scope.parent = parent;
    with(node, scope, depth);
    if (node.contains("selectStmt"))
        statement(node["selectStmt"], &scope, depth + 1);
    const int use = target(part(node, "relation"), scope);
    if (use < 0)
        return;
    shape_.uses[static_cast<std::size_t>(use)].written = true;
    shape_.uses[static_cast<std::size_t>(use)].whole_row = true;
    shape_.write = WriteKind::Insert;
    shape_.written_use = use;
    if (node.contains("onConflictClause"))
        expression(node["onConflictClause"], scope, depth + 1);
}

void Walk::change(const Json &node, const Scope *parent, int depth, WriteKind kind)
{
    Scope scope;
    scope.parent = parent;
    with(node, scope, depth);
    const int use = target(part(node, "relation"), scope);
    for (const char *clause : {"fromClause", "usingClause"}) {
        for (const Json &item : list(node, clause))
            from(item, scope, depth + 1);
    }
    if (kind == WriteKind::Merge) {
        from(part(node, "sourceRelation"), scope, depth + 1);
        apply(part(node, "joinCondition"), scope, depth + 1);
        expression(list(node, "mergeWhenClauses"), scope, depth + 1);
    }
    if (node.contains("whereClause"))
        apply(node["whereClause"], scope, depth + 1);
    for (const Json &one : list(node, "targetList")) {
        const Json &entry = part(one, "ResTarget");
        expression(part(entry, "val"), scope, depth + 1);
        if (use >= 0) {
            const TableFacts &table = facts_.tables[shape_.uses[static_cast<std::size_t>(use)].table];
            if (const ColumnFacts *column = table.column(entry.value("name", "")))
                shape_.updated.insert(column->attnum);
        }
    }
    if (use < 0)
        return;
    shape_.uses[static_cast<std::size_t>(use)].written = true;
    shape_.uses[static_cast<std::size_t>(use)].whole_row = true;
    shape_.write = kind;
    shape_.written_use = use;
}

Outputs Walk::statement(const Json &node, const Scope *parent, int depth)
{
    const auto [kind, body] = onlyMember(node);
    if (body == nullptr || depth > deepest_walk)
        return {};
    if (kind == "SelectStmt")
        return select(*body, parent, depth);
    if (kind == "InsertStmt")
        insert(*body, parent, depth);
    else if (kind == "UpdateStmt")
        change(*body, parent, depth, WriteKind::Update);
    else if (kind == "DeleteStmt")
        change(*body, parent, depth, WriteKind::Delete);
    else if (kind == "MergeStmt")
        change(*body, parent, depth, WriteKind::Merge);
    else if (kind == "ExplainStmt" || kind == "CreateTableAsStmt" || kind == "DeclareCursorStmt")
        return statement(part(*body, "query"), parent, depth + 1);
    return {};
}

} // namespace shapes

namespace {

Result<shapes::Json> treeOf(std::string_view statement)
{
    const auto tree = sql::parseTree(statement);
    if (!tree)
        return tl::unexpected(tree.error());
    shapes::Json parsed = shapes::Json::parse(*tree, nullptr, false);
    if (!parsed.is_object() || !parsed.contains("stmts") || parsed["stmts"].size() != 1)
        return fail(ErrorKind::Parse, "It is not one statement");
    return parsed["stmts"][0].value("stmt", shapes::Json::object());
}

} // namespace

Result<std::set<std::string>> relationNames(std::string_view statement)
{
    const auto tree = treeOf(statement);
    if (!tree)
        return tl::unexpected(tree.error());
    std::set<std::string> ctes, names;
    shapes::collectNames(*tree, ctes, names, 0);
    for (const std::string &name : ctes)
        names.erase(sql::quoteIdentifier(name));
    return names;
}

Result<Shape> shapeOf(std::string_view statement, const Facts &facts)
{
    const auto tree = treeOf(statement);
    if (!tree)
        return tl::unexpected(tree.error());
    Shape shape;
    shapes::Walk walk(facts, shape);
    walk.statement(*tree, nullptr, 0);
    return shape;
}

} // namespace howdah::index
