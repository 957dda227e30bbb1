// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/place.h"

#include <algorithm>
#include <array>

#include "core/complete/trigger_rows.h"
#include "core/sql/keywords.h"

namespace howdah::complete {

namespace {

using sql::TokenKind;

constexpr const char *first_words =
    "SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|MERGE INTO|CREATE|ALTER TABLE|ALTER|DROP TABLE|DROP|EXPLAIN|EXPLAIN ANALYZE|BEGIN|COMMIT|ROLLBACK|"
    "SET|SHOW|RESET|VALUES|TABLE|TRUNCATE|COPY|VACUUM|ANALYZE|REFRESH MATERIALIZED VIEW|REINDEX|CALL|DO|GRANT|REVOKE|COMMENT ON|LOCK TABLE|"
    "CREATE TABLE|CREATE INDEX|CREATE VIEW|CREATE FUNCTION|PREPARE|EXECUTE|DEALLOCATE|DECLARE|FETCH|CLOSE|LISTEN|NOTIFY|UNLISTEN|SAVEPOINT|"
    "RELEASE SAVEPOINT|START TRANSACTION|CHECKPOINT|DISCARD|CLUSTER|IMPORT FOREIGN SCHEMA|SECURITY LABEL|REASSIGN OWNED BY";
constexpr const char *body_words = "BEGIN|DECLARE|IF|ELSIF|ELSE|END|END IF|END LOOP|FOR|FOREACH|WHILE|LOOP|RETURN|RETURN QUERY|RETURN NEXT|RAISE NOTICE|"
                                   "RAISE EXCEPTION|PERFORM|EXECUTE|EXCEPTION|EXIT WHEN|CONTINUE WHEN|CASE|GET DIAGNOSTICS|NULL";
constexpr const char *operand_words = "CASE|NOT|EXISTS|NULL|TRUE|FALSE|CURRENT_TIMESTAMP|CURRENT_DATE|CURRENT_USER|CAST|COALESCE|NULLIF|GREATEST|LEAST|EXTRACT|"
                                      "INTERVAL|ARRAY|ROW|SELECT|LOCALTIMESTAMP|SESSION_USER|DEFAULT|ANY|ALL";
constexpr const char *operator_words = "AND|OR|IS NULL|IS NOT NULL|IN|NOT IN|LIKE|NOT LIKE|ILIKE|BETWEEN|IS DISTINCT FROM|IS NOT DISTINCT FROM|IS TRUE|IS FALSE|"
                                       "SIMILAR TO|AT TIME ZONE|COLLATE|OVER|FILTER|WITHIN GROUP|WHEN|THEN|ELSE|END";

/// What may follow a clause that has something in it.
std::string_view wordsAfter(Clause clause)
{
    switch (clause) {
    case Clause::Select: return "FROM|AS|INTO|WHERE|GROUP BY|ORDER BY|LIMIT|UNION|UNION ALL|INTERSECT|EXCEPT";
    case Clause::SelectInto: return "FROM|WHERE";
    case Clause::From:
        return "WHERE|JOIN|LEFT JOIN|INNER JOIN|RIGHT JOIN|FULL JOIN|CROSS JOIN|NATURAL JOIN|LEFT JOIN LATERAL|CROSS JOIN LATERAL|GROUP BY|ORDER BY|LIMIT|"
               "AS|HAVING|UNION|UNION ALL|INTERSECT|EXCEPT|WINDOW|OFFSET|FETCH FIRST|FOR UPDATE|FOR SHARE|TABLESAMPLE|RETURNING|WITH ORDINALITY";
    case Clause::Join: return "ON|USING|AS|JOIN|LEFT JOIN|TABLESAMPLE";
    case Clause::On:
    case Clause::Using:
        return "AND|OR|WHERE|JOIN|LEFT JOIN|INNER JOIN|RIGHT JOIN|FULL JOIN|CROSS JOIN|GROUP BY|ORDER BY|LIMIT|HAVING|UNION|UNION ALL|RETURNING";
    case Clause::Where: return "AND|OR|GROUP BY|ORDER BY|LIMIT|HAVING|RETURNING|UNION|UNION ALL|INTERSECT|EXCEPT|OFFSET|FETCH FIRST|FOR UPDATE|WINDOW|ON CONFLICT";
    case Clause::GroupBy: return "HAVING|ORDER BY|LIMIT|UNION|UNION ALL|WINDOW";
    case Clause::Having: return "AND|OR|ORDER BY|LIMIT|UNION|UNION ALL|WINDOW";
    case Clause::Window: return "ORDER BY|LIMIT|AS";
    case Clause::OrderBy: return "DESC|ASC|NULLS LAST|NULLS FIRST|LIMIT|OFFSET|FETCH FIRST|FOR UPDATE|USING";
    case Clause::Limit: return "OFFSET|LIMIT|FOR UPDATE|ROWS ONLY|FOR SHARE|ON CONFLICT|UNION";
    case Clause::Lock: return "OF|NOWAIT|SKIP LOCKED|LIMIT";
    case Clause::Returning: return "AS|INTO";
    case Clause::Values: return "ON CONFLICT|RETURNING|ORDER BY|LIMIT|UNION ALL";
    case Clause::InsertInto: return "VALUES|SELECT|WITH|DEFAULT VALUES|AS|OVERRIDING SYSTEM VALUE|ON CONFLICT|RETURNING";
    case Clause::Update: return "SET|AS";
    case Clause::Set: return "WHERE|FROM|RETURNING|WHEN MATCHED THEN|WHEN NOT MATCHED THEN";
    case Clause::DeleteFrom: return "WHERE|USING|RETURNING|AS";
    case Clause::DeleteUsing: return "WHERE|JOIN|LEFT JOIN|RETURNING|AS";
    case Clause::MergeInto: return "USING|AS";
    case Clause::MergeUsing: return "ON|AS";
    case Clause::MergeOn: return "WHEN MATCHED THEN|WHEN NOT MATCHED THEN|WHEN MATCHED AND|WHEN NOT MATCHED AND|AND|OR";
    case Clause::MergeWhen: return "THEN|AND|OR";
    case Clause::MergeThen: return "UPDATE SET|INSERT|DELETE|DO NOTHING|WHEN MATCHED THEN|WHEN NOT MATCHED THEN";
    case Clause::Conflict: return "DO UPDATE SET|DO NOTHING|WHERE";
    case Clause::ConflictDo: return "SET|RETURNING|WHERE";
    case Clause::Start: break;
    }
    return {};
}

/// Words whose next word is settled wherever they stand.
constexpr std::array<std::pair<std::string_view, std::string_view>, 27> followers{{
    {"group", "BY"}, {"order", "BY"}, {"partition", "BY"}, {"left", "JOIN|OUTER JOIN|JOIN LATERAL"}, {"right", "JOIN|OUTER JOIN"},
    {"full", "JOIN|OUTER JOIN"}, {"inner", "JOIN"}, {"outer", "JOIN"}, {"cross", "JOIN|JOIN LATERAL"}, {"natural", "JOIN|LEFT JOIN"},
    {"union", "ALL|SELECT|DISTINCT|VALUES|TABLE"}, {"intersect", "ALL|SELECT"}, {"except", "ALL|SELECT"}, {"nulls", "LAST|FIRST"},
    {"within", "GROUP"}, {"is", "NULL|NOT NULL|TRUE|FALSE|NOT TRUE|NOT FALSE|DISTINCT FROM|NOT DISTINCT FROM|UNKNOWN|DOCUMENT|NORMALIZED|JSON"},
    {"for", "UPDATE|SHARE|NO KEY UPDATE|KEY SHARE"}, {"skip", "LOCKED"}, {"similar", "TO"}, {"fetch", "FIRST|NEXT"}, {"materialized", "("},
    {"tablesample", "BERNOULLI (|SYSTEM ("}, {"at", "TIME ZONE|LOCAL"}, {"do", "UPDATE SET|NOTHING"}, {"filter", "(WHERE "}, {"over", "(PARTITION BY |(ORDER BY |(" },
    {"asc", "NULLS FIRST|NULLS LAST"},
}};

void addWords(Place &place, std::string_view words)
{
    while (!words.empty()) {
        const std::size_t bar = words.find('|');
        const std::string_view word = words.substr(0, bar);
        if (std::ranges::find(place.keywords, word) == place.keywords.end())
            place.keywords.push_back(word);
        words = bar == std::string_view::npos ? std::string_view() : words.substr(bar + 1);
    }
}

bool isName(const Word &word)
{
    return word.kind == TokenKind::QuotedIdentifier || !word.lower.empty();
}

/// Whether a value ends with this word, so that an operator or the next clause follows.
bool endsOperand(const Word &word)
{
    switch (word.kind) {
    case TokenKind::Number:
    case TokenKind::String:
    case TokenKind::DollarString:
    case TokenKind::Parameter:
    case TokenKind::QuotedIdentifier:
        return true;
    case TokenKind::Punctuation:
        return word.isText(")") || word.isText("]");
    case TokenKind::Identifier: {
        static constexpr std::array<std::string_view, 14> values{"null", "true", "false", "end", "current_date", "current_timestamp", "current_time",
                                                                 "current_user", "session_user", "localtimestamp", "asc", "desc", "user", "default"};
        if (std::ranges::find(values, word.lower) != values.end())
            return true;
        static constexpr std::array<std::string_view, 8> openers{"by", "set", "over", "escape", "if", "elsif", "return", "while"};
        return !sql::mustBeQuoted(word.lower) && std::ranges::find(openers, word.lower) == openers.end();
    }
    default:
        return false;
    }
}

class Finder
{
public:
    Finder(const Statement &statement, const Snapshot &snapshot) : statement_(statement), scope_(statement, snapshot) {}

    Place find()
    {
        takeQualifier();
        findBlock();
        if (!takeFixed() && !takeRule())
            takeClause();
        return std::move(place_);
    }

private:
    void takeQualifier();
    void findBlock();
    void enter(std::size_t begin, std::size_t end, std::size_t seen_from);
    [[nodiscard]] std::size_t embeddedQuery() const;
    [[nodiscard]] std::vector<Step> path(std::size_t begin) const;
    bool takeFixed();
    bool takeRule();
    void takeClause();
    void takeExpression();
    void takeInnerParenthesis(std::size_t open);
    void nameRelation(std::size_t word);
    void addListed(std::size_t open);
    [[nodiscard]] const Word &previous(std::size_t steps = 1) const { return statement_.before(first_, steps); }

    const Statement &statement_;
    Scope scope_;
    Place place_;
    std::size_t first_ = 0;              ///< the first word of the dotted name at the cursor
    std::vector<std::size_t> opens_;     ///< parentheses around the cursor within the block, the outermost first
    std::size_t begin_ = 0, end_ = 0;    ///< the innermost query, or the statement
    Query query_;
    const Branch *branch_ = nullptr;
    bool is_query_ = false;
};

void Finder::takeQualifier()
{
    first_ = statement_.hole;
    while (first_ >= 2 && statement_.at(first_ - 1).isText(".") && isName(statement_.at(first_ - 2))) {
        place_.qualifier.insert(place_.qualifier.begin(), statement_.at(first_ - 2).name);
        first_ -= 2;
    }
}

/// In EXPLAIN, CREATE VIEW … AS and their like, where the query begins; nowhere when there is none before the cursor.
std::size_t Finder::embeddedQuery() const
{
    const Word &verb = statement_.at(0);
    for (std::size_t i = 1; i < statement_.hole; ++i) {
        if (statement_.at(i).isText("(")) {
            i = statement_.past(i, statement_.words.size()) - 1;
            continue;
        }
        if (!scope_.beginsQuery(i))
            continue;
        const Word &before = statement_.at(i - 1);
        if (verb.is("explain") || (before.is("as") && !verb.is("with")) || (before.is("for") && verb.is("declare")) || (before.is("return")))
            return i;
    }
    return nowhere;
}

void Finder::findBlock()
{
    begin_ = 0;
    end_ = statement_.words.size();
    is_query_ = scope_.beginsQuery(0) && statement_.hole > 0;
    if (!is_query_ && statement_.hole > 0) {
        if (const std::size_t embedded = embeddedQuery(); embedded != nowhere) {
            begin_ = embedded;
            is_query_ = true;
        }
    }
    for (std::size_t i = begin_; i < statement_.hole; ++i) {
        if (!statement_.at(i).isText("("))
            continue;
        const std::size_t past = statement_.past(i, statement_.words.size());
        if (past <= statement_.hole) {
            i = past - 1;
            continue;
        }
        if (scope_.beginsQuery(i + 1) && i + 1 != statement_.hole && statement_.before(i, 1).lower != "values") {
            if (is_query_)
                enter(begin_, end_, i);
            opens_.clear();
            begin_ = i + 1;
            end_ = statement_.at(i).match == nowhere ? past : past - 1;
            is_query_ = true;
        } else {
            opens_.push_back(i);
        }
        if (place_.scopes.size() > 40)
            break;
    }
    if (is_query_)
        enter(begin_, end_, statement_.hole);
}

/// Adds what a query around `seen_from` gives to it.
void Finder::enter(std::size_t begin, std::size_t end, std::size_t seen_from)
{
    query_ = scope_.query(begin, end);
    place_.ctes = scope_.ctes(begin, end, seen_from, place_.ctes);
    branch_ = query_.branchAt(seen_from);
    if (seen_from < query_.body)
        return; // a CTE sees nothing of the query it is for
    std::vector<Source> sources = scope_.sources(*branch_, place_.ctes);
    if (seen_from != statement_.hole) {
        const Clause clause = branch_->clauseAt(seen_from);
        const bool in_from = clause == Clause::From || clause == Clause::Join || clause == Clause::DeleteUsing || clause == Clause::MergeUsing;
        const Word &before = statement_.before(seen_from);
        if (in_from && !before.is("lateral") && (before.is("from") || before.is("join") || before.is("using") || before.isText(",") || before.isText("(")))
            sources.clear();
        else if (in_from)
            std::erase_if(sources, [seen_from](const Source &source) { return source.word >= seen_from; });
    }
    place_.scopes.insert(place_.scopes.begin(), std::move(sources));
}

std::vector<Step> Finder::path(std::size_t begin) const
{
    std::vector<Step> steps;
    std::size_t open = 0;
    for (std::size_t i = begin; i < first_; ++i) {
        const Word &word = statement_.at(i);
        if (word.isText("(") || word.isText("[")) {
            const std::size_t past = statement_.past(i, statement_.words.size());
            if (past <= first_) {
                steps.push_back({word.isText("(") ? "()" : "[]", false, i});
                i = past - 1;
                continue;
            }
            steps.push_back({"(", false, i});
            open = steps.size();
            continue;
        }
        if (word.isText(",") && open > 0)
            steps.resize(open);
        steps.push_back({word.lower.empty() ? word.text : std::string_view(word.lower), isName(word), i});
    }
    // What is far back matters only in its first words.
    if (steps.size() > 300)
        steps.erase(steps.begin() + 20, steps.end() - 200);
    return steps;
}

void Finder::nameRelation(std::size_t word)
{
    const Source source = scope_.sourceNamed(word, statement_.words.size(), {});
    place_.relation = source.relation;
}

void Finder::addListed(std::size_t open)
{
    const std::size_t close = statement_.past(open, statement_.words.size());
    for (std::size_t i = open + 1; i < close && i < open + 2000; ++i) {
        if (i != statement_.hole && isName(statement_.at(i)))
            place_.listed.push_back(statement_.at(i).name);
    }
}

/// What depends on the words right before the cursor alone.
bool Finder::takeFixed()
{
    if (statement_.words.size() == 1 || statement_.hole == 0) {
        addWords(place_, first_words);
        if (statement_.in_body)
            addWords(place_, body_words);
        return place_.qualifier.empty();
    }
    if (previous().isText("::")) {
        place_.wants = want::types;
        return true;
    }
    const bool cast = !opens_.empty() && statement_.before(opens_.back()).is("cast");
    if (previous().is("as") && cast) {
        place_.wants = want::types;
        return true;
    }
    if (previous().is("as") && is_query_ && !opens_.empty() && statement_.before(opens_.back()).is("with")) {
        return true;
    }
    return false;
}

bool Finder::takeRule()
{
    const std::size_t begin = is_query_ && query_.body <= first_ ? (branch_ != nullptr ? branch_->begin : query_.body) : begin_;
    const RuleMatch match = matchRules(path(begin));
    if (match.rule == nullptr)
        return false;
    place_.wants = match.rule->wants;
    addWords(place_, match.rule->keywords);
    if (is_query_ && branch_ != nullptr)
        place_.clause = branch_->clauseAt(statement_.hole);
    if (match.relation != nowhere)
        nameRelation(match.relation);
    else if ((place_.wants & (want::column_list | want::columns_of)) != 0 && !place_.scopes.empty()) {
        for (const Source &source : place_.scopes.front())
            place_.relation = source.target ? source.relation : place_.relation;
    }
    if (match.setting != nowhere) {
        for (std::size_t i = match.setting; i < first_ && (isName(statement_.at(i)) || statement_.at(i).isText(".")) && !statement_.at(i).is("to"); ++i)
            place_.setting += statement_.at(i).isText(".") ? "." : statement_.at(i).name;
    }
    if ((place_.wants & want::columns_of) != 0 && !opens_.empty())
        addListed(opens_.back());
    place_.operand = (place_.wants & want::functions) != 0;
    place_.item = (place_.wants & (want::tables | want::relations)) != 0;
    return true;
}

/// Parentheses that belong to a clause rather than to a value.
void Finder::takeInnerParenthesis(std::size_t open)
{
    const Word &before = statement_.before(open);
    if (before.is("using") && place_.clause == Clause::Using) {
        place_.common_columns = true;
        place_.wants = want::columns;
        addListed(open);
    } else if (before.is("over") || (before.is("as") && place_.clause == Clause::Window)) {
        place_.keywords_first = first_ == open + 1;
        if (place_.keywords_first)
            place_.keywords.clear();
        if (first_ == open + 1)
            addWords(place_, "PARTITION BY|ORDER BY");
        else if (endsOperand(previous()))
            addWords(place_, "ORDER BY|DESC|ASC|NULLS LAST|NULLS FIRST|ROWS BETWEEN|RANGE BETWEEN|ROWS UNBOUNDED PRECEDING|UNBOUNDED PRECEDING|CURRENT ROW|"
                             "UNBOUNDED FOLLOWING|PRECEDING|FOLLOWING|AND");
    } else if (before.is("filter") && first_ == open + 1) {
        addWords(place_, "WHERE");
        place_.wants = 0;
        place_.operand = false;
    } else if (endsOperand(previous())) {
        addWords(place_, before.is("cast") ? "AS" : before.is("extract") ? "FROM" : "ORDER BY|FROM|AS");
    } else if (first_ == open + 1) {
        place_.keywords_first = before.is("extract");
        if (place_.keywords_first)
            place_.keywords.clear();
        addWords(place_, before.is("extract") ? "year|month|day|hour|minute|second|epoch|dow|doy|week|quarter|isodow|isoyear|century|decade"
                         : isName(before)     ? "DISTINCT|VARIADIC"
                                              : "SELECT|WITH|VALUES");
    }
}

void Finder::takeExpression()
{
    place_.operand = !endsOperand(previous()) || !place_.qualifier.empty();
    if (previous().isText("*") && (statement_.before(first_, 2).is("select") || statement_.before(first_, 2).isText(".") || statement_.before(first_, 2).isText(",")))
        place_.operand = false; // SELECT * is done
    if (previous().is("not"))
        addWords(place_, "IN|LIKE|ILIKE|BETWEEN|EXISTS|SIMILAR TO");
    if (place_.operand) {
        place_.wants |= want::columns | want::functions;
        addWords(place_, operand_words);
    } else {
        addWords(place_, operator_words);
    }
}

void Finder::takeClause()
{
    const bool embedded = is_query_ && branch_ != nullptr && query_.body <= first_;
    std::size_t body = 0;
    place_.clause = embedded ? branch_->clauseAt(statement_.hole, &body) : Clause::Start;
    const bool paren = !opens_.empty() && statement_.at(opens_.back()).isText("(");
    if (previous().is("as") && !paren)
        return; // an alias: a new name
    for (const auto &[word, next] : followers) {
        if (!previous().is(word) || !place_.qualifier.empty())
            continue;
        const bool call = (word == "left" || word == "right") && place_.clause != Clause::From && place_.clause != Clause::Join && place_.clause != Clause::On &&
                          place_.clause != Clause::Using;
        const bool lock = word == "for" && place_.clause != Clause::Lock && !embedded;
        if (!call && !lock)
            return addWords(place_, next);
    }
    if (!embedded && !statement_.in_body && place_.scopes.empty() && !is_query_) {
        // A statement of another kind, at a place that no rule knows: names of all kinds are a fair guess.
        if (!endsOperand(previous()) || !place_.qualifier.empty())
            place_.wants = want::columns | want::functions | want::relations;
        return;
    }
    const Word &before = previous();
    const bool starts_item = before.isText(",") || first_ == body || before.is("lateral") || before.is("only") || (paren && first_ == opens_.back() + 1);
    switch (paren && place_.clause != Clause::From && place_.clause != Clause::Join ? Clause::Where : place_.clause) {
    case Clause::From:
    case Clause::Join:
    case Clause::DeleteUsing:
    case Clause::MergeUsing: {
        const bool call = paren && isName(statement_.before(opens_.back())) && !statement_.before(opens_.back()).is("from") &&
                          !statement_.before(opens_.back()).is("join") && !statement_.before(opens_.back()).is("lateral");
        if (call) {
            takeExpression();
            break;
        }
        if (starts_item) {
            place_.wants = want::relations | want::set_functions;
            place_.item = true;
            place_.after_join = before.is("join") || (before.isText(",") && place_.clause == Clause::From);
            addWords(place_, paren ? "SELECT|VALUES|WITH|LATERAL" : "LATERAL|ONLY|ROWS FROM");
        } else {
            addWords(place_, wordsAfter(place_.clause));
        }
        return;
    }
    case Clause::InsertInto:
    case Clause::Update:
    case Clause::DeleteFrom:
    case Clause::MergeInto:
        if (starts_item) {
            place_.wants = want::tables;
            place_.item = true;
        } else {
            addWords(place_, wordsAfter(place_.clause));
        }
        return;
    case Clause::Set:
        if (starts_item) {
            place_.wants = want::columns_of;
            place_.assigns = true;
            for (const Source &source : place_.scopes.front())
                place_.relation = source.target ? source.relation : place_.relation;
            return;
        }
        break;
    case Clause::SelectInto:
        return addWords(place_, wordsAfter(place_.clause));
    default:
        break;
    }
    takeExpression();
    place_.condition = (place_.clause == Clause::On || place_.clause == Clause::MergeOn) && before.is("on") && !paren;
    if ((place_.clause == Clause::OrderBy || place_.clause == Clause::GroupBy) && place_.operand && branch_ != nullptr && !paren) {
        const Branch &first = query_.branches.front();
        for (std::size_t i = 0; i < first.marks.size(); ++i) {
            const std::size_t end = i + 1 < first.marks.size() ? first.marks[i + 1].word : first.end;
            if (first.marks[i].clause == Clause::Select)
                place_.outputs = scope_.selectList(first.marks[i].body, end, place_.scopes.empty() ? std::vector<Source>{} : place_.scopes.front());
        }
    }
    if (paren)
        takeInnerParenthesis(opens_.back());
    else if (!place_.operand)
        addWords(place_, wordsAfter(place_.clause));
    else if (first_ == body && place_.clause == Clause::Select)
        addWords(place_, "DISTINCT|DISTINCT ON (|ALL");
    else if (place_.clause == Clause::GroupBy)
        addWords(place_, "ROLLUP (|CUBE (|GROUPING SETS (");
}

} // namespace

Place placeOf(const Statement &statement, const Snapshot &snapshot, std::string_view buffer)
{
    Place place = Finder(statement, snapshot).find();
    if (!statement.trigger_function.empty() && place.qualifier.size() == 1 && (place.qualifier[0] == "new" || place.qualifier[0] == "old")) {
        Source row = triggerRow(statement.trigger_function, buffer, snapshot);
        row.name = place.qualifier[0];
        place.scopes.push_back({std::move(row)});
    }
    return place;
}

} // namespace howdah::complete
