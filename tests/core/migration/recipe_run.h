// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <algorithm>

#include <fmt/format.h>

#include "core/migration/migration_plan.h"
#include "core/migration/trace.h"
#include "core/pg/connection.h"

// A recipe run step by step beside an independent shadow: the same tables in another schema, which get the same writes
// and the change as it was wanted.

namespace howdah::test {

struct RecipeCase {
    const char *name;
    const char *setup;                      ///< unqualified names; run in both schemas
    const char *wanted;
    std::vector<std::string> writes;        ///< of the application so far; {n} is another number each time
    std::vector<std::string> writes_after;  ///< of the version deployed before the contract; empty: the same
    const char *naive = nullptr;            ///< for the shadow, where `wanted` is not what the server takes
    const char *ignore = "";                ///< columns that differ by nature, comma between
    int from = 13;                          ///< major versions
    const char *recipe = "";                ///< the one that must be chosen for the first wanted change
    migration::PlanOptions options = {};
};

class RecipeRun
{
public:
    RecipeRun(pg::Connection &app, pg::Connection &shadow, const RecipeCase &of);

    /// Makes both schemas anew. Every function gives "" or what went wrong.
    [[nodiscard]] std::string prepare();
    [[nodiscard]] std::string plan();
    /// Up to and with that phase; between steps both get writes. `traced`: each step is measured too.
    [[nodiscard]] std::string runUpTo(migration::Phase last, bool traced, bool there_and_back = false);
    [[nodiscard]] std::string rollBack();
    [[nodiscard]] std::string changeShadow();
    /// Rows and definitions of both schemas are equal, and nothing of ours is left.
    [[nodiscard]] std::string compare();
    [[nodiscard]] const migration::MigrationPlan &planned() const { return plan_; }

private:
    std::string write();
    std::string step(std::size_t index, bool traced);
    std::string ask(pg::Connection &connection, const std::string &sql, std::string *answer = nullptr);
    std::string execute(const std::string &sql, bool in_transaction);

    pg::Connection &app_, &shadow_;
    const RecipeCase &case_;
    migration::MigrationPlan plan_;
    std::vector<std::size_t> done_;
    int number_ = 1000;
    bool after_ = false, quiet_ = false;
};



using migration::ChangeStep;
using migration::Phase;

namespace recipe_run {

inline std::string replaced(std::string text, const std::string &what, const std::string &with)
{
    for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
        text.replace(at, what.size(), with);
    return text;
}

/// Lines of one text that the other lacks.
inline std::string onlyIn(const std::string &text, const std::string &other, const std::string &name)
{
    std::string found;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        if (("\n" + other + "\n").find("\n" + line + "\n") == std::string::npos)
            found += "\n" + name + ": " + line;
        at = end + 1;
    }
    return found;
}

/// Everything that people would miss, a line each, the schema's name taken out.
inline constexpr const char *definitions_sql = R"(
WITH s AS (SELECT oid, nspname FROM pg_namespace WHERE nspname = '{0}'), c AS (SELECT c.* FROM pg_class c JOIN s ON s.oid = c.relnamespace)
SELECT string_agg(replace(line, '{0}.', ''), E'\n' ORDER BY line) FROM (
SELECT 'relation ' || relname || ' ' || relkind::text AS line FROM c WHERE relkind <> 'i' OR true
UNION ALL SELECT 'column ' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attidentity::text || ' ' || coalesce(pg_get_expr(adbin, adrelid), '') || ' ' || coalesce(col_description(attrelid, attnum), '') || ' ' || coalesce(attacl::text, '')
  FROM c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm') AND NOT attname = ANY (string_to_array('{1}', ',')) LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
UNION ALL SELECT 'constraint ' || relname || ' ' || conname || ' ' || pg_get_constraintdef(o.oid) || ' ' || convalidated FROM c JOIN pg_constraint o ON o.conrelid = c.oid WHERE contype <> 'n'
UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) || ' ' || indisvalid || ' ' || coalesce((SELECT relname FROM pg_class WHERE oid = i.indexrelid), '') FROM c JOIN pg_index i ON i.indrelid = c.oid
UNION ALL SELECT 'view ' || relname || ' ' || regexp_replace(pg_get_viewdef(c.oid), '\s+', ' ', 'g') FROM c WHERE relkind IN ('v', 'm')
UNION ALL SELECT 'acl ' || relname || ' ' || relacl::text FROM c WHERE relacl IS NOT NULL
UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM c JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT tgisinternal
UNION ALL SELECT 'policy ' || relname || ' ' || polname || ' ' || coalesce(pg_get_expr(polqual, polrelid), '') FROM c JOIN pg_policy ON polrelid = c.oid
UNION ALL SELECT 'statistics ' || stxname || ' ' || stxkind::text || ' ' || (SELECT string_agg(attname, ',' ORDER BY attname) FROM pg_attribute WHERE attrelid = stxrelid AND attnum = ANY (stxkeys::int2[])) FROM c JOIN pg_statistic_ext x ON x.stxrelid = c.oid
UNION ALL SELECT 'sequence ' || relname || ' ' || format_type(seqtypid, NULL) || ' ' || coalesce((SELECT refobjid::regclass || '.' || a.attname FROM pg_depend d JOIN pg_attribute a ON a.attrelid = refobjid AND a.attnum = refobjsubid WHERE objid = c.oid AND classid = 'pg_class'::regclass AND deptype IN ('a', 'i')), '') FROM c JOIN pg_sequence ON seqrelid = c.oid
UNION ALL SELECT 'function ' || proname FROM pg_proc JOIN s ON s.oid = pronamespace
UNION ALL SELECT 'type ' || typname || ' ' || coalesce((SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), '') FROM pg_type t JOIN s ON s.oid = typnamespace WHERE typtype = 'e'
) AS l)";

} // namespace recipe_run
using recipe_run::definitions_sql;
using recipe_run::onlyIn;
using recipe_run::replaced;

inline RecipeRun::RecipeRun(pg::Connection &app, pg::Connection &shadow, const RecipeCase &of) : app_(app), shadow_(shadow), case_(of) {}

inline std::string RecipeRun::ask(pg::Connection &connection, const std::string &sql, std::string *answer)
{
    const auto outcome = connection.query(sql);
    if (!outcome) {
        if (connection.alive() && connection.transaction() != pg::TransactionState::Idle)
            static_cast<void>(connection.query("ROLLBACK"));
        return outcome.error().text() + "\n  in: " + sql;
    }
    if (answer != nullptr)
        *answer = outcome->result && outcome->result->rowCount() > 0 ? std::string(outcome->result->cell(0, 0).text) : "";
    return {};
}

inline std::string RecipeRun::execute(const std::string &sql, bool in_transaction)
{
    const auto outcome = app_.run(in_transaction ? "BEGIN;\n" + sql + ";\nCOMMIT" : sql);
    if (!outcome.error)
        return {};
    if (app_.transaction() != pg::TransactionState::Idle)
        static_cast<void>(app_.query("ROLLBACK"));
    return outcome.error->text() + "\n  in: " + sql;
}

inline std::string RecipeRun::prepare()
{
    done_.clear();
    after_ = quiet_ = false;
    number_ = 1000;
    for (const auto &[connection, schema] : {std::pair{&app_, "app"}, std::pair{&shadow_, "shadow"}}) {
        const auto made = connection->run(fmt::format("SET client_min_messages = warning; DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}; SET search_path = {0}; {1}", schema, case_.setup));
        if (made.error)
            return made.error->text();
    }
    return {};
}

inline std::string RecipeRun::plan()
{
    auto planned = migration::planMigration(app_, case_.wanted, case_.options);
    if (!planned)
        return planned.error().text();
    plan_ = std::move(*planned);
    for (const auto &change : plan_.wanted) {
        for (const Error &error : change.errors)
            return "refused: " + error.text();
    }
    if (!plan_.complete())
        return "the plan is not complete";
    if (plan_.wanted.front().recipe != case_.recipe)
        return "recipe " + plan_.wanted.front().recipe + " for " + plan_.wanted.front().sql;
    return {};
}

inline std::string RecipeRun::write()
{
    if (quiet_)
        return {};
    const auto &writes = after_ && !case_.writes_after.empty() ? case_.writes_after : case_.writes;
    for (const std::string &one : writes) {
        const std::string sql = replaced(one, "{n}", std::to_string(++number_));
        if (auto wrong = ask(app_, sql); !wrong.empty())
            return "the application fails: " + wrong;
        // The shadow has no second name: what the new version writes is said in the old one's words there, "new => old".
        if (auto wrong = ask(shadow_, sql); !wrong.empty())
            return "the shadow fails: " + wrong;
    }
    return {};
}

inline std::string RecipeRun::step(std::size_t index, bool traced)
{
    const ChangeStep &step = plan_.script.steps[index];
    const std::string where = fmt::format("step {} \"{}\": ", index + 1, step.title);
    std::string answer;
    if (!step.check_before.empty()) {
        if (auto wrong = ask(app_, step.check_before, &answer); !wrong.empty() || answer != "t")
            return where + "check before: " + answer + wrong;
    }
    std::string sql = step.sql;
    if (step.batches)
        sql = replaced(step.batches->batch_sql, "{range}", "true");
    if (step.comparison) {
        std::string left, right;
        if (auto wrong = ask(app_, "SELECT r::text FROM (" + replaced(step.comparison->left_sql, "{range}", "true") + ") r", &left) + ask(app_, "SELECT r::text FROM (" + replaced(step.comparison->right_sql, "{range}", "true") + ") r", &right); !wrong.empty())
            return where + wrong;
        if (left != right)
            return where + "old and new differ: " + left + " and " + right;
        if (auto wrong = ask(app_, replaced(step.comparison->differences_sql, "{range}", "true"), &answer); !wrong.empty() || !answer.empty())
            return where + "differences: " + answer + wrong;
        done_.push_back(index);
        return {};
    }
    if (!traced) {
        if (auto wrong = execute(sql, step.in_transaction); !wrong.empty())
            return where + wrong;
    } else {
        migration::TraceOptions options;
        options.outside_transaction = options.commit = true;
        const auto measured = migration::trace(app_, sql, options);
        if (!measured)
            return where + measured.error().text();
        const auto &expected = plan_.steps[index].effects;
        if (measured->size() != expected.size())
            return where + fmt::format("{} statements, {} expected", measured->size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            migration::TracedStatement one = (*measured)[i];
            if (step.batches) // all rows at once here; along the key otherwise
                one.measured.scans = expected[i].scans;
            // Newer minor releases lock what an object comes to depend on, in the weakest mode, which stops nobody.
            for (auto lock = one.measured.locks.begin(); lock != one.measured.locks.end();) {
                const bool extra = lock->second == "AccessShareLock" && expected[i].locks.count(lock->first) == 0;
                lock = extra ? one.measured.locks.erase(lock) : std::next(lock);
            }
            for (const Error &error : one.measured.errors)
                return where + error.text() + " in " + expected[i].sql;
            for (const std::string &difference : migration::disagreements(expected[i], one))
                return where + difference + " in " + expected[i].sql;
        }
    }
    if (!step.check_after.empty()) {
        if (auto wrong = ask(app_, step.check_after, &answer); !wrong.empty() || answer != "t")
            return where + "check after: " + answer + wrong;
    }
    done_.push_back(index);
    return {};
}

inline std::string RecipeRun::runUpTo(Phase last, bool traced, bool there_and_back)
{
    if (auto wrong = write(); !wrong.empty())
        return "before the first step: " + wrong;
    for (std::size_t i = 0; i < plan_.script.steps.size(); ++i) {
        const ChangeStep &one = plan_.script.steps[i];
        if (one.phase > last)
            break;
        const bool deployed = std::any_of(plan_.script.deployments.begin(), plan_.script.deployments.end(), [&](const auto &deployment) { return deployment.before <= one.phase && deployment.what.rfind("Deploy a version", 0) == 0; });
        if (deployed && !after_ && !case_.writes_after.empty()) {
            after_ = true;
            if (there_and_back) {
                quiet_ = true; // what only one of the versions can write is not written now
                --i;
                continue;
            }
            for (const std::string &sql : {std::string(case_.naive != nullptr ? case_.naive : case_.wanted)}) {
                if (auto wrong = ask(shadow_, sql); !wrong.empty())
                    return wrong;
            }
            if (auto wrong = write(); !wrong.empty())
                return "the new version: " + wrong;
        }
        if (auto wrong = step(i, traced); !wrong.empty())
            return wrong;
        if (auto wrong = write(); !wrong.empty())
            return fmt::format("after step {} \"{}\": {}", i + 1, one.title, wrong);
    }
    return {};
}

inline std::string RecipeRun::rollBack()
{
    for (auto index = done_.rbegin(); index != done_.rend(); ++index) {
        const ChangeStep &one = plan_.script.steps[*index];
        if (one.undo_sql.empty() && one.no_undo_reason.empty())
            return "neither a way back nor a reason: " + one.title;
        if (!one.undo_sql.empty()) {
            if (auto wrong = execute(one.undo_sql, one.in_transaction); !wrong.empty())
                return "way back of \"" + one.title + "\": " + wrong;
        }
        const bool switched = std::any_of(index + 1, done_.rend(), [&](std::size_t other) { return plan_.script.steps[other].phase == Phase::Switch; });
        if (!switched)
            after_ = quiet_ = false;
        if (auto wrong = write(); !wrong.empty())
            return "after the way back of \"" + one.title + "\": " + wrong;
    }
    return {};
}

inline std::string RecipeRun::changeShadow()
{
    if (after_)
        return {};
    const auto done = shadow_.run(case_.naive != nullptr ? case_.naive : case_.wanted);
    return done.error ? done.error->text() : "";
}

inline std::string RecipeRun::compare()
{
    std::string app, shadow;
    // What a materialized view holds is as old as its last refresh.
    for (const auto &[connection, schema] : {std::pair{&app_, "app"}, {&shadow_, "shadow"}}) {
        if (auto wrong = ask(*connection, fmt::format("DO $$ DECLARE r record; BEGIN FOR r IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'm' AND relnamespace = '{}'::regnamespace LOOP EXECUTE format('REFRESH MATERIALIZED VIEW %s', r.name); END LOOP; END $$", schema)); !wrong.empty())
            return wrong;
    }
    if (auto wrong = ask(app_, fmt::format(fmt::runtime(definitions_sql), "app", case_.ignore), &app) + ask(shadow_, fmt::format(fmt::runtime(definitions_sql), "shadow", case_.ignore), &shadow); !wrong.empty())
        return wrong;
    if (app != shadow)
        return "definitions differ:" + onlyIn(app, shadow, "here") + onlyIn(shadow, app, "shadow");
    const auto tables = app_.query("SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p', 'v') ORDER BY c.relkind = 'v', 1");
    if (!tables)
        return tables.error().text();
    for (std::int64_t row = 0; row < tables->result->rowCount(); ++row) {
        const std::string sql = fmt::format("SELECT string_agg(x, E'\\n' ORDER BY x) FROM (SELECT (to_jsonb(r) - string_to_array('{}', ','))::text AS x FROM \"{}\" r) s", case_.ignore, tables->result->cell(row, 0).text);
        if (auto wrong = ask(app_, sql, &app) + ask(shadow_, sql, &shadow); !wrong.empty())
            return wrong;
        if (app != shadow)
            return fmt::format("rows of {} differ:", tables->result->cell(row, 0).text) + onlyIn(app, shadow, "here") + onlyIn(shadow, app, "shadow");
        if (app.empty())
            return "no rows were compared";
    }
    return {};
}


} // namespace howdah::test
