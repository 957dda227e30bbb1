// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transfer/csv_reader.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

namespace howdah::transfer {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool allDigits(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, isDigit);
}

bool isInteger(std::string_view text, std::int64_t low, std::int64_t high)
{
    if (text.starts_with('+'))
        return false;
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    // "007" is a code, not a number.
    const bool padded = digits.size() > 1 && digits.front() == '0';
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && !padded && number >= low && number <= high;
}

bool isNumeric(std::string_view text)
{
    if (text.starts_with('-'))
        text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    if (!allDigits(whole) || (whole.size() > 1 && whole.front() == '0'))
        return false;
    return point == std::string_view::npos || allDigits(text.substr(point + 1));
}

bool isDate(std::string_view text)
{
    return text.size() == 10 && text[4] == '-' && text[7] == '-' && allDigits(text.substr(0, 4)) && allDigits(text.substr(5, 2)) &&
           allDigits(text.substr(8, 2)) && text.substr(5, 2) >= "01" && text.substr(5, 2) <= "12" && text.substr(8, 2) >= "01" &&
           text.substr(8, 2) <= "31";
}

/// "2024-01-31 10:00", "…T10:00:00.123"; `zone` gets what stands behind the time.
bool isTime(std::string_view text, std::string_view &zone)
{
    if (text.size() < 16 || !isDate(text.substr(0, 10)) || (text[10] != ' ' && text[10] != 'T'))
        return false;
    if (!allDigits(text.substr(11, 2)) || text[13] != ':' || !allDigits(text.substr(14, 2)) || text.substr(11, 2) > "24")
        return false;
    std::size_t at = 16;
    if (at < text.size() && text[at] == ':') {
        if (at + 3 > text.size() || !allDigits(text.substr(at + 1, 2)))
            return false;
        at += 3;
        if (at < text.size() && text[at] == '.') {
            ++at;
            while (at < text.size() && isDigit(text[at]))
                ++at;
        }
    }
    zone = text.substr(at);
    return true;
}

bool isTimestamp(std::string_view text)
{
    std::string_view zone;
    return isTime(text, zone) && zone.empty();
}

bool isTimestamptz(std::string_view text)
{
    std::string_view zone;
    if (!isTime(text, zone))
        return false;
    if (zone.empty() || zone == "Z")
        return true;
    return (zone.front() == '+' || zone.front() == '-') && zone.size() >= 3 &&
           std::ranges::all_of(zone.substr(1), [](char c) { return isDigit(c) || c == ':'; });
}

bool isUuid(std::string_view text)
{
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = static_cast<char>(text[i] | 0x20);
        if (dash ? text[i] != '-' : !(isDigit(text[i]) || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

bool isJson(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && (text[first] == '{' || text[first] == '[') && nlohmann::json::accept(text.begin(), text.end());
}

bool isBoolean(std::string_view text)
{
    static constexpr std::array<std::string_view, 8> words{"t", "f", "true", "false", "TRUE", "FALSE", "True", "False"};
    return std::ranges::find(words, text) != words.end();
}

struct Candidate {
    const char *type;
    bool (*accepts)(std::string_view);
};
/// Narrower ones first.
constexpr Candidate candidates[] = {
    {"boolean", isBoolean},
    {"integer", [](std::string_view text) { return isInteger(text, -2147483648LL, 2147483647LL); }},
    {"bigint", [](std::string_view text) { return isInteger(text, INT64_MIN, INT64_MAX); }},
    {"numeric", isNumeric},
    {"date", isDate},
    {"timestamp", isTimestamp},
    {"timestamptz", isTimestamptz},
    {"uuid", isUuid},
    {"jsonb", isJson},
};

} // namespace

bool CsvReader::next(CsvRecord &record)
{
    if (at_ >= text_.size())
        return false;
    record.fields.assign(1, {});
    record.line = line_;
    record.begin = at_;
    record.terminated = true;
    bool inside = false;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        CsvField &field = record.fields.back();
        if (inside) {
            if (c == dialect_.escape && at_ + 1 < text_.size() && (text_[at_ + 1] == dialect_.quote || text_[at_ + 1] == dialect_.escape)) {
                field.text += text_[at_ + 1];
                at_ += 2;
                continue;
            }
            if (c == dialect_.quote) {
                inside = false;
            } else {
                line_ += c == '\n';
                field.text += c;
            }
            ++at_;
        } else if (c == dialect_.quote) {
            inside = field.quoted = true;
            ++at_;
        } else if (c == dialect_.delimiter) {
            record.fields.emplace_back();
            ++at_;
        } else if (c == '\n' || c == '\r') {
            at_ += c == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n' ? 2 : 1;
            ++line_;
            record.end = at_;
            return true;
        } else {
            field.text += c;
            ++at_;
        }
    }
    record.terminated = !inside;
    record.end = at_;
    return true;
}

CsvDialect guessDialect(std::string_view head)
{
    constexpr std::size_t records = 50;
    CsvDialect best;
    std::size_t best_score = 0;
    for (const char delimiter : {'\t', ';', '|', ','}) { // a comma is the likeliest to stand in texts
        CsvDialect dialect;
        dialect.delimiter = delimiter;
        CsvReader reader(head, dialect);
        std::vector<std::size_t> counts;
        for (CsvRecord record; counts.size() < records && reader.next(record);) {
            if (record.end < head.size() || counts.empty()) // the last one may be cut
                counts.push_back(record.fields.size());
        }
        if (counts.empty() || counts.front() < 2)
            continue;
        const auto same = static_cast<std::size_t>(std::ranges::count(counts, counts.front()));
        // Records that agree matter more than many fields.
        const std::size_t score = same * 1000 / counts.size() * 1000 + counts.front();
        if (score > best_score) {
            best_score = score;
            best = dialect;
        }
    }
    // A header is text over columns that are not, or else names that do not come again.
    CsvReader reader(head, best);
    CsvRecord first;
    if (!reader.next(first))
        return best;
    std::vector<TypeGuess> below(first.fields.size());
    std::vector<TypeGuess> above(first.fields.size());
    std::size_t rows = 0;
    for (CsvRecord record; rows < records && reader.next(record); ++rows) {
        for (std::size_t i = 0; i < std::min(record.fields.size(), below.size()); ++i)
            below[i].see(record.fields[i]);
    }
    bool differs = false;
    bool typed = false;
    for (std::size_t i = 0; i < first.fields.size(); ++i) {
        above[i].see(first.fields[i]);
        differs = differs || (above[i].type() == "text" && below[i].type() != "text");
        typed = typed || above[i].type() != "text";
    }
    best.header = rows == 0 || differs || !typed;
    return best;
}

void TypeGuess::see(const CsvField &field)
{
    if (field.text.empty() && !field.quoted) {
        ++nulls_;
        return;
    }
    ++values_;
    std::uint32_t bit = 1;
    for (const Candidate &candidate : candidates) {
        if ((possible_ & bit) != 0 && !candidate.accepts(field.text))
            possible_ &= ~bit;
        bit <<= 1;
    }
}

std::string TypeGuess::type() const
{
    if (values_ == 0)
        return "text";
    std::uint32_t bit = 1;
    for (const Candidate &candidate : candidates) {
        if ((possible_ & bit) != 0)
            return candidate.type;
        bit <<= 1;
    }
    return "text";
}

} // namespace howdah::transfer
