// SPDX-License-Identifier: GPL-3.0-or-later
// pg_partman 4 and 5 and pg_cron as they are packaged, on a server that preloads them.
#include <QtTest>

#include "core/migration/change_script.h"
#include "core/partition/check.h"
#include "core/partition/partman.h"
#include "run_script.h"
#include "support/replication_servers.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::partition;
using test::ask;
using test::must;

namespace {

constexpr const char *events = "CREATE TABLE ev (id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL, v text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); "
                               "CREATE TABLE nums (id bigint PRIMARY KEY, v text) PARTITION BY RANGE (id); CREATE TABLE kinds (k text) PARTITION BY LIST (k)";

PartmanState state(pg::Connection &connection)
{
    auto found = partmanState(connection);
    if (!found)
        QTest::qFail(found.error().text().c_str(), __FILE__, __LINE__);
    return found.value_or(PartmanState());
}

Scheme scheme(pg::Connection &connection, const char *table)
{
    auto found = inspect(connection, table);
    if (!found)
        QTest::qFail(found.error().text().c_str(), __FILE__, __LINE__);
    return found ? std::move(*found) : Scheme();
}

/// "" when all went well.
std::string applied(pg::Connection &connection, const Result<ChangeScript> &script)
{
    if (!script)
        return script.error().text();
    const auto outcome = migration::runChangeScript(connection, *script);
    return outcome.error ? outcome.error->text() : std::string();
}

bool finds(pg::Connection &connection, const char *table, const char *rule)
{
    const auto findings = check(connection, scheme(connection, table));
    return findings && std::any_of(findings->begin(), findings->end(), [rule](const Finding &finding) { return finding.rule == rule; });
}

} // namespace

class TestPartman : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsATable_data()
    {
        QTest::addColumn<QString>("version");
        const auto connection = test::freshConnection(15);
        const PartmanState server = state(*connection);
        QVERIFY2(!server.available.empty(), "packaging/setup installs pg_partman");
        QTest::addRow("packaged, %s", server.available.c_str()) << QString();
        // What was built from a newer release's source, where it could be.
        for (const std::string &version : server.versions) {
            if (version.starts_with("5.2")) {
                QTest::addRow("built, %s", version.c_str()) << QString::fromStdString(version);
                break;
            }
        }
    }
    void keepsATable()
    {
        QFETCH(QString, version);
        const auto connection = test::freshConnection(15);
        must(*connection, events);
        QVERIFY(state(*connection).version.empty());
        QVERIFY(applied(*connection, adoptPartman(state(*connection), scheme(*connection, "ev"), *parseInterval("1 month"), {})).find("not installed") != std::string::npos);
        QVERIFY(applied(*connection, installPartman(state(*connection), "partman", "99.9")).find("has no pg_partman 99.9") != std::string::npos);
        // Its own functions quote the schema's name twice.
        QVERIFY(applied(*connection, installPartman(state(*connection), "Part man")).find("does not work in the schema") != std::string::npos);
        QCOMPARE(applied(*connection, installPartman(state(*connection), "keeper", version.toStdString())), std::string());
        const PartmanState now = state(*connection);
        QCOMPARE(now.schema, std::string("keeper"));
        QVERIFY(version.isEmpty() ? now.version == now.available : now.version == version.toStdString());
        QVERIFY(!installPartman(now));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_proc WHERE proname = 'create_parent' AND pronamespace = 'public'::regnamespace"), std::string("0"));
        // Without a schema that stands in search_path pg_partman's own functions must still be found.
        QCOMPARE(applied(*connection, adoptPartman(now, scheme(*connection, "ev"), *parseInterval("1 month"), {{"premake", "3"}, {"retention", "6 months"}, {"retention_keep_table", "false"}})), std::string());
        Scheme kept = scheme(*connection, "ev");
        QCOMPARE(kept.partman.config["premake"], std::string("3"));
        QCOMPARE(kept.partman.config["retention"], std::string("6 months"));
        QCOMPARE(kept.partman.config["partition_type"], std::string(now.major() < 5 ? "native" : "range"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'ev'::regclass"), std::string("8")); // 3 before, now, 3 ahead, default
        QCOMPARE(applied(*connection, adoptPartman(now, scheme(*connection, "nums"), *parseInterval("1000"), {})), std::string());
        QVERIFY(applied(*connection, adoptPartman(now, scheme(*connection, "kinds"), *parseInterval("1 day"), {})).find("range of one column") != std::string::npos);
        QVERIFY(applied(*connection, adoptPartman(now, kept, *parseInterval("1 month"), {})).find("keeps public.ev already") != std::string::npos);
        // One whose partitions are called otherwise: it would make them again, so they get its names first, and the way back theirs.
        must(*connection, "CREATE TABLE logs (at timestamptz NOT NULL) PARTITION BY RANGE (at); CREATE TABLE logs_now PARTITION OF logs FOR VALUES FROM (date_trunc('month', now())) TO (date_trunc('month', now()) + interval '1 month'); "
                          "CREATE TABLE logs_hour (at timestamp NOT NULL) PARTITION BY RANGE (at); CREATE TABLE logs_hour_now PARTITION OF logs_hour FOR VALUES FROM (date_trunc('hour', localtimestamp)) TO (date_trunc('hour', localtimestamp) + interval '1 hour'); "
                          "CREATE TABLE logs_day (at date NOT NULL) PARTITION BY RANGE (at); CREATE TABLE logs_day_now PARTITION OF logs_day FOR VALUES FROM (current_date) TO (current_date + 1)");
        for (const auto &[table, interval] : {std::pair("logs", "1 month"), std::pair("logs_hour", "1 hour"), std::pair("logs_day", "1 day")}) {
            const auto taken = adoptPartman(now, scheme(*connection, table), *parseInterval(interval), {});
            QCOMPARE(taken->steps.size(), std::size_t{2});
            QCOMPARE(applied(*connection, taken), std::string());
            QCOMPARE(ask(*connection, std::string("SELECT count(*) FROM pg_inherits WHERE inhparent = '") + table + "'::regclass"), std::string("10")); // 4 before, now, 4 ahead, default
        }
        // One that has a default partition: 4 makes another in its place, unless rows are in it; 5 leaves it.
        must(*connection, "CREATE TABLE odd (at timestamptz NOT NULL) PARTITION BY RANGE (at); CREATE TABLE odd_default PARTITION OF odd DEFAULT; INSERT INTO odd VALUES ('1999-01-01')");
        const std::string with_rows = applied(*connection, adoptPartman(now, scheme(*connection, "odd"), *parseInterval("1 month"), {}));
        QCOMPARE(with_rows.find("holds rows") != std::string::npos, now.major() < 5);
        if (now.major() < 5) {
            must(*connection, "DELETE FROM odd");
            QCOMPARE(applied(*connection, adoptPartman(now, scheme(*connection, "odd"), *parseInterval("1 month"), {})), std::string());
        }
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'odd'::regclass"), std::string("10"));
        // The settings, each of those offered for this version, and the way back.
        const auto change = configurePartman(kept, {{"premake", "6"}, {"infinite_time_partitions", "true"}});
        QCOMPARE(applied(*connection, change), std::string());
        QCOMPARE(scheme(*connection, "ev").partman.config["infinite_time_partitions"], std::string("true"));
        must(*connection, change->steps.front().undo_sql);
        QCOMPARE(scheme(*connection, "ev").partman.config["premake"], std::string("3"));
        for (const std::string &name : partmanSettings(now.major()))
            QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'keeper.part_config'::regclass AND attname = '" + name + "'"), std::string("1"));
        QVERIFY(applied(*connection, configurePartman(kept, {{"premak", "6"}})).find("no setting premak") != std::string::npos);
        QVERIFY(applied(*connection, configurePartman(kept, {{"premake", "many"}})).find("many") != std::string::npos);
        QCOMPARE(scheme(*connection, "ev").partman.config["premake"], std::string("3"));
        // Its maintenance makes what is missing and drops what is too old.
        must(*connection, "CREATE TABLE ev_old PARTITION OF ev FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')");
        QCOMPARE(applied(*connection, configurePartman(scheme(*connection, "ev"), {{"premake", "5"}, {"infinite_time_partitions", "true"}})), std::string());
        QCOMPARE(applied(*connection, runPartman(scheme(*connection, "ev"))), std::string());
        QCOMPARE(ask(*connection, "SELECT count(*) >= 9 FROM pg_inherits i JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = 'ev'::regclass AND pg_get_expr(relpartbound, c.oid) <> 'DEFAULT' AND relname <> 'ev_old'"), std::string("t"));
        QVERIFY(!runPartman(scheme(*connection, "kinds")));
        // Without cron or worker: a timer that runs this program.
        const Schedule schedule = scheduleMaintenance(now, kept, "shop");
        QCOMPARE(schedule.means, std::string("systemd timer"));
        QVERIFY(!schedule.script && schedule.text.find("OnCalendar=") != std::string::npos && schedule.text.find("17 * * * * howdah-cli partition maintain 'public.ev' --partman-run --apply -d 'dbname=shop'") != std::string::npos);
        QVERIFY(scheduleMaintenance(now, scheme(*connection, "kinds"), "shop").text.find("maintain 'public.kinds' --apply") != std::string::npos); // not one of its tables
    }

    void isRunByPgCron()
    {
        const auto server = test::ReplicationServer::primary(15, {{"shared_preload_libraries", "pg_cron,pg_partman_bgw"}, {"cron.database_name", "postgres"}, {"cron.use_background_workers", "on"}});
        const auto connection = server->open();
        must(*connection, events);
        PartmanState now = state(*connection);
        QVERIFY(now.cron_preloaded && !now.cron_installed && now.cron_database == "postgres" && now.background_worker);
        QCOMPARE(applied(*connection, installPartman(now)), std::string());
        QCOMPARE(applied(*connection, adoptPartman(state(*connection), scheme(*connection, "ev"), *parseInterval("1 month"), {})), std::string());
        // Once it is there, nothing of its jobs for this table is a finding.
        const Schedule schedule = scheduleMaintenance(state(*connection), scheme(*connection, "ev"), "postgres", "1 seconds");
        QVERIFY(schedule.means == "pg_cron" && schedule.script && schedule.script->steps.size() == 2);
        must(*connection, "CREATE EXTENSION pg_cron");
        QVERIFY(finds(*connection, "ev", "partman-not-scheduled"));
        must(*connection, "DROP EXTENSION pg_cron");
        auto every_minute = scheduleMaintenance(state(*connection), scheme(*connection, "ev"), "postgres", "* * * * *");
        QCOMPARE(applied(*connection, *every_minute.script), std::string());
        QVERIFY(!finds(*connection, "ev", "partman-not-scheduled"));
        const Scheme kept = scheme(*connection, "ev");
        QVERIFY(kept.cron_installed && kept.cron_jobs.size() == 1);
        QCOMPARE(kept.cron_jobs.front().schedule, std::string("* * * * *"));
        QCOMPARE(kept.cron_jobs.front().command, std::string("CALL partman.run_maintenance_proc()"));
        // pg_cron counts in minutes: what its runs leave is written here, and a run of its own is waited for where there is time.
        const std::string job = std::to_string(kept.cron_jobs.front().id);
        if (qEnvironmentVariableIsSet("HOWDAH_TEST_CRON")) {
            QVERIFY(server->waitFor("SELECT EXISTS (SELECT FROM cron.job_run_details WHERE status = 'succeeded')", 90'000));
            qInfo("%s", ask(*connection, "SELECT command || ': ' || status || ', ' || return_message || ' ' || start_time FROM cron.job_run_details LIMIT 1").c_str());
            must(*connection, "DELETE FROM cron.job_run_details");
        }
        must(*connection, "INSERT INTO cron.job_run_details (jobid, runid, database, username, command, status, return_message, start_time, end_time) VALUES (" + job +
                              ", 1001, 'postgres', 'howdah', 'x', 'succeeded', 'CALL', now() - interval '1 hour', now() - interval '1 hour'), (" + job +
                              ", 1002, 'postgres', 'howdah', 'x', 'failed', 'ERROR: no space', now(), now()), (99, 1003, 'postgres', 'howdah', 'x', 'failed', 'another', now(), now())");
        const auto history = cronHistory(*connection, kept);
        QVERIFY(history && history->size() == 2);
        QCOMPARE(history->front().status + history->front().message, std::string("failedERROR: no space"));
        QVERIFY(finds(*connection, "ev", "partman-failing"));
        // Of another database it is scheduled from where pg_cron lives.
        must(*connection, "CREATE DATABASE shop");
        const auto other = server->open("shop");
        must(*other, events);
        QCOMPARE(applied(*other, installPartman(state(*other))), std::string());
        const Schedule away = scheduleMaintenance(state(*other), scheme(*other, "ev"), "shop");
        QVERIFY(!away.script && away.text.find("schedule_in_database('howdah_partman_shop'") != std::string::npos);
        must(*connection, away.text.substr(away.text.find("SELECT cron.")));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM cron.job WHERE database = 'shop'"), std::string("1"));
        // And taken out, and back.
        QVERIFY(!unscheduleMaintenance(kept, 12345));
        const auto out = unscheduleMaintenance(kept, kept.cron_jobs.front().id);
        QCOMPARE(applied(*connection, out), std::string());
        QCOMPARE(ask(*connection, "SELECT count(*) FROM cron.job WHERE database = 'postgres'"), std::string("0"));
        must(*connection, out->steps.front().undo_sql);
        QCOMPARE(ask(*connection, "SELECT command FROM cron.job WHERE database = 'postgres'"), std::string("CALL partman.run_maintenance_proc()"));
        // Without pg_cron its own worker.
        PartmanState worker = state(*connection);
        worker.cron_installed = worker.cron_preloaded = false;
        const Schedule own = scheduleMaintenance(worker, kept, "postgres");
        QVERIFY(own.means == "pg_partman_bgw" && own.text.find("pg_partman_bgw.dbname = 'postgres'") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestPartman)
#include "tst_partman.moc"
