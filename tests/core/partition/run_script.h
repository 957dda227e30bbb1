// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <QTest>

#include "core/migration/change_script.h"
#include "core/pg/connection.h"

namespace howdah::test {

/// Walks the steps of a script one after the other, batches with a plain keyset over a single column, so that a test can
/// do something between two of them. `before` is called with each step before it runs; false leaves it out.
/// Returns the first error's text, "" when all went well.
inline std::string runSteps(pg::Connection &connection, const migration::ChangeScript &script, const std::function<bool(const migration::ChangeStep &)> &before = {}, int batch_rows = 500,
                            std::vector<std::string> *notices = nullptr)
{
    pg::RunObserver observer;
    if (notices != nullptr)
        observer.notice = [notices](const pg::Notice &notice) { notices->push_back(notice.message); };
    const auto truth = [&](const std::string &sql) {
        const auto asked = connection.query(sql);
        return asked && asked->result->rowCount() == 1 && asked->result->cell(0, 0).text == "t";
    };
    const auto run = [&](const std::string &sql) -> std::string {
        const auto outcome = connection.run(sql, {}, observer);
        return outcome.error ? outcome.error->text() + " in " + sql : std::string();
    };
    const auto replaced = [](std::string sql, const std::string &range) {
        for (std::size_t at = sql.find("{range}"); at != std::string::npos; at = sql.find("{range}", at + range.size()))
            sql.replace(at, 7, range);
        return sql;
    };
    for (const migration::ChangeStep &step : script.steps) {
        if (before && !before(step))
            continue;
        if (!step.check_before.empty() && !truth(step.check_before))
            return "check before \"" + step.title + "\": " + step.check_before;
        if (step.batches) {
            std::string cursor = "NULL";
            for (bool more = true; more;) {
                const std::string &key = step.batches->key.front();
                const auto next = connection.query("SELECT quote_literal(max(k)) FROM (SELECT " + key + " AS k FROM " + step.batches->table + (cursor == "NULL" ? "" : " WHERE " + key + " > " + cursor) +
                                                   " ORDER BY 1 LIMIT " + std::to_string(batch_rows) + ") b");
                if (!next)
                    return next.error().text();
                more = !next->result->cell(0, 0).is_null;
                if (!more)
                    break;
                const std::string upto(next->result->cell(0, 0).text);
                const std::string range = "(" + (cursor == "NULL" ? std::string() : key + " > " + cursor + " AND ") + key + " <= " + upto + ")";
                if (const std::string error = run("BEGIN; " + replaced(step.batches->batch_sql, range) + "; COMMIT"); !error.empty())
                    return error;
                cursor = upto;
            }
        } else if (step.comparison) {
            const auto equal = connection.query("SELECT (" + std::string("SELECT l::text FROM (") + replaced(step.comparison->left_sql, "true") + ") l) = (SELECT r::text FROM (" + replaced(step.comparison->right_sql, "true") + ") r)");
            if (!equal)
                return equal.error().text();
            if (equal->result->cell(0, 0).text != "t") {
                const auto shown = connection.query("SELECT count(*) || ': ' || string_agg(d::text, '; ') FROM (" + replaced(step.comparison->differences_sql, "true") + ") d");
                return "\"" + step.title + "\": old and new differ: " + (shown ? std::string(shown->result->cell(0, 0).text) : shown.error().text());
            }
            if (const auto differences = connection.query(replaced(step.comparison->differences_sql, "true")); !differences)
                return differences.error().text();
        } else if (step.in_transaction) {
            if (std::string error = run("BEGIN;\n" + step.sql + ";\nCOMMIT"); !error.empty()) {
                static_cast<void>(connection.query("ROLLBACK"));
                return "\"" + step.title + "\": " + error;
            }
        } else if (std::string error = run(step.sql); !error.empty()) {
            return "\"" + step.title + "\": " + error;
        }
        if (!step.check_after.empty() && !truth(step.check_after))
            return "check after \"" + step.title + "\": " + step.check_after;
    }
    return {};
}

/// The one cell of a query, "NULL", or the error's text.
inline std::string ask(pg::Connection &connection, const std::string &sql)
{
    const auto answer = connection.query(sql);
    if (!answer)
        return answer.error().text();
    if (!answer->result || answer->result->rowCount() == 0)
        return "";
    return answer->result->cell(0, 0).is_null ? "NULL" : std::string(answer->result->cell(0, 0).text);
}

inline void must(pg::Connection &connection, const std::string &sql)
{
    const auto outcome = connection.run(sql);
    if (outcome.error)
        QTest::qFail((outcome.error->text() + " in " + sql).c_str(), __FILE__, __LINE__);
}

} // namespace howdah::test
