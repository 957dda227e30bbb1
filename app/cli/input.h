// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/base/error.h"

namespace howdah::cli {

/// A text from the command line, and what to call it in messages.
struct Input {
    std::string text;
    std::string name; ///< the file's; "" when it was typed or came from standard input
};

/// The whole file, or standard input for "-". Fails with Usage. A byte-order mark is taken away.
[[nodiscard]] Result<Input> readInput(const std::string &file);

/// SQL given as an argument, else in a file, else on standard input unless that is a terminal.
[[nodiscard]] Result<Input> readSql(const std::string &argument, const std::string &file);

} // namespace howdah::cli
