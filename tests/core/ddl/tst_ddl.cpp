// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <QtTest>

#include "core/base/subprocess.h"
#include "core/base/paths.h"
#include "core/ddl/ddl.h"
#include "core/ddl/reading.h"
#include "core/sql/lexer.h"
#include "core/sql/parser.h"
#include "rich_schema.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;

namespace {

/// Blanks are one space; what a person reads the same is the same. Nothing else is evened out but the word that pg_dump up
/// to 15 uses for the owner of views and sequences.
std::string even(std::string_view sql)
{
    std::string text;
    for (const char letter : sql) {
        const bool blank = letter == ' ' || letter == '\n' || letter == '\t' || letter == '\r';
        if (!blank)
            text += letter;
        else if (!text.empty() && text.back() != ' ')
            text += ' ';
    }
    while (!text.empty() && (text.back() == ' ' || text.back() == ';'))
        text.pop_back();
    static const std::regex owner("^ALTER (TABLE|VIEW|MATERIALIZED VIEW|SEQUENCE|FOREIGN TABLE) (.*) OWNER TO ");
    text = std::regex_replace(text, owner, "ALTER TABLE $2 OWNER TO ");
    // A view that counts on a primary key (GROUP BY id) goes into a dump twice: as an empty shell first, which is left out
    // below, then in full when the key is there.
    if (text.rfind("CREATE OR REPLACE VIEW ", 0) == 0)
        text.replace(0, 22, "CREATE VIEW");
    return text;
}

std::set<std::string> statementsOf(const std::string &script)
{
    std::set<std::string> all;
    for (const sql::StatementSpan &span : sql::splitStatements(script)) {
        if (span.psql_command)
            continue;
        const std::string text = even(span.text.of(script));
        if (text.rfind("CREATE VIEW", 0) == 0 && text.find(" AS SELECT NULL::") != std::string::npos)
            continue;
        if (text.empty() || text.rfind("SET default_", 0) == 0 || text.rfind("SELECT pg_catalog.set_config", 0) == 0)
            continue;
        all.insert(text);
    }
    return all;
}

/// The program of the server's version, or of the nearest later one: it writes what suits the server it dumps. Empty where
/// none is installed; the throwaway servers come without clients.
std::filesystem::path client(int major, const std::string &program)
{
    std::filesystem::path best;
    int best_major = 0;
    const auto consider = [&](const std::filesystem::path &path, int of_major) {
        if (of_major >= major && (best_major == 0 || of_major < best_major) && std::filesystem::exists(path)) {
            best = path;
            best_major = of_major;
        }
    };
    for (const cluster::Installation &installation : cluster::findInstallations())
        consider(installation.bin / program, installation.major);
    for (int of_major = major; of_major <= 18; ++of_major)
        consider("/usr/lib/postgresql/" + std::to_string(of_major) + "/bin/" + program, of_major);
    if (const char *const folder = std::getenv("HOWDAH_PG_CLIENT_BIN"); folder != nullptr && best.empty())
        best = std::filesystem::path(folder) / program;
    return best;
}

std::string dumpWith(const std::filesystem::path &program, std::vector<std::string> arguments)
{
    const Command command{program, std::move(arguments), {}, {}, {}, false, false};
    const auto run = runCommand(command);
    return run && run->exit_code == 0 ? run->output : std::string();
}

// Everything of the database that is no part of another object, of an extension or of the server itself.
constexpr const char *everything_sql = R"(
WITH own AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
SELECT 'pg_namespace', oid FROM own WHERE nspname <> 'public'
UNION ALL SELECT 'pg_extension', oid FROM pg_extension WHERE extname <> 'plpgsql'
UNION ALL SELECT 'pg_class', c.oid FROM pg_class c JOIN own n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','f','S')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL SELECT 'pg_proc', p.oid FROM pg_proc p JOIN own n ON n.oid = p.pronamespace
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e','i'))
UNION ALL SELECT 'pg_type', t.oid FROM pg_type t JOIN own n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE t.typtype IN ('e','d','c','r','b') AND t.typcategory <> 'A' AND (c.oid IS NULL OR c.relkind = 'c')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL SELECT 'pg_event_trigger', oid FROM pg_event_trigger
UNION ALL SELECT 'pg_publication', oid FROM pg_publication
UNION ALL SELECT 'pg_subscription', oid FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL SELECT 'pg_foreign_data_wrapper', oid FROM pg_foreign_data_wrapper WHERE oid >= 16384
UNION ALL SELECT 'pg_foreign_server', oid FROM pg_foreign_server
UNION ALL SELECT made.cat, made.oid FROM (
SELECT 'pg_operator', o.oid FROM pg_operator o JOIN own n ON n.oid = o.oprnamespace
UNION ALL SELECT 'pg_opclass', o.oid FROM pg_opclass o JOIN own n ON n.oid = o.opcnamespace
UNION ALL SELECT 'pg_opfamily', o.oid FROM pg_opfamily o JOIN own n ON n.oid = o.opfnamespace
UNION ALL SELECT 'pg_cast', oid FROM pg_cast WHERE oid >= 16384
UNION ALL SELECT 'pg_transform', oid FROM pg_transform WHERE oid >= 16384
UNION ALL SELECT 'pg_collation', o.oid FROM pg_collation o JOIN own n ON n.oid = o.collnamespace
UNION ALL SELECT 'pg_conversion', o.oid FROM pg_conversion o JOIN own n ON n.oid = o.connamespace
UNION ALL SELECT 'pg_ts_parser', o.oid FROM pg_ts_parser o JOIN own n ON n.oid = o.prsnamespace
UNION ALL SELECT 'pg_ts_template', o.oid FROM pg_ts_template o JOIN own n ON n.oid = o.tmplnamespace
UNION ALL SELECT 'pg_ts_dict', o.oid FROM pg_ts_dict o JOIN own n ON n.oid = o.dictnamespace
UNION ALL SELECT 'pg_ts_config', o.oid FROM pg_ts_config o JOIN own n ON n.oid = o.cfgnamespace) made(cat, oid)
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = to_regclass('pg_catalog.' || made.cat) AND d.objid = made.oid AND d.deptype IN ('e', 'i')))";

std::set<std::string> ours(pg::Connection &connection, std::string &trouble)
{
    std::set<std::string> all;
    const auto objects = ddl::records(connection, everything_sql);
    if (!objects) {
        trouble = objects.error().text();
        return all;
    }
    for (const ddl::Record &row : *objects) {
        const auto object = ddl::objectAt(connection, row[0], row.number<std::uint32_t>(1));
        if (!object) {
            trouble += row[0] + ": " + object.error().text() + "\n";
            continue;
        }
        const auto written = ddl::ddlOf(connection, *object);
        if (!written) {
            trouble += object->identity + ": " + written.error().text() + "\n";
            continue;
        }
        for (const std::string &statement : written->statements)
            all.insert(even(statement));
    }
    return all;
}

/// Statements that only one side has. What differs as text but is one statement to PostgreSQL's grammar (the spelling of a
/// literal, the order of COLLATE and DEFAULT) is not a difference.
std::string difference(const std::set<std::string> &dump, const std::set<std::string> &own)
{
    const auto left = [](const std::set<std::string> &of, const std::set<std::string> &without) {
        std::map<std::string, std::string> rest;
        for (const std::string &statement : of) {
            if (without.count(statement) == 0)
                rest[sql::deparse(statement).value_or(statement)] = statement;
        }
        return rest;
    };
    const auto theirs = left(dump, own);
    const auto ours_alone = left(own, dump);
    std::string text;
    for (const auto &[canonical, statement] : theirs)
        text += ours_alone.count(canonical) ? "" : "pg_dump only: " + statement + "\n";
    for (const auto &[canonical, statement] : ours_alone)
        text += theirs.count(canonical) ? "" : "Howdah only:  " + statement + "\n";
    return text;
}

/// The demo's objects without its rows; what an extension that is not installed here would be needed for stays away.
void loadShop(pg::Connection &connection)
{
    std::vector<std::filesystem::path> files;
    for (const auto &entry : std::filesystem::directory_iterator(paths::resources() / "demo")) {
        if (entry.path().extension() == ".sql")
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto &file : files) {
        std::ifstream in(file);
        std::stringstream text;
        text << in.rdbuf();
        const std::string script = text.str();
        for (const sql::StatementSpan &span : sql::splitStatements(script)) {
            const std::string_view statement = span.text.of(script);
            const std::string kind = sql::natureOf(statement).kind;
            const bool makes = kind.rfind("Create", 0) == 0 || kind.rfind("Alter", 0) == 0 || kind == "IndexStmt" || kind == "ViewStmt" || kind == "CommentStmt"
                               || kind == "GrantStmt" || kind == "RuleStmt" || kind == "DefineStmt" || kind == "CompositeTypeStmt";
            if (makes && statement.find("CONCURRENTLY") == std::string_view::npos)
                (void)connection.query(statement);
        }
    }
}

} // namespace

class TestDdl : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsPgDump_data()
    {
        QTest::addColumn<int>("major");
        QTest::addColumn<bool>("shop");
        for (const int major : test::majors()) {
            QTest::addRow("%d everything", major) << major << false;
            QTest::addRow("%d shop", major) << major << true;
        }
    }

    void equalsPgDump()
    {
        QFETCH(int, major);
        QFETCH(bool, shop);
        const std::string conninfo = test::freshDatabase(major);
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto connection = pg::Connection::open(spec);
        QVERIFY(connection);
        if (shop) {
            loadShop(**connection);
        } else {
            const pg::RunOutcome made = (*connection)->run(test::richSchema(major));
            QVERIFY2(!made.error, made.error ? made.error->text().c_str() : "");
        }
        const std::filesystem::path program = client(major, "pg_dump");
        if (program.empty())
            QSKIP("no pg_dump of this version is installed; HOWDAH_PG_CLIENT_BIN may name a folder with one");
        const std::string dump = dumpWith(program, {"--schema-only", "-d", conninfo});
        QVERIFY(!dump.empty());
        std::set<std::string> theirs = statementsOf(dump);
        // Before 15 the schema public is the one of initdb, which this comparison leaves out.
        std::erase_if(theirs, [](const std::string &statement) { return statement.find(" SCHEMA public ") != std::string::npos; });
        std::erase_if(theirs, [](const std::string &statement) { return statement.rfind("SET ", 0) == 0 && statement.rfind("SET SESSION AUTHORIZATION", 0) != 0; });
        std::string trouble;
        const std::set<std::string> own = ours(**connection, trouble);
        QVERIFY2(trouble.empty(), trouble.c_str());
        QVERIFY(own.size() > (shop ? 20 : 100));
        const std::string differs = difference(theirs, own);
        if (!differs.empty())
            std::fputs(differs.c_str(), stderr); // QVERIFY2 cuts long texts
        QVERIFY(differs.empty());
    }

    void rolesEqualPgDumpall_data()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::addRow("%d", major) << major;
    }

    void rolesEqualPgDumpall()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        // The roles of richSchema() are there already: roles belong to the whole server.
        const std::filesystem::path program = client(major, "pg_dumpall");
        if (program.empty())
            QSKIP("no pg_dumpall of this version is installed; HOWDAH_PG_CLIENT_BIN may name a folder with one");
        const std::string script = dumpWith(program, {"--roles-only", "--no-role-passwords", "-d", test::server(major).conninfo()});
        QVERIFY(!script.empty());
        const std::set<std::string> theirs = statementsOf(script);
        for (const char *const name : {"clerk", "Odd Role"}) {
            const auto found = ddl::findObjects(*connection, name, "role");
            QVERIFY2(found, found ? "" : found.error().text().c_str());
            QCOMPARE(found->size(), std::size_t(1));
            const auto written = ddl::ddlOf(*connection, found->front());
            QVERIFY2(written, written ? "" : written.error().text().c_str());
            for (const std::string &statement : written->statements)
                QVERIFY2(theirs.count(even(statement)), (statement + "\n\n" + script).c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestDdl)
#include "tst_ddl.moc"
