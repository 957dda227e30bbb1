// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/command.h"

namespace howdah::cli {

// Each in the file of its name.

extern const char *const query_manual;
extern const char *const compare_manual;
extern const char *const explain_manual;
extern const char *const plan_manual;
extern const char *const catalog_manual;
extern const char *const ddl_manual;
extern const char *const depends_manual;
extern const char *const effects_manual;
extern const char *const lint_manual;
extern const char *const format_manual;
extern const char *const index_manual;
extern const char *const migrate_manual;
extern const char *const activity_manual;
extern const char *const replication_manual;
extern const char *const export_manual;
extern const char *const import_manual;
extern const char *const complete_manual;
extern const char *const demo_manual;
extern const char *const partition_manual;
extern const char *const help_manual;

[[nodiscard]] Action declareQuery(CLI::App &options);
[[nodiscard]] Action declareCompare(CLI::App &options);
[[nodiscard]] Action declareExplain(CLI::App &options);
[[nodiscard]] Action declarePlan(CLI::App &options);
[[nodiscard]] Action declareCatalog(CLI::App &options);
[[nodiscard]] Action declareDdl(CLI::App &options);
[[nodiscard]] Action declareDepends(CLI::App &options);
[[nodiscard]] Action declareEffects(CLI::App &options);
[[nodiscard]] Action declareLint(CLI::App &options);
[[nodiscard]] Action declareFormat(CLI::App &options);
[[nodiscard]] Action declareIndex(CLI::App &options);
[[nodiscard]] Action declareMigrate(CLI::App &options);
[[nodiscard]] Action declareActivity(CLI::App &options);
[[nodiscard]] Action declareReplication(CLI::App &options);
[[nodiscard]] Action declareExport(CLI::App &options);
[[nodiscard]] Action declareImport(CLI::App &options);
[[nodiscard]] Action declareComplete(CLI::App &options);
[[nodiscard]] Action declareDemo(CLI::App &options);
[[nodiscard]] Action declarePartition(CLI::App &options);
[[nodiscard]] Action declareHelp(CLI::App &options);

} // namespace howdah::cli
