// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <fstream>
#include <set>

#include <QTemporaryDir>

#include "run_cli.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using test::CliOutcome;
using test::runCli;
using nlohmann::json;

class TestLintCommand : public QObject
{
    Q_OBJECT

    QTemporaryDir folder_;

    QString file(const QString &name, const std::string &text) const
    {
        const QString path = folder_.filePath(name);
        std::ofstream(path.toStdString()) << text;
        return path;
    }
    CliOutcome lint(const QStringList &options, const std::string &script = {}) const { return runCli(QStringList{QStringLiteral("lint")} + options, script); }

private Q_SLOTS:
    void tellsFindingsInJson()
    {
        const QString path = file(QStringLiteral("one.sql"), "SELECT 1;\nALTER TABLE t\n  ALTER COLUMN a SET NOT NULL;\n");
        const CliOutcome outcome = lint({QStringLiteral("--format"), QStringLiteral("json"), QStringLiteral("--rule"), QStringLiteral("set-not-null-scan"), path});
        QCOMPARE(outcome.code, 1);
        const json document = outcome.json();
        QCOMPARE(document["findings"].size(), std::size_t{1});
        const json &finding = document["findings"][0];
        QCOMPARE(finding["file"], json(path.toStdString()));
        QCOMPARE(finding["line"], json(3));
        QCOMPARE(finding["column"], json(3));
        QCOMPARE(finding["rule"], json("set-not-null-scan"));
        QCOMPARE(finding["severity"], json("serious"));
        QCOMPARE(finding["locks"], (json{{"t", "AccessExclusiveLock"}}));
        QVERIFY(finding["fix_sql"].get<std::string>().find("NOT VALID") != std::string::npos);
        for (const char *key : {"message", "why", "fix"})
            QVERIFY2(!finding[key].get<std::string>().empty(), key);
        QCOMPARE(document["failed"], json(true));
        QCOMPARE(runCli({QStringLiteral("lint"), QStringLiteral("--json"), path}).json()["findings"].size(), std::size_t{2});
    }

    void endsAsAsked()
    {
        const std::string info = "ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID", serious = "CREATE INDEX i ON t (a)", error = "CREATE INDX i ON t (a)";
        const QStringList quiet{QStringLiteral("--exclude"), QStringLiteral("lock-timeout-missing"), QStringLiteral("-")};
        const auto code = [&](const std::string &script, const char *level) { return lint(QStringList{QStringLiteral("--fail-on"), QString::fromLatin1(level)} + quiet, script).code; };
        QCOMPARE(lint(quiet, info).code, 0);
        QCOMPARE(code(info, "info"), 1);
        QCOMPARE(code(serious, "serious"), 1);
        QCOMPARE(code(serious, "error"), 0);
        QCOMPARE(code(error, "error"), 1);
        QCOMPARE(code(error, "none"), 0);
        QCOMPARE(lint({QStringLiteral("-")}, "SELECT 1").code, 0);
        QCOMPARE(lint({}).code, 2);
        QCOMPARE(lint({QStringLiteral("/nonexistent.sql")}).code, 2);
        QCOMPARE(lint({QStringLiteral("--rule"), QStringLiteral("nonsense"), QStringLiteral("-")}, "SELECT 1").code, 2);
        QCOMPARE(lint({QStringLiteral("--pg"), QStringLiteral("12"), QStringLiteral("-")}, "SELECT 1").code, 2);
        QCOMPARE(lint({QStringLiteral("--style"), QStringLiteral("-")}, "CREATE TABLE t (id int PRIMARY KEY)").code, 1);
        QCOMPARE(lint({QStringLiteral("--assume-in-transaction"), QStringLiteral("-")}, "CREATE INDEX CONCURRENTLY i ON t (a)").code, 1);
        QCOMPARE(lint({QStringLiteral("-")}, "CREATE INDEX CONCURRENTLY i ON t (a)").code, 0);
    }

    void readsSeveralFiles()
    {
        const QString one = file(QStringLiteral("a.sql"), "CREATE INDEX i ON t (a);"), two = file(QStringLiteral("b.sql"), "SELECT 1;");
        const json document = lint({QStringLiteral("--json"), one, two, QStringLiteral("/nonexistent.sql")}).json();
        QCOMPARE(document["files"].size(), std::size_t{2});
        QCOMPARE(document["unreadable"].size(), std::size_t{1});
        const CliOutcome text = lint({one, two});
        QVERIFY(text.out.find("a.sql:1:1: serious: ") != std::string::npos);
        QVERIFY(text.out.find("2 findings (1 serious, 1 warning) in 2 statements of 2 files") != std::string::npos);
    }

    /// The schema's required properties and enumerations, as far as the report uses them.
    void writesSarif()
    {
        const QString path = file(QStringLiteral("a b.sql"), "CREATE INDEX i ON t (a);\n-- howdah:ignore create-index-blocking: small\nCREATE INDEX j ON t (a);\nALTER TABEL t;");
        const CliOutcome outcome = lint({QStringLiteral("--format"), QStringLiteral("sarif"), path});
        QCOMPARE(outcome.code, 1);
        const json log = outcome.json();
        QCOMPARE(log["version"], json("2.1.0"));
        const json &run = log["runs"][0];
        const json &driver = run["tool"]["driver"];
        QVERIFY(driver["name"].is_string());
        std::size_t suppressed = 0;
        QVERIFY(run["results"].size() >= 4);
        for (const json &rule : driver["rules"])
            QVERIFY(rule["id"].is_string() && rule["shortDescription"]["text"].is_string());
        for (const json &result : run["results"]) {
            QCOMPARE(driver["rules"][result["ruleIndex"].get<std::size_t>()]["id"], result["ruleId"]);
            QVERIFY((std::set<std::string>{"none", "note", "warning", "error"}.count(result["level"]) > 0));
            QVERIFY(!result["message"]["text"].get<std::string>().empty());
            const json &place = result["locations"][0]["physicalLocation"];
            QVERIFY(place["artifactLocation"]["uri"].get<std::string>().find("a%20b.sql") != std::string::npos);
            QVERIFY(place["region"]["startLine"] >= 1 && place["region"]["startColumn"] >= 1);
            QVERIFY(place["region"]["endLine"] >= place["region"]["startLine"]);
            suppressed += result.contains("suppressions") ? 1 : 0;
        }
        QCOMPARE(suppressed, std::size_t{1});
    }

    void writesGitlab()
    {
        const CliOutcome outcome = lint({QStringLiteral("--format"), QStringLiteral("gitlab"), QStringLiteral("-")}, "CREATE INDEX i ON t (a);\nCREATE INDEX i ON t (a);");
        const json report = outcome.json();
        QVERIFY(report.is_array() && report.size() >= 2);
        std::set<std::string> prints;
        for (const json &finding : report) {
            QVERIFY(finding["description"].is_string() && finding["check_name"].is_string());
            QVERIFY((std::set<std::string>{"info", "minor", "major", "critical", "blocker"}.count(finding["severity"]) > 0));
            QVERIFY(finding["location"]["path"].is_string() && finding["location"]["lines"]["begin"].is_number_integer());
            QVERIFY(prints.insert(finding["fingerprint"]).second);
        }
    }

    void asksTheDatabase()
    {
        const QString database = QString::fromStdString(test::freshDatabase());
        QCOMPARE(runCli({QStringLiteral("query"), QStringLiteral("-d"), database,
                         QStringLiteral("CREATE TABLE t (v varchar(10), a int CHECK (a IS NOT NULL)); CREATE VIEW names AS SELECT v FROM t")}).code, 0);
        const QStringList with{QStringLiteral("--json"), QStringLiteral("-d"), database, QStringLiteral("-")};
        const auto rules = [&](const std::string &script) {
            std::string text;
            const json document = lint(with, "SET lock_timeout = '1s'; " + script).json();
            for (const json &finding : document["findings"])
                text += finding["rule"].get<std::string>() + " ";
            return text;
        };
        QCOMPARE(rules("ALTER TABLE t ALTER COLUMN a SET NOT NULL"), std::string());
        QCOMPARE(rules("ALTER TABLE t ALTER COLUMN v TYPE text"), std::string("column-type-dependants "));
        QCOMPARE(rules("DROP TABLE nope"), std::string("server-refuses "));
        QCOMPARE(lint({QStringLiteral("-d"), QStringLiteral("host=/nonexistent"), QStringLiteral("-")}, "SELECT 1").code, 3);
    }

    void namesItsRules()
    {
        const json document = lint({QStringLiteral("--list-rules"), QStringLiteral("--json")}).json();
        QVERIFY(document["rules"].size() > 50);
        QVERIFY(lint({QStringLiteral("--list-rules")}).out.find("short-timeout-trap") != std::string::npos);
        QVERIFY(runCli({QStringLiteral("help"), QStringLiteral("lint")}).out.find("howdah:ignore") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestLintCommand)
#include "tst_lint.moc"
