// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects.h"

#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/speed.h"
#include "core/sql/lexer.h"

namespace howdah::migration {

namespace {

using namespace effects;

void dispatch(Analysis &at)
{
    const Node statement = at.tree.root();
    at.out.kind = statement.kind();
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

class Script
{
public:
    Script(std::string_view text, int major, const pg::Catalog *catalog, const SchemaFacts *facts)
        : text_(text), major_(major), schema_(catalog, facts)
    {
    }

    std::vector<StatementEffects> read()
    {
        std::vector<StatementEffects> all;
        for (const sql::StatementSpan &span : sql::splitStatements(text_)) {
            if (span.text.size() > 0 && !span.psql_command)
                all.push_back(one(span.text.of(text_), span.text.begin.value));
        }
        return all;
    }

private:
    StatementEffects one(std::string_view statement, std::size_t offset)
    {
        StatementEffects out;
        out.sql = statement;
        out.span = {{offset}, {offset + statement.size()}};
        out.line = lineColumn(text_, {offset}).line;
        auto tree = parseStatement(statement, major_);
        if (!tree) {
            Error error = tree.error();
            error.position = ByteOffset{offset + (error.position ? error.position->value : 0)};
            out.errors.push_back(std::move(error));
            return out;
        }
        Analysis at{schema_, major_, ++number_, std::move(*tree), out, {}, false};
        if (at.tree.root().is("DoStmt")) {
            out.kind = "DoStmt";
            block(at, offset);
        } else {
            dispatch(at);
            collect(at);
        }
        return out;
    }

    /// What stands in a DO block as plain SQL or as EXECUTE of a literal; its control flow is not followed.
    void block(Analysis &at, std::size_t offset)
    {
        std::string body;
        for (const Node &argument : at.tree.root().list("args")) {
            if (argument.text("defname") == "as")
                body = argument.get("arg").value();
        }
        for (const std::string &inner : statementsIn(body)) {
            StatementEffects found = one(inner, 0);
            if (found.kind.empty() || found.kind == "SelectStmt")
                continue;
            for (auto &[relation, lock] : found.locks) {
                auto [held, is_new] = at.out.locks.emplace(relation, lock);
                if (!is_new && strength(held->second) < strength(lock))
                    held->second = lock;
            }
            const auto join = [](std::vector<std::string> &into, const std::vector<std::string> &from) { into.insert(into.end(), from.begin(), from.end()); };
            join(at.out.rewrites, found.rewrites);
            join(at.out.scans, found.scans);
            join(at.out.builds, found.builds);
            join(at.out.breaks, found.breaks);
            for (EffectReason reason : found.reasons) {
                reason.subject = inner + (reason.subject.empty() ? "" : " – " + reason.subject);
                at.out.reasons.push_back(std::move(reason));
            }
            for (Error error : found.errors) {
                error.position = ByteOffset{offset};
                at.out.errors.push_back(std::move(error));
            }
        }
        at.note("Only plain statements and EXECUTE of a literal within the block are seen, each as if it ran once; measure it to know the rest.");
    }

    static int strength(const std::string &name)
    {
        for (int lock = 1; lock <= 8; ++lock) {
            if (name == lockName(static_cast<Lock>(lock)))
                return lock;
        }
        return 0;
    }

    /// PL/pgSQL's statements cut at semicolons, the words of its control structures before each taken away.
    std::vector<std::string> statementsIn(const std::string &body) const
    {
        static const std::vector<std::string> starts{"ALTER", "CREATE", "DROP", "TRUNCATE", "REINDEX", "LOCK", "REFRESH", "COMMENT", "CLUSTER", "INSERT", "UPDATE", "DELETE", "EXECUTE"};
        std::vector<std::string> found;
        std::string current;
        bool inside = false;
        sql::Lexer lexer(body);
        for (sql::Token token; lexer.next(token);) {
            const std::string word(token.span.of(body));
            std::string upper(word);
            std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            if (token.kind == sql::TokenKind::Semicolon) {
                if (inside)
                    found.push_back(unwrapped(current));
                inside = false;
                current.clear();
            } else if (inside) {
                current += word;
            } else if (token.kind == sql::TokenKind::Identifier && std::find(starts.begin(), starts.end(), upper) != starts.end()) {
                inside = true;
                current = word;
            }
        }
        return found;
    }

    /// EXECUTE 'text' → text.
    static std::string unwrapped(const std::string &statement)
    {
        sql::Lexer lexer(statement);
        sql::Token token;
        if (!lexer.next(token) || token.span.size() != 7 || (statement[0] != 'E' && statement[0] != 'e'))
            return statement;
        const auto tree = parseStatement("SELECT " + statement.substr(7), 17);
        const auto targets = tree ? tree->root().list("targetList") : std::vector<Node>();
        return targets.size() == 1 ? targets[0].get("val").value() : statement;
    }

    std::string_view text_;
    int major_;
    Schema schema_;
    std::size_t number_ = 0;
};

} // namespace

Result<std::vector<StatementEffects>> effectsOf(std::string_view script, int major, const pg::Catalog *catalog, const SchemaFacts *facts)
{
    if (major < 13 || major > 18)
        return fail(ErrorKind::Unsupported, "The effects of statements are known for PostgreSQL 13 to 18, not for " + std::to_string(major));
    return Script(script, major, catalog, facts).read();
}

} // namespace howdah::migration
