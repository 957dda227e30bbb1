// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection_spec.h"

namespace howdah::workspace {

/// A connection as the user saved it. Passwords are not in it: they live in the system keychain under `id`.
struct SavedConnection {
    std::string id;                        ///< stable, random
    std::string name;
    std::string conninfo;                  ///< keyword/value or URI, stripped of any password before saving
    std::string environment = "development"; ///< development, test, staging, production, or a name of one's own
    std::string confirm;                   ///< ruleName() of core/workspace/confirmation.h; "" takes the environment's
    std::optional<pg::SshTarget> ssh;      ///< the ssh server that it is reached through
    std::map<std::string, std::string> settings; ///< sent at connect: statement_timeout, lock_timeout …
    std::string color;                     ///< "#rrggbb"; "" takes the environment's
    bool read_only = false;
    bool keep_password = false;            ///< look the password up in the keychain
    std::string last_used;                 ///< ISO 8601, "" when never
};

/// How to connect to it. The password comes from elsewhere.
[[nodiscard]] pg::ConnectionSpec specOf(const SavedConnection &saved);

/// Reads connections.json; a missing file is an empty list.
[[nodiscard]] Result<std::vector<SavedConnection>> loadConnections(const std::filesystem::path &file);
/// Replaces the file atomically with mode 0600.
[[nodiscard]] Result<void> saveConnections(const std::filesystem::path &file,
                                           const std::vector<SavedConnection> &connections);
[[nodiscard]] std::string newId();

} // namespace howdah::workspace
