// SPDX-License-Identifier: GPL-3.0-or-later
// Every recipe, its executor killed and its server going down at random moments, while an application writes. Whatever happened,
// going on or rolling back must end with the rows and definitions of an independent shadow, and with nothing left behind.
// HOWDAH_TEST_KILLS=200 for the long run, HOWDAH_TEST_KILLS_SEED for another course of it, HOWDAH_TEST_KILLS_RECIPE for one of them.
#include <atomic>
#include <csignal>
#include <mutex>
#include <random>
#include <thread>

#include "cli/run_cli.h"
#include "core/migration/executor.h"
#include "core/migration/recipe_cases.h"
#include "support/test_server.h"

using namespace howdah;
using migration::Phase;
using test::RecipeCase;

namespace {

/// Sequences of the shadow stand where those of the application do, so that what is numbered is numbered alike.
constexpr const char *same_numbers = R"(DO $$ DECLARE r record; BEGIN
FOR r IN SELECT a.relname FROM pg_class a JOIN pg_class s ON s.relname = a.relname AND s.relkind = 'S' AND s.relnamespace = 'shadow'::regnamespace WHERE a.relkind = 'S' AND a.relnamespace = 'app'::regnamespace LOOP
EXECUTE format('SELECT setval(%L, last_value, is_called) FROM app.%I', 'shadow.' || quote_ident(r.relname), r.relname); END LOOP; END $$;)";

/// The application, and its shadow in the same transaction; goes on when the server comes back.
class Application
{
public:
    Application(std::string conninfo, const RecipeCase &of) : conninfo_(std::move(conninfo)), case_(of), writes_(of.writes), thread_([this] { work(); }) {}
    ~Application() { end(); }
    Application(const Application &) = delete;
    Application &operator=(const Application &) = delete;

    /// The new version: the shadow is changed, and from then on the other statements are written. "" or what went wrong.
    std::string deploy(pg::Connection &shadow)
    {
        const std::lock_guard lock(mutex_);
        const auto changed = shadow.run(case_.naive != nullptr ? case_.naive : case_.wanted);
        if (changed.error)
            return changed.error->text();
        writes_ = case_.writes_after;
        is_new_ = true;
        return {};
    }
    void end()
    {
        over_ = true;
        if (thread_.joinable())
            thread_.join();
    }
    [[nodiscard]] bool isNew() const { return is_new_; }
    [[nodiscard]] int commits() const { return commits_; }
    [[nodiscard]] std::string unexpected() const { return unexpected_; } ///< after end()

private:
    void work()
    {
        std::unique_ptr<pg::Connection> connection;
        int number = 1000;
        while (!over_) {
            if (!connection || !connection->alive()) {
                pg::ConnectionSpec spec;
                spec.conninfo = conninfo_;
                spec.application_name = "writer";
                auto opened = pg::Connection::open(spec);
                connection = opened ? std::move(*opened) : nullptr;
            }
            if (connection) {
                const std::lock_guard lock(mutex_);
                if (!writes_.empty()) {
                    ++number;
                    const std::string sql = test::replaced(writes_[static_cast<std::size_t>(number) % writes_.size()], "{n}", std::to_string(number));
                    write(*connection, sql);
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(4));
        }
    }

    void write(pg::Connection &connection, const std::string &sql)
    {
        const auto done = connection.run("BEGIN; " + std::string(same_numbers) + " SET LOCAL search_path = app; " + sql + "; SET LOCAL search_path = shadow; " + sql + "; COMMIT");
        if (!done.error) {
            ++commits_;
        } else if (connection.alive()) {
            if (done.error->sqlstate != "40P01" && done.error->kind == ErrorKind::Server && done.error->sqlstate.substr(0, 2) != "57" && unexpected_.empty())
                unexpected_ = done.error->text() + " in " + sql;
            static_cast<void>(connection.query("ROLLBACK"));
        }
    }

    std::string conninfo_;
    const RecipeCase &case_;
    std::mutex mutex_;
    std::vector<std::string> writes_;
    std::atomic<bool> over_{false}, is_new_{false};
    std::atomic<int> commits_{0};
    std::string unexpected_;
    std::thread thread_;
};

/// Slow enough to be hit: small batches, and few of them in a second.
void slowed(migration::ChangeScript &script)
{
    for (migration::ChangeStep &step : script.steps) {
        if (step.batches)
            step.batches->first_rows = 25;
    }
}

/// The phase before which a version must be deployed that writes something else.
Phase deploymentOf(const migration::ChangeScript &script)
{
    Phase first = Phase::Contract;
    for (const migration::Deployment &deployment : script.deployments) {
        if (deployment.what.rfind("Deploy a version", 0) == 0)
            first = std::min(first, deployment.before);
    }
    return first;
}

} // namespace

class TestRecipeKills : public QObject
{
    Q_OBJECT

    std::mt19937 random_{static_cast<unsigned>(std::max(1, qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS_SEED")))};
    int killed_ = 0, crashed_ = 0, ended_ = 0, written_ = 0;
    std::set<std::string> recipes_;

    std::unique_ptr<pg::Connection> open(const std::string &conninfo, const char *search_path)
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        for (int i = 0; i < 100; ++i) {
            if (auto opened = pg::Connection::open(spec)) {
                static_cast<void>((*opened)->query(std::string("SET search_path = ") + search_path));
                return std::move(*opened);
            }
            QTest::qWait(100);
        }
        return {};
    }

    static std::string ask(pg::Connection &connection, const std::string &sql)
    {
        const auto outcome = connection.query(sql);
        return outcome && outcome->result->rowCount() > 0 ? std::string(outcome->result->cell(0, 0).text) : outcome ? "" : outcome.error().text();
    }

    static std::unique_ptr<QProcess> start(const QStringList &arguments)
    {
        auto process = std::make_unique<QProcess>();
        process->setProcessChannelMode(QProcess::MergedChannels);
        process->start(test::cliProgram(), arguments);
        process->waitForStarted();
        return process;
    }

    void blow(QProcess &process, const std::string &conninfo, int major)
    {
        const auto how = random_() % 10;
        if (how < 7) {
            if (const auto pid = static_cast<pid_t>(process.processId()); pid > 0) {
                ::kill(pid, SIGKILL);
                process.waitForFinished();
                ++killed_;
            }
        } else if (how < 9) {
            const auto restarted = test::server(major).restart(cluster::LocalCluster::StopMode::Immediate);
            QVERIFY2(restarted, restarted ? "" : restarted.error().text().c_str());
            ++crashed_;
        } else if (const auto connection = open(conninfo, "app")) {
            static_cast<void>(connection->query("SELECT pg_terminate_backend(executor_pid) FROM howdah.migrations WHERE executor_pid <> pg_backend_pid()"));
            ++ended_;
        }
    }

    void suffer(const RecipeCase &of, int kills, bool back, int major)
    {
        const std::string conninfo = test::freshDatabase(major);
        auto app = open(conninfo, "app"), shadow = open(conninfo, "shadow");
        QVERIFY(app && shadow);
        test::RecipeRun run(*app, *shadow, of);
        std::string wrong = run.prepare();
        if (wrong.empty())
            wrong = run.plan();
        QVERIFY2(wrong.empty(), wrong.c_str());
        migration::ChangeScript script = run.planned().script;
        recipes_.insert(run.planned().wanted.front().recipe);
        slowed(script);
        const bool deploys = !of.writes_after.empty();
        if (back) { // behind the contract there is no way back, and old versions write on
            const Phase last = deploys ? deploymentOf(script) : Phase::Contract;
            script.steps.erase(std::remove_if(script.steps.begin(), script.steps.end(), [&](const migration::ChangeStep &step) { return step.phase >= last; }), script.steps.end());
            script.fingerprint_sql.clear();
            if (script.steps.empty())
                return;
        }
        QVERIFY(migration::createJournal(*app));
        static_cast<void>(app->query("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app', current_database()); END $$"));
        migration::Throttle throttle;
        throttle.rows_per_second = 500;
        throttle.batch_ms = 5;
        const auto id = migration::addMigration(*app, script, throttle);
        QVERIFY2(id, id ? "" : id.error().text().c_str());
        const QString where = QString::fromStdString(conninfo), number = QString::number(*id);
        QStringList forward{QStringLiteral("migrate"), QStringLiteral("resume"), number, QStringLiteral("-d"), where, QStringLiteral("--json")};
        if (!deploys || back)
            forward << QStringLiteral("--deployed");
        const QStringList backward{QStringLiteral("migrate"), QStringLiteral("rollback"), number, QStringLiteral("-d"), where, QStringLiteral("--yes"), QStringLiteral("--json")};

        Application application(conninfo, of);
        bool going_back = false;
        QString log;
        auto process = start(forward);
        const std::string goal = back ? "rolled_back" : "done";
        std::string state;
        QElapsedTimer timer;
        timer.start();
        for (int blows = 0; timer.elapsed() < 120'000;) {
            if (blows < kills) {
                process->waitForFinished(30 + static_cast<int>(random_() % 500));
                blow(*process, conninfo, major);
                ++blows;
                if (QTest::currentTestFailed())
                    return;
            } else {
                QVERIFY2(process->waitForFinished(90'000), process->readAll().constData());
            }
            if (process->state() != QProcess::NotRunning)
                continue;
            log += QString::fromUtf8(process->readAll());
            app = open(conninfo, "app");
            QVERIFY(app);
            state = ask(*app, "SELECT state FROM howdah.migrations");
            going_back = going_back || (back && (blows > kills / 2 || state == "done"));
            if (state == goal)
                break;
            if (state == "waiting" && deploys && !application.isNew() && ask(*app, "SELECT waits_for FROM howdah.migrations").find("Deploy a version") != std::string::npos) {
                shadow = open(conninfo, "shadow");
                const std::string failed = application.deploy(*shadow);
                QVERIFY2(failed.empty(), failed.c_str());
            }
            process = start(going_back ? backward : forward);
        }
        application.end();
        written_ += application.commits();
        QVERIFY2(application.unexpected().empty(), application.unexpected().c_str());
        QVERIFY2(state == goal, qPrintable(QString::fromStdString(state) + QLatin1Char('\n') + log.right(3000)));
        app = open(conninfo, "app");
        shadow = open(conninfo, "shadow");
        QVERIFY(app && shadow);
        check(of, *app, *shadow, !back && !application.isNew());
    }

    static void check(const RecipeCase &of, pg::Connection &app, pg::Connection &shadow, bool change)
    {
        if (change) {
            const auto changed = shadow.run(of.naive != nullptr ? of.naive : of.wanted);
            QVERIFY2(!changed.error, changed.error ? changed.error->text().c_str() : "");
        }
        for (pg::Connection *one : {&app, &shadow})
            QVERIFY(one->query("DO $$ DECLARE r record; BEGIN FOR r IN SELECT oid::regclass AS name FROM pg_class WHERE relkind = 'm' LOOP EXECUTE format('REFRESH MATERIALIZED VIEW %s', r.name); END LOOP; END $$"));
        test::RecipeRun run(app, shadow, of);
        const std::string differs = run.compare();
        QVERIFY2(differs.empty(), differs.c_str());
        QCOMPARE(ask(app, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"), std::string("0"));
        QCOMPARE(ask(app, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), std::string("0"));
        QCOMPARE(ask(app, "SELECT count(*) FROM pg_replication_slots"), std::string("0"));
        QCOMPARE(ask(app, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'howdah%' AND pid <> pg_backend_pid() AND application_name <> 'howdah'"), std::string("0"));
    }

private Q_SLOTS:
    void goesOnOrGoesBack()
    {
        if (test::cliProgram().isEmpty())
            QSKIP("There is no howdah-cli");
        const int wanted = std::max(6, qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS"));
        const std::string only = qEnvironmentVariable("HOWDAH_TEST_KILLS_RECIPE").toStdString();
        const std::vector<int> majors = test::majors();
        std::vector<const RecipeCase *> cases;
        for (const RecipeCase &one : test::recipe_cases) {
            if (std::string(one.name).find(only) != std::string::npos)
                cases.push_back(&one);
        }
        std::shuffle(cases.begin(), cases.end(), random_);
        int migrations = 0;
        for (; killed_ + crashed_ + ended_ < wanted; ++migrations) {
            const RecipeCase &of = *cases[static_cast<std::size_t>(migrations) % cases.size()];
            const int major = majors[random_() % majors.size()];
            const bool back = random_() % 2 == 0 && std::string(of.recipe) != "update-rows";
            if (major < of.from)
                continue;
            suffer(of, 3 + static_cast<int>(random_() % 3), back, major);
            if (QTest::currentTestFailed()) {
                qInfo("migration %d, server %d, %s, %s", migrations, major, of.name, back ? "back" : "forward");
                return;
            }
        }
        qInfo("%d migrations by %zu recipes, %d transactions beside them: %d times the executor was killed, %d times the server went down, %d times its connection was ended; all as the shadow", migrations,
              recipes_.size(), written_, killed_, crashed_, ended_);
    }
};

QTEST_GUILESS_MAIN(TestRecipeKills)
#include "tst_recipe_kills.moc"
