// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "core/base/error.h"

namespace howdah {

/// A program run without a shell.
struct Command {
    std::filesystem::path program;
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment; ///< added to ours
    std::string account;                ///< run as this account; only root can, others ignore it
    std::filesystem::path output;       ///< append standard output and error to this file instead of capturing them
    bool new_session = false;           ///< survives the terminal's Ctrl+C and our end
    bool dies_with_parent = false;      ///< the kernel sends SIGQUIT when our process ends, however it ends
};

struct CommandOutcome {
    int exit_code = -1;                 ///< 128 + signal when killed
    std::string output;                 ///< standard output and error, in order
};

/// Runs and waits. Fails (Io) only when the program cannot be started.
[[nodiscard]] Result<CommandOutcome> runCommand(const Command &command);
/// Starts and returns the process id; the caller waits for it with waitpid().
[[nodiscard]] Result<pid_t> startCommand(const Command &command);

/// The unprivileged account that servers run as when we are root: "postgres", else "nobody"; "" when not root.
[[nodiscard]] std::string serviceAccount();
/// Gives a folder to that account (recursively); does nothing when not root.
[[nodiscard]] Result<void> giveToServiceAccount(const std::filesystem::path &folder);

} // namespace howdah
