// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <cmath>

#include "core/result/column_statistics.h"
#include "core/result/filter_rows.h"
#include "rows.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::result;

namespace {

ColumnStatistics of(std::uint32_t oid, const std::vector<std::optional<std::string>> &values, StatisticsBounds bounds = {})
{
    std::vector<Values> rows;
    for (const auto &value : values)
        rows.push_back({value});
    const RowView view = viewOf({column("c", oid)}, rows);
    return *columnStatistics(view, view.rowCount(), 0, {}, bounds);
}

} // namespace

class TestColumnStatistics : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void numbers()
    {
        const auto s = of(numeric_oid, {"10", "9", std::nullopt, "9", "-2.50", "NaN", "1000"});
        QCOMPARE(s.rows, 7);
        QCOMPARE(s.nulls, 1);
        QCOMPARE(s.distinct, 5);
        QVERIFY(s.distinct_exact);
        QCOMPARE(*s.lowest, "-2.50");
        QCOMPARE(*s.highest, "1000");
        QCOMPARE(s.numbers, 5);
        QCOMPARE(static_cast<double>(s.sum), 1025.5);
        QCOMPARE(static_cast<double>(s.mean), 205.1);
        QCOMPARE(s.decimals, 2);
        QCOMPARE(s.frequent[0].value, "9");
        QCOMPARE(s.frequent[0].rows, 2);
        std::int64_t in_bins = 0;
        for (const auto &bin : s.histogram)
            in_bins += bin.rows;
        QCOMPARE(in_bins, 5);
    }
    void deviationOfLargeNumbers()
    {
        const auto s = of(int8_oid, {"1000000000001", "1000000000002", "1000000000003"});
        QVERIFY(std::fabs(static_cast<double>(s.deviation) - std::sqrt(2.0 / 3)) < 1e-9);
    }
    void textsAndNothing()
    {
        const auto s = of(text_oid, {"b", "äöü", "b", ""});
        QCOMPARE(s.distinct, 3);
        QCOMPARE(s.shortest, 0);
        QCOMPARE(s.longest, 3);
        QVERIFY(s.histogram.empty());
        const auto none = of(int4_oid, {std::nullopt, std::nullopt});
        QCOMPARE(none.distinct, 0);
        QVERIFY(!none.lowest.has_value());
        QCOMPARE(of(int4_oid, {}).rows, 0);
    }
    /// Each bin's ends are operands that find exactly its rows.
    void binsAreFilters_data()
    {
        QTest::addColumn<quint32>("oid");
        QTest::addColumn<QStringList>("values");
        QStringList ints, stamps, dates;
        for (int i = 0; i < 500; ++i) {
            ints << QString::number(i * i % 977 - 300);
            stamps << QStringLiteral("2023-%1-%2 %3:15:00").arg(i % 12 + 1, 2, 10, QLatin1Char('0')).arg(i % 28 + 1, 2, 10, QLatin1Char('0')).arg(i % 24, 2, 10, QLatin1Char('0'));
            dates << QStringLiteral("20%1-02-28").arg(i % 90 + 10);
        }
        QTest::newRow("int") << int4_oid << ints;
        QTest::newRow("timestamp") << timestamp_oid << stamps;
        QTest::newRow("date") << date_oid << dates;
    }
    void binsAreFilters()
    {
        QFETCH(quint32, oid);
        QFETCH(QStringList, values);
        std::vector<Values> rows;
        for (const QString &value : values)
            rows.push_back({value.toStdString()});
        const RowView view = viewOf({column("c", oid)}, rows);
        const auto s = *columnStatistics(view, view.rowCount(), 0);
        QVERIFY(s.histogram.size() > 5);
        QVERIFY(s.histogram.size() <= 26);
        std::int64_t sum = 0;
        for (const auto &bin : s.histogram) {
            std::vector<Condition> conditions{{0, FilterOp::GreaterOrEqual, {bin.from_text}, false}, {0, FilterOp::Less, {bin.to_text}, false}};
            const auto filter = RowFilter::make(conditions, view.source->columns());
            QVERIFY2(filter.has_value(), bin.from_text.c_str());
            QCOMPARE(filterRows(view, view.rowCount(), *filter)->size(), bin.rows);
            sum += bin.rows;
        }
        QCOMPARE(sum, 500);
    }
    void manyValuesAreEstimated()
    {
        std::vector<std::optional<std::string>> values;
        for (int i = 0; i < 60'000; ++i)
            values.push_back("value " + std::to_string(i % 3 == 0 ? -1 : i));
        StatisticsBounds bounds;
        bounds.distinct = 2'000;
        const auto s = of(text_oid, values, bounds);
        QVERIFY(!s.distinct_exact);
        QVERIFY2(std::abs(s.distinct - 40'001) < 1'600, std::to_string(s.distinct).c_str());
        QCOMPARE(s.frequent[0].value, "value -1");
        QVERIFY(s.frequent[0].rows <= 20'000 && s.frequent[0].rows + s.frequent_error >= 20'000);
        QVERIFY(s.frequent_error < 1'000);
    }
    void stops()
    {
        std::stop_source stop;
        stop.request_stop();
        const RowView view = viewOf({column("c", int4_oid)}, {{"1"}});
        QVERIFY(!columnStatistics(view, 1, 0, stop.get_token()));
    }
};

QTEST_GUILESS_MAIN(TestColumnStatistics)
#include "tst_column_statistics.moc"
