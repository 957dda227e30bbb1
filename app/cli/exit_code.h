// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

namespace howdah::cli {

enum ExitCode : int {
    exit_ok = 0,
    exit_findings = 1,      ///< it worked, and there is something to look at
    exit_usage = 2,         ///< wrong options, or input that cannot be read
    exit_no_connection = 3, ///< no connection could be made, or it was lost
    exit_server_error = 4   ///< the server, or a program or file on this machine, refused
};

/// Interruptions have codes of their own: see interrupt.h.
[[nodiscard]] constexpr int exitCodeOf(const Error &error)
{
    switch (error.kind) {
    case ErrorKind::Usage:
    case ErrorKind::Parse:
    case ErrorKind::Unsupported:
        return exit_usage;
    case ErrorKind::Connection:
        return exit_no_connection;
    default:
        return exit_server_error;
    }
}

} // namespace howdah::cli
