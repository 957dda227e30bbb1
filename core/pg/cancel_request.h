// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "core/pg/libpq.h"

namespace howdah::pg {

/// One request to cancel what a connection runs, sent from a thread of its own because it dials the server anew.
/// The destructor waits until it has gone through, so that it cannot hit a later statement.
class CancelRequest
{
public:
    explicit CancelRequest(PGconn *connection);
    ~CancelRequest();
    CancelRequest(const CancelRequest &) = delete;
    CancelRequest &operator=(const CancelRequest &) = delete;

    [[nodiscard]] bool finished() const { return finished_.load(std::memory_order_acquire); }
    /// Waits; "" when the request was delivered, else why not.
    [[nodiscard]] std::string wait();

private:
    std::atomic<bool> finished_{false};
    std::string failure_;
    std::thread thread_;
};

} // namespace howdah::pg
