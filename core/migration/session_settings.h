// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/pg/connection.h"

namespace howdah::migration {

/// Settings of a session for a while: what it had comes back with the destructor, also after a cancel.
class SessionSettings
{
public:
    explicit SessionSettings(pg::Connection &connection) : connection_(connection) {}
    ~SessionSettings();
    SessionSettings(const SessionSettings &) = delete;
    SessionSettings &operator=(const SessionSettings &) = delete;
    [[nodiscard]] Result<void> set(const std::string &name, const std::string &value);

private:
    pg::Connection &connection_;
    std::vector<std::pair<std::string, std::string>> before_;
};

} // namespace howdah::migration
