// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "app/cli/command.h"
#include "app/cli/input.h"

namespace howdah::cli {

/// As people read it: severity and SQLSTATE, message, the line of the script with a caret under the word, detail,
/// hint and context. Ends with a line break. `columns` bounds the script's line.
[[nodiscard]] std::string errorText(const Error &error, const Input &script, std::size_t columns, bool colored);
[[nodiscard]] std::string noticeText(const pg::Notice &notice, bool colored);
/// {message, sqlstate, severity, detail, hint, context, position, line, column}: `position` counts bytes from 0,
/// `line` and `column` (characters) from 1. What is not known is absent.
[[nodiscard]] nlohmann::ordered_json errorJson(const Error &error, std::string_view script);

/// Writes to standard error.
void printError(const Error &error, const Input &script = {});
void printNotice(const pg::Notice &notice);
void printNote(const std::string &text);

/// The end of a subcommand that failed as a whole: the error on standard error, with --json also as {"error": …} on
/// standard output. Returns the exit code.
[[nodiscard]] int failed(const Context &context, const Error &error, const Input &script = {});

} // namespace howdah::cli
