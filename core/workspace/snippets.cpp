// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/snippets.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <sstream>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/base/paths.h"

namespace howdah::workspace {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Error unreadable(const fs::path &file, const std::string &why)
{
    Error error;
    error.kind = ErrorKind::Parse;
    error.message = "The snippets in " + file.string() + " cannot be read: " + why;
    error.hint = "Mend the file, or move it away. It was not changed.";
    return error;
}

Error notWritten(const fs::path &file, int number)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = "The snippets could not be written to " + file.string() + ": " + std::strerror(number);
    error.detail = "The file is as it was.";
    return error;
}

bool isTrigger(std::string_view word)
{
    return !word.empty() && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

Result<std::vector<Snippet>> read(const fs::path &file, bool own)
{
    std::vector<Snippet> snippets;
    std::error_code failed;
    if (!fs::exists(file, failed))
        return snippets;
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    const Json document = Json::parse(content.str(), nullptr, false);
    if (document.is_discarded() || !document.is_object() || !document.contains("snippets") || !document["snippets"].is_array())
        return tl::unexpected(unreadable(file, "it is no JSON with a list \"snippets\""));
    for (const Json &item : document["snippets"]) {
        const auto text = [&item](const char *key) {
            return item.is_object() && item.contains(key) && item[key].is_string() ? item[key].get<std::string>() : std::string();
        };
        Snippet snippet{text("trigger"), text("title"), text("body"), own};
        if (!isTrigger(snippet.trigger) || snippet.body.empty())
            return tl::unexpected(unreadable(file, "a snippet has no body, or its trigger is not a plain word"));
        snippets.push_back(std::move(snippet));
    }
    return snippets;
}

} // namespace

Result<std::vector<Snippet>> loadSnippets(const fs::path &user_file)
{
    auto own = read(user_file, true);
    if (!own)
        return own;
    auto all = read(paths::resources() / "snippets" / "postgresql.json", false);
    if (!all)
        return all;
    std::erase_if(*all, [&own](const Snippet &snippet) {
        return std::ranges::any_of(*own, [&](const Snippet &other) { return other.trigger == snippet.trigger; });
    });
    all->insert(all->end(), own->begin(), own->end());
    return all;
}

Result<void> saveSnippets(const fs::path &user_file, const std::vector<Snippet> &snippets)
{
    Json list = Json::array();
    for (const Snippet &snippet : snippets) {
        if (snippet.own)
            list.push_back({{"trigger", snippet.trigger}, {"title", snippet.title}, {"body", snippet.body}});
    }
    const std::string text = Json{{"snippets", list}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    const fs::path fresh = user_file.string() + ".new";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return tl::unexpected(notWritten(user_file, errno));
    const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    const int problem = errno;
    ::close(file);
    if (!written) {
        ::unlink(fresh.c_str());
        return tl::unexpected(notWritten(user_file, problem));
    }
    if (::rename(fresh.c_str(), user_file.c_str()) != 0)
        return tl::unexpected(notWritten(user_file, errno));
    return {};
}

SnippetText expandSnippet(std::string_view body, std::string_view indentation)
{
    SnippetText snippet;
    std::map<int, std::vector<ByteSpan>> places;
    std::map<int, std::string> shown; ///< a later ${1} without a text shows that of the first
    bool ends = false;
    for (std::size_t i = 0; i < body.size();) {
        const std::string_view rest = body.substr(i);
        int number = 0;
        if (rest.starts_with("$0")) {
            snippet.end = {snippet.text.size()};
            ends = true;
            i += 2;
            continue;
        }
        if (rest.starts_with("${")) {
            const auto read = std::from_chars(rest.data() + 2, rest.data() + rest.size(), number);
            const auto colon = static_cast<std::size_t>(read.ptr - rest.data());
            const std::size_t close = rest.find('}');
            if (read.ec == std::errc() && number > 0 && close != std::string_view::npos && (colon == close || rest[colon] == ':')) {
                if (colon != close)
                    shown[number] = rest.substr(colon + 1, close - colon - 1);
                const std::size_t begin = snippet.text.size();
                snippet.text += shown[number];
                places[number].push_back({{begin}, {snippet.text.size()}});
                i += close + 1;
                continue;
            }
        }
        snippet.text += body[i];
        if (body[i] == '\n')
            snippet.text += indentation;
        ++i;
    }
    if (!ends)
        snippet.end = {snippet.text.size()};
    for (auto &[number, spans] : places)
        snippet.places.push_back({number, std::move(spans)});
    return snippet;
}

} // namespace howdah::workspace
