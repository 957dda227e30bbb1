// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pg/connection.h"

namespace howdah::cli {

// Ctrl+C and SIGTERM. While Work goes on, the first one cancels it on the server, and the program ends by itself with
// 128 + the signal's number; the second one ends it at once, as one without any work does.

/// Once, at the start of main.
void catchInterrupts(const pg::Canceller &canceller);

/// Between connecting and the last answer: an interruption asks the server to stop.
class Work
{
public:
    explicit Work(const pg::Canceller &canceller);
    ~Work();
    Work(const Work &) = delete;
    Work &operator=(const Work &) = delete;

private:
    pg::CancelScope scope_;
};

/// 130 or 143 after an interruption, else 0.
[[nodiscard]] int interruptedBy();

} // namespace howdah::cli
