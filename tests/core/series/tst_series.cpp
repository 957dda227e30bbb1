// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <mutex>

#include <QtTest>

#include "core/series/probe.h"
#include "core/series/sampler.h"
#include "core/series/series_store.h"
#include "core/series/time_series.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::series;

namespace {

Probe clockProbe(const char *expression = "pg_backend_pid()")
{
    Probe probe;
    probe.name = "one";
    probe.columns = {{"pid", expression, ColumnKind::Gauge},
                     {"transactions", "sum(xact_commit)", ColumnKind::Counter},
                     {"modern", {{"'from 14'", 14, 0}}},
                     {"renamed", {{"'old'", 0, 16}, {"'new'", 17, 0}}}};
    probe.from = {{"FROM pg_stat_database", 0, 0}};
    return probe;
}

/// What a sampler has told, for a test to wait for.
class Told
{
public:
    Sampler::Observer observer()
    {
        return {[this](const std::shared_ptr<const Sample> &sample) {
                    const std::lock_guard lock(mutex_);
                    samples_.push_back(sample);
                    changed_.notify_all();
                },
                [this](SamplerState state, const Error &error) {
                    const std::lock_guard lock(mutex_);
                    states_.push_back(state);
                    why_ = error.message;
                    changed_.notify_all();
                }};
    }
    bool waitForSamples(std::size_t count, int seconds = 10)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(seconds), [&] { return samples_.size() >= count; });
    }
    bool waitForState(SamplerState state, int seconds = 10)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(seconds), [&] { return !states_.empty() && states_.back() == state; });
    }
    std::vector<std::shared_ptr<const Sample>> samples()
    {
        const std::lock_guard lock(mutex_);
        return samples_;
    }
    std::string why()
    {
        const std::lock_guard lock(mutex_);
        return why_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::shared_ptr<const Sample>> samples_;
    std::vector<SamplerState> states_;
    std::string why_;
};

std::shared_ptr<pg::Session> sessionOn(const std::string &conninfo)
{
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    return std::make_shared<pg::Session>(spec);
}

} // namespace

class TestSeries : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void decimationKeepsPeaksAndGaps()
    {
        std::vector<Point> points;
        for (int i = 0; i < 10'000; ++i)
            points.push_back({i * 1000, 10.0 + i % 3});
        points[4321].value = 900;
        points[7777].value = -5;
        for (int i = 5000; i < 5200; ++i)
            points[static_cast<std::size_t>(i)].value = no_value;
        const auto kept = decimate(points, 200);
        QVERIFY2(kept.size() <= 203, std::to_string(kept.size()).c_str());
        const auto holds = [&kept](double value) {
            return std::any_of(kept.begin(), kept.end(), [value](const Point &point) { return point.value == value; });
        };
        QVERIFY(holds(900));
        QVERIFY(holds(-5));
        QVERIFY(std::any_of(kept.begin(), kept.end(), [](const Point &point) { return point.isGap(); }));
        QVERIFY(std::is_sorted(kept.begin(), kept.end(), [](const Point &a, const Point &b) { return a.time_ms < b.time_ms; }));
        QCOMPARE(kept.back().time_ms, points.back().time_ms);
        QCOMPARE(decimate({{1, 2.0}, {2, 3.0}}, 200).size(), 2U);
    }

    void seriesForgetsTheOldestAndKeepsTheDayInCoarse()
    {
        TimeSeries series({100, 10'000, 50});
        for (int second = 0; second < 400; ++second)
            series.add(second * 1000, second == 123 ? 999 : second % 10);
        QCOMPARE(series.size(), 100U);
        QCOMPARE(series.last()->time_ms, TimeMs{399'000});
        // The peak is older than the fine points; the coarse ones still have it.
        const auto all = series.window(0, 400'000, 1000);
        QVERIFY(std::any_of(all.begin(), all.end(), [](const Point &point) { return point.value == 999 && point.time_ms == 123'000; }));
        QVERIFY(std::is_sorted(all.begin(), all.end(), [](const Point &a, const Point &b) { return a.time_ms < b.time_ms; }));
        QCOMPARE(all.front().time_ms, TimeMs{0});
        const auto recent = series.window(390'000, 400'000, 1000);
        QCOMPARE(recent.front().time_ms, TimeMs{389'000}); // one before, to draw from
        QCOMPARE(recent.size(), 11U);
        // Ten thousand more do not make it grow.
        for (int second = 400; second < 10'400; ++second)
            series.add(second * 1000, 1);
        QCOMPARE(series.size(), 100U);
        QVERIFY(series.window(0, 20'000'000, 100'000).size() <= 200);
    }

    void timeNeverRunsBackwards()
    {
        TimeSeries series;
        series.add(5000, 1);
        series.add(3000, 2);
        QCOMPARE(series.last()->time_ms, TimeMs{5000});
        QCOMPARE(series.last()->value, 2.0);
    }

    void slopeIsOfTheSpanAndEndsAtAGap()
    {
        TimeSeries series;
        series.add(0, 0);
        QVERIFY(!series.slope(30'000));
        for (int second = 1; second <= 60; ++second)
            series.add(second * 1000, second <= 30 ? second : 30 + (second - 30) * 5);
        QCOMPARE(*series.slope(30'000), 5.0);
        series.addGap(61'000);
        QVERIFY(!series.slope(30'000));
        series.add(62'000, 500);
        QVERIFY(!series.slope(30'000));
        series.add(63'000, 507);
        QCOMPARE(*series.slope(30'000), 7.0);
    }

    void countersBecomeRatesAndResetsAGap()
    {
        CounterRate rate;
        QVERIFY(!rate.next(1000, 500));
        QCOMPARE(*rate.next(3000, 700), 100.0);
        QCOMPARE(*rate.next(4000, 700), 0.0);
        QVERIFY(!rate.next(5000, 20)); // pg_stat_reset()
        QCOMPARE(*rate.next(6000, 30), 10.0);
        rate.forget();
        QVERIFY(!rate.next(7000, 40));
        SeriesStore store;
        store.addRate("x", 1000, 10);
        store.addRate("x", 2000, 20);
        QCOMPARE(store.last("x"), 10.0);
        store.interrupt(3000);
        QVERIFY(std::isnan(store.last("x")));
        store.addRate("x", 4000, 90'000);
        QVERIFY(std::isnan(store.last("x")));
        QVERIFY(std::isnan(store.last("unknown")));
    }

    void storeIsBounded()
    {
        SeriesStore store({10, 1000, 10}, 20);
        for (int i = 0; i < 500; ++i)
            store.add("short-lived " + std::to_string(i), i, 1);
        QCOMPARE(store.names().size(), 20U);
        QCOMPARE(store.last("short-lived 499"), 1.0);
    }

    void probesBindToTheVersion()
    {
        const Probe probe = clockProbe();
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const auto outcome = connection->query(sqlOf(probe, major));
            QVERIFY2(outcome, outcome ? "" : outcome.error().text().c_str());
            const ProbeRows rows(outcome->result, 1);
            QCOMPARE(rows.size(), 1U);
            QCOMPARE(rows.integer(0, "pid"), std::int64_t{connection->facts().backend_pid});
            QCOMPARE(rows.string(0, "modern"), std::string(major >= 14 ? "from 14" : ""));
            QCOMPARE(rows.string(0, "renamed"), std::string(major >= 17 ? "new" : "old"));
            QVERIFY(!rows.text(0, "no such column"));
            QVERIFY(rows.serverMs() > 0);
        }
        Probe modern = probe;
        modern.from = {{"FROM pg_stat_database", 18, 0}};
        QCOMPARE(sqlOf(modern, 17), std::string());
        QVERIFY(!sqlOf(modern, 18).empty());
    }

    void rowsAreLimitedAndSaySo()
    {
        const auto connection = test::freshConnection();
        Probe probe;
        probe.name = "many";
        probe.key = "n";
        probe.max_rows = 5;
        probe.columns = {{"n", "n"}, {"twice", "n * 2", ColumnKind::Gauge}};
        probe.from = {{"FROM generate_series(1, 100000) n", 0, 0}};
        const auto store = std::make_shared<SeriesStore>();
        ProbeRound round({probe}, store);
        const auto sample = round.run(*connection);
        QVERIFY(sample);
        QCOMPARE((*sample)->rows.at("many").size(), 5U);
        QVERIFY((*sample)->rows.at("many").more());
        QCOMPARE(store->last("many.twice[3]"), 6.0);
        QVERIFY(std::isnan(store->last("many.twice[6]")));
    }

    /// A costly probe is asked less often, one that the server refuses is left out, and the others go on.
    void costlyAndRefusedProbesDoNotHurtTheOthers()
    {
        const auto connection = test::freshConnection();
        Probe costly = clockProbe();
        costly.name = "costly";
        costly.columns = {{"slept", "pg_sleep(0.2)"}};
        costly.from = {{"FROM (SELECT) x", 0, 0}};
        Probe wrong = clockProbe("no_such_function()");
        wrong.name = "wrong";
        const auto store = std::make_shared<SeriesStore>();
        ProbeRound round({costly, wrong, clockProbe()}, store);
        const auto first = round.run(*connection);
        QVERIFY(first);
        QVERIFY((*first)->server_ms >= 200);
        QCOMPARE((*first)->refused.at("wrong").sqlstate, std::string("42883"));
        QCOMPARE((*first)->rows.at("one").size(), 1U);
        const auto second = round.run(*connection);
        QVERIFY(second);
        QVERIFY2((*second)->server_ms < 100, std::to_string((*second)->server_ms).c_str());
        QCOMPARE((*second)->rows.at("costly").size(), 1U); // as it was before
    }

    void samplesOnlyWhileSomebodyLooks()
    {
        const std::string conninfo = test::freshDatabase();
        Sampler sampler(sessionOn(conninfo), {clockProbe()});
        sampler.setTick(std::chrono::milliseconds(10));
        QCOMPARE(sampler.tick().count(), 1000); // no faster than once a second
        sampler.setTick(std::chrono::hours(1));
        QCOMPARE(sampler.tick().count(), 10'000);
        sampler.setTick(std::chrono::seconds(1));
        QTest::qWait(300);
        QVERIFY(sampler.series()->names().empty());
        QCOMPARE(sampler.state(), SamplerState::Stopped);
        Told told;
        auto watch = sampler.observe(told.observer());
        QVERIFY(told.waitForSamples(3));
        QCOMPARE(sampler.state(), SamplerState::Live);
        QVERIFY(std::isfinite(sampler.series()->last("one.transactions")));
        watch.reset();
        const std::size_t count = told.samples().size();
        QTRY_COMPARE_WITH_TIMEOUT(sampler.state(), SamplerState::Stopped, 3000);
        QTest::qWait(1500);
        QCOMPARE(told.samples().size(), count);
        watch = sampler.observe(told.observer());
        QVERIFY(told.waitForSamples(count + 1));
    }

    void saysWithinTwoTicksThatTheConnectionIsLostAndComesBack()
    {
        const std::string conninfo = test::freshDatabase();
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto killer = pg::Connection::open(spec);
        QVERIFY(killer);
        Sampler sampler(sessionOn(conninfo), {clockProbe()});
        sampler.setTick(std::chrono::seconds(1));
        Told told;
        const auto watch = sampler.observe(told.observer());
        QVERIFY(told.waitForSamples(2));
        const std::string pid = told.samples().back()->rows.at("one").string(0, "pid");
        QVERIFY((*killer)->query("SELECT pg_terminate_backend(" + pid + ")"));
        QElapsedTimer timer;
        timer.start();
        QVERIFY(told.waitForState(SamplerState::Lost, 3));
        QVERIFY2(timer.elapsed() <= 2100, std::to_string(timer.elapsed()).c_str());
        QVERIFY(!told.why().empty());
        const std::size_t before = told.samples().size();
        QVERIFY(told.waitForState(SamplerState::Live, 5));
        QVERIFY(told.waitForSamples(before + 2));
        QVERIFY(told.samples().back()->rows.at("one").string(0, "pid") != pid);
        // The line is broken where nothing was known.
        const auto points = sampler.series()->window("one.pid", 0, INT64_MAX, 1000);
        QVERIFY(std::any_of(points.begin(), points.end(), [](const Point &point) { return point.isGap(); }));
    }

    void queuesNoTicksBehindASlowOne()
    {
        const std::string conninfo = test::freshDatabase();
        Probe slow = clockProbe();
        slow.name = "slow";
        slow.columns = {{"slept", "pg_sleep(3.4)"}, {"at", "clock_timestamp()"}};
        slow.from = {{"FROM (SELECT) x", 0, 0}};
        Sampler sampler(sessionOn(conninfo), {slow});
        sampler.setTick(std::chrono::seconds(1));
        Told told;
        const auto watch = sampler.observe(told.observer());
        QVERIFY(told.waitForState(SamplerState::Slow, 4));
        QVERIFY(told.waitForState(SamplerState::Live, 4));
        QVERIFY(sampler.skippedTicks() >= 2);
        QVERIFY(told.waitForSamples(1));
        // The next round does not ask the costly probe again at once, and no tick was kept for later.
        QVERIFY(told.waitForSamples(2, 3));
        QTest::qWait(500);
        QVERIFY(told.samples().size() <= 3);
    }

    void canBeDestroyedWhileARoundIsOut()
    {
        const std::string conninfo = test::freshDatabase();
        Probe slow = clockProbe("pg_sleep(60)::text");
        slow.from = {{"FROM pg_stat_database", 0, 0}};
        Told told;
        QElapsedTimer timer;
        {
            Sampler sampler(sessionOn(conninfo), {slow});
            const auto watch = sampler.observe(told.observer());
            QTest::qWait(400);
            timer.start();
        }
        QVERIFY(timer.elapsed() < 2000);
        QVERIFY(told.samples().empty());
    }
};

QTEST_GUILESS_MAIN(TestSeries)
#include "tst_series.moc"
