// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/pg/connection.h"

namespace CLI {
class App;
}

namespace howdah::cli {

/// What holds for every subcommand.
struct Context {
    std::string dbname;       ///< conninfo or URI; "demo" means the demo server; "" libpq's environment
    bool json = false;
    bool read_only = false;
    std::string ssh;          ///< "user@host[:port]" to tunnel through; "" connects directly
    bool no_password = false; ///< never ask for one
    pg::Canceller canceller;  ///< Ctrl+C
};

/// Runs a subcommand whose options were read; returns the exit code.
using Action = std::function<int(const Context &)>;

/// A subcommand. The next one is a file with its declare function and manual, and a row in commands.cpp.
struct Command {
    const char *name;
    const char *summary; ///< one line
    const char *manual;  ///< its chapter of "howdah-cli help"
    Action (*declare)(CLI::App &options);
};

[[nodiscard]] const std::vector<Command> &commands();

} // namespace howdah::cli
