// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/complete/scope.h"

namespace howdah::complete {

namespace {

/// Walks the words of one query at its own depth and notes where clauses begin.
class Marker
{
public:
    Marker(const Statement &statement, std::size_t begin, std::size_t end) : statement_(statement), end_(end) { open(begin); }

    Query run(std::size_t begin)
    {
        Query query;
        query.body = begin;
        for (std::size_t i = begin; i < end_;) {
            const Word &word = statement_.at(i);
            if (word.isText("(") || word.isText("[")) {
                previous_ = i;
                i = statement_.past(i, end_);
                continue;
            }
            if (word.lower.empty() || statement_.before(i).isText(".")) {
                previous_ = i++;
                continue;
            }
            const std::size_t next = take(query, i);
            previous_ = next - 1;
            i = next;
        }
        close(query, end_);
        return query;
    }

private:
    void open(std::size_t begin)
    {
        branch_ = {};
        branch_.begin = begin;
        verb_.clear();
    }
    void close(Query &query, std::size_t end)
    {
        branch_.end = end;
        query.branches.push_back(std::move(branch_));
    }
    [[nodiscard]] std::string_view wordAt(std::size_t i) const { return i < end_ ? std::string_view(statement_.at(i).lower) : std::string_view(); }
    [[nodiscard]] Clause last() const { return branch_.marks.empty() ? Clause::Start : branch_.marks.back().clause; }
    std::size_t mark(Clause clause, std::size_t word, std::size_t words = 1)
    {
        branch_.marks.push_back({clause, word, std::min(word + words, end_)});
        return std::min(word + words, end_);
    }
    std::size_t take(Query &query, std::size_t i);
    std::size_t takeVerb(std::size_t i);
    std::size_t takeClause(std::size_t i);

    const Statement &statement_;
    std::size_t end_;
    std::size_t previous_ = nowhere;
    Branch branch_;
    std::string verb_;
};

std::size_t Marker::take(Query &query, std::size_t i)
{
    const std::string &word = statement_.at(i).lower;
    if (word == "union" || word == "intersect" || word == "except") {
        close(query, i);
        std::size_t next = i + 1;
        while (wordAt(next) == "all" || wordAt(next) == "distinct")
            ++next;
        open(next);
        return next;
    }
    // A SELECT after a SELECT is the next statement, whose predecessor is still without its semicolon.
    if (word == "select" && branch_.has(Clause::Select)) {
        close(query, i);
        open(i);
    }
    return takeVerb(i);
}

std::size_t Marker::takeVerb(std::size_t i)
{
    const std::string &word = statement_.at(i).lower;
    if (word == "select") {
        if (verb_.empty())
            verb_ = word;
        std::size_t body = 1;
        while (wordAt(i + body) == "distinct" || wordAt(i + body) == "all")
            ++body;
        if (wordAt(i + body) == "on" && i + body + 1 < end_ && statement_.at(i + body + 1).isText("(") && statement_.at(i + body + 1).match != nowhere)
            body = statement_.at(i + body + 1).match + 1 - i;
        return mark(Clause::Select, i, body);
    }
    if (verb_.empty()) {
        if (word == "insert" || word == "merge" || word == "delete") {
            verb_ = word;
            return i + 1;
        }
        if (word == "update" || word == "table") {
            verb_ = word;
            return mark(word == "table" ? Clause::From : Clause::Update, i);
        }
    }
    return takeClause(i);
}

std::size_t Marker::takeClause(std::size_t i)
{
    const std::string &word = statement_.at(i).lower;
    const std::string_view before = previous_ == nowhere ? std::string_view() : std::string_view(statement_.at(previous_).lower);
    if (word == "from") {
        if (before == "distinct" && branch_.has(Clause::Where))
            return i + 1; // IS DISTINCT FROM
        if (before == "distinct" && (statement_.before(i, 2).is("is") || statement_.before(i, 2).is("not")))
            return i + 1;
        return mark(verb_ == "delete" && !branch_.has(Clause::DeleteFrom) ? Clause::DeleteFrom : Clause::From, i);
    }
    if (word == "join")
        return mark(Clause::Join, i);
    if (word == "on") {
        if (verb_ == "insert" && (wordAt(i + 1) == "conflict" || branch_.has(Clause::Values)))
            return mark(Clause::Conflict, i, wordAt(i + 1) == "conflict" ? 2 : 1);
        return mark(verb_ == "merge" && !branch_.has(Clause::Join) ? Clause::MergeOn : Clause::On, i);
    }
    if (word == "using") {
        if (verb_ == "delete" && !branch_.has(Clause::DeleteUsing))
            return mark(Clause::DeleteUsing, i);
        if (verb_ == "merge" && !branch_.has(Clause::MergeUsing))
            return mark(Clause::MergeUsing, i);
        return last() == Clause::Join ? mark(Clause::Using, i) : i + 1;
    }
    if (word == "into") {
        if (verb_ == "insert")
            return branch_.has(Clause::InsertInto) ? i + 1 : mark(Clause::InsertInto, i);
        return mark(verb_ == "merge" ? Clause::MergeInto : Clause::SelectInto, i);
    }
    if (word == "where")
        return mark(Clause::Where, i);
    if ((word == "group" && before != "within" && (wordAt(i + 1) == "by" || last() != Clause::Select)) || (word == "order" && last() != Clause::Start))
        return mark(word == "group" ? Clause::GroupBy : Clause::OrderBy, i, wordAt(i + 1) == "by" ? 2 : 1);
    if (word == "having")
        return mark(Clause::Having, i);
    if (word == "window" && verb_ == "select")
        return mark(Clause::Window, i);
    if (word == "limit" || word == "offset" || word == "fetch")
        return mark(Clause::Limit, i);
    if (word == "for" && verb_ == "select" && branch_.marks.size() > 1)
        return wordAt(i + 1) == "update" ? mark(Clause::Lock, i, 2) : mark(Clause::Lock, i);
    if (word == "returning")
        return mark(Clause::Returning, i);
    if (word == "values" && (verb_.empty() || verb_ == "insert" || verb_ == "merge"))
        return mark(Clause::Values, i);
    if (word == "set" && (verb_ == "update" || verb_ == "insert" || verb_ == "merge"))
        return mark(Clause::Set, i);
    if (word == "do" && last() == Clause::Conflict)
        return mark(Clause::ConflictDo, i, wordAt(i + 1) == "update" ? 2 : 1);
    if (verb_ == "merge" && word == "when" && branch_.has(Clause::MergeOn))
        return mark(Clause::MergeWhen, i);
    if (verb_ == "merge" && word == "then" && last() == Clause::MergeWhen)
        return mark(Clause::MergeThen, i);
    return i + 1;
}

} // namespace

Clause Branch::clauseAt(std::size_t word, std::size_t *body) const
{
    Clause clause = Clause::Start;
    if (body != nullptr)
        *body = begin;
    for (const Mark &mark : marks) {
        if (mark.word >= word)
            break;
        clause = mark.clause;
        if (body != nullptr)
            *body = mark.body;
    }
    return clause;
}

bool Branch::has(Clause clause) const
{
    return std::ranges::any_of(marks, [clause](const Mark &mark) { return mark.clause == clause; });
}

const Branch *Query::branchAt(std::size_t word) const
{
    const Branch *found = nullptr;
    for (const Branch &branch : branches) {
        if (branch.begin <= word || found == nullptr)
            found = &branch;
    }
    return found;
}

bool Scope::beginsQuery(std::size_t word) const
{
    if (word >= statement_.words.size())
        return false;
    const std::string &lower = statement_.at(word).lower;
    return lower == "select" || lower == "with" || lower == "values" || lower == "insert" || lower == "update" || lower == "delete" || lower == "merge" || lower == "table";
}

Query Scope::query(std::size_t begin, std::size_t end) const
{
    std::size_t body = begin;
    if (begin < end && statement_.at(begin).is("with")) {
        // To the verb after the last CTE.
        body = begin + 1;
        while (body < end && (!beginsQuery(body) || statement_.before(body).is("as")))
            body = statement_.at(body).isText("(") ? statement_.past(body, end) : body + 1;
    }
    return Marker(statement_, body, end).run(body);
}

} // namespace howdah::complete
