// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/lint/statement.h"
#include "core/migration/lint/words.h"

namespace howdah::migration::linting {

namespace {

using effects::walk;

void setTimeout(Script &script, const std::string &name, std::optional<std::int64_t> value, bool is_local)
{
    if (name != "lock_timeout" && name != "statement_timeout")
        return;
    if (!value) { // DEFAULT and RESET: what role and database say
        const LintFacts *facts = script.options->lint_facts;
        value = facts == nullptr ? 0 : name == "lock_timeout" ? facts->lock_timeout_ms : facts->statement_timeout_ms;
    }
    const auto put = [&](Timeouts &timeouts) { (name == "lock_timeout" ? timeouts.lock_ms : timeouts.statement_ms) = *value; };
    if (is_local && !script.transaction.open)
        return; // without effect
    put(script.current);
    if (!is_local)
        put(script.session);
}

void settings(Script &script, const Statement &statement)
{
    const Node &root = statement.root;
    if (root.is("VariableSetStmt")) {
        const std::string kind = root.text("kind");
        const auto values = root.names("args");
        if (kind == "VAR_RESET_ALL") {
            setTimeout(script, "lock_timeout", {}, false);
            setTimeout(script, "statement_timeout", {}, false);
        } else if (kind == "VAR_SET_VALUE" && !values.empty()) {
            setTimeout(script, root.text("name"), milliseconds(values[0]).value_or(0), root.flag("is_local"));
        } else if (kind == "VAR_RESET" || kind == "VAR_SET_DEFAULT") {
            setTimeout(script, root.text("name"), {}, root.flag("is_local"));
        }
        return;
    }
    if (root.is("DiscardStmt")) {
        setTimeout(script, "lock_timeout", {}, false);
        setTimeout(script, "statement_timeout", {}, false);
    }
    if (!root.is("SelectStmt"))
        return;
    walk(*root.body(), [&](const std::string &kind, const nlohmann::json &value) {
        if (kind != "FuncCall")
            return;
        const Node call(value);
        const auto name = call.names("funcname");
        const auto arguments = call.list("args");
        if (name.empty() || name.back() != "set_config" || arguments.size() != 3)
            return;
        setTimeout(script, arguments[0].value(), milliseconds(arguments[1].value()).value_or(0), arguments[2].value() == "true");
    });
}

void endTransaction(Script &script, bool chained)
{
    script.transaction = {};
    script.transaction.open = chained;
    script.current = script.session;
}

/// What was added from there on is undone, so nothing is left to be said of it at the end.
void undone(Script &script, ByteOffset from)
{
    const auto drop = [from](auto &list) { list.erase(std::remove_if(list.begin(), list.end(), [from](const auto &one) { return one.spot.statement.begin >= from; }), list.end()); };
    drop(script.keys);
    drop(script.not_valid);
}

void transactionControl(Script &script, const Statement &statement)
{
    const std::string kind = statement.root.text("kind");
    auto &savepoints = script.transaction.savepoints;
    const auto savepoint = std::find_if(savepoints.rbegin(), savepoints.rend(), [&](const auto &one) { return one.first == statement.root.text("savepoint_name"); });
    if (kind == "TRANS_STMT_ROLLBACK" && script.transaction.open && script.transaction.begun.size() > 0)
        undone(script, script.transaction.begun.begin);
    else if (kind == "TRANS_STMT_SAVEPOINT")
        savepoints.emplace_back(statement.root.text("savepoint_name"), statement.place.span.begin);
    else if (kind == "TRANS_STMT_ROLLBACK_TO" && savepoint != savepoints.rend())
        undone(script, savepoint->second);
    if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") {
        if (!script.transaction.open) {
            script.transaction = {};
            script.transaction.open = true;
            script.transaction.begun = statement.place.span;
            script.transaction.begun_line = statement.effects().line;
        }
    } else if (kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK" || kind == "TRANS_STMT_PREPARE") {
        endTransaction(script, statement.root.flag("chain"));
    }
}

void hold(Script &script, const Statement &statement)
{
    for (const HeldLock &lock : statement.locks) {
        if (!lock.blocks())
            continue;
        auto &held = script.transaction.held;
        const auto found = std::find_if(held.begin(), held.end(), [&](const HeldLock &other) { return other.label == lock.label; });
        if (found == held.end())
            held.push_back(lock);
        else if (found->mode < lock.mode)
            *found = lock;
    }
}

Spot spotOf(const Statement &statement, ByteSpan span)
{
    return {span, statement.place.span, statement.effects().line, statement.effects().locks};
}

void foreignKey(Script &script, const Statement &statement, const Node &constraint, const std::string &column, Relation *table, ByteSpan span)
{
    if (table == nullptr || constraint.text("contype") != "CONSTR_FOREIGN")
        return;
    AddedKey key;
    key.spot = spotOf(statement, span);
    key.table = table;
    key.columns = constraint.names("fk_attrs");
    if (key.columns.empty() && !column.empty())
        key.columns.push_back(column);
    key.referenced = nameOf(constraint.get("pktable"));
    key.new_table = table->made_by != 0;
    for (const Constraint &made : table->constraints) {
        if (made.type == 'f' && made.columns == key.columns)
            key.name = made.name;
    }
    script.keys.push_back(std::move(key));
}

/// A table as it is after the statement.
Relation *now(const Statement &statement, const Node &range)
{
    std::string schema = range.text("schemaname");
    return statement.at.schema.find(schema, range.text("relname"));
}

void keysAdded(Script &script, const Statement &statement)
{
    const Node &root = statement.root;
    if (statement.failed() || !statement.place.routine.empty())
        return;
    if (root.is("AlterTableStmt")) {
        Relation *table = now(statement, root.get("relation"));
        for (const SubCommand &command : statement.commands) {
            if (command.is("AT_AddConstraint"))
                foreignKey(script, statement, command.def(), {}, table, command.span);
            else if (command.is("AT_AddColumn")) {
                for (const Node &constraint : command.def().list("constraints"))
                    foreignKey(script, statement, constraint, command.column, table, command.span);
            }
        }
    } else if (root.is("CreateStmt")) {
        Relation *table = now(statement, root.get("relation"));
        if (table == nullptr || table->made_by != statement.at.number)
            return;
        const auto spanOf = [&](const Node &node) -> ByteSpan {
            const std::size_t at = statement.place.span.begin.value + static_cast<std::size_t>(node.number("location"));
            if (statement.place.span.size() != statement.text.size() || at >= statement.place.span.end.value)
                return statement.place.span;
            std::size_t end = at;
            while (end < statement.place.span.end.value && script.text[end] != ',' && script.text[end] != '\n' && script.text[end] != ')')
                ++end;
            return {{at}, {std::max(end, at + 1)}};
        };
        for (const Node &element : root.list("tableElts")) {
            if (element.is("Constraint"))
                foreignKey(script, statement, element, {}, table, spanOf(element));
            for (const Node &constraint : element.is("ColumnDef") ? element.list("constraints") : std::vector<Node>())
                foreignKey(script, statement, constraint, element.text("colname"), table, spanOf(element));
        }
    }
}

void indexMade(Script &script, const Statement &statement)
{
    if (!statement.root.is("IndexStmt"))
        return;
    IndexFacts facts;
    facts.method = statement.root.text("accessMethod");
    const Node where = statement.root.get("whereClause");
    facts.has_predicate = where.exists();
    std::vector<Node> arms = where.is("BoolExpr") && where.text("boolop") == "AND_EXPR" ? where.list("args") : std::vector<Node>{where};
    bool plain = true;
    for (const Node &arm : arms) {
        const auto fields = arm.is("NullTest") && arm.text("nulltesttype") == "IS_NOT_NULL" && arm.get("arg").is("ColumnRef") ? arm.get("arg").names("fields") : std::vector<std::string>();
        plain = plain && !fields.empty();
        if (!fields.empty())
            facts.not_null.insert(fields.back());
    }
    if (!plain)
        facts.not_null.clear();
    for (const Relation &relation : statement.at.schema.relations) {
        if (relation.isIndex() && relation.made_by == statement.at.number)
            script.indexes.emplace(&relation, facts);
    }
}

void constraintsLeft(Script &script, const Statement &statement)
{
    const std::string table = nameOf(statement.root.get("relation"));
    for (const SubCommand &command : statement.commands) {
        if (command.is("AT_AddConstraint") && command.def().flag("skip_validation") && !command.def().flag("howdah_not_enforced")) {
            std::string name = command.def().text("conname");
            if (name.empty()) {
                if (const Relation *relation = now(statement, statement.root.get("relation")); relation != nullptr && !relation->constraints.empty())
                    name = relation->constraints.back().name;
            }
            if (script.transaction.open)
                script.transaction.not_valid.insert(table + "." + name);
            if (statement.onOldTable())
                script.not_valid.push_back({spotOf(statement, command.span), table, name});
        } else if (command.is("AT_ValidateConstraint") || command.is("AT_DropConstraint")) {
            script.not_valid.erase(std::remove_if(script.not_valid.begin(), script.not_valid.end(),
                                                  [&](const AddedNotValid &left) { return left.table == table && left.name == command.column; }),
                                   script.not_valid.end());
        }
    }
}

void enumsMade(Script &script, const Statement &statement)
{
    const Node &root = statement.root;
    const auto type = root.names("typeName");
    if (root.is("CreateEnumStmt") && !type.empty()) {
        script.transaction.new_types.insert(type.back());
    } else if (root.is("AlterEnumStmt") && root.text("oldVal").empty() && !type.empty() && script.transaction.open
               && script.transaction.new_types.count(type.back()) == 0) {
        script.transaction.new_values.emplace(root.text("newVal"), type.back());
    }
}

void rowsTaken(Script &script, const Statement &statement)
{
    if (!script.transaction.open)
        return;
    walk(*statement.at.tree.document, [&](const std::string &kind, const nlohmann::json &value) {
        if (kind != "DeleteStmt")
            return;
        const Node range = Node(value).get("relation");
        if (const Relation *from = now(statement, range); from == nullptr || from->made_by == 0)
            script.transaction.rows_taken.insert(nameOf(range));
    });
}

bool waitsForLocks(const Statement &statement)
{
    return std::any_of(statement.locks.begin(), statement.locks.end(), [](const HeldLock &lock) { return lock.blocks(); });
}

bool isPatient(const Statement &statement)
{
    if (!statement.command.empty() && statement.strongest() < Lock::AccessExclusive)
        return true;
    return statement.command.find("CONCURRENTLY") != std::string::npos;
}

void unbounded(Script &script, const Statement &statement)
{
    constexpr std::int64_t longest_bound_ms = 60000;
    const bool bounded = script.current.lock_ms > 0 && script.current.lock_ms <= longest_bound_ms;
    const bool is_explicit_nowait = statement.root.is("LockStmt") && statement.root.flag("nowait");
    if (!bounded && !is_explicit_nowait && statement.place.routine.empty() && waitsForLocks(statement) && !isPatient(statement) && !statement.failed())
        script.waits.push_back(spotOf(statement, statement.place.span));
}

} // namespace

void advance(Script &script, const Statement &statement)
{
    unbounded(script, statement);
    settings(script, statement);
    if (statement.root.is("TransactionStmt")) {
        transactionControl(script, statement);
        return;
    }
    if (statement.root.is("DoStmt"))
        return; // what stands in it was taken one by one
    rowsTaken(script, statement);
    keysAdded(script, statement);
    indexMade(script, statement);
    constraintsLeft(script, statement);
    enumsMade(script, statement);
    if (script.transaction.open)
        hold(script, statement);
    else
        script.transaction = {};
}

void beginBlock(Script &script, ByteSpan span, std::size_t line)
{
    if (script.transaction.open)
        return;
    script.transaction = {};
    script.transaction.open = script.transaction.implicit = true;
    script.transaction.begun = span;
    script.transaction.begun_line = line;
}

void endBlock(Script &script)
{
    if (script.transaction.implicit)
        endTransaction(script, false);
}

} // namespace howdah::migration::linting
