// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace howdah::plan {

/// What auto_explain logged for one statement.
struct LogMessage {
    double duration_ms = 0;
    std::string text;     ///< what followed "plan:", freed of tabs, prefixes and quotes
    std::size_t line = 1; ///< of the input, where `text` begins
    bool cut = false;     ///< the input ended inside the message
};

/// Every message "duration: … ms  plan:" of a server's log, in order: stderr with any log_line_prefix, syslog,
/// csvlog, jsonlog, and records of collectors that put the message into a JSON string. Linear.
[[nodiscard]] std::vector<LogMessage> planMessages(std::string_view input);

} // namespace howdah::plan
