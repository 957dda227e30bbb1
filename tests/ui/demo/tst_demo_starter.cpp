// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/demo/demo_starter.h"

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "core/demo/demo_server.h"

using namespace howdah;
using namespace howdah::ui;

class DemoStarterTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void startsTellsAndStops();
    void leavesAServerThatRanBefore();
    void cancelEndsTheStart();
    void destroyedWhileStarting();

private:
    static demo::DemoOptions small()
    {
        demo::DemoOptions options;
        options.scale = 0.01;
        return options;
    }
    std::unique_ptr<QTemporaryDir> home_;
};

void DemoStarterTest::init()
{
    home_ = std::make_unique<QTemporaryDir>();
    qputenv("HOWDAH_HOME", home_->path().toUtf8());
}

void DemoStarterTest::cleanup()
{
    const auto removed = demo::reset();
    QVERIFY2(removed.has_value(), removed ? "" : removed.error().text().c_str());
    home_.reset();
}

void DemoStarterTest::startsTellsAndStops()
{
    DemoStarter starter;
    QSignalSpy progress(&starter, &DemoStarter::progress);
    QSignalSpy ready(&starter, &DemoStarter::ready);
    QSignalSpy failed(&starter, &DemoStarter::failed);
    demo::DemoStatus status;
    connect(&starter, &DemoStarter::ready, this, [&status](const demo::DemoStatus &now) { status = now; });
    starter.start(small());
    starter.start(small()); // has no effect
    QVERIFY(starter.isStarting());
    QTRY_COMPARE_WITH_TIMEOUT(ready.size() + failed.size(), 1, 60000);
    QCOMPARE(failed.size(), 0);
    QVERIFY(!starter.isStarting());
    QVERIFY(status.running && status.loaded);
    QVERIFY(progress.size() > 3);
    double before = 0;
    for (const QList<QVariant> &one : progress) {
        QVERIFY(!one.at(0).toString().isEmpty());
        QVERIFY(one.at(1).toDouble() >= before && one.at(1).toDouble() <= 1);
        before = one.at(1).toDouble();
    }
    QVERIFY(starter.startedHere());
    pg::ConnectionSpec spec;
    spec.conninfo = status.conninfo;
    QVERIFY(pg::Connection::open(spec).has_value());

    QElapsedTimer timer;
    timer.start();
    starter.stopIfStartedHere();
    qInfo("stopped in %lld ms", static_cast<long long>(timer.elapsed()));
    QVERIFY(timer.elapsed() < 4000);
    QTRY_VERIFY_WITH_TIMEOUT(!demo::status().running, 10000);
    QTRY_VERIFY(!starter.startedHere());
}

void DemoStarterTest::leavesAServerThatRanBefore()
{
    QVERIFY(demo::start({}, {}, small()).has_value());
    DemoStarter starter;
    QSignalSpy ready(&starter, &DemoStarter::ready);
    starter.start(small());
    QVERIFY(ready.wait(30000));
    QVERIFY(!starter.startedHere());
    starter.stopIfStartedHere();
    QVERIFY(demo::status().running);
}

void DemoStarterTest::cancelEndsTheStart()
{
    DemoStarter starter;
    QSignalSpy ready(&starter, &DemoStarter::ready);
    QSignalSpy failed(&starter, &DemoStarter::failed);
    Error error;
    connect(&starter, &DemoStarter::failed, this, [&error](const Error &one) { error = one; });
    demo::DemoOptions large;
    large.scale = 1;
    bool loading = false;
    connect(&starter, &DemoStarter::progress, this, [&loading](const QString &, double fraction) { loading = loading || fraction > 0; });
    starter.start(large);
    QTRY_VERIFY_WITH_TIMEOUT(loading, 60000);
    QElapsedTimer timer;
    timer.start();
    starter.cancel();
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, 20000);
    qInfo("cancelled after %lld ms", static_cast<long long>(timer.elapsed()));
    QCOMPARE(ready.size(), 0);
    QCOMPARE(error.kind, ErrorKind::Cancelled);
    // The server was started here although the shop is not complete.
    QVERIFY(starter.startedHere());
    QVERIFY(!demo::status().loaded);
    starter.stopIfStartedHere();
    QTRY_VERIFY_WITH_TIMEOUT(!demo::status().running, 10000);
}

void DemoStarterTest::destroyedWhileStarting()
{
    QElapsedTimer timer;
    {
        DemoStarter starter;
        starter.start(small());
        QTest::qWait(50);
        timer.start();
    }
    QVERIFY(timer.elapsed() < 3000);
    // What the thread still does ends by itself; reset() in cleanup() waits for its lock.
    QTest::qWait(100);
}

QTEST_GUILESS_MAIN(DemoStarterTest)
#include "tst_demo_starter.moc"
