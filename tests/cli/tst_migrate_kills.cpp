// SPDX-License-Identifier: GPL-3.0-or-later
// Migrations whose executor is killed and whose server goes down at random moments, while others write. Whatever happened, going on
// or rolling back must end in a state whose rows equal those that the writers kept beside it, with nothing left behind.
// HOWDAH_TEST_KILLS=200 for the long run, HOWDAH_TEST_KILLS_SEED for another course of it.
#include <atomic>
#include <csignal>
#include <random>
#include <thread>

#include "cli/run_cli.h"
#include "core/migration/executor.h"
#include "core/migration/script_json.h"
#include "support/migration_shapes.h"
#include "support/test_server.h"

using namespace howdah;
using test::runCli;

namespace {

constexpr int rows = 30'000;

/// Writes t and, in the same transaction, shadow; goes on when the server comes back.
class Writer
{
public:
    Writer(std::string conninfo, unsigned seed) : conninfo_(std::move(conninfo)), random_(seed), thread_([this] { write(); }) {}
    ~Writer()
    {
        over_ = true;
        thread_.join();
    }
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;
    [[nodiscard]] int commits() const { return commits_; }
    [[nodiscard]] std::string lastError() const { return unexpected_; }

private:
    void write()
    {
        std::unique_ptr<pg::Connection> connection;
        while (!over_) {
            if (!connection || !connection->alive()) {
                pg::ConnectionSpec spec;
                spec.conninfo = conninfo_;
                spec.application_name = "writer";
                auto opened = pg::Connection::open(spec);
                if (!opened) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(20));
                    continue;
                }
                connection = std::move(*opened);
            }
            const std::string id = std::to_string(1 + random_() % (rows + 2000));
            const std::string a = std::to_string(random_() % 1'000'000);
            std::string both = "BEGIN;";
            for (const char *table : {"t", "shadow"}) {
                switch (kind_) {
                case 0:
                    both += std::string("DELETE FROM ") + table + " WHERE id = " + id + ";";
                    break;
                case 1:
                    both += std::string("INSERT INTO ") + table + " (id, a, note) VALUES (" + id + ", " + a + ", 'new " + a + "') ON CONFLICT (id) DO UPDATE SET a = excluded.a, note = excluded.note;";
                    break;
                default:
                    both += std::string("UPDATE ") + table + " SET a = " + a + ", note = 'note " + a + "' WHERE id = " + id + ";";
                }
            }
            kind_ = static_cast<int>(random_() % 5);
            const auto done = connection->run(both + "COMMIT");
            if (!done.error) {
                ++commits_;
            } else if (connection->alive()) {
                // Deadlocks happen among writers; everything else would be the migration's doing.
                if (done.error->sqlstate != "40P01" && done.error->kind == ErrorKind::Server && done.error->sqlstate.substr(0, 2) != "57")
                    unexpected_ = done.error->text();
                static_cast<void>(connection->query("ROLLBACK"));
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

    std::string conninfo_;
    std::mt19937 random_;
    int kind_ = 2;
    std::atomic<bool> over_{false};
    std::atomic<int> commits_{0};
    std::string unexpected_; ///< the thread's; read after it has ended
    std::thread thread_;
};

std::string shapeOf(pg::Connection &connection)
{
    const auto shape = connection.query(
        "SELECT string_agg(line, E'\\n' ORDER BY line) FROM ("
        "SELECT attrelid::regclass || '.' || attname || ' ' || format_type(atttypid, atttypmod) || attnotnull AS line FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid "
        "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped "
        "UNION ALL SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' "
        "UNION ALL SELECT pg_get_indexdef(indexrelid) || CASE WHEN indisvalid THEN '' ELSE ' INVALID' END FROM pg_index JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = 'public'::regnamespace "
        "UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
        "UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace) all_of_it");
    return shape ? std::string(shape->result->cell(0, 0).text) : shape.error().text();
}

} // namespace

class TestMigrateKills : public QObject
{
    Q_OBJECT

    std::mt19937 random_{static_cast<unsigned>(std::max(1, qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS_SEED")))};
    int killed_ = 0;
    int crashed_ = 0;
    int ended_ = 0;

    std::unique_ptr<pg::Connection> open(const std::string &conninfo)
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        for (int i = 0; i < 100; ++i) {
            if (auto opened = pg::Connection::open(spec))
                return std::move(*opened);
            QTest::qWait(100);
        }
        return {};
    }

    std::string ask(pg::Connection &connection, const std::string &sql)
    {
        const auto outcome = connection.query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }

    std::unique_ptr<QProcess> start(const QStringList &arguments)
    {
        auto process = std::make_unique<QProcess>();
        process->setProcessChannelMode(QProcess::MergedChannels);
        process->start(test::cliProgram(), arguments);
        process->waitForStarted();
        return process;
    }

    /// One migration with `kills` blows; afterwards everything is as a run without them leaves it.
    void suffer(const migration::ChangeScript &script, int kills, bool back, int major)
    {
        const std::string conninfo = test::freshDatabase(major);
        auto connection = open(conninfo);
        QVERIFY(connection);
        QVERIFY(!connection->run(test::makeTable("t", rows) + "CREATE TABLE shadow (id bigint PRIMARY KEY, a int NOT NULL, note text); INSERT INTO shadow SELECT * FROM t").error);
        const std::string before = shapeOf(*connection);
        QVERIFY(migration::createJournal(*connection));
        migration::Throttle throttle;
        throttle.rows_per_second = 25'000;
        throttle.batch_ms = 10;
        const auto id = migration::addMigration(*connection, script, throttle);
        QVERIFY(id);
        const QString where = QString::fromStdString(conninfo);
        const QString number = QString::number(*id);
        const QStringList forward{QStringLiteral("migrate"), QStringLiteral("resume"), number, QStringLiteral("-d"), where, QStringLiteral("--json"), QStringLiteral("--deployed")};
        const QStringList backward{QStringLiteral("migrate"), QStringLiteral("rollback"), number, QStringLiteral("-d"), where, QStringLiteral("--yes"), QStringLiteral("--json")};

        auto writer = std::make_unique<Writer>(conninfo, static_cast<unsigned>(random_()));
        auto other = std::make_unique<Writer>(conninfo, static_cast<unsigned>(random_()));
        bool going_back = false;
        auto process = start(forward);
        QString log;
        for (int blow = 0; blow < kills; ++blow) {
            QTest::qWait(30 + static_cast<int>(random_() % 700));
            const auto how = random_() % 10;
            if (how < 6) {
                if (const auto pid = static_cast<pid_t>(process->processId()); pid > 0) { // else it is over already
                    ::kill(pid, SIGKILL);
                    process->waitForFinished();
                    ++killed_;
                }
            } else if (how < 8) {
                const auto restarted = test::server(major).restart(cluster::LocalCluster::StopMode::Immediate);
                QVERIFY2(restarted, restarted ? "" : restarted.error().text().c_str());
                ++crashed_;
            } else {
                connection = open(conninfo);
                QVERIFY(connection);
                static_cast<void>(connection->query("SELECT pg_terminate_backend(executor_pid) FROM howdah.migrations WHERE executor_pid <> pg_backend_pid()"));
                ++ended_;
            }
            log += QString::fromUtf8(process->readAll());
            going_back = going_back || (back && blow >= kills / 2);
            if (process->state() == QProcess::NotRunning)
                process = start(going_back ? backward : forward);
        }
        if (!process->waitForFinished(90'000))
            QVERIFY2(false, process->readAll().constData());
        log += QString::fromUtf8(process->readAll());
        // The last one may have been the last before the way back.
        process = start(back ? backward : forward);
        QVERIFY(process->waitForFinished(90'000));
        log += QString::fromUtf8(process->readAll());
        writer.reset();
        other.reset();

        connection = open(conninfo);
        QVERIFY(connection);
        const std::string state = ask(*connection, "SELECT state || coalesce(': ' || (error->>'message'), '') FROM howdah.migrations");
        QVERIFY2(state == (back ? "rolled_back" : "done"), qPrintable(QString::fromStdString(state) + QLatin1Char('\n') + log.right(3000)));
        for (const char *sides : {"SELECT count(*) FROM (SELECT id, a::bigint, note FROM t EXCEPT ALL SELECT id, a, note FROM shadow) d",
                                  "SELECT count(*) FROM (SELECT id, a::bigint, note FROM shadow EXCEPT ALL SELECT id, a, note FROM t) d"})
            QCOMPARE(ask(*connection, sides), std::string("0"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), std::string("0"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), std::string("0"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'howdah%' AND pid <> pg_backend_pid() AND application_name <> 'howdah'"), std::string("0"));
        if (back)
            QCOMPARE(shapeOf(*connection), before);
        else
            QCOMPARE(shapeOf(*connection), calm(script, major));
    }

    /// What the script leaves when nothing happens to it.
    std::string calm(const migration::ChangeScript &script, int major)
    {
        const std::string conninfo = test::freshDatabase(major);
        const auto connection = open(conninfo);
        if (connection->run(test::makeTable("t", 100) + "CREATE TABLE shadow (id bigint PRIMARY KEY, a int NOT NULL, note text)").error || !migration::createJournal(*connection))
            return "no bed";
        const auto id = migration::addMigration(*connection, script, {});
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        migration::ExecutorOptions options;
        options.deployed = true;
        const auto done = migration::execute(spec, {}, id.value_or(0), options, {});
        return done.end == migration::ExecutionEnd::Done ? shapeOf(*connection) : done.error->text();
    }

private Q_SLOTS:
    void goesOnOrGoesBack()
    {
        if (test::cliProgram().isEmpty())
            QSKIP("There is no howdah-cli");
        const int wanted = std::max(8, qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS"));
        const std::vector<int> majors = test::majors();
        int migrations = 0;
        while (killed_ + crashed_ + ended_ < wanted) {
            const int major = majors[static_cast<std::size_t>(migrations) % majors.size()];
            const migration::ChangeScript script = migrations % 3 == 0 ? test::widenA(migrations % 2 == 0) : migrations % 3 == 1 ? test::indexT() : test::fillByBlocks();
            // Past its contract phase a migration cannot go back.
            const bool back = migrations % 4 == 1 || migrations % 4 == 3;
            suffer(migrations % 3 == 0 && back ? test::widenA(false) : script, 4 + static_cast<int>(random_() % 3), back, major);
            if (QTest::currentTestFailed()) {
                qInfo("migration %d, server %d, %s, %s", migrations, major, script.title.c_str(), back ? "back" : "forward");
                return;
            }
            ++migrations;
        }
        qInfo("%d migrations: %d times the executor was killed, %d times the server went down, %d times its connection was ended; all as the shadow", migrations, killed_, crashed_, ended_);
    }
};

QTEST_GUILESS_MAIN(TestMigrateKills)
#include "tst_migrate_kills.moc"
