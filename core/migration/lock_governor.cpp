// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/lock_governor.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/effects.h"
#include "core/pg/row_store.h"
#include "core/sql/quote.h"

namespace howdah::migration {

namespace {

/// Modes from the weakest; `conflicts` are those that cannot be held beside it (documentation, "Table-Level Lock Modes").
struct Mode {
    std::string_view name;
    std::string_view conflicts;
};
constexpr std::array<Mode, 8> modes{{
    {"AccessShareLock", "AccessExclusiveLock"},
    {"RowShareLock", "ExclusiveLock,AccessExclusiveLock"},
    {"RowExclusiveLock", "ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock"},
    {"ShareUpdateExclusiveLock", "ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock"},
    {"ShareLock", "RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock"},
    {"ShareRowExclusiveLock", "RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock"},
    {"ExclusiveLock", "RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock"},
    {"AccessExclusiveLock", "AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock"},
}};

std::string_view conflictsOf(std::string_view mode)
{
    const auto known = std::find_if(modes.begin(), modes.end(), [&](const Mode &one) { return one.name == mode; });
    return known == modes.end() ? modes.back().conflicts : known->conflicts;
}

std::string oneLine(std::string_view text)
{
    std::string line(text.substr(0, 80));
    std::replace_if(line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t' || c == '\r'; }, ' ');
    return line;
}

} // namespace

std::vector<WantedLock> wantedLocks(const std::string &sql, int major)
{
    std::vector<WantedLock> wanted;
    const auto effects = effectsOf(sql, major);
    if (!effects)
        return wanted;
    for (const StatementEffects &statement : *effects) {
        for (const auto &[relation, mode] : statement.locks)
            wanted.push_back({relation, mode});
    }
    return wanted;
}

Result<std::vector<Blocker>> blockersOf(pg::Connection &connection, const std::vector<WantedLock> &wanted)
{
    std::vector<Blocker> blockers;
    if (wanted.empty())
        return blockers;
    std::string values;
    for (const WantedLock &lock : wanted)
        values += (values.empty() ? "(" : ", (") + sql::quoteLiteral(lock.relation) + ", " + sql::quoteLiteral("{" + std::string(conflictsOf(lock.mode)) + "}") + "::text[])";
    const auto found = connection.query(
        "SELECT a.pid, a.backend_type, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''), left(coalesce(a.query, ''), 200), "
        "coalesce(max(extract(epoch FROM clock_timestamp() - a.xact_start)) * 1000, 0), min(l.relation::regclass::text) "
        "FROM (VALUES " + values + ") AS w(relation, modes) JOIN pg_locks l ON l.relation = to_regclass(w.relation) AND l.locktype = 'relation' AND l.granted "
        "AND l.mode = ANY (w.modes) AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
        "JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.pid <> pg_backend_pid() GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 7 DESC LIMIT 10");
    if (!found)
        return tl::unexpected(found.error());
    const pg::RowStore &rows = *found->result;
    for (std::int64_t i = 0; i < rows.rowCount(); ++i) {
        const auto text = [&](std::size_t column) { return std::string(rows.cell(i, column).text); };
        Blocker blocker;
        std::from_chars(rows.cell(i, 0).text.data(), rows.cell(i, 0).text.data() + rows.cell(i, 0).text.size(), blocker.pid);
        std::from_chars(rows.cell(i, 6).text.data(), rows.cell(i, 6).text.data() + rows.cell(i, 6).text.size(), blocker.transaction_ms);
        blocker.autovacuum = text(1) == "autovacuum worker";
        blocker.prevents_wraparound = blocker.autovacuum && text(5).find("(to prevent wraparound)") != std::string::npos;
        const std::string who = blocker.autovacuum ? "autovacuum" : text(3).empty() ? text(2) : text(3);
        const std::string what = text(4) == "active" || blocker.autovacuum ? oneLine(text(5)) : text(4) + ", last: " + oneLine(text(5));
        blocker.text = fmt::format("pid {} ({}: {}; holds {} since {})", blocker.pid, who, what, text(7), human::duration(blocker.transaction_ms));
        blockers.push_back(std::move(blocker));
    }
    return blockers;
}

std::string names(const std::vector<Blocker> &blockers)
{
    constexpr std::size_t shown = 3;
    std::string text;
    for (std::size_t i = 0; i < blockers.size() && i < shown; ++i)
        text += (i == 0 ? "" : ", ") + blockers[i].text;
    if (blockers.size() > shown)
        text += fmt::format(" and {} more", blockers.size() - shown);
    return text;
}

double Backoff::nextPause()
{
    const double whole = std::min(limits_.pause_ms * std::pow(2, std::min(pauses_++, 20)), limits_.longest_pause_ms);
    return std::uniform_real_distribution<double>(whole / 2, whole)(random_);
}

double Backoff::timeout(int number) const
{
    return std::clamp(limits_.timeout_ms * std::pow(1.5, std::min((number - 1) / 2, 20)), 1.0, std::max(limits_.longest_timeout_ms, limits_.timeout_ms));
}

} // namespace howdah::migration
