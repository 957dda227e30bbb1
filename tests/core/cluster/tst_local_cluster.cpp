// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QTemporaryDir>
#include <csignal>

#include "core/cluster/local_cluster.h"
#include "core/pg/connection.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::cluster;

#define VERIFY_DONE(outcome) QVERIFY2(outcome, outcome ? "" : (outcome).error().text().c_str())

class TestLocalCluster : public QObject
{
    Q_OBJECT

    static Result<std::unique_ptr<pg::Connection>> connect(const LocalCluster &cluster)
    {
        pg::ConnectionSpec spec;
        spec.conninfo = cluster.conninfo();
        return pg::Connection::open(spec);
    }

private Q_SLOTS:
    void everyInstallationIsFound()
    {
        const auto all = findInstallations();
        for (const int major : {13, 14, 15, 16, 17, 18})
            QVERIFY2(findInstallation(major), std::to_string(major).c_str());
        QVERIFY(std::is_sorted(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.major > b.major; }));
        QVERIFY(!findInstallation(9));
    }

    void startStopAttach()
    {
        const QTemporaryDir scratch(QDir::tempPath() + QStringLiteral("/a b'c-XXXXXX"));
        QFile::setPermissions(scratch.path(), QFile::permissions(scratch.path()) | QFile::ExeOther | QFile::ExeGroup);
        ClusterOptions options;
        options.folder = scratch.filePath(QStringLiteral("cluster")).toStdString();
        options.durable = false;
        options.settings = {{"application_name", "it's"}};
        auto cluster = LocalCluster::start(*findInstallation(18), options);
        VERIFY_DONE(cluster);
        auto connection = connect(**cluster);
        VERIFY_DONE(connection);
        QVERIFY((*connection)->query("CREATE TABLE kept (a int)"));
        QVERIFY(!LocalCluster::attach(options.folder.string() + "-not"));
        const auto attached = LocalCluster::attach(options.folder);
        QVERIFY(attached);
        QCOMPARE(attached->postmasterPid(), (*cluster)->postmasterPid());
        VERIFY_DONE(connect(*attached));

        VERIFY_DONE((*cluster)->restart(LocalCluster::StopMode::Immediate));
        auto again = connect(**cluster);
        VERIFY_DONE(again);
        VERIFY_DONE((*cluster)->stop());
        QVERIFY(!LocalCluster::attach(options.folder));
        QVERIFY(!connect(**cluster));

        // Started again, what was committed is there (a clean stop, even where nothing is synced).
        auto third = LocalCluster::start(*findInstallation(18), options);
        VERIFY_DONE(third);
        VERIFY_DONE((*connect(**third))->query("SELECT 1"));
    }

    void aServerThatCannotStartSaysWhy()
    {
        const QTemporaryDir scratch;
        QFile::setPermissions(scratch.path(), QFile::permissions(scratch.path()) | QFile::ExeOther | QFile::ExeGroup);
        ClusterOptions options;
        options.folder = scratch.filePath(QStringLiteral("cluster")).toStdString();
        options.durable = false;
        options.settings = {{"shared_buffers", "not a size"}};
        const auto cluster = LocalCluster::start(*findInstallation(13), options);
        QVERIFY(!cluster);
        QVERIFY2(cluster.error().detail.find("shared_buffers") != std::string::npos, cluster.error().text().c_str());
    }
};

QTEST_GUILESS_MAIN(TestLocalCluster)
#include "tst_local_cluster.moc"
