// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>

#include "app/cli/index_commands.h"
#include "app/cli/input.h"

namespace howdah::cli {

void addWorkloadOptions(CLI::App &options, WorkloadChoice &choice)
{
    options.add_option("--workload", choice.file, "Statements, or a log of auto_explain; - is standard input")->type_name("FILE");
    options.add_flag("--pgss", choice.kept, "What pg_stat_statements keeps of the database");
}

Result<workload::Workload> chosenWorkload(const WorkloadChoice &choice, pg::Connection &connection)
{
    if (choice.kept)
        return workload::keptWorkload(connection);
    if (choice.file.empty())
        return workload::Workload();
    const auto input = readInput(choice.file);
    if (!input)
        return tl::unexpected(input.error());
    return workload::readWorkload(input->text);
}

} // namespace howdah::cli
