// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/known_names.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/base/paths.h"

namespace howdah::workspace {

namespace {

// One record a line would not do: names may hold line ends. These two separate fields and records; a relation whose name
// holds one of them is left out, which costs no more than its place in the tree for a moment.
constexpr char field_end = '\x1f';
constexpr char record_end = '\x1e';
constexpr std::string_view version = "howdah names 1";

bool plain(std::string_view text)
{
    return text.find(field_end) == std::string_view::npos && text.find(record_end) == std::string_view::npos;
}

/// The parts of a text between separators; the last one is what comes behind the last of them.
std::vector<std::string_view> parts(std::string_view text, char separator)
{
    std::vector<std::string_view> found;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(separator, begin);
        found.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos)
            return found;
        begin = end + 1;
    }
}

template <typename T> bool take(std::string_view text, T &value)
{
    return std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc();
}

Error failed(const std::filesystem::path &file)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = "The names of this database could not be kept for the next start";
    error.detail = file.string() + ": " + std::strerror(errno);
    return error;
}

std::string textOf(const std::string &database, const pg::Catalog &catalog)
{
    std::string text = fmt::format("{}{}{}{}", version, field_end, database, record_end);
    for (const std::string &schema : catalog.search_path) {
        if (plain(schema))
            text += fmt::format("p{}{}{}", field_end, schema, record_end);
    }
    for (const pg::CatalogSchema &schema : catalog.schemas) {
        if (plain(schema.name))
            text += fmt::format("s{1}{2}{1}{3}{1}{4}{0}", record_end, field_end, schema.oid, schema.is_system ? 1 : 0, schema.name);
    }
    for (const pg::CatalogRelation &relation : catalog.relations) {
        if (plain(relation.schema) && plain(relation.name))
            text += fmt::format("r{1}{2}{1}{3}{1}{4}{1}{5}{1}{6:.0f}{1}{7}{1}{8}{0}", record_end, field_end, relation.oid, relation.kind,
                                relation.is_partition ? 1 : 0, relation.parent_oid, relation.estimated_rows, relation.schema, relation.name);
    }
    return text;
}

/// False when it is nothing that was written here.
bool takeRecord(std::string_view record, pg::Catalog &catalog)
{
    const std::vector<std::string_view> fields = parts(record, field_end);
    if (fields[0] == "p" && fields.size() == 2) {
        catalog.search_path.emplace_back(fields[1]);
        return true;
    }
    if (fields[0] == "s" && fields.size() == 4) {
        pg::CatalogSchema schema;
        schema.is_system = fields[2] == "1";
        schema.name = fields[3];
        const bool known = take(fields[1], schema.oid);
        catalog.schemas.push_back(std::move(schema));
        return known;
    }
    if (fields[0] == "r" && fields.size() == 8 && fields[2].size() == 1) {
        pg::CatalogRelation relation;
        relation.kind = fields[2].front();
        relation.is_partition = fields[3] == "1";
        relation.schema = fields[6];
        relation.name = fields[7];
        const bool known = take(fields[1], relation.oid) && take(fields[4], relation.parent_oid) && take(fields[5], relation.estimated_rows);
        catalog.relations.push_back(std::move(relation));
        return known;
    }
    return false;
}

} // namespace

std::filesystem::path namesFile(const std::string &database)
{
    // FNV-1a: the name only has to differ; the file says itself which database it is of.
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : database)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return paths::cache() / "names" / fmt::format("{:016x}", hash);
}

Result<void> keepNames(const std::filesystem::path &file, const std::string &database, const pg::Catalog &catalog)
{
    std::error_code ignored; // what cannot be made is told by the file that cannot be opened
    std::filesystem::create_directories(file.parent_path(), ignored);
    const std::string fresh = fmt::format("{}.{}", file.string(), getpid());
    const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return tl::unexpected(failed(file));
    const std::string text = textOf(database, catalog);
    bool written = true;
    for (std::size_t at = 0; written && at < text.size();) {
        const ssize_t some = ::write(descriptor, text.data() + at, text.size() - at);
        written = some > 0;
        at += written ? static_cast<std::size_t>(some) : 0;
    }
    const bool closed = ::close(descriptor) == 0;
    if (written && closed && ::rename(fresh.c_str(), file.c_str()) == 0)
        return {};
    const Error error = failed(file);
    ::unlink(fresh.c_str());
    return tl::unexpected(error);
}

std::shared_ptr<const pg::Catalog> knownNames(const std::filesystem::path &file, const std::string &database)
{
    std::ifstream in(file, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::string head = fmt::format("{}{}{}{}", version, field_end, database, record_end);
    // What a full disk cut off has no record's end.
    if (text.compare(0, head.size(), head) != 0 || text.back() != record_end)
        return nullptr;
    auto catalog = std::make_shared<pg::Catalog>();
    catalog->names_only = true;
    const std::string_view records = std::string_view(text).substr(head.size());
    for (std::size_t begin = 0; begin < records.size();) {
        const std::size_t end = records.find(record_end, begin);
        if (!takeRecord(records.substr(begin, end - begin), *catalog))
            return nullptr;
        begin = end + 1;
    }
    catalog->buildLookups();
    return catalog;
}

} // namespace howdah::workspace
