// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTemporaryDir>
#include <QtTest>

#include "core/workspace/completion_uses.h"

using namespace howdah;
using workspace::CompletionUses;

class TestCompletionUses : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsAndKeeps()
    {
        const QTemporaryDir folder;
        const auto file = std::filesystem::path(folder.path().toStdString()) / "completion.sqlite";
        {
            auto uses = CompletionUses::open(file);
            QVERIFY(uses);
            const auto before = (*uses)->counts();
            QVERIFY((*uses)->add("relation orders"));
            QVERIFY((*uses)->add("relation orders"));
            QVERIFY((*uses)->add("column é"));
            QVERIFY((*uses)->add(""));
            QVERIFY((*uses)->add(std::string(300, 'x'))); // no name is as long
            QVERIFY(before->empty());                     // a snapshot stays what it was
            QCOMPARE((*uses)->counts()->size(), std::size_t{2});
        }
        auto again = CompletionUses::open(file);
        QVERIFY(again);
        QCOMPARE((*again)->counts()->at("relation orders"), 2U);
        QCOMPARE((*again)->counts()->at("column é"), 1U);
    }

    void refusesWhatItCannotOpen()
    {
        const auto uses = CompletionUses::open("/proc/nowhere/completion.sqlite");
        QVERIFY(!uses);
    }
};

QTEST_GUILESS_MAIN(TestCompletionUses)
#include "tst_completion_uses.moc"
