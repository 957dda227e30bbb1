// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/published_choice.h"

#include <cctype>

namespace howdah::replication {

Result<PublishedChoice> publishedChoice(const std::string &text)
{
    const auto bad = [&text] { return fail(ErrorKind::Usage, "\"" + text + "\" is no table", "NAME, SCHEMA.NAME, or \"NAME (COLUMNS) WHERE (CONDITION)\""); };
    PublishedChoice choice;
    std::vector<std::string> names;
    std::size_t at = 0;
    const auto skip = [&] {
        while (at < text.size() && text[at] == ' ')
            ++at;
    };
    // As the server reads a name: quoted as it stands, else in lower case.
    for (;;) {
        std::string name;
        if (at < text.size() && text[at] == '"') {
            for (++at; at < text.size() && (text[at] != '"' || (at + 1 < text.size() && text[at + 1] == '"')); ++at) {
                at += text[at] == '"' ? 1 : 0;
                name += text[at];
            }
            ++at;
        } else {
            while (at < text.size() && text[at] != '.' && text[at] != ' ' && text[at] != '(')
                name += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at++])));
        }
        if (name.empty())
            return bad();
        names.push_back(std::move(name));
        if (at >= text.size() || text[at] != '.')
            break;
        ++at;
    }
    if (names.size() > 2)
        return bad();
    choice.schema = names.size() == 2 ? names[0] : "public";
    choice.name = names.back();
    skip();
    if (at < text.size() && text[at] == '(') {
        const std::size_t close = text.find(')', at);
        if (close == std::string::npos)
            return bad();
        choice.columns = text.substr(at + 1, close - at - 1);
        at = close + 1;
        skip();
    }
    if (at < text.size()) {
        std::string word = text.substr(at, 5);
        for (char &c : word)
            c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        if (word != "where")
            return bad();
        choice.where = text.substr(at + 5);
    }
    return choice;
}

Result<std::vector<PublishedChoice>> publishedChoices(const std::string &list)
{
    std::vector<PublishedChoice> choices;
    std::string one;
    int depth = 0;
    char quote = 0;
    const auto take = [&]() -> Result<void> {
        const std::size_t begin = one.find_first_not_of(' ');
        if (begin == std::string::npos)
            return {};
        auto choice = publishedChoice(one.substr(begin, one.find_last_not_of(' ') - begin + 1));
        if (!choice)
            return tl::unexpected(choice.error());
        choices.push_back(std::move(*choice));
        one.clear();
        return {};
    };
    for (const char c : list) {
        if (quote != 0)
            quote = c == quote ? static_cast<char>(0) : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '(' || c == ')')
            depth += c == '(' ? 1 : -1;
        if (c != ',' || quote != 0 || depth > 0) {
            one += c;
        } else if (auto taken = take(); !taken) {
            return tl::unexpected(taken.error());
        }
    }
    if (auto taken = take(); !taken)
        return tl::unexpected(taken.error());
    return choices;
}

} // namespace howdah::replication
