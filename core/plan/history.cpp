// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/history.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/paths.h"
#include "core/base/sqlite.h"
#include "core/plan/diff.h"
#include "core/sql/parser.h"

namespace howdah::plan {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// Version 1 is what `tables` makes.
constexpr int schema_version = 1;
constexpr const char *tables =
    "CREATE TABLE IF NOT EXISTS run ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT, fingerprint TEXT NOT NULL, shape INTEGER NOT NULL, at_ms INTEGER NOT NULL, "
    "statement TEXT NOT NULL, parameters TEXT NOT NULL, server TEXT NOT NULL, server_version INTEGER NOT NULL, "
    "execution_ms REAL, planning_ms REAL, total_cost REAL NOT NULL, source TEXT NOT NULL, bytes INTEGER NOT NULL);"
    "CREATE INDEX IF NOT EXISTS run_of_query ON run (fingerprint, at_ms, id);"
    "CREATE INDEX IF NOT EXISTS run_size ON run (at_ms, id, bytes);";

// Shapes are compared with the run before on the same server: a copy of the database may well plan otherwise.
constexpr const char *runs_of = "SELECT id, fingerprint, shape, at_ms, statement, parameters, server, server_version, execution_ms, planning_ms, "
                                "total_cost, source, shape <> lag(shape, 1, shape) OVER (PARTITION BY fingerprint, server ORDER BY at_ms, id) FROM run ";

HistoryEntry entryOf(const sqlite::Statement &row)
{
    HistoryEntry entry;
    entry.id = row.integer(0);
    entry.fingerprint = row.text(1);
    entry.shape = static_cast<std::uint64_t>(row.integer(2));
    entry.at_ms = row.integer(3);
    entry.statement = row.text(4);
    const Json parameters = Json::parse(row.text(5), nullptr, false);
    for (const auto &parameter : parameters) {
        if (parameter.is_string())
            entry.parameters.push_back(parameter.get<std::string>());
    }
    entry.server = row.text(6);
    entry.server_version = static_cast<int>(row.integer(7));
    entry.execution_ms = row.maybeReal(8);
    entry.planning_ms = row.maybeReal(9);
    entry.total_cost = row.real(10);
    entry.source = row.text(11);
    entry.flip = row.integer(12) != 0;
    return entry;
}

Json jsonOf(const HistoryEntry &entry)
{
    Json object{{"fingerprint", entry.fingerprint},
                {"shape", fmt::format("{:016x}", entry.shape)},
                {"at_ms", entry.at_ms},
                {"statement", entry.statement},
                {"parameters", entry.parameters},
                {"server", entry.server},
                {"server_version", entry.server_version}};
    if (entry.execution_ms)
        object["execution_ms"] = *entry.execution_ms;
    if (entry.planning_ms)
        object["planning_ms"] = *entry.planning_ms;
    object["total_cost"] = entry.total_cost;
    object["source"] = entry.source;
    return object;
}

std::optional<HistoryEntry> entryOf(const Json &object)
{
    if (!object.is_object())
        return {};
    const auto string = [&object](const char *key) {
        const auto found = object.find(key);
        return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto number = [&object](const char *key) -> std::optional<double> {
        const auto found = object.find(key);
        const bool usable = found != object.end() && found->is_number();
        return usable && std::abs(found->get<double>()) < 1e15 ? std::optional(found->get<double>()) : std::nullopt;
    };
    HistoryEntry entry;
    entry.fingerprint = string("fingerprint");
    entry.statement = string("statement");
    const std::string shape = string("shape");
    char *end = nullptr;
    entry.shape = std::strtoull(shape.c_str(), &end, 16);
    entry.at_ms = static_cast<std::int64_t>(number("at_ms").value_or(0));
    if ((entry.statement.empty() && entry.fingerprint.empty()) || shape.empty() || *end != '\0' || entry.at_ms <= 0)
        return {};
    const Json parameters = object.value("parameters", Json::array());
    for (const Json &parameter : parameters) {
        if (parameter.is_string())
            entry.parameters.push_back(parameter.get<std::string>());
    }
    entry.server = string("server");
    entry.server_version = static_cast<int>(std::min(number("server_version").value_or(0), 9'999'999.0));
    entry.execution_ms = number("execution_ms");
    entry.planning_ms = number("planning_ms");
    entry.total_cost = number("total_cost").value_or(0);
    entry.source = string("source");
    return entry;
}

} // namespace

std::string historyFingerprint(std::string_view statement)
{
    if (const auto known = sql::fingerprint(statement); known && !known->empty())
        return *known;
    std::uint64_t hash = 0xcbf29ce484222325U; // FNV-1a
    bool blank = true;
    const auto add = [&hash](char c) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U; };
    for (const char c : statement) {
        const bool is_blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!is_blank)
            add(c);
        else if (!blank)
            add(' ');
        blank = is_blank;
    }
    return fmt::format("x{:015x}", hash & 0xFFFFFFFFFFFFFFFU);
}

HistoryEntry historyEntry(const Plan &plan, std::string_view statement, std::string_view source)
{
    HistoryEntry entry;
    entry.statement = statement;
    entry.fingerprint = historyFingerprint(statement);
    entry.shape = shapeHash(plan);
    if (plan.analyzed())
        entry.execution_ms = plan.execution_ms ? plan.execution_ms : plan.duration_ms;
    entry.planning_ms = plan.planning_ms;
    entry.total_cost = plan.nodes.empty() ? 0 : plan.nodes.front().total_cost.value_or(0);
    entry.source = source;
    return entry;
}

struct History::Impl {
    sqlite::Database database;
    HistoryLimits limits;

    Result<std::int64_t> number(const char *sql);
    Result<std::int64_t> insert(const HistoryEntry &entry);
    Result<void> trim(const std::string &fingerprint);
    Result<bool> holds(const HistoryEntry &entry);
    Result<std::vector<HistoryEntry>> list(const std::string &sql, const std::string &fingerprint, std::int64_t count);
    template <typename Work> auto transaction(Work work) -> decltype(work());
};

Result<std::int64_t> History::Impl::number(const char *sql)
{
    auto asked = database.prepare(sql);
    if (!asked)
        return tl::unexpected(asked.error());
    if (const auto row = asked->step(); !row)
        return tl::unexpected(row.error());
    return asked->integer(0);
}

template <typename Work> auto History::Impl::transaction(Work work) -> decltype(work())
{
    sqlite::Transaction all_or_nothing(database);
    if (const auto begun = all_or_nothing.begun(); !begun)
        return tl::unexpected(begun.error());
    auto done = work();
    if (!done)
        return done;
    if (const auto committed = all_or_nothing.commit(); !committed)
        return tl::unexpected(committed.error());
    return done;
}

Result<std::int64_t> History::Impl::insert(const HistoryEntry &entry)
{
    auto row = database.prepare("INSERT INTO run (fingerprint, shape, at_ms, statement, parameters, server, server_version, "
                                "execution_ms, planning_ms, total_cost, source, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!row)
        return tl::unexpected(row.error());
    const bool fits = static_cast<std::int64_t>(entry.source.size()) <= limits.source_bytes;
    const std::string_view source = fits ? std::string_view(entry.source) : std::string_view();
    const std::string parameters = Json(entry.parameters).dump(-1, ' ', false, Json::error_handler_t::replace);
    auto done = row->bind(1, entry.fingerprint)
                    .bind(2, static_cast<std::int64_t>(entry.shape))
                    .bind(3, entry.at_ms)
                    .bind(4, entry.statement)
                    .bind(5, parameters)
                    .bind(6, entry.server)
                    .bind(7, entry.server_version)
                    .bind(8, entry.execution_ms)
                    .bind(9, entry.planning_ms)
                    .bind(10, entry.total_cost)
                    .bind(11, source)
                    .bind(12, static_cast<std::int64_t>(source.size() + entry.statement.size()))
                    .run();
    if (!done)
        return tl::unexpected(done.error());
    return database.lastRowId();
}

Result<void> History::Impl::trim(const std::string &fingerprint)
{
    auto surplus = database.prepare(
        "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE fingerprint = ? ORDER BY at_ms DESC, id DESC LIMIT -1 OFFSET ?)");
    if (!surplus)
        return tl::unexpected(surplus.error());
    if (auto done = surplus->bind(1, fingerprint).bind(2, limits.runs_per_query).run(); !done)
        return done;
    const auto bytes = number("SELECT coalesce(sum(bytes), 0) FROM run");
    if (!bytes || *bytes <= limits.total_bytes)
        return bytes ? Result<void>() : Result<void>(tl::unexpected(bytes.error()));
    // The latest one stays, however large it is.
    auto oldest = database.prepare(
        "DELETE FROM run WHERE id IN (SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY at_ms DESC, id DESC) AS held, "
        "row_number() OVER (ORDER BY at_ms DESC, id DESC) AS place FROM run) WHERE held > ? AND place > 1)");
    if (!oldest)
        return tl::unexpected(oldest.error());
    return oldest->bind(1, limits.total_bytes).run();
}

Result<bool> History::Impl::holds(const HistoryEntry &entry)
{
    auto asked = database.prepare(
        "SELECT 1 FROM run WHERE fingerprint = ? AND at_ms = ? AND shape = ? AND statement = ? AND server = ?");
    if (!asked)
        return tl::unexpected(asked.error());
    return asked->bind(1, entry.fingerprint)
        .bind(2, entry.at_ms)
        .bind(3, static_cast<std::int64_t>(entry.shape))
        .bind(4, entry.statement)
        .bind(5, entry.server)
        .step();
}

Result<std::vector<HistoryEntry>> History::Impl::list(const std::string &sql, const std::string &fingerprint, std::int64_t count)
{
    auto asked = database.prepare(sql.c_str());
    if (!asked)
        return tl::unexpected(asked.error());
    const int parameters = asked->parameterCount();
    if (parameters >= 1)
        asked->bind(1, fingerprint);
    if (parameters >= 2)
        asked->bind(2, count);
    std::vector<HistoryEntry> entries;
    auto row = asked->step();
    for (; row && *row; row = asked->step())
        entries.push_back(entryOf(*asked));
    if (!row)
        return tl::unexpected(row.error());
    return entries;
}

History::History() = default;
History::~History() = default;

fs::path History::defaultFile()
{
    const char *chosen = std::getenv("HOWDAH_HISTORY");
    return chosen != nullptr && *chosen != '\0' ? fs::path(chosen) : paths::data() / "plans.sqlite";
}

Result<std::unique_ptr<History>> History::open(const fs::path &file, const HistoryLimits &limits)
{
    auto database = sqlite::Database::open(file, schema_version, tables, "The history of plans");
    if (!database)
        return tl::unexpected(database.error());
    std::unique_ptr<History> history(new History);
    history->impl_.reset(new Impl{std::move(*database), limits});
    return history;
}

Result<std::int64_t> History::record(HistoryEntry entry)
{
    if (entry.fingerprint.empty())
        entry.fingerprint = historyFingerprint(entry.statement);
    if (entry.at_ms == 0)
        entry.at_ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    return impl_->transaction([&]() -> Result<std::int64_t> {
        auto id = impl_->insert(entry);
        if (!id)
            return id;
        if (auto trimmed = impl_->trim(entry.fingerprint); !trimmed)
            return tl::unexpected(trimmed.error());
        return id;
    });
}

Result<std::vector<HistoryEntry>> History::entries(const std::string &fingerprint, std::int64_t count)
{
    return impl_->list(std::string(runs_of) + "WHERE fingerprint = ? ORDER BY at_ms DESC, id DESC LIMIT ?", fingerprint, count);
}

Result<std::vector<HistoryEntry>> History::flips(const std::string &fingerprint)
{
    auto all = entries(fingerprint, -1);
    if (all)
        std::erase_if(*all, [](const HistoryEntry &entry) { return !entry.flip; });
    return all;
}

Result<std::vector<HistoryQuery>> History::queries()
{
    auto asked = impl_->database.prepare(
        "WITH r AS (SELECT fingerprint, shape, at_ms, id, execution_ms, shape <> lag(shape, 1, shape) OVER (PARTITION BY fingerprint, server ORDER BY "
        "at_ms, id) AS flip, first_value(id) OVER (PARTITION BY fingerprint ORDER BY at_ms DESC, id DESC) AS latest FROM run) "
        "SELECT r.fingerprint, l.statement, count(*), count(DISTINCT r.shape), sum(r.flip), l.at_ms, l.execution_ms, min(r.execution_ms), "
        "max(r.execution_ms) FROM r JOIN run l ON l.id = r.latest GROUP BY r.fingerprint ORDER BY l.at_ms DESC, l.id DESC");
    if (!asked)
        return tl::unexpected(asked.error());
    std::vector<HistoryQuery> queries;
    auto row = asked->step();
    for (; row && *row; row = asked->step())
        queries.push_back({asked->text(0), asked->text(1), asked->integer(2), asked->integer(3), asked->integer(4),
                           asked->integer(5), asked->maybeReal(6), asked->maybeReal(7), asked->maybeReal(8)});
    if (!row)
        return tl::unexpected(row.error());
    return queries;
}

Result<void> History::remove(const std::string &fingerprint)
{
    auto gone = impl_->database.prepare("DELETE FROM run WHERE fingerprint = ?");
    if (!gone)
        return tl::unexpected(gone.error());
    return gone->bind(1, fingerprint).run();
}

Result<std::string> History::exportJson(const std::string &fingerprint)
{
    const auto all = impl_->list(std::string(runs_of) + (fingerprint.empty() ? "" : "WHERE fingerprint = ? ") + "ORDER BY at_ms, id", fingerprint, -1);
    if (!all)
        return tl::unexpected(all.error());
    Json document{{"howdah_plan_history", schema_version}, {"entries", Json::array()}};
    for (const HistoryEntry &entry : *all)
        document["entries"].push_back(jsonOf(entry));
    return document.dump(1, ' ', false, Json::error_handler_t::replace);
}

Result<std::int64_t> History::importJson(std::string_view document)
{
    const Json read = Json::parse(document, nullptr, false);
    if (!read.is_object() || !read.contains("howdah_plan_history") || !read.contains("entries") || !read["entries"].is_array())
        return fail(ErrorKind::Parse, "This is no exported history of plans", "\"howdah-cli plan history --json\" writes one.");
    std::vector<HistoryEntry> entries;
    for (const Json &object : read["entries"]) {
        auto entry = entryOf(object);
        if (!entry)
            return fail(ErrorKind::Parse, fmt::format("Entry {} of the history lacks its statement, shape or time", entries.size() + 1), "Nothing was imported.");
        if (entry->fingerprint.empty())
            entry->fingerprint = historyFingerprint(entry->statement);
        entries.push_back(std::move(*entry));
    }
    return impl_->transaction([&]() -> Result<std::int64_t> {
        std::int64_t added = 0;
        for (const HistoryEntry &entry : entries) {
            const auto held = impl_->holds(entry);
            if (!held)
                return tl::unexpected(held.error());
            if (*held)
                continue;
            const auto id = impl_->insert(entry);
            const auto trimmed = id ? impl_->trim(entry.fingerprint) : Result<void>(tl::unexpected(id.error()));
            if (!trimmed)
                return tl::unexpected(trimmed.error());
            ++added;
        }
        return added;
    });
}

} // namespace howdah::plan
