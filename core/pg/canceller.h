// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <mutex>

#include "core/pg/connection.h"

namespace howdah::pg {

/// What a Canceller and its connection share. A wait polls `event` beside the socket.
struct Canceller::State {
    State();
    ~State();
    State(const State &) = delete;
    State &operator=(const State &) = delete;

    /// Takes the wake-up; true when there was one.
    bool take();

    std::mutex mutex;
    int event = -1;         ///< an eventfd; readable after cancel() until take()
    int depth = 0;          ///< CancelScopes that are open
    int shields = 0;        ///< CancelShields that are open
    bool requested = false; ///< since the outermost scope began
    std::atomic<bool> abandoned{false}; ///< until the next connect
};

} // namespace howdah::pg
