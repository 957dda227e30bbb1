// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <QProcess>
#include <QTest>

#include <nlohmann/json.hpp>

namespace howdah::test {

/// What the program wrote and how it ended.
struct CliOutcome {
    int code = -1; ///< -1: it did not end by itself
    std::string out;
    std::string err;
    [[nodiscard]] nlohmann::json json() const
    {
        auto document = nlohmann::json::parse(out, nullptr, false);
        if (document.is_discarded())
            QTest::qFail(("no JSON: " + out.substr(0, 500) + err).c_str(), __FILE__, __LINE__);
        return document;
    }
};

inline QString cliProgram()
{
    return qEnvironmentVariable("HOWDAH_CLI");
}

/// Runs the real program; its standard input is `input`.
inline CliOutcome runCli(const QStringList &arguments, const std::string &input = {}, const QStringList &environment = {})
{
    QProcess process;
    QProcessEnvironment variables = QProcessEnvironment::systemEnvironment();
    for (const QString &variable : environment)
        variables.insert(variable.section(QLatin1Char('='), 0, 0), variable.section(QLatin1Char('='), 1));
    process.setProcessEnvironment(variables);
    process.start(cliProgram(), arguments);
    process.write(input.data(), static_cast<qint64>(input.size()));
    process.closeWriteChannel();
    CliOutcome outcome;
    if (!process.waitForFinished(120'000)) {
        outcome.err = process.errorString().toStdString();
        process.kill();
        process.waitForFinished();
        return outcome;
    }
    outcome.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    outcome.out = process.readAllStandardOutput().toStdString();
    outcome.err = process.readAllStandardError().toStdString();
    return outcome;
}

} // namespace howdah::test
