// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "core/sql/copy_data.h"
#include "core/sql/lexer.h"

namespace howdah::sql {

namespace {

bool isBlank(TokenKind kind)
{
    return kind == TokenKind::Whitespace || kind == TokenKind::LineComment || kind == TokenKind::BlockComment;
}

bool equalsWord(std::string_view word, std::string_view lower)
{
    return word.size() == lower.size() && std::equal(word.begin(), word.end(), lower.begin(), [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
           });
}

/// Whether semicolons at this place separate statements: not within parentheses (CREATE RULE … DO (a; b)) and
/// not within the BEGIN ATOMIC body of a function or procedure, where BEGIN, CASE and END nest.
class Nesting
{
public:
    void word(std::string_view text)
    {
        if (words_ < first_.size())
            first_[words_] = text;
        ++words_;
        if (parentheses_ > 0 || !createsRoutine())
            return;
        if (equalsWord(text, "begin"))
            ++body_;
        else if (equalsWord(text, "case") && body_ > 0)
            ++body_;
        else if (equalsWord(text, "end") && body_ > 0)
            --body_;
    }
    void punctuation(char c)
    {
        if (c == '(')
            ++parentheses_;
        else if (c == ')' && parentheses_ > 0)
            --parentheses_;
    }
    [[nodiscard]] bool separates() const { return parentheses_ == 0 && body_ == 0; }

private:
    [[nodiscard]] bool createsRoutine() const
    {
        const auto routine = [](std::string_view w) { return equalsWord(w, "function") || equalsWord(w, "procedure"); };
        if (!equalsWord(first_[0], "create"))
            return false;
        return routine(first_[1]) || (equalsWord(first_[1], "or") && equalsWord(first_[2], "replace") && routine(first_[3]));
    }
    std::array<std::string_view, 4> first_;
    std::size_t words_ = 0;
    int parentheses_ = 0;
    int body_ = 0;
};

/// psql's commands that send what stands before them, as a semicolon would.
bool sendsBuffer(std::string_view command)
{
    std::string_view name = command.substr(1);
    name = name.substr(0, name.find_first_of(" \t\r\n(;"));
    return name == "g" || name == "gx" || name == "gset" || name == "gexec" || name == "gdesc" || name == "watch"
        || name == "crosstabview" || name == "bind_named" || name == "parse";
}

class Splitter
{
public:
    Splitter(std::string_view script, bool conforming)
        : script_(script), conforming_(conforming), lexer_(script, {}, conforming)
    {
    }

    std::vector<StatementSpan> run()
    {
        for (Token token; lexer_.next(token);) {
            take(token);
            if (copies_ > 0 && token.kind == TokenKind::Whitespace)
                takeCopyData(token);
        }
        if (current_)
            finish({script_.size()}, false);
        closeRemainder();
        return std::move(statements_);
    }

private:
    void take(const Token &token)
    {
        if (token.kind == TokenKind::PsqlCommand) {
            if (current_)
                finish(token.span.begin, sendsBuffer(token.span.of(script_)));
            begin(token);
            current_->psql_command = true;
            finish(token.span.end, false);
        } else if (token.kind == TokenKind::Semicolon && nesting_.separates()) {
            // A lone semicolon is an empty statement: nothing to send, its bytes go to the next whole.
            if (current_)
                finish(token.span.end, true);
        } else if (!isBlank(token.kind) || !token.terminated) {
            // A comment that never ends has swallowed the rest of the script: the server has to say so.
            extend(token);
        }
    }

    /// Data for COPY … FROM STDIN begin on the line behind the statement.
    void takeCopyData(const Token &token)
    {
        const std::size_t newline = token.span.of(script_).find('\n');
        if (newline == std::string_view::npos)
            return;
        ByteOffset at{token.span.begin.value + newline + 1};
        for (; copies_ > 0; --copies_) {
            const std::optional<ByteOffset> end = endOfCopyData(script_, at);
            if (!end)
                break;
            if (current_) // another statement began on the line of the COPY
                finish(at, false);
            Token data;
            data.span = {at, *end};
            begin(data);
            while (script_[current_->text.end.value - 1] == '\n' || script_[current_->text.end.value - 1] == '\r')
                current_->text.end = ByteOffset{current_->text.end.value - 1};
            current_->psql_command = true;
            finish(*end, false);
            at = *end;
            lexer_ = Lexer(script_, at, conforming_);
        }
        copies_ = 0;
    }

    void begin(const Token &token)
    {
        current_ = StatementSpan{};
        current_->whole.begin = whole_begin_;
        current_->text = token.span;
        nesting_ = {};
    }

    void extend(const Token &token)
    {
        if (!current_)
            begin(token);
        current_->text.end = token.span.end;
        current_->unterminated_token = current_->unterminated_token || !token.terminated;
        if (token.kind == TokenKind::Identifier)
            nesting_.word(token.span.of(script_));
        else if (token.kind == TokenKind::Punctuation)
            nesting_.punctuation(token.span.of(script_).front());
    }

    void finish(ByteOffset end, bool terminated)
    {
        current_->whole.end = end;
        current_->terminated = terminated;
        if (terminated && copiesFromClient(current_->text.of(script_)))
            ++copies_;
        whole_begin_ = end;
        statements_.push_back(*current_);
        current_.reset();
    }

    /// Blanks and comments behind the last statement belong to it.
    void closeRemainder()
    {
        if (whole_begin_.value == script_.size())
            return;
        if (statements_.empty()) {
            StatementSpan nothing;
            nothing.whole = {{0}, {script_.size()}};
            nothing.text = {{script_.size()}, {script_.size()}};
            statements_.push_back(nothing);
        } else {
            statements_.back().whole.end = {script_.size()};
        }
    }

    std::string_view script_;
    bool conforming_ = true;
    Lexer lexer_;
    int copies_ = 0; ///< COPY … FROM STDIN on this line, whose data follow
    Nesting nesting_;
    std::optional<StatementSpan> current_;
    ByteOffset whole_begin_;
    std::vector<StatementSpan> statements_;
};

} // namespace

std::vector<StatementSpan> splitStatements(std::string_view script, bool standard_conforming_strings)
{
    return Splitter(script, standard_conforming_strings).run();
}

const StatementSpan *statementAt(const std::vector<StatementSpan> &statements, std::string_view script, ByteOffset cursor)
{
    const StatementSpan *before = nullptr;
    for (const StatementSpan &statement : statements) {
        if (statement.text.size() == 0)
            continue;
        if (statement.text.begin <= cursor && cursor <= statement.text.end)
            return &statement;
        if (statement.text.end < cursor) {
            before = &statement;
            continue;
        }
        // The first one behind the cursor: taken, unless one ends on the cursor's own line.
        const bool same_line = before != nullptr
            && script.substr(before->text.end.value, cursor.value - before->text.end.value).find('\n') == std::string_view::npos;
        return same_line ? before : &statement;
    }
    return before;
}

} // namespace howdah::sql
