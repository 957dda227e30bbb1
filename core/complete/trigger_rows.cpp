// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/trigger_rows.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "core/sql/lexer.h"

namespace howdah::complete {

namespace {

/// Of a huge catalog no more is looked at.
constexpr std::size_t most_columns = 20'000;

std::string lowered(std::string_view word)
{
    std::string text(word);
    for (char &c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    return text;
}

/// Meaning tokens of a text, one after the other.
class Reader
{
public:
    explicit Reader(std::string_view text) : text_(text), lexer_(text) { next(); }
    bool next()
    {
        while ((more_ = lexer_.next(token_))) {
            if (token_.kind != sql::TokenKind::Whitespace && token_.kind != sql::TokenKind::LineComment && token_.kind != sql::TokenKind::BlockComment)
                break;
        }
        return more_;
    }
    [[nodiscard]] bool more() const { return more_; }
    [[nodiscard]] bool is(std::string_view lower) const
    {
        return more_ && token_.kind == sql::TokenKind::Identifier && lowered(token_.span.of(text_)) == lower;
    }
    [[nodiscard]] bool isSemicolon() const { return token_.kind == sql::TokenKind::Semicolon; }
    /// schema.name, or name; behind it afterwards.
    std::pair<std::string, std::string> name()
    {
        std::pair<std::string, std::string> found;
        while (more_ && (token_.kind == sql::TokenKind::Identifier || token_.kind == sql::TokenKind::QuotedIdentifier)) {
            const bool quoted = token_.kind == sql::TokenKind::QuotedIdentifier;
            found.first = std::exchange(found.second, identifierOf(token_.span.of(text_), quoted));
            next();
            if (!more_ || token_.span.of(text_) != ".")
                break;
            next();
        }
        return found;
    }

private:
    std::string_view text_;
    sql::Lexer lexer_;
    sql::Token token_;
    bool more_ = true;
};

/// The table of CREATE TRIGGER … ON table … EXECUTE FUNCTION function ().
std::optional<std::pair<std::string, std::string>> tableOf(std::string_view function, std::string_view buffer)
{
    Reader reader(buffer);
    while (reader.more()) {
        if (!reader.is("create")) {
            reader.next();
            continue;
        }
        std::pair<std::string, std::string> table;
        bool trigger = false;
        for (reader.next(); reader.more() && !reader.isSemicolon();) {
            if (reader.is("trigger")) {
                trigger = true;
                reader.next();
            } else if (trigger && reader.is("on") && table.second.empty()) {
                reader.next();
                table = reader.name();
            } else if (trigger && reader.is("execute")) {
                reader.next();
                reader.next(); // FUNCTION or PROCEDURE
                if (reader.name().second == function && !table.second.empty())
                    return table;
            } else {
                reader.next();
            }
        }
    }
    return std::nullopt;
}

const pg::CatalogRelation *namedIn(std::string_view function, const Snapshot &snapshot)
{
    const pg::CatalogRelation *best = nullptr;
    for (const pg::CatalogRelation &relation : snapshot.catalog().relations) {
        if (relation.columns.empty() || relation.is_partition || relation.name.size() < 3 || function.find(relation.name) == std::string_view::npos)
            continue;
        if (best == nullptr || relation.name.size() > best->name.size())
            best = &relation;
    }
    return best;
}

} // namespace

std::string triggerFunction(const Statement &outer)
{
    std::string name;
    for (std::size_t i = 0; i + 1 < outer.words.size(); ++i) {
        if (outer.words[i].is("function") && name.empty()) {
            std::size_t at = i + 1;
            while (at + 2 < outer.words.size() && outer.words[at + 1].isText("."))
                at += 2;
            name = outer.words[at].name;
        } else if (outer.words[i].is("returns") && outer.words[i + 1].is("trigger")) {
            return name;
        }
    }
    return {};
}

const std::vector<std::string> &triggerVariables()
{
    static const std::vector<std::string> names{"new", "old", "tg_op", "tg_name", "tg_when", "tg_level", "tg_relid", "tg_table_name", "tg_table_schema", "tg_nargs", "tg_argv"};
    return names;
}

Source triggerRow(std::string_view function, std::string_view buffer, const Snapshot &snapshot)
{
    Source row;
    if (const auto table = tableOf(function, buffer))
        row.relation = snapshot.relation(table->first, table->second);
    if (row.relation == nullptr)
        row.relation = namedIn(function, snapshot);
    if (row.relation != nullptr) {
        row.aliased = true; // so that the table's name is told
        for (const auto &column : row.relation->columns)
            row.columns.push_back({column.name, column.type});
        return row;
    }
    std::unordered_set<std::string_view> seen;
    std::size_t looked = 0;
    for (const pg::CatalogRelation &relation : snapshot.catalog().relations) {
        if ((looked += relation.columns.size()) > most_columns)
            break;
        for (const auto &column : relation.columns) {
            if (!relation.is_partition && seen.insert(column.name).second)
                row.columns.push_back({column.name, column.type + "  " + relation.name});
        }
    }
    return row;
}

} // namespace howdah::complete
