// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "recipe_cases.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::test;
using migration::Phase;

/// Each recipe on real servers, with writes between its steps, beside the change as it was wanted.
class TestRecipes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void goesThrough_data() { rows(true); }
    void goesThrough();
    void goesBack_data() { rows(false); }
    void goesBack();

private:
    void rows(bool there);
    std::unique_ptr<RecipeRun> started(const RecipeCase &of, int major);
    std::map<int, std::pair<std::unique_ptr<pg::Connection>, std::unique_ptr<pg::Connection>>> connections_;
};

/// Every version both ways with HOWDAH_TEST_ALL_MAJORS=1 or HOWDAH_TEST_RECIPES=1; else the oldest and the newest there, one in
/// between back.
void TestRecipes::rows(bool there)
{
    const bool all = qEnvironmentVariableIsSet("HOWDAH_TEST_ALL_MAJORS") || qEnvironmentVariableIsSet("HOWDAH_TEST_RECIPES");
    QTest::addColumn<int>("major");
    QTest::addColumn<int>("index");
    for (const int major : majors()) {
        for (std::size_t i = 0; i < recipe_cases.size(); ++i) {
            if (major >= recipe_cases[i].from && (all || (there ? major != 15 : major == 15)))
                QTest::addRow("%d %s", major, recipe_cases[i].name) << major << static_cast<int>(i);
        }
    }
}

std::unique_ptr<RecipeRun> TestRecipes::started(const RecipeCase &of, int major)
{
    auto &pair = connections_[major];
    if (!pair.first) {
        pg::ConnectionSpec where;
        where.conninfo = freshDatabase(major);
        pair.first = std::move(*pg::Connection::open(where));
        pair.second = std::move(*pg::Connection::open(where));
    }
    return std::make_unique<RecipeRun>(*pair.first, *pair.second, of);
}

#define SUCCEEDS(call)                                                                                                                                                                                                                                        \
    do {                                                                                                                                                                                                                                                       \
        const std::string wrong = call;                                                                                                                                                                                                                        \
        QVERIFY2(wrong.empty(), wrong.c_str());                                                                                                                                                                                                                \
    } while (false)

void TestRecipes::goesThrough()
{
    QFETCH(int, major);
    QFETCH(int, index);
    const auto run = started(recipe_cases[static_cast<std::size_t>(index)], major);
    SUCCEEDS(run->prepare());
    SUCCEEDS(run->plan());
    SUCCEEDS(run->runUpTo(Phase::Contract, true));
    SUCCEEDS(run->changeShadow());
    SUCCEEDS(run->compare());
}

void TestRecipes::goesBack()
{
    QFETCH(int, major);
    QFETCH(int, index);
    const auto run = started(recipe_cases[static_cast<std::size_t>(index)], major);
    for (const Phase last : {Phase::Expand, Phase::Backfill, Phase::Validate, Phase::Switch}) {
        SUCCEEDS(run->prepare());
        SUCCEEDS(run->plan());
        const auto &steps = run->planned().script.steps;
        if (std::none_of(steps.begin(), steps.end(), [&](const auto &step) { return step.phase == last; }))
            continue;
        if (std::any_of(steps.begin(), steps.end(), [](const auto &step) { return step.batches && step.no_undo_reason == "The values before are gone"; }))
            QSKIP("Rows that were updated have no way back");
        SUCCEEDS(run->runUpTo(last, false, true));
        SUCCEEDS(run->rollBack());
        SUCCEEDS(run->compare());
    }
}

QTEST_GUILESS_MAIN(TestRecipes)
#include "tst_recipes.moc"
