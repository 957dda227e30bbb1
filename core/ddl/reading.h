// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::ddl {

/// A row of a small catalog query, copied out of its result. NULL reads as "" and as 0.
class Record
{
public:
    explicit Record(std::vector<std::optional<std::string>> cells) : cells_(std::move(cells)) {}
    [[nodiscard]] const std::string &operator[](std::size_t column) const
    {
        static const std::string none;
        return cells_[column] ? *cells_[column] : none;
    }
    [[nodiscard]] bool isNull(std::size_t column) const { return !cells_[column]; }
    [[nodiscard]] bool flag(std::size_t column) const { return (*this)[column] == "t"; }
    [[nodiscard]] char letter(std::size_t column) const { return (*this)[column].empty() ? '\0' : (*this)[column].front(); }
    template <typename T> [[nodiscard]] T number(std::size_t column) const
    {
        T value{};
        const std::string &text = (*this)[column];
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }

private:
    std::vector<std::optional<std::string>> cells_;
};

[[nodiscard]] Result<std::vector<Record>> records(pg::Connection &connection, std::string_view sql,
                                                  const std::vector<pg::Parameter> &parameters = {});

/// One view of the catalog for several queries: a read-only transaction of its own when the connection is idle (a user's
/// open transaction is left as it is). `bare_search_path`: the server's definitions name every schema, as pg_dump has it.
class Snapshot
{
public:
    Snapshot(pg::Connection &connection, bool bare_search_path);
    ~Snapshot();
    Snapshot(const Snapshot &) = delete;
    Snapshot &operator=(const Snapshot &) = delete;
    [[nodiscard]] const std::optional<Error> &failure() const { return failure_; }

private:
    pg::Connection &connection_;
    bool own_ = false;
    std::optional<std::string> search_path_; ///< to be put back in a user's transaction
    std::optional<Error> failure_;
};

} // namespace howdah::ddl
