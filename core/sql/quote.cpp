// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/quote.h"

#include <algorithm>

#include "core/sql/keywords.h"

namespace howdah::sql {

std::string quoteIdentifier(std::string_view name)
{
    const auto plainStart = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const auto plain = [&](char c) { return plainStart(c) || (c >= '0' && c <= '9'); };
    if (!name.empty() && plainStart(name.front()) && std::all_of(name.begin(), name.end(), plain) && !mustBeQuoted(name))
        return std::string(name);
    std::string result = "\"";
    for (const char c : name) {
        if (c == '"')
            result += '"';
        result += c;
    }
    return result + '"';
}

std::string quoteQualified(std::string_view schema, std::string_view name)
{
    return schema.empty() ? quoteIdentifier(name) : quoteIdentifier(schema) + "." + quoteIdentifier(name);
}

std::string quoteLiteral(std::string_view value)
{
    const bool escapes = value.find('\\') != std::string_view::npos;
    std::string result = escapes ? "E'" : "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\')
            result += c;
        result += c;
    }
    return result + "'";
}

} // namespace howdah::sql
