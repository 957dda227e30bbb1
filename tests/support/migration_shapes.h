// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/migration/change_script.h"

// Change scripts as a planner makes them, for tests of what runs them. All work on `t (id bigint PRIMARY KEY, a int NOT NULL, note text)`.

namespace howdah::test {

inline migration::ChangeStep migrationStep(migration::Phase phase, std::string title, std::string sql, std::string undo = {})
{
    migration::ChangeStep step;
    step.phase = phase;
    step.title = std::move(title);
    step.sql = std::move(sql);
    step.undo_sql = std::move(undo);
    return step;
}

inline migration::ChangeStep concurrentIndex(std::string name, const std::string &on)
{
    migration::ChangeStep step = migrationStep(migration::Phase::Validate, "Index " + name, "CREATE INDEX CONCURRENTLY " + name + " ON " + on, "DROP INDEX CONCURRENTLY " + name);
    step.in_transaction = false;
    step.lock_policy = migration::LockPolicy::Patient;
    step.check_after = "SELECT indisvalid FROM pg_index WHERE indexrelid = '" + name + "'::regclass";
    step.repair_sql = "DROP INDEX CONCURRENTLY IF EXISTS " + name;
    return step;
}

inline std::string makeTable(const std::string &name, int rows)
{
    return "CREATE TABLE " + name + " (id bigint PRIMARY KEY, a int NOT NULL, note text);\n"
           "INSERT INTO " + name + " SELECT i, (i * 7919) % 100000, 'row ' || i FROM generate_series(1, " + std::to_string(rows) + ") i;\n"
           "ANALYZE " + name + ";\n";
}

/// t.a from int to bigint by a column beside it: triggers both ways, batches, an index, a comparison, a constraint, the swap.
inline migration::ChangeScript widenA(bool with_contract)
{
    using migration::Phase;
    migration::ChangeScript script;
    script.title = "t.a becomes bigint";
    script.reason = "int runs out";
    const std::string forward = "CREATE TRIGGER t_sync BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION t_sync()";
    script.steps.push_back(migrationStep(
        Phase::Expand, "Add a_new and its trigger",
        "ALTER TABLE t ADD COLUMN a_new bigint;\n"
        "CREATE FUNCTION t_sync() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a_new := NEW.a; RETURN NEW; END $$;\n" + forward,
        "DROP TRIGGER t_sync ON t;\nDROP FUNCTION t_sync();\nALTER TABLE t DROP COLUMN a_new"));
    script.steps.back().lock_level = "ACCESS EXCLUSIVE";
    migration::ChangeStep fill = migrationStep(Phase::Backfill, "Copy a to a_new", "");
    fill.batches = migration::BatchWork{"t", {"id"}, "UPDATE t SET a_new = a WHERE {range} AND a_new IS DISTINCT FROM a", 200, true};
    fill.no_undo_reason = "goes with the column";
    fill.check_after = "SELECT NOT EXISTS (SELECT FROM t WHERE a_new IS NULL)";
    script.steps.push_back(fill);
    script.steps.push_back(concurrentIndex("t_a_new", "t (a_new)"));
    migration::ChangeStep compare = migrationStep(Phase::Validate, "Compare a with a_new", "");
    compare.comparison = migration::Comparison{"t", {"id"}, "SELECT count(*), coalesce(sum(hashtextextended(id || ':' || a, 0)::numeric), 0) FROM t WHERE {range}",
                                               "SELECT count(*), coalesce(sum(hashtextextended(id || ':' || a_new, 0)::numeric), 0) FROM t WHERE {range}",
                                               "SELECT id, a, a_new FROM t WHERE {range} AND a IS DISTINCT FROM a_new"};
    script.steps.push_back(compare);
    script.steps.push_back(migrationStep(Phase::Validate, "a_new is not null, unchecked", "ALTER TABLE t ADD CONSTRAINT t_a_new_there CHECK (a_new IS NOT NULL) NOT VALID",
                                         "ALTER TABLE t DROP CONSTRAINT t_a_new_there"));
    migration::ChangeStep validate = migrationStep(Phase::Validate, "Validate it", "ALTER TABLE t VALIDATE CONSTRAINT t_a_new_there");
    validate.lock_policy = migration::LockPolicy::Patient;
    validate.no_undo_reason = "goes with the constraint";
    script.steps.push_back(validate);
    script.steps.push_back(migrationStep(
        Phase::Switch, "Swap the columns",
        "DROP TRIGGER t_sync ON t;\nALTER TABLE t ALTER COLUMN a DROP NOT NULL;\nALTER TABLE t RENAME COLUMN a TO a_old;\nALTER TABLE t RENAME COLUMN a_new TO a;\n"
        "CREATE FUNCTION t_sync_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a_old := NEW.a; RETURN NEW; END $$;\n"
        "CREATE TRIGGER t_sync_back BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION t_sync_back()",
        "DROP TRIGGER t_sync_back ON t;\nDROP FUNCTION t_sync_back();\nALTER TABLE t RENAME COLUMN a TO a_new;\nALTER TABLE t RENAME COLUMN a_old TO a;\n"
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL;\n" + forward));
    if (with_contract) {
        migration::ChangeStep contract = migrationStep(Phase::Contract, "Drop the old column",
                                                       "DROP TRIGGER t_sync_back ON t;\nDROP FUNCTION t_sync_back();\nDROP FUNCTION t_sync();\nALTER TABLE t DROP COLUMN a_old;\n"
                                                       "ALTER TABLE t ALTER COLUMN a SET NOT NULL;\nALTER TABLE t DROP CONSTRAINT t_a_new_there");
        contract.no_undo_reason = "the old column is gone";
        script.steps.push_back(contract);
    }
    return script;
}

/// Indexes only, none of it in a transaction.
inline migration::ChangeScript indexT()
{
    migration::ChangeScript script;
    script.title = "Indexes of t";
    script.steps = {concurrentIndex("t_a_idx", "t (a)"), concurrentIndex("t_note_idx", "t (note, a)"), concurrentIndex("t_low_idx", "t (id) WHERE a < 50000")};
    return script;
}

/// A column filled by the places of its rows, with two triggers that count.
inline migration::ChangeScript fillByBlocks()
{
    using migration::Phase;
    migration::ChangeScript script;
    script.title = "Length of the note";
    script.steps.push_back(migrationStep(
        Phase::Expand, "Add note_length",
        "ALTER TABLE t ADD COLUMN note_length int;\n"
        "CREATE FUNCTION t_length() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note_length := coalesce(length(NEW.note), 0); RETURN NEW; END $$;\n"
        "CREATE TRIGGER t_length BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION t_length()",
        "DROP TRIGGER t_length ON t;\nDROP FUNCTION t_length();\nALTER TABLE t DROP COLUMN note_length"));
    migration::ChangeStep fill = migrationStep(Phase::Backfill, "Fill note_length", "");
    fill.batches = migration::BatchWork{"t", {}, "UPDATE t SET note_length = coalesce(length(note), 0) WHERE {range} AND note_length IS NULL", 200, true};
    fill.no_undo_reason = "goes with the column";
    fill.check_after = "SELECT NOT EXISTS (SELECT FROM t WHERE note_length IS NULL)";
    script.steps.push_back(fill);
    script.steps.push_back(concurrentIndex("t_length_idx", "t (note_length)"));
    return script;
}

} // namespace howdah::test
