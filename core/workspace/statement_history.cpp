// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/statement_history.h"

#include <cctype>
#include <chrono>

#include "core/base/sqlite.h"

namespace howdah::workspace {

namespace {

constexpr int schema_version = 1;
// The index holds no text of its own (content=); triggers keep it in step.
constexpr const char *schema =
    "CREATE TABLE IF NOT EXISTS statement ("
    "id INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT NULL, text TEXT NOT NULL, connection TEXT NOT NULL, "
    "database TEXT NOT NULL, duration_ms REAL, rows INTEGER NOT NULL DEFAULT 0, sqlstate TEXT NOT NULL DEFAULT '', "
    "message TEXT NOT NULL DEFAULT '');"
    "CREATE VIRTUAL TABLE IF NOT EXISTS statement_words USING fts5(text, content='statement', content_rowid='id', "
    "tokenize=\"unicode61 tokenchars '_'\");"
    "CREATE TRIGGER IF NOT EXISTS statement_added AFTER INSERT ON statement BEGIN "
    "INSERT INTO statement_words (rowid, text) VALUES (new.id, new.text); END;"
    "CREATE TRIGGER IF NOT EXISTS statement_removed AFTER DELETE ON statement BEGIN "
    "INSERT INTO statement_words (statement_words, rowid, text) VALUES ('delete', old.id, old.text); END;";

std::int64_t nowMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// FTS5's query: each word of the user's as a quoted prefix, so that no character of theirs is syntax.
std::string wordsQuery(std::string_view typed)
{
    std::string query;
    std::string word;
    const auto finish = [&] {
        if (!word.empty())
            query += (query.empty() ? "\"" : " \"") + word + "\"*";
        word.clear();
    };
    for (const char c : typed) {
        const auto byte = static_cast<unsigned char>(c);
        const bool is_word = byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
        if (is_word)
            word += c;
        else
            finish();
    }
    finish();
    return query;
}

StatementRecord recordOf(const sqlite::Statement &row)
{
    StatementRecord record;
    record.id = row.integer(0);
    record.at_ms = row.integer(1);
    record.text = row.text(2);
    record.connection = row.text(3);
    record.database = row.text(4);
    record.duration_ms = row.maybeReal(5);
    record.rows = row.integer(6);
    record.sqlstate = row.text(7);
    record.message = row.text(8);
    return record;
}

// ?1 words, ?2 connection, ?3 only failed, ?4 before, ?5 limit
constexpr const char *filter =
    " AND (?2 = '' OR connection = ?2) AND (?3 = 0 OR sqlstate <> '') AND (?4 = 0 OR id < ?4) ORDER BY id DESC LIMIT ?5";
constexpr const char *columns = "SELECT id, at_ms, text, connection, database, duration_ms, rows, sqlstate, message FROM statement WHERE ";

} // namespace

struct StatementHistory::Impl {
    sqlite::Database database;
    sqlite::Statement begin, end, all, found, remove, trim;
    std::int64_t most;
};

StatementHistory::StatementHistory() = default;
StatementHistory::~StatementHistory() = default;

Result<std::unique_ptr<StatementHistory>> StatementHistory::open(const std::filesystem::path &file, std::int64_t most)
{
    auto database = sqlite::Database::open(file, schema_version, schema, "The history of statements");
    if (!database)
        return tl::unexpected(database.error());
    auto begin = database->prepare("INSERT INTO statement (at_ms, text, connection, database) VALUES (?, ?, ?, ?)");
    auto end = database->prepare("UPDATE statement SET duration_ms = ?, rows = ?, sqlstate = ?, message = ? WHERE id = ?");
    auto all = database->prepare((std::string(columns) + "?1 = ''" + filter).c_str());
    auto found = database->prepare((std::string(columns) +
                                    "id IN (SELECT rowid FROM statement_words WHERE statement_words MATCH ?1)" + filter)
                                       .c_str());
    auto remove = database->prepare("DELETE FROM statement WHERE id = ?");
    auto trim = database->prepare("DELETE FROM statement WHERE id <= ?");
    if (!begin || !end || !all || !found || !remove || !trim)
        return fail(ErrorKind::Parse, file.string() + " does not hold a history of statements as Howdah keeps it",
                    "Move the file away. It was not changed.");
    std::unique_ptr<StatementHistory> history(new StatementHistory);
    history->impl_.reset(new Impl{std::move(*database), std::move(*begin), std::move(*end), std::move(*all), std::move(*found),
                                  std::move(*remove), std::move(*trim), most});
    return history;
}

Result<std::int64_t> StatementHistory::begin(const StatementRecord &record)
{
    auto done = impl_->begin.bind(1, record.at_ms > 0 ? record.at_ms : nowMs())
                    .bind(2, record.text)
                    .bind(3, record.connection)
                    .bind(4, record.database)
                    .run();
    if (!done)
        return tl::unexpected(done.error());
    const std::int64_t id = impl_->database.lastRowId();
    // Ids only grow, so that the oldest are those below; now and then is often enough.
    constexpr std::int64_t trim_every = 64;
    if (id > impl_->most && id % trim_every == 0) {
        if (auto trimmed = impl_->trim.bind(1, id - impl_->most).run(); !trimmed)
            return tl::unexpected(trimmed.error());
    }
    return id;
}

Result<void> StatementHistory::end(std::int64_t id, const StatementRecord &record)
{
    return impl_->end.bind(1, record.duration_ms)
        .bind(2, record.rows)
        .bind(3, record.sqlstate)
        .bind(4, record.message)
        .bind(5, id)
        .run();
}

Result<std::vector<StatementRecord>> StatementHistory::search(const HistorySearch &search)
{
    const std::string words = wordsQuery(search.words);
    sqlite::Statement &rows = words.empty() ? impl_->all : impl_->found;
    rows.bind(1, words).bind(2, search.connection).bind(3, search.only_failed ? 1 : 0).bind(4, search.before_id).bind(5, search.limit);
    std::vector<StatementRecord> records;
    auto row = rows.step();
    for (; row && *row; row = rows.step())
        records.push_back(recordOf(rows));
    if (!row)
        return tl::unexpected(row.error());
    return records;
}

Result<void> StatementHistory::remove(std::int64_t id)
{
    return impl_->remove.bind(1, id).run();
}

Result<void> StatementHistory::clear()
{
    return impl_->database.execute("DELETE FROM statement");
}

} // namespace howdah::workspace
