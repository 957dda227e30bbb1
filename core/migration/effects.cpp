// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects.h"

#include <algorithm>
#include <memory>

#include "core/migration/effects/script.h"
#include "core/migration/effects/speed.h"
#include "core/migration/effects/transaction.h"
#include "core/sql/lexer.h"
#include "core/sql/routine_body.h"
#include "core/sql/transaction_block.h"

namespace howdah::migration {

namespace {

using namespace effects;

void dispatch(Analysis &at)
{
    const Node statement = at.tree.root();
    if (statement.is("AlterTableStmt")) {
        alterTable(at, statement);
        return;
    }
    for (const auto family : {createTable, createOther, dropSomething, renameOrMove, indexes, maintenance, objects, queries}) {
        if (family(at, statement))
            return;
    }
}

void collect(Analysis &at)
{
    if (at.failed) { // what the server refuses leaves nothing behind
        at.out.rewrites.clear();
        at.out.scans.clear();
        at.out.builds.clear();
        at.out.breaks.clear();
        return;
    }
    for (const auto &[relation, lock] : at.locks)
        at.out.locks.emplace(relation->label(), lockName(lock));
    for (auto *list : {&at.out.rewrites, &at.out.scans, &at.out.builds})
        std::sort(list->begin(), list->end());
    if (at.schema.connected())
        at.out.duration_ms = durationOf(at);
}

std::string commandOf(const std::string &statement)
{
    const std::string command = sql::blockRule(statement).command;
    return command.empty() ? "it" : command;
}

class Script
{
public:
    Script(std::string_view text, int major, const pg::Catalog *catalog, const SchemaFacts *facts, const Listener &listener)
        : text_(text), major_(major), catalog_(catalog), facts_(facts), schema_(std::make_unique<Schema>(catalog, facts)), listener_(listener), is_heard_(listener.after != nullptr)
    {
    }

    std::vector<StatementEffects> read()
    {
        std::vector<StatementEffects> all;
        for (const sql::StatementSpan &span : sql::splitStatements(text_)) {
            if (span.text.size() > 0 && !span.psql_command)
                all.push_back(one(std::string(span.text.of(text_)), *schema_, {span.text, false, false, {}}, true));
        }
        if (listener_.end)
            listener_.end(*schema_);
        return all;
    }

private:
    /// `is_outermost`: it stands in the script itself, and happens now.
    StatementEffects one(const std::string &statement, Schema &schema, const Place &place, bool is_outermost = false)
    {
        StatementEffects out;
        out.sql = statement;
        out.span = place.span;
        out.line = lineOf(place.span.begin.value);
        auto tree = parseStatement(statement, major_);
        if (!tree) {
            Error error = tree.error();
            error.position = ByteOffset{place.span.begin.value + (error.position ? error.position->value : 0)};
            out.errors.push_back(std::move(error));
            if (listener_.unreadable && !is_again_)
                listener_.unreadable(out, place);
            else if (is_outermost)
                transaction_.failed();
            return out;
        }
        Analysis at{schema, major_, ++number_, std::move(*tree), out, {}, false};
        out.kind = at.tree.root().kind();
        const bool heard = is_heard_ && !is_again_;
        if (heard)
            listener_.before(at, place);
        work(at, place, is_outermost);
        if (heard)
            listener_.after(at, place);
        return out;
    }

    void work(Analysis &at, const Place &place, bool is_outermost)
    {
        const Node statement = at.tree.root();
        if (is_outermost && !is_heard_ && transaction_.aborted() && !ScriptTransaction::endsFailure(statement)) {
            at.error("current transaction is aborted, commands ignored until end of transaction block", "25P02");
            return;
        }
        if (is_outermost && statement.is("TransactionStmt")) {
            transactionControl(at, statement);
            return;
        }
        if (statement.is("DoStmt")) {
            block(at, place);
        } else {
            dispatch(at);
            if (is_outermost && !is_heard_ && transaction_.open() && !at.out.in_transaction && !at.failed)
                at.error(commandOf(at.out.sql) + " cannot run inside a transaction block", "25001", "End the transaction before it");
            collect(at);
            if (is_heard_ && !is_again_ && statement.is("CreateFunctionStmt"))
                routine(at, place);
        }
        if (is_outermost)
            settle(at, statement, place);
    }

    /// What the statement left counts from now on, or not at all.
    void settle(Analysis &at, const Node &statement, const Place &place)
    {
        const std::string setting = statement.is("VariableSetStmt") && statement.flag("is_local") ? statement.text("name") : "";
        const bool is_local = setting == "search_path" || setting == "timezone"; // others change nothing here
        if (at.out.errors.empty() || is_heard_) {
            if (!is_local || transaction_.open())
                transaction_.applied({at.out.sql, at.number, place, is_local});
            else
                again();
            return;
        }
        transaction_.failed();
        // A statement of one part that is refused has changed nothing here either.
        if (!transaction_.open() && (statement.is("DoStmt") || statement.list("cmds").size() > 1 || statement.list("objects").size() > 1))
            again();
    }

    void transactionControl(Analysis &at, const Node &statement)
    {
        const std::string kind = statement.text("kind");
        if (kind == "TRANS_STMT_COMMIT_PREPARED" || kind == "TRANS_STMT_ROLLBACK_PREPARED") {
            at.out.in_transaction = false;
            return;
        }
        const bool was_aborted = transaction_.aborted();
        const ScriptTransaction::Outcome outcome = transaction_.take(statement);
        if (!outcome.note.empty())
            at.note(outcome.note);
        if (!outcome.error.empty()) {
            if (!is_heard_)
                at.error(outcome.error, outcome.sqlstate);
            transaction_.failed();
        }
        if (outcome.undone > 0 || (was_aborted && !transaction_.aborted()))
            again();
    }

    /// The schema as the statements that still count leave it. The one before stays: a listener may point into it.
    void again()
    {
        if (is_heard_)
            retired_.push_back(std::move(schema_));
        schema_ = std::make_unique<Schema>(catalog_, facts_);
        is_again_ = true;
        const std::size_t number = number_;
        for (const Applied &statement : transaction_.standing()) {
            number_ = statement.number - 1;
            static_cast<void>(one(statement.sql, *schema_, statement.place));
        }
        number_ = number;
        is_again_ = false;
    }

    /// Lines are asked for in ascending order, but for those within a block, which are few.
    std::size_t lineOf(std::size_t offset)
    {
        if (offset < line_at_) {
            line_at_ = 0;
            line_ = 1;
        }
        line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(line_at_), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
        line_at_ = offset;
        return line_;
    }

    /// What stands in a DO block as plain SQL or as EXECUTE of a literal; its control flow is not followed.
    void block(Analysis &at, const Place &place)
    {
        const auto body = sql::routineBody(text_, place.span);
        if (!body)
            return;
        for (const InnerStatement &inner : innerStatements(body->text)) {
            const Place within{body->inScript(inner.span), true, inner.is_dynamic, place.routine};
            const StatementEffects found = one(inner.sql, inner.is_dynamic ? unbound() : at.schema, within);
            if (found.kind.empty() || found.kind == "SelectStmt" || inner.is_dynamic)
                continue;
            merge(at.out, found);
            if (!found.in_transaction && found.errors.empty() && !is_heard_)
                at.error(commandOf(found.sql) + " cannot be executed from a function", "25001");
        }
        at.note("Only plain statements and EXECUTE of a literal within the block are seen, each as if it ran once; measure it to know the rest.");
    }

    static void merge(StatementEffects &into, const StatementEffects &found)
    {
        for (auto &[relation, lock] : found.locks) {
            auto [held, is_new] = into.locks.emplace(relation, lock);
            if (!is_new && strength(held->second) < strength(lock))
                held->second = lock;
        }
        const auto join = [](std::vector<std::string> &list, const std::vector<std::string> &from) { list.insert(list.end(), from.begin(), from.end()); };
        join(into.rewrites, found.rewrites);
        join(into.scans, found.scans);
        join(into.builds, found.builds);
        join(into.breaks, found.breaks);
        for (EffectReason reason : found.reasons) {
            reason.subject = found.sql + (reason.subject.empty() ? "" : " – " + reason.subject);
            into.reasons.push_back(std::move(reason));
        }
        for (const Error &error : found.errors)
            into.errors.push_back(error);
    }

    /// The code of a function, for listeners: it does not run now, and the catalog may be another one when it does.
    void routine(Analysis &at, const Place &place)
    {
        std::string language;
        for (const Node &option : at.tree.root().list("options")) {
            if (option.text("defname") == "language")
                language = option.get("arg").value();
        }
        const auto body = language == "sql" || language == "plpgsql" ? sql::routineBody(text_, place.span) : std::nullopt;
        for (const InnerStatement &inner : body ? innerStatements(body->text) : std::vector<InnerStatement>())
            static_cast<void>(one(inner.sql, unbound(), {body->inScript(inner.span), false, inner.is_dynamic, body->name}));
    }

    static int strength(const std::string &name)
    {
        for (int lock = 1; lock <= 8; ++lock) {
            if (name == lockName(static_cast<Lock>(lock)))
                return lock;
        }
        return 0;
    }

    /// A schema of which nothing is known, new for each statement.
    Schema &unbound()
    {
        unbound_ = std::make_unique<Schema>(nullptr, nullptr);
        return *unbound_;
    }

    std::string_view text_;
    int major_;
    const pg::Catalog *catalog_;
    const SchemaFacts *facts_;
    std::unique_ptr<Schema> schema_, unbound_;
    std::vector<std::unique_ptr<Schema>> retired_;
    ScriptTransaction transaction_;
    const Listener &listener_;
    const bool is_heard_;   ///< a listener judges refusals and transactions by itself
    bool is_again_ = false; ///< statements are gone through once more
    std::size_t number_ = 0, line_ = 1, line_at_ = 0;
};

} // namespace

Result<std::vector<StatementEffects>> effects::followScript(std::string_view script, int major, const pg::Catalog *catalog, const SchemaFacts *facts,
                                                            const Listener &listener)
{
    if (major < 13 || major > 18)
        return fail(ErrorKind::Unsupported, "The effects of statements are known for PostgreSQL 13 to 18, not for " + std::to_string(major));
    return Script(script, major, catalog, facts, listener).read();
}

Result<std::vector<StatementEffects>> effectsOf(std::string_view script, int major, const pg::Catalog *catalog, const SchemaFacts *facts)
{
    return followScript(script, major, catalog, facts, {});
}

} // namespace howdah::migration
