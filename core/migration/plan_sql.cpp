// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/plan_sql.h"

#include <fmt/format.h>

namespace howdah::migration {

namespace {

std::string comment(const std::string &text, const std::string &prefix = {})
{
    std::string out;
    std::size_t begin = 0;
    do {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        out += "-- " + (begin == 0 ? prefix : std::string()) + text.substr(begin, end - begin) + "\n";
        begin = end + 1;
    } while (begin < text.size());
    return out;
}

std::string with(std::string sql, const std::string &range)
{
    for (std::size_t at = 0; (at = sql.find("{range}", at)) != std::string::npos; at += range.size())
        sql.replace(at, 7, range);
    return sql;
}

/// Pages of the table, a few at a time: right for any key, and each batch commits.
std::string batches(const BatchWork &work)
{
    const std::string sql = with(work.batch_sql, "ctid >= ('(' || page || ',0)')::tid AND ctid < ('(' || (page + 100) || ',0)')::tid");
    return fmt::format("DO $howdah_batches$\nDECLARE\n  page bigint := 0;\nBEGIN\n  WHILE page * current_setting('block_size')::bigint < pg_relation_size('{}') LOOP\n    {};\n    COMMIT;\n    page := page + 100;\n  END LOOP;\nEND\n$howdah_batches$;\n",
                       work.table, sql);
}

std::string terminated(const std::string &sql)
{
    return sql + (sql.ends_with(';') ? "\n" : ";\n");
}

std::string body(const ChangeStep &step)
{
    if (step.batches)
        return batches(*step.batches);
    if (step.comparison)
        return "-- The two rows must be equal.\n" + terminated(with(step.comparison->left_sql, "true")) + terminated(with(step.comparison->right_sql, "true"));
    if (!step.in_transaction)
        return "SET lock_timeout = 0;\n" + terminated(step.sql);
    if (step.lock_policy == LockPolicy::Patient)
        return "BEGIN;\nSET LOCAL lock_timeout = 0;\n" + terminated(step.sql) + "COMMIT;\n";
    return "BEGIN;\nSET LOCAL lock_timeout = '1s';\n" + terminated(step.sql) + "COMMIT;\n";
}

} // namespace

std::string planSql(const ChangeScript &script)
{
    static const char *const names[] = {"", "Expand", "Backfill", "Validate", "Switch", "Contract"};
    std::string out = comment(script.title) + "\n\\set ON_ERROR_STOP on\n";
    std::size_t deployment = 0;
    Phase phase = Phase::Plain;
    for (std::size_t i = 0; i < script.steps.size(); ++i) {
        const ChangeStep &step = script.steps[i];
        while (deployment < script.deployments.size() && script.deployments[deployment].before <= step.phase)
            out += "\n" + comment(script.deployments[deployment++].what, "Before you go on: ");
        if (step.phase != phase) {
            phase = step.phase;
            out += fmt::format("\n-- === {} ===\n", names[static_cast<std::size_t>(phase)]);
        }
        out += "\n" + comment(step.title, fmt::format("{}. ", i + 1));
        if (!step.lock_level.empty())
            out += comment(step.lock_level, "Lock: ");
        if (!step.note.empty())
            out += comment(step.note);
        if (!step.undo_sql.empty())
            out += comment(step.undo_sql, "Way back: ");
        else if (!step.no_undo_reason.empty())
            out += comment(step.no_undo_reason, "No way back: ");
        out += body(step);
    }
    return out;
}

} // namespace howdah::migration
