// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/sqlite.h"

#include <chrono>
#include <thread>

#include <sqlite3.h>
#include <sys/stat.h>

namespace howdah::sqlite {

namespace {

namespace fs = std::filesystem;

constexpr int busy_timeout_ms = 10'000; // another program may hold the file for a moment; nobody waits in a window
constexpr int busy_step_ms = 5;

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

} // namespace

void Delete::operator()(sqlite3 *database) const
{
    sqlite3_close_v2(database);
}

void Delete::operator()(sqlite3_stmt *statement) const
{
    sqlite3_finalize(statement);
}

Statement &Statement::bind(int index, std::string_view value)
{
    // TEXT, not a blob: people may open the file with other programs.
    sqlite3_bind_text64(statement_.get(), index, value.empty() ? "" : value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

Statement &Statement::bind(int index, std::int64_t value)
{
    sqlite3_bind_int64(statement_.get(), index, value);
    return *this;
}

Statement &Statement::bind(int index, double value)
{
    sqlite3_bind_double(statement_.get(), index, value);
    return *this;
}

Statement &Statement::bind(int index, const std::optional<double> &value)
{
    if (value)
        return bind(index, *value);
    sqlite3_bind_null(statement_.get(), index);
    return *this;
}

int Statement::parameterCount() const
{
    return sqlite3_bind_parameter_count(statement_.get());
}

Result<bool> Statement::step()
{
    const int result = sqlite3_step(statement_.get());
    if (result == SQLITE_ROW)
        return true;
    Result<bool> outcome = false;
    if (result != SQLITE_DONE)
        outcome = tl::unexpected(failure(sqlite3_db_handle(statement_.get()), *subject_ + " cannot be read or written"));
    reset();
    return outcome;
}

Result<void> Statement::run()
{
    auto stepped = step();
    while (stepped && *stepped)
        stepped = step();
    if (!stepped)
        return tl::unexpected(stepped.error());
    return {};
}

void Statement::reset()
{
    sqlite3_reset(statement_.get());
    sqlite3_clear_bindings(statement_.get());
}

std::string Statement::text(int column) const
{
    const void *bytes = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return bytes != nullptr ? std::string(static_cast<const char *>(bytes), static_cast<std::size_t>(size)) : std::string();
}

std::int64_t Statement::integer(int column) const
{
    return sqlite3_column_int64(statement_.get(), column);
}

double Statement::real(int column) const
{
    return sqlite3_column_double(statement_.get(), column);
}

std::optional<double> Statement::maybeReal(int column) const
{
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL)
        return {};
    return real(column);
}

Result<Database> Database::open(const fs::path &file, int schema_version, const char *schema, std::string subject)
{
    Database database;
    database.subject_ = std::make_unique<std::string>(std::move(subject));
    if (auto connected = database.connect(file); !connected)
        return tl::unexpected(connected.error());
    auto asked = database.prepare("PRAGMA user_version");
    if (!asked)
        return tl::unexpected(asked.error());
    if (const auto row = asked->step(); !row)
        return tl::unexpected(row.error());
    const std::int64_t found = asked->integer(0);
    asked->reset();
    if (found > schema_version)
        return fail(ErrorKind::Unsupported, file.string() + " was written by a later version of Howdah",
                    "Use that version, or move the file away. It was not changed.");
    if (found == schema_version)
        return database;
    // IMMEDIATE: who begins as a reader cannot wait for another process that makes the file at the same time.
    Transaction all_or_nothing(database);
    const std::string stamp = "PRAGMA user_version = " + std::to_string(schema_version);
    auto made = all_or_nothing.begun()
                    .and_then([&] { return database.execute(schema); })
                    .and_then([&] { return database.execute(stamp.c_str()); })
                    .and_then([&] { return all_or_nothing.commit(); });
    if (!made)
        return tl::unexpected(made.error());
    return database;
}

Result<void> Database::connect(const fs::path &file)
{
    std::error_code failed;
    if (!file.parent_path().empty() && fs::create_directories(file.parent_path(), failed))
        fs::permissions(file.parent_path(), fs::perms::owner_all, failed);
    sqlite3 *opened = nullptr;
    const int result = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                       nullptr);
    database_.reset(opened);
    if (result != SQLITE_OK)
        return tl::unexpected(failure(opened, "Cannot open " + file.string()));
    // What people type may be secret; SQLite gives the same mode to the files beside it (-wal, -shm).
    chmod(file.c_str(), S_IRUSR | S_IWUSR);
    sqlite3_busy_timeout(opened, busy_timeout_ms);
    // Going over to WAL does not wait for another process that does the same at this moment: SQLite says BUSY at once.
    auto ready = execute("PRAGMA journal_mode = WAL");
    for (int waited_ms = 0; !ready && ready.error().retryable && waited_ms < busy_timeout_ms; waited_ms += busy_step_ms) {
        std::this_thread::sleep_for(std::chrono::milliseconds(busy_step_ms));
        ready = execute("PRAGMA journal_mode = WAL");
    }
    return ready.and_then([&] { return execute("PRAGMA synchronous = NORMAL"); });
}

Result<void> Database::execute(const char *sql)
{
    if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return tl::unexpected(failure(database_.get(), *subject_ + " cannot be kept"));
    return {};
}

Result<Statement> Database::prepare(const char *sql)
{
    sqlite3_stmt *prepared = nullptr;
    if (sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr) != SQLITE_OK)
        return tl::unexpected(failure(database_.get(), *subject_ + " cannot be read"));
    Statement statement;
    statement.statement_.reset(prepared);
    statement.subject_ = subject_.get();
    return statement;
}

std::int64_t Database::lastRowId() const
{
    return sqlite3_last_insert_rowid(database_.get());
}

std::int64_t Database::changes() const
{
    return sqlite3_changes64(database_.get());
}

Transaction::Transaction(Database &database)
    : database_(database), begun_(database.execute("BEGIN IMMEDIATE")), open_(begun_.has_value())
{
}

Transaction::~Transaction()
{
    // Nothing can be done about a failure here; SQLite rolls back by itself when the file is closed.
    if (open_)
        static_cast<void>(database_.execute("ROLLBACK"));
}

Result<void> Transaction::commit()
{
    auto done = database_.execute("COMMIT");
    open_ = !done.has_value();
    return done;
}

} // namespace howdah::sqlite
