// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
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

    [[nodiscard]] bool finished() const { return state_->finished.load(std::memory_order_acquire); }
    /// Waits; "" when the request was delivered, else why not.
    [[nodiscard]] std::string wait();
    /// Waits for it no more, for a connection that is given up.
    void abandon();

private:
    struct State {
        std::atomic<bool> finished{false};
        std::string failure; ///< the thread's until `finished`
    };
    std::shared_ptr<State> state_ = std::make_shared<State>();
    std::thread thread_;
};

} // namespace howdah::pg
