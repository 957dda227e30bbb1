// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <QTemporaryDir>

#include "run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;
using nlohmann::json;

class TestFormatCommand : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void printsTheLayout()
    {
        const CliOutcome outcome = runCli({QStringLiteral("format"), QStringLiteral("-")}, "select 1,2 from  t ;");
        QCOMPARE(outcome.code, 0);
        QCOMPARE(outcome.out, std::string("SELECT 1, 2 FROM t;"));
    }

    void namesWhatItLeft()
    {
        const CliOutcome outcome = runCli({QStringLiteral("format"), QStringLiteral("--json"), QStringLiteral("-")}, "select  1; selec  2;");
        QCOMPARE(outcome.code, 1);
        QCOMPARE(outcome.json()["statements"], json(1));
        QCOMPARE(outcome.json()["kept"][0]["sql"], json("selec  2"));
        QCOMPARE(outcome.json()["kept"][0]["error"]["sqlstate"], json("42601"));
        QCOMPARE(outcome.json()["text"], json("SELECT 1; selec  2;"));
    }

    void checksAndWrites()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.sql"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("select a,b from t\n");
        file.close();
        QCOMPARE(runCli({QStringLiteral("format"), QStringLiteral("--check"), path}).code, 1);
        QCOMPARE(runCli({QStringLiteral("format"), QStringLiteral("--write"), path}).code, 0);
        QCOMPARE(runCli({QStringLiteral("format"), QStringLiteral("--check"), path}).code, 0);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("SELECT a, b FROM t\n"));
    }

    void queryTakesParameters()
    {
        const QString database = QString::fromStdString(test::freshDatabase());
        const CliOutcome outcome = runCli({QStringLiteral("query"), QStringLiteral("-d"), database, QStringLiteral("-t"), QStringLiteral("--csv"),
                                           QStringLiteral("-v"), QStringLiteral("a=it's"), QStringLiteral("--set"), QStringLiteral("b"),
                                           QStringLiteral("select :a::text, :b::text is null")});
        QCOMPARE(outcome.code, 0);
        QCOMPARE(outcome.out, std::string("it's,t\n"));
        const CliOutcome missing = runCli({QStringLiteral("query"), QStringLiteral("-d"), database, QStringLiteral("-v"), QStringLiteral("a=1"),
                                           QStringLiteral("select :a, :nope")});
        QCOMPARE(missing.code, 2);
    }
};

QTEST_GUILESS_MAIN(TestFormatCommand)
#include "tst_format.moc"
