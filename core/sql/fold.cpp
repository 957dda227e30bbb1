// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/fold.h"

#include <algorithm>

namespace howdah::sql {

namespace {

constexpr std::int16_t deepest = 1000;

/// Counts lines while offsets go up.
class LineCounter
{
public:
    explicit LineCounter(std::string_view text) : text_(text) {}
    std::size_t lineOf(std::size_t offset)
    {
        if (offset < at_)
            return line_ - static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(offset), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
        line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
        at_ = offset;
        return line_;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 0;
};

class Folds
{
public:
    explicit Folds(std::size_t lines) : last_(lines, 0) {}
    /// Of several that begin on a line the longest is the one to fold.
    void add(std::size_t first, std::size_t last)
    {
        if (last > first)
            last_[first] = std::max(last_[first], last);
    }
    [[nodiscard]] std::vector<FoldLine> take() const
    {
        std::vector<FoldLine> lines(last_.size());
        std::vector<std::int32_t> change(last_.size() + 2, 0);
        for (std::size_t line = 0; line < last_.size(); ++line) {
            if (last_[line] == 0)
                continue;
            lines[line].begins = true;
            ++change[line + 1];
            --change[last_[line] + 1];
        }
        std::int32_t depth = 0;
        for (std::size_t line = 0; line < lines.size(); ++line) {
            depth += change[line];
            lines[line].depth = static_cast<std::int16_t>(std::min<std::int32_t>(depth, deepest));
        }
        return lines;
    }

private:
    std::vector<std::size_t> last_; ///< by first line; 0: nothing begins there
};

} // namespace

std::vector<FoldLine> foldLines(std::string_view script, const std::vector<StatementSpan> &statements)
{
    Folds folds(static_cast<std::size_t>(std::count(script.begin(), script.end(), '\n')) + 1);
    LineCounter lines(script);
    for (const StatementSpan &statement : statements) {
        if (statement.text.size() == 0)
            continue;
        const std::size_t first = lines.lineOf(statement.text.begin.value);
        folds.add(first, lines.lineOf(statement.text.end.value));
    }
    LineCounter places(script);
    std::vector<std::size_t> open;
    Lexer lexer(script);
    for (Token token; lexer.next(token);) {
        const std::string_view text = token.span.of(script);
        if (token.kind == TokenKind::Semicolon) {
            open.clear(); // what was not closed does not reach into the next statement
        } else if (token.kind == TokenKind::DollarString || token.kind == TokenKind::BlockComment) {
            const std::size_t first = places.lineOf(token.span.begin.value);
            folds.add(first, places.lineOf(token.span.end.value));
        } else if (token.kind == TokenKind::Punctuation && (text == "(" || text == "[")) {
            open.push_back(places.lineOf(token.span.begin.value));
        } else if (token.kind == TokenKind::Punctuation && (text == ")" || text == "]") && !open.empty()) {
            folds.add(open.back(), places.lineOf(token.span.begin.value));
            open.pop_back();
        }
    }
    return folds.take();
}

} // namespace howdah::sql
