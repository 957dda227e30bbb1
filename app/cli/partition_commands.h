// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"
#include "core/migration/change_script.h"
#include "core/pg/connection.h"

namespace howdah::cli {

// Commands below "partition", each in the file of its name.

[[nodiscard]] Action declarePartitionList(CLI::App &options);
[[nodiscard]] Action declarePartitionCheck(CLI::App &options);
[[nodiscard]] Action declarePartitionAdvise(CLI::App &options);
[[nodiscard]] Action declarePartitionCreate(CLI::App &options);
[[nodiscard]] Action declarePartitionMaintain(CLI::App &options);
[[nodiscard]] Action declarePartitionConvert(CLI::App &options);

/// What --apply and its like say.
struct ApplyChoice {
    bool apply = false;
    bool deployed = false;  ///< go on past what must be confirmed first
};
void addApplyOptions(CLI::App &options, ApplyChoice &choice);

/// Shows the script (with --json within `document`, as "script" and "sql"), runs it where that was asked for, and gives the
/// exit code. `applied` of the document says whether it ran.
[[nodiscard]] int showAndApply(const Context &context, pg::Connection &connection, const migration::ChangeScript &script, const ApplyChoice &choice,
                               const std::function<void(void *document)> &more = {});

} // namespace howdah::cli
