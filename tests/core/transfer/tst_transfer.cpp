// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <QProcess>
#include <QTemporaryDir>

#include "core/pg/connection.h"
#include "core/transfer/csv_reader.h"
#include "core/transfer/export.h"
#include "core/transfer/import.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::transfer;

namespace {

std::string readFile(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void writeFile(const std::filesystem::path &path, std::string_view text)
{
    std::ofstream(path, std::ios::binary) << text;
}

#define VERIFY_DONE(outcome) QVERIFY2(outcome, outcome ? "" : (outcome).error().text().c_str())

} // namespace

class TestTransfer : public QObject
{
    Q_OBJECT

    std::unique_ptr<pg::Connection> connection_;
    QTemporaryDir folder_;

    std::filesystem::path path(const char *name) const { return std::filesystem::path(folder_.path().toStdString()) / name; }
    std::string value(const std::string &sql)
    {
        const auto outcome = connection_->query(sql);
        return outcome ? std::string(outcome->result->cell(0, 0).text) : outcome.error().text();
    }
    void run(const std::string &sql)
    {
        const auto outcome = connection_->query(sql);
        VERIFY_DONE(outcome);
    }
    Result<ExportOutcome> write(const char *sql, const char *file, ExportOptions options = {})
    {
        options.format = formatOfFile(file);
        return exportQuery(*connection_, sql, path(file), options);
    }
    static ImportPlan plan(const std::filesystem::path &file, const std::string &table, const std::vector<std::string> &columns)
    {
        ImportPlan made;
        made.file = file;
        made.table = table;
        for (const std::string &column : columns)
            made.columns.push_back({column, "text", false});
        return made;
    }

private Q_SLOTS:
    void init() { connection_ = test::freshConnection(); }

    void csvIsWhatTheServerWrites()
    {
        const auto done = write("select 1 as a, null::text as b, '' as c, E'x\"y\n,z' as d", "a.csv");
        VERIFY_DONE(done);
        QCOMPARE(done->rows, std::int64_t{1});
        QCOMPARE(readFile(path("a.csv")), std::string("a,b,c,d\n1,,\"\",\"x\"\"y\n,z\"\n"));
        QVERIFY(!std::filesystem::exists(path("a.csv.part")));
    }

    /// Rows that are on this side are written as COPY writes them.
    void csvAndTextOfBothWaysAreEqual()
    {
        const char *sql = "select g, case when g % 3 = 0 then null else repeat(chr(33 + g % 90), g % 7) || E'\\t\\n\\r\\\\,\"'  end as t, g % 2 = 0 as b, "
                          "case g % 4 when 0 then '' when 1 then '\\.' when 2 then E'a\\\\b' else 'x y' end as u from generate_series(1, 500) g";
        for (const char *file : {"b.csv", "b.tsv"}) {
            { const auto it = write(sql, file); VERIFY_DONE(it); }
            ExportOptions options;
            options.format = formatOfFile(file);
            options.values = {{"unused", "1"}};
            const std::string with_parameter = std::string(sql) + " where :one::int = 1"; // so that COPY is not used
            options.values["one"] = "1";
            { const auto it = exportQuery(*connection_, with_parameter, path("c.out"), options); VERIFY_DONE(it); }
            QCOMPARE(readFile(path("c.out")), readFile(path(file)));
        }
    }

    void jsonAndInserts()
    {
        { const auto it = write("select 1 as a, 'x' as b union all select 2, null order by 1", "a.jsonl"); VERIFY_DONE(it); }
        QCOMPARE(readFile(path("a.jsonl")), std::string("{\"a\": 1, \"b\": \"x\"}\n{\"a\": 2, \"b\": null}\n"));
        ExportOptions options;
        options.table = "public.t";
        { const auto it = write("select 1 as a, true as b", "a.sql", options); VERIFY_DONE(it); }
        QCOMPARE(readFile(path("a.sql")), std::string("INSERT INTO public.t (a, b) VALUES\n  (1, true);\n"));
    }

    void workbookHoldsTypedCells()
    {
        const auto done = write("select 7 as n, 'é <&>' as t, date '2024-02-29' as d, true as b, repeat('x', 40000) as long, 12345678901234567890 as big", "a.xlsx");
        VERIFY_DONE(done);
        QCOMPARE(done->notes.size(), std::size_t{1});
        QProcess unzip;
        unzip.start(QStringLiteral("python3"),
                    {QStringLiteral("-c"), QStringLiteral("import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);sys.stdout.write(z.read('xl/worksheets/sheet1.xml').decode()[:3000])"),
                     QString::fromStdString(path("a.xlsx").string())});
        QVERIFY(unzip.waitForFinished());
        const QByteArray sheet = unzip.readAllStandardOutput();
        QVERIFY2(sheet.contains("<v>7</v>"), sheet.constData());
        QVERIFY(sheet.contains("<v>45351</v>")); // 2024-02-29 in Excel's days
        QVERIFY(sheet.contains("é &lt;&amp;&gt;"));
    }

    void failuresLeaveNoFile()
    {
        const auto failed = write("select 1/(3 - g) from generate_series(1, 10) g", "f.csv");
        QVERIFY(!failed);
        QCOMPARE(failed.error().sqlstate, std::string("22012"));
        QVERIFY(!std::filesystem::exists(path("f.csv")) && !std::filesystem::exists(path("f.csv.part")));
        const auto syntax = write("select nope", "f.csv");
        QCOMPARE(syntax.error().position->value, std::size_t{7});
        QVERIFY(!write("select 1; select 2", "f.csv"));
        QCOMPARE(exportQuery(*connection_, "select 1", "/nowhere/at/all.csv", {}).error().kind, ErrorKind::Io);
        QCOMPARE(value("select 42"), std::string("42")); // the connection goes on
    }

    /// A device that is always full, and a real small file system where one can be had.
    void fullDiskIsSaid()
    {
        ExportOptions options;
        const auto failed = exportQuery(*connection_, "select repeat('x', 1000) from generate_series(1, 10000)", "/dev/full", options);
        QVERIFY(!failed);
        QCOMPARE(failed.error().kind, ErrorKind::Io);
        QVERIFY2(failed.error().message.find("No space left") != std::string::npos, failed.error().message.c_str());
        QCOMPARE(value("select 42"), std::string("42"));
        options.format = FileFormat::Json;
        QVERIFY(!exportQuery(*connection_, "select repeat('x', 1000) from generate_series(1, 10000)", "/dev/full", options));
        QCOMPARE(value("select 42"), std::string("42"));
    }

    void exportIsCancelled()
    {
        const pg::Canceller canceller = connection_->canceller();
        std::jthread later([canceller] {
            std::this_thread::sleep_for(std::chrono::milliseconds(300));
            canceller.cancel();
        });
        const auto failed = write("select g, repeat('x', 100) from generate_series(1, 100000000) g", "g.csv");
        QVERIFY(!failed);
        QCOMPARE(failed.error().kind, ErrorKind::Cancelled);
        QVERIFY(!std::filesystem::exists(path("g.csv.part")));
        QCOMPARE(value("select 42"), std::string("42"));
    }

    void dialectsAreGuessed_data()
    {
        QTest::addColumn<QByteArray>("head");
        QTest::addColumn<char>("delimiter");
        QTest::addColumn<bool>("header");
        QTest::newRow("comma") << QByteArray("id,name\n1,a\n2,b\n") << ',' << true;
        QTest::newRow("semicolon") << QByteArray("id;price\n1;1,5\n2;2,5\n") << ';' << true;
        QTest::newRow("tab") << QByteArray("1\ta, b\n2\tc, d\n") << '\t' << false;
        QTest::newRow("quoted") << QByteArray("\"a,b\";\"c\"\n\"1\n2\";3\n") << ';' << true;
        QTest::newRow("no header") << QByteArray("1,x\n2,y\n") << ',' << false;
        QTest::newRow("one column") << QByteArray("name\nann\n") << ',' << true;
    }

    void dialectsAreGuessed()
    {
        QFETCH(QByteArray, head);
        QFETCH(char, delimiter);
        QFETCH(bool, header);
        const CsvDialect dialect = guessDialect(head.toStdString());
        QCOMPARE(dialect.delimiter, delimiter);
        QCOMPARE(dialect.header, header);
    }

    void typesAreGuessed()
    {
        const auto type = [](const std::vector<std::string> &values) {
            TypeGuess guess;
            for (const std::string &text : values)
                guess.see({text, false});
            return guess.type();
        };
        QCOMPARE(type({"1", "-2", ""}), std::string("integer"));
        QCOMPARE(type({"1", "3000000000"}), std::string("bigint"));
        QCOMPARE(type({"1", "2.50"}), std::string("numeric"));
        QCOMPARE(type({"007", "1"}), std::string("text"));
        QCOMPARE(type({"true", "f"}), std::string("boolean"));
        QCOMPARE(type({"2024-01-31"}), std::string("date"));
        QCOMPARE(type({"2024-01-31 10:00", "2024-01-31T10:00:01.5"}), std::string("timestamp"));
        QCOMPARE(type({"2024-01-31 10:00+02", "2024-01-31T10:00:01Z"}), std::string("timestamptz"));
        QCOMPARE(type({"{\"a\": 1}", "[]"}), std::string("jsonb"));
        QCOMPARE(type({"0190b8c4-7f7d-7c12-9b0a-d4c9a4d3f111"}), std::string("uuid"));
        QCOMPARE(type({"", ""}), std::string("text"));
    }

    void importsIntoANewTable()
    {
        writeFile(path("p.csv"), "\xEF\xBB\xBFId,Full Name,Born,Id\n1,\"Ann, \"\"A\"\"\",2000-01-31,x\n2,\"Bob\nB\",,y\n3,\"\",1999-12-31,\n");
        const auto preview = previewCsv(path("p.csv"));
        VERIFY_DONE(preview);
        QCOMPARE(preview->columns.size(), std::size_t{4});
        QCOMPARE(preview->columns[1].name, std::string("full_name"));
        QCOMPARE(preview->columns[3].name, std::string("id_2"));
        QCOMPARE(preview->columns[2].type, std::string("date"));
        QCOMPARE(preview->estimated_rows, std::int64_t{3});
        ImportPlan wanted;
        wanted.file = path("p.csv");
        wanted.dialect = preview->dialect;
        wanted.table = "people";
        wanted.create = true;
        wanted.columns = preview->columns;
        wanted.columns[3].name.clear(); // left out
        const auto done = importCsv(*connection_, wanted);
        VERIFY_DONE(done);
        QCOMPARE(done->rows, std::int64_t{3});
        QCOMPARE(value("select string_agg(id || ':' || coalesce(full_name, 'NULL') || ':' || coalesce(born::text, 'NULL'), '|' order by id) from people"),
                 std::string("1:Ann, \"A\":2000-01-31|2:Bob\nB:NULL|3::1999-12-31"));
        // What was written comes back.
        { const auto it = write("select * from people order by id", "back.csv"); VERIFY_DONE(it); }
        ImportPlan again = plan(path("back.csv"), "people", {"id", "full_name", "born"});
        { const auto it = importCsv(*connection_, again); VERIFY_DONE(it); }
        QCOMPARE(value("select count(*) || ' ' || count(distinct people) from people"), std::string("6 3"));
    }

    void aBadRowIsNamedAndNothingIsImported()
    {
        run("create table n (a int)");
        std::string text = "a\n";
        for (int i = 0; i < 200'000; ++i)
            text += i == 150'000 ? "oops\n" : std::to_string(i) + "\n";
        writeFile(path("n.csv"), text);
        const auto failed = importCsv(*connection_, plan(path("n.csv"), "n", {"a"}));
        QVERIFY(!failed);
        QCOMPARE(failed.error().sqlstate, std::string("22P02"));
        QVERIFY2(failed.error().detail.starts_with("Line 150002 of the file."), failed.error().detail.c_str());
        QCOMPARE(value("select count(*) from n"), std::string("0"));
        QCOMPARE(connection_->transaction(), pg::TransactionState::Idle);
    }

    void badRowsAreLeftOutAndListed()
    {
        run("create table parent (id int primary key); insert into parent select generate_series(1, 1000)");
        run("create table child (id int primary key, parent int references parent, note text)");
        std::string text = "id,parent,note\n";
        for (int i = 1; i <= 1000; ++i) {
            const std::string row = i == 10 ? "ten,1,x" : i == 500 ? "500,5000,foreign key" : i == 700 ? "7,1,twice" : i == 900 ? "900,1" : std::to_string(i) + "," + std::to_string(i) + ",\"two\nlines\"";
            text += row + "\n";
        }
        writeFile(path("c.csv"), text);
        ImportPlan wanted = plan(path("c.csv"), "child", {"id", "parent", "note"});
        wanted.skip_bad_rows = true;
        const auto done = importCsv(*connection_, wanted);
        VERIFY_DONE(done);
        QCOMPARE(done->rows, std::int64_t{996});
        QCOMPARE(value("select count(*) from child"), std::string("996"));
        QCOMPARE(done->bad_rows.size(), std::size_t{4});
        std::map<std::string, std::size_t> lines;
        for (const BadRow &bad : done->bad_rows)
            lines[bad.text] = bad.line;
        QCOMPARE(lines.at("ten,1,x"), std::size_t{1 + 9 * 2 + 1});
        QCOMPARE(lines.at("7,1,twice"), std::size_t{1 + 697 * 2 + 2 + 1});
        QVERIFY(lines.contains("500,5000,foreign key") && lines.contains("900,1"));
        wanted.most_bad_rows = 0;
        QVERIFY(!importCsv(*connection_, wanted));
        QCOMPARE(value("select count(*) from child"), std::string("996"));
    }

    void importGoesIntoAnOpenTransaction()
    {
        run("create table o (a int)");
        writeFile(path("o.csv"), "1\n2\n");
        ImportPlan wanted = plan(path("o.csv"), "o", {"a"});
        wanted.dialect.header = false;
        run("begin");
        { const auto it = importCsv(*connection_, wanted); VERIFY_DONE(it); }
        QCOMPARE(connection_->transaction(), pg::TransactionState::InTransaction);
        writeFile(path("o.csv"), "3\nx\n");
        QVERIFY(!importCsv(*connection_, wanted));
        QCOMPARE(value("select count(*) from o"), std::string("2"));
        run("rollback");
        QCOMPARE(value("select count(*) from o"), std::string("0"));
    }

    void importIsCancelled()
    {
        run("create table big (a int, b text)");
        {
            std::ofstream file(path("big.csv"));
            for (int i = 0; i < 2'000'000; ++i)
                file << i << ",some text\n";
        }
        ImportPlan wanted = plan(path("big.csv"), "big", {"a", "b"});
        wanted.dialect.header = false;
        const pg::Canceller canceller = connection_->canceller();
        const auto failed = importCsv(*connection_, wanted, [canceller](std::int64_t, std::int64_t) { canceller.cancel(); });
        QVERIFY(!failed);
        QCOMPARE(failed.error().kind, ErrorKind::Cancelled);
        QCOMPARE(value("select count(*) from big"), std::string("0"));
    }

    void unclosedQuotesAreSaid()
    {
        run("create table q (a text)");
        writeFile(path("q.csv"), "a\n\"never closed\nb\n");
        const auto failed = importCsv(*connection_, plan(path("q.csv"), "q", {"a"}));
        QVERIFY(!failed);
        QCOMPARE(failed.error().sqlstate, std::string("22P04"));
    }
};

QTEST_GUILESS_MAIN(TestTransfer)
#include "tst_transfer.moc"
