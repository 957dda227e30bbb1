// SPDX-License-Identifier: GPL-3.0-or-later
// What pg_stat_statements keeps, on a server that has it; a server without it says how to get it.
#include <algorithm>

#include <QTemporaryDir>
#include <QTest>

#include "core/plan/server_statements.h"
#include "support/test_server.h"

using namespace howdah;

class TestServerStatements : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;
    std::unique_ptr<cluster::LocalCluster> cluster_;

    std::unique_ptr<pg::Connection> connection()
    {
        pg::ConnectionSpec spec;
        spec.conninfo = cluster_->conninfo();
        auto opened = pg::Connection::open(spec);
        return opened ? std::move(*opened) : nullptr;
    }

private Q_SLOTS:
    void initTestCase()
    {
        const std::filesystem::path below = folder_.path().toStdString();
        std::filesystem::permissions(below, std::filesystem::perms::others_exec | std::filesystem::perms::group_exec,
                                     std::filesystem::perm_options::add);
        cluster::ClusterOptions options;
        options.folder = below / "server";
        options.durable = false;
        options.settings = {{"shared_preload_libraries", "pg_stat_statements"}};
        const auto installation = cluster::findInstallation(15);
        QVERIFY(installation);
        auto started = cluster::LocalCluster::start(*installation, options);
        QVERIFY2(started, started ? "" : started.error().text().c_str());
        cluster_ = std::move(*started);
    }

    void withoutTheExtensionItSaysHowToGetIt()
    {
        const auto kept = plan::keptStatements(*connection());
        QVERIFY(!kept);
        QVERIFY(kept.error().kind == ErrorKind::Unsupported);
        QVERIFY(kept.error().hint.find("CREATE EXTENSION") != std::string::npos);
    }

    void keepsThisDatabasesByTheirTime()
    {
        const auto session = connection();
        // In a schema of its own, whose name needs quotes.
        for (const char *sql : {"CREATE SCHEMA \"of mine\"", "CREATE EXTENSION pg_stat_statements SCHEMA \"of mine\"", "CREATE DATABASE other",
                                "SELECT \"of mine\".pg_stat_statements_reset()"})
            QVERIFY2(session->query(sql), sql);
        {
            pg::ConnectionSpec elsewhere;
            elsewhere.conninfo = cluster_->conninfo("other");
            const auto other = pg::Connection::open(elsewhere);
            QVERIFY(other && (*other)->query("SELECT 'not of this database', pg_sleep(0.2)"));
        }
        for (int i = 0; i < 5; ++i)
            QVERIFY(session->query("SELECT count(*) FROM pg_class WHERE relpages > " + std::to_string(i)));
        QVERIFY(session->query("SELECT n, pg_sleep(0.05) FROM generate_series(1, 3) n"));
        QVERIFY(session->query("CREATE TABLE made (a int)"));

        const auto kept = plan::keptStatements(*session);
        QVERIFY2(kept, kept ? "" : kept.error().text().c_str());
        const auto with = [&kept](const char *part) {
            return std::find_if(kept->begin(), kept->end(), [part](const auto &each) { return each.text.find(part) != std::string::npos; });
        };
        QVERIFY(with("not of this database") == kept->end() && with("FROM generate_series") != kept->end());
        QCOMPARE(with("pg_sleep"), kept->begin()); // the one that cost most
        QCOMPARE(kept->front().rows, std::optional<double>(3));
        QVERIFY(kept->front().total_ms.value_or(0) >= 150 && kept->front().explainable);
        const auto counted = with("relpages > $1");
        QVERIFY(counted != kept->end());
        QCOMPARE(counted->calls, std::optional<double>(5));
        QCOMPARE(QString::fromStdString(counted->user), QStringLiteral("howdah"));
        QVERIFY(with("CREATE TABLE made") == kept->end()); // EXPLAIN takes it not
    }
};

QTEST_GUILESS_MAIN(TestServerStatements)
#include "tst_server_statements.moc"
