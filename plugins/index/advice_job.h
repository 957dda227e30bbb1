// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/index/advise.h"
#include "plugins/index/workload_bar.h"

namespace howdah::index_tool {

// What runs on the session's worker; knows no widget.

/// An advice with the workload that it is for.
struct Advised {
    std::shared_ptr<const workload::Workload> load;
    std::shared_ptr<const index::Advice> advice;
};

/// What has been found so far.
struct SoFar {
    std::string step;
    double cost = 0, cost_before = 0, bytes = 0;
    std::size_t calls = 0;
    std::vector<std::string> best; ///< CREATE INDEX statements
};

/// Asked to stop, a run gives what it has; shared by the window and the worker.
using StopFlag = std::shared_ptr<std::atomic<bool>>;

/// Reads the workload of a wish: a file, or what the server keeps. Of one relation only what names it.
[[nodiscard]] Result<workload::Workload> readWish(pg::Connection &connection, const AdviceWish &wish);

/// Tells what it has found a few times a second.
[[nodiscard]] Result<Advised> adviseOn(pg::Connection &connection, const AdviceWish &wish, const StopFlag &stop, const std::function<void(SoFar)> &tell);

/// A set that was chosen, priced for the same workload.
[[nodiscard]] Result<Advised> priceOn(pg::Connection &connection, const Advised &base, index::AdviseOptions options, const std::vector<std::string> &ddl);

} // namespace howdah::index_tool
