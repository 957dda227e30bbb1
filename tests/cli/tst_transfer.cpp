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

class TestTransferCommands : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;
    QString database_;

    CliOutcome run(const char *command, QStringList options) const
    {
        options.prepend(QString::fromUtf8(command));
        return runCli(options << QStringLiteral("-d") << database_ << QStringLiteral("--json"));
    }
    QString path(const char *name) const { return folder_.filePath(QString::fromUtf8(name)); }

private Q_SLOTS:
    void initTestCase() { database_ = QString::fromStdString(test::freshDatabase()); }

    void roundTrip()
    {
        const CliOutcome out = run("export", {QStringLiteral("select g as id, 'n' || g as name from generate_series(1, 1000) g"), QStringLiteral("-o"), path("a.csv")});
        QCOMPARE(out.code, 0);
        QCOMPARE(out.json()["rows"], json(1000));
        const CliOutcome preview = run("import", {path("a.csv"), QStringLiteral("--table"), QStringLiteral("people"), QStringLiteral("--create"), QStringLiteral("--preview")});
        QCOMPARE(preview.code, 0);
        QCOMPARE(preview.json()["columns"][0]["type"], json("integer"));
        QCOMPARE(preview.json()["sql"].size(), std::size_t{2});
        const CliOutcome in = run("import", {path("a.csv"), QStringLiteral("--table"), QStringLiteral("people"), QStringLiteral("--create")});
        QCOMPARE(in.code, 0);
        QCOMPARE(in.json()["rows"], json(1000));
        const CliOutcome again = run("import", {path("a.csv"), QStringLiteral("--table"), QStringLiteral("people"), QStringLiteral("--create")});
        QCOMPARE(again.code, 4); // it is there already
        QCOMPARE(again.json()["error"]["sqlstate"], json("42P07"));
    }

    void badRowsGiveExitCodeOne()
    {
        QFile file(path("b.csv"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("id\n1\nx\n3\n");
        file.close();
        QCOMPARE(run("query", {QStringLiteral("create table b (id int)")}).code, 0);
        const QStringList into{path("b.csv"), QStringLiteral("--table"), QStringLiteral("b")};
        QCOMPARE(run("import", into).code, 4);
        const CliOutcome skipped = run("import", into + QStringList{QStringLiteral("--skip-bad-rows")});
        QCOMPARE(skipped.code, 1);
        QCOMPARE(skipped.json()["rows"], json(2));
        QCOMPARE(skipped.json()["bad_rows"][0]["line"], json(3));
    }

    void readOnlyIsKept()
    {
        QCOMPARE(run("import", {path("b.csv"), QStringLiteral("--table"), QStringLiteral("b"), QStringLiteral("--read-only"), QStringLiteral("--skip-bad-rows")}).code, 4);
        QCOMPARE(run("export", {QStringLiteral("select 1"), QStringLiteral("--read-only"), QStringLiteral("-o"), path("c.xlsx")}).code, 0);
    }
};

QTEST_GUILESS_MAIN(TestTransferCommands)
#include "tst_transfer.moc"
