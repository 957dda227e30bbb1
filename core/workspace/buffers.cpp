// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/buffers.h"

#include <sqlite3.h>
#include <sys/stat.h>

namespace howdah::workspace {

namespace {

namespace fs = std::filesystem;

struct SqliteDelete {
    void operator()(sqlite3 *database) const { sqlite3_close_v2(database); }
    void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, SqliteDelete>;
using Statement = std::unique_ptr<sqlite3_stmt, SqliteDelete>;

// Version 1 is what create_table makes.
constexpr int schema_version = 1;
constexpr const char *create_table = "CREATE TABLE IF NOT EXISTS buffer ("
                                     "id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, file TEXT NOT NULL, text TEXT NOT NULL, "
                                     "cursor INTEGER NOT NULL, position INTEGER NOT NULL, connection_name TEXT NOT NULL, "
                                     "modified INTEGER NOT NULL) WITHOUT ROWID";

Error failure(sqlite3 *database, const std::string &what)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = what + (database != nullptr ? std::string(": ") + sqlite3_errmsg(database) : std::string());
    // Another window may hold the file for a moment.
    const int code = database != nullptr ? sqlite3_errcode(database) & 0xFF : SQLITE_NOMEM;
    error.retryable = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    if (code == SQLITE_FULL)
        error.hint = "The disk is full.";
    return error;
}

std::string column(sqlite3_stmt *row, int index)
{
    const void *bytes = sqlite3_column_blob(row, index);
    const int size = sqlite3_column_bytes(row, index);
    return bytes != nullptr ? std::string(static_cast<const char *>(bytes), static_cast<std::size_t>(size)) : std::string();
}

void bind(sqlite3_stmt *statement, int index, const std::string &value)
{
    // The value outlives the step. TEXT, not a blob: people may open the file with other programs.
    sqlite3_bind_text64(statement, index, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

} // namespace

struct BufferJournal::Impl {
    Database database;
    Statement load, save, remove;

    Result<void> open(const fs::path &file);
    Result<void> execute(const char *sql);
    Result<int> version();
    Result<Statement> prepare(const char *sql);
    Result<void> step(sqlite3_stmt *statement, const char *what);
};

Result<void> BufferJournal::Impl::execute(const char *sql)
{
    if (sqlite3_exec(database.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return tl::unexpected(failure(database.get(), "The editors' contents cannot be kept"));
    return {};
}

Result<Statement> BufferJournal::Impl::prepare(const char *sql)
{
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v3(database.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        return tl::unexpected(failure(database.get(), "The editors' contents cannot be kept"));
    return Statement(statement);
}

Result<int> BufferJournal::Impl::version()
{
    const auto asked = prepare("PRAGMA user_version");
    if (!asked)
        return tl::unexpected(asked.error());
    if (sqlite3_step(asked->get()) != SQLITE_ROW)
        return tl::unexpected(failure(database.get(), "The editors' contents cannot be read"));
    return sqlite3_column_int(asked->get(), 0);
}

Result<void> BufferJournal::Impl::open(const fs::path &file)
{
    std::error_code failed;
    if (!file.parent_path().empty() && fs::create_directories(file.parent_path(), failed))
        fs::permissions(file.parent_path(), fs::perms::owner_all, failed);
    sqlite3 *opened = nullptr;
    const int result = sqlite3_open_v2(file.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    database.reset(opened);
    if (result != SQLITE_OK)
        return tl::unexpected(failure(opened, "Cannot open " + file.string()));
    // SQL that people type may be secret; SQLite gives the same mode to the files beside it (-wal, -shm).
    chmod(file.c_str(), S_IRUSR | S_IWUSR);
    sqlite3_busy_timeout(opened, 2'000);
    // WAL with NORMAL: a commit is one write into the kernel's cache, which our own death cannot undo; only a power
    // cut may lose the last seconds, and never what was there before.
    auto ready = execute("PRAGMA journal_mode = WAL").and_then([&] { return execute("PRAGMA synchronous = NORMAL"); }).and_then([&] { return version(); });
    if (!ready)
        return tl::unexpected(ready.error());
    if (*ready > schema_version)
        return fail(ErrorKind::Unsupported, file.string() + " was written by a later version of Howdah",
                    "Use that version, or move the file away. It was not changed.");
    const std::string stamp = "PRAGMA user_version = " + std::to_string(schema_version);
    if (auto made = execute(create_table).and_then([&] { return execute(stamp.c_str()); }); !made)
        return made;
    auto load_all = prepare("SELECT id, title, file, text, cursor, position, connection_name, modified FROM buffer ORDER BY position, id");
    auto save_one = prepare("INSERT INTO buffer (id, title, file, text, cursor, position, connection_name, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
                            "ON CONFLICT (id) DO UPDATE SET title = excluded.title, file = excluded.file, text = excluded.text, cursor = excluded.cursor, "
                            "position = excluded.position, connection_name = excluded.connection_name, modified = excluded.modified");
    auto remove_one = prepare("DELETE FROM buffer WHERE id = ?");
    if (!load_all || !save_one || !remove_one)
        return fail(ErrorKind::Parse, file.string() + " does not hold editors' contents as Howdah keeps them",
                    "Move the file away. It was not changed.");
    load = std::move(*load_all);
    save = std::move(*save_one);
    remove = std::move(*remove_one);
    return {};
}

Result<void> BufferJournal::Impl::step(sqlite3_stmt *statement, const char *what)
{
    const int result = sqlite3_step(statement);
    auto done = result == SQLITE_DONE ? Result<void>() : Result<void>(tl::unexpected(failure(database.get(), what)));
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return done;
}

BufferJournal::BufferJournal() : impl_(std::make_unique<Impl>()) {}
BufferJournal::~BufferJournal() = default;

Result<std::unique_ptr<BufferJournal>> BufferJournal::open(const fs::path &file)
{
    std::unique_ptr<BufferJournal> journal(new BufferJournal);
    if (auto opened = journal->impl_->open(file); !opened)
        return tl::unexpected(std::move(opened.error()));
    return journal;
}

Result<std::vector<Buffer>> BufferJournal::load()
{
    std::vector<Buffer> buffers;
    sqlite3_stmt *rows = impl_->load.get();
    int result = sqlite3_step(rows);
    for (; result == SQLITE_ROW; result = sqlite3_step(rows)) {
        Buffer buffer;
        buffer.id = column(rows, 0);
        buffer.title = column(rows, 1);
        buffer.file = column(rows, 2);
        buffer.text = column(rows, 3);
        buffer.cursor = sqlite3_column_int64(rows, 4);
        buffer.position = sqlite3_column_int(rows, 5);
        buffer.connection_name = column(rows, 6);
        buffer.modified = sqlite3_column_int(rows, 7) != 0;
        buffers.push_back(std::move(buffer));
    }
    auto problem = failure(impl_->database.get(), "The editors' contents cannot be read");
    sqlite3_reset(rows);
    if (result != SQLITE_DONE)
        return tl::unexpected(std::move(problem));
    return buffers;
}

Result<void> BufferJournal::save(const Buffer &buffer)
{
    sqlite3_stmt *statement = impl_->save.get();
    bind(statement, 1, buffer.id);
    bind(statement, 2, buffer.title);
    bind(statement, 3, buffer.file);
    bind(statement, 4, buffer.text);
    sqlite3_bind_int64(statement, 5, buffer.cursor);
    sqlite3_bind_int(statement, 6, buffer.position);
    bind(statement, 7, buffer.connection_name);
    sqlite3_bind_int(statement, 8, buffer.modified ? 1 : 0);
    return impl_->step(statement, "The editor's content cannot be kept");
}

Result<void> BufferJournal::remove(const std::string &id)
{
    bind(impl_->remove.get(), 1, id);
    return impl_->step(impl_->remove.get(), "The editor's content cannot be removed");
}

} // namespace howdah::workspace
