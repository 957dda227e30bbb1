// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/change_script.h"

#include <algorithm>

#include "core/migration/step_sql.h"

namespace howdah::migration {

namespace {

/// Text of any kind as SQL comment lines.
std::string comment(std::string_view text, std::string_view prefix = "")
{
    std::string lines;
    std::size_t begin = 0;
    do {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines += "-- ";
        lines += begin == 0 ? prefix : "";
        lines += text.substr(begin, end - begin);
        lines += '\n';
        begin = end + 1;
    } while (begin < text.size());
    return lines;
}

/// As one statement over the whole table: what psql can do of work in batches.
std::string wholeTable(std::string text)
{
    constexpr std::string_view range = "{range}";
    for (std::size_t at = text.find(range); at != std::string::npos; at = text.find(range, at))
        text.replace(at, range.size(), "true");
    return text;
}

std::string stepSql(const ChangeStep &step)
{
    if (step.batches)
        return "-- In batches; here as one statement.\n" + wholeTable(step.batches->batch_sql);
    if (step.comparison)
        return "-- Both must give the same row.\n" + wholeTable(step.comparison->left_sql) + ";\n" + wholeTable(step.comparison->right_sql);
    return step.sql;
}

std::string stepHead(const ChangeStep &step, std::size_t number)
{
    std::string text = comment(step.title, std::to_string(number) + ". ");
    if (!step.lock_level.empty())
        text += comment(step.lock_level, "Lock: ");
    if (!step.note.empty())
        text += comment(step.note);
    if (!step.undo_sql.empty())
        text += comment(step.undo_sql, "Way back: ");
    else if (!step.no_undo_reason.empty())
        text += comment(step.no_undo_reason, "No way back: ");
    return text;
}

} // namespace

std::string shownSql(const ChangeStep &step)
{
    if (step.batches)
        return step.batches->batch_sql;
    if (!step.comparison)
        return step.sql;
    const Comparison &comparison = *step.comparison;
    return comparison.left_sql + ";\n" + comparison.right_sql + (comparison.differences_sql.empty() ? "" : ";\n" + comparison.differences_sql);
}

std::string ChangeScript::toSql() const
{
    std::string text = comment(title);
    if (!reason.empty())
        text += comment(reason);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const ChangeStep &step = steps[i];
        text += '\n' + stepHead(step, i + 1);
        if (!step.in_transaction)
            text += "-- Not within a transaction.\n";
        const std::string sql = stepSql(step);
        text += sql;
        text += sql.ends_with(';') ? "\n" : ";\n";
    }
    return text;
}

} // namespace howdah::migration
