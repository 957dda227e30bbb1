// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "core/workspace/statement_history.h"

using namespace howdah::workspace;

class TestStatementHistory : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;
    std::filesystem::path file(const char *name) const { return std::filesystem::path(folder_.path().toStdString()) / name; }
    static StatementRecord record(std::string text, std::string connection = "shop")
    {
        StatementRecord made;
        made.text = std::move(text);
        made.connection = std::move(connection);
        return made;
    }

    static HistorySearch words(std::string typed)
    {
        HistorySearch made;
        made.words = std::move(typed);
        return made;
    }

private Q_SLOTS:
    void isThereBeforeItEnds()
    {
        {
            auto history = StatementHistory::open(file("a"));
            QVERIFY(history);
            QVERIFY((*history)->begin(record("SELECT pg_sleep(1000)")));
        } // nobody says how it ended
        auto history = StatementHistory::open(file("a"));
        QVERIFY(history);
        const auto found = (*history)->search({});
        QVERIFY(found);
        QCOMPARE(found->size(), std::size_t(1));
        QCOMPARE((*found)[0].text, std::string("SELECT pg_sleep(1000)"));
        QVERIFY(!(*found)[0].duration_ms);
        QVERIFY((*found)[0].at_ms > 1'700'000'000'000);
    }

    void findsByWordsConnectionAndFailure()
    {
        auto opened = StatementHistory::open(file("b"));
        QVERIFY(opened);
        StatementHistory &history = **opened;
        const auto first = history.begin(record("SELECT * FROM order_items WHERE id = 7"));
        const auto second = history.begin(record("update Users SET name = 'Grüße' WHERE id = 1", "billing"));
        const auto third = history.begin(record("SELECT nmae FROM users"));
        QVERIFY(first && second && third);
        StatementRecord failed;
        failed.duration_ms = 1.5;
        failed.sqlstate = "42703";
        failed.message = "column \"nmae\" does not exist";
        QVERIFY(history.end(*third, failed));
        const auto texts = [&](const HistorySearch &search) {
            std::vector<std::int64_t> ids;
            const auto found = history.search(search);
            for (const StatementRecord &record : found.value())
                ids.push_back(record.id);
            return ids;
        };
        using Ids = std::vector<std::int64_t>;
        QCOMPARE(texts({}), (Ids{*third, *second, *first}));
        QCOMPARE(texts(words("users")), (Ids{*third, *second}));
        QCOMPARE(texts(words("order")), (Ids{*first}));           // the beginning of a word
        QCOMPARE(texts(words("items")), (Ids{}));                 // order_items is one word
        QCOMPARE(texts(words("grüss")), (Ids{}));
        QCOMPARE(texts(words("grüße")), (Ids{*second}));
        QCOMPARE(texts(words("id name")), (Ids{*second}));
        QCOMPARE(texts(words("\" OR ) * NEAR(")), (Ids{}));       // no character is syntax
        QCOMPARE(texts({"", "billing", false, 0, 10}), (Ids{*second}));
        QCOMPARE(texts({"", "", true, 0, 10}), (Ids{*third}));
        QCOMPARE(texts({"", "", false, *third, 1}), (Ids{*second}));
        QCOMPARE(history.search(words("nmae"))->at(0).message, failed.message);
        QVERIFY(history.remove(*second));
        QCOMPARE(texts(words("grüße")), (Ids{}));
        QVERIFY(history.clear());
        QCOMPARE(texts({}), (Ids{}));
    }

    void theOldestGo()
    {
        auto history = StatementHistory::open(file("c"), 100);
        QVERIFY(history);
        for (int i = 0; i < 320; ++i)
            QVERIFY((*history)->begin(record("SELECT " + std::to_string(i))));
        HistorySearch search;
        search.limit = 1'000;
        const auto left = (*history)->search(search);
        QVERIFY(left);
        QVERIFY(left->size() >= 100 && left->size() < 165);
        QCOMPARE(left->front().text, std::string("SELECT 319"));
    }

    void aLargeHistoryIsSearchedQuickly()
    {
        auto history = StatementHistory::open(file("d"));
        QVERIFY(history);
        for (int i = 0; i < 5'000; ++i)
            QVERIFY((*history)->begin(record("SELECT a" + std::to_string(i) + ", b FROM table_" + std::to_string(i % 97))));
        QElapsedTimer timer;
        timer.start();
        QCOMPARE((*history)->search(words("table_13"))->size(), std::size_t(52));
        qInfo("searched 5,000 records in %.1f ms", static_cast<double>(timer.nsecsElapsed()) / 1e6);
    }
};

QTEST_GUILESS_MAIN(TestStatementHistory)
#include "tst_statement_history.moc"
