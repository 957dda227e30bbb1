// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/pg/row_store.h"

namespace howdah::pg {

/// One row of a catalog query, read from left to right.
class CatalogRow
{
public:
    CatalogRow(const RowStore &store, std::int64_t row) : store_(store), row_(row) {}
    std::string text() { return std::string(next().text); }
    bool flag() { return next().text == "t"; }
    char letter()
    {
        const std::string_view value = next().text;
        return value.empty() ? '\0' : value.front();
    }
    template <typename T> T number() { return numberIn<T>(next().text); }
    /// "{1,2}" and "1 2" alike: smallint[] and int2vector.
    std::vector<std::int16_t> numbers()
    {
        const std::string_view text = next().text;
        std::vector<std::int16_t> numbers;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t begin = text.find_first_of("-0123456789", at);
            if (begin == std::string_view::npos)
                break;
            const std::size_t end = std::min(text.find_first_of(" ,}", begin), text.size());
            numbers.push_back(numberIn<std::int16_t>(text.substr(begin, end - begin)));
            at = end;
        }
        return numbers;
    }
    /// What array_to_string(…, E'\x01') joined.
    std::vector<std::string> texts()
    {
        const std::string_view text = next().text;
        std::vector<std::string> parts;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\x01', begin), text.size());
            parts.emplace_back(text.substr(begin, end - begin));
            begin = end + 1;
        }
        return parts;
    }
    std::optional<std::string> optionalText()
    {
        const Cell cell = next();
        return cell.is_null ? std::nullopt : std::optional(std::string(cell.text));
    }

private:
    template <typename T> static T numberIn(std::string_view text)
    {
        T value{};
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }
    Cell next() { return store_.cell(row_, column_++); }
    const RowStore &store_;
    std::int64_t row_;
    std::size_t column_ = 0;
};

} // namespace howdah::pg
