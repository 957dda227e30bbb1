// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <atomic>
#include <string>
#include <thread>

#include "core/pg/row_store.h"
#include "support/show.h"

using namespace howdah::pg;

class TestRowStore : public QObject
{
    Q_OBJECT

    static std::vector<Column> columns(std::size_t count)
    {
        std::vector<Column> made(count);
        for (std::size_t i = 0; i < count; ++i)
            made[i].name = std::to_string(i);
        return made;
    }
    static void append(RowStore &store, const std::vector<std::string> &values)
    {
        store.beginRow();
        for (const std::string &value : values)
            store.appendCell(value.data(), value.size(), value == "\\N");
    }

private Q_SLOTS:
    void keepsValuesAndNulls()
    {
        RowStore store(columns(3));
        append(store, {"a", "\\N", ""});
        append(store, {"", "bb", "ccc"});
        QCOMPARE(store.rowCount(), 0);
        QVERIFY(store.publish());
        QCOMPARE(store.rowCount(), 2);
        QCOMPARE(store.cell(0, 0).text, std::string_view("a"));
        QVERIFY(store.cell(0, 1).is_null);
        QVERIFY(!store.cell(0, 2).is_null);
        QCOMPARE(store.cell(0, 2).text, std::string_view());
        QCOMPARE(store.cell(1, 2).text, std::string_view("ccc"));
    }

    void rowsWithoutColumnsAreCounted()
    {
        RowStore store({});
        for (int i = 0; i < 5; ++i)
            store.beginRow();
        QVERIFY(store.publish());
        QCOMPARE(store.rowCount(), 5);
    }

    void wideRows()
    {
        RowStore store(columns(1600));
        for (int row = 0; row < 300; ++row) {
            store.beginRow();
            for (int column = 0; column < 1600; ++column) {
                const std::string value = std::to_string(row * column);
                store.appendCell(value.data(), value.size(), false);
            }
        }
        QVERIFY(store.publish());
        for (int row = 0; row < 300; row += 7)
            for (std::size_t column = 0; column < 1600; column += 133)
                QCOMPARE(store.cell(row, column).text, std::string_view(std::to_string(static_cast<std::size_t>(row) * column)));
    }

    /// A row may outgrow its chunk in mid-row: what it has so far moves with it.
    void largeCellsAmongSmallOnes()
    {
        RowStore store(columns(4));
        const std::string large(5'000'000, 'x');
        for (int row = 0; row < 20; ++row)
            append(store, {std::to_string(row), row % 3 == 0 ? large : "s", "\\N", row % 4 == 0 ? large + "!" : "t"});
        QVERIFY(store.publish());
        for (int row = 0; row < 20; ++row) {
            QCOMPARE(store.cell(row, 0).text, std::string_view(std::to_string(row)));
            QCOMPARE(store.cell(row, 1).text.size(), row % 3 == 0 ? large.size() : 1U);
            QVERIFY(store.cell(row, 2).is_null);
            QCOMPARE(store.cell(row, 3).text.back(), row % 4 == 0 ? '!' : 't');
        }
    }

    void pastTheCapChunksLieInAFile()
    {
        RowStoreLimits limits;
        limits.memory_bytes = 8 * 1024 * 1024;
        RowStore store(columns(2), limits);
        const std::string filling(1000, 'y');
        for (int row = 0; row < 60'000; ++row)
            append(store, {std::to_string(row), filling});
        QVERIFY(store.publish());
        QVERIFY(store.memoryBytes() <= limits.memory_bytes);
        QVERIFY(store.spilledBytes() > 40 * 1024 * 1024);
        for (int row = 0; row < 60'000; row += 997)
            QCOMPARE(store.cell(row, 0).text, std::string_view(std::to_string(row)));
        QCOMPARE(store.cell(59'999, 1).text, std::string_view(filling));
    }

    void readersSeeWholeRowsWhileOneWrites()
    {
        RowStore store(columns(2));
        std::atomic<bool> finished{false};
        std::atomic<std::int64_t> wrong{0}, seen{0};
        std::vector<std::thread> readers;
        for (int i = 0; i < 2; ++i) {
            readers.emplace_back([&] {
                std::int64_t at = 0;
                while (!finished || at < store.rowCount()) {
                    if (at >= store.rowCount()) {
                        std::this_thread::yield();
                        continue;
                    }
                    const Cell left = store.cell(at, 0), right = store.cell(at, 1);
                    wrong += left.text != right.text || left.text != std::to_string(at);
                    ++seen;
                    at += 3;
                }
            });
        }
        for (int row = 0; row < 200'000; ++row) {
            const std::string value = std::to_string(row);
            append(store, {value, value});
            if (row % 50 == 0)
                QVERIFY(store.publish());
        }
        QVERIFY(store.publish());
        finished = true;
        for (std::thread &reader : readers)
            reader.join();
        QCOMPARE(wrong.load(), 0);
        QVERIFY(seen.load() > 100'000);
    }

    void forgottenRowsCostNothing()
    {
        for (const std::int64_t memory : {std::int64_t{1} << 40, std::int64_t{1} << 20}) { // in memory, and past it in a file
            RowStoreLimits limits;
            limits.memory_bytes = memory;
            RowStore store(columns(2), limits);
            const std::string value(200, 'x');
            std::int64_t most = 0;
            constexpr int rows = 200'000;
            for (int row = 0; row < rows; ++row) {
                append(store, {std::to_string(row), value});
                if (row % 1'000 != 0)
                    continue;
                QVERIFY(store.publish());
                QCOMPARE(store.cell(row, 0).text, std::string_view(std::to_string(row)));
                store.forgetBefore(row);
                most = std::max(most, store.memoryBytes());
                QCOMPARE(store.cell(row, 1).text, std::string_view(value)); // the row itself is kept
            }
            QVERIFY(store.publish());
            QCOMPARE(store.rowCount(), rows);
            QCOMPARE(store.cell(rows - 1, 0).text, std::string_view("199999"));
            QVERIFY2(most < 16 << 20, qPrintable(QString::number(most)));
        }
    }
};

QTEST_GUILESS_MAIN(TestRowStore)
#include "tst_row_store.moc"
