// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/migration/effects.h"
#include "core/migration/trace.h"
#include "core/pg/catalog.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::migration;

namespace {

struct Case {
    const char *name;
    const char *script;
    int since = 13;
    std::vector<const char *> errors = {}; ///< SQLSTATE of each statement, "" for none; empty: none fails
};

const Case scripts[] = {
    {"what is rolled back is there again", "BEGIN; DROP TABLE t CASCADE; ROLLBACK; ALTER TABLE t ADD COLUMN x int"},
    {"what is committed is gone", "BEGIN; DROP TABLE lone; COMMIT; ALTER TABLE lone ADD COLUMN x int", 13, {"", "", "", "42P01"}},
    {"back to a savepoint", "BEGIN; ALTER TABLE t ADD COLUMN x int; SAVEPOINT a; ALTER TABLE t DROP COLUMN x; ROLLBACK TO a; ALTER TABLE t ALTER COLUMN x TYPE bigint; COMMIT; ALTER TABLE t DROP COLUMN x"},
    {"the inner of two savepoints of one name", "BEGIN; SAVEPOINT a; ALTER TABLE t ADD COLUMN x int; SAVEPOINT a; ALTER TABLE t ADD COLUMN y int; ROLLBACK TO a; RELEASE a; ALTER TABLE t ADD COLUMN y int; ROLLBACK TO a; ALTER TABLE t ADD COLUMN x int; COMMIT"},
    {"an error makes deaf until the end", "BEGIN; ALTER TABLE t ADD COLUMN a int; ALTER TABLE t ADD COLUMN x int; COMMIT; ALTER TABLE t ADD COLUMN x int", 13, {"", "42701", "25P02", "", ""}},
    {"an error is undone by a savepoint", "BEGIN; ALTER TABLE t ADD COLUMN x int; SAVEPOINT s; ALTER TABLE t ADD COLUMN a int; ROLLBACK TO s; ALTER TABLE t DROP COLUMN x; COMMIT", 13, {"", "", "", "42701", "", "", ""}},
    {"an unknown savepoint", "BEGIN; ALTER TABLE t ADD COLUMN x int; ROLLBACK TO nowhere; ALTER TABLE t DROP COLUMN x; ROLLBACK; ALTER TABLE t ADD COLUMN x int", 13, {"", "", "3B001", "25P02", "", ""}},
    {"what must stand outside", "BEGIN; CREATE INDEX CONCURRENTLY i ON t (a); ALTER TABLE t ADD COLUMN x int; ROLLBACK; CREATE INDEX i ON t (a)", 13, {"", "25001", "25P02", "", ""}},
    {"and chain", "BEGIN; ALTER TABLE t RENAME TO u; ROLLBACK AND CHAIN; ALTER TABLE t ADD COLUMN x int; COMMIT; ALTER TABLE t DROP COLUMN x"},
    {"a local search path ends with its transaction", "BEGIN; SET LOCAL search_path = other; ALTER TABLE o ADD COLUMN x int; COMMIT; ALTER TABLE o ADD COLUMN y int", 13, {"", "", "", "", "42P01"}},
    {"half of a statement that fails", "ALTER TABLE t ADD COLUMN x int, ADD COLUMN a int; ALTER TABLE t ADD COLUMN x int", 13, {"42701", ""}},
    {"concurrently in a block of code", "DO $$ BEGIN EXECUTE 'CREATE INDEX CONCURRENTLY i ON t (a)'; END $$", 13, {"25001"}},
};

const Case published[] = {
    {"of a schema, list of columns dropped", "ALTER TABLE c DROP COLUMN b", 15, {"2BP01"}},
    {"cascade takes the table out", "ALTER TABLE c DROP COLUMN b CASCADE; ALTER PUBLICATION listed ADD TABLE c", 15},
    {"a filter's type", "ALTER TABLE c ALTER COLUMN id TYPE bigint", 15, {"0A000"}},
    {"a list's type", "ALTER TABLE c ALTER COLUMN b TYPE varchar(50)", 15, {"0A000"}},
    {"another set of schemas", "ALTER PUBLICATION listed SET TABLES IN SCHEMA other; ALTER PUBLICATION listed ADD TABLE t", 15},
    {"all tables cannot be added to", "ALTER PUBLICATION whole ADD TABLE t", 13, {"55000"}},
    {"unknown", "ALTER PUBLICATION nowhere ADD TABLE t", 13, {"42704"}},
    {"twice", "CREATE PUBLICATION whole FOR TABLE t", 13, {"42710"}},
};

std::string setup(int major)
{
    std::string sql = "CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT i, i FROM generate_series(1, 50) i; CREATE TABLE lone (a int); CREATE TABLE c (id int PRIMARY KEY, b text, x int);"
                      "CREATE VIEW v AS SELECT a FROM t; CREATE SCHEMA other; CREATE TABLE other.o (a int PRIMARY KEY); CREATE PUBLICATION whole FOR ALL TABLES;";
    if (major >= 15)
        sql += "CREATE PUBLICATION listed FOR TABLE c (id, b) WHERE (id > 3); CREATE PUBLICATION schemas FOR TABLES IN SCHEMA other;";
    return sql;
}

} // namespace

/// Scripts as a whole: what transactions undo, and what publications have to do with it. Told and measured alike.
class TestEffectsScript : public QObject
{
    Q_OBJECT

    static Result<std::vector<StatementEffects>> effects(pg::Connection &connection, const std::string &script)
    {
        const auto catalog = pg::readCatalog(connection, {});
        const auto facts = readSchemaFacts(connection);
        if (!catalog || !facts)
            return tl::unexpected(catalog ? facts.error() : catalog.error());
        return effectsOf(script, connection.facts().major(), catalog->get(), &*facts);
    }

    static void rows(const Case *begin, const Case *end)
    {
        QTest::addColumn<int>("major");
        QTest::addColumn<int>("index");
        for (const int major : test::majors()) {
            for (const Case *one = begin; one != end; ++one) {
                if (major >= one->since)
                    QTest::addRow("%d %s", major, one->name) << major << static_cast<int>(one - begin);
            }
        }
    }

    static void compare(const Case &one, int major)
    {
        for (const bool keep : {false, true}) { // each in a transaction of ours, and as it would really run
            const auto connection = test::freshConnection(major);
            QVERIFY(!connection->run(setup(major)).error);
            const auto expected = effects(*connection, one.script);
            QVERIFY(expected);
            TraceOptions options;
            options.commit = options.outside_transaction = keep;
            const auto measured = trace(*connection, one.script, options);
            QVERIFY2(measured, measured ? "" : measured.error().text().c_str());
            QCOMPARE(measured->size(), expected->size());
            for (std::size_t i = 0; i < expected->size(); ++i) {
                const std::string state = expected->at(i).errors.empty() ? "" : expected->at(i).errors.front().sqlstate;
                QCOMPARE(state, std::string(one.errors.empty() ? "" : one.errors.at(i)));
                QVERIFY2(measured->at(i).was_run, expected->at(i).sql.c_str());
                const auto differences = disagreements(expected->at(i), measured->at(i));
                QVERIFY2(differences.empty(), differences.empty() ? "" : (expected->at(i).sql + ": " + differences.front()).c_str());
            }
            QCOMPARE(connection->transaction(), pg::TransactionState::Idle);
        }
    }

private Q_SLOTS:
    void followsTransactions_data() { rows(std::begin(scripts), std::end(scripts)); }
    void followsTransactions()
    {
        QFETCH(int, major);
        QFETCH(int, index);
        compare(scripts[index], major);
    }

    void knowsPublications_data() { rows(std::begin(published), std::end(published)); }
    void knowsPublications()
    {
        QFETCH(int, major);
        QFETCH(int, index);
        compare(published[index], major);
    }

    void namesWhoIsPublishedTo()
    {
        const auto connection = test::freshConnection(15);
        QVERIFY(!connection->run(setup(15)).error);
        const auto breaks = [&](const char *script) {
            const auto found = effects(*connection, script);
            std::string all;
            for (const std::string &one : found ? found->back().breaks : std::vector<std::string>())
                all += one + "\n";
            return all;
        };
        QVERIFY(breaks("DROP TABLE other.o").find("Subscribers of the publication schemas get no more changes of other.o") != std::string::npos);
        QVERIFY(breaks("DROP TABLE other.o").find("publication whole") != std::string::npos);
        QVERIFY(breaks("ALTER TABLE t ADD COLUMN x int").find("Subscribers of the publication whole stop at the next change of public.t until they have a column x") != std::string::npos);
        QVERIFY(breaks("ALTER TABLE t ADD COLUMN x int").find("publication schemas") == std::string::npos);
        QVERIFY(breaks("ALTER TABLE c ADD COLUMN z int").find("publication listed") == std::string::npos); // it names its columns
        QVERIFY(breaks("DROP PUBLICATION schemas, whole; DROP TABLE other.o").find("publication") == std::string::npos);
        QVERIFY(breaks("ALTER TABLE other.o RENAME TO p").find("until the table has the new name there") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestEffectsScript)
#include "tst_effects_script.moc"
