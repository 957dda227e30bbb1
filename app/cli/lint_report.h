// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "app/cli/input.h"
#include "core/migration/lint.h"

namespace howdah::cli {

/// What was found in one file.
struct LintedFile {
    std::string name; ///< as it was given, "-" for standard input
    Input input;
    migration::LintResult result;
};

/// For people: "file:line:column: severity: message [rule]" and what belongs to it below.
[[nodiscard]] std::string lintText(const LintedFile &file, std::size_t columns, bool colored);
[[nodiscard]] std::string lintSummary(const std::vector<LintedFile> &files, bool colored);
[[nodiscard]] std::string lintRulesText(std::size_t columns, bool colored);

/// {file, line, column, rule, severity, message, why, locks, fix, fix_sql, …} for each finding.
[[nodiscard]] nlohmann::ordered_json lintJson(const std::vector<LintedFile> &files);
[[nodiscard]] nlohmann::ordered_json lintRulesJson();
/// OASIS SARIF 2.1.0: one run; suppressed findings are in it, marked so.
[[nodiscard]] nlohmann::ordered_json lintSarif(const std::vector<LintedFile> &files);
/// GitLab's code quality report: an array.
[[nodiscard]] nlohmann::ordered_json lintGitlab(const std::vector<LintedFile> &files);

} // namespace howdah::cli
