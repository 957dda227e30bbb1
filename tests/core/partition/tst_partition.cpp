// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <algorithm>
#include <chrono>

#include "core/partition/check.h"
#include "core/partition/conditions.h"
#include "core/partition/create.h"
#include "core/partition/maintain.h"
#include "core/partition/scheme.h"
#include "run_script.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::partition;
using test::ask;
using test::must;
using test::runSteps;

namespace {

Scheme inspected(pg::Connection &connection, const std::string &table)
{
    auto scheme = inspect(connection, table);
    if (!scheme)
        QTest::qFail(scheme.error().text().c_str(), __FILE__, __LINE__);
    return scheme ? std::move(*scheme) : Scheme();
}

std::vector<Finding> found(pg::Connection &connection, const std::string &table, const CheckOptions &options = {})
{
    const Scheme scheme = inspected(connection, table);
    auto findings = check(connection, scheme, options);
    if (!findings)
        QTest::qFail(findings.error().text().c_str(), __FILE__, __LINE__);
    return findings ? std::move(*findings) : std::vector<Finding>();
}

const Finding *ruled(const std::vector<Finding> &findings, const std::string &rule)
{
    const auto one = std::find_if(findings.begin(), findings.end(), [&](const Finding &finding) { return finding.rule == rule; });
    return one == findings.end() ? nullptr : &*one;
}

std::string rules(const std::vector<Finding> &findings)
{
    std::string text;
    for (const Finding &finding : findings)
        text += (text.empty() ? "" : " ") + finding.rule;
    return text;
}

/// Months of 2025, all there, with a primary key and statistics: nothing is wrong with it in the middle of November.
void monthly(pg::Connection &connection, int months = 12, bool with_default = false)
{
    must(connection, "CREATE TABLE ev (id bigint NOT NULL, at timestamptz NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)");
    for (int month = 1; month <= months; ++month) {
        const std::string text = (month < 10 ? "0" : "") + std::to_string(month);
        must(connection, "CREATE TABLE ev_2025_" + text + " PARTITION OF ev FOR VALUES FROM ('2025-" + text + "-01') TO (date '2025-" + text + "-01' + interval '1 month')");
    }
    if (with_default)
        must(connection, "CREATE TABLE ev_default PARTITION OF ev DEFAULT");
    must(connection, "INSERT INTO ev SELECT g, timestamptz '2025-01-01' + g * interval '1 hour', 'x' FROM generate_series(0, " + std::to_string(std::min(months, 10) * 28 * 24) + ") g; ANALYZE ev");
}

CheckOptions november()
{
    CheckOptions options;
    options.from = "2025-10-15";
    return options;
}

} // namespace

class TestPartition : public QObject
{
    Q_OBJECT

    static void eachMajor()
    {
        QTest::addColumn<int>("major");
        for (const int major : test::majors())
            QTest::newRow(std::to_string(major).c_str()) << major;
    }

private Q_SLOTS:
    void readsBounds()
    {
        const auto range = parseBound("FOR VALUES FROM ('2024-01-01 00:00:00+01', MINVALUE) TO ('it''s', 10)", {ValueKind::TimestampTz, ValueKind::Other});
        QVERIFY(range);
        QCOMPARE(range->lower[0].text, std::string("2024-01-01 00:00:00+01"));
        QCOMPARE(*range->lower[0].position, 1704063600e6);
        QCOMPARE(range->lower[1].sql(), std::string("MINVALUE"));
        QCOMPARE(range->upper[0].text, std::string("it's"));
        const auto list = parseBound("FOR VALUES IN ('eu', NULL, 5, '-3')", {ValueKind::Other});
        QVERIFY(list && list->values.size() == 4 && list->values[1].kind == BoundValue::Kind::Null);
        const auto hash = parseBound("FOR VALUES WITH (modulus 8, remainder 3)", {ValueKind::Integer});
        QVERIFY(hash && hash->modulus == 8 && hash->remainder == 3);
        QVERIFY(parseBound("DEFAULT", {})->kind == Bound::Kind::Default);
        QVERIFY(!parseBound("FOR VALUES FROM (1) TO", {ValueKind::Integer}));
        QVERIFY(!parseBound("", {}));
        QVERIFY(!parseBound("FOR VALUES IN (1) and more", {ValueKind::Integer}));
    }

    void reckonsWithIntervals()
    {
        const auto month = parseInterval("1 month");
        QVERIFY(month);
        const auto next = advance(boundValue("2024-01-31", ValueKind::Date), ValueKind::Date, *month, 1);
        QCOMPARE(next->text, std::string("2024-02-29"));
        QCOMPARE(floorTo(boundValue("2024-03-17 12:00:00", ValueKind::Timestamp), ValueKind::Timestamp, *month)->text, std::string("2024-03-01 00:00:00"));
        QCOMPARE(floorTo(boundValue("2024-03-17", ValueKind::Date), ValueKind::Date, *parseInterval("weekly"))->text, std::string("2024-03-11"));
        QCOMPARE(floorTo(boundValue("1969-12-31", ValueKind::Date), ValueKind::Date, *month)->text, std::string("1969-12-01"));
        QCOMPARE(floorTo(boundValue("-1", ValueKind::Integer), ValueKind::Integer, *parseInterval("1000"))->text, std::string("-1000"));
        QCOMPARE(intervalBetween(boundValue("2024-01-01", ValueKind::Date), boundValue("2025-01-01", ValueKind::Date), ValueKind::Date)->text(), std::string("1 year"));
        QCOMPARE(intervalBetween(boundValue("2024-01-03", ValueKind::Date), boundValue("2024-01-10", ValueKind::Date), ValueKind::Date)->text(), std::string("1 week"));
        QVERIFY(!advance(boundValue("9223372036854775000", ValueKind::Integer), ValueKind::Integer, *parseInterval("1000"), 1));
        for (const char *wrong : {"", "month", "-1 day", "1 fortnight", "0", "5 apples", "1 month 3 days"})
            QVERIFY2(!parseInterval(wrong) || std::string_view(wrong) == "month", wrong);
        for (std::int64_t days = -800'000; days < 800'000; days += 977) {
            const CivilTime time = civilOf(days * 86'400'000'000LL + 5);
            QCOMPARE(time.days(), days);
            QVERIFY(time.month >= 1 && time.month <= 12 && time.day >= 1 && time.day <= 31 && time.micros == 5);
        }
    }

    void namesPartitionsLikeTheirSiblings()
    {
        Scheme scheme;
        Table root;
        root.schema = "public";
        root.name = "ev";
        root.key = Key{Strategy::Range, {{"at", "at", "date", "", ValueKind::Date, true}}, "RANGE (at)"};
        Table sibling;
        sibling.parent = 0;
        sibling.schema = "public";
        sibling.bound = *parseBound("FOR VALUES FROM ('2024-12-01') TO ('2025-01-01')", {ValueKind::Date});
        const Bound next = *parseBound("FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')", {ValueKind::Date});
        const std::vector<std::pair<std::string, std::string>> cases{{"ev_2024_12", "ev_2025_01"}, {"ev_p20241201", "ev_p20250101"}, {"ev_y2024m12", "ev_y2025m01"}, {"ev202412", "ev202501"}, {"old_one", "ev_p20250101"}};
        for (const auto &[name, wanted] : cases) {
            sibling.name = name;
            scheme.tables = {root, sibling};
            scheme.tables[0].children = {1};
            QCOMPARE(partitionName(scheme, scheme.tables[0], next), wanted);
        }
        QVERIFY(fittedName(std::string(80, 'x'), "_p20250101").size() == 63);
        QCOMPARE(fittedName(std::string("äöü") + std::string(60, 'x'), "_1").size(), std::size_t{63});
    }

    void inspectsATree_data() { eachMajor(); }
    void inspectsATree()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        must(*connection, R"(
CREATE TABLE m (region text, day date, n int) PARTITION BY LIST (region);
CREATE TABLE m_eu PARTITION OF m FOR VALUES IN ('eu', 'uk') PARTITION BY RANGE (day);
CREATE TABLE m_eu_24 PARTITION OF m_eu FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE m_eu_26 PARTITION OF m_eu FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE TABLE "m US" PARTITION OF m FOR VALUES IN ('us', NULL) PARTITION BY HASH (n);
CREATE TABLE m_us_1 PARTITION OF "m US" FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE m_us_02 PARTITION OF "m US" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE INDEX m_n ON m (n);
INSERT INTO m VALUES ('eu', '2024-05-05', 1), ('us', '2024-05-05', 2);
CREATE TABLE x (a int, b text) PARTITION BY RANGE ((a % 10), b);
CREATE TABLE x1 PARTITION OF x FOR VALUES FROM (1, 'B') TO (1, 'a'))");
        const Scheme scheme = inspected(*connection, "m");
        QCOMPARE(scheme.leafCount(), std::size_t{4});
        QCOMPARE(scheme.tables.size(), std::size_t{7});
        const Table *us = scheme.find("m US");
        QVERIFY(us != nullptr && us->key->strategy == Strategy::Hash);
        QCOMPARE(missingRemainders(scheme, *us), (std::vector<std::pair<int, int>>{{4, 3}}));
        const auto gaps = gapsOf(scheme, *scheme.find("m_eu"));
        QCOMPARE(gaps.size(), std::size_t{1});
        QCOMPARE(gaps[0].lower[0].text, std::string("2025-01-01"));
        QVERIFY(!scheme.find("m_eu_24")->isEmpty() && scheme.find("m_eu_26")->isEmpty());
        QVERIFY(scheme.find("m_eu_24")->indexes.size() == 1 && scheme.find("m_eu_24")->indexes[0].parent != 0);
        const Scheme expressions = inspected(*connection, "x");
        QCOMPARE(expressions.root().key->columns[0].type, std::string("integer"));
        QVERIFY(expressions.root().key->columns[0].kind == ValueKind::Integer);
        const auto all = listSchemes(*connection);
        QVERIFY(all && all->size() == 2 && (*all)[0].partitions == 4 && (*all)[0].depth == 2);
        QVERIFY(ruled(found(*connection, "m"), "hash-incomplete") != nullptr);
        QVERIFY(ruled(found(*connection, "m"), "gap") != nullptr);
        // The server's own answer to the same question.
        QVERIFY(QString::fromStdString(ask(*connection, "INSERT INTO m SELECT 'us', '2024-01-01', g FROM generate_series(1, 50) g")).contains(QStringLiteral("no partition of relation")));
        const auto wrong = inspect(*connection, "m_eu_24");
        QVERIFY(!wrong && wrong.error().kind == ErrorKind::Usage);
        QVERIFY(!inspect(*connection, "nothing"));
    }

    void findsNothingInAHealthyTable_data() { eachMajor(); }
    void findsNothingInAHealthyTable()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection, 12, true);
        QCOMPARE(rules(found(*connection, "ev", november())), std::string());
    }

    void findsWhatRunsOut_data() { eachMajor(); }
    void findsWhatRunsOut()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection, 10);
        CheckOptions options;
        options.from = "2025-10-25";
        auto findings = found(*connection, "ev", options);
        const Finding *finding = ruled(findings, "running-out");
        QVERIFY(finding != nullptr && finding->severity == Severity::Warning && finding->fix);
        QVERIFY2(finding->message.find("7 d") != std::string::npos || finding->message.find("168 h") != std::string::npos, finding->message.c_str());
        options.from = "2025-11-02";
        findings = found(*connection, "ev", options);
        finding = ruled(findings, "running-out");
        QVERIFY(finding != nullptr && finding->severity == Severity::Problem && finding->fix);
        QCOMPARE(runSteps(*connection, *finding->fix), std::string());
        QCOMPARE(ask(*connection, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname LIKE 'ev\\_20%' AND relkind = 'r' AND relname > 'ev_2025_10'"),
                 std::string("ev_2025_11 ev_2025_12 ev_2026_01 ev_2026_02 ev_2026_03"));
        QCOMPARE(rules(found(*connection, "ev", options)), std::string());
        QCOMPARE(ask(*connection, "INSERT INTO ev VALUES (1, '2026-02-03', 'y') RETURNING tableoid::regclass"), std::string("ev_2026_02"));
    }

    void findsAndFillsGaps_data() { eachMajor(); }
    void findsAndFillsGaps()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection);
        must(*connection, "DROP TABLE ev_2025_03, ev_2025_04; ANALYZE ev");
        const auto findings = found(*connection, "ev", november());
        const Finding *gap = ruled(findings, "gap");
        QVERIFY(gap != nullptr && gap->severity == Severity::Problem && gap->fix);
        QCOMPARE(runSteps(*connection, *gap->fix), std::string());
        QVERIFY(ruled(found(*connection, "ev", november()), "gap") == nullptr);
        QCOMPARE(ask(*connection, "INSERT INTO ev VALUES (-1, '2025-04-03', 'y') RETURNING tableoid::regclass"), std::string("ev_2025_04"));
    }

    void drainsADefault_data() { eachMajor(); }
    void drainsADefault()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection, 10, true);
        must(*connection, "INSERT INTO ev SELECT 100000 + g, timestamptz '2025-11-05' + g * interval '1 day', 'late' FROM generate_series(0, 40) g; INSERT INTO ev VALUES (7, 'infinity', 'never'); ANALYZE ev");
        const std::string before = ask(*connection, "SELECT count(*) || ' ' || sum(hashtext(ev::text)::bigint) FROM ev");
        auto findings = found(*connection, "ev", november());
        const Finding *finding = ruled(findings, "default-has-rows");
        QVERIFY(finding != nullptr && finding->fix);
        QVERIFY2(finding->evidence.find("2025-11-01") != std::string::npos && finding->evidence.find("26 rows") != std::string::npos, finding->evidence.c_str());
        // A partition for the range is refused while the default holds its rows: by the check, before anything is done.
        const Scheme scheme = inspected(*connection, "ev");
        const auto premade = premake(*connection, scheme, scheme.root(), {1, {}, "2025-10-15", false});
        QVERIFY(premade);
        QVERIFY(QString::fromStdString(runSteps(*connection, *premade)).startsWith(QStringLiteral("check before")));
        QCOMPARE(runSteps(*connection, *finding->fix), std::string());
        QCOMPARE(ask(*connection, "SELECT count(*) || ' ' || sum(hashtext(ev::text)::bigint) FROM ev"), before);
        QCOMPARE(ask(*connection, "SELECT count(*) FROM ev_default"), std::string("1"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM ev_2025_12"), std::string("15"));
        findings = found(*connection, "ev", november());
        finding = ruled(findings, "default-has-rows");
        QVERIFY(finding != nullptr && finding->severity == Severity::Info && !finding->fix);
    }

    void attachesWithoutAScan_data() { eachMajor(); }
    void attachesWithoutAScan()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection, 10, true);
        must(*connection, "CREATE INDEX ev_what ON ev (what); CREATE TABLE old (id bigint NOT NULL, at timestamptz, what text); INSERT INTO old SELECT g, timestamptz '2024-01-02' + g * interval '1 minute', 'o' FROM generate_series(1, 1000) g; "
                          "INSERT INTO ev VALUES (5, '2030-01-01', 'far')");
        const Scheme scheme = inspected(*connection, "ev");
        Bound bound;
        bound.kind = Bound::Kind::Range;
        bound.lower = {boundValue("2024-01-01", ValueKind::TimestampTz)};
        bound.upper = {boundValue("2025-01-01", ValueKind::TimestampTz)};
        const auto script = attach(*connection, scheme, scheme.root(), "old", bound);
        QVERIFY2(script, script ? "" : script.error().text().c_str());
        std::vector<std::string> notices;
        must(*connection, "SET client_min_messages = debug1");
        QCOMPARE(runSteps(*connection, *script, [&](const migration::ChangeStep &step) {
                     if (step.title == "Attach")
                         notices.clear();
                     return true;
                 }, 500, &notices), std::string());
        must(*connection, "RESET client_min_messages");
        // The server says of its work that neither the table nor the default partition had to be read.
        int implied = 0;
        for (const std::string &notice : notices) {
            implied += notice.find("implied by existing constraints") != std::string::npos ? 1 : 0;
            QVERIFY2(notice.find("verifying table") == std::string::npos && notice.find("building index") == std::string::npos, notice.c_str());
        }
        QCOMPARE(implied, 2);
        QCOMPARE(ask(*connection, "SELECT count(*) FROM ev WHERE at < '2025-01-01'"), std::string("1000"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_constraint WHERE conname LIKE 'howdah%'"), std::string("0"));
        QCOMPARE(ask(*connection, "SELECT bool_and(indisvalid) FROM pg_index WHERE indrelid = 'ev'::regclass"), std::string("t"));
        // Look-alikes that must be refused with a reason.
        must(*connection, "CREATE TABLE more (id bigint NOT NULL, at timestamptz, what text, extra int); CREATE TABLE fewer (id bigint, at timestamptz); CREATE TABLE other (id int NOT NULL, at timestamptz, what text)");
        for (const char *table : {"more", "fewer", "other", "ev_2025_01", "nothing"})
            QVERIFY2(!attach(*connection, inspected(*connection, "ev"), scheme.root(), table, bound), table);
        must(*connection, "CREATE TABLE again (LIKE old)");
        const Scheme grown = inspected(*connection, "ev");
        const auto twice = attach(*connection, grown, grown.root(), "again", bound);
        QVERIFY(!twice && twice.error().message.find("overlaps old") != std::string::npos);
    }

    void detaches_data() { eachMajor(); }
    void detaches()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection, 12, true);
        auto script = detach(inspected(*connection, "ev"), *inspected(*connection, "ev").find("ev_2025_01"));
        QVERIFY(script && script->steps[0].in_transaction && script->steps[0].sql.find("CONCURRENTLY") == std::string::npos);
        QVERIFY(script->steps[0].note.find(major >= 14 ? "ev_default" : "14") != std::string::npos);
        QCOMPARE(runSteps(*connection, *script), std::string());
        must(*connection, "DROP TABLE ev_default");
        const Scheme scheme = inspected(*connection, "ev");
        script = detach(scheme, *scheme.find("ev_2025_02"));
        QCOMPARE(script->steps[0].sql.find("CONCURRENTLY") != std::string::npos, major >= 14);
        QCOMPARE(runSteps(*connection, *script), std::string());
        must(*connection, script->steps[0].undo_sql);
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_inherits WHERE inhparent = 'ev'::regclass"), std::string("11"));
    }

    void finishesADetachThatWasBrokenOff()
    {
        const auto connection = test::freshConnection(15);
        monthly(*connection);
        pg::ConnectionSpec spec;
        spec.conninfo = test::server(15).conninfo(connection->facts().database);
        const auto holder = pg::Connection::open(spec);
        must(**holder, "BEGIN; SELECT count(*) FROM ev");
        must(*connection, "SET statement_timeout = '300ms'");
        QVERIFY(!connection->query("ALTER TABLE ev DETACH PARTITION ev_2025_01 CONCURRENTLY"));
        must(*connection, "RESET statement_timeout");
        must(**holder, "COMMIT");
        auto findings = found(*connection, "ev", november());
        const Finding *finding = ruled(findings, "detach-pending");
        QVERIFY(finding != nullptr && finding->fix);
        QCOMPARE(runSteps(*connection, *finding->fix), std::string());
        QVERIFY(ruled(found(*connection, "ev", november()), "detach-pending") == nullptr);
    }

    void buildsIndexesAndCompletesThem_data() { eachMajor(); }
    void buildsIndexesAndCompletesThem()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection);
        auto script = createIndex(inspected(*connection, "ev"), "", "(what, id)");
        QVERIFY(script);
        QCOMPARE(runSteps(*connection, *script), std::string());
        QCOMPARE(ask(*connection, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ev_what__id_idx'::regclass"), std::string("t"));
        must(*connection, "CREATE INDEX half ON ONLY ev (what); CREATE INDEX lone ON ev_2025_05 (what)");
        auto findings = found(*connection, "ev", november());
        const Finding *finding = ruled(findings, "invalid-index");
        QVERIFY(finding != nullptr && finding->fix);
        QVERIFY2(finding->message.find("12 partitions") != std::string::npos, finding->message.c_str());
        QCOMPARE(runSteps(*connection, *finding->fix), std::string());
        QCOMPARE(rules(found(*connection, "ev", november())), std::string());
        // The one that was there was attached, not built twice.
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_inherits WHERE inhrelid = 'lone'::regclass"), std::string("1"));
        must(*connection, "CREATE INDEX doubled ON ev_2025_05 (what)");
        QCOMPARE(rules(found(*connection, "ev", november())), std::string("unattached-index"));
    }

    void keepsByAge_data() { eachMajor(); }
    void keepsByAge()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection, 12, true);
        must(*connection, "CREATE SCHEMA attic");
        const Scheme scheme = inspected(*connection, "ev");
        auto script = retention(*connection, scheme, scheme.root(), {*parseInterval("3 months"), RetentionAction::Archive, "attic", "2025-08-20"});
        QVERIFY2(script, script ? "" : script.error().text().c_str());
        QVERIFY(!script->danger);
        QCOMPARE(archiveCommands(*script, "/backup").size(), std::size_t{4});
        QCOMPARE(runSteps(*connection, *script), std::string());
        QCOMPARE(ask(*connection, "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'attic'::regnamespace AND relkind = 'r'"),
                 std::string("ev_2025_01 ev_2025_02 ev_2025_03 ev_2025_04"));
        const Scheme rest = inspected(*connection, "ev");
        script = retention(*connection, rest, rest.root(), {*parseInterval("3 months"), RetentionAction::Drop, "", "2025-09-20"});
        QVERIFY(script && script->danger);
        QCOMPARE(runSteps(*connection, *script), std::string());
        QCOMPARE(ask(*connection, "SELECT to_regclass('ev_2025_05') IS NULL AND to_regclass('ev_2025_06') IS NOT NULL"), std::string("t"));
    }

    void splitsAndMerges_data() { eachMajor(); }
    void splitsAndMerges()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        monthly(*connection, 12, true);
        must(*connection, "CREATE TABLE who (id int PRIMARY KEY); INSERT INTO who VALUES (1); ALTER TABLE ev ADD who int DEFAULT 1 REFERENCES who; CREATE INDEX ev_what ON ev (what); ANALYZE ev");
        const std::string before = ask(*connection, "SELECT count(*) || ' ' || sum(hashtext(ev::text)::bigint) FROM ev");
        Scheme scheme = inspected(*connection, "ev");
        auto script = split(*connection, scheme, *scheme.find("ev_2025_03"), {"2025-03-11", "2025-03-21"});
        QVERIFY2(script, script ? "" : script.error().text().c_str());
        QCOMPARE(runSteps(*connection, *script), std::string());
        QCOMPARE(ask(*connection, "SELECT count(*) || ' ' || sum(hashtext(ev::text)::bigint) FROM ev"), before);
        QCOMPARE(rules(found(*connection, "ev", november())), std::string());
        scheme = inspected(*connection, "ev");
        QCOMPARE(scheme.root().children.size(), std::size_t{15});
        std::vector<const Table *> parts;
        for (const std::size_t child : scheme.root().children) {
            const Table &table = scheme.tables[child];
            if (table.bound.kind == Bound::Kind::Range && table.bound.lower[0].text.starts_with("2025-03"))
                parts.push_back(&table);
        }
        QCOMPARE(parts.size(), std::size_t{3});
        script = merge(*connection, scheme, {parts[2], parts[0], parts[1]});
        QVERIFY2(script, script ? "" : script.error().text().c_str());
        QCOMPARE(runSteps(*connection, *script), std::string());
        QCOMPARE(ask(*connection, "SELECT count(*) || ' ' || sum(hashtext(ev::text)::bigint) FROM ev"), before);
        scheme = inspected(*connection, "ev");
        QCOMPARE(scheme.root().children.size(), std::size_t{13});
        QCOMPARE(scheme.find("ev_2025_03")->bound.upper[0].text.substr(0, 10), std::string("2025-04-01"));
        QCOMPARE(ask(*connection, "SELECT count(*) FROM pg_proc WHERE pronamespace = 'howdah'::regnamespace"), std::string("0"));
        QVERIFY(!split(*connection, scheme, *scheme.find("ev_2025_03"), {"2025-05-01"}));
        QVERIFY(!split(*connection, scheme, *scheme.find("ev_2025_03"), {"yesterday or so"}));
        QVERIFY(!split(*connection, scheme, *scheme.find("ev_default"), {"2025-05-01"}));
        QVERIFY(!merge(*connection, scheme, {scheme.find("ev_2025_01"), scheme.find("ev_2025_03")}));
    }

    void createsTables_data() { eachMajor(); }
    void createsTables()
    {
        QFETCH(int, major);
        const auto connection = test::freshConnection(major);
        CreateWish wish;
        wish.table = "made";
        wish.columns = "id bigint, at date NOT NULL, PRIMARY KEY (id, at)";
        wish.key = {"at"};
        wish.interval = *parseInterval("1 week");
        wish.from = "2025-01-01";
        auto script = createPartitioned(*connection, wish);
        QVERIFY2(script, script ? "" : script.error().text().c_str());
        QCOMPARE(ask(*connection, "SELECT to_regclass('made') IS NULL"), std::string("t"));
        QCOMPARE(runSteps(*connection, *script), std::string());
        QCOMPARE(ask(*connection, "INSERT INTO made VALUES (1, '2025-01-05') RETURNING tableoid::regclass"), std::string("made_p20241230"));
        wish.table = "wrong";
        wish.columns = "id bigint PRIMARY KEY, at date NOT NULL";
        script = createPartitioned(*connection, wish);
        QVERIFY(!script && script.error().sqlstate == "0A000");
        wish.columns = "id bigint, at date";
        wish.key = {"nope"};
        QVERIFY(!createPartitioned(*connection, wish));
        wish.by = Strategy::List;
        wish.key = {"id"};
        wish.interval.reset();
        wish.lists = {{"1", "2"}, {"2"}};
        script = createPartitioned(*connection, wish);
        QVERIFY(!script && script.error().message.find("overlap") != std::string::npos);
    }

    void findsOtherFaults()
    {
        const auto connection = test::freshConnection(15);
        monthly(*connection);
        must(*connection, "CREATE TABLE refers (id bigint, at timestamptz, FOREIGN KEY (id, at) REFERENCES ev_2025_02 (id, at)); INSERT INTO ev SELECT g, timestamptz '2025-06-02' + g * interval '1 ms', repeat('y', 100) FROM generate_series(100000, 160000) g; SELECT pg_stat_force_next_flush()");
        CheckOptions options = november();
        options.skew_min_bytes = 1'000'000;
        auto findings = found(*connection, "ev", options);
        QVERIFY2(ruled(findings, "foreign-key-to-partition") != nullptr, rules(findings).c_str());
        QVERIFY2(ruled(findings, "skewed") != nullptr, rules(findings).c_str());
        QVERIFY2(ruled(findings, "statistics-stale") != nullptr, rules(findings).c_str());
        must(*connection, "CREATE TABLE bare (a int, b int) PARTITION BY RANGE (a); CREATE TABLE bare1 PARTITION OF bare FOR VALUES FROM (0) TO (1000); CREATE TABLE bare2 PARTITION OF bare FOR VALUES FROM (1000) TO (2000); "
                          "ALTER TABLE bare1 ADD PRIMARY KEY (b); INSERT INTO bare SELECT g, g FROM generate_series(0, 1999) g; SELECT pg_stat_force_next_flush()");
        findings = found(*connection, "bare");
        QVERIFY2(ruled(findings, "unique-per-partition") != nullptr && ruled(findings, "never-analysed") != nullptr && ruled(findings, "running-out") != nullptr, rules(findings).c_str());
    }

    void isLinear()
    {
        const auto connection = test::freshConnection(15);
        must(*connection, "CREATE TABLE big (id int) PARTITION BY RANGE (id)");
        const auto grow = [&](int from, int to) {
            for (int at = from; at < to; at += 500)
                must(*connection, "DO $$ BEGIN FOR i IN " + std::to_string(at) + ".." + std::to_string(at + 499) + " LOOP EXECUTE format('CREATE TABLE big_%s PARTITION OF big FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$");
        };
        const auto measure = [&] {
            const auto begin = std::chrono::steady_clock::now();
            const Scheme scheme = inspected(*connection, "big");
            const auto findings = check(*connection, scheme);
            if (!findings)
                QTest::qFail(findings.error().text().c_str(), __FILE__, __LINE__);
            return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        };
        const int small = qEnvironmentVariableIsSet("HOWDAH_TEST_PARTITIONS") ? 2500 : 500;
        grow(0, small);
        const double first = measure();
        grow(small, small * 4);
        const double second = measure();
        qInfo("%d partitions: %.0f ms, %d: %.0f ms", small, first, small * 4, second);
        QVERIFY2(second < first * 10 + 200, "more than linear");
    }
};

QTEST_GUILESS_MAIN(TestPartition)
#include "tst_partition.moc"
