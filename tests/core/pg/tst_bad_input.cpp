// SPDX-License-Identifier: GPL-3.0-or-later
// What servers, databases and scripts throw at a connection: each ends with a clear message and a session that works.
#include <QtTest>

#include <csignal>
#include <fstream>
#include <future>
#include <random>
#include <thread>

#include "core/pg/session.h"
#include "core/sql/quote.h"
#include "support/deaf_port.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::pg;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

bool has(const std::string &text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

std::string value(const Result<StatementOutcome> &outcome, std::int64_t row = 0, std::size_t column = 0)
{
    return outcome ? std::string(outcome->result->cell(row, column).text) : "error: " + outcome.error().text();
}

/// "" when the connection is at rest and answers.
std::string trouble(Connection &connection)
{
    if (connection.transaction() != TransactionState::Idle)
        return "not idle";
    const std::string one = value(connection.query("SELECT 1"));
    return one == "1" ? "" : one;
}

std::unique_ptr<Connection> open(const std::string &conninfo)
{
    ConnectionSpec spec;
    spec.conninfo = conninfo;
    auto connection = Connection::open(spec);
    if (!connection)
        qFatal("%s", connection.error().text().c_str());
    return std::move(*connection);
}

std::unique_ptr<Connection> openEncoded(int major, const std::string &encoding)
{
    static int number = 0;
    const std::string name = "encoded_" + std::to_string(++number);
    const auto made = test::freshConnection(major)->query("CREATE DATABASE \"" + name + "\" ENCODING '" + encoding +
                                                          "' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    if (!made)
        qFatal("%s", made.error().text().c_str());
    return open(test::server(major).conninfo(name));
}

Error refusal(const std::string &conninfo, std::optional<std::string> password = {})
{
    ConnectionSpec spec;
    spec.conninfo = conninfo;
    spec.password = std::move(password);
    spec.connect_timeout = 2s;
    const auto connection = Connection::open(spec);
    return connection ? Error{} : connection.error();
}

/// A server that was killed comes back by itself, or was started again; it takes a moment.
bool comesBack(Connection &connection)
{
    for (int i = 0; i < 100; ++i) {
        if (connection.reconnect())
            return true;
        std::this_thread::sleep_for(100ms);
    }
    return false;
}

/// The most memory this process held since resetPeak(), in bytes.
std::int64_t peakMemory()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:"))
            return std::atoll(line.c_str() + 6) * 1024;
    }
    return 0;
}

std::int64_t resetPeak()
{
    std::ofstream("/proc/self/clear_refs") << "5";
    return peakMemory();
}

constexpr const char *long_result = "SELECT g, repeat('x', 100) FROM generate_series(1, 20000000) g";

} // namespace

#define VERIFY_USABLE(connection) QCOMPARE(trouble(connection), std::string())

class TestBadInput : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusalsNameTheirCause()
    {
        const std::string port = std::to_string(test::server().port());
        const Error refused = refusal("host=127.0.0.1 port=1");
        QVERIFY(has(refused.hint, "Is the server running"));
        QVERIFY(refused.retryable);
        const Error missing = refusal("host=/nowhere/at/all");
        QVERIFY(has(missing.message, "/nowhere/at/all"));
        QVERIFY(has(missing.hint, "Is the server running"));
        const test::DeafPort deaf;
        QVERIFY(has(refusal("host=127.0.0.1 port=" + std::to_string(deaf.port)).message, "No answer from the server"));
        const Error role = refusal(test::server().conninfo() + " user=nobody_of_that_name");
        QCOMPARE(role.sqlstate, std::string("28000"));
        QVERIFY(has(role.message, "nobody_of_that_name"));
        QVERIFY(!role.hint.empty());
        QVERIFY(test::freshConnection()->query("CREATE ROLE bad_input LOGIN PASSWORD 'right'"));
        const Error wrong = refusal("host=127.0.0.1 user=bad_input dbname=postgres port=" + port, "wrong");
        QCOMPARE(wrong.sqlstate, std::string("28P01"));
        QVERIFY(has(wrong.hint, "password"));
    }

    void aKilledBackend()
    {
        for (const int major : {13, 15, 18}) {
            const auto connection = test::freshConnection(major);
            RunObserver observer;
            observer.rowsArrived = [&](std::size_t) { kill(connection->facts().backend_pid, SIGKILL); };
            const RunOutcome run = connection->run(long_result, {}, observer);
            QVERIFY(run.error);
            QCOMPARE(run.error->kind, ErrorKind::Connection);
            QVERIFY(has(run.error->message, "lost"));
            QVERIFY(!run.error->detail.empty());
            QVERIFY(has(run.error->hint, "Reconnect"));
            QVERIFY(run.statements[0].result->rowCount() > 0);
            QVERIFY(comesBack(*connection));
            VERIFY_USABLE(*connection);
        }
    }

    void aServerThatIsStoppedAtOnce()
    {
        for (const int major : {13, 15, 18}) {
            const auto connection = test::freshConnection(major);
            std::thread stopper;
            RunObserver observer;
            observer.rowsArrived = [&](std::size_t) {
                if (!stopper.joinable())
                    stopper = std::thread([&] { static_cast<void>(test::server(major).restart(cluster::LocalCluster::StopMode::Immediate)); });
            };
            const RunOutcome run = connection->run(long_result, {}, observer);
            stopper.join();
            QCOMPARE(run.error->kind, ErrorKind::Connection);
            QVERIFY(has(run.error->message, "lost"));
            QVERIFY(!has(run.error->text(), "\n\n"));
            QVERIFY(comesBack(*connection));
            VERIFY_USABLE(*connection);
        }
    }

    void aServerThatHangsUpOnAnIdleTransaction()
    {
        const auto connection = test::freshConnection(18);
        QVERIFY(!connection->run("SET idle_in_transaction_session_timeout = 50; BEGIN").error);
        std::this_thread::sleep_for(300ms);
        const RunOutcome run = connection->run("SELECT 1");
        QCOMPARE(run.error->kind, ErrorKind::Connection);
        QCOMPARE(run.error->sqlstate, std::string("25P03"));
        QVERIFY2(has(run.error->detail, "idle-in-transaction timeout"), run.error->text().c_str());
        QVERIFY(connection->reconnect());
        VERIFY_USABLE(*connection);
    }

    /// "Cancelled" is what the user did; a limit that ran out or another person's cancel is a failure.
    void onlyTheUserCancels()
    {
        for (const int major : {13, 15, 18}) {
            const auto connection = test::freshConnection(major);
            const RunOutcome late = connection->run("SET statement_timeout = 50; SELECT pg_sleep(10)");
            QCOMPARE(late.error->kind, ErrorKind::Server);
            QCOMPARE(late.error->sqlstate, std::string("57014"));
            QVERIFY(has(late.error->message, "statement timeout"));
            QVERIFY(connection->query("SET statement_timeout = 0"));
            const auto other = test::freshConnection(major);
            std::thread canceller([&] {
                for (int i = 0; i < 100; ++i) {
                    const auto hit = other->query("SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(11)'");
                    if (value(hit) == "1")
                        return;
                    std::this_thread::sleep_for(20ms);
                }
            });
            const auto cancelled = connection->query("SELECT pg_sleep(11)");
            canceller.join();
            QCOMPARE(cancelled.error().kind, ErrorKind::Server);
            QCOMPARE(cancelled.error().sqlstate, std::string("57014"));
            VERIFY_USABLE(*connection);
        }
    }

    void memoryOfOneLargeCell()
    {
        constexpr std::int64_t size = 200LL * 1024 * 1024;
        const auto connection = test::freshConnection();
        const std::int64_t before = resetPeak();
        const RunOutcome run = connection->run("SELECT repeat('x', 200 * 1024 * 1024), 'end'");
        const std::int64_t peak = peakMemory() - before;
        QVERIFY(!run.error);
        QCOMPARE(run.statements[0].result->cell(0, 0).text.size(), std::size_t(size));
        QCOMPARE(run.statements[0].result->cell(0, 1).text, std::string_view("end"));
        QVERIFY(run.statements[0].result->cell(0, 0).text.find_first_not_of('x') == std::string_view::npos);
        qInfo("a cell of 200 MB: peak %lld MB, %.2f times its size", static_cast<long long>(peak >> 20), double(peak) / size);
        QVERIFY(sanitized || peak < size * 22 / 10);
        VERIFY_USABLE(*connection);
    }

    /// As much as a server can send in one value; two rows of it.
    void rowsOfLargeCells()
    {
        const auto connection = test::freshConnection();
        const RunOutcome run = connection->run("SELECT repeat(chr(64 + g), 30000000), g, repeat('-', 30000000) FROM generate_series(1, 4) g");
        QVERIFY(!run.error);
        const RowStore &store = *run.statements[0].result;
        for (std::int64_t row = 0; row < 4; ++row) {
            QCOMPARE(store.cell(row, 0).text.size(), 30'000'000U);
            QCOMPARE(store.cell(row, 0).text.find_first_not_of(static_cast<char>('A' + row)), std::string_view::npos);
            QCOMPARE(store.cell(row, 1).text, std::string_view(std::to_string(row + 1)));
            QCOMPARE(store.cell(row, 2).text.back(), '-');
        }
        const auto refused = connection->query("SELECT repeat('x', 1024 * 1024 * 1024)");
        QVERIFY(!refused);
        QCOMPARE(refused.error().sqlstate, std::string("54000"));
        VERIFY_USABLE(*connection);
    }

    void bytesOfEveryValue()
    {
        std::string all, hex = "\\x";
        for (int byte = 1; byte < 256; ++byte) {
            all += byte < 128 ? std::string(1, static_cast<char>(byte)) : "";
            hex += QByteArray(1, static_cast<char>(byte)).toHex().toStdString();
        }
        for (const int major : {13, 15, 18}) {
            const auto connection = test::freshConnection(major);
            QCOMPARE(value(connection->query("SELECT $1::bytea", {{hex}})), hex);
            QCOMPARE(value(connection->query("SELECT $1", {{all}})), all);
            QCOMPARE(value(connection->query("SELECT " + sql::quoteLiteral(all))), all);
            QVERIFY(connection->query("SET bytea_output = escape"));
            QCOMPARE(value(connection->query("SELECT '\\x00415c'::bytea")), std::string("\\000A\\\\"));
            const RunOutcome binary = connection->run("COPY (SELECT '\\x0a0a'::bytea) TO STDOUT BINARY");
            QVERIFY(!binary.error);
            const RowStore &store = *binary.statements[0].result;
            std::string file;
            for (std::int64_t row = 0; row < store.rowCount(); ++row)
                file += store.cell(row, 0).text;
            QVERIFY(file.starts_with(std::string("PGCOPY\n\xff\r\n", 10)));
            QVERIFY(has(file, "\n\n"));
            VERIFY_USABLE(*connection);
        }
        const auto connection = test::freshConnection();
        const auto half = connection->query("SELECT '\xc3'"); // half a character
        QCOMPARE(half.error().sqlstate, std::string("22021"));
        VERIFY_USABLE(*connection);
    }

    void aDatabaseOfUnknownBytes()
    {
        for (const int major : {13, 15, 18}) {
            const auto connection = openEncoded(major, "SQL_ASCII");
            std::vector<std::string> notices;
            RunObserver observer;
            observer.notice = [&](const Notice &notice) { notices.push_back(notice.message); };
            const std::string script = "CREATE TABLE \"caf\xe9\" (\"pr\xe9nom\" text); INSERT INTO \"caf\xe9\" VALUES ('Ren\xe9'), ('ok');\n"
                                       "SELECT * FROM \"caf\xe9\"; DO $$ BEGIN RAISE NOTICE '\xff %', 'na\xefve'; END $$;\n"
                                       "SELECT '\xe9\xe9', \"no\xe9\" FROM \"caf\xe9\"";
            const RunOutcome run = connection->run(script, {}, observer);
            QCOMPARE(run.statements[2].result->columns()[0].name, std::string("pr\xe9nom"));
            QCOMPARE(run.statements[2].result->cell(0, 0).text, std::string_view("Ren\xe9"));
            QCOMPARE(run.error->sqlstate, std::string("42703"));
            QCOMPARE(script.substr(run.error->position->value, 5), std::string("\"no\xe9\""));
            // Texts for people are UTF-8 whatever the database holds: a stray byte reads as \xE9.
            QVERIFY2(has(run.error->message, "no\\xE9"), run.error->message.c_str());
            QCOMPARE(notices, std::vector<std::string>{"\\xFF na\\xEFve"});
            VERIFY_USABLE(*connection);
        }
    }

    void aDatabaseInLatin1()
    {
        for (const int major : {13, 15, 18}) {
            const auto connection = openEncoded(major, "LATIN1");
            std::vector<std::string> notices;
            RunObserver observer;
            observer.notice = [&](const Notice &notice) { notices.push_back(notice.message); };
            const std::string script = "CREATE TABLE \"Größe\" (\"Länge\" text); INSERT INTO \"Größe\" VALUES ('Übermaß');\n"
                                       "SELECT * FROM \"Größe\"; DO $$ BEGIN RAISE NOTICE 'schön'; END $$;\n"
                                       "SELECT 'ßßß', \"Höhe\" FROM \"Größe\"";
            const RunOutcome run = connection->run(script, {}, observer);
            QCOMPARE(run.statements[2].result->columns()[0].name, std::string("Länge"));
            QCOMPARE(run.statements[2].result->cell(0, 0).text, std::string_view("Übermaß"));
            QCOMPARE(notices, std::vector<std::string>{"schön"});
            QCOMPARE(script.substr(run.error->position->value, 7), std::string("\"Höhe\""));
            QVERIFY(has(run.error->message, "Höhe"));
            const auto euro = connection->query("SELECT '€'");
            QCOMPARE(euro.error().sqlstate, std::string("22P05"));
            VERIFY_USABLE(*connection);
        }
    }

    /// Dumps begin with SET client_encoding; what we send and show stays UTF-8 all the same.
    void scriptsThatChangeTheEncoding()
    {
        const auto connection = test::freshConnection();
        std::vector<std::string> notices;
        RunObserver observer;
        observer.notice = [&](const Notice &notice) { notices.push_back(notice.severity + " " + notice.message); };
        const RunOutcome run = connection->run("SET client_encoding = 'LATIN1'; SELECT 'é€', length('é€')", {}, observer);
        QVERIFY2(!run.error, run.error ? run.error->text().c_str() : "");
        QCOMPARE(run.statements[1].result->cell(0, 0).text, std::string_view("é€"));
        QCOMPARE(run.statements[1].result->cell(0, 1).text, std::string_view("2"));
        QCOMPARE(notices.size(), 1U);
        QVERIFY2(has(notices[0], "client_encoding"), notices[0].c_str());
        // Within a transaction, rolled back and failed too.
        const RunOutcome inside = connection->run("BEGIN; SET client_encoding = 'LATIN1'; SELECT 'ö'; ROLLBACK; SELECT 'ü'");
        QVERIFY(!inside.error);
        QCOMPARE(inside.statements[2].result->cell(0, 0).text, std::string_view("ö"));
        QCOMPARE(inside.statements[4].result->cell(0, 0).text, std::string_view("ü"));
        const auto ascii = openEncoded(18, "SQL_ASCII");
        QCOMPARE(value(ascii->query("SELECT '\xff'")), std::string("\xff"));
        QVERIFY(!ascii->run("RESET ALL; DISCARD ALL").error);
        QCOMPARE(value(ascii->query("SELECT '\xff'")), std::string("\xff"));
        VERIFY_USABLE(*connection);
    }

    void wideEmptyAndStrangeResults()
    {
        const auto connection = test::freshConnection();
        RunOptions few;
        few.limits.max_rows = 10;
        const RunOutcome none = connection->run("SELECT FROM generate_series(1, 1000000)", few);
        QVERIFY(!none.error);
        QCOMPARE(none.statements[0].rows, 10);
        QVERIFY(none.statements[0].truncated);
        std::string table = "CREATE TABLE wide (c1 int", row = "1";
        for (int i = 2; i <= 1600; ++i) {
            table += ", c" + std::to_string(i) + " int";
            row += ", NULL";
        }
        QVERIFY(connection->query(table + ")"));
        QVERIFY(connection->query("INSERT INTO wide VALUES (" + row + ")"));
        const auto wide = connection->query("SELECT a.*, b.* FROM wide a, wide b");
        QCOMPARE(wide.error().sqlstate, std::string("54011")); // 1,664 at most
        const auto again = connection->query("SELECT * FROM wide");
        QCOMPARE(again->result->columns().size(), 1600U);
        QVERIFY(again->result->cell(0, 1599).is_null);
        QCOMPARE(connection->query("ALTER TABLE wide ADD one_more int").error().sqlstate, std::string("54011"));
        const auto repeated = connection->query("SELECT 1 AS a, 2 AS a, 3 AS \"\\\\ \n a\", 4");
        QCOMPARE(repeated->result->columns()[1].name, std::string("a"));
        QCOMPARE(repeated->result->columns()[3].name, std::string("?column?"));
        VERIFY_USABLE(*connection);
    }

    void identifiersOfEveryShape()
    {
        const auto connection = test::freshConnection();
        std::vector<std::string> notices;
        RunObserver observer;
        observer.notice = [&](const Notice &notice) { notices.push_back(notice.message); };
        std::string longest;
        for (int i = 0; i < 21; ++i)
            longest += "木"; // 63 bytes
        for (const std::string &name : {longest, std::string("quo\"te\"\"s"), std::string("line\r\nbreak\ttab"), std::string("; DROP TABLE x; --"),
                                        std::string("$1"), std::string("\\d"), std::string(" ")}) {
            const std::string quoted = sql::quoteIdentifier(name);
            const std::string script = "CREATE TABLE " + quoted + " (" + quoted + " int); SELECT * FROM " + quoted + "; SELECT nope FROM " + quoted;
            const RunOutcome run = connection->run(script, {}, observer);
            QVERIFY(run.statements[1].result);
            QCOMPARE(run.statements[1].result->columns()[0].name, name);
            QCOMPARE(script.substr(run.error->position->value, 4), std::string("nope"));
            QVERIFY(connection->query("DROP TABLE " + quoted));
        }
        QVERIFY(notices.empty());
        QVERIFY(!connection->run("CREATE TABLE " + sql::quoteIdentifier(longest + "木") + " ()", {}, observer).error);
        QCOMPARE(notices.size(), 1U);
        QVERIFY(has(notices[0], "will be truncated"));
        VERIFY_USABLE(*connection);
    }

    void aStatementOfTenMegabytes()
    {
        const auto connection = test::freshConnection();
        std::string script = "CREATE TABLE big (a int, b text); INSERT INTO big VALUES (0, 'ä')";
        std::int64_t rows = 1;
        while (script.size() < 10'000'000)
            script += ", (" + std::to_string(rows++) + ", 'ä')";
        RunOutcome run = connection->run(script);
        QVERIFY2(!run.error, run.error ? run.error->text().c_str() : "");
        QCOMPARE(run.statements[1].rows, rows);
        script += ", (nope, '')";
        run = connection->run("DROP TABLE big; " + script);
        QCOMPARE(run.error->sqlstate, std::string("42703"));
        QCOMPARE(("DROP TABLE big; " + script).substr(run.error->position->value, 4), std::string("nope"));
        // The limit looks at the statement itself before it stops it.
        RunOptions few;
        few.limits.max_rows = 5;
        run = connection->run("SELECT g /* " + std::string(10'000'000, '*') + " */ FROM generate_series(1, 3000000) g", few);
        QVERIFY(!run.error);
        QCOMPARE(run.statements[0].rows, 5);
        VERIFY_USABLE(*connection);
    }

    void aFloodOfNotices()
    {
        const auto connection = test::freshConnection();
        std::int64_t count = 0;
        RunObserver observer;
        observer.notice = [&](const Notice &) { ++count; };
        const std::string flood = "DO $$ BEGIN FOR i IN 1 .. 100000 LOOP RAISE NOTICE 'number %', i; END LOOP; END $$";
        QVERIFY(!connection->run(flood, {}, observer).error);
        QCOMPARE(count, 100'000);
        observer.notice = [&](const Notice &) {
            if (++count == 101'000)
                connection->canceller().cancel();
        };
        const RunOutcome run = connection->run("DO $$ BEGIN LOOP RAISE NOTICE 'for ever'; END LOOP; END $$", {}, observer);
        QCOMPARE(run.error->kind, ErrorKind::Cancelled);
        VERIFY_USABLE(*connection);
    }

    void copyIsRefusedOrRead()
    {
        const auto connection = test::freshConnection();
        RunOptions on;
        on.stop_on_error = false;
        const RunOutcome dump = connection->run("CREATE TABLE c (a int, b text);\nCOPY c (a, b) FROM stdin;\n1\tone; 'x\n\\N\t\\N\n\\.\n"
                                                "SELECT count(*) FROM c;\nCOPY c FROM stdin; SELECT 'x';\n\\.\nSELECT b FROM c ORDER BY a LIMIT 1", on);
        QVERIFY2(!dump.error, dump.error ? dump.error->text().c_str() : "");
        QCOMPARE(dump.statements.size(), std::size_t(6));
        QCOMPARE(dump.statements[1].rows, 2);
        QCOMPARE(dump.statements[2].result->cell(0, 0).text, std::string_view("2"));
        QCOMPARE(dump.statements.back().result->cell(0, 0).text, std::string_view("one; 'x"));
        const RunOutcome wrong = connection->run("COPY c FROM stdin;\nno number\tx\n\\.\nSELECT count(*) FROM c;", on);
        QCOMPARE(wrong.statements.size(), std::size_t(2));
        QCOMPARE(wrong.statements[0].error->sqlstate, std::string("22P02"));
        QVERIFY(has(wrong.statements[0].error->context, "line 1"));
        QCOMPARE(wrong.statements[1].result->cell(0, 0).text, std::string_view("2"));
        std::string rows;
        for (int i = 0; i < 300'000; ++i)
            rows += std::to_string(i) + "\tseveral buffers of libpq\n";
        const RunOutcome many = connection->run("COPY c FROM stdin;\n" + rows + "\\.\n");
        QCOMPARE(many.statements[0].rows, 300'000);
        VERIFY_USABLE(*connection);
        const RunOutcome inside = connection->run("BEGIN; COPY c FROM STDIN");
        QCOMPARE(inside.error->kind, ErrorKind::Unsupported);
        QCOMPARE(connection->transaction(), TransactionState::InFailedTransaction);
        QVERIFY(connection->query("ROLLBACK"));
        RunOptions few;
        few.limits.max_rows = 10;
        const RunOutcome out = connection->run("COPY (SELECT g, 'a\nb' FROM generate_series(1, 200000) g) TO STDOUT", few);
        QVERIFY(!out.error);
        QVERIFY(out.statements[0].truncated);
        QCOMPARE(out.statements[0].result->cell(9, 0).text, std::string_view("10\ta\\nb"));
        RunObserver observer;
        observer.rowsArrived = [&](std::size_t) { connection->canceller().cancel(); };
        const RunOutcome cancelled = connection->run("COPY (SELECT g FROM generate_series(1, 200000000) g) TO STDOUT", {}, observer);
        QCOMPARE(cancelled.error->kind, ErrorKind::Cancelled);
        const RunOutcome broken = connection->run("COPY (SELECT 1 / (500 - g) FROM generate_series(1, 1000) g) TO STDOUT");
        QCOMPARE(broken.error->sqlstate, std::string("22012"));
        VERIFY_USABLE(*connection);
    }

    void notificationsAreTold()
    {
        const auto connection = test::freshConnection();
        std::vector<std::string> told;
        RunObserver observer;
        observer.notice = [&](const Notice &notice) { told.push_back(notice.severity + " " + notice.message); };
        QVERIFY(!connection->run("LISTEN \"Ä b\"; NOTIFY \"Ä b\", 'hello'; SELECT 1", {}, observer).error);
        QCOMPARE(told, std::vector<std::string>{"NOTIFY Ä b: hello"});
        told.clear();
        const auto other = open(test::server().conninfo(connection->facts().database));
        QVERIFY(!other->run("NOTIFY \"Ä b\"; NOTIFY \"Ä b\", 'two'").error);
        QVERIFY(!connection->run("SELECT pg_sleep(0.1)", {}, observer).error);
        QVERIFY(!connection->run("SELECT 1", {}, observer).error);
        QCOMPARE(told, (std::vector<std::string>{"NOTIFY Ä b", "NOTIFY Ä b: two"}));
        VERIFY_USABLE(*connection);
    }

    void tenThousandStatements()
    {
        const auto connection = test::freshConnection();
        std::string script;
        for (int i = 0; i < 10'000; ++i)
            script += "SELECT " + std::to_string(i) + ";\n";
        const RunOutcome run = connection->run(script);
        QVERIFY(!run.error);
        QCOMPARE(run.statements.size(), 10'000U);
        QCOMPARE(run.statements.back().result->cell(0, 0).text, std::string_view("9999"));
        std::int64_t memory = 0;
        for (const StatementOutcome &statement : run.statements)
            memory += statement.result->memoryBytes();
        qInfo("10,000 statements in %.0f ms; their results hold %lld MB", run.duration_ms, static_cast<long long>(memory >> 20));
        QVERIFY(memory < 10'000 * 8192);
        VERIFY_USABLE(*connection);
    }

    void linesForPsql()
    {
        const auto connection = test::freshConnection();
        for (const char *line : {"\\d+ users", "\\copy t from 'x'", "\\timing on", "\\i other.sql", "\\set a 'b;c'", "\\", "\\gset"}) {
            const std::string script = "SELECT 1;\n" + std::string(line) + "\nSELECT 2;";
            RunOptions on;
            on.stop_on_error = false;
            const RunOutcome run = connection->run(script, on);
            QCOMPARE(run.error->kind, ErrorKind::Unsupported);
            QVERIFY(has(run.error->message, "psql"));
            QCOMPARE(run.error->position->value, 10U);
            QCOMPARE(run.statements.size(), 3U);
            QCOMPARE(run.statements[2].result->cell(0, 0).text, std::string_view("2"));
        }
        VERIFY_USABLE(*connection);
    }

    void textsThatDoNotEnd()
    {
        const auto connection = test::freshConnection();
        for (const char *statement : {"SELECT 'abc", "SELECT \"abc", "SELECT $x$abc", "SELECT 1 /* abc", "SELECT E'\\", "SELECT U&'\\", "SELECT (1", "SELECT \xc3\x28"}) {
            const std::string script = "SELECT 'ü';\n" + std::string(statement) + "; SELECT 3";
            const RunOutcome run = connection->run(script);
            QVERIFY2(run.error, statement);
            QVERIFY2(run.error->sqlstate.starts_with("42601") || run.error->sqlstate.starts_with("22"), run.error->text().c_str());
            QVERIFY(!run.error->position || run.error->position->value >= 13);
            VERIFY_USABLE(*connection);
        }
    }

    /// Cancels at random moments of a varied load, by way of a session as the window has it.
    void cancelsUnderLoad()
    {
        ConnectionSpec spec;
        spec.conninfo = test::freshDatabase();
        Session session(spec);
        const auto run = [&](const std::string &script) {
            auto done = std::make_shared<std::promise<RunOutcome>>();
            session.run(script, {}, {}, [done](RunOutcome outcome) { done->set_value(std::move(outcome)); });
            return done->get_future();
        };
        QVERIFY(!run("SET work_mem = '7MB'; SET application_name = 'kept'; CREATE TABLE load (a int); CREATE TEMPORARY TABLE mine (a int)").get().error);
        const std::vector<std::string> load{
            "SELECT g, md5(g::text) FROM generate_series(1, 300000) g", "SELECT pg_sleep(0.03)",
            "INSERT INTO load SELECT g FROM generate_series(1, 20000) g; DELETE FROM load", "SELECT 1; SELECT 2; SELECT 3",
            "DO $$ BEGIN FOR i IN 1 .. 20000 LOOP RAISE NOTICE '%', i; END LOOP; END $$",
            "COPY (SELECT g FROM generate_series(1, 200000) g) TO STDOUT", "SELECT count(*) FROM generate_series(1, 100000)"};
        std::mt19937 random(11);
        std::uniform_int_distribution<int> microseconds(0, 40'000);
        int cancelled = 0;
        for (std::size_t round = 0; round < 200; ++round) {
            auto first = run(load[round % load.size()]);
            std::this_thread::sleep_for(std::chrono::microseconds(microseconds(random)));
            session.cancel();
            QVERIFY2(first.wait_for(5s) == std::future_status::ready, load[round % load.size()].c_str());
            const RunOutcome outcome = first.get();
            QVERIFY2(!outcome.error || outcome.error->kind == ErrorKind::Cancelled, outcome.error ? outcome.error->text().c_str() : "");
            cancelled += outcome.error ? 1 : 0;
            const RunOutcome next = run("SELECT pg_sleep(0.001), current_setting('work_mem') || current_setting('application_name') FROM mine RIGHT JOIN (SELECT 1) o ON true").get();
            QVERIFY2(!next.error, next.error ? next.error->text().c_str() : "");
            QCOMPARE(next.statements[0].result->cell(0, 1).text, std::string_view("7MBkept"));
            QTRY_COMPARE(session.state(), SessionState::Idle);
            QCOMPARE(session.transaction(), TransactionState::Idle);
        }
        qInfo("200 rounds: %d cancelled, the others were done before", cancelled);
        QVERIFY(cancelled > 20);
    }
};

QTEST_GUILESS_MAIN(TestBadInput)
#include "tst_bad_input.moc"
