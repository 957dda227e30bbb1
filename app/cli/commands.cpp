// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"

#include "app/cli/command.h"

namespace howdah::cli {

const std::vector<Command> &commands()
{
    static const std::vector<Command> all{
        {"query", "Run SQL and print the rows", query_manual, declareQuery},
        {"compare", "Tell how the rows of two queries differ", compare_manual, declareCompare},
        {"explain", "Show the plan of a statement and where its time goes", explain_manual, declareExplain},
        {"plan", "Read a plan from a file, whatever printed it", plan_manual, declarePlan},
        {"catalog", "List tables, views, indexes and their sizes", catalog_manual, declareCatalog},
        {"ddl", "Write what makes an object again, as pg_dump does", ddl_manual, declareDdl},
        {"depends", "Show what an object needs and what needs it", depends_manual, declareDepends},
        {"effects", "Tell what a migration locks, rewrites, scans and breaks", effects_manual, declareEffects},
        {"lint", "Find what is dangerous in a migration, and what to write instead", lint_manual, declareLint},
        {"format", "Lay SQL out anew without changing its meaning", format_manual, declareFormat},
        {"index", "Tell which indexes a database wants, and how its own do", index_manual, declareIndex},
        {"migrate", "Run, watch, pause, resume and roll back migrations", migrate_manual, declareMigrate},
        {"activity", "Show what the server does, who blocks whom, and how far commands are", activity_manual, declareActivity},
        {"replication", "Show who replicates from whom, what is wrong, and set it up", replication_manual, declareReplication},
        {"export", "Write the rows of a query to a file", export_manual, declareExport},
        {"import", "Read a CSV file into a table", import_manual, declareImport},
        {"complete", "Tell what may stand at a place of a SQL text", complete_manual, declareComplete},
        {"demo", "Start, stop or reset the demo server", demo_manual, declareDemo},
        {"partition", "See, make, keep and convert partitioned tables", partition_manual, declarePartition},
        {"help", "Explain a command", help_manual, declareHelp},
    };
    return all;
}

} // namespace howdah::cli
