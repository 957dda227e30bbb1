// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;
using nlohmann::json;

class TestObjectCommands : public QObject
{
    Q_OBJECT

    QString database_;

    CliOutcome run(const char *command, QStringList arguments) const
    {
        return runCli(QStringList{QString::fromLatin1(command), QStringLiteral("-d"), database_} + arguments);
    }

private Q_SLOTS:
    void initTestCase()
    {
        database_ = QString::fromStdString(test::freshDatabase());
        const CliOutcome made = run("query", {QStringLiteral("CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'x'); COMMENT ON TABLE t IS 'c'; CREATE VIEW v AS SELECT id FROM t;"
                                                             "CREATE TABLE c (t_id int REFERENCES t); CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a'")});
        QCOMPARE(made.code, 0);
    }

    void writesDefinitions()
    {
        const CliOutcome plain = run("ddl", {QStringLiteral("t"), QStringLiteral("--no-owner")});
        QCOMPARE(plain.code, 0);
        QCOMPARE(QString::fromStdString(plain.out), QStringLiteral("-- table: public.t\n\nCREATE TABLE public.t (\n    id integer NOT NULL,\n    a text DEFAULT 'x'::text\n);\n\n"
                                                                   "COMMENT ON TABLE public.t IS 'c';\n\nALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n"));
        const json objects = run("ddl", {QStringLiteral("f(integer)"), QStringLiteral("v"), QStringLiteral("--json")}).json()["objects"];
        QCOMPARE(objects.size(), std::size_t(2));
        QCOMPARE(objects[0]["kind"], json("function"));
        QCOMPARE(objects[1]["statements"][0], json("CREATE VIEW public.v AS\n SELECT t.id\n   FROM public.t;"));
    }

    void writesWhatRunsAgain()
    {
        const std::string sql = run("ddl", {QStringLiteral("t"), QStringLiteral("c")}).out;
        QStringList again{QStringLiteral("query"), QStringLiteral("-d"), QString::fromStdString(test::freshDatabase()), QString::fromStdString(sql)};
        QCOMPARE(runCli(again).code, 0);
    }

    void showsDependencies()
    {
        const json object = run("depends", {QStringLiteral("t"), QStringLiteral("--json")}).json()["objects"][0];
        std::string names;
        for (const json &node : object["needed_by"]["nodes"])
            names += node["identity"].get<std::string>() + " " + node["reason"].get<std::string>() + ";";
        QVERIFY2(names.find("public.c foreign_key") != std::string::npos && names.find("public.v uses") != std::string::npos, names.c_str());
        QVERIFY(run("depends", {QStringLiteral("v")}).out.find("public.t") != std::string::npos);
    }

    void saysWhatIsNotThere()
    {
        const CliOutcome none = run("ddl", {QStringLiteral("nothing_here")});
        QVERIFY(none.code != 0);
        QVERIFY(none.err.find("nothing_here") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestObjectCommands)
#include "tst_objects.moc"
