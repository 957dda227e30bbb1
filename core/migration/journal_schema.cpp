// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/journal_schema.h"

namespace howdah::migration {

namespace {

// Fill factors leave room for the row versions that a cursor written with every batch makes.
constexpr const char *schema_sql = R"(DO $$ BEGIN -- IF NOT EXISTS asks for the right to make one even where it is there
    IF to_regnamespace('howdah') IS NULL THEN
        CREATE SCHEMA howdah;
        COMMENT ON SCHEMA howdah IS 'Journal of migrations run by Howdah. Nothing else reads it; dropping it forgets where they stand.';
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS howdah.migrations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    reason text NOT NULL DEFAULT '',
    script jsonb NOT NULL,
    fingerprint text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'running', 'waiting', 'paused', 'failed', 'done', 'rolling_back', 'rolled_back')),
    backward boolean NOT NULL DEFAULT false,
    deployed text NOT NULL DEFAULT 'plain',
    waits_for text NOT NULL DEFAULT '',
    request text NOT NULL DEFAULT '' CHECK (request IN ('', 'pause', 'stop')),
    throttle jsonb NOT NULL DEFAULT '{}',
    throttle_reason text NOT NULL DEFAULT '',
    progress text NOT NULL DEFAULT '',
    created_by text NOT NULL DEFAULT session_user,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz,
    executor text NOT NULL DEFAULT '',
    executor_pid integer,
    heartbeat_at timestamptz,
    error jsonb
) WITH (fillfactor = 50);
COMMENT ON TABLE howdah.migrations IS 'One row per migration. While one runs its executor holds the advisory lock (1215264612, id).';
COMMENT ON COLUMN howdah.migrations.script IS 'The change script: title, reason, steps with SQL, checks and way back, deployments.';
COMMENT ON COLUMN howdah.migrations.fingerprint IS 'What the script''s fingerprint query must have given before the first step.';
COMMENT ON COLUMN howdah.migrations.state IS 'running without an executor (see heartbeat_at) is an interrupted one: resume it.';
COMMENT ON COLUMN howdah.migrations.backward IS 'It is, or was, being rolled back.';
COMMENT ON COLUMN howdah.migrations.deployed IS 'The last phase that the user said the application is ready for.';
COMMENT ON COLUMN howdah.migrations.waits_for IS 'What must be deployed before it may go on.';
COMMENT ON COLUMN howdah.migrations.request IS 'What another process asks: pause after the batch or statement at hand, stop at once.';
COMMENT ON COLUMN howdah.migrations.throttle IS 'Limits of the batches; read again every second.';
COMMENT ON COLUMN howdah.migrations.throttle_reason IS 'Why batches wait at this moment.';
COMMENT ON COLUMN howdah.migrations.progress IS 'How far the statement at hand is, as pg_stat_progress_* tells.';
COMMENT ON COLUMN howdah.migrations.executor IS 'Program and host that run or ran it.';
COMMENT ON COLUMN howdah.migrations.executor_pid IS 'The server process that works for it.';

CREATE TABLE IF NOT EXISTS howdah.steps (
    migration_id bigint NOT NULL REFERENCES howdah.migrations ON DELETE CASCADE,
    number integer NOT NULL,
    title text NOT NULL,
    phase text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed', 'undoing', 'undone', 'kept')),
    attempts integer NOT NULL DEFAULT 0,
    started_at timestamptz,
    finished_at timestamptz,
    duration_ms double precision NOT NULL DEFAULT 0,
    error jsonb,
    PRIMARY KEY (migration_id, number)
) WITH (fillfactor = 50);
COMMENT ON TABLE howdah.steps IS 'Steps of a migration, counted from 1. One that runs in a transaction is set to done within that transaction.';
COMMENT ON COLUMN howdah.steps.state IS 'kept: rolled back without this step, which has nothing to take back.';
COMMENT ON COLUMN howdah.steps.attempts IS 'How often its locks were tried for, or its batches and statements begun again.';

CREATE TABLE IF NOT EXISTS howdah.batches (
    migration_id bigint NOT NULL,
    step integer NOT NULL,
    cursor jsonb,
    upper_bound jsonb,
    finished boolean NOT NULL DEFAULT false,
    batches bigint NOT NULL DEFAULT 0,
    batch_rows bigint NOT NULL DEFAULT 0,
    rows_done bigint NOT NULL DEFAULT 0,
    rows_total bigint NOT NULL DEFAULT 0,
    rows_per_second double precision NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (migration_id, step),
    FOREIGN KEY (migration_id, step) REFERENCES howdah.steps ON DELETE CASCADE
) WITH (fillfactor = 10);
COMMENT ON TABLE howdah.batches IS 'How far the batches of a step have come, written in the transaction of each batch: what is behind the cursor is done.';
COMMENT ON COLUMN howdah.batches.cursor IS 'The last key done.';
COMMENT ON COLUMN howdah.batches.upper_bound IS 'The last key when the step began; later rows are the business of its trigger.';
COMMENT ON COLUMN howdah.batches.rows_total IS 'An estimate.';

CREATE TABLE IF NOT EXISTS howdah.events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration_id bigint NOT NULL REFERENCES howdah.migrations ON DELETE CASCADE,
    step integer,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    message text NOT NULL
);
CREATE INDEX IF NOT EXISTS events_migration_id_id_idx ON howdah.events (migration_id, id);
COMMENT ON TABLE howdah.events IS 'What happened to migrations, in order.';
)";

} // namespace

std::string journalSql()
{
    return schema_sql;
}

Result<bool> journalExists(pg::Connection &connection)
{
    const auto found = connection.query("SELECT to_regclass('howdah.migrations') IS NOT NULL AND to_regclass('howdah.steps') IS NOT NULL "
                                        "AND to_regclass('howdah.batches') IS NOT NULL AND to_regclass('howdah.events') IS NOT NULL");
    if (!found)
        return tl::unexpected(found.error());
    return found->result->cell(0, 0).text == "t";
}

Result<void> createJournal(pg::Connection &connection)
{
    // Two at once would both find nothing and one of them fail. Notices of what is there already say nothing new.
    const std::string sql = "BEGIN; SET LOCAL client_min_messages = warning; SET LOCAL synchronous_commit = on; SELECT pg_advisory_xact_lock(" + std::to_string(journal_lock_class)
        + ", 0);\n" + journalSql() + "COMMIT;";
    pg::RunOutcome made = connection.run(sql);
    if (!made.error)
        return {};
    if (connection.alive() && connection.transaction() != pg::TransactionState::Idle) {
        const pg::CancelShield shield(connection.canceller());
        static_cast<void>(connection.query("ROLLBACK"));
    }
    Error error = std::move(*made.error);
    error.position.reset(); // in a text that nobody has seen
    error.context = "While the journal was made in the schema howdah.";
    if (error.sqlstate == "42501")
        error.hint = "Let somebody who may create a schema in this database run it once, and grant this role the use of its tables.";
    return tl::unexpected(std::move(error));
}

} // namespace howdah::migration
