// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <set>

#include <QTest>

#include "core/index/select.h"

using namespace howdah;
using namespace howdah::index;

/// The choice of a set, against costs that are made up.
class TestSelect : public QObject
{
    Q_OBJECT

    /// A statement costs 1000; each index of its own takes something off, the best of those at hand counts.
    static PlanFunction planOf(const std::vector<std::vector<double>> &savings, std::size_t &calls)
    {
        return [&savings, &calls](std::size_t statement, const std::vector<std::size_t> &available) -> Result<RecordedPlan> {
            ++calls;
            RecordedPlan plan;
            plan.cost = 1000;
            for (const std::size_t one : available) {
                if (1000 - savings[statement][one] < plan.cost) {
                    plan.cost = 1000 - savings[statement][one];
                    plan.used = {one};
                }
            }
            return plan;
        };
    }

private Q_SLOTS:
    /// Two small ones are worth more than the one that is best for each alone.
    void fillsTheBudgetBest()
    {
        const std::vector<std::vector<double>> savings{{900, 0, 700}, {0, 800, 750}, {0, 0, 0}};
        std::size_t calls = 0;
        SelectOptions options;
        options.budget_bytes = 1e6;
        const std::vector<SelectableIndex> indexes{{900'000, 0, 0, true, false, {}}, {900'000, 0, 0, true, false, {}}, {500'000, 0, 0, true, false, {}}};
        const auto found = select(indexes, {{1, {0, 1, 2}}, {1, {0, 1, 2}}, {1, {0, 1, 2}}}, planOf(savings, calls), options);
        QVERIFY(found.has_value());
        QCOMPARE(found->indexes, std::vector<std::size_t>{2});
        QCOMPARE(found->after[0], 300.0);
        QCOMPARE(found->benefit[0], 1450.0);
        options.budget_bytes = 0;
        const auto all = select(indexes, {{1, {0, 1, 2}}, {1, {0, 1, 2}}, {1, {0, 1, 2}}}, planOf(savings, calls), options);
        QCOMPARE(all->indexes, (std::vector<std::size_t>{0, 1}));
    }

    void weighsUpkeep()
    {
        const std::vector<std::vector<double>> savings{{900}};
        std::size_t calls = 0;
        const auto kept = select({{1000, 800, 0, true, false, {}}}, {{1, {0}}}, planOf(savings, calls), {});
        QCOMPARE(kept->indexes.size(), 1U);
        const auto dropped = select({{1000, 950, 0, true, false, {}}}, {{1, {0}}}, planOf(savings, calls), {});
        QCOMPARE(dropped->indexes.size(), 0U);
    }

    void limitsTheCount()
    {
        const std::vector<std::vector<double>> savings{{900, 0, 0}, {0, 800, 0}, {0, 0, 700}};
        std::size_t calls = 0;
        SelectOptions options;
        options.most_indexes = 2;
        const auto found = select({{1e6, 0, 0, true, false, {}}, {1e6, 0, 0, true, false, {}}, {1e6, 0, 0, true, false, {}}}, {{1, {0, 1, 2}}, {1, {0, 1, 2}}, {1, {0, 1, 2}}}, planOf(savings, calls), options);
        QCOMPARE(found->indexes, (std::vector<std::size_t>{0, 1}));
    }

    /// The plan with everything at hand tells what each choice that holds its indexes costs: it is not asked for again.
    void asksNoMoreThanItMust()
    {
        std::vector<std::vector<double>> savings(40, std::vector<double>(40, 0));
        std::vector<SelectableIndex> indexes(40, {1000, 0, 0, true, false, {}});
        std::vector<SelectableStatement> statements(40);
        std::vector<std::size_t> all;
        for (std::size_t i = 0; i < 40; ++i)
            all.push_back(i);
        for (std::size_t i = 0; i < 40; ++i) {
            savings[i][i] = 500;
            statements[i] = {1, all};
        }
        std::size_t calls = 0;
        const auto found = select(indexes, statements, planOf(savings, calls), {});
        QCOMPARE(found->indexes.size(), 40U);
        QVERIFY2(calls <= 40 * 4, std::to_string(calls).c_str());
    }

    /// What statements cost together is less than an index would have to save: it is never pretended.
    void asksNothingAboutTheHopeless()
    {
        const std::vector<std::vector<double>> savings{{900, 0}, {0, 900}};
        std::size_t calls = 0;
        std::set<std::size_t> pretended;
        const PlanFunction plain = planOf(savings, calls);
        const PlanFunction plan = [&](std::size_t statement, const std::vector<std::size_t> &available) {
            pretended.insert(available.begin(), available.end());
            return plain(statement, available);
        };
        const auto found = select({{1000, 0, 0, true, false, {}}, {1000, 0, 0, true, false, {}}}, {{1, {0, 1}}, {0.0001, {1}}}, plan, {});
        QCOMPARE(found->indexes, std::vector<std::size_t>{0});
        const auto nothing = select({{1000, 0, 0, true, false, {}}, {1000, 0, 0, true, false, {}}}, {{0.001, {0}}, {0.0001, {1}}}, plan, {});
        QCOMPARE(nothing->indexes.size(), 0U);
        pretended.clear();
        const auto apart = select({{1000, 0, 0, true, false, {}}, {1000, 0, 0, true, false, {}}}, {{1, {0}}, {0.0001, {1}}}, plan, {});
        QCOMPARE(apart->indexes, std::vector<std::size_t>{0});
        QCOMPARE(pretended, std::set<std::size_t>{0});
    }

    /// A bound on plans is kept, and the dearest statements are looked at within it.
    void keepsToItsPlans()
    {
        constexpr std::size_t count = 400;
        std::size_t calls = 0;
        std::vector<SelectableIndex> indexes(count * 3, {1000, 0, 0, true, false, {}});
        std::vector<SelectableStatement> statements(count);
        for (std::size_t i = 0; i < count; ++i)
            statements[i] = {i < count - 10 ? 1.0 : 50.0, {3 * i, 3 * i + 1, 3 * i + 2}};
        const PlanFunction plan = [&](std::size_t statement, const std::vector<std::size_t> &available) -> Result<RecordedPlan> {
            ++calls;
            RecordedPlan record;
            record.cost = 1000;
            if (!available.empty()) {
                record.cost = 500 + 10 * static_cast<double>(available.front() - 3 * statement);
                record.used = {available.front()};
            }
            return record;
        };
        SelectOptions options;
        options.most_plans = 500;
        const auto found = select(indexes, statements, plan, options);
        QVERIFY2(calls <= 520, std::to_string(calls).c_str());
        for (std::size_t i = count - 10; i < count; ++i)
            QVERIFY(std::find(found->indexes.begin(), found->indexes.end(), 3 * i) != found->indexes.end());
    }

    void stopsWhenToldTo()
    {
        const std::vector<std::vector<double>> savings{{900}};
        std::size_t calls = 0;
        const auto found = select({{1000, 0, 0, true, false, {}}}, {{1, {0}}}, planOf(savings, calls), {}, {}, [](double) { return false; });
        QVERIFY(found.has_value());
        QVERIFY(!found->complete);
    }
};

QTEST_GUILESS_MAIN(TestSelect)
#include "tst_select.moc"
