// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "core/plan/fix_script.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::plan;

namespace {

Finding findingWith(std::vector<std::string> fixes)
{
    Finding finding;
    finding.message = "Something is slow.";
    finding.fix_sql = std::move(fixes);
    return finding;
}

} // namespace

class TestFixScript : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyWayBackLeadsBack()
    {
        const auto connection = test::freshConnection(15);
        const auto must = [&](const std::string &sql) { return connection->query(sql).has_value(); };
        QVERIFY(must("CREATE SCHEMA \"My Shop\"") && must("CREATE TABLE \"My Shop\".\"Order\" (id int, \"on\" text, \"größe\" int)"));
        const auto objects = [&] {
            const auto found = connection->query("SELECT (SELECT count(*) FROM pg_index) || ' ' || (SELECT count(*) FROM pg_statistic_ext)");
            return std::string(found->result->cell(0, 0).text);
        };
        const std::string before = objects();
        for (const char *fix : {"CREATE INDEX CONCURRENTLY ON \"My Shop\".\"Order\" (id);",
                                "CREATE INDEX ON \"My Shop\".\"Order\" (\"on\", \"größe\");",
                                "CREATE INDEX CONCURRENTLY ON \"My Shop\".\"Order\" ((lower(\"on\")));",
                                "CREATE STATISTICS order_stat (mcv) ON id, \"größe\" FROM \"My Shop\".\"Order\";"}) {
            const auto script = fixScript(findingWith({fix}));
            QVERIFY2(script && script->steps.size() == 1, fix);
            const migration::ChangeStep &step = script->steps[0];
            QVERIFY2(!step.undo_sql.empty() && step.no_undo_reason.empty(), fix);
            const auto run = migration::runChangeScript(*connection, *script);
            QVERIFY2(run.done(), run.error ? run.error->text().c_str() : "");
            QVERIFY2(objects() != before, fix);
            QVERIFY2(must(step.undo_sql), step.undo_sql.c_str());
            QCOMPARE(objects(), before);
        }
    }

    void aNameIsAtMostWhatTheServerKeeps()
    {
        std::string table;
        for (int i = 0; i < 31; ++i)
            table += "ü"; // two bytes each: the cut must not fall within one
        const auto script = fixScript(findingWith({"CREATE INDEX ON " + table + " (a, b, c)"}));
        QVERIFY(script);
        const std::string &undo = script->steps[0].undo_sql;
        QVERIFY(QString::fromStdString(undo).toStdString() == undo); // valid UTF-8
        QVERIFY2(undo.size() - std::string("DROP INDEX \"\";").size() <= 63, undo.c_str());
    }

    void whatStaysIsSaid()
    {
        const auto script = fixScript(findingWith({"ANALYZE t;", "SET LOCAL work_mem = '64MB';"}));
        QVERIFY(script);
        QCOMPARE(script->steps.size(), std::size_t(1)); // a setting of a session changes no server
        QVERIFY(!script->steps[0].no_undo_reason.empty());
        QVERIFY(!fixScript(findingWith({"SET LOCAL jit = off;"})));
    }
};

QTEST_GUILESS_MAIN(TestFixScript)
#include "tst_fix_script.moc"
