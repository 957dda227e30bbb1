// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace howdah::transfer {

struct CsvDialect {
    char delimiter = ',';
    char quote = '"';
    char escape = '"';
    bool header = true;
};

struct CsvField {
    std::string text;
    bool quoted = false; ///< an empty one that is quoted is the empty string, else it is NULL
};

/// One record of a CSV text, which may run over several lines.
struct CsvRecord {
    std::vector<CsvField> fields;
    std::size_t line = 1;   ///< where it begins, from 1
    std::size_t begin = 0;  ///< bytes in the text
    std::size_t end = 0;    ///< with its line break
    bool terminated = true; ///< false: the text ends within quotes
};

/// Reads records as PostgreSQL's COPY does: quotes begin and end anywhere in a field, a doubled quote within quotes is
/// one, CR, LF and CRLF end a record outside quotes. Never fails.
class CsvReader
{
public:
    CsvReader(std::string_view text, const CsvDialect &dialect) : text_(text), dialect_(dialect) { }
    [[nodiscard]] bool next(CsvRecord &record);

private:
    std::string_view text_;
    CsvDialect dialect_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

/// What a text most likely is: the delimiter among comma, semicolon, tab and bar with which its first records have the
/// same, largest number of fields; a header where the first record looks unlike the ones below it.
[[nodiscard]] CsvDialect guessDialect(std::string_view head);

/// The narrowest of PostgreSQL's types that takes all values seen: boolean, integer, bigint, numeric, date, timestamp,
/// timestamptz, uuid, jsonb, else text. Values with leading zeros stay text.
class TypeGuess
{
public:
    void see(const CsvField &field);
    [[nodiscard]] std::string type() const;
    [[nodiscard]] bool hasNull() const { return nulls_ > 0; }

private:
    std::uint32_t possible_ = ~std::uint32_t{0};
    std::int64_t values_ = 0;
    std::int64_t nulls_ = 0;
};

} // namespace howdah::transfer
