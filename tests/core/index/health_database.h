// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include <QTest>

#include "core/index/health/health.h"
#include "core/index/health/rule.h"
#include "support/show.h"
#include "support/test_server.h"

namespace howdah::test {

using index_health::Finding;
using index_health::Report;

/// A database that is filled, looked at and mended.
class Database
{
public:
    explicit Database(int major) : connection(freshConnection(major)) {}

    void run(const std::string &script) const
    {
        const auto outcome = connection->run(script);
        if (outcome.error)
            QTest::qFail(outcome.error->text().c_str(), __FILE__, __LINE__);
    }
    [[nodiscard]] bool has(const char *extension) const
    {
        const auto found = connection->query("SELECT FROM pg_available_extensions WHERE name = $1", {extension});
        return found && found->result->rowCount() == 1;
    }
    [[nodiscard]] std::string one(const std::string &sql) const
    {
        const auto read = connection->query(sql);
        if (!read)
            QTest::qFail(read.error().text().c_str(), __FILE__, __LINE__);
        return read && read->result->rowCount() > 0 ? std::string(read->result->cell(0, 0).text) : std::string();
    }
    /// Before 15 a collector counts, half a second behind.
    void waitForScans(const std::string &index) const
    {
        if (connection->facts().major() >= 15)
            static_cast<void>(connection->query("SELECT pg_stat_force_next_flush()"));
        for (int i = 0; i < 100; ++i) {
            if (one("SELECT pg_stat_get_numscans('" + index + "'::regclass) > 0") == "t")
                return;
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
            static_cast<void>(connection->query("SELECT 1"));
        }
        QTest::qFail("the scan was not counted", __FILE__, __LINE__);
    }
    [[nodiscard]] Report examine(const index_health::HealthOptions &options = {}) const
    {
        auto report = index_health::examine(*connection, options);
        if (!report) {
            QTest::qFail(report.error().text().c_str(), __FILE__, __LINE__);
            return {};
        }
        return std::move(*report);
    }

    std::unique_ptr<pg::Connection> connection;
};

inline const Finding *find(const Report &report, const std::string &rule, const std::string &name)
{
    for (const Finding &finding : report.findings) {
        if (finding.rule == rule && (finding.index_name == name || (finding.index_name.empty() && finding.table_name == name)))
            return &finding;
    }
    return nullptr;
}

/// The names under a rule, sorted.
inline std::vector<std::string> named(const Report &report, const std::string &rule)
{
    std::vector<std::string> names;
    for (const Finding &finding : report.findings) {
        if (finding.rule == rule)
            names.push_back(finding.index_name.empty() ? finding.table_name : finding.index_name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

using Names = std::vector<std::string>;

inline void apply(const Database &database, const Finding *finding)
{
    QVERIFY(finding != nullptr);
    QVERIFY(!finding->script.steps.empty());
    const auto outcome = migration::runChangeScript(*database.connection, finding->script);
    QVERIFY2(outcome.done(), outcome.error ? outcome.error->text().c_str() : "");
}

inline void everyMajor()
{
    QTest::addColumn<int>("major");
    for (const int major : majors())
        QTest::newRow(std::to_string(major).c_str()) << major;
}

} // namespace howdah::test
