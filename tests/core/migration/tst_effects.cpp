// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/migration/effects.h"
#include "core/migration/trace.h"
#include "core/sql/lexer.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::migration;
using nlohmann::json;

namespace {

/// Measurements that are less than the truth, because of how they were taken: locks of statements outside a
/// transaction were polled from another session while a writer held the table, so a phase shorter than the poll was
/// missed. The static answer says what the server takes in all phases.
struct Artefact {
    const char *statement;
    const char *reason;
};
const Artefact polled[] = {
    {"reindex_index_concurrently", "the old index's final lock was seen by the poll on 14, 17 and 18 only"},
    {"vacuum_full", "the index's lock was seen on 14, 16 and 18 only; the scan is no sequential scan in its own transaction's counters"},
    {"vacuum", "the index's lock was seen on 13 and 18 only"},
    {"detach_concurrently", "the partition's index was seen locked on 15 only"},
    {"partitioned_vacuum", "tables are vacuumed one after the other, each in its own transaction; the poll caught some"},
    {"create_index_concurrently", "the table is read in transactions of their own, whose counters were not seen"},
};

bool isPolled(const std::string &name)
{
    return std::any_of(std::begin(polled), std::end(polled), [&](const Artefact &artefact) { return name == artefact.statement; });
}

std::string bare(const std::string &label)
{
    return label.rfind("w.", 0) == 0 ? label.substr(2) : label;
}

std::vector<std::string> bareSorted(const std::vector<std::string> &labels)
{
    std::vector<std::string> all;
    for (const std::string &label : labels)
        all.push_back(bare(label));
    std::sort(all.begin(), all.end());
    return all;
}

/// "AccessExclusiveLock", or "- waits:AccessExclusiveLock" where the poll saw it waiting.
std::string modeOf(const std::string &text)
{
    const std::size_t waits = text.find("waits:");
    return waits == std::string::npos ? text : text.substr(waits + 6);
}

std::vector<std::string> buildsIn(const json &notices)
{
    std::vector<std::string> all;
    for (const json &notice : notices) {
        const std::string text = notice;
        if (text.rfind("building index \"", 0) != 0 || text.find("pg_toast_") != std::string::npos)
            continue;
        all.push_back(text.substr(16, text.find('"', 16) - 16));
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

std::string joined(const std::vector<std::string> &all)
{
    std::string text;
    for (const std::string &one : all)
        text += (text.empty() ? "" : " ") + one;
    return "[" + text + "]";
}

std::vector<std::string> keysOf(const json &object)
{
    std::vector<std::string> all;
    for (const auto &item : object.items())
        all.push_back(item.key());
    std::sort(all.begin(), all.end());
    return all;
}

/// Differences between an answer and what the oracle measured.
std::vector<std::string> differences(const std::string &name, const StatementEffects &found, const json &measured, bool in_transaction)
{
    std::vector<std::string> all;
    if (measured.contains("error") != !found.errors.empty())
        all.push_back("error: " + (found.errors.empty() ? measured["error"].get<std::string>() + " was measured" : found.errors[0].message + " was expected"));
    if (measured.contains("error"))
        return all;
    std::map<std::string, std::string> locks;
    for (const auto &[relation, mode] : found.locks)
        locks[bare(relation)] = mode;
    for (const auto &item : measured["locks"].items()) {
        const auto held = locks.find(item.key());
        const std::string mode = modeOf(item.value());
        if (held == locks.end())
            all.push_back("lock " + item.key() + ": measured " + mode);
        else if (held->second != mode && !isPolled(name))
            all.push_back("lock " + item.key() + ": " + held->second + ", measured " + mode);
    }
    for (const auto &[relation, mode] : locks) {
        if (!measured["locks"].contains(relation) && !isPolled(name))
            all.push_back("lock " + relation + ": " + mode + ", measured none");
    }
    const auto compare = [&](const char *what, const std::vector<std::string> &ours, const std::vector<std::string> &theirs) {
        if (ours != theirs)
            all.push_back(std::string(what) + " " + joined(ours) + ", measured " + joined(theirs));
    };
    std::vector<std::string> rewritten = measured["rewritten"];
    std::sort(rewritten.begin(), rewritten.end());
    compare("rewrites", bareSorted(found.rewrites), rewritten);
    if (!isPolled(name) && in_transaction) // outside of one, counters were not seen
        compare("scans", bareSorted(found.scans), keysOf(measured["scans"]));
    compare("builds", bareSorted(found.builds), buildsIn(measured["notices"]));
    if (found.in_transaction != in_transaction)
        all.push_back(found.in_transaction ? "cannot run in a transaction" : "can run in a transaction");
    return all;
}

/// Statements of the oracle's kinds that it does not have, measured here. The first text sets up.
struct Further {
    const char *setup;
    const char *statement;
    int since = 13;
};
const Further further[] = {
    {"", "ALTER TABLE t ADD COLUMN x timestamptz NOT NULL DEFAULT now()"},
    {"", "ALTER TABLE t ADD COLUMN x float8 DEFAULT random()"},
    {"", "ALTER TABLE t3 ADD COLUMN x int GENERATED BY DEFAULT AS IDENTITY"},
    {"", "ALTER TABLE pt ADD COLUMN x int DEFAULT 7"},
    {"", "ALTER TABLE pt ALTER COLUMN z SET NOT NULL"},
    {"", "ALTER TABLE c ALTER COLUMN pid TYPE bigint"},
    {"CREATE INDEX ib ON t(b)", "ALTER TABLE t ALTER COLUMN b TYPE text COLLATE \"C\""},
    {"", "ALTER TABLE t ALTER COLUMN ci TYPE inet"},
    {"", "ALTER TABLE t ALTER COLUMN o TYPE int"},
    {"", "ALTER TABLE t ALTER COLUMN ts TYPE timestamp(6)"},
    {"", "ALTER TABLE t ALTER COLUMN a TYPE bigint USING a + 1"},
    {"CREATE INDEX ia ON t(n) WHERE a > 5", "ALTER TABLE t DROP COLUMN a"},
    {"", "ALTER TABLE t ADD CONSTRAINT k EXCLUDE USING btree (a WITH =)"},
    {"", "ALTER TABLE t2 ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES t(id)"},
    {"", "ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)"},
    {"", "ALTER TABLE pt ADD CONSTRAINT k UNIQUE (id, z)"},
    {"INSERT INTO pt2 SELECT g,1,1 FROM generate_series(0,99) g", "ALTER TABLE pt2 ADD PRIMARY KEY (id)"},
    {"", "ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey"},
    {"", "ALTER TABLE t CLUSTER ON t_pkey"},
    {"", "ALTER TABLE t OWNER TO CURRENT_USER"},
    {"CREATE ROLE howdah_other", "ALTER TABLE t OWNER TO howdah_other"},
    {"CREATE TABLE par (a int)", "ALTER TABLE t INHERIT par"},
    {"", "ALTER TABLE t ENABLE ROW LEVEL SECURITY"},
    {"", "ALTER TABLE t ALTER COLUMN b SET STORAGE EXTERNAL"},
    {"CREATE INDEX ib ON t(b)", "ALTER TABLE t ALTER COLUMN b SET STORAGE MAIN", 14},
    {"CREATE INDEX ib ON t(b)", "ALTER INDEX ib RENAME TO ib2"},
    {"CREATE INDEX ipt ON ONLY pt(z); CREATE INDEX i1 ON pt_1(z)", "ALTER INDEX ipt ATTACH PARTITION i1"},
    {"", "CREATE UNIQUE INDEX i ON t(a) WHERE n > 5"},
    {"", "CREATE INDEX ON pt(lower(z::text))"},
    {"CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE PROCEDURE tf()", "DROP TRIGGER tg ON t"},
    {"", "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING"},
    {"CREATE SEQUENCE s", "ALTER SEQUENCE s INCREMENT BY 5"},
    {"CREATE TABLE ser (id serial, a int)", "DROP TABLE ser"},
    {"CREATE TABLE ser (id serial, a int)", "TRUNCATE ser RESTART IDENTITY"},
    {"", "DROP TABLE c"},
    {"", "DROP TABLE pt_1"},
    {"CREATE TABLE pt_def PARTITION OF pt DEFAULT", "DROP TABLE pt_1"},
    {"", "DROP TABLE pt"},
    {"", "TRUNCATE pt"},
    {"CREATE TABLE pt_def PARTITION OF pt DEFAULT; INSERT INTO pt SELECT g,1,1 FROM generate_series(5000,5100) g", "CREATE TABLE pt_new PARTITION OF pt FOR VALUES FROM (3000) TO (4000)"},
    {"CREATE TABLE pt_new (LIKE pt INCLUDING ALL); INSERT INTO pt_new SELECT g,1,1 FROM generate_series(3000,3100) g", "ALTER TABLE pt ATTACH PARTITION pt_new FOR VALUES FROM (3000) TO (4000)"},
    {"CREATE TABLE l (k text NOT NULL, v int) PARTITION BY LIST (k); CREATE TABLE l_a (k text NOT NULL CHECK (k IN ('a', 'b')), v int); INSERT INTO l_a VALUES ('a', 1)",
     "ALTER TABLE l ATTACH PARTITION l_a FOR VALUES IN ('a', 'b', 'c')"},
    {"ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)", "ALTER TABLE pt DETACH PARTITION pt_1"},
    {"CREATE TABLE fc (x int REFERENCES pt(id))", "CREATE TABLE pt_new PARTITION OF pt FOR VALUES FROM (3000) TO (4000)"},
    {"", "ALTER TABLE pt RENAME COLUMN z TO zz"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "ALTER TABLE t ALTER COLUMN a TYPE bigint"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "DROP TABLE t CASCADE"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "LOCK TABLE vv IN SHARE MODE"},
    {"", "COMMENT ON CONSTRAINT t_pkey ON t IS 'x'"},
    {"", "COMMENT ON INDEX t_pkey IS 'x'"},
    {"", "GRANT SELECT ON t TO PUBLIC"},
    {"", "ANALYZE t"},
    {"", "LOCK TABLE pt IN SHARE ROW EXCLUSIVE MODE"},
    {"", "ALTER TABLE t RENAME CONSTRAINT t_pkey TO k"},
    {"", "ALTER TABLE p DROP CONSTRAINT p_pkey CASCADE"},
    {"", "ALTER TABLE t SET (user_catalog_table = true)"},
    {"CREATE TYPE mood AS ENUM ('sad', 'ok')", "ALTER TYPE mood ADD VALUE 'glad'"},
    {"", "REINDEX INDEX t_pkey"},
    {"", "CREATE MATERIALIZED VIEW mv AS SELECT id, a FROM t"},
    {"", "ALTER TABLE t ADD COLUMN x int REFERENCES p(id)"},
    {"", "ALTER TABLE t ALTER COLUMN a SET NOT NULL"},
    {"ALTER TABLE t ADD CHECK (a >= 0)", "ALTER TABLE t ALTER COLUMN a SET NOT NULL"},
    {"ALTER TABLE pt ADD CHECK (z IS NOT NULL)", "ALTER TABLE pt ALTER COLUMN z SET NOT NULL"},
    {"", "ALTER TABLE t ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY"},
    {"ALTER TABLE t ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY", "ALTER TABLE t ALTER COLUMN n SET GENERATED BY DEFAULT"},
    {"ALTER TABLE t ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY", "ALTER TABLE t ALTER COLUMN n RESTART WITH 5000"},
    {"ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (a+1) STORED", "ALTER TABLE t ALTER COLUMN g DROP EXPRESSION"},
    {"ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (a+1) STORED", "ALTER TABLE t ALTER COLUMN a TYPE bigint"},
    {"CREATE TRIGGER tg BEFORE UPDATE OF a ON t FOR EACH ROW EXECUTE PROCEDURE tf()", "ALTER TABLE t ALTER COLUMN a TYPE bigint"},
    {"", "ALTER TABLE t ALTER COLUMN b SET COMPRESSION pglz", 14},
    {"SET timezone='UTC'", "ALTER TABLE t ALTER COLUMN tz TYPE timestamp"},
    {"SET timezone='UTC'", "ALTER TABLE t ALTER COLUMN ts TYPE timestamptz USING ts AT TIME ZONE 'UTC'"},
    {"", "ALTER TABLE t ALTER COLUMN vb TYPE varbit(10)"},
    {"", "ALTER TABLE t ALTER COLUMN iv TYPE interval"},
    {"CREATE DOMAIN dn AS int NOT NULL", "ALTER TABLE t ADD COLUMN x dn DEFAULT 1"},
    {"", "ALTER TABLE t ADD CONSTRAINT k CHECK (a >= 0)"},
    {"", "ALTER TABLE t ADD CONSTRAINT k UNIQUE (a) DEFERRABLE"},
    {"", "ALTER TABLE t DROP CONSTRAINT t_pkey"},
    {"ALTER TABLE pt ADD CONSTRAINT k CHECK (z >= 0) NOT VALID", "ALTER TABLE pt VALIDATE CONSTRAINT k"},
    {"ALTER TABLE pt ADD CONSTRAINT k CHECK (z >= 0)", "ALTER TABLE pt DROP CONSTRAINT k"},
    {"ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)", "ALTER TABLE pt DROP CONSTRAINT k"},
    {"ALTER TABLE pt_1 ADD CONSTRAINT k1 FOREIGN KEY (pid) REFERENCES p(id); ALTER TABLE pt_2 ADD CONSTRAINT k2 FOREIGN KEY (pid) REFERENCES p(id)",
     "ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)"},
    {"CREATE TABLE fc (x int REFERENCES pt(id))", "ALTER TABLE fc DROP CONSTRAINT fc_x_fkey"},
    {"CREATE TABLE fc (x int REFERENCES pt(id)); INSERT INTO fc VALUES (1500)", "ALTER TABLE pt DETACH PARTITION pt_1"},
    {"CREATE TABLE fc (x int REFERENCES pt(id)); CREATE TABLE pt_new (LIKE pt INCLUDING ALL, CHECK (id IS NOT NULL AND id >= 3000 AND id < 4000))",
     "ALTER TABLE pt ATTACH PARTITION pt_new FOR VALUES FROM (3000) TO (4000)"},
    {"ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)", "CREATE TABLE pt_new PARTITION OF pt FOR VALUES FROM (3000) TO (4000)"},
    {"ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)", "DROP TABLE pt_1"},
    {"CREATE TABLE n (id int, pid int, z int); INSERT INTO n SELECT g,1,1 FROM generate_series(3000,3100) g; ALTER TABLE n ADD CHECK (id >= 3000 AND id < 4000)",
     "ALTER TABLE pt2 ATTACH PARTITION n FOR VALUES FROM (3000) TO (4000)"},
    {"", "CREATE TABLE pt_def PARTITION OF pt DEFAULT"},
    {"CREATE TABLE pt_x (LIKE pt INCLUDING ALL); INSERT INTO pt_x SELECT g,1,1 FROM generate_series(3000,3100) g", "ALTER TABLE pt ATTACH PARTITION pt_x DEFAULT"},
    {"CREATE TABLE sub (LIKE pt INCLUDING ALL) PARTITION BY RANGE (id); CREATE TABLE sub_1 PARTITION OF sub FOR VALUES FROM (3000) TO (3500); INSERT INTO sub SELECT g,1,1 FROM generate_series(3000,3100) g",
     "ALTER TABLE pt ATTACH PARTITION sub FOR VALUES FROM (3000) TO (4000)"},
    {"CREATE INDEX ipt ON pt(z)", "ALTER INDEX ipt RENAME TO ipt2"},
    {"CREATE INDEX i ON t(a)", "ALTER INDEX i SET (fillfactor = 70)"},
    {"CREATE TRIGGER tg BEFORE INSERT ON pt FOR EACH ROW EXECUTE PROCEDURE tf()", "DROP TRIGGER tg ON pt"},
    {"CREATE TRIGGER tg BEFORE INSERT ON pt FOR EACH ROW EXECUTE PROCEDURE tf()", "ALTER TABLE pt DISABLE TRIGGER tg"},
    {"CREATE TRIGGER tg BEFORE INSERT ON pt FOR EACH ROW EXECUTE PROCEDURE tf()", "ALTER TRIGGER tg ON pt RENAME TO tg2"},
    {"CREATE POLICY po ON t USING (true)", "DROP POLICY po ON t"},
    {"CREATE UNLOGGED TABLE u (id int PRIMARY KEY); INSERT INTO u VALUES (1)", "ALTER TABLE u SET LOGGED"},
    {"CREATE TABLE ser (id serial PRIMARY KEY); INSERT INTO ser VALUES (1)", "ALTER TABLE ser SET UNLOGGED"},
    {"CREATE TABLE ser (id serial PRIMARY KEY)", "ALTER TABLE ser SET SCHEMA public"},
    {"CREATE TABLE ser (id serial PRIMARY KEY, b int)", "ALTER TABLE ser DROP COLUMN id"},
    {"CREATE SEQUENCE s", "ALTER SEQUENCE s AS bigint MAXVALUE 100000"},
    {"CREATE SEQUENCE s", "ALTER SEQUENCE s OWNED BY t.a"},
    {"CREATE SEQUENCE s", "ALTER SEQUENCE s RENAME TO s2"},
    {"CREATE SEQUENCE s", "DROP SEQUENCE s"},
    {"", "CREATE SEQUENCE s OWNED BY t.a"},
    {"CREATE DOMAIN dm AS int; ALTER TABLE t ADD COLUMN e dm; ALTER DOMAIN dm ADD CONSTRAINT k CHECK (value > 0) NOT VALID", "ALTER DOMAIN dm VALIDATE CONSTRAINT k"},
    {"CREATE PUBLICATION howdah_pub FOR TABLE t2", "ALTER PUBLICATION howdah_pub ADD TABLE t"},
    {"CREATE PUBLICATION howdah_pub FOR TABLE t2", "DROP PUBLICATION howdah_pub"},
    {"", "COMMENT ON VIEW pg_catalog.pg_tables IS 'x'"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "ALTER VIEW vv RENAME TO vw"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "CREATE OR REPLACE VIEW vv AS SELECT id, a, n FROM t"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "CREATE VIEW vz AS SELECT vv.id, t2.a FROM vv JOIN t2 USING (id)"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "ALTER TABLE t DROP COLUMN a CASCADE"},
    {"CREATE VIEW vv AS SELECT id, a FROM t", "ALTER TABLE t RENAME COLUMN a TO aa"},
    {"CREATE MATERIALIZED VIEW mv AS SELECT id, a FROM t", "DROP MATERIALIZED VIEW mv"},
    {"CREATE MATERIALIZED VIEW mv AS SELECT id, a FROM pt JOIN t USING (id)", "REFRESH MATERIALIZED VIEW mv"},
    {"", "SELECT count(*) FROM pt"},
    {"", "SELECT * FROM t WHERE a = 5 FOR UPDATE"},
    {"", "UPDATE t SET a = a + 1"},
    {"", "DELETE FROM t2"},
    {"", "INSERT INTO t2 VALUES (5000, 1)"},
    {"", "INSERT INTO c VALUES (5000, 1)"},
    {"", "INSERT INTO t2 VALUES (1, 1) ON CONFLICT DO NOTHING"},
    {"", "CREATE TABLE ch (y int) INHERITS (t3)"},
    {"CREATE TABLE ch (y int) INHERITS (t3); INSERT INTO ch VALUES (1, 1, 1)", "ALTER TABLE t3 ADD CONSTRAINT k CHECK (n > 0)"},
    {"CREATE TABLE ch (y int) INHERITS (t3); INSERT INTO ch VALUES (1, 1, 1)", "ALTER TABLE t3 ALTER COLUMN n TYPE bigint"},
    {"CREATE TABLE ch (y int) INHERITS (t3)", "DROP TABLE ch"},
    {"CREATE TABLE ch (y int) INHERITS (t3)", "TRUNCATE t3"},
    {"CREATE SEQUENCE sq", "ALTER TABLE t ADD COLUMN x int DEFAULT nextval('sq')"},
    {"", "ALTER TABLE pt ADD UNIQUE (id)"},
    {"", "ALTER TABLE ONLY pt ADD COLUMN x int"},
    {"", "ALTER TABLE pt SET (fillfactor = 70)"},
    {"", "ALTER TABLE pt_1 ALTER COLUMN z TYPE bigint"},
    {"", "ALTER TABLE pt_1 DROP COLUMN z"},
    {"", "ALTER TABLE pt DISABLE TRIGGER ALL"},
    {"ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)", "ALTER TABLE pt DISABLE TRIGGER ALL"},
    {"CREATE TABLE fc (x int REFERENCES pt(id))", "ALTER TABLE pt DISABLE TRIGGER ALL"},
    {"", "ALTER TABLE t DISABLE TRIGGER nothere"},
    {"", "ALTER TABLE t ALTER COLUMN id DROP NOT NULL"},
    {"", "ALTER TABLE pt ALTER COLUMN z DROP NOT NULL"},
    {"CREATE TYPE comp AS (q int, r text)", "ALTER TYPE comp ADD ATTRIBUTE s int"},
    {"CREATE TYPE mood AS ENUM ('sad','ok'); ALTER TABLE t ADD COLUMN m mood", "DROP TYPE mood CASCADE"},
    {"CREATE TYPE mood AS ENUM ('sad','ok'); ALTER TABLE t ADD COLUMN m mood", "DROP TYPE mood"},
    {"CREATE TYPE mood AS ENUM ('sad','ok'); ALTER TABLE t ADD COLUMN m mood", "ALTER TABLE t ALTER COLUMN m TYPE int"},
    {"CREATE STATISTICS st ON a, n FROM t", "DROP STATISTICS st"},
    {"CREATE TABLE x (a int)", "ALTER TABLE x INHERIT t3"},
    {"CREATE TABLE x (n int, m int)", "ALTER TABLE x INHERIT t3"},
    {"CREATE PUBLICATION howdah_pub FOR TABLE t, t2", "ALTER PUBLICATION howdah_pub SET TABLE t2"},
    {"CREATE TABLE pn (LIKE pt INCLUDING ALL)", "ALTER TABLE pt ATTACH PARTITION pn FOR VALUES FROM (2000) TO (3000)"},
    {"CREATE TABLE x (id int, pid int, z int)", "ALTER TABLE pt ATTACH PARTITION x FOR VALUES FROM (5000) TO (6000)"},
    {"CREATE TABLE x (id int NOT NULL, pid int, z int, extra int)", "ALTER TABLE pt ATTACH PARTITION x FOR VALUES FROM (5000) TO (6000)"},
    {"", "CREATE TABLE ps PARTITION OF pt FOR VALUES FROM (2000) TO (3000) PARTITION BY LIST (z)"},
    {"", "INSERT INTO pt VALUES (500, 1, 1) ON CONFLICT DO NOTHING"},
    {"", "INSERT INTO pt (z, id) VALUES (1, 1999) ON CONFLICT (id) DO UPDATE SET z = 5"},
    {"", "UPDATE pt SET z = 1 WHERE id = 5"},
    {"", "WITH x AS (DELETE FROM t2 RETURNING *) SELECT * FROM x"},
    {"CREATE TABLE ser (id serial)", "SELECT setval('ser_id_seq', 100)"},
    {"", "SELECT nextval('nothere')"},
    {"CREATE TABLE idt (id int GENERATED ALWAYS AS IDENTITY, a int); INSERT INTO idt(a) VALUES (1)", "ALTER TABLE idt ALTER COLUMN id TYPE bigint"},
    {"CREATE TABLE idt (id int GENERATED ALWAYS AS IDENTITY, a int)", "DROP SEQUENCE idt_id_seq CASCADE"},
    {"CREATE TABLE ser (id serial PRIMARY KEY, a int)", "DROP SEQUENCE ser_id_seq CASCADE"},
    {"CREATE TABLE ser (id serial PRIMARY KEY, a int)", "DROP SEQUENCE ser_id_seq"},
    {"", "ALTER TABLE c ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES p(x)"},
    {"", "ALTER TABLE c ADD CONSTRAINT k FOREIGN KEY (id, pid) REFERENCES p(id)"},
    {"", "CREATE TABLE x (id int, k int UNIQUE, r int REFERENCES x(k))"},
    {"", "ALTER TABLE t ALTER COLUMN b TYPE int"},
    {"", "ALTER TABLE t ALTER COLUMN a TYPE mood"},
    {"", "ALTER TABLE t ALTER COLUMN ts TYPE time"},
    {"", "DROP VIEW t"},
    {"", "DROP TABLE t_pkey"},
    {"", "GRANT ALL ON ALL TABLES IN SCHEMA w TO PUBLIC"},
    {"", "CREATE UNIQUE INDEX i ON pt (z)"},
    {"", "ALTER TABLE pt_1 DROP CONSTRAINT pt_1_pkey"},
    {"", "ALTER TABLE ONLY pt RENAME COLUMN z TO zz"},
    {"", "ALTER TABLE pt_1 RENAME COLUMN z TO zz"},
    {"", "DROP SCHEMA w CASCADE"},
};

/// Seen on the 15.20 that these tests run on, not on 13, 14.23, 16.14, 17 and 18, nor on the 15 that the oracle was
/// measured on: a foreign key made without being validated keeps an AccessShareLock, which blocks nobody, on the index
/// that it relies on. Whether that came with a minor release is not known, so no rule says it; each is listed exactly.
struct Unexplained {
    const char *statement;
    const char *difference;
};
const Unexplained unexplained_on_15[] = {
    {"ALTER TABLE t ADD COLUMN x int REFERENCES p(id)", "lock on w.p_pkey: expected none, measured AccessShareLock"},
    {"ALTER TABLE pt ADD CONSTRAINT k FOREIGN KEY (pid) REFERENCES p(id)", "lock on w.p_pkey: expected none, measured AccessShareLock"},
    {"ALTER TABLE pt ATTACH PARTITION pt_new FOR VALUES FROM (3000) TO (4000)", "lock on w.pt_new_pkey: expected none, measured AccessShareLock"},
    {"CREATE TABLE pt_new PARTITION OF pt FOR VALUES FROM (3000) TO (4000)", "lock on w.p_pkey: expected none, measured AccessShareLock"},
};

bool isUnexplained(int major, const std::string &statement, const std::vector<std::string> &wrong)
{
    return major == 15 && wrong.size() == 1
        && std::any_of(std::begin(unexplained_on_15), std::end(unexplained_on_15),
                       [&](const Unexplained &known) { return statement == known.statement && wrong[0] == known.difference; });
}

} // namespace

class TestEffects : public QObject
{
    Q_OBJECT

    json oracle_;

    /// The fixture, then what the statement needs; settings of the session stay.
    void load(pg::Connection &connection, const std::string &setup)
    {
        const auto fixture = connection.run(oracle_["fixture"].get<std::string>());
        QVERIFY2(!fixture.error, fixture.error ? fixture.error->text().c_str() : "");
        if (setup.empty())
            return;
        const auto prepared = connection.run(setup);
        QVERIFY2(!prepared.error, prepared.error ? (setup + ": " + prepared.error->text()).c_str() : "");
    }

    std::vector<StatementEffects> effects(pg::Connection &connection, const std::string &statement, int major)
    {
        pg::CatalogOptions options;
        options.with_functions = false;
        const auto catalog = pg::readCatalog(connection, options);
        const auto facts = readSchemaFacts(connection);
        if (!catalog || !facts) {
            QTest::qFail(catalog ? facts.error().text().c_str() : catalog.error().text().c_str(), __FILE__, __LINE__);
            return {};
        }
        auto found = effectsOf(statement, major, catalog->get(), &*facts);
        return found ? *found : std::vector<StatementEffects>();
    }

    /// Empty when the server does what was expected. In a session of its own, as the oracle was measured: plans and
    /// catalog entries of earlier work stay out of it.
    std::vector<std::string> measuredDifferences(pg::Connection &connection, const Further &one, int major)
    {
        std::vector<std::string> wrong;
        for (int attempt = 0; attempt < 2; ++attempt) { // autovacuum may come between once
            if (!connection.reconnect())
                return {"no connection"};
            for (const char *clean : {"DROP SCHEMA IF EXISTS w CASCADE", "DROP ROLE IF EXISTS howdah_other", "DROP PUBLICATION IF EXISTS howdah_pub"})
                static_cast<void>(connection.query(clean));
            load(connection, one.setup);
            const auto expected = effects(connection, one.statement, major);
            const auto traced = trace(connection, one.statement);
            if (expected.size() != 1 || !traced || traced->size() != 1 || !traced->front().was_run)
                return {"it was not measured"};
            wrong = disagreements(expected[0], traced->front());
            if (wrong.empty())
                break;
        }
        return wrong;
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::ifstream file(HOWDAH_TEST_DATA "/locks/locks_measured_pg13_18.json");
        oracle_ = json::parse(file, nullptr, false);
        QVERIFY(!oracle_.is_discarded());
        QVERIFY(oracle_["statements"].size() > 150);
    }

    void agreesWithWhatWasMeasured()
    {
        std::size_t wrong_total = 0;
        for (const int major : test::majors()) {
            const auto connection = test::freshConnection(major);
            std::size_t total = 0, right = 0;
            for (const auto &item : oracle_["statements"].items()) {
                const json &entry = item.value();
                const std::string version = std::to_string(major);
                if (!entry["versions"].contains(version))
                    continue;
                QVERIFY(connection->query("RESET ALL"));
                load(*connection, entry["setup"]);
                const auto found = effects(*connection, entry["stmt"], major);
                QCOMPARE(found.size(), std::size_t{1});
                const auto wrong = differences(item.key(), found[0], entry["versions"][version], entry["in_transaction"]);
                ++total;
                right += wrong.empty() ? 1 : 0;
                for (const std::string &one : wrong)
                    qWarning("%d %s: %s", major, item.key().c_str(), one.c_str());
            }
            qInfo("PostgreSQL %d: %zu of %zu statements agree with the oracle", major, right, total);
            wrong_total += total - right;
        }
        QCOMPARE(wrong_total, std::size_t{0});
    }

    /// The set-up as part of the script, on the bare fixture: later statements see what earlier ones made.
    void followsAScript()
    {
        std::size_t wrong_total = 0;
        const int major = 17;
        const auto connection = test::freshConnection(major);
        load(*connection, {});
        std::size_t total = 0, right = 0;
        for (const auto &item : oracle_["statements"].items()) {
            const json &entry = item.value();
            if (!entry["versions"].contains("17") || entry["setup"].get<std::string>().empty())
                continue;
            const auto found = effects(*connection, entry["setup"].get<std::string>() + ";\n" + entry["stmt"].get<std::string>(), major);
            QVERIFY(found.size() >= 2);
            auto wrong = differences(item.key(), found.back(), entry["versions"]["17"], entry["in_transaction"]);
            ++total;
            right += wrong.empty() ? 1 : 0;
            for (const std::string &one : wrong)
                qWarning("script %s: %s", item.key().c_str(), one.c_str());
            wrong_total += wrong.empty() ? 0 : 1;
        }
        qInfo("In scripts: %zu of %zu agree", right, total);
        QCOMPARE(wrong_total, std::size_t{0});
    }

    void agreesWithTheServerOnFurtherStatements()
    {
        std::size_t wrong_total = 0;
        for (const int major : test::majors()) {
            std::size_t total = 0, right = 0, known = 0;
            const auto connection = test::freshConnection(major);
            for (const Further &one : further) {
                if (major < one.since)
                    continue;
                const auto wrong = measuredDifferences(*connection, one, major);
                ++total;
                right += wrong.empty() ? 1 : 0;
                known += isUnexplained(major, one.statement, wrong) ? 1 : 0;
                for (const std::string &difference : wrong)
                    qWarning("%d %s: %s", major, one.statement, difference.c_str());
            }
            static_cast<void>(connection->query("DROP SCHEMA IF EXISTS w CASCADE"));
            static_cast<void>(connection->query("DROP ROLE IF EXISTS howdah_other"));
            qInfo("PostgreSQL %d: %zu of %zu further statements agree with the server, %zu differ as listed", major, right, total, known);
            wrong_total += total - right - known;
        }
        QCOMPARE(wrong_total, std::size_t{0});
    }

    void leavesTheDatabaseAlone()
    {
        const auto connection = test::freshConnection(15);
        load(*connection, {});
        const auto traced = trace(*connection, "ALTER TABLE t ADD COLUMN x int; ALTER TABLE t ADD COLUMN x int; DROP TABLE t2; CREATE INDEX CONCURRENTLY i ON t (a)");
        QVERIFY(traced);
        QCOMPARE(traced->size(), std::size_t{4});
        QVERIFY(traced->at(0).measured.errors.empty());
        QCOMPARE(traced->at(1).measured.errors.at(0).sqlstate, std::string("42701"));
        QVERIFY(traced->at(2).measured.errors.empty()); // what failed before spoils nothing
        QVERIFY(!traced->at(3).was_run && !traced->at(3).measured.errors.empty());
        QCOMPARE(connection->transaction(), pg::TransactionState::Idle);
        QVERIFY(connection->query("SELECT id, a FROM t2"));
        QVERIFY(!connection->query("SELECT x FROM t"));
    }

    void worksWithoutACatalog()
    {
        const auto found = effectsOf("ALTER TABLE a.b ADD COLUMN x int,\n VALIDATE CONSTRAINT k;\n\nSELEC 1;\nDO $$BEGIN IF true THEN ALTER TABLE z SET (fillfactor=70); EXECUTE 'DROP TABLE y'; END IF; END$$;", 16);
        QVERIFY(found);
        QCOMPARE(found->size(), std::size_t{3});
        QCOMPARE(found->at(0).locks, (std::map<std::string, std::string>{{"a.b", "AccessExclusiveLock"}}));
        QVERIFY(!found->at(0).duration_ms);
        QVERIFY(found->at(0).notes.at(0).find("VALIDATE CONSTRAINT") != std::string::npos); // combined with something stronger
        QCOMPARE(found->at(1).line, std::size_t{4});
        QVERIFY(found->at(1).errors.at(0).position.has_value());
        QCOMPARE(found->at(2).locks, (std::map<std::string, std::string>{{"z", "ShareUpdateExclusiveLock"}, {"y", "AccessExclusiveLock"}}));
        QVERIFY(!effectsOf("SELECT 1", 12));
    }

    void namesWhatIsMissing()
    {
        const auto connection = test::freshConnection(15);
        load(*connection, {});
        const auto found = effects(*connection, "ALTER TABLE nope ADD COLUMN x int; CREATE TABLE nope (a int); ALTER TABLE nope ADD COLUMN x int", 15);
        QCOMPARE(found.size(), std::size_t{3});
        QCOMPARE(found[0].errors.at(0).sqlstate, std::string("42P01"));
        QCOMPARE(found[0].errors.at(0).position->value, std::size_t{12});
        QVERIFY(found[2].errors.empty());
        QCOMPARE(found[2].locks, (std::map<std::string, std::string>{{"w.nope", "AccessExclusiveLock"}}));
    }

    void isFast()
    {
        std::string script;
        for (int i = 0; i < 1000; ++i)
            script += fmt::format("ALTER TABLE t{} ADD COLUMN x{} int DEFAULT 5 CHECK (x{} > 0);\n", i % 50, i, i);
        QElapsedTimer timer;
        timer.start();
        const auto found = effectsOf(script, 17);
        QVERIFY(found);
        qInfo("1,000 statements in %lld ms", static_cast<long long>(timer.elapsed()));
        QVERIFY(timer.elapsed() < 2000);
    }
};

QTEST_GUILESS_MAIN(TestEffects)
#include "tst_effects.moc"
