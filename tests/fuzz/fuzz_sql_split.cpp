// SPDX-License-Identifier: GPL-3.0-or-later
// The lexer never drops a byte, the splitter's spans give back the script, and a cursor is always in a statement.
#include <cstdint>
#include <string>

#include "core/sql/lexer.h"
#include "core/sql/quote.h"
#include "invariant.h"

using namespace howdah;
using namespace howdah::sql;

namespace {

void checkTokens(std::string_view text, bool conforming)
{
    Lexer lexer(text, {}, conforming);
    std::size_t at = 0;
    for (Token token; lexer.next(token);) {
        INVARIANT(token.span.begin.value == at);
        INVARIANT(token.span.end.value > at);
        at = token.span.end.value;
    }
    INVARIANT(at == text.size());
}

void checkStatements(std::string_view text, bool conforming)
{
    const std::vector<StatementSpan> statements = splitStatements(text, conforming);
    std::size_t at = 0;
    for (const StatementSpan &statement : statements) {
        INVARIANT(statement.whole.begin.value == at);
        INVARIANT(statement.whole.begin <= statement.text.begin);
        INVARIANT(statement.text.begin <= statement.text.end);
        INVARIANT(statement.text.end <= statement.whole.end);
        at = statement.whole.end.value;
    }
    INVARIANT(at == text.size() || statements.empty());
    INVARIANT(!statements.empty() || text.empty() || text.find(';') != std::string_view::npos);

    // Every byte as a cursor would be quadratic; a few places do.
    for (std::size_t i = 0; i <= 16; ++i) {
        const ByteOffset cursor{text.size() * i / 16};
        const StatementSpan *found = statementAt(statements, text, cursor);
        if (found == nullptr)
            continue;
        INVARIANT(found >= statements.data() && found < statements.data() + statements.size());
        INVARIANT(found->text.size() > 0);
    }
}

/// A quoted name or literal is exactly one token, whatever it holds.
void checkQuoting(std::string_view text)
{
    if (text.empty() || text.size() > 4096 || text.find('\0') != std::string_view::npos)
        return;
    for (const std::string &quoted : {quoteIdentifier(text), quoteLiteral(text)}) {
        for (const bool conforming : {true, false}) {
            Lexer lexer(quoted, {}, conforming);
            Token token;
            // quote_literal() puts a blank before E'', so that it may follow a word.
            INVARIANT(lexer.next(token));
            if (token.kind == TokenKind::Whitespace)
                INVARIANT(lexer.next(token));
            INVARIANT(token.terminated);
            INVARIANT(token.span.end.value == quoted.size());
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    for (const bool conforming : {true, false}) {
        checkTokens(text, conforming);
        checkStatements(text, conforming);
    }
    checkQuoting(text);
    return 0;
}
