// SPDX-License-Identifier: GPL-3.0-or-later
// The program itself, in a process of its own: how long it takes to its first paint, and what is left after SIGKILL.
#include <algorithm>
#include <csignal>
#include <random>
#include <vector>

#include <QElapsedTimer>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "core/workspace/buffers.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

constexpr int patience_ms = 20'000;

/// Runs xdotool and gives what it printed.
QString xdo(const QStringList &arguments)
{
    QProcess tool;
    tool.start(QStringLiteral("xdotool"), arguments);
    tool.waitForFinished(patience_ms);
    return QString::fromUtf8(tool.readAllStandardOutput()).trimmed();
}

} // namespace

class TestCrash : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir home_;
    QString home_path_ = home_.path();

    std::unique_ptr<QProcess> start(const QStringList &arguments)
    {
        auto process = std::make_unique<QProcess>();
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("HOWDAH_HOME"), home_path_);
        environment.insert(QStringLiteral("HOWDAH_TIMING"), QStringLiteral("1"));
        process->setProcessEnvironment(environment);
        process->setProcessChannelMode(QProcess::MergedChannels);
        process->start(qEnvironmentVariable("HOWDAH_WINDOW"), arguments);
        return process;
    }

    /// Milliseconds from the begin of the process to the first paint; -1 when it never came.
    static double firstPaint(QProcess &process)
    {
        static const QRegularExpression line(QStringLiteral("first paint (\\d+) ms"));
        QString text;
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < patience_ms) {
            process.waitForReadyRead(200);
            text += QString::fromUtf8(process.readAll());
            if (const auto match = line.match(text); match.hasMatch())
                return match.captured(1).toDouble();
        }
        return -1;
    }

    QString windowOf(const QProcess &process)
    {
        QString id;
        QElapsedTimer timer;
        timer.start();
        while (id.isEmpty() && timer.elapsed() < patience_ms) {
            id = xdo({QStringLiteral("search"), QStringLiteral("--onlyvisible"), QStringLiteral("--pid"),
                      QString::number(process.processId())})
                     .section(QLatin1Char('\n'), -1);
        }
        return id;
    }

    std::vector<workspace::Buffer> kept()
    {
        auto journal = workspace::BufferJournal::open(std::filesystem::path(home_path_.toStdString()) / "data" /
                                                      "buffers.sqlite");
        if (!journal)
            return {};
        return (*journal)->load().value_or(std::vector<workspace::Buffer>{});
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY(home_.isValid()); }
    void init() { home_path_ = home_.path(); }

    void startsQuickly()
    {
        std::vector<double> times;
        for (int i = 0; i < 5; ++i) {
            const auto process = start({});
            times.push_back(firstPaint(*process));
            QVERIFY(times.back() > 0);
            process->terminate();
            process->waitForFinished(patience_ms);
        }
        std::sort(times.begin(), times.end());
        qInfo("first paint after the process began, 5 starts: median %.0f ms, best %.0f ms, worst %.0f ms", times[2],
              times.front(), times.back());
    }

    void sigkillLosesNothingTyped()
    {
        const QString conninfo = QString::fromStdString(test::freshDatabase());
        auto process = start({conninfo});
        QVERIFY(firstPaint(*process) > 0);
        const QString window = windowOf(*process);
        QVERIFY(!window.isEmpty());
        QTest::qWait(1'500); // connected, and an empty page opened for it
        xdo({QStringLiteral("windowfocus"), QStringLiteral("--sync"), window});
        const QString typed = QStringLiteral("create table never_made ");
        xdo({QStringLiteral("type"), QStringLiteral("--delay"), QStringLiteral("5"), typed});
        QTest::qWait(900); // within a second it must be safe
        ::kill(static_cast<pid_t>(process->processId()), SIGKILL);
        QVERIFY(process->waitForFinished(patience_ms));
        const auto buffers = kept();
        QCOMPARE(buffers.size(), std::size_t(1));
        QCOMPARE(QString::fromStdString(buffers[0].text), typed);

        // The text comes back without a connection, and nothing is run.
        process = start({});
        QVERIFY(firstPaint(*process) > 0);
        QVERIFY(!windowOf(*process).isEmpty());
        QTest::qWait(1'000);
        process->terminate();
        process->waitForFinished(patience_ms);
        QCOMPARE(QString::fromStdString(kept().at(0).text), typed);
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo.toStdString();
        auto connection = pg::Connection::open(spec);
        QVERIFY(connection);
        const auto found = (*connection)->query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'howdah' "
                                                "AND pid <> pg_backend_pid()");
        QVERIFY(found);
        QCOMPARE(std::string(found->result->cell(0, 0).text), std::string("0"));
    }

    /// Killed while keys come, again and again, each time going on with the text that came back. HOWDAH_TEST_KILLS=50
    /// for the long run.
    void killedAtRandomMomentsWhileTyping()
    {
        const QTemporaryDir home;
        home_path_ = home.path();
        const int kills = std::max(3, qEnvironmentVariableIntValue("HOWDAH_TEST_KILLS"));
        std::mt19937 random(20'261'125);
        QString all; // what was typed and kept so far
        int worst_lost = 0;
        for (int kill = 0; kill < kills; ++kill) {
            const auto process = start({});
            QVERIFY(firstPaint(*process) > 0);
            const QString window = windowOf(*process);
            QVERIFY(!window.isEmpty());
            QTest::qWait(600);
            xdo({QStringLiteral("windowfocus"), QStringLiteral("--sync"), window});
            if (kill == 0)
                xdo({QStringLiteral("key"), QStringLiteral("ctrl+t")});
            xdo({QStringLiteral("key"), QStringLiteral("ctrl+End")});
            QTest::qWait(200);
            // Moments at which the text had a length.
            std::vector<std::pair<qint64, qsizetype>> typed{{0, all.size()}};
            QString text = all;
            QElapsedTimer clock;
            clock.start();
            const qint64 moment = 300 + static_cast<qint64>(random() % 2500);
            while (clock.elapsed() < moment) {
                const QString piece = QStringLiteral("k%1w%2 ").arg(kill).arg(typed.size());
                xdo({QStringLiteral("type"), QStringLiteral("--delay"), QStringLiteral("15"), piece});
                text += piece;
                typed.emplace_back(clock.elapsed(), text.size());
            }
            const qint64 killed = clock.elapsed();
            ::kill(static_cast<pid_t>(process->processId()), SIGKILL);
            QVERIFY(process->waitForFinished(patience_ms));
            QString found;
            for (const workspace::Buffer &buffer : kept()) {
                if (buffer.text.size() > static_cast<std::size_t>(found.size()))
                    found = QString::fromStdString(buffer.text);
            }
            QVERIFY2(text.startsWith(found), qPrintable(found + QStringLiteral(" | ") + text));
            qsizetype safe = 0;
            for (const auto &[when, size] : typed) {
                if (when <= killed - 1000)
                    safe = std::max(safe, size);
            }
            QVERIFY2(found.size() >= safe, qPrintable(QStringLiteral("kill %1: %2 of %3 characters that were a second old").arg(kill).arg(found.size()).arg(safe)));
            worst_lost = std::max(worst_lost, static_cast<int>(text.size() - found.size()));
            all = found;
        }
        qInfo("%d kills while typing: nothing older than a second was lost; at most %d characters of the last second", kills, worst_lost);
    }

    void theDemoServerStopsWithTheWindow()
    {
        // A server without the shop in it is enough, and takes no minute to fill.
        const auto demo = [this](const QStringList &words) {
            QProcess cli;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert(QStringLiteral("HOWDAH_HOME"), home_.path());
            cli.setProcessEnvironment(environment);
            cli.start(qEnvironmentVariable("HOWDAH_CLI"), QStringList{QStringLiteral("demo")} + words);
            cli.waitForFinished(120'000);
            return QString::fromUtf8(cli.readAllStandardOutput());
        };
        demo({QStringLiteral("start"), QStringLiteral("--scale"), QStringLiteral("0.01")});
        demo({QStringLiteral("stop")});
        const auto process = start({QStringLiteral("--demo")});
        QVERIFY(firstPaint(*process) > 0);
        const auto running = [&demo] {
            return demo({QStringLiteral("status"), QStringLiteral("--json")}).contains(QStringLiteral("\"running\": true"));
        };
        QTRY_VERIFY_WITH_TIMEOUT(running(), patience_ms);
        process->terminate();
        QVERIFY(process->waitForFinished(patience_ms));
        QCOMPARE(process->exitStatus(), QProcess::NormalExit);
        QTRY_VERIFY_WITH_TIMEOUT(!running(), patience_ms);
        demo({QStringLiteral("reset")});
    }

    void passwordsDoNotShowInTheListOfProcesses()
    {
        const auto process = start({QStringLiteral("postgresql://somebody:geheim@127.0.0.1:1/x")});
        QVERIFY(firstPaint(*process) > 0);
        QFile arguments(QStringLiteral("/proc/%1/cmdline").arg(process->processId()));
        QVERIFY(arguments.open(QIODevice::ReadOnly));
        QVERIFY(!arguments.readAll().contains("geheim"));
        process->terminate();
        process->waitForFinished(patience_ms);
    }
};

QTEST_GUILESS_MAIN(TestCrash)
#include "tst_crash.moc"
