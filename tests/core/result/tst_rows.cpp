// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <algorithm>
#include <random>

#include "core/result/find_cells.h"
#include "core/result/sort_key.h"
#include "core/result/sort_rows.h"
#include "core/result/statement_relation.h"
#include "core/result/summary.h"
#include "core/result/value_kind.h"
#include "core/result/value_text.h"
#include "support/show.h"
#include "support/test_server.h"
#include "tests/core/result/rows.h"

using namespace howdah;
using namespace howdah::result;
using namespace howdah::test;

namespace {

/// One column in the order that sorting gives it, NULL as "~".
std::vector<std::string> sorted(const RowView &rows, bool descending)
{
    const auto order = sortRows(*rows.source, rows.rowCount(), {0, descending});
    const RowView view{rows.source, order};
    std::vector<std::string> values;
    for (std::int64_t row = 0; row < view.rowCount(); ++row)
        values.push_back(view.cell(row, 0).is_null ? "~" : std::string(view.cell(row, 0).text));
    return values;
}

RowView columnOf(std::uint32_t oid, const Values &values)
{
    std::vector<Values> rows;
    for (const auto &value : values)
        rows.push_back({value});
    return viewOf({column("v", oid)}, rows);
}

} // namespace

class TestRows : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void typesAreTheServers()
    {
        const auto connection = freshConnection(18);
        QVERIFY(connection);
        const auto types = connection->query("SELECT t.oid, t.typname, e.typname FROM pg_type t LEFT JOIN pg_type e "
                                             "ON e.oid = t.typelem AND t.typcategory = 'A' WHERE t.oid < 10000");
        QVERIFY(types);
        int known = 0;
        for (std::int64_t row = 0; row < types->result->rowCount(); ++row) {
            const auto oid = static_cast<std::uint32_t>(std::stoul(std::string(types->result->cell(row, 0).text)));
            const std::string name(builtinTypeName(oid));
            if (name.empty())
                continue;
            ++known;
            const pg::Cell element = types->result->cell(row, 2);
            const bool is_vector = types->result->cell(row, 1).text.ends_with("vector");
            const std::string real = element.is_null || is_vector ? std::string(types->result->cell(row, 1).text) : std::string(element.text) + "[]";
            QCOMPARE(name.starts_with('"') ? "char" + name.substr(6) : name, real);
        }
        QVERIFY(known > 85);
    }

    void modifiersAreShown()
    {
        const auto connection = freshConnection();
        const auto read = connection->query("SELECT 1::numeric(10,2), 1::numeric(5), 1::numeric(3,-2), 'a'::varchar(20), 'a'::char(3), "
                                            "B'1'::bit(3), B'1'::varbit(5), 'a'::text, '{1}'::numeric(4,1)[]");
        QVERIFY(read);
        const std::vector<std::string> expected{"numeric(10,2)", "numeric(5)", "numeric(3,-2)", "varchar(20)", "bpchar(3)",
                                                "bit(3)", "varbit(5)", "text", "numeric[]"};
        for (std::size_t i = 0; i < expected.size(); ++i)
            QCOMPARE(shownType(read->result->columns()[i]), expected[i]);
    }

    void sortsAsTheServerDoes_data()
    {
        QTest::addColumn<QString>("sql");
        QTest::newRow("int") << QStringLiteral("SELECT (random() * 1000 - 500)::int FROM generate_series(1, 3000)");
        QTest::newRow("int8") << QStringLiteral("SELECT v FROM (VALUES (9223372036854775807), (-9223372036854775808), (0::int8), (-1::int8), (NULL)) x(v)");
        QTest::newRow("float8") << QStringLiteral(
            "SELECT v::float8 FROM unnest('{NaN,Infinity,-Infinity,0,-0,1e-300,-1e300,1e300,3.5,-3.5,NULL,1,2}'::float8[]) v");
        QTest::newRow("numeric") << QStringLiteral(
            "SELECT v FROM unnest('{NaN,0,-1.5,12345678901234567890.1,12345678901234567890.2,12345678901234567890.15,-12345678901234567890.2,"
            "-12345678901234567890.1,0.00000000000000000001,0.00000000000000000002,10,9,1e400,-1e400,1e399,NULL}'::numeric[]) v");
        QTest::newRow("numeric many") << QStringLiteral("SELECT (random() * 100)::numeric(8,2) FROM generate_series(1, 2000)");
        QTest::newRow("money") << QStringLiteral("SELECT v::money FROM unnest('{-5.01,1234.50,0,999,-1000000}'::numeric[]) v");
        QTest::newRow("date") << QStringLiteral(
            "SELECT v FROM unnest('{infinity,-infinity,2024-02-29,0001-01-01,\"0044-03-15 BC\",\"0001-12-31 BC\",12024-01-01,NULL}'::date[]) v");
        QTest::newRow("timestamp") << QStringLiteral(
            "SELECT '2024-01-01'::timestamp + random() * interval '900 days' FROM generate_series(1, 1000)");
        QTest::newRow("timestamptz") << QStringLiteral(
            "SELECT '2024-10-26'::timestamptz + n * interval '17 min' FROM generate_series(1, 300) n ORDER BY random()");
        QTest::newRow("time") << QStringLiteral("SELECT '00:00'::time + random() * interval '1 day' FROM generate_series(1, 300)");
        QTest::newRow("interval") << QStringLiteral(
            "SELECT v FROM unnest('{1 mon,29 days,31 days,-1 day,00:00:01,-00:00:01.5,1 year 2 mons 3 days 04:05:06,100:00:00,360 days 00:00:01}'::interval[]) v");
        QTest::newRow("bool") << QStringLiteral("SELECT v FROM unnest('{t,f,t,NULL,f}'::bool[]) v");
        QTest::newRow("text C") << QStringLiteral("SELECT md5(n::text) || repeat('x', n % 3) FROM generate_series(1, 2000) n");
        QTest::newRow("text prefix") << QStringLiteral("SELECT ('customer number ' || n) COLLATE \"C\" FROM generate_series(1, 2000) n");
        QTest::newRow("uuid") << QStringLiteral("SELECT gen_random_uuid() FROM generate_series(1, 500)");
    }
    void sortsAsTheServerDoes()
    {
        QFETCH(QString, sql);
        const auto connection = freshConnection();
        QVERIFY(connection);
        QVERIFY(connection->query("SET timezone = 'Europe/Berlin'"));
        QVERIFY(connection->query("SET intervalstyle = 'postgres'"));
        QVERIFY(connection->query("CREATE TEMP TABLE t AS SELECT row_number() OVER () AS n, v FROM (" + sql.toStdString() + ") AS x(v)"));
        for (const bool descending : {false, true}) {
            const std::string by = descending ? " ORDER BY v DESC NULLS LAST, n" : " ORDER BY v NULLS LAST, n";
            const auto expected = connection->query("SELECT v FROM t" + by);
            const auto raw = connection->query("SELECT v FROM t ORDER BY n");
            QVERIFY2(expected && raw, expected ? "" : expected.error().text().c_str());
            const RowView rows{std::make_shared<StoreRows>(raw->result), nullptr};
            const auto values = sorted(rows, descending);
            QCOMPARE(static_cast<std::int64_t>(values.size()), expected->result->rowCount());
            for (std::size_t i = 0; i < values.size(); ++i) {
                const pg::Cell cell = expected->result->cell(static_cast<std::int64_t>(i), 0);
                QCOMPARE(values[i], cell.is_null ? std::string("~") : std::string(cell.text));
            }
        }
    }

    void textOfAnotherTypeIsSortedAsText()
    {
        // DateStyle German: no ISO.
        QCOMPARE(sorted(columnOf(date_oid, {"03.01.2024", "02.01.2025", std::nullopt, "01.01.2026"}), false),
                 (std::vector<std::string>{"01.01.2026", "02.01.2025", "03.01.2024", "~"}));
    }

    void sortingStops()
    {
        std::stop_source stop;
        stop.request_stop();
        const RowView rows = columnOf(int4_oid, {"2", "1"});
        QVERIFY(sortRows(*rows.source, 2, {0, false}, stop.get_token()) == nullptr);
    }

    void findsInEveryAlphabet()
    {
        const RowView rows = viewOf({column("a", text_oid), column("b", bool_oid)},
                                    {{"Straße ÄÖÜ", "t"}, {"äöü", "f"}, {std::nullopt, std::nullopt}, {"ΣΊΣΥΦΟΣ \xFF", "t"}, {"abcABC", "f"}});
        const auto places = [&](const char *needle, bool match_case) {
            std::vector<std::string> found;
            for (const CellPlace &place : findCells(rows, rows.rowCount(), {0, 1}, TextMatcher(needle, match_case), 100).places)
                found.push_back(std::to_string(place.row) + (place.column == 0 ? "a" : "b"));
            return found;
        };
        using Places = std::vector<std::string>;
        QCOMPARE(places("äöü", false), (Places{"0a", "1a"}));
        QCOMPARE(places("äöü", true), (Places{"1a"}));
        QCOMPARE(places("bca", false), (Places{"4a"}));
        QCOMPARE(places("bca", true), Places{});
        QCOMPARE(places("σίσυφ", false), (Places{"3a"}));
        QCOMPARE(places("TRUE", false), (Places{"0b", "3b"}));
        QCOMPARE(places("NULL", false), Places{});
        QCOMPARE(places("", false), Places{});
        QVERIFY(!findCells(rows, rows.rowCount(), {0, 1}, TextMatcher("a", false), 1).complete);
    }

    void addsUp()
    {
        const RowView rows = viewOf({column("n", numeric_oid), column("t", text_oid), column("m", money_oid)},
                                    {{"0.1", "x", "$1,234.50"}, {"0.2", "9", "-$0.50"}, {std::nullopt, "y", "$1.00"}, {"NaN", "z", std::nullopt}});
        const auto sum = [&](std::vector<CellRange> ranges) { return text(*summarize(rows, bandsOf(ranges))); };
        QCOMPARE(sum({{0, 3, 0, 0}}), std::string("4 cells · 2 numbers · sum 0.3 · avg 0.15 · min 0.1 · max 0.2"));
        QCOMPARE(sum({{0, 1, 0, 0}, {0, 1, 0, 0}}), std::string("2 cells · sum 0.3 · avg 0.15 · min 0.1 · max 0.2"));
        QCOMPARE(sum({{0, 3, 1, 1}}), std::string("4 cells"));
        QCOMPARE(sum({{0, 2, 2, 2}}), std::string("3 cells · sum 1\u2009235 · avg 411.66667 · min −0.5 · max 1\u2009234.5"));
        QCOMPARE(sum({{0, 0, 0, 0}}), std::string());
    }

    void jsonIsIndentedAsItIs()
    {
        const std::string dense = "{\"b\":1.50,\"a\":[1,{\"x\":[]},\"q\\\"{,\"],\"a\":null, \"e\": { } }";
        QCOMPARE(indentJson(dense).value(),
                 std::string("{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    {\n      \"x\": []\n    },\n    \"q\\\"{,\"\n  ],\n  \"a\": null,\n  \"e\": {}\n}"));
        QCOMPARE(indentJson("3").value(), std::string("3"));
        QVERIFY(!indentJson("{1,2}"));
        QVERIFY(!indentJson("{\"a\":"));
        QVERIFY(!indentJson(""));
    }

    void bytesComeBack()
    {
        const auto connection = freshConnection();
        std::string bytes;
        for (int i = 0; i < 256; ++i)
            bytes += static_cast<char>(i);
        for (const char *style : {"hex", "escape"}) {
            QVERIFY(connection->query(std::string("SET bytea_output = '") + style + "'"));
            const auto read = connection->query("SELECT string_agg(set_byte('\\x00'::bytea, 0, n), '' ORDER BY n) FROM generate_series(0, 255) n");
            QVERIFY(read);
            QCOMPARE(decodeBytea(read->result->cell(0, 0).text).value(), bytes);
        }
        QVERIFY(!decodeBytea("\\xABC"));
        QVERIFY(!decodeBytea("\\9"));
        QCOMPARE(hexDump("Howdah\x01 and more ").substr(0, 79),
                 std::string("00000000  48 6f 77 64 61 68 01 20  61 6e 64 20 6d 6f 72 65  |Howdah. and more|\n"));
    }

    void statementsNameTheirRelation()
    {
        QCOMPARE(relationOf("SELECT * FROM shop.orders o JOIN users u ON true"), std::string("shop.orders"));
        QCOMPARE(relationOf("select * from \"Or ders\", b"), std::string("\"Or ders\""));
        QCOMPARE(relationOf("UPDATE a SET x = 1 FROM b RETURNING *"), std::string("a"));
        QCOMPARE(relationOf("SELECT 1"), std::string());
        QCOMPARE(relationOf("SELECT FROM (SELECT 1) x"), std::string());
        QCOMPARE(relationOf("selec"), std::string());
    }

    void sortsMillionsOfNumbers()
    {
        for (const int rows : {1'000'000, 10'000'000}) {
            auto store = std::make_shared<pg::RowStore>(std::vector{column("n", int4_oid)}, pg::RowStoreLimits{.memory_bytes = 1'000'000'000});
            std::mt19937 random(1);
            for (int row = 0; row < rows; ++row) {
                const std::string value = std::to_string(random() % 2'000'000'000);
                store->beginRow();
                store->appendCell(value.data(), value.size(), false);
            }
            QVERIFY(store->publish());
            const StoreRows source(store);
            QElapsedTimer time;
            time.start();
            const auto order = sortRows(source, rows, {0, false});
            qInfo("sorting %d integers: %lld ms", rows, static_cast<long long>(time.elapsed()));
            QCOMPARE(order->size(), static_cast<std::int64_t>(rows));
            for (std::int64_t row = 1; row < rows; row += 997)
                QVERIFY(integerKey(source.cell((*order)[row - 1], 0).text) <= integerKey(source.cell((*order)[row], 0).text));
        }
    }

    void sortsAMillionTexts()
    {
        auto store = std::make_shared<pg::RowStore>(std::vector{column("t", text_oid)});
        std::mt19937 random(2);
        for (int row = 0; row < 1'000'000; ++row) {
            const std::string value = "customer " + std::to_string(random() % 500'000);
            store->beginRow();
            store->appendCell(value.data(), value.size(), false);
        }
        QVERIFY(store->publish());
        const StoreRows source(store);
        QElapsedTimer time;
        time.start();
        const auto order = sortRows(source, store->rowCount(), {0, false});
        qInfo("sorting 1000000 texts with a common beginning: %lld ms", static_cast<long long>(time.elapsed()));
        time.restart();
        const auto found = findCells({std::make_shared<StoreRows>(store), order}, store->rowCount(), {0}, TextMatcher("R 4999", false), 100'000);
        qInfo("finding %zu of 1000000 texts: %lld ms", found.places.size(), static_cast<long long>(time.elapsed()));
        QVERIFY(!found.places.empty());
    }
};

QTEST_GUILESS_MAIN(TestRows)
#include "tst_rows.moc"
