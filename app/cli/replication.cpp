// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/output.h"
#include "app/cli/replication_commands.h"
#include "app/cli/terminal.h"

namespace howdah::cli {

const char *const replication_manual = R"manual(howdah-cli replication status|watch|preflight|setup|compare|canary|skip [options]

Looks at replication from both ends, says what is wrong and what mends it, and sets it
up with a proof that it works.

  howdah-cli replication status -d PRIMARY [--node CONNINFO]...

Looks at every node three times within two seconds: who takes from whom, slots and when
they are lost, subscriptions, and alerts, each with the figure, the limit and the SQL
that mends it. Nothing is written.

      --node CONNINFO  another node: a standby, a publisher, a subscriber
      --expect NAME    a standby that must be there (application_name or slot)
      --limit NAME=N   another limit for a rule, as xmin_age=50000000
      --looks N        how often to look (3)

  howdah-cli replication watch … [--interval SECONDS] [-n COUNT]

The same again and again; with --json a line each. It remembers: a standby that was
there and is not, replay that is slower than it used to be, how long an alert has stood.

  howdah-cli replication preflight streaming -d PRIMARY [--target DIR] [--node STANDBY]
  howdah-cli replication preflight logical -d PUBLISHER --node SUBSCRIBER

What must hold before a set-up begins, with the SQL that makes it so.

  howdah-cli replication setup streaming -d PRIMARY --target DIR [--dry-run]

Makes a standby on this machine: role, slot, pg_basebackup -R -C -S, start; then writes
a canary on the primary and reads it on the standby. Without --target: the commands for
the other host.

      --target DIR     data directory to make; new or empty
      --port N         of the standby
      --slot NAME, --role NAME, --application-name NAME, --bin DIR, --from ADDRESS

  howdah-cli replication setup rebuild -d PRIMARY --target DIR [--dry-run]

Makes a lost standby again in its data directory: stopped, its slot made anew, copied
with pg_basebackup, or rewound with pg_rewind where it has taken writes of its own and
that is possible; its own settings stay. The old directory is kept beside it until the
proof, and put back when there is none. Without --target: the commands for its host.

      --method copy|rewind  instead of what the old directory allows
      --remove-old     remove the old directory after the proof; else it stays

  howdah-cli replication setup logical -d PUBLISHER --node SUBSCRIBER [--dry-run]

Publication, subscription, initial copy with its progress, comparison of both sides.

      --table NAME     publish this table only; again for more. From 15 also
                       "NAME (COLUMNS) WHERE (CONDITION)"
      --publication NAME, --subscription NAME, --slot NAME
      --publisher CONNINFO  how the subscriber reaches the publisher (else as -d says)
      --no-copy        no initial copy

  howdah-cli replication setup cut-over -d PUBLISHER --node SUBSCRIBER [--dry-run]

Moves over: writes have stopped, LSN reached, both sides compared, sequences set,
subscription dropped, slot gone.

      --subscription NAME, --quiet SECONDS, --drop-publication

  howdah-cli replication compare -d A --node B [--table NAME]... [--publication NAME]

Row counts and an ordered hash of each table, in chunks by the primary key, while
writes may go on; says which rows differ.

      --limit N        tables with more rows are only counted (10 000 000)
      --chunk N        rows a chunk (10 000)
      --settle S       rows that differ are looked at again for so long (15)

  howdah-cli replication canary -d PRIMARY|PUBLISHER --node STANDBY|SUBSCRIBER

Writes a row on one side, reads it on the other and removes it: proves an edge that
stands, and says how long it took. Over logical replication its table is published and
subscribed to meanwhile. --dry-run shows the steps; --patience SECONDS (30).

      --subscription NAME  where the subscriber's database has several

  howdah-cli replication skip -d SUBSCRIBER [--node PUBLISHER] [--run]

Finds the transaction that a subscription cannot apply: in the publisher's slot, with
what it holds, or without a publisher in the subscriber's log (from 15). Shows what
skips it: ALTER SUBSCRIPTION … SKIP, before 15 the advance of its origin or of the slot.
--run runs it.

Passwords come from .pgpass, PGPASSWORD or the conninfo; that of a role which setup
makes from HOWDAH_REPLICATION_PASSWORD. None of them becomes an argument of a program.

Exits with 1 when something is wrong: an alert, a check that fails, a difference.
)manual";

namespace {

int replicationOf(const Context &context, const std::vector<ReplicationCommand> &commands)
{
    for (const ReplicationCommand &command : commands) {
        if (command.options->parsed())
            return command.action(context);
    }
    return failed(context, fail(ErrorKind::Usage, "There is nothing to do", "status, watch, preflight, setup, compare, canary or skip; see: howdah-cli help replication").value());
}

nlohmann::ordered_json checkJson(const replication::Check &check)
{
    nlohmann::ordered_json json;
    json["name"] = check.name;
    json["ok"] = check.ok;
    json["required"] = check.required;
    json["node"] = check.node;
    json["figure"] = check.figure;
    json["message"] = check.message;
    json["fix_sql"] = check.fix_sql.empty() ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(check.fix_sql);
    return json;
}

} // namespace

std::string checksJson(const std::vector<replication::Check> &checks)
{
    auto list = nlohmann::ordered_json::array();
    for (const replication::Check &check : checks)
        list.push_back(checkJson(check));
    return list.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

void printChecks(const std::vector<replication::Check> &checks)
{
    for (const replication::Check &check : checks) {
        const char *word = check.ok ? "ok    " : check.required ? "fails " : "note  ";
        const Ink ink = check.ok ? Ink::Green : check.required ? Ink::Red : Ink::Yellow;
        output().write(inked(word, ink, stdoutHasColors()) + " " + check.name + " (" + check.node + "): " + printable(check.figure) + ". " + printable(check.message) + "\n");
        if (!check.fix_sql.empty())
            output().write("         " + printable(check.fix_sql) + ";\n");
    }
}

std::string replicationPassword()
{
    const char *password = std::getenv("HOWDAH_REPLICATION_PASSWORD");
    return password == nullptr ? std::string() : password;
}

Action declareReplication(CLI::App &options)
{
    options.require_subcommand(0, 1);
    const auto all = std::make_shared<std::vector<ReplicationCommand>>();
    *all = {declareReplicationStatus(options), declareReplicationWatch(options), declareReplicationPreflight(options), declareReplicationSetup(options),
            declareReplicationCompare(options), declareReplicationCanary(options), declareReplicationSkip(options)};
    return [all](const Context &context) { return replicationOf(context, *all); };
}

} // namespace howdah::cli
