// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/bound.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

/// The tokens of a bound that matter, with strings unquoted.
struct Word {
    sql::TokenKind kind;
    std::string text;
};

std::string unquoted(std::string_view text)
{
    // Bounds are printed with standard quoting; E'' only where there is a backslash.
    const bool escapes = text.starts_with('E') || text.starts_with('e');
    const std::size_t begin = text.find('\'');
    std::string value;
    for (std::size_t i = begin + 1; i + 1 < text.size(); ++i) {
        if ((text[i] == '\'' && text[i + 1] == '\'') || (escapes && text[i] == '\\'))
            ++i;
        value += text[i];
    }
    return value;
}

std::vector<Word> wordsOf(std::string_view text)
{
    std::vector<Word> words;
    sql::Lexer lexer(text);
    sql::Token token;
    while (lexer.next(token)) {
        const std::string_view piece = token.span.of(text);
        if (token.kind == sql::TokenKind::Whitespace)
            continue;
        words.push_back({token.kind, token.kind == sql::TokenKind::String ? unquoted(piece) : std::string(piece)});
    }
    return words;
}

/// Reads the words from left to right; the first thing out of place ends it.
class Reader
{
public:
    Reader(std::string_view text, const std::vector<ValueKind> &kinds) : text_(text), kinds_(kinds), words_(wordsOf(text)) {}

    Result<Bound> read()
    {
        Bound bound;
        if (take("DEFAULT"))
            return finished(bound);
        if (!take("FOR") || !take("VALUES"))
            return misread();
        bool good = false;
        if (take("FROM")) {
            bound.kind = Bound::Kind::Range;
            good = values(bound.lower, true) && take("TO") && values(bound.upper, true);
        } else if (take("IN")) {
            bound.kind = Bound::Kind::List;
            good = values(bound.values, false);
        } else if (take("WITH")) {
            bound.kind = Bound::Kind::Hash;
            good = take("(") && take("modulus") && number(bound.modulus) && take(",") && take("remainder") && number(bound.remainder) && take(")");
        }
        return good ? finished(bound) : misread();
    }

private:
    bool take(std::string_view word)
    {
        if (at_ >= words_.size() || words_[at_].kind == sql::TokenKind::String || words_[at_].text != word)
            return false;
        ++at_;
        return true;
    }
    bool number(int &into)
    {
        if (at_ >= words_.size())
            return false;
        const std::string &text = words_[at_++].text;
        return std::from_chars(text.data(), text.data() + text.size(), into).ec == std::errc();
    }
    bool value(std::vector<BoundValue> &into, std::size_t column)
    {
        if (at_ >= words_.size())
            return false;
        const ValueKind kind = column < kinds_.size() ? kinds_[column] : ValueKind::Other;
        BoundValue read;
        if (take("MINVALUE")) {
            read.kind = BoundValue::Kind::Min;
            read.position = -infinite;
        } else if (take("MAXVALUE")) {
            read.kind = BoundValue::Kind::Max;
            read.position = infinite;
        } else if (take("NULL")) {
            read.kind = BoundValue::Kind::Null;
        } else {
            std::string text = take("-") ? "-" : "";
            text += words_[at_++].text;
            read = boundValue(std::move(text), kind);
        }
        into.push_back(std::move(read));
        return true;
    }
    bool values(std::vector<BoundValue> &into, bool by_column)
    {
        if (!take("("))
            return false;
        do {
            if (!value(into, by_column ? into.size() : 0))
                return false;
        } while (take(","));
        return take(")");
    }
    Result<Bound> finished(Bound &bound)
    {
        if (at_ != words_.size())
            return misread();
        return std::move(bound);
    }
    [[nodiscard]] tl::unexpected<Error> misread() const
    {
        return fail(ErrorKind::Parse, "The partition bound \"" + std::string(text_) + "\" cannot be read");
    }

    std::string_view text_;
    const std::vector<ValueKind> &kinds_;
    std::vector<Word> words_;
    std::size_t at_ = 0;
};

std::string listOf(const std::vector<BoundValue> &values)
{
    std::string text = "(";
    for (const BoundValue &value : values)
        text += (text.size() > 1 ? ", " : "") + value.sql();
    return text + ")";
}

} // namespace

ValueKind valueKindOf(std::string_view type)
{
    if (type == "smallint" || type == "integer" || type == "bigint")
        return ValueKind::Integer;
    if (type.starts_with("numeric") || type == "real" || type == "double precision")
        return ValueKind::Numeric;
    if (type == "date")
        return ValueKind::Date;
    if (type.starts_with("timestamp"))
        return type.ends_with("with time zone") ? ValueKind::TimestampTz : ValueKind::Timestamp;
    return ValueKind::Other;
}

BoundValue boundValue(std::string text, ValueKind kind)
{
    BoundValue value;
    if (kind == ValueKind::Integer || kind == ValueKind::Numeric) {
        double number = 0;
        if (const auto read = std::from_chars(text.data(), text.data() + text.size(), number); read.ec == std::errc())
            value.position = number;
        if (kind == ValueKind::Integer)
            std::from_chars(text.data(), text.data() + text.size(), value.rank);
    } else if (isTime(kind)) {
        if (text == "infinity" || text == "-infinity") {
            value.position = text.front() == '-' ? -infinite : infinite;
            value.rank = text.front() == '-' ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
        } else if (const auto time = parseTime(text)) {
            value.rank = time->instantMicros();
            value.position = static_cast<double>(value.rank);
        }
    }
    value.text = std::move(text);
    return value;
}

std::string BoundValue::sql() const
{
    switch (kind) {
    case Kind::Min: return "MINVALUE";
    case Kind::Max: return "MAXVALUE";
    case Kind::Null: return "NULL";
    case Kind::Value: break;
    }
    return sql::quoteLiteral(text);
}

std::string Bound::sql() const
{
    switch (kind) {
    case Kind::Default: return "DEFAULT";
    case Kind::Range: return "FOR VALUES FROM " + listOf(lower) + " TO " + listOf(upper);
    case Kind::List: return "FOR VALUES IN " + listOf(values);
    case Kind::Hash: break;
    }
    return "FOR VALUES WITH (modulus " + std::to_string(modulus) + ", remainder " + std::to_string(remainder) + ")";
}

Result<Bound> parseBound(std::string_view text, const std::vector<ValueKind> &kinds)
{
    return Reader(text, kinds).read();
}

} // namespace howdah::partition
