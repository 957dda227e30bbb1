// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/history.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>
#include <sys/stat.h>

#include "core/base/paths.h"
#include "core/plan/diff.h"
#include "core/sql/parser.h"

namespace howdah::plan {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct SqliteDelete {
    void operator()(sqlite3 *database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, SqliteDelete>;
using Statement = std::unique_ptr<sqlite3_stmt, SqliteDelete>;

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

Error failure(sqlite3 *database, const std::string &what)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = what + (database != nullptr ? std::string(": ") + sqlite3_errmsg(database) : std::string());
    const int code = database != nullptr ? sqlite3_errcode(database) & 0xFF : SQLITE_NOMEM;
    error.retryable = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    if (code == SQLITE_FULL)
        error.hint = "The disk is full.";
    return error;
}

std::string text(sqlite3_stmt *row, int column)
{
    const void *bytes = sqlite3_column_blob(row, column);
    const int size = sqlite3_column_bytes(row, column);
    return bytes != nullptr ? std::string(static_cast<const char *>(bytes), static_cast<std::size_t>(size)) : std::string();
}

std::optional<double> real(sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) == SQLITE_NULL)
        return {};
    return sqlite3_column_double(row, column);
}

// Not "bind": of a temporary string, std::bind would be taken.
void put(sqlite3_stmt *statement, int index, const std::string &value)
{
    sqlite3_bind_text64(statement, index, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

void put(sqlite3_stmt *statement, int index, const std::optional<double> &value)
{
    if (value)
        sqlite3_bind_double(statement, index, *value);
    else
        sqlite3_bind_null(statement, index);
}

HistoryEntry entryOf(sqlite3_stmt *row)
{
    HistoryEntry entry;
    entry.id = sqlite3_column_int64(row, 0);
    entry.fingerprint = text(row, 1);
    entry.shape = static_cast<std::uint64_t>(sqlite3_column_int64(row, 2));
    entry.at_ms = sqlite3_column_int64(row, 3);
    entry.statement = text(row, 4);
    const Json parameters = Json::parse(text(row, 5), nullptr, false);
    for (const auto &parameter : parameters) {
        if (parameter.is_string())
            entry.parameters.push_back(parameter.get<std::string>());
    }
    entry.server = text(row, 6);
    entry.server_version = sqlite3_column_int(row, 7);
    entry.execution_ms = real(row, 8);
    entry.planning_ms = real(row, 9);
    entry.total_cost = sqlite3_column_double(row, 10);
    entry.source = text(row, 11);
    entry.flip = sqlite3_column_int(row, 12) != 0;
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
    Database database;
    HistoryLimits limits;

    Result<void> open(const fs::path &file);
    Result<void> execute(const char *sql);
    Result<Statement> prepare(const char *sql);
    Result<void> finish(sqlite3_stmt *statement);
    Result<std::int64_t> number(const char *sql, const std::string &argument = {});
    Result<std::int64_t> insert(const HistoryEntry &entry);
    Result<void> trim(const std::string &fingerprint);
    Result<bool> holds(const HistoryEntry &entry);
    Result<std::vector<HistoryEntry>> list(const std::string &sql, const std::string &fingerprint, std::int64_t count);
    template <typename Work> auto transaction(Work work) -> decltype(work());
};

Result<void> History::Impl::execute(const char *sql)
{
    if (sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return tl::unexpected(failure(database.get(), "The history of plans cannot be used"));
    return {};
}

Result<Statement> History::Impl::prepare(const char *sql)
{
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v2(database.get(), sql, -1, &statement, nullptr) != SQLITE_OK)
        return tl::unexpected(failure(database.get(), "The history of plans cannot be used"));
    return Statement(statement);
}

Result<void> History::Impl::finish(sqlite3_stmt *statement)
{
    if (sqlite3_step(statement) != SQLITE_DONE)
        return tl::unexpected(failure(database.get(), "The plan cannot be kept in the history"));
    return {};
}

Result<std::int64_t> History::Impl::number(const char *sql, const std::string &argument)
{
    auto asked = prepare(sql);
    if (!asked)
        return tl::unexpected(asked.error());
    if (sqlite3_bind_parameter_count(asked->get()) > 0)
        put(asked->get(), 1, argument);
    if (sqlite3_step(asked->get()) != SQLITE_ROW)
        return tl::unexpected(failure(database.get(), "The history of plans cannot be read"));
    return sqlite3_column_int64(asked->get(), 0);
}

Result<void> History::Impl::open(const fs::path &file)
{
    std::error_code failed;
    if (!file.parent_path().empty() && fs::create_directories(file.parent_path(), failed))
        fs::permissions(file.parent_path(), fs::perms::owner_all, failed);
    sqlite3 *opened = nullptr;
    const int result = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    database.reset(opened);
    if (result != SQLITE_OK)
        return tl::unexpected(failure(opened, "Cannot open " + file.string()));
    chmod(file.c_str(), S_IRUSR | S_IWUSR); // statements hold people's data
    sqlite3_busy_timeout(opened, 10'000);
    // WAL with NORMAL: what was committed outlives our own death; only a power cut may lose the last seconds.
    auto ready = execute("PRAGMA journal_mode = WAL").and_then([&] { return execute("PRAGMA synchronous = NORMAL"); }).and_then([&] {
        return number("PRAGMA user_version");
    });
    if (!ready)
        return tl::unexpected(ready.error());
    if (*ready > schema_version)
        return fail(ErrorKind::Unsupported, file.string() + " was written by a later version of Howdah", "Use that version, or move the file away. It was not changed.");
    if (*ready == schema_version)
        return {};
    const std::string stamp = "PRAGMA user_version = " + std::to_string(schema_version);
    return transaction([&] { return execute(tables).and_then([&] { return execute(stamp.c_str()); }); });
}

template <typename Work> auto History::Impl::transaction(Work work) -> decltype(work())
{
    // IMMEDIATE: a transaction that begins as a reader cannot wait for another writer later on.
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun)
        return tl::unexpected(begun.error());
    auto done = work();
    const auto ended = execute(done ? "COMMIT" : "ROLLBACK");
    if (done && !ended) {
        sqlite3_exec(database.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        return tl::unexpected(ended.error());
    }
    return done;
}

Result<std::int64_t> History::Impl::insert(const HistoryEntry &entry)
{
    auto made = prepare("INSERT INTO run (fingerprint, shape, at_ms, statement, parameters, server, server_version, execution_ms, planning_ms, "
                        "total_cost, source, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (!made)
        return tl::unexpected(made.error());
    sqlite3_stmt *row = made->get();
    const bool fits = static_cast<std::int64_t>(entry.source.size()) <= limits.source_bytes;
    const std::string source = fits ? entry.source : std::string();
    put(row, 1, entry.fingerprint);
    sqlite3_bind_int64(row, 2, static_cast<std::int64_t>(entry.shape));
    sqlite3_bind_int64(row, 3, entry.at_ms);
    put(row, 4, entry.statement);
    put(row, 5, Json(entry.parameters).dump(-1, ' ', false, Json::error_handler_t::replace));
    put(row, 6, entry.server);
    sqlite3_bind_int(row, 7, entry.server_version);
    put(row, 8, entry.execution_ms);
    put(row, 9, entry.planning_ms);
    sqlite3_bind_double(row, 10, entry.total_cost);
    put(row, 11, source);
    sqlite3_bind_int64(row, 12, static_cast<std::int64_t>(source.size() + entry.statement.size()));
    if (auto done = finish(row); !done)
        return tl::unexpected(done.error());
    return sqlite3_last_insert_rowid(database.get());
}

Result<void> History::Impl::trim(const std::string &fingerprint)
{
    auto surplus = prepare("DELETE FROM run WHERE id IN (SELECT id FROM run WHERE fingerprint = ? ORDER BY at_ms DESC, id DESC LIMIT -1 OFFSET ?)");
    if (!surplus)
        return tl::unexpected(surplus.error());
    put(surplus->get(), 1, fingerprint);
    sqlite3_bind_int64(surplus->get(), 2, limits.runs_per_query);
    if (auto done = finish(surplus->get()); !done)
        return done;
    const auto bytes = number("SELECT coalesce(sum(bytes), 0) FROM run");
    if (!bytes || *bytes <= limits.total_bytes)
        return bytes ? Result<void>() : Result<void>(tl::unexpected(bytes.error()));
    // The latest one stays, however large it is.
    auto oldest = prepare("DELETE FROM run WHERE id IN (SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY at_ms DESC, id DESC) AS held, "
                          "row_number() OVER (ORDER BY at_ms DESC, id DESC) AS place FROM run) WHERE held > ? AND place > 1)");
    if (!oldest)
        return tl::unexpected(oldest.error());
    sqlite3_bind_int64(oldest->get(), 1, limits.total_bytes);
    return finish(oldest->get());
}

Result<bool> History::Impl::holds(const HistoryEntry &entry)
{
    auto asked = prepare("SELECT 1 FROM run WHERE fingerprint = ? AND at_ms = ? AND shape = ? AND statement = ? AND server = ?");
    if (!asked)
        return tl::unexpected(asked.error());
    put(asked->get(), 1, entry.fingerprint);
    sqlite3_bind_int64(asked->get(), 2, entry.at_ms);
    sqlite3_bind_int64(asked->get(), 3, static_cast<std::int64_t>(entry.shape));
    put(asked->get(), 4, entry.statement);
    put(asked->get(), 5, entry.server);
    const int found = sqlite3_step(asked->get());
    if (found != SQLITE_ROW && found != SQLITE_DONE)
        return tl::unexpected(failure(database.get(), "The history of plans cannot be read"));
    return found == SQLITE_ROW;
}

Result<std::vector<HistoryEntry>> History::Impl::list(const std::string &sql, const std::string &fingerprint, std::int64_t count)
{
    auto asked = prepare(sql.c_str());
    if (!asked)
        return tl::unexpected(asked.error());
    const int parameters = sqlite3_bind_parameter_count(asked->get());
    if (parameters >= 1)
        put(asked->get(), 1, fingerprint);
    if (parameters >= 2)
        sqlite3_bind_int64(asked->get(), 2, count);
    std::vector<HistoryEntry> entries;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(asked->get())) == SQLITE_ROW)
        entries.push_back(entryOf(asked->get()));
    if (step != SQLITE_DONE)
        return tl::unexpected(failure(database.get(), "The history of plans cannot be read"));
    return entries;
}

History::History() : impl_(std::make_unique<Impl>()) {}
History::~History() = default;

fs::path History::defaultFile()
{
    const char *chosen = std::getenv("HOWDAH_HISTORY");
    return chosen != nullptr && *chosen != '\0' ? fs::path(chosen) : paths::data() / "plans.sqlite";
}

Result<std::unique_ptr<History>> History::open(const fs::path &file, const HistoryLimits &limits)
{
    std::unique_ptr<History> history(new History);
    history->impl_->limits = limits;
    if (auto opened = history->impl_->open(file); !opened)
        return tl::unexpected(opened.error());
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
    auto asked = impl_->prepare(
        "WITH r AS (SELECT fingerprint, shape, at_ms, id, execution_ms, shape <> lag(shape, 1, shape) OVER (PARTITION BY fingerprint, server ORDER BY "
        "at_ms, id) AS flip, first_value(id) OVER (PARTITION BY fingerprint ORDER BY at_ms DESC, id DESC) AS latest FROM run) "
        "SELECT r.fingerprint, l.statement, count(*), count(DISTINCT r.shape), sum(r.flip), l.at_ms, l.execution_ms, min(r.execution_ms), "
        "max(r.execution_ms) FROM r JOIN run l ON l.id = r.latest GROUP BY r.fingerprint ORDER BY l.at_ms DESC, l.id DESC");
    if (!asked)
        return tl::unexpected(asked.error());
    std::vector<HistoryQuery> queries;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(asked->get())) == SQLITE_ROW) {
        sqlite3_stmt *row = asked->get();
        queries.push_back({text(row, 0), text(row, 1), sqlite3_column_int64(row, 2), sqlite3_column_int64(row, 3), sqlite3_column_int64(row, 4),
                           sqlite3_column_int64(row, 5), real(row, 6), real(row, 7), real(row, 8)});
    }
    if (step != SQLITE_DONE)
        return tl::unexpected(failure(impl_->database.get(), "The history of plans cannot be read"));
    return queries;
}

Result<void> History::remove(const std::string &fingerprint)
{
    auto gone = impl_->prepare("DELETE FROM run WHERE fingerprint = ?");
    if (!gone)
        return tl::unexpected(gone.error());
    put(gone->get(), 1, fingerprint);
    return impl_->finish(gone->get());
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
