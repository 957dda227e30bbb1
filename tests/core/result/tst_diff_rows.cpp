// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include <map>
#include <random>

#include "core/result/diff_rows.h"
#include "rows.h"

using namespace howdah;
using namespace howdah::test;
using namespace howdah::result;

class TestDiffRows : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void addedRemovedChanged()
    {
        const RowView before = viewOf({column("id", int4_oid), column("name", text_oid), column("gone", text_oid)},
                                      {{"1", "a", "x"}, {"2", std::nullopt, "x"}, {"3", "c", "x"}, {"4", "d", "x"}});
        const RowView after = viewOf({column("name", text_oid), column("id", int4_oid), column("new", text_oid)},
                                     {{"a", "1", "y"}, {"", "2", "y"}, {"e", "5", "y"}, {"d", "4", "y"}});
        const auto pairs = pairColumns(before.source->columns(), after.source->columns());
        QCOMPARE(pairs, (std::vector<ColumnPair>{{1, 0}, {0, 1}}));
        const auto key = guessKey(before, after, pairs);
        QCOMPARE(key, (std::vector<std::size_t>{1}));
        const auto diff = diffRows(before, after, pairs, key);
        QVERIFY(diff.has_value());
        QCOMPARE(diff->same, 2);
        QCOMPARE(diff->changed, 1);
        QCOMPARE(diff->added, 1);
        QCOMPARE(diff->removed, 1);
        QCOMPARE(diff->rows[0].change, RowChange::Changed); // NULL became ""
        QCOMPARE(diff->rows[1].change, RowChange::Added);
        QCOMPARE(diff->rows[2].change, RowChange::Removed);
        QCOMPARE(diff->rows[2].before, 2);
    }
    void keyOfSeveralColumns()
    {
        std::vector<Values> rows;
        for (int i = 0; i < 100; ++i)
            rows.push_back({std::to_string(i / 10), std::to_string(i % 10), "x"});
        const RowView view = viewOf({column("a", int4_oid), column("b", int4_oid), column("v", text_oid)}, rows);
        const auto pairs = pairColumns(view.source->columns(), view.source->columns());
        QCOMPARE(guessKey(view, view, pairs), (std::vector<std::size_t>{0, 1}));
    }
    void repeatedKeysMatchInOrder()
    {
        const RowView before = viewOf({column("k", text_oid), column("v", text_oid)}, {{"a", "1"}, {"a", "2"}, {"a", "3"}});
        const RowView after = viewOf({column("k", text_oid), column("v", text_oid)}, {{"a", "1"}, {"a", "9"}});
        const auto pairs = pairColumns(before.source->columns(), after.source->columns());
        const auto diff = diffRows(before, after, pairs, {0});
        QCOMPARE(diff->same, 1);
        QCOMPARE(diff->changed, 1);
        QCOMPARE(diff->removed, 1);
        QCOMPARE(diff->repeated_keys, 2);
    }
    void sameAsTheSimpleWay()
    {
        std::mt19937 random(7);
        for (int round = 0; round < 30; ++round) {
            const auto make = [&] {
                std::map<int, std::string> values;
                for (int i = 0; i < 200; ++i)
                    values[static_cast<int>(random() % 300)] = std::to_string(random() % 3);
                return values;
            };
            const auto a = make(), b = make();
            const auto view = [](const std::map<int, std::string> &values) {
                std::vector<Values> rows;
                for (const auto &[key, value] : values)
                    rows.push_back({std::to_string(key), value});
                return viewOf({column("k", int4_oid), column("v", text_oid)}, rows);
            };
            std::int64_t same = 0, changed = 0, added = 0;
            for (const auto &[key, value] : b) {
                const auto old = a.find(key);
                ++(old == a.end() ? added : old->second == value ? same : changed);
            }
            const RowView before = view(a), after = view(b);
            const auto pairs = pairColumns(before.source->columns(), after.source->columns());
            const auto diff = diffRows(before, after, pairs, {0});
            QCOMPARE(diff->same, same);
            QCOMPARE(diff->changed, changed);
            QCOMPARE(diff->added, added);
            QCOMPARE(diff->removed, static_cast<std::int64_t>(a.size()) - same - changed);
            QCOMPARE(static_cast<std::int64_t>(diff->rows.size()), changed + added + diff->removed);
            for (std::size_t i = 1; i < diff->rows.size(); ++i) { // keys ascend, since both sides do
                const auto keyOf = [&](const DiffRow &row) {
                    return std::stoi(std::string(row.after >= 0 ? after.cell(row.after, 0).text : before.cell(row.before, 0).text));
                };
                if (diff->rows[i].change != RowChange::Added && diff->rows[i - 1].change != RowChange::Added)
                    QVERIFY(keyOf(diff->rows[i - 1]) < keyOf(diff->rows[i]));
            }
        }
    }
    void nothingInCommon()
    {
        const RowView before = viewOf({column("a", text_oid)}, {{"1"}});
        const RowView after = viewOf({column("b", text_oid)}, {{"1"}});
        QVERIFY(!diffRows(before, after, pairColumns(before.source->columns(), after.source->columns()), {}).has_value());
    }
};

QTEST_GUILESS_MAIN(TestDiffRows)
#include "tst_diff_rows.moc"
