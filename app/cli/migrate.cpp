// SPDX-License-Identifier: GPL-3.0-or-later
#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/migrate_commands.h"

namespace howdah::cli {

const char *const migrate_manual = R"(howdah-cli migrate plan FILE|- -d WHERE [--op SQL] [--json|--sql]
howdah-cli migrate run FILE|- -d WHERE [--journal] [--yes] [--json]
howdah-cli migrate list | status [ID] | pause ID | resume ID | rollback ID | throttle ID [NAME=VALUE…]

Runs change scripts so that nothing can be lost: where each step stands, and how far the
batches of a step have come, is written into the database itself, in the schema "howdah",
in the same transaction as the work. Killed, disconnected, or with the server gone under
it, a migration goes on from there with "resume", or is taken back with "rollback".

migrate plan reads the DDL that you want and the catalog, changes nothing, and answers with
steps in phases: expand, backfill, validate, switch, contract. Of each wanted statement it
tells whether it is harmless and left alone, or which recipe does it without keeping anybody
waiting, and what it would do as written. Beside DDL it takes
  SPLIT COLUMN t.name INTO a text = split_part(name, ' ', 1), b text = split_part(name, ' ', 2)
    BACK a || ' ' || b
  MERGE COLUMNS t.a, t.b INTO name text = a || ' ' || b BACK a = …, b = …
  ALTER TYPE mood DROP VALUE 'sad' USING 'ok'

      --op SQL         a statement instead of a file; may be repeated
      --rename-by HOW  both names of a renamed column or table by trigger or by view; as
                       given columns by a trigger, tables by a view
      --back EXPR      of a type change with USING: the old value out of the new one
      --no-fk-index    build no index on the columns of a foreign key
      --dry-run        run the steps on a scratch server with the same schema and no rows
                       too, and show where they do otherwise than the plan says
      --sql            the script as SQL with comments, for psql
      --json           {wanted: [{sql, line, approach, recipe, reason, naive, steps,
                       errors}], complete, script: {steps, deployments, …}, errors}

Its exit codes: 0 a whole plan, 1 something was refused or is left for later, 2 wrong usage
or a syntax error, 3 no connection, 4 the server refused.

migrate run takes a change script as JSON, shows every statement and asks. A step whose
lock would keep others waiting is tried with a short timeout, given up and tried again; it
says who is in the way. Batches give way to the server's other work. Before a phase that
needs a deployment it stops; "resume" then says that it is there.

      --journal        make the journal's tables where they are not there yet
  -y, --yes            do not ask
      --deployed       everything to be deployed is: do not stop for it
      --limit NAME=VALUE   what batches give way to, as for "throttle"; may be repeated
      --lock-timeout MS    of the first tries for a lock (50)
      --give-up S      fail when a lock was not had in that time (600); it can be resumed
      --max-queued N   give a try up when more sessions wait behind it (10)

migrate resume and rollback take the same options. rollback takes the steps back, last one
first, and keeps rows written meanwhile; it is refused when a step has no way back.

migrate pause asks whoever runs it to stop after the batch or statement at hand.

      --now            cancel the statement at hand

migrate throttle shows or changes, while it runs, what batches give way to: batch_ms,
rows_per_second, replica_lag_s, replica_lag_bytes, wal_bytes_per_second, slot_bytes,
oldest_transaction_s, autovacuum_s, waiting_sessions, latency_ms, latency_sql, window
(22:00-06:00 by the server's clock). "off" is no limit.

migrate status tells of one migration (the latest without ID) with its steps, rate and time
left, why its batches wait, and what happened.

      --events N       how many events (20)

With --json, run, resume and rollback write a line per event: {event, migration, step,
message, …}, the last one {"event": "end", "state": …}; the others write one document.

Ctrl+C pauses. Exit codes: 0 done, 1 it waits for a deployment or was paused, 2 wrong use,
3 connection lost, 4 a step failed, 130 paused by Ctrl+C.

  howdah-cli migrate plan -d shop --op 'ALTER TABLE orders ALTER id TYPE bigint' --json > plan.json
  howdah-cli migrate run plan.json -d shop --journal
  howdah-cli migrate throttle 3 -d shop replica_lag_s=2 window=22:00-06:00
  howdah-cli migrate status 3 -d shop --json | jq '.steps[] | {title, state}'
)";

Action declareMigrate(CLI::App &options)
{
    options.require_subcommand(1);
    const auto below = std::make_shared<std::vector<MigrateCommand>>();
    for (const auto declare : {declareMigratePlan, declareMigrateRun, declareMigrateResume, declareMigrateRollback, declareMigratePause, declareMigrateThrottle, declareMigrateStatus,
                               declareMigrateList}) {
        below->push_back(declare(options));
        below->back().options->fallthrough();
    }
    return [below](const Context &context) {
        for (const MigrateCommand &command : *below) {
            if (command.options->parsed())
                return command.action(context);
        }
        return failed(context, fail(ErrorKind::Usage, "There is nothing to do", "See: howdah-cli help migrate").value());
    };
}

} // namespace howdah::cli
