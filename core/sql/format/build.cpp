// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/format/build.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/sql/format/clauses.h"

namespace howdah::sql::format_detail {

namespace {

/// Where a list breaks: DDL has clauses of its own.
struct StatementKind {
    std::array<std::string_view, 3> begins; ///< words that CREATE … begins with, after OR REPLACE
    std::array<std::string_view, 14> breaks_before;
};

constexpr StatementKind kinds[] = {
    {{"function"}, {"returns", "language", "as", "immutable", "stable", "volatile", "strict", "called", "security", "cost", "parallel", "support", "set"}},
    {{"procedure"}, {"language", "as", "security", "set"}},
    {{"trigger"}, {"before", "after", "instead", "on", "referencing", "for", "when", "execute"}},
    {{"constraint", "trigger"}, {"before", "after", "instead", "on", "referencing", "for", "when", "execute"}},
    {{"policy"}, {"for", "to", "using", "with"}},
    {{"index"}, {"where"}},
    {{"unique", "index"}, {"where"}},
};

class Builder
{
public:
    Builder(const std::vector<Word> &words, const FormatOptions &options) : words_(words), options_(options) { match(); }

    Layout statement()
    {
        const std::size_t end = words_.size();
        std::size_t first = 0;
        while (first < end && words_[first].isComment())
            ++first;
        if (first < end && (beginsQuery(words_[first]) || words_[first].isMark('(')))
            return query(0, end);
        return utility(0, end);
    }

private:
    /// For every word one past the thing that begins there: the word itself, something in parentheses, or a CASE.
    void match()
    {
        std::vector<std::size_t> open;
        past_.resize(words_.size());
        for (std::size_t i = 0; i < words_.size(); ++i) {
            past_[i] = i + 1;
            const bool qualified = i > 0 && words_[i - 1].isMark('.');
            if (words_[i].isMark('(') || words_[i].isMark('[') || (words_[i].is("case") && !qualified)) {
                past_[i] = words_.size(); // unless it is closed
                open.push_back(i);
            } else if (!open.empty() && closes(words_[open.back()], words_[i])) {
                past_[open.back()] = i + 1;
                open.pop_back();
            }
        }
    }

    [[nodiscard]] static bool closes(const Word &open, const Word &word)
    {
        return open.is("case") ? word.is("end") : word.isMark(')') || word.isMark(']');
    }

    [[nodiscard]] std::size_t after(std::size_t i, std::size_t end) const { return std::min(past_[i], end); }

    /// What separates the word at `i` from what was put out before it.
    void separate(Layout &into, std::size_t i) const
    {
        if (i == 0 || into.parts.empty())
            return;
        const Word &left = words_[i - 1];
        const Word &right = words_[i];
        if (left.kind == TokenKind::LineComment || (right.isComment() && right.line_before) ||
            (left.kind == TokenKind::BlockComment && right.line_before) ||
            (left.kind == TokenKind::String && right.kind == TokenKind::String))
            into.add(hardBreak()); // texts on two lines are one text; on one line they are an error
        else if (blankBetween(left, right))
            into.add(" ");
    }

    /// One thing, with its own breaks.
    Layout thing(std::size_t i, std::size_t end)
    {
        const Word &word = words_[i];
        if (word.isMark('(') || word.isMark('['))
            return parentheses(i, end);
        if (word.is("case") && past_[i] > i + 1)
            return caseExpression(i, end);
        return textOf(word.text);
    }

    Layout plain(std::size_t begin, std::size_t end)
    {
        Layout layout;
        for (std::size_t i = begin; i < end; i = after(i, end)) {
            separate(layout, i);
            layout.add(thing(i, end));
        }
        closeComment(layout, end);
        return layout;
    }

    /// Nothing may follow a line comment on its line.
    void closeComment(Layout &layout, std::size_t end) const
    {
        if (end > 0 && end < words_.size() && words_[end - 1].kind == TokenKind::LineComment)
            layout.add(hardBreak());
    }

    /// Places outside inner parentheses where `splits` says so.
    template <typename Splits> std::vector<std::size_t> placesOf(std::size_t begin, std::size_t end, Splits splits) const
    {
        std::vector<std::size_t> places;
        for (std::size_t i = begin; i < end; i = after(i, end)) {
            if (splits(i))
                places.push_back(i);
        }
        return places;
    }

    /// Items between commas. The comment behind a comma belongs to the item before it.
    Layout list(std::size_t begin, std::size_t end, bool hang = false)
    {
        Layout items;
        Layout layout = hang ? indented() : Layout{}; // after the first item
        std::size_t from = begin;
        const std::vector<std::size_t> commas = placesOf(begin, end, [this](std::size_t i) { return words_[i].isMark(','); });
        for (std::size_t comma : commas) {
            (from == begin ? items : layout).add(conditions(from, comma, false));
            from = comma + 1;
            if (options_.leading_commas) {
                layout.add(softBreak()).add(", ");
                continue;
            }
            layout.add(",");
            if (from < end && words_[from].isComment() && !words_[from].line_before) {
                layout.add(" ").add(words_[from].text);
                if (words_[from].kind == TokenKind::LineComment)
                    layout.add(hardBreak());
                ++from;
            }
            layout.add(space());
        }
        (from == begin ? items : layout).add(conditions(from, end, false));
        items.add(std::move(layout));
        return items;
    }

    /// Terms between AND and OR; `hang`: those after the first one step further in.
    Layout conditions(std::size_t begin, std::size_t end, bool hang)
    {
        bool between = false;
        const auto places = placesOf(begin, end, [&](std::size_t i) {
            if (words_[i].is("between"))
                between = true;
            if (words_[i].is("or"))
                return true;
            return words_[i].is("and") && !std::exchange(between, false);
        });
        if (places.empty())
            return plain(begin, end);
        Layout layout = group();
        if (places.front() > begin)
            layout.add(plain(begin, places.front()));
        Layout rest = hang ? indented() : Layout{};
        for (std::size_t p = 0; p < places.size(); ++p) {
            rest.add(space());
            rest.add(plain(places[p], p + 1 < places.size() ? places[p + 1] : end));
        }
        layout.add(std::move(rest));
        return layout;
    }

    Layout parentheses(std::size_t open, std::size_t end)
    {
        const std::size_t past = after(open, end);
        const bool is_closed = past - open >= 2 && (words_[past - 1].isMark(')') || words_[past - 1].isMark(']'));
        const std::size_t last = is_closed ? past - 1 : past;
        if (last == open + 1)
            return textOf(is_closed ? words_[open].text + words_[last].text : words_[open].text);
        std::size_t first = open + 1;
        while (first < last && words_[first].isComment())
            ++first;
        const bool is_query = words_[open].isMark('(') && first < last && beginsQuery(words_[first]) && !words_[first].is("table");
        Layout layout = group(breaksEarly(open) && !is_query ? options_.short_query : options_.width);
        layout.add(words_[open].text);
        Layout inside = indented();
        inside.add(softBreak());
        inside.add(is_query ? query(open + 1, last) : windowOrList(open + 1, last));
        layout.add(std::move(inside));
        layout.add(softBreak());
        if (is_closed)
            layout.add(words_[last].text);
        return layout;
    }

    /// Columns of CREATE TABLE read better below each other.
    [[nodiscard]] bool breaksEarly(std::size_t open) const
    {
        return !words_.empty() && words_.front().is("create") && open > 0 && words_[open - 1].named_list;
    }

    /// OVER (PARTITION BY … ORDER BY … ROWS …), or a list.
    Layout windowOrList(std::size_t begin, std::size_t end)
    {
        const auto isWindowPart = [this, begin, end](std::size_t i) {
            if (i == begin || i + 1 >= end)
                return false;
            return (words_[i].is("order") && words_[i + 1].is("by")) ||
                   ((words_[i].is("rows") || words_[i].is("range") || words_[i].is("groups")) &&
                    (words_[i + 1].is("between") || words_[i + 1].is("unbounded") || words_[i + 1].is("current")));
        };
        const auto places = placesOf(begin, end, isWindowPart);
        Layout layout;
        std::size_t from = begin;
        for (const std::size_t place : places) {
            layout.add(list(from, place)).add(space());
            from = place;
        }
        layout.add(list(from, end));
        return layout;
    }

    Layout caseExpression(std::size_t begin, std::size_t end)
    {
        const std::size_t past = after(begin, end);
        const bool is_closed = words_[past - 1].is("end");
        const std::size_t last = is_closed ? past - 1 : past;
        auto branches = placesOf(begin + 1, last, [this](std::size_t i) { return words_[i].is("when") || words_[i].is("else"); });
        Layout layout = group(options_.short_query);
        layout.add(words_[begin].text);
        const std::size_t first = branches.empty() ? last : branches.front();
        if (first > begin + 1)
            layout.add(" ").add(plain(begin + 1, first));
        Layout inside = indented();
        branches.push_back(last);
        for (std::size_t b = 0; b + 1 < branches.size(); ++b)
            inside.add(space()).add(conditions(branches[b], branches[b + 1], true));
        layout.add(std::move(inside));
        if (is_closed)
            layout.add(space()).add(words_[last].text);
        return layout;
    }

    struct Part {
        std::size_t begin, end;
        Clause clause;
    };

    [[nodiscard]] std::vector<Part> partsOf(std::size_t begin, std::size_t end) const
    {
        std::vector<Part> parts;
        QueryContext context;
        for (std::size_t i = begin; i < end;) {
            const Clause clause = clauseAt(words_, i, end, context);
            if (clause.words > 0 || parts.empty()) {
                if (!parts.empty())
                    parts.back().end = i;
                parts.push_back({i, end, clause});
            }
            i = clause.words > 0 ? i + clause.words : after(i, end);
        }
        return parts;
    }

    Layout query(std::size_t begin, std::size_t end)
    {
        Layout layout = group(options_.short_query);
        const std::vector<Part> parts = partsOf(begin, end);
        for (const Part &part : parts) {
            if (!layout.parts.empty())
                layout.add(space());
            layout.add(clause(part));
        }
        return layout;
    }

    Layout clause(const Part &part)
    {
        const std::size_t body = part.begin + part.clause.words;
        if (part.clause.words == 0 || body >= part.end)
            return plain(part.begin, part.end);
        Layout layout = group();
        layout.add(plain(part.begin, body));
        switch (part.clause.body) {
        case ClauseBody::List: {
            const bool single = placesOf(body, part.end, [this](std::size_t i) { return words_[i].isMark(','); }).empty();
            Layout inside = single ? Layout{} : indented();
            if (single)
                separate(layout, body);
            else
                inside.add(space());
            inside.add(list(body, part.end));
            layout.add(std::move(inside));
            return layout;
        }
        case ClauseBody::Conditions:
            separate(layout, body);
            layout.add(conditions(body, part.end, true));
            return layout;
        case ClauseBody::Join:
            separate(layout, body);
            layout.add(join(body, part.end));
            return layout;
        case ClauseBody::Ctes:
            separate(layout, body);
            layout.add(ctes(body, part.end));
            return layout;
        case ClauseBody::Query:
        case ClauseBody::Plain:
            break;
        }
        if (!words_[body].is("and")) // of WHEN MATCHED AND …
            separate(layout, body);
        layout.add(conditions(body, part.end, true));
        return layout;
    }

    Layout join(std::size_t begin, std::size_t end)
    {
        const auto on = placesOf(begin, end, [this](std::size_t i) { return words_[i].is("on"); });
        if (on.empty())
            return plain(begin, end);
        Layout layout;
        layout.add(plain(begin, on.front()));
        Layout inside = indented();
        inside.add(space()).add(conditions(on.front(), end, true));
        layout.add(std::move(inside));
        return layout;
    }

    Layout ctes(std::size_t begin, std::size_t end)
    {
        Layout layout;
        std::size_t from = begin;
        for (const std::size_t comma : placesOf(begin, end, [this](std::size_t i) { return words_[i].isMark(','); })) {
            layout.add(plain(from, comma)).add(",").add(hardBreak());
            from = comma + 1;
        }
        layout.add(plain(from, end));
        return layout;
    }

    [[nodiscard]] const StatementKind *kindOf(std::size_t begin, std::size_t end) const
    {
        if (begin >= end || !words_[begin].is("create"))
            return nullptr;
        std::size_t at = begin + 1;
        if (at + 1 < end && words_[at].is("or"))
            at += 2;
        for (const StatementKind &kind : kinds) {
            std::size_t count = 0;
            while (count < kind.begins.size() && !kind.begins[count].empty() && at + count < end && words_[at + count].is(kind.begins[count]))
                ++count;
            if (count > 0 && (count == kind.begins.size() || kind.begins[count].empty()))
                return &kind;
        }
        return nullptr;
    }

    /// The query within CREATE … AS, EXPLAIN, DECLARE … FOR, PREPARE … AS; `end` when there is none.
    [[nodiscard]] std::size_t innerQuery(std::size_t begin, std::size_t end) const
    {
        const auto found = placesOf(begin + 1, end, [this, begin](std::size_t i) {
            if (!beginsQuery(words_[i]) || words_[i].is("table"))
                return false;
            const Word &before = words_[i - 1];
            return before.is("as") || before.is("for") || before.is("do") || words_[begin].is("explain");
        });
        const bool holds_query = words_[begin].is("create") || words_[begin].is("explain") || words_[begin].is("declare") ||
                                 words_[begin].is("prepare");
        return found.empty() || !holds_query || kindOf(begin, end) != nullptr ? end : found.front();
    }

    Layout utility(std::size_t begin, std::size_t end)
    {
        std::size_t first = begin;
        while (first < end && words_[first].isComment())
            ++first;
        if (first == end)
            return plain(begin, end);
        if (const std::size_t inner = innerQuery(first, end); inner < end) {
            Layout layout = group(options_.short_query);
            layout.add(plain(begin, inner)).add(space()).add(query(inner, end));
            return layout;
        }
        const StatementKind *kind = kindOf(first, end);
        const auto breaks = placesOf(begin, end, [this, kind, first](std::size_t i) {
            return kind != nullptr && i > first + 2 && words_[i].kind == TokenKind::Identifier && !words_[i - 1].isMark('.') &&
                   std::ranges::find(kind->breaks_before, words_[i].lower) != kind->breaks_before.end() &&
                   !(words_[i].is("for") && i > 0 && words_[i - 1].is("update"));
        });
        Layout layout = group(options_.width);
        std::size_t from = begin;
        for (const std::size_t place : breaks) {
            layout.add(list(from, place)).add(space());
            from = place;
        }
        if (!breaks.empty()) {
            layout.add(list(from, end));
            return layout;
        }
        layout.add(list(from, end, true));
        return layout;
    }

    const std::vector<Word> &words_;
    const FormatOptions &options_;
    std::vector<std::size_t> past_;
};

} // namespace

Layout layoutOf(const std::vector<Word> &words, const FormatOptions &options)
{
    return Builder(words, options).statement();
}

} // namespace howdah::sql::format_detail
