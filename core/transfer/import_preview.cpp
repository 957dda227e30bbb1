// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

#include "core/base/text_offset.h"
#include "core/transfer/import.h"

namespace howdah::transfer {

namespace {

constexpr std::size_t sample_bytes = 1024 * 1024;
constexpr std::size_t preview_rows = 100;

Error unreadable(const std::filesystem::path &file, int number)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = file.string() + " could not be read: " + std::strerror(number);
    error.detail = "Nothing was imported.";
    return error;
}

/// A name that PostgreSQL takes without quotes: letters, digits and underscores, in lower case.
std::string plainName(std::string_view text, std::size_t number)
{
    std::string name;
    for (const char c : text) {
        const bool letter = (c >= 'a' && c <= 'z') || (static_cast<unsigned char>(c) & 0x80) != 0;
        if (c >= 'A' && c <= 'Z')
            name += static_cast<char>(c - 'A' + 'a');
        else if (letter || (c >= '0' && c <= '9') || c == '_')
            name += c;
        else if (!name.empty() && name.back() != '_')
            name += '_';
    }
    while (!name.empty() && name.back() == '_')
        name.pop_back();
    if (name.empty())
        return "column_" + std::to_string(number);
    return name.front() >= '0' && name.front() <= '9' ? "_" + name : name;
}

} // namespace

Result<ImportPreview> previewCsv(const std::filesystem::path &file, const CsvDialect *dialect)
{
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return tl::unexpected(unreadable(file, errno));
    std::string head(sample_bytes, '\0');
    stream.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(stream.gcount()));
    std::error_code failed;
    ImportPreview preview;
    preview.file_bytes = static_cast<std::int64_t>(std::filesystem::file_size(file, failed));
    if (head.starts_with("\xEF\xBB\xBF"))
        head.erase(0, 3);
    preview.dialect = dialect != nullptr ? *dialect : guessDialect(head);
    const bool whole = preview.file_bytes <= static_cast<std::int64_t>(sample_bytes);
    CsvReader reader(head, preview.dialect);
    CsvRecord record;
    std::vector<TypeGuess> types;
    std::size_t other_lengths = 0;
    std::size_t bytes = 0;
    bool first = true;
    while (reader.next(record)) {
        if (!whole && record.end == head.size())
            break; // cut
        if (first) {
            first = false;
            std::set<std::string> used;
            for (std::size_t i = 0; i < record.fields.size(); ++i) {
                std::string name = preview.dialect.header ? plainName(record.fields[i].text, i + 1) : "column_" + std::to_string(i + 1);
                const std::string base = name;
                for (int n = 2; !used.insert(name).second; ++n)
                    name = base + "_" + std::to_string(n);
                preview.columns.push_back({std::move(name), {}, false});
            }
            types.resize(record.fields.size());
            if (preview.dialect.header)
                continue;
        }
        ++preview.sampled_rows;
        bytes = record.end;
        other_lengths += record.fields.size() != types.size();
        for (std::size_t i = 0; i < std::min(types.size(), record.fields.size()); ++i)
            types[i].see(record.fields[i]);
        if (preview.rows.size() < preview_rows)
            preview.rows.push_back(record.fields);
    }
    for (std::size_t i = 0; i < types.size(); ++i) {
        preview.columns[i].type = types[i].type();
        preview.columns[i].not_null = preview.sampled_rows > 0 && !types[i].hasNull();
    }
    preview.estimated_rows = bytes == 0 ? 0
        : whole                          ? static_cast<std::int64_t>(preview.sampled_rows)
                                         : static_cast<std::int64_t>(static_cast<double>(preview.file_bytes) / static_cast<double>(bytes) *
                                                                     static_cast<double>(preview.sampled_rows));
    if (other_lengths > 0)
        preview.warnings.push_back(std::to_string(other_lengths) + " of the first " + std::to_string(preview.sampled_rows) +
                                   " rows have another number of fields than the first one.");
    if (const std::string seen = head.substr(0, bytes); validUtf8(seen) != seen)
        preview.warnings.emplace_back("The file holds bytes that are no UTF-8; the server will refuse such rows.");
    return preview;
}

} // namespace howdah::transfer
