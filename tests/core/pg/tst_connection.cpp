// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/pg/connection.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::pg;

namespace {

std::string value(const Result<StatementOutcome> &outcome, std::int64_t row = 0, std::size_t column = 0)
{
    return outcome ? std::string(outcome->result->cell(row, column).text) : "error: " + outcome.error().text();
}

/// "SELECT 1", "INSERT 0 3" …, or the SQLSTATE of the error, of every statement that was started.
std::string tags(const RunOutcome &run)
{
    std::string all;
    for (const StatementOutcome &statement : run.statements)
        all += (all.empty() ? "" : ", ") + (statement.error ? statement.error->sqlstate : statement.command_tag);
    return all;
}

} // namespace

#define VERIFY_DONE(outcome) QVERIFY2(outcome, outcome ? "" : (outcome).error().text().c_str())

class TestConnection : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void factsOnEveryVersion()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const ServerFacts &facts = connection->facts();
            QCOMPARE(facts.major(), major);
            QVERIFY(facts.version.starts_with(std::to_string(major) + "."));
            QCOMPARE(facts.role, std::string("howdah"));
            QVERIFY(facts.is_superuser);
            QVERIFY(!facts.in_recovery);
            QVERIFY(!facts.read_only);
            QCOMPARE(facts.server_encoding, std::string("UTF8"));
            QVERIFY(facts.backend_pid > 0);
            QCOMPARE(connection->transaction(), TransactionState::Idle);
            QCOMPARE(value(connection->query("SELECT $1::int + 1", {{"41"}})), std::string("42"));
            QVERIFY(connection->query("SELECT $1::int", {std::nullopt})->result->cell(0, 0).is_null);
        }
    }

    void scriptsRunStatementByStatement()
    {
        const auto connection = test::freshConnection();
        std::vector<std::string> told;
        RunObserver observer;
        observer.statementStarted = [&](std::size_t i, ByteSpan) { told.push_back("start " + std::to_string(i)); };
        observer.resultOpened = [&](std::size_t i, auto) { told.push_back("open " + std::to_string(i)); };
        observer.rowsArrived = [&](std::size_t i) { told.push_back("rows " + std::to_string(i)); };
        observer.statementFinished = [&](const StatementOutcome &o) { told.push_back("end " + o.command_tag); };
        observer.notice = [&](const Notice &n) { told.push_back(n.severity + " " + n.message); };
        const std::string script = "CREATE TABLE t (a int); -- one\nINSERT INTO t VALUES (1), (2), (3);\n;\n"
                                   "DO $$ BEGIN RAISE NOTICE 'hé; %', 1; END $$; SELECT a FROM t; BEGIN";
        const RunOutcome run = connection->run(script, {}, observer);
        QVERIFY(!run.error);
        QCOMPARE(tags(run), std::string("CREATE TABLE, INSERT 0 3, DO, SELECT 3, BEGIN"));
        QCOMPARE(run.statements[1].rows, 3);
        QCOMPARE(run.statements[3].rows, 3);
        QCOMPARE(run.statements[3].span.of(script), std::string_view("SELECT a FROM t"));
        QCOMPARE(connection->transaction(), TransactionState::InTransaction);
        const std::vector<std::string> expected{"start 0", "end CREATE TABLE", "start 1", "end INSERT 0 3", "start 2",
                                                "NOTICE hé; 1", "end DO", "start 3", "open 3", "rows 3", "rows 3",
                                                "end SELECT 3", "start 4", "end BEGIN"};
        QCOMPARE(told, expected);
    }

    void errorPositionsCountInTheScript()
    {
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            const std::string script = "SELECT 'äöü€';\n/* ü */ SELECT 'ß', nope FROM pg_class; SELECT 2";
            const RunOutcome run = connection->run(script);
            QVERIFY(run.error);
            QCOMPARE(run.error->sqlstate, std::string("42703"));
            QCOMPARE(run.error->kind, ErrorKind::Server);
            QCOMPARE(script.substr(run.error->position->value, 4), std::string("nope"));
            QCOMPARE(run.not_started, 1U);
            RunOptions on;
            on.stop_on_error = false;
            QCOMPARE(tags(connection->run(script, on)), std::string("SELECT 1, 42703, SELECT 1"));
        }
    }

    void errorsInFunctionsNameTheirLine()
    {
        const auto connection = test::freshConnection();
        QVERIFY(connection->query("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1 / 0;\nEND $$"));
        const auto outcome = connection->query("SELECT f()");
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().internal_line, std::optional(3));
        QVERIFY(outcome.error().context.find("f()") != std::string::npos);
    }

    void psqlLinesAndCopyAreExplained()
    {
        const auto connection = test::freshConnection();
        const std::string script = "SELECT 1;\n\\d users\nSELECT 2;";
        const RunOutcome run = connection->run(script);
        QVERIFY(run.error);
        QCOMPARE(run.error->kind, ErrorKind::Unsupported);
        QVERIFY(run.error->message.find("psql") != std::string::npos);
        QCOMPARE(script[run.error->position->value], '\\');
        const RunOutcome copy = connection->run("CREATE TABLE c (a int); COPY c FROM STDIN");
        QCOMPARE(copy.error->kind, ErrorKind::Unsupported);
        QCOMPARE(value(connection->query("SELECT count(*) FROM c")), std::string("0"));
        const RunOutcome out = connection->run("COPY (SELECT 1, 'x' UNION ALL SELECT 2, NULL ORDER BY 1) TO STDOUT");
        QVERIFY(!out.error);
        QCOMPARE(out.statements[0].rows, 2);
        QCOMPARE(out.statements[0].result->cell(1, 0).text, std::string_view("2\t\\N"));
        const RunOutcome nul = connection->run(std::string_view("SELECT 'a\0b'", 12));
        QVERIFY(nul.error);
        QCOMPARE(value(connection->query("SELECT 'still'")), std::string("still"));
    }

    void rowLimit()
    {
        const auto connection = test::freshConnection();
        RunOptions options;
        options.limits.max_rows = 1000;
        const RunOutcome run = connection->run("SELECT g FROM generate_series(1, 50000000) g; SELECT 1", options);
        QVERIFY2(!run.error, run.error ? run.error->text().c_str() : "");
        QVERIFY(run.statements[0].truncated);
        QCOMPARE(run.statements[0].rows, 1000);
        QCOMPARE(run.statements[0].result->rowCount(), 1000);
        QVERIFY(!run.statements[1].truncated);
        // A writing statement is never cut short.
        const RunOutcome write = connection->run("CREATE TABLE w (a int); INSERT INTO w SELECT g FROM generate_series(1, 5000) g RETURNING a", options);
        QVERIFY(!write.error);
        QVERIFY(write.statements[1].truncated);
        QCOMPARE(value(connection->query("SELECT count(*) FROM w")), std::string("5000"));
        // Nor a SELECT within a transaction: cancelling it would fail the whole transaction.
        const RunOutcome inside = connection->run("BEGIN; SELECT g FROM generate_series(1, 100000) g", options);
        QVERIFY(!inside.error);
        QCOMPARE(connection->transaction(), TransactionState::InTransaction);
    }

    void readOnlyIsEnforcedByTheServer()
    {
        for (const int major : test::majors()) {
            ConnectionSpec spec;
            spec.conninfo = test::freshDatabase(major);
            spec.read_only = true;
            spec.settings["work_mem"] = "7MB";
            spec.settings["search_path"] = "\"a b\", \"c\\d\"";
            const auto connection = Connection::open(spec);
            VERIFY_DONE(connection);
            QVERIFY((*connection)->facts().read_only);
            QCOMPARE(value((*connection)->query("SHOW work_mem")), std::string("7MB"));
            QCOMPARE(value((*connection)->query("SHOW search_path")), spec.settings["search_path"]);
            const auto refused = (*connection)->query("CREATE TABLE t ()");
            QVERIFY(!refused);
            QCOMPARE(refused.error().sqlstate, std::string("25006"));
            QVERIFY((*connection)->query("RESET ALL"));
            QVERIFY(!(*connection)->query("CREATE TABLE t ()"));
        }
    }

    void refusalsSayWhatToDo()
    {
        const auto refusal = [](const std::string &conninfo, std::optional<std::string> password = {}) {
            ConnectionSpec spec;
            spec.conninfo = conninfo;
            spec.password = std::move(password);
            spec.connect_timeout = std::chrono::seconds(2);
            const auto connection = Connection::open(spec);
            return connection ? Error{} : connection.error();
        };
        const Error nowhere = refusal("host=127.0.0.1 port=1 dbname=x");
        QCOMPARE(nowhere.kind, ErrorKind::Connection);
        QVERIFY(!nowhere.hint.empty());
        QVERIFY(nowhere.message.find("127.0.0.1") != std::string::npos);
        QCOMPARE(refusal("host=/nonexistent").kind, ErrorKind::Connection);
        QCOMPARE(refusal("this is no conninfo").kind, ErrorKind::Usage);
        const Error missing = refusal(test::server().conninfo("no such database"));
        QCOMPARE(missing.sqlstate, std::string("3D000"));

        QVERIFY(test::freshConnection()->query("CREATE ROLE guarded LOGIN PASSWORD 'right'"));
        const std::string guarded = "host=127.0.0.1 user=guarded dbname=postgres port=" + std::to_string(test::server().port());
        QCOMPARE(refusal(guarded).sqlstate, std::string("28P01"));
        const Error wrong = refusal(guarded, "wr0ng-secret");
        QCOMPARE(wrong.sqlstate, std::string("28P01"));
        QVERIFY(wrong.text().find("wr0ng-secret") == std::string::npos);
        QCOMPARE(refusal(guarded, "right").message, std::string());
    }

    void secretsStayOutOfDescriptions()
    {
        const std::string text = withoutPassword("postgresql://me:s3cret@example.org:5433/shop?sslmode=require");
        QVERIFY(text.find("s3cret") == std::string::npos);
        QVERIFY(text.find("sslmode=require") != std::string::npos);
        QCOMPARE(describe(text)->at("dbname"), std::string("shop"));
        QCOMPARE(describe("dbname=" + conninfoValue("a\t\n\v\f\rhost=b"))->at("dbname"), std::string("a\t\n\v\f\rhost=b"));
        // libpq quotes what it cannot read, a URI as a whole.
        for (const char *broken : {"postgresql://me:s3cret@h:5432,[::1]:x?/db?a", "host=h password=my s3cret", "password='s3cret", "password=a s3cret=b",
                                   "postgresql://me:s3cret%@h", "postgresql://h/db?password=s3cret&x", "postgresql://h/db?password=a%s3cret"}) {
            const auto unread = describe(broken);
            QVERIFY2(!unread, broken);
            QVERIFY2(unread.error().text().find("s3cret") == std::string::npos, unread.error().text().c_str());
        }
        QVERIFY(describe("hots=localhost").error().message.find("hots") != std::string::npos);
        const auto odd = describe("host=h dbname='it''s' password=p");
        QVERIFY(!odd); // libpq wants \' there
        QCOMPARE(describe(withoutPassword("dbname='it\\'s a \\\\ name'"))->at("dbname"), std::string("it's a \\ name"));
    }

    void anySizeAndShape()
    {
        const auto connection = test::freshConnection();
        const auto large = connection->query("SELECT repeat('x', 200 * 1024 * 1024), 'end'");
        VERIFY_DONE(large);
        QCOMPARE(large->result->cell(0, 0).text.size(), 200U * 1024 * 1024);
        QCOMPARE(large->result->cell(0, 1).text, std::string_view("end"));
        const auto none = connection->query("SELECT FROM generate_series(1, 7)");
        VERIFY_DONE(none);
        QCOMPARE(none->result->columns().size(), 0U);
        QCOMPARE(none->result->rowCount(), 7);
        std::string wide = "SELECT ";
        for (int i = 1; i <= 1600; ++i)
            wide += (i > 1 ? "," : "") + std::to_string(i) + " AS same";
        const auto many = connection->query(wide + " FROM generate_series(1, 100)");
        VERIFY_DONE(many);
        QCOMPARE(many->result->columns().size(), 1600U);
        QCOMPARE(many->result->columns()[1599].name, std::string("same"));
        QCOMPARE(many->result->cell(99, 1599).text, std::string_view("1600"));
        const auto odd = connection->query("CREATE TABLE \"a\"\"b\nc\" (\"x\"\"\ny\" int)");
        VERIFY_DONE(odd);
        QCOMPARE(connection->query("SELECT * FROM \"a\"\"b\nc\"")->result->columns()[0].name, std::string("x\"\ny"));
        const auto bytes = connection->query("SELECT '\\x01ff'::bytea, E'\\x01\\x7f'");
        QCOMPARE(bytes->result->cell(0, 1).text, std::string_view("\x01\x7f"));
    }

    void otherEncodings()
    {
        const auto open = [](const std::string &name, const std::string &encoding) {
            const auto postgres = test::freshConnection();
            const auto made = postgres->query("CREATE DATABASE " + name + " ENCODING '" + encoding + "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
            if (!made)
                qFatal("%s", made.error().text().c_str());
            ConnectionSpec spec;
            spec.conninfo = test::server().conninfo(name);
            return std::move(*Connection::open(spec));
        };
        const auto latin = open("latin", "LATIN1");
        QCOMPARE(value(latin->query("SELECT 'é' || chr(233)")), std::string("éé"));
        const RunOutcome unknown = latin->run("SELECT 'é', nope");
        QCOMPARE(unknown.error->position->value, 13U);
        QVERIFY(!latin->query("SELECT '€'")); // LATIN1 has none
        QCOMPARE(value(latin->query("SELECT 1")), std::string("1"));
        const auto ascii = open("ascii", "SQL_ASCII");
        QCOMPARE(value(ascii->query("SELECT E'\\xff\\xfe'")), std::string("\xff\xfe"));
        const RunOutcome bytes = ascii->run("SELECT 'é', nope");
        QCOMPARE(bytes.error->position->value, 13U);
    }

    void longScriptsAreSentWhole()
    {
        const auto connection = test::freshConnection();
        const std::string text(30'000'000, 'z');
        const auto length = connection->query("SELECT length('" + text + "')");
        QCOMPARE(value(length), std::to_string(text.size()));
    }
};

QTEST_GUILESS_MAIN(TestConnection)
#include "tst_connection.moc"
