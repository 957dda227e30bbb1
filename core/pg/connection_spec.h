// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace howdah::pg {

/// An ssh server that the database is reached through (core/pg/ssh_tunnel.h). What is empty is left to ~/.ssh/config.
struct SshTarget {
    std::string destination;          ///< "user@host", or a Host of ~/.ssh/config
    int port = 0;
    std::string jump;                 ///< ssh -J
    std::string identity_file;        ///< ssh -i
    std::vector<std::string> options; ///< "Key=Value" each, as ssh -o takes them
    friend bool operator==(const SshTarget &, const SshTarget &) = default;
};

/// Where to connect. libpq reads the conninfo (URI, keywords, service file, .pgpass, environment, every
/// sslmode); nothing here repeats that work.
struct ConnectionSpec {
    std::string conninfo;                ///< keyword/value string or postgresql:// URI; empty: environment and defaults
    std::optional<std::string> password; ///< handed to libpq apart, so that it never stands in a string we show
    bool read_only = false;              ///< the server enforces it: default_transaction_read_only=on from the first statement
    std::string application_name = "howdah";
    std::chrono::seconds connect_timeout{10}; ///< used only when the conninfo names none
    std::optional<SshTarget> ssh;        ///< host and port of the conninfo are as seen from there
    std::map<std::string, std::string> settings; ///< further settings sent at connect (options=-c name=value)
};

/// The keywords of a conninfo or URI as libpq understands them, without password fields.
[[nodiscard]] Result<std::map<std::string, std::string>> describe(const std::string &conninfo);

/// The conninfo without any password, for titles, logs and files. Unreadable input gives "".
[[nodiscard]] std::string withoutPassword(const std::string &conninfo);

/// One value as it must stand in a keyword=value string.
[[nodiscard]] std::string conninfoValue(std::string_view value);

} // namespace howdah::pg
