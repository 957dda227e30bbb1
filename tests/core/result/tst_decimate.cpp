// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/result/decimate.h"
#include "rows.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::result;

class TestDecimate : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void peaksStay()
    {
        std::vector<ChartPoint> points;
        for (int i = 0; i < 1'000'000; ++i)
            points.push_back({static_cast<double>(i), i == 123'456 ? 99.0 : i == 700'001 ? -99.0 : static_cast<double>(i % 7)});
        const auto kept = decimate(points);
        QVERIFY(kept.size() <= most_chart_points && kept.size() > most_chart_points / 2);
        QVERIFY(std::is_sorted(kept.begin(), kept.end(), [](auto &a, auto &b) { return a.x < b.x; }));
        QVERIFY(std::find(kept.begin(), kept.end(), points[123'456]) != kept.end());
        QVERIFY(std::find(kept.begin(), kept.end(), points[700'001]) != kept.end());
        QVERIFY(kept.front() == points.front() && kept.back() == points.back());
        QVERIFY(thinOut(points).size() <= most_chart_points);
        QCOMPARE(decimate({{1, 1}, {2, 2}}).size(), std::size_t{2});
    }
    void guesses()
    {
        const auto guess = [](std::vector<pg::Column> columns, const Values &row) {
            const RowView view = viewOf(std::move(columns), {row, row});
            return guessChart(view, 2);
        };
        const auto series = guess({column("id", int4_oid), column("at", timestamp_oid), column("load", float8_oid)}, {"1", "2024-01-01 00:00:00", "2"});
        QVERIFY(series && series->kind == ChartKind::Line && series->x == 1 && series->y == std::vector<std::size_t>{2});
        const auto names = guess({column("town", text_oid), column("orders", int8_oid)}, {"x", "1"});
        QVERIFY(names && names->kind == ChartKind::Bar && names->x == 0);
        const auto cloud = guess({column("a", float8_oid), column("b", float8_oid)}, {"1", "2"});
        QVERIFY(cloud && cloud->kind == ChartKind::Scatter);
        QVERIFY(!guess({column("a", text_oid)}, {"1"}).has_value());
    }
    void dataOfEachKind()
    {
        const RowView view = viewOf({column("at", date_oid), column("town", text_oid), column("n", int4_oid)},
                                    {{"2024-01-02", "b", "5"}, {"2024-01-01", "a", "3"}, {"2024-01-03", "b", std::nullopt}, {"2024-01-04", std::nullopt, "7"}});
        const auto line = chartData(view, 4, {ChartKind::Line, 0, {2}});
        QCOMPARE(line->axis, ChartAxis::Time);
        QCOMPARE(line->series[0].points.size(), std::size_t{3});
        QCOMPARE(line->series[0].points[0].y, 3.0); // by time
        QCOMPARE(line->rows_left_out, 1);
        const auto bars = chartData(view, 4, {ChartKind::Bar, 1, {2}});
        QCOMPARE(bars->categories, (std::vector<std::string>{"b", "a", "NULL"}));
        QVERIFY(bars->summed);
        QCOMPARE(bars->series[0].points[0].y, 5.0);
        const auto bins = chartData(view, 4, {ChartKind::Histogram, std::nullopt, {2}});
        double rows = 0;
        for (const auto &point : bins->series[0].points)
            rows += point.y;
        QCOMPARE(rows, 3.0);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!chartData(view, 4, {ChartKind::Line, 0, {2}}, stop.get_token()));
    }
};

QTEST_GUILESS_MAIN(TestDecimate)
#include "tst_decimate.moc"
