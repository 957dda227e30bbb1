// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/base/paths.h"
#include "core/demo/shop.h"

namespace howdah::demo {

namespace {

namespace fs = std::filesystem;

struct DemoFile {
    std::string name;
    std::string text;
    std::vector<std::pair<std::string, std::string>> header;

    [[nodiscard]] std::string value(std::string_view key) const
    {
        const auto found =
            std::find_if(header.begin(), header.end(), [&](const auto &line) { return line.first == key; });
        return found == header.end() ? std::string() : found->second;
    }
};

/// Lines "-- key: value" up to the first empty line.
DemoFile parseFile(std::string name, std::string text)
{
    DemoFile file{std::move(name), std::move(text), {}};
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line) && line.starts_with("-- ");) {
        if (const std::size_t colon = line.find(": "); colon != std::string::npos)
            file.header.emplace_back(line.substr(3, colon - 3), line.substr(colon + 2));
    }
    return file;
}

Result<std::vector<DemoFile>> readFolder(const fs::path &folder)
{
    std::vector<DemoFile> files;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(folder, error)) {
        if (entry.path().extension() != ".sql")
            continue;
        std::ifstream stream(entry.path(), std::ios::binary);
        std::stringstream text;
        text << stream.rdbuf();
        if (!stream)
            return fail(ErrorKind::Io, "Cannot read " + entry.path().string());
        files.push_back(parseFile(entry.path().stem().string(), text.str()));
    }
    if (error || files.empty())
        return fail(ErrorKind::Io, "The demo database's SQL files are not in " + folder.string(),
                    "Install Howdah again, or set HOWDAH_RESOURCES to its "
                    "resources folder.");
    std::sort(files.begin(), files.end(),
              [](const DemoFile &a, const DemoFile &b) { return a.name < b.name; });
    return files;
}

std::vector<std::string> splitAt(const std::string &text, const std::string &separator)
{
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        if (end > begin)
            parts.push_back(text.substr(begin, end - begin));
        begin = end + separator.size();
    }
    return parts;
}

template <typename T> bool readNumber(const std::string &text, T &value)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

/// "token => 1 .. 100" or "token => one | two".
std::optional<Variation> parseVariation(const std::string &line)
{
    const std::size_t arrow = line.find(" => ");
    if (arrow == std::string::npos)
        return {};
    Variation variation;
    variation.token = line.substr(0, arrow);
    const std::string rest = line.substr(arrow + 4);
    if (const auto range = splitAt(rest, " .. "); range.size() == 2) {
        if (!readNumber(range[0], variation.low) || !readNumber(range[1], variation.high)
            || variation.high < variation.low)
            return {};
    } else {
        variation.choices = splitAt(rest, " | ");
    }
    return variation;
}

fs::path demoFolder()
{
    return paths::resources() / "demo";
}

/// splitmix64 by Sebastiano Vigna (public domain): a number for a call that is
/// the same everywhere.
std::uint64_t mixed(std::uint64_t value)
{
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

std::string replacement(const Variation &variation, int call)
{
    if (!variation.choices.empty())
        return variation.choices[static_cast<std::size_t>(call) % variation.choices.size()];
    const auto range = static_cast<std::uint64_t>(variation.high - variation.low) + 1;
    std::string number = std::to_string(
        variation.low + static_cast<std::int64_t>(mixed(static_cast<std::uint64_t>(call)) % range));
    if (variation.token.starts_with('0') && number.size() < variation.token.size())
        number.insert(0, variation.token.size() - number.size(), '0');
    return number;
}

} // namespace

std::string WorkloadQuery::sqlOfCall(int call) const
{
    std::string text = sql;
    if (call == 0)
        return text;
    for (const Variation &variation : variations) {
        const std::string other = replacement(variation, call);
        for (std::size_t at = text.find(variation.token); at != std::string::npos;
             at = text.find(variation.token, at + other.size()))
            text.replace(at, variation.token.size(), other);
    }
    return text;
}

Result<std::vector<WorkloadQuery>> readWorkload()
{
    const auto files = readFolder(demoFolder() / "workload");
    if (!files)
        return tl::unexpected(files.error());
    std::vector<WorkloadQuery> queries;
    for (const DemoFile &file : *files) {
        WorkloadQuery query;
        query.name = file.value("name");
        query.interesting = file.value("interesting");
        query.needs = file.value("needs");
        const std::size_t body = file.text.find("\n\n");
        if (query.name != file.name || query.interesting.empty()
            || !readNumber(file.value("calls"), query.calls) || body == std::string::npos)
            return fail(ErrorKind::Parse, "The header of the demo query " + file.name + ".sql is incomplete");
        query.sql = file.text.substr(body + 2);
        while (!query.sql.empty() && (query.sql.back() == '\n' || query.sql.back() == ';'))
            query.sql.pop_back();
        for (const auto &[key, value] : file.header) {
            if (key != "vary")
                continue;
            auto variation = parseVariation(value);
            if (!variation || query.sql.find(variation->token) == std::string::npos)
                return fail(ErrorKind::Parse,
                            "The variation “" + value + "” of " + file.name + ".sql cannot be read");
            query.variations.push_back(std::move(*variation));
        }
        queries.push_back(std::move(query));
    }
    return queries;
}

Result<std::vector<LoadStep>> readLoadSteps()
{
    const auto files = readFolder(demoFolder());
    if (!files)
        return tl::unexpected(files.error());
    std::vector<LoadStep> steps;
    for (const DemoFile &file : *files) {
        LoadStep step;
        step.name = file.name;
        step.title = file.value("title");
        step.sql = file.text;
        step.after = splitAt(file.value("after"), " ");
        step.needs = file.value("needs");
        step.expect = file.value("expect");
        if (step.title.empty() || !readNumber(file.value("seconds"), step.seconds))
            return fail(ErrorKind::Parse, "The header of the demo step " + file.name + ".sql is incomplete");
        steps.push_back(std::move(step));
    }
    return steps;
}

} // namespace howdah::demo
