// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/partman.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/partition/check_rules.h"
#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

struct Setting {
    const char *name;
    int first_major, last_major; ///< of pg_partman
};
/// Columns of part_config that people set.
constexpr Setting settings[] = {
    {"premake", 4, 5}, {"retention", 4, 5}, {"retention_schema", 4, 5}, {"retention_keep_table", 4, 5}, {"retention_keep_index", 4, 5}, {"infinite_time_partitions", 4, 5},
    {"automatic_maintenance", 4, 5}, {"inherit_privileges", 4, 5}, {"ignore_default_data", 4, 5}, {"optimize_constraint", 4, 5}, {"jobmon", 4, 5}, {"template_table", 4, 5},
    {"drop_cascade_fk", 4, 4}, {"subscription_refresh", 4, 4}, {"constraint_cols", 4, 5}, {"sub_partition_set_full", 4, 5}, {"undo_in_progress", 4, 5}, {"maintenance_order", 5, 5}, {"retention_keep_publication", 5, 5}, {"date_trunc_interval", 5, 5},
};

Result<std::string> assignments(const std::map<std::string, std::string> &config, int major)
{
    std::string set;
    for (const auto &[name, value] : config) {
        const auto known = std::find_if(std::begin(settings), std::end(settings), [&, wanted = name](const Setting &setting) {
            return wanted == setting.name && major >= setting.first_major && major <= setting.last_major;
        });
        if (known == std::end(settings))
            return fail(ErrorKind::Usage, fmt::format("part_config of pg_partman {} has no setting {}", major, name), "premake, retention, retention_keep_table, infinite_time_partitions and their like.");
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", name, value.empty() ? "NULL" : sql::quoteLiteral(value));
    }
    return set;
}

std::string parentName(const Scheme &scheme)
{
    return scheme.root().schema + "." + scheme.root().name;
}

std::string oldConfig(const Scheme &scheme, const std::map<std::string, std::string> &config)
{
    std::string set;
    for (const auto &[name, value] : config) {
        const auto before = scheme.partman.config.find(name);
        set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", name, before == scheme.partman.config.end() ? "NULL" : sql::quoteLiteral(before->second));
    }
    return set;
}

} // namespace

namespace {

/// What pg_partman puts behind the name of a partition that begins there.
std::string partmanSuffix(int major, const Interval &interval, const BoundValue &lower, ValueKind kind)
{
    if (!isTime(kind))
        return "_p" + lower.text;
    const auto at = parseTime(lower.text);
    if (!at)
        return {};
    constexpr std::int64_t minute = 60'000'000, day = 24 * 60 * minute;
    const auto clock = [&](const char *pattern) { return fmt::format(fmt::runtime(pattern), at->micros / (60 * minute), at->micros / minute % 60, at->micros / 1'000'000 % 60); };
    if (major >= 5)
        return fmt::format("_p{:04}{:02}{:02}", at->year, at->month, at->day) + (interval.months > 0 || interval.micros >= day ? std::string() : clock("_{:02}{:02}{:02}"));
    std::string suffix = fmt::format("_p{:04}", at->year);
    if (interval.months < 12)
        suffix += fmt::format("_{:02}", at->month);
    if (interval.months == 0)
        suffix += fmt::format("_{:02}", at->day);
    if (interval.months == 0 && interval.micros < day)
        suffix += clock(interval.micros < minute ? "_{:02}{:02}{:02}" : "_{:02}{:02}");
    return suffix;
}

/// It knows partitions by their names, and would make those that are called otherwise again, which fails.
void addRenames(ChangeScript &script, int major, const Scheme &scheme, const Interval &interval)
{
    const Table &root = scheme.root();
    const ValueKind kind = root.key->columns.front().kind;
    for (const std::size_t child : root.children) {
        const Table &table = scheme.tables[child];
        if (table.isDefault() || table.bound.kind != Bound::Kind::Range || table.bound.lower.front().kind != BoundValue::Kind::Value || intervalBetween(table.bound.lower.front(), table.bound.upper.front(), kind) != interval)
            continue;
        const std::string suffix = partmanSuffix(major, interval, table.bound.lower.front(), kind);
        const std::string name = fittedName(root.name, suffix);
        if (suffix.empty() || name == table.name || scheme.find(name) != nullptr)
            continue;
        script.steps.push_back(undoable(step("Call " + table.name + " as pg_partman does", fmt::format("ALTER TABLE {} RENAME TO {}", table.sqlName(), sql::quoteIdentifier(name)), "ACCESS EXCLUSIVE"),
                                        fmt::format("ALTER TABLE {} RENAME TO {}", sql::quoteQualified(table.schema, name), sql::quoteIdentifier(table.name))));
    }
}

} // namespace

Result<PartmanState> partmanState(pg::Connection &connection)
{
    const auto found = ddl::records(connection, R"(
SELECT (SELECT quote_ident(n.nspname) FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_partman'),
       (SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'pg_partman'),
       (SELECT default_version FROM pg_catalog.pg_available_extensions WHERE name = 'pg_partman'),
       current_setting('shared_preload_libraries') ~ 'pg_partman_bgw', EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_cron'),
       current_setting('shared_preload_libraries') ~ 'pg_cron', current_setting('cron.database_name', true),
       (SELECT string_agg(version, ' ' ORDER BY string_to_array(regexp_replace(version, '[^0-9.]', '', 'g'), '.')::int[] DESC) FROM pg_catalog.pg_available_extension_versions WHERE name = 'pg_partman'))");
    if (!found)
        return tl::unexpected(found.error());
    const ddl::Record &row = found->front();
    PartmanState state{row[0], row[1], row[2], row.flag(3), row.flag(4), row.flag(5), row[6], {}};
    const std::string &versions = row[7];
    for (std::size_t begin = 0; begin < versions.size();) {
        const std::size_t end = std::min(versions.find(' ', begin), versions.size());
        state.versions.push_back(versions.substr(begin, end - begin));
        begin = end + 1;
    }
    return state;
}

Result<ChangeScript> installPartman(const PartmanState &state, const std::string &schema, const std::string &version)
{
    if (!state.version.empty())
        return fail(ErrorKind::Usage, fmt::format("pg_partman {} is installed in {} already", state.version, state.schema));
    if (state.available.empty())
        return fail(ErrorKind::Unsupported, "The server has no pg_partman", "Install its package on the server (Debian: postgresql-15-partman).");
    if (sql::quoteIdentifier(schema) != schema)
        return fail(ErrorKind::Usage, "pg_partman does not work in the schema " + sql::quoteIdentifier(schema), "Its functions quote the name twice: take one of lower case letters, as partman.");
    if (!version.empty() && std::find(state.versions.begin(), state.versions.end(), version) == state.versions.end()) {
        std::string known;
        for (const std::string &one : state.versions)
            known += (known.empty() ? "" : ", ") + one;
        return fail(ErrorKind::Usage, "The server has no pg_partman " + version, "It has " + known + ".");
    }
    ChangeScript script;
    script.title = "Install pg_partman " + (version.empty() ? state.available : version);
    script.reason = "Into a schema of its own: without one its functions would land in the first schema of search_path.";
    script.steps.push_back(undoable(step("Make the schema " + schema, "CREATE SCHEMA IF NOT EXISTS " + sql::quoteIdentifier(schema)), "DROP SCHEMA " + sql::quoteIdentifier(schema)));
    script.steps.push_back(undoable(step("Install the extension", "CREATE EXTENSION pg_partman SCHEMA " + sql::quoteIdentifier(schema) + (version.empty() ? "" : " VERSION " + sql::quoteLiteral(version))), "DROP EXTENSION pg_partman"));
    return script;
}

Result<ChangeScript> adoptPartman(const PartmanState &state, const Scheme &scheme, const Interval &interval, const std::map<std::string, std::string> &config)
{
    if (state.version.empty())
        return fail(ErrorKind::Usage, "pg_partman is not installed in this database", state.available.empty() ? "Install its package on the server first." : "Install it first: --partman-install.");
    const Table &root = scheme.root();
    if (!root.key || root.key->strategy != Strategy::Range || root.key->columns.size() != 1 || root.key->columns.front().name.empty())
        return fail(ErrorKind::Unsupported, fmt::format("pg_partman keeps tables that are partitioned by the range of one column, not by {}", root.key ? root.key->definition : "nothing"));
    if (!scheme.partman.config.empty())
        return fail(ErrorKind::Usage, "pg_partman keeps " + root.sqlName() + " already", "Its settings can be changed: --partman-set premake=8.");
    const auto set = assignments(config, state.major());
    if (!set)
        return tl::unexpected(set.error());
    const std::string premake = config.contains("premake") ? config.at("premake") : "4";
    const std::string schema = state.schema;
    // By name, because the order of the arguments changed with 5; p_type := 'native' is required before 5 and refused since.
    const Table *own = scheme.defaultOf(root);
    const std::string kind = state.major() < 5 ? "p_type := 'native', " : own != nullptr ? "p_type := 'range', p_default_table := false, " : "p_type := 'range', ";
    std::string call = fmt::format("SELECT {}.create_parent(p_parent_table := {}, p_control := {}, {}p_interval := {}, p_premake := {})", schema, sql::quoteLiteral(parentName(scheme)),
                                   sql::quoteLiteral(root.key->columns.front().name), kind, sql::quoteLiteral(interval.text()), premake);
    if (own != nullptr && state.major() < 5) // 4 makes a default partition whether or not there is one
        call = fmt::format("LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE;\nDO $howdah$ BEGIN IF EXISTS (SELECT FROM {0}) THEN RAISE EXCEPTION USING MESSAGE = 'the default partition holds rows', "
                           "HINT = 'pg_partman 4 makes its own in its place: drain it first.'; END IF; END $howdah$;\nDROP TABLE {0};\n{1}", own->sqlName(), call);
    ChangeScript script;
    script.title = "Let pg_partman " + state.version + " keep " + root.sqlName();
    script.reason = fmt::format("It makes partitions of {} ahead of time and can drop old ones.", interval.text());
    addRenames(script, state.major(), scheme, interval);
    ChangeStep adopt = undoable(step("Hand the table over", call, "ACCESS EXCLUSIVE"), fmt::format("DELETE FROM {}.part_config WHERE parent_table = {}", schema, sql::quoteLiteral(parentName(scheme))));
    adopt.note = "Makes a template table, a default partition where there is none, and the partitions around now that are missing. Partitions of another interval keep their names; where it would make one over them, it says so and nothing is changed.";
    script.steps.push_back(std::move(adopt));
    if (!set->empty())
        script.steps.push_back(undoable(step("Set it up", fmt::format("UPDATE {}.part_config SET {} WHERE parent_table = {}", schema, *set, sql::quoteLiteral(parentName(scheme)))), "SELECT 1"));
    return script;
}

Result<ChangeScript> configurePartman(const Scheme &scheme, const std::map<std::string, std::string> &config)
{
    if (scheme.partman.config.empty())
        return fail(ErrorKind::Usage, "pg_partman does not keep " + scheme.root().sqlName());
    const auto set = assignments(config, scheme.partman.major());
    if (!set)
        return tl::unexpected(set.error());
    ChangeScript script;
    script.title = "Settings of pg_partman for " + scheme.root().sqlName();
    const std::string where = fmt::format(" WHERE parent_table = {}", sql::quoteLiteral(parentName(scheme)));
    ChangeStep change = undoable(step("Change them", fmt::format("UPDATE {}.part_config SET {}{}", scheme.partman.schema, *set, where)),
                                 fmt::format("UPDATE {}.part_config SET {}{}", scheme.partman.schema, oldConfig(scheme, config), where));
    change.expected_rows = 1;
    script.steps.push_back(std::move(change));
    return script;
}

Result<ChangeScript> runPartman(const Scheme &scheme)
{
    if (scheme.partman.config.empty())
        return fail(ErrorKind::Usage, "pg_partman does not keep " + scheme.root().sqlName());
    ChangeScript script;
    script.title = "Maintenance of " + scheme.root().sqlName() + " by pg_partman";
    ChangeStep run = forGood(step("Run it", fmt::format("SELECT {}.run_maintenance({})", scheme.partman.schema, sql::quoteLiteral(parentName(scheme))), "ACCESS EXCLUSIVE"),
                             "It makes partitions, and drops what its retention says.");
    run.note = "pg_partman locks the table for each partition that it makes, and never detaches concurrently.";
    script.steps.push_back(std::move(run));
    return script;
}

std::vector<std::string> partmanSettings(int major)
{
    std::vector<std::string> names;
    for (const Setting &setting : settings) {
        if (major >= setting.first_major && major <= setting.last_major)
            names.emplace_back(setting.name);
    }
    return names;
}

Result<std::vector<CronRun>> cronHistory(pg::Connection &connection, const Scheme &scheme, int limit)
{
    std::vector<CronRun> runs;
    if (scheme.cron_jobs.empty())
        return runs;
    std::string jobs;
    for (const CronJob &job : scheme.cron_jobs)
        jobs += (jobs.empty() ? "" : ",") + std::to_string(job.id);
    const auto found = ddl::records(connection, "SELECT jobid, runid, start_time, end_time, status, return_message FROM cron.job_run_details WHERE jobid = ANY ($1::bigint[]) ORDER BY runid DESC LIMIT $2::int",
                                    {"{" + jobs + "}", std::to_string(limit)});
    if (!found)
        return tl::unexpected(found.error());
    for (const ddl::Record &row : *found)
        runs.push_back({row.number<std::int64_t>(0), row.number<std::int64_t>(1), row[2], row[3], row[4], row[5]});
    return runs;
}

Result<ChangeScript> unscheduleMaintenance(const Scheme &scheme, std::int64_t id)
{
    for (const CronJob &job : scheme.cron_jobs) {
        if (job.id != id)
            continue;
        ChangeScript script;
        script.title = fmt::format("Take job {} out of pg_cron", id);
        ChangeStep remove = undoable(step("Unschedule " + job.command, fmt::format("SELECT cron.unschedule({}::bigint)", id)),
                                     fmt::format("SELECT cron.schedule({}, {})", sql::quoteLiteral(job.schedule), sql::quoteLiteral(job.command)));
        remove.note = "What its runs were stays in cron.job_run_details.";
        script.steps.push_back(std::move(remove));
        return script;
    }
    return fail(ErrorKind::Usage, fmt::format("pg_cron has no job {} for {}", id, scheme.root().sqlName()));
}

Schedule scheduleMaintenance(const PartmanState &state, const Scheme &scheme, const std::string &database, const std::string &cron)
{
    Schedule schedule;
    const bool here = state.cron_installed || (state.cron_preloaded && state.cron_database == database);
    if (state.cron_preloaded && !here && !state.version.empty()) {
        schedule.means = "pg_cron";
        schedule.text = fmt::format("-- In the database {}, where pg_cron lives:\nCREATE EXTENSION IF NOT EXISTS pg_cron;\nSELECT cron.schedule_in_database({}, {}, {}, {});\n", state.cron_database,
                                    sql::quoteLiteral("howdah_partman_" + database), sql::quoteLiteral(cron), sql::quoteLiteral(fmt::format("CALL {}.run_maintenance_proc()", state.schema)), sql::quoteLiteral(database));
        return schedule;
    }
    if (here && !state.version.empty()) {
        schedule.means = "pg_cron";
        const std::string command = fmt::format("CALL {}.run_maintenance_proc()", state.schema);
        ChangeScript script;
        script.title = "Run pg_partman's maintenance by pg_cron";
        if (!state.cron_installed)
            script.steps.push_back(undoable(step("Install pg_cron", "CREATE EXTENSION pg_cron"), "DROP EXTENSION pg_cron"));
        script.steps.push_back(undoable(step("Schedule it", fmt::format("SELECT cron.schedule('howdah_partman', {}, {})", sql::quoteLiteral(cron), sql::quoteLiteral(command))),
                                        "SELECT cron.unschedule('howdah_partman')"));
        schedule.script = std::move(script);
        schedule.text = "How each run ended stands in cron.job_run_details only.";
        return schedule;
    }
    if (state.background_worker) {
        schedule.means = "pg_partman_bgw";
        schedule.text = fmt::format("# postgresql.conf\npg_partman_bgw.interval = 3600\npg_partman_bgw.dbname = '{}'\npg_partman_bgw.role = '{}'\n", database, scheme.root().owner);
        return schedule;
    }
    schedule.means = "systemd timer";
    const std::string command = fmt::format("howdah-cli partition maintain '{}'{} --apply -d 'dbname={}'", scheme.root().sqlName(), scheme.partman.config.empty() ? "" : " --partman-run", database);
    schedule.text = fmt::format("# /etc/systemd/system/howdah-partition.service\n[Service]\nType=oneshot\nExecStart={0}\n\n# /etc/systemd/system/howdah-partition.timer\n[Timer]\nOnCalendar=hourly\nPersistent=true\n\n"
                                "[Install]\nWantedBy=timers.target\n\n# or a line for crontab\n{1} {0}\n", command, cron);
    return schedule;
}

void checkPartman(Checking &in)
{
    const Scheme &scheme = in.scheme;
    if (scheme.partman.config.empty())
        return;
    const auto value = [&](const char *name) {
        const auto found = scheme.partman.config.find(name);
        return found == scheme.partman.config.end() ? std::string() : found->second;
    };
    const bool scheduled = std::any_of(scheme.cron_jobs.begin(), scheme.cron_jobs.end(), [](const CronJob &job) { return job.active; });
    const auto failed = std::find_if(scheme.cron_jobs.begin(), scheme.cron_jobs.end(), [](const CronJob &job) { return job.last_status == "failed"; });
    if (failed != scheme.cron_jobs.end()) {
        Finding finding{"partman-failing", Severity::Problem, scheme.root().sqlName(), fmt::format("The last scheduled maintenance failed: {}", failed->last_message), {}, {}, {}, {}};
        finding.detail = "No new partitions are made until it succeeds; only cron.job_run_details tells of it.";
        finding.evidence = fmt::format("job {} ({}) at {}", failed->id, failed->command, failed->last_start);
        finding.no_fix = "Mend what the message says, then run the maintenance.";
        in.add(std::move(finding));
    } else if (scheme.cron_installed && !scheduled && value("automatic_maintenance") != "off") {
        Finding finding{"partman-not-scheduled", Severity::Warning, scheme.root().sqlName(), "Nothing in pg_cron runs pg_partman's maintenance", {}, {}, {}, {}};
        finding.detail = "Unless its background worker or a timer outside does, no partitions are made ahead.";
        finding.evidence = "no active job in cron.job calls run_maintenance";
        PartmanState state;
        state.schema = scheme.partman.schema;
        state.version = scheme.partman.version;
        state.cron_installed = true;
        Schedule schedule = scheduleMaintenance(state, scheme, {});
        in.add(std::move(finding), schedule.script ? Result<ChangeScript>(std::move(*schedule.script)) : Result<ChangeScript>(ChangeScript()));
    }
    if (value("undo_in_progress") == "true") {
        Finding finding{"partman-undo", Severity::Warning, scheme.root().sqlName(), "An undo of the partitioning was begun and not finished", {}, {}, {}, {}};
        finding.detail = "pg_partman makes no partitions while it lasts.";
        finding.evidence = "part_config.undo_in_progress";
        finding.no_fix = "Finish undo_partition(), or set undo_in_progress to false.";
        in.add(std::move(finding));
    }
}

} // namespace howdah::partition
