// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/connection_spec.h"

#include "core/pg/libpq.h"

namespace howdah::pg {

namespace {

bool isSecret(std::string_view keyword)
{
    return keyword == "password" || keyword == "sslpassword" || keyword == "oauth_client_secret";
}

/// What is wrong with a conninfo. libpq quotes the place, which may be a password or the URI with it: its own words are
/// shown only where there can be none.
std::string complaint(std::string_view conninfo, std::string_view message)
{
    message = message.substr(0, message.find('\n'));
    if (conninfo.find("pass") == std::string_view::npos && conninfo.find("secret") == std::string_view::npos
        && conninfo.find('@') == std::string_view::npos)
        return std::string(message);
    const auto says = [message](std::string_view part) { return message.find(part) != std::string_view::npos; };
    if (says("URI query parameter"))
        return "a parameter behind the ? of the URI is not known or not name=value";
    if (says("percent-encoded"))
        return "a % in the URI is not followed by two hexadecimal digits";
    if (says("in URI"))
        return "the URI is malformed";
    if (says("invalid connection option"))
        return "it names an option that libpq does not know";
    if (says("unterminated quoted string"))
        return "a quote is not closed";
    return "a keyword is not followed by =value (a value with blanks stands in single quotes)";
}

} // namespace

std::string conninfoValue(std::string_view value)
{
    if (!value.empty() && value.find_first_of(" \t\n\v\f\r'\\") == std::string_view::npos)
        return std::string(value);
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\')
            quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

Result<std::map<std::string, std::string>> describe(const std::string &conninfo)
{
    char *message = nullptr;
    const OptionsPtr options(PQconninfoParse(conninfo.c_str(), &message));
    const TextPtr owned(message);
    if (!options)
        return fail(ErrorKind::Usage,
                    "The connection string cannot be read" + (message != nullptr ? ": " + complaint(conninfo, message) : std::string()),
                    "Write keyword=value pairs (host=… dbname=…) or a URI (postgresql://user@host/database).");
    std::map<std::string, std::string> keywords;
    for (const PQconninfoOption *option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr && !isSecret(option->keyword))
            keywords[option->keyword] = option->val;
    }
    return keywords;
}

std::string withoutPassword(const std::string &conninfo)
{
    const auto keywords = describe(conninfo);
    std::string text;
    if (keywords) {
        for (const auto &[keyword, value] : *keywords)
            text += (text.empty() ? "" : " ") + keyword + "=" + conninfoValue(value);
    }
    return text;
}

} // namespace howdah::pg
