// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <numeric>

#include "core/result/filter_rows.h"
#include "core/result/sort_rows.h"
#include "rows.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::result;
using enum howdah::result::FilterOp;

namespace {

/// The rows of one column that match, by number.
std::vector<int> kept(std::uint32_t oid, const std::vector<std::optional<std::string>> &values, FilterOp op, std::string_view typed, bool match_case = false)
{
    std::vector<Values> rows;
    for (const auto &value : values)
        rows.push_back({value});
    const RowView view = viewOf({column("c", oid)}, rows);
    const auto condition = conditionFrom(0, op, typed, match_case);
    if (!condition)
        return {-1};
    const auto filter = RowFilter::make({*condition}, view.source->columns());
    if (!filter)
        return {-2};
    const auto order = filterRows(view, view.rowCount(), *filter);
    std::vector<int> found;
    for (std::int64_t i = 0; i < order->size(); ++i)
        found.push_back(static_cast<int>((*order)[i]));
    return found;
}

using V = std::vector<int>;

} // namespace

class TestFilterRows : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void numbersByValue()
    {
        const std::vector<std::optional<std::string>> values{"9", "10", std::nullopt, "-3", "100"};
        QCOMPARE(kept(int4_oid, values, Less, "10"), (V{0, 3}));
        QCOMPARE(kept(int4_oid, values, Less, "9.5"), (V{0, 3}));
        QCOMPARE(kept(int4_oid, values, GreaterOrEqual, "10"), (V{1, 4}));
        QCOMPARE(kept(int4_oid, values, Between, "-3 .. 10"), (V{0, 1, 3}));
        QCOMPARE(kept(int4_oid, values, Between, "-3 and 9"), (V{0, 3}));
        QCOMPARE(kept(int4_oid, values, In, "100, 9"), (V{0, 4}));
        QCOMPARE(kept(int4_oid, values, Equal, "ten"), (V{-2}));
        QCOMPARE(kept(int4_oid, values, Between, "10"), (V{-1}));
    }
    void nullIsNoValue()
    {
        const std::vector<std::optional<std::string>> values{"a", std::nullopt, "", "b"};
        QCOMPARE(kept(text_oid, values, Null, ""), (V{1}));
        QCOMPARE(kept(text_oid, values, NotNull, ""), (V{0, 2, 3}));
        QCOMPARE(kept(text_oid, values, Equal, ""), (V{2}));
        QCOMPARE(kept(text_oid, values, NotEqual, "a"), (V{1, 2, 3}));
        QCOMPARE(kept(text_oid, values, NotIn, "a, b"), (V{1, 2}));
        QCOMPARE(kept(text_oid, values, Less, "b"), (V{0, 2}));
    }
    void exactDecimals()
    {
        const std::vector<std::optional<std::string>> values{"12345678901234567890.1", "12345678901234567890.2", "1.10", "1.1", "NaN"};
        QCOMPARE(kept(numeric_oid, values, Equal, "12345678901234567890.2"), (V{1}));
        QCOMPARE(kept(numeric_oid, values, Less, "12345678901234567890.2"), (V{0, 2, 3}));
        QCOMPARE(kept(numeric_oid, values, Equal, "1.1"), (V{2, 3}));
        QCOMPARE(kept(numeric_oid, values, In, "12345678901234567890.1, 1.1"), (V{0, 2, 3}));
        QCOMPARE(kept(money_oid, {"$1,234.50", "-$2.00"}, Greater, "1000"), (V{0}));
    }
    void momentsAndDays()
    {
        const std::vector<std::optional<std::string>> values{"2024-04-30 23:59:59", "2024-05-01 00:00:00", "2024-05-01 18:30:00.5", "2024-06-02 00:00:00", "infinity"};
        QCOMPARE(kept(timestamp_oid, values, Equal, "2024-05-01"), (V{1, 2}));
        QCOMPARE(kept(timestamp_oid, values, Equal, "2024-05"), (V{1, 2}));
        QCOMPARE(kept(timestamp_oid, values, Equal, "2024"), (V{0, 1, 2, 3}));
        QCOMPARE(kept(timestamp_oid, values, Less, "2024-05-01"), (V{0}));
        QCOMPARE(kept(timestamp_oid, values, Greater, "2024-05-01"), (V{3, 4}));
        QCOMPARE(kept(timestamp_oid, values, GreaterOrEqual, "2024-05-01 18:30:00.5"), (V{2, 3, 4}));
        QCOMPARE(kept(timestamp_oid, values, Between, "2024-05-01 .. 2024-06-02"), (V{1, 2, 3}));
        QCOMPARE(kept(timestamp_oid, values, Equal, "soon"), (V{-2}));
    }
    void zonesAsShownOrAsTold()
    {
        const std::vector<std::optional<std::string>> values{"2024-05-01 09:00:00+02", "2024-05-01 09:00:00+05:30", "2024-05-01 07:00:00+00"};
        QCOMPARE(kept(timestamptz_oid, values, Equal, "2024-05-01 09:00"), (V{0, 1}));
        QCOMPARE(kept(timestamptz_oid, values, Equal, "2024-05-01 07:00:00+00"), (V{0, 2}));
    }
    void texts()
    {
        const std::vector<std::optional<std::string>> values{"Ärger", "ärgerlich", "Zorn", "a,b", "o'clock"};
        QCOMPARE(kept(text_oid, values, Contains, "ÄRGER"), (V{0, 1}));
        QCOMPARE(kept(text_oid, values, Contains, "Är", true), (V{0}));
        QCOMPARE(kept(text_oid, values, NotContains, "r"), (V{3, 4}));
        QCOMPARE(kept(text_oid, values, In, "'a,b', 'o''clock'"), (V{3, 4}));
        QCOMPARE(kept(bool_oid, {"t", "f", std::nullopt}, Equal, "true"), (V{0}));
        QCOMPARE(kept(bool_oid, {"t", "f", std::nullopt}, NotEqual, "yes"), (V{1, 2}));
    }
    void patterns()
    {
        const std::vector<std::optional<std::string>> values{"A-12", "b-7", "Ünder", "x\ny", std::nullopt, std::string("nul\0nul", 7)};
        QCOMPARE(kept(text_oid, values, Regex, "^[a-z]-\\d+$"), (V{0, 1}));
        QCOMPARE(kept(text_oid, values, Regex, "^[a-z]-\\d+$", true), (V{1}));
        QCOMPARE(kept(text_oid, values, Regex, "^ü.der$"), (V{2}));
        QCOMPARE(kept(text_oid, values, NotRegex, "-"), (V{2, 3, 4, 5}));
        QCOMPARE(kept(text_oid, values, Regex, "("), (V{-2}));
        QCOMPARE(kept(text_oid, values, Regex, "(a)\\1"), (V{-2}));
        QCOMPARE(kept(text_oid, values, Regex, "((a{100}){100}){100}"), (V{-2}));
    }
    void operandsComeBack()
    {
        for (const auto &[op, typed] : std::vector<std::pair<FilterOp, std::string>>{{Between, "1 .. 5"}, {In, "a, 'b, c', ' d', ''"}, {Contains, " x"}}) {
            const auto made = conditionFrom(0, op, typed);
            QVERIFY(made.has_value());
            QCOMPARE(operandText(*made), typed);
            QCOMPARE(conditionFrom(0, op, operandText(*made))->values, made->values);
        }
    }
    void composesWithSortingAndGrows()
    {
        std::vector<Values> rows;
        for (int i = 0; i < 5'000; ++i)
            rows.push_back({std::to_string(i * 7919 % 5'003)});
        const RowView view = viewOf({column("c", int4_oid)}, rows);
        const auto filter = RowFilter::make({{0, Less, {"100"}, false}, {0, NotEqual, {"50"}, false}}, view.source->columns());
        QVERIFY(filter.has_value());
        const auto sorted = sortRows(*view.source, view.rowCount(), {0, true});
        const RowView shown{view.source, filterRows({view.source, sorted}, view.rowCount(), *filter)};
        QVERIFY(shown.rowCount() > 90);
        for (std::int64_t i = 0; i < shown.rowCount(); ++i) {
            const int value = std::stoi(std::string(shown.cell(i, 0).text));
            QVERIFY(value < 100 && value != 50);
            QVERIFY(i == 0 || value < std::stoi(std::string(shown.cell(i - 1, 0).text)));
        }
        const auto whole = filterRows(view, view.rowCount(), *filter);
        const auto part = filterRows(view, 2'000, *filter);
        const auto grown = filterRows(view, view.rowCount(), *filter, {}, part.get(), 2'000);
        QCOMPARE(grown->size(), whole->size());
        for (std::int64_t i = 0; i < whole->size(); ++i)
            QCOMPARE((*grown)[i], (*whole)[i]);
    }
    void stops()
    {
        std::stop_source stop;
        stop.request_stop();
        const RowView view = viewOf({column("c", int4_oid)}, {{"1"}});
        const auto filter = RowFilter::make({{0, Less, {"100"}, false}}, view.source->columns());
        QVERIFY(!filterRows(view, 1, *filter, stop.get_token()));
    }
};

QTEST_GUILESS_MAIN(TestFilterRows)
#include "tst_filter_rows.moc"
