// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <csignal>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "core/plan/history.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

HistoryEntry entry(const std::string &statement, std::uint64_t shape, std::int64_t at_ms)
{
    HistoryEntry made;
    made.statement = statement;
    made.shape = shape;
    made.at_ms = at_ms;
    made.server = "db:5432/shop";
    made.server_version = 180000;
    made.execution_ms = static_cast<double>(at_ms) / 2;
    made.source = "[]";
    return made;
}

/// A process of its own that records `count` runs and says so after each; never returns.
[[noreturn]] void recordAndTell(const std::filesystem::path &file, int count, int tell)
{
    auto history = History::open(file);
    if (!history)
        _exit(1);
    for (int i = 0; i < count; ++i) {
        if (!(*history)->record(entry("SELECT " + std::to_string(getpid()), 1, i + 1)))
            _exit(2);
        if (write(tell, "x", 1) != 1)
            _exit(3);
    }
    _exit(0);
}

} // namespace

class TestHistory : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsRuns()
    {
        auto history = open("keep");
        const std::string first = historyFingerprint("SELECT * FROM t WHERE a = 1");
        QCOMPARE(first, historyFingerprint("select *  from t where a = 22"));
        QVERIFY(first != historyFingerprint("SELECT * FROM t WHERE b = 1"));
        HistoryEntry rich = entry("SELECT * FROM t WHERE a = 1", 0xFEDCBA9876543210U, 10);
        rich.parameters = {"'a ''b'''", "NULL"};
        rich.planning_ms = 0.25;
        rich.total_cost = 12.5;
        rich.source = "größer\n";
        QVERIFY(history->record(rich).has_value());
        HistoryEntry planned = entry("SELECT * FROM t WHERE a = 2", 7, 20);
        planned.execution_ms.reset();
        QVERIFY(history->record(planned).has_value());
        const auto runs = history->entries(first);
        QVERIFY(runs.has_value());
        QCOMPARE(runs->size(), std::size_t{2});
        QCOMPARE(runs->front().shape, std::uint64_t{7});
        QVERIFY(!runs->front().execution_ms && runs->front().flip);
        const HistoryEntry &back = runs->back();
        QCOMPARE(back.shape, rich.shape);
        QVERIFY(back.parameters == rich.parameters && back.source == rich.source && back.statement == rich.statement && back.server == rich.server);
        QVERIFY(back.execution_ms == rich.execution_ms && back.planning_ms == rich.planning_ms && back.total_cost == 12.5 && back.server_version == 180000);
        QVERIFY(!back.flip);
        QVERIFY(history->remove(first).has_value());
        QVERIFY(history->entries(first)->empty());
    }

    void fingerprintsWhatDoesNotParse()
    {
        const std::string odd = historyFingerprint("SELECT FROM  FROM $$");
        QCOMPARE(odd.size(), std::size_t{16});
        QCOMPARE(odd, historyFingerprint(" SELECT FROM\nFROM $$"));
        QVERIFY(odd != historyFingerprint("SELECT FROM FROM"));
    }

    void marksFlips()
    {
        auto history = open("flips");
        std::int64_t at = 0;
        for (const std::uint64_t shape : {1U, 1U, 2U, 2U, 1U})
            QVERIFY(history->record(entry("SELECT 1", shape, ++at)).has_value());
        HistoryEntry elsewhere = entry("SELECT 1", 9, ++at);
        elsewhere.server = "other:5432/shop";
        QVERIFY(history->record(elsewhere).has_value());
        const auto flips = history->flips(historyFingerprint("SELECT 2"));
        QVERIFY(flips.has_value());
        QCOMPARE(flips->size(), std::size_t{2});
        QCOMPARE(flips->front().at_ms, std::int64_t{5});
        QCOMPARE(flips->back().at_ms, std::int64_t{3});
        const auto queries = history->queries();
        QVERIFY(queries.has_value());
        QCOMPARE(queries->size(), std::size_t{1});
        const HistoryQuery &query = queries->front();
        QCOMPARE(query.runs, std::int64_t{6});
        QCOMPARE(query.shapes, std::int64_t{3});
        QCOMPARE(query.flips, std::int64_t{2});
        QVERIFY(query.best_execution_ms == 0.5 && query.worst_execution_ms == 3.0 && query.last_execution_ms == 3.0);
    }

    void exportsAndImports()
    {
        auto history = open("export");
        for (int i = 1; i <= 5; ++i)
            QVERIFY(history->record(entry("SELECT a FROM t" + std::to_string(i % 2), 0xFFFFFFFFFFFFFFF0U + static_cast<unsigned>(i), i)).has_value());
        const auto document = history->exportJson();
        QVERIFY(document.has_value());
        auto other = open("import");
        QCOMPARE(other->importJson(*document).value_or(-1), std::int64_t{5});
        QCOMPARE(other->importJson(*document).value_or(-1), std::int64_t{0});
        QCOMPARE(*other->exportJson(), *document);
        for (const char *wrong : {"", "[]", "{\"howdah_plan_history\":1}", "{\"howdah_plan_history\":1,\"entries\":[{\"statement\":\"SELECT 1\"}]}",
                                  "{\"howdah_plan_history\":1,\"entries\":[{\"statement\":\"x\",\"shape\":\"zz\",\"at_ms\":1}]}",
                                  "{\"howdah_plan_history\":1,\"entries\":[{\"statement\":\"x\",\"shape\":\"1\",\"at_ms\":1e300}]}"}) {
            const auto refused = other->importJson(wrong);
            QVERIFY2(!refused && refused.error().kind == ErrorKind::Parse, wrong);
        }
        QCOMPARE(*other->exportJson(), *document);
    }

    void staysSmall()
    {
        HistoryLimits limits;
        limits.runs_per_query = 10;
        limits.total_bytes = 100'000;
        limits.source_bytes = 20'000;
        auto history = open("small", limits);
        for (int i = 1; i <= 25; ++i)
            QVERIFY(history->record(entry("SELECT 1", 1, i)).has_value());
        const auto runs = history->entries(historyFingerprint("SELECT 1"));
        QCOMPARE(runs->size(), std::size_t{10});
        QCOMPARE(runs->front().at_ms, std::int64_t{25});
        QCOMPARE(runs->back().at_ms, std::int64_t{16});
        for (int i = 1; i <= 200; ++i) {
            HistoryEntry large = entry("SELECT c" + std::to_string(i) + " FROM t", 1, 100 + i);
            large.source = std::string(15'000, 'x');
            QVERIFY(history->record(large).has_value());
        }
        QCOMPARE(history->queries()->size(), std::size_t{6});
        QVERIFY(std::filesystem::file_size(file("small")) < 400'000);
        HistoryEntry huge = entry("SELECT huge", 1, 1000);
        huge.source = std::string(30'000, 'x');
        QVERIFY(history->record(huge).has_value());
        const auto kept = history->entries(historyFingerprint("SELECT huge"));
        QVERIFY(kept->size() == 1 && kept->front().source.empty());
    }

    void outlivesAKill()
    {
        int ends[2];
        QCOMPARE(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0)
            recordAndTell(file("kill"), 1'000'000, ends[1]);
        ::close(ends[1]);
        std::size_t told = 0;
        char piece[64];
        for (ssize_t more = 1; told < 200 && (more = read(ends[0], piece, sizeof piece)) > 0;)
            told += static_cast<std::size_t>(more);
        ::kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        QVERIFY(told >= 200 && WIFSIGNALED(status));
        for (ssize_t more = 0; (more = read(ends[0], piece, sizeof piece)) > 0;)
            told += static_cast<std::size_t>(more);
        ::close(ends[0]);
        HistoryLimits limits;
        auto history = open("kill", limits);
        const auto queries = history->queries();
        QVERIFY(queries.has_value());
        QCOMPARE(queries->size(), std::size_t{1});
        const auto expected = std::min(static_cast<std::int64_t>(told), limits.runs_per_query);
        const std::int64_t runs = queries->front().runs;
        QVERIFY2(runs == expected || runs == expected + 1, std::to_string(runs).c_str());
        QVERIFY(history->record(entry("SELECT 1", 1, 1)).has_value());
    }

    void takesTwoProcesses()
    {
        int ends[2];
        QCOMPARE(pipe(ends), 0);
        std::vector<pid_t> children;
        for (int i = 0; i < 3; ++i) {
            children.push_back(fork());
            if (children.back() == 0)
                recordAndTell(file("two"), 150, ends[1]);
        }
        for (const pid_t child : children) {
            int status = 0;
            waitpid(child, &status, 0);
            QVERIFY(WIFEXITED(status));
            QCOMPARE(WEXITSTATUS(status), 0);
        }
        ::close(ends[0]);
        ::close(ends[1]);
        // All the statements differ in a constant alone.
        QCOMPARE(open("two")->queries()->front().runs, std::int64_t{450});
    }

    void leavesOtherFilesAlone()
    {
        { auto made = open("later"); }
        sqlite3 *database = nullptr;
        QCOMPARE(sqlite3_open(file("later").c_str(), &database), SQLITE_OK);
        sqlite3_exec(database, "PRAGMA user_version = 99", nullptr, nullptr, nullptr);
        sqlite3_close(database);
        const auto later = History::open(file("later"));
        QVERIFY(!later && later.error().kind == ErrorKind::Unsupported);
        QFile text(QString::fromStdString(file("text").string()));
        QVERIFY(text.open(QIODevice::WriteOnly) && text.write(QByteArray(5000, 'x')) == 5000);
        text.close();
        const auto refused = History::open(file("text"));
        QVERIFY(!refused && refused.error().kind == ErrorKind::Io);
        QCOMPARE(text.size(), qint64{5000});
        QVERIFY(!History::open("/proc/none/plans.sqlite"));
        struct stat facts {};
        auto mine = open("mode");
        QCOMPARE(::stat(file("mode").c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777U, 0600U);
    }

private:
    std::filesystem::path file(const char *name) const { return (folder_.path().toStdString() + "/") + name; }
    std::unique_ptr<History> open(const char *name, const HistoryLimits &limits = {}) const
    {
        auto opened = History::open(file(name), limits);
        if (!opened)
            qFatal("%s", opened.error().text().c_str());
        return std::move(*opened);
    }
    QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TestHistory)
#include "tst_history.moc"
