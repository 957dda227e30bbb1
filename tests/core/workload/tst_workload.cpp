// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTest>

#include "core/workload/workload.h"

using namespace howdah;

class TestWorkload : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void gathersByFingerprint()
    {
        const auto load = workload::readWorkload("SELECT * FROM a WHERE x = 1;\n-- weight: 20\nselect * from a where x=2;\nUPDATE a SET x = 1 WHERE y = 2;\n\\d a\nSET work_mem = '1MB';");
        QCOMPARE(load.statements.size(), 2U);
        QCOMPARE(load.statements[0].weight, 21.0);
        QCOMPARE(load.statements[0].samples.size(), 2U);
        QCOMPARE(load.statements[0].line, 1U);
        QVERIFY(load.statements[1].writes);
        QCOMPARE(load.statements[1].line, 4U);
        QCOMPARE(load.problems.size(), 0U);
    }

    void namesWhatDoesNotParse()
    {
        const auto load = workload::readWorkload("SELECT 1;\nSELEC 2;\nDROP TABLE a;");
        QCOMPARE(load.statements.size(), 1U);
        QCOMPARE(load.problems.size(), 2U);
        QCOMPARE(load.problems[0].line, 2U);
    }

    void readsLogs()
    {
        const auto load = workload::readWorkload("2024-01-01 10:00:00 UTC [12] LOG:  duration: 12.5 ms  plan:\n\tQuery Text: SELECT * FROM a WHERE x = 1\n\tSeq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n"
                                                 "2024-01-01 10:00:01 UTC [12] LOG:  duration: 7.5 ms  plan:\n\tQuery Text: SELECT * FROM a WHERE x = 5\n\tSeq Scan on a  (cost=0.00..1.00 rows=1 width=4)\n");
        QCOMPARE(load.statements.size(), 1U);
        QCOMPARE(load.statements[0].weight, 2.0);
        QCOMPARE(load.statements[0].total_ms, 20.0);
    }

    void isLinear()
    {
        std::string text;
        for (int i = 0; i < 10000; ++i)
            text += "SELECT c" + std::to_string(i % 500) + " FROM t WHERE a" + std::to_string(i % 500) + " = " + std::to_string(i) + ";\n";
        QElapsedTimer timer;
        timer.start();
        const auto load = workload::readWorkload(text);
        QCOMPARE(load.statements.size(), 500U);
        QVERIFY(timer.elapsed() < 5000);
    }
};

QTEST_GUILESS_MAIN(TestWorkload)
#include "tst_workload.moc"
