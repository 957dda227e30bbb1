// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "core/sql/fold.h"
#include "support/show.h"

using namespace howdah::sql;

class TestFold : public QObject
{
    Q_OBJECT

    /// "0+ 1 1": depths, with + where something begins.
    static std::string folded(std::string_view script)
    {
        std::string result;
        for (const FoldLine &line : foldLines(script, splitStatements(script)))
            result += (result.empty() ? "" : " ") + std::to_string(line.depth) + (line.begins ? "+" : "");
        return result;
    }

private Q_SLOTS:
    void statements()
    {
        QCOMPARE(folded("select 1;\n\nselect\n 2,\n 3;\nselect 4"), std::string("0 0 0+ 1 1 0"));
        QCOMPARE(folded(""), std::string("0"));
        QCOMPARE(folded("\n\n"), std::string("0 0 0"));
    }

    void nested()
    {
        QCOMPARE(folded("select (\n 1 + (\n  2\n )\n)\nfrom t"), std::string("0+ 1+ 2 2 1 1"));
        QCOMPARE(folded("create function f() as $$\nbegin\nend\n$$;\nselect 1"), std::string("0+ 1 1 1 0"));
        QCOMPARE(folded("/* a\n b\n*/\nselect 1"), std::string("0+ 1 1 0"));
    }

    void unbalanced()
    {
        QCOMPARE(folded("select (\n1;\nselect 2)\n;"), std::string("0+ 1 1 0"));
        QCOMPARE(folded(")\n(\n'\n"), std::string("0+ 1 1 1"));
    }

    void longScriptsTakeOnePass()
    {
        std::string script;
        for (int i = 0; i < 50'000; ++i)
            script += "select (\n1\n);\n";
        const auto lines = foldLines(script, splitStatements(script));
        QCOMPARE(lines.size(), std::size_t{150'001});
        QVERIFY(lines[149'997].begins);
    }
};

QTEST_GUILESS_MAIN(TestFold)
#include "tst_fold.moc"
