// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <random>
#include <set>

#include <nlohmann/json.hpp>

#include "core/result/copy_format.h"
#include "core/sql/parser.h"
#include "support/show.h"
#include "support/test_server.h"
#include "tests/core/result/rows.h"

using namespace howdah;
using namespace howdah::result;
using namespace howdah::test;

namespace {

CopyRequest everything(const RowView &rows, CopyFormat format)
{
    CopyRequest request;
    request.rows = rows;
    request.format = format;
    CellBand band{0, rows.rowCount() - 1, {}};
    for (std::size_t column = 0; column < rows.source->columns().size(); ++column) {
        request.columns.push_back(column);
        band.columns.push_back(column);
    }
    request.bands.push_back(band);
    return request;
}

std::string written(const RowView &rows, CopyFormat format)
{
    const auto text = formatRows(everything(rows, format));
    return text ? *text : "failed: " + text.error().text();
}

/// Reads what spreadsheets read: quotes where a field begins with one, doubled inside. `quoted` tells "" from nothing.
std::vector<Values> readSeparated(const std::string &text, char separator)
{
    std::vector<Values> rows(1);
    std::string field;
    bool quoted = false;
    const auto end = [&] {
        rows.back().push_back(field.empty() && !quoted ? std::nullopt : std::optional(field));
        field.clear();
        quoted = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (field.empty() && !quoted && text[i] == '"') {
            quoted = true;
            for (++i; text[i] != '"' || (i + 1 < text.size() && text[i + 1] == '"'); ++i) {
                if (text[i] == '"')
                    ++i;
                field += text[i];
            }
        } else if (text[i] == separator) {
            end();
        } else if (text[i] == '\n') {
            end();
            rows.emplace_back();
        } else if (text[i] != '\r') {
            field += text[i];
        }
    }
    rows.pop_back();
    return rows;
}

const std::vector<std::string> pieces{"a", "\t", "\n", "\r\n", "\"", ",", "|", "\\", "'", " ", "é", "漢", "\xF0\x9F\x90\x98", "NULL", "1", ";", "{", "$$"};

std::vector<Values> randomRows(std::mt19937 &random, std::size_t columns)
{
    std::vector<Values> rows(1 + random() % 6);
    for (Values &row : rows) {
        for (std::size_t i = 0; i < columns; ++i) {
            std::string value;
            for (auto n = random() % 5; n > 0; --n)
                value += pieces[random() % pieces.size()];
            row.push_back(random() % 5 == 0 ? std::nullopt : std::optional(value));
        }
    }
    return rows;
}

} // namespace

class TestCopyFormat : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void writesEachFormat()
    {
        const RowView rows = viewOf({column("id", int4_oid), column("who is", text_oid), column("ok", bool_oid), column("doc", json_oid)},
                                    {{"1", "Ann", "t", "{\"a\": 1.50}"}, {"2", std::nullopt, "f", std::nullopt}});
        QCOMPARE(written(rows, CopyFormat::Tsv), std::string("1\tAnn\ttrue\t\"{\"\"a\"\": 1.50}\"\n2\t\tfalse\t\n"));
        QCOMPARE(written(rows, CopyFormat::TsvWithHeaders).substr(0, 16), std::string("id\twho is\tok\tdoc"));
        QCOMPARE(written(rows, CopyFormat::Csv), std::string("id,who is,ok,doc\r\n1,Ann,true,\"{\"\"a\"\": 1.50}\"\r\n2,,false,\r\n"));
        QCOMPARE(written(rows, CopyFormat::Json),
                 std::string("[\n  {\"id\": 1, \"who is\": \"Ann\", \"ok\": true, \"doc\": {\"a\": 1.50}},\n"
                             "  {\"id\": 2, \"who is\": null, \"ok\": false, \"doc\": null}\n]\n"));
        QCOMPARE(written(rows, CopyFormat::Markdown),
                 std::string("| id | who is | ok | doc |\n| ---: | --- | --- | --- |\n| 1 | Ann | true | {\"a\": 1.50} |\n| 2 | NULL | false | NULL |\n"));
        QCOMPARE(written(rows, CopyFormat::SqlInsert),
                 std::string("INSERT INTO table_name (id, \"who is\", ok, doc) VALUES\n  (1, 'Ann', true, '{\"a\": 1.50}'),\n"
                             "  (2, NULL, false, NULL);\n"));
        QCOMPARE(written(viewOf({column("n", numeric_oid)}, {{"1.5"}, {std::nullopt}, {"NaN"}, {"1.5"}}), CopyFormat::InList),
                 std::string("(1.5, 'NaN')"));
        QCOMPARE(written(viewOf({column("n", text_oid)}, {{std::nullopt}}), CopyFormat::InList), std::string("(NULL)"));
    }

    void aSingleCellIsItsBareValue()
    {
        const RowView rows = viewOf({column("t", text_oid)}, {{"a\t\"b\"\nc"}});
        QCOMPARE(written(rows, CopyFormat::Tsv), std::string("a\t\"b\"\nc"));
    }

    void separatedTextComesBack()
    {
        std::mt19937 random(11);
        for (int round = 0; round < 400; ++round) {
            const auto values = randomRows(random, 3);
            const RowView rows = viewOf({column("a", text_oid), column("b", text_oid), column("c", text_oid)}, values);
            // CSV readers take CR LF inside quotes as it is.
            auto csv = readSeparated(written(rows, CopyFormat::Csv), ',');
            csv.erase(csv.begin());
            QVERIFY(csv == values);
            auto expected = values;
            for (Values &row : expected) {
                for (auto &value : row) {
                    if (value && value->empty())
                        value = std::nullopt; // TSV cannot tell the two apart
                }
            }
            QVERIFY(readSeparated(written(rows, CopyFormat::Tsv), '\t') == expected);
        }
    }

    void jsonComesBack()
    {
        std::mt19937 random(12);
        for (int round = 0; round < 200; ++round) {
            const auto values = randomRows(random, 2);
            const RowView rows = viewOf({column("a", text_oid), column("a", text_oid)}, values);
            const auto read = nlohmann::json::parse(written(rows, CopyFormat::Json));
            QCOMPARE(read.size(), values.size());
            for (std::size_t i = 0; i < values.size(); ++i) {
                for (const auto &[key, value] : {std::pair{"a", values[i][0]}, std::pair{"a_2", values[i][1]}})
                    QVERIFY(value ? read[i][key] == *value : read[i][key].is_null());
            }
        }
        const RowView odd = viewOf({column("", float8_oid), column("b", text_oid)}, {{"Infinity", "\xFF\x41"}, {"1e-05", ""}, {"007", "x"}});
        const auto read = nlohmann::json::parse(written(odd, CopyFormat::Json));
        QCOMPARE(read[0]["column_1"].get<std::string>(), std::string("Infinity"));
        QCOMPARE(read[0]["b"].get<std::string>(), std::string("\xEF\xBF\xBD" "A"));
        QCOMPARE(read[1]["column_1"].get<double>(), 1e-05);
        QCOMPARE(read[2]["column_1"].get<std::string>(), std::string("007"));
    }

    void insertsAndListsComeBackThroughTheServer()
    {
        const auto connection = freshConnection();
        QVERIFY(connection);
        std::mt19937 random(13);
        for (int round = 0; round < 20; ++round) {
            const auto values = randomRows(random, 3);
            const RowView rows = viewOf({column("a", text_oid), column("Select", text_oid), column("b c\"d", text_oid)}, values);
            QVERIFY(connection->query("DROP TABLE IF EXISTS table_name"));
            QVERIFY(connection->query("CREATE TABLE table_name (n int GENERATED ALWAYS AS IDENTITY, a text, \"Select\" text, \"b c\"\"d\" text)"));
            const pg::RunOutcome run = connection->run(written(rows, CopyFormat::SqlInsert));
            QVERIFY2(!run.error, run.error ? run.error->text().c_str() : "");
            const auto read = connection->query("SELECT a, \"Select\", \"b c\"\"d\" FROM table_name ORDER BY n");
            QVERIFY(read);
            QCOMPARE(read->result->rowCount(), rows.rowCount());
            for (std::int64_t row = 0; row < rows.rowCount(); ++row) {
                for (std::size_t at = 0; at < 3; ++at) {
                    QCOMPARE(read->result->cell(row, at).is_null, rows.cell(row, at).is_null);
                    QCOMPARE(read->result->cell(row, at).text, rows.cell(row, at).text);
                }
            }
            CopyRequest one = everything(rows, CopyFormat::InList);
            one.bands[0].columns = {0};
            const auto list = formatRows(one);
            QVERIFY(list);
            const auto hits = connection->query("SELECT count(*) FROM table_name WHERE a IN " + *list);
            const auto expected = connection->query("SELECT count(a) FROM table_name");
            QVERIFY(hits && expected);
            QCOMPARE(hits->result->cell(0, 0).text, expected->result->cell(0, 0).text);
        }
    }

    void manyRowsMakeManyStatements()
    {
        std::vector<Values> values;
        for (int i = 0; i < 2'500; ++i)
            values.push_back({std::to_string(i)});
        const std::string text = written(viewOf({column("n", int4_oid)}, values), CopyFormat::SqlInsert);
        QCOMPARE(QString::fromStdString(text).count(QStringLiteral("INSERT INTO")), 3);
        QVERIFY(sql::parseTree(text));
    }

    void partsOfASelection()
    {
        const RowView rows = viewOf({column("a", int4_oid), column("b", int4_oid), column("c", int4_oid)},
                                    {{"1", "2", "3"}, {"4", "5", "6"}, {"7", "8", "9"}});
        CopyRequest request = everything(rows, CopyFormat::Tsv);
        request.columns = {2, 0, 1}; // as the user has moved them
        request.bands = bandsOf({{0, 0, 0, 0}, {2, 2, 0, 2}, {2, 2, 1, 2}});
        QCOMPARE(formatRows(request).value(), std::string("\t1\t\n9\t7\t8\n"));
        request.bands = {{0, 1, {1}}};
        QCOMPARE(formatRows(request).value(), std::string("2\n5\n"));
    }

    void bandsAreDisjoint()
    {
        std::mt19937 random(14);
        for (int round = 0; round < 300; ++round) {
            std::vector<CellRange> ranges;
            std::set<std::pair<std::int64_t, std::size_t>> cells;
            for (auto n = random() % 6; n > 0; --n) {
                const std::int64_t row = random() % 12;
                const std::size_t first = random() % 5;
                ranges.push_back({row, row + static_cast<std::int64_t>(random() % 5), first, first + random() % 3});
                for (std::int64_t r = ranges.back().first_row; r <= ranges.back().last_row; ++r) {
                    for (std::size_t c = ranges.back().first_column; c <= ranges.back().last_column; ++c)
                        cells.insert({r, c});
                }
            }
            std::vector<std::pair<std::int64_t, std::size_t>> seen;
            for (const CellBand &band : bandsOf(ranges)) {
                for (std::int64_t r = band.first_row; r <= band.last_row; ++r) {
                    for (const std::size_t c : band.columns)
                        seen.push_back({r, c});
                }
            }
            QVERIFY(seen == std::vector(cells.begin(), cells.end())); // in order, each once
            QCOMPARE(cellCount(bandsOf(ranges)), static_cast<std::int64_t>(cells.size()));
        }
    }

    void tooMuchIsRefused()
    {
        const RowView rows = viewOf({column("a", text_oid)}, {{std::string(600, 'x')}, {std::string(600, 'x')}});
        CopyRequest request = everything(rows, CopyFormat::Csv);
        request.max_bytes = 1'000;
        const auto text = formatRows(request);
        QVERIFY(!text);
        QCOMPARE(text.error().kind, ErrorKind::Usage);
        QVERIFY(text.error().message.find("larger than") != std::string::npos);
        std::stop_source stop;
        stop.request_stop();
        request.max_bytes = 10'000;
        QCOMPARE(formatRows(request, stop.get_token()).error().kind, ErrorKind::Cancelled);
    }
};

QTEST_GUILESS_MAIN(TestCopyFormat)
#include "tst_copy_format.moc"
