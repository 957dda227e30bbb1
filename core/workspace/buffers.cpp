// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/buffers.h"

#include "core/base/sqlite.h"

namespace howdah::workspace {

namespace {

constexpr int schema_version = 2;
constexpr const char *schema =
    "CREATE TABLE IF NOT EXISTS buffer ("
    "id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, file TEXT NOT NULL, text TEXT NOT NULL, cursor INTEGER NOT NULL, "
    "position INTEGER NOT NULL, connection_name TEXT NOT NULL, modified INTEGER NOT NULL) WITHOUT ROWID; "
    // Version 2; a table of its own, because a version may not alter what is there.
    "CREATE TABLE IF NOT EXISTS buffer_manual_commit (id TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID; "
    "CREATE TRIGGER IF NOT EXISTS buffer_gone AFTER DELETE ON buffer BEGIN "
    "DELETE FROM buffer_manual_commit WHERE id = old.id; END";

} // namespace

struct BufferJournal::Impl {
    sqlite::Database database;
    sqlite::Statement load, save, remove, manual, automatic;
};

BufferJournal::BufferJournal() = default;
BufferJournal::~BufferJournal() = default;

Result<std::unique_ptr<BufferJournal>> BufferJournal::open(const std::filesystem::path &file)
{
    auto database = sqlite::Database::open(file, schema_version, schema, "The editors' contents");
    if (!database)
        return tl::unexpected(database.error());
    auto load = database->prepare(
        "SELECT id, title, file, text, cursor, position, connection_name, modified, "
        "id IN (SELECT id FROM buffer_manual_commit) FROM buffer ORDER BY position, id");
    auto save = database->prepare(
        "INSERT INTO buffer (id, title, file, text, cursor, position, connection_name, modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (id) DO UPDATE SET title = excluded.title, file = excluded.file, text = excluded.text, "
        "cursor = excluded.cursor, position = excluded.position, connection_name = excluded.connection_name, "
        "modified = excluded.modified");
    auto remove = database->prepare("DELETE FROM buffer WHERE id = ?");
    auto manual = database->prepare("INSERT OR IGNORE INTO buffer_manual_commit (id) VALUES (?)");
    auto automatic = database->prepare("DELETE FROM buffer_manual_commit WHERE id = ?");
    if (!load || !save || !remove || !manual || !automatic)
        return fail(ErrorKind::Parse, file.string() + " does not hold editors' contents as Howdah keeps them",
                    "Move the file away. It was not changed.");
    std::unique_ptr<BufferJournal> journal(new BufferJournal);
    journal->impl_.reset(new Impl{std::move(*database), std::move(*load), std::move(*save), std::move(*remove), std::move(*manual), std::move(*automatic)});
    return journal;
}

Result<std::vector<Buffer>> BufferJournal::load()
{
    std::vector<Buffer> buffers;
    sqlite::Statement &rows = impl_->load;
    auto row = rows.step();
    for (; row && *row; row = rows.step()) {
        Buffer buffer;
        buffer.id = rows.text(0);
        buffer.title = rows.text(1);
        buffer.file = rows.text(2);
        buffer.text = rows.text(3);
        buffer.cursor = rows.integer(4);
        buffer.position = static_cast<int>(rows.integer(5));
        buffer.connection_name = rows.text(6);
        buffer.modified = rows.integer(7) != 0;
        buffer.manual_commit = rows.integer(8) != 0;
        buffers.push_back(std::move(buffer));
    }
    if (!row)
        return tl::unexpected(row.error());
    return buffers;
}

Result<void> BufferJournal::save(const Buffer &buffer)
{
    return impl_->save.bind(1, buffer.id)
        .bind(2, buffer.title)
        .bind(3, buffer.file)
        .bind(4, buffer.text)
        .bind(5, buffer.cursor)
        .bind(6, buffer.position)
        .bind(7, buffer.connection_name)
        .bind(8, buffer.modified ? 1 : 0)
        .run()
        .and_then([&] { return (buffer.manual_commit ? impl_->manual : impl_->automatic).bind(1, buffer.id).run(); });
}

Result<void> BufferJournal::remove(const std::string &id)
{
    return impl_->remove.bind(1, id).run();
}

} // namespace howdah::workspace
