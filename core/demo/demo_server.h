// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::demo {

/// The embedded demo server: a private cluster in the user's data folder with the shop database.
struct DemoStatus {
    bool exists = false;      ///< the cluster's folder is there
    bool running = false;
    bool loaded = false;      ///< the shop is complete
    std::string conninfo;     ///< when running
    std::string version;
    std::string folder;
};

struct DemoProgress {
    std::string what;         ///< "Loading orders"
    double fraction = 0;      ///< 0..1 of the whole
    double seconds_left = -1; ///< -1: not known yet
};

struct DemoOptions {
    double scale = 1;         ///< of the shop where it has to be loaded: 1 is a million orders
};

/// The newest PostgreSQL that the system has installed runs it; as root, under the account "postgres" and in a folder
/// below /var/lib/howdah where that account cannot enter the data folder. The server goes on running until stop().
/// Starts what is not running and loads what is not loaded; a half-loaded shop is loaded anew. Blocks; call it
/// from a worker. Cancelling leaves nothing half-done behind that the next start would take for complete.
[[nodiscard]] Result<DemoStatus> start(const std::function<void(const DemoProgress &)> &progress,
                                       const pg::Canceller &canceller = {},
                                       const DemoOptions &options = {});
[[nodiscard]] Result<void> stop();
[[nodiscard]] DemoStatus status();
/// Stops the server and removes its folder.
[[nodiscard]] Result<void> reset();

} // namespace howdah::demo
