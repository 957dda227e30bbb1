// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <cctype>

#include <nlohmann/json.hpp>

#include "core/sql/lexer.h"
#include "core/sql/parser.h"

namespace howdah::sql {

namespace {

using Names = std::initializer_list<std::string_view>;

bool oneOf(std::string_view name, Names names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Walks the parse tree as a stream of events: no tree in memory and no recursion, however deep the statement.
class TreeReader : public nlohmann::json_sax<nlohmann::json>
{
public:
    StatementNature nature;

    bool key(string_t &name) override
    {
        if (expect_kind_) {
            startStatement(name);
        } else if (oneOf(name, {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})) {
            writes_inside_ = true;
        } else if (name == "intoClause" && kind_ == "SelectStmt") {
            into_ = true;
        } else if (oneOf(name, {"returningList", "returningClause"})) {
            returning_ = true;
        } else if (name == "is_from") {
            copy_from_ = true;
        }
        expect_kind_ = name == "stmt" && depth_ == 3;
        defname_ = name == "defname";
        return true;
    }
    bool string(string_t &value) override
    {
        if (defname_ && value == "analyze")
            analyze_ = true;
        return true;
    }
    bool start_object(std::size_t) override
    {
        ++depth_;
        return true;
    }
    bool end_object() override
    {
        // {"version":…,"stmts":[ {"stmt":{"SelectStmt":{…}}} ]}: a statement's own object closes at depth 2.
        if (--depth_ == 2)
            conclude();
        return true;
    }
    bool start_array(std::size_t) override
    {
        ++depth_;
        return true;
    }
    bool end_array() override
    {
        --depth_;
        return true;
    }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t &) override { return true; }
    bool binary(binary_t &) override { return true; }
    bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override { return false; }

private:
    void startStatement(const std::string &kind)
    {
        kind_ = kind;
        writes_inside_ = oneOf(kind, {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"});
        into_ = returning_ = analyze_ = copy_from_ = false;
    }

    /// Called when a statement's own object has been read.
    void conclude()
    {
        if (kind_.empty())
            return;
        const bool reads = oneOf(kind_, {"SelectStmt", "ExplainStmt", "VariableShowStmt", "VariableSetStmt", "TransactionStmt",
                                         "DeclareCursorStmt", "FetchStmt", "ClosePortalStmt", "PrepareStmt", "DeallocateStmt",
                                         "ListenStmt", "UnlistenStmt", "NotifyStmt", "LockStmt", "CheckPointStmt",
                                         "DiscardStmt", "LoadStmt", "ConstraintsSetStmt", "CopyStmt"});
        bool writes = !reads || writes_inside_ || into_ || (kind_ == "CopyStmt" && copy_from_);
        if (kind_ == "ExplainStmt" || kind_ == "PrepareStmt")
            writes = writes_inside_ && kind_ == "ExplainStmt" && analyze_;
        nature.writes = nature.writes || writes;
        nature.returns_rows = nature.returns_rows || returning_
            || (oneOf(kind_, {"SelectStmt", "ExplainStmt", "VariableShowStmt", "FetchStmt", "ExecuteStmt"}) && !into_);
        nature.is_transaction_control = nature.is_transaction_control || kind_ == "TransactionStmt";
        nature.is_explainable = oneOf(kind_, {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "ExecuteStmt",
                                              "DeclareCursorStmt", "CreateTableAsStmt", "RefreshMatViewStmt"});
        nature.kind = kind_;
        kind_.clear();
    }

private:
    std::string kind_;
    int depth_ = 0;
    bool expect_kind_ = false, defname_ = false;
    bool writes_inside_ = false, into_ = false, returning_ = false, analyze_ = false, copy_from_ = false;
};

std::string firstWord(std::string_view statement)
{
    Lexer lexer(statement);
    for (Token token; lexer.next(token);) {
        if (token.kind != TokenKind::Identifier)
            continue;
        std::string word(token.span.of(statement));
        std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return word;
    }
    return {};
}

/// For what our grammar does not know, a newer server's syntax for example: judged by the first word, and
/// taken to write unless that word rules it out.
StatementNature natureByFirstWord(std::string_view statement)
{
    const std::string word = firstWord(statement);
    StatementNature nature;
    nature.is_transaction_control = oneOf(word, {"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"});
    nature.writes = !nature.is_transaction_control
        && !oneOf(word, {"", "select", "table", "values", "show", "explain", "fetch", "set", "reset", "close", "listen"});
    nature.returns_rows = oneOf(word, {"select", "table", "values", "with", "show", "explain", "fetch", "execute"});
    nature.is_explainable = oneOf(word, {"select", "insert", "update", "delete", "merge", "values", "table", "with", "execute", "declare"});
    return nature;
}

} // namespace

StatementNature natureOf(std::string_view statement)
{
    const auto tree = parseTree(statement);
    if (!tree)
        return natureByFirstWord(statement);
    TreeReader reader;
    if (!nlohmann::json::sax_parse(*tree, &reader))
        return natureByFirstWord(statement);
    return reader.nature;
}

} // namespace howdah::sql
