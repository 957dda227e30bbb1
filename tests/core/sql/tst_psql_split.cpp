// SPDX-License-Identifier: GPL-3.0-or-later
// Our statements against those that psql sends: psql runs each text on a server that logs what comes in. With
// HOWDAH_TEST_SPLIT_FOLDER every *.sql file of that folder is compared too (PostgreSQL's regression tests, a dump).
#include <QtTest>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/subprocess.h"
#include "core/cluster/local_cluster.h"
#include "core/sql/lexer.h"

using namespace howdah;
using namespace howdah::sql;
namespace fs = std::filesystem;

namespace {

/// A statement without what psql may leave out: blanks, comments, the semicolon at the end.
std::string bare(std::string_view text)
{
    std::string result;
    std::string semicolons;
    Lexer lexer(text);
    for (Token token; lexer.next(token);) {
        if (token.kind == TokenKind::Whitespace || token.kind == TokenKind::LineComment ||
            (token.kind == TokenKind::BlockComment && token.terminated))
            continue;
        if (token.kind == TokenKind::Semicolon) {
            semicolons += "; ";
            continue;
        }
        result += std::exchange(semicolons, {});
        // psql ends an unfinished comment or string with the file; blanks at its end say nothing.
        std::string_view words = token.span.of(text);
        if (!token.terminated)
            words = words.substr(0, words.find_last_not_of(" \t\r\n") + 1);
        result += words;
        result += ' ';
    }
    return result;
}

/// What our splitter would send, as psql would: "\;" keeps statements in one message.
std::vector<std::string> ours(std::string_view script)
{
    std::vector<std::string> result;
    bool joined = false;
    for (const StatementSpan &statement : splitStatements(script)) {
        if (statement.text.size() == 0 || statement.psql_command)
            continue;
        const std::string text = bare(statement.text.of(script));
        if (joined)
            result.back() += "; " + text;
        else
            result.push_back(text);
        const std::string_view rest = statement.whole.of(script);
        joined = statement.terminated && rest.size() >= 2 && rest.substr(statement.text.end.value - statement.whole.begin.value).starts_with("\\;");
    }
    return result;
}

/// Whether what psql sent is what we have, with values in the places of psql's variables (:name, :'name', :"name").
bool matches(const std::string &sent, const std::string &text)
{
    static const QRegularExpression variable(QStringLiteral(": (?:'\\w+'|\"\\w+\"|\\w+) "));
    if (sent == text)
        return true;
    const QStringList pieces = QString::fromUtf8(text.c_str()).split(variable);
    if (pieces.size() < 2)
        return false;
    QString pattern;
    for (const QString &piece : pieces)
        pattern += (pattern.isEmpty() ? QString() : QStringLiteral(".*")) + QRegularExpression::escape(piece.trimmed());
    return QRegularExpression(QStringLiteral("^%1\\s*$").arg(pattern), QRegularExpression::DotMatchesEverythingOption)
        .match(QString::fromUtf8(sent.c_str())).hasMatch();
}

/// A server of its own whose log tells each statement as it came.
class Listener
{
public:
    static std::unique_ptr<Listener> start(int major)
    {
        const auto installation = cluster::findInstallation(major);
        if (!installation)
            return nullptr;
        auto listener = std::make_unique<Listener>();
        listener->psql_ = QStandardPaths::findExecutable(QStringLiteral("psql")).toStdString();
        fs::permissions(listener->scratch_.path().toStdString(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
        cluster::ClusterOptions options;
        options.folder = fs::path(listener->scratch_.path().toStdString()) / "cluster";
        options.durable = false;
        options.settings = {{"logging_collector", "on"}, {"log_destination", "csvlog"}, {"log_directory", "log"}, {"log_filename", "said.log"},
                            {"log_statement", "all"},    {"log_min_error_statement", "error"}, {"log_duration", "off"}, {"autovacuum", "off"},
                            {"statement_timeout", "5s"}};
        auto started = cluster::LocalCluster::start(*installation, options);
        if (!started) {
            qWarning("%s", started.error().text().c_str());
            return nullptr;
        }
        listener->server_ = std::move(*started);
        return listener;
    }

    /// The messages that psql sent for that file, bare.
    std::vector<std::string> run(const fs::path &file)
    {
        seen_ += log().size();
        psql("psql-under-test", {"-f", file.string()});
        // Sent to say that all before it is written.
        psql("end", {"-c", "SELECT 'the end of it'"});
        std::vector<std::string> result;
        QElapsedTimer timer;
        timer.start();
        while (log().find("the end of it") == std::string::npos && timer.elapsed() < 10'000)
            QThread::msleep(20);
        read(log(), result);
        std::erase(result, std::string()); // psql sends what holds nothing but comments
        return result;
    }

private:
    void psql(const std::string &name, std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.begin(), {"-X", "-q", "-d", server_->conninfo("template1")});
        if (const auto ran = runCommand({psql_, arguments, {{"PGAPPNAME", name}}, {}, "/dev/null"}); !ran)
            qWarning("%s", ran.error().text().c_str());
    }

    /// What was logged since the last file.
    [[nodiscard]] std::string log() const
    {
        std::ifstream in(server_->folder() / "data" / "log" / "said.csv", std::ios::binary);
        in.seekg(static_cast<std::streamoff>(seen_));
        return {std::istreambuf_iterator<char>(in), {}};
    }

    static void read(const std::string &csv, std::vector<std::string> &result)
    {
        std::vector<std::string> fields(1);
        bool quoted = false;
        std::string last;
        for (std::size_t i = 0; i < csv.size(); ++i) {
            const char c = csv[i];
            if (quoted && c == '"' && i + 1 < csv.size() && csv[i + 1] == '"') {
                fields.back() += c;
                ++i;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.emplace_back();
            } else if (c == '\n' && !quoted) {
                take(fields, last, result);
                fields.assign(1, {});
            } else {
                fields.back() += c;
            }
        }
    }

    /// Columns of csvlog: 12 severity, 13 SQLSTATE, 14 message, 20 query, 23 application_name (from 1).
    static void take(const std::vector<std::string> &fields, std::string &last, std::vector<std::string> &result)
    {
        if (fields.size() < 23 || fields[22] != "psql-under-test")
            return;
        for (const std::string_view prefix : {"statement: ", "execute <unnamed>: "}) {
            if (fields[11] == "LOG" && fields[13].starts_with(prefix)) {
                last = fields[13].substr(prefix.size());
                result.push_back(bare(last));
                return;
            }
        }
        // What does not parse is only told with its error.
        if (fields[11] == "ERROR" && !fields[19].empty() && fields[19] != last) {
            last = fields[19];
            result.push_back(bare(last));
        }
    }

    QTemporaryDir scratch_{QStringLiteral("/tmp/howdah-psql-XXXXXX")};
    fs::path psql_;
    std::unique_ptr<cluster::LocalCluster> server_;
    std::size_t seen_ = 0;
};

std::string contents(const fs::path &file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

class TestPsqlSplit : public QObject
{
    Q_OBJECT
    QTemporaryDir files_{QStringLiteral("/tmp/howdah-psql-XXXXXX")};
    std::unique_ptr<Listener> listener_;

    void compare(const fs::path &file)
    {
        const std::vector<std::string> sent = listener_->run(file);
        const std::vector<std::string> split = ours(contents(file));
        const auto [a, b] = std::mismatch(sent.begin(), sent.end(), split.begin(), split.end(), matches);
        if (a == sent.end() && b == split.end())
            return;
        const std::string where = file.filename().string() + ", statement " + std::to_string(a - sent.begin() + 1) + "\n  psql: " +
                                  (a == sent.end() ? "nothing more" : a->substr(0, 400)) + "\n  ours: " +
                                  (b == split.end() ? "nothing more" : b->substr(0, 400));
        QFAIL(where.c_str());
    }

private Q_SLOTS:
    void initTestCase()
    {
        listener_ = Listener::start(18);
        QVERIFY(listener_ != nullptr);
        fs::permissions(files_.path().toStdString(), fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec);
    }
    void cleanupTestCase() { listener_.reset(); }

    void sameAsPsql_data()
    {
        QTest::addColumn<QString>("file");
        const fs::path own = fs::path(HOWDAH_TEST_DATA) / "split";
        const char *more = std::getenv("HOWDAH_TEST_SPLIT_FOLDER");
        std::vector<fs::path> files;
        for (const fs::path &folder : {own, fs::path(more == nullptr ? "" : more)}) {
            if (folder.empty())
                continue;
            for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
                if (entry.path().extension() == ".sql")
                    files.push_back(entry.path());
            }
        }
        std::sort(files.begin(), files.end());
        QVERIFY(!files.empty());
        for (const fs::path &file : files)
            QTest::newRow(file.filename().c_str()) << QString::fromStdString(file.string());
    }
    void sameAsPsql()
    {
        QFETCH(QString, file);
        compare(fs::path(file.toStdString()));
    }
};

QTEST_GUILESS_MAIN(TestPsqlSplit)
#include "tst_psql_split.moc"
