// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/connection_spec.h"

#include "core/pg/libpq.h"

namespace howdah::pg {

namespace {

bool isSecret(std::string_view keyword)
{
    return keyword == "password" || keyword == "sslpassword" || keyword == "oauth_client_secret";
}

std::string firstLine(std::string_view text)
{
    return std::string(text.substr(0, text.find('\n')));
}

} // namespace

std::string conninfoValue(std::string_view value)
{
    if (!value.empty() && value.find_first_of(" '\\") == std::string_view::npos)
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
        return fail(ErrorKind::Usage, "The connection string cannot be read" + (message != nullptr ? ": " + firstLine(message) : std::string()),
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
