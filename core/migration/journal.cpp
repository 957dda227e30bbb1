// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/journal.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

#include "core/migration/script_json.h"
#include "core/pg/row_store.h"

namespace howdah::migration {

namespace {

constexpr std::array<std::string_view, 8> migration_words{"planned", "running", "waiting", "paused", "failed", "done", "rolling_back", "rolled_back"};
constexpr std::array<std::string_view, 7> step_words{"waiting", "running", "done", "failed", "undoing", "undone", "kept"};
constexpr std::array<std::string_view, 6> phase_words{"plain", "expand", "backfill", "validate", "switch", "contract"};

template <typename T, std::size_t size> T ofWord(const std::array<std::string_view, size> &words, std::string_view text)
{
    const auto at = std::find(words.begin(), words.end(), text);
    return at == words.end() ? T{} : static_cast<T>(at - words.begin());
}

/// Reads the cells of one row in their order.
class RowReader
{
public:
    RowReader(const pg::RowStore &rows, std::int64_t row) : rows_(rows), row_(row) {}
    std::string text() { return std::string(rows_.cell(row_, column_++).text); }
    bool flag() { return rows_.cell(row_, column_++).text == "t"; }
    template <typename T> T number(T otherwise = {})
    {
        const std::string_view cell = rows_.cell(row_, column_++).text;
        T value = otherwise;
        std::from_chars(cell.data(), cell.data() + cell.size(), value);
        return value;
    }
    [[nodiscard]] bool isNull() const { return rows_.cell(row_, column_).is_null; }

private:
    const pg::RowStore &rows_;
    std::int64_t row_;
    std::size_t column_ = 0;
};

std::optional<Error> readError(const std::string &json)
{
    if (json.empty())
        return {};
    const auto document = nlohmann::json::parse(json, nullptr, false);
    Error error;
    error.kind = ErrorKind::Server;
    if (!document.is_object())
        return error;
    error.kind = document.value("kind", "") == "cancelled" ? ErrorKind::Cancelled : ErrorKind::Server;
    error.message = document.value("message", "");
    error.sqlstate = document.value("sqlstate", "");
    error.detail = document.value("detail", "");
    error.hint = document.value("hint", "");
    error.context = document.value("context", "");
    return error;
}

std::optional<std::vector<std::string>> readKey(const std::string &json)
{
    const auto document = nlohmann::json::parse(json, nullptr, false);
    if (!document.is_array())
        return {};
    std::vector<std::string> key;
    for (const auto &item : document)
        key.push_back(item.is_string() ? item.get<std::string>() : item.dump());
    return key;
}

const std::string &migrationColumns()
{
    static const std::string columns = "m.id, m.title, m.reason, m.state, m.backward, "
        "EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2 AND l.classid = " + std::to_string(journal_lock_class)
        + "::oid AND l.objid::bigint = m.id AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())), "
        "m.deployed, m.waits_for, m.request, m.throttle::text, m.throttle_reason, m.progress, m.created_by, m.created_at::text, "
        "m.started_at::text, m.finished_at::text, m.executor, m.executor_pid, extract(epoch FROM clock_timestamp() - m.heartbeat_at) * 1000, m.error::text, "
        "(SELECT count(*) FROM howdah.steps s WHERE s.migration_id = m.id AND s.state = 'done'), (SELECT count(*) FROM howdah.steps s WHERE s.migration_id = m.id)";
    return columns;
}

JournalMigration migrationOf(RowReader &row)
{
    JournalMigration m;
    m.id = row.number<std::int64_t>();
    m.title = row.text();
    m.reason = row.text();
    m.state = ofWord<MigrationState>(migration_words, row.text());
    m.backward = row.flag();
    m.attended = row.flag();
    m.deployed = ofWord<Phase>(phase_words, row.text());
    m.waits_for = row.text();
    m.request = row.text();
    m.throttle = readThrottle(row.text()).value_or(Throttle());
    m.throttle_reason = row.text();
    m.progress = row.text();
    m.created_by = row.text();
    m.created_at = row.text();
    m.started_at = row.text();
    m.finished_at = row.text();
    m.executor = row.text();
    m.executor_pid = row.number<int>();
    m.heartbeat_age_ms = row.number<double>(-1);
    m.error = readError(row.text());
    m.steps_done = row.number<int>();
    m.steps_total = row.number<int>();
    return m;
}

BatchProgress batchesOf(RowReader &row)
{
    BatchProgress b;
    b.cursor = readKey(row.text());
    b.upper_bound = readKey(row.text());
    b.finished = row.flag();
    b.batches = row.number<std::int64_t>();
    b.batch_rows = row.number<std::int64_t>();
    b.rows_done = row.number<std::int64_t>();
    b.rows_total = row.number<std::int64_t>();
    b.rows_per_second = row.number<double>();
    return b;
}

JournalStep stepOf(RowReader &row)
{
    JournalStep s;
    s.number = row.number<int>();
    s.title = row.text();
    s.phase = row.text();
    s.state = ofWord<JournalStepState>(step_words, row.text());
    s.attempts = row.number<int>();
    s.started_at = row.text();
    s.finished_at = row.text();
    s.duration_ms = row.number<double>();
    const auto error = readError(row.text());
    s.error = error ? error->text() : std::string();
    if (row.flag())
        s.batches = batchesOf(row);
    return s;
}

Error noSuch(std::int64_t id)
{
    return fail(ErrorKind::Usage, "There is no migration " + std::to_string(id) + " in this database", "See: howdah-cli migrate list").value();
}

Result<JournalMigration> readHead(pg::Connection &connection, std::int64_t id)
{
    const auto exists = journalExists(connection);
    if (!exists)
        return tl::unexpected(exists.error());
    if (!*exists)
        return fail(ErrorKind::Usage, "There is no journal of migrations in this database", "\"migrate run --journal\" makes one.");
    const auto head = connection.query("SELECT " + migrationColumns() + ", m.script::text FROM howdah.migrations m WHERE m.id = $1", {std::to_string(id)});
    if (!head)
        return tl::unexpected(head.error());
    if (head->result->rowCount() != 1)
        return tl::unexpected(noSuch(id));
    RowReader row(*head->result, 0);
    JournalMigration migration = migrationOf(row);
    auto script = readScript(row.text());
    if (!script)
        return tl::unexpected(script.error());
    migration.script = std::move(*script);
    return migration;
}

} // namespace

std::string_view word(MigrationState state)
{
    return migration_words[static_cast<std::size_t>(state)];
}

std::string_view word(JournalStepState state)
{
    return step_words[static_cast<std::size_t>(state)];
}

double BatchProgress::fraction() const
{
    if (finished)
        return 1;
    return rows_total > 0 ? std::min(static_cast<double>(rows_done) / static_cast<double>(rows_total), 1.0) : -1;
}

std::optional<double> BatchProgress::secondsLeft() const
{
    if (rows_total <= 0 || rows_per_second <= 0)
        return {};
    return static_cast<double>(std::max<std::int64_t>(0, rows_total - rows_done)) / rows_per_second;
}

std::string JournalMigration::stateText() const
{
    if (isInterrupted())
        return "interrupted";
    std::string text(word(state));
    std::replace(text.begin(), text.end(), '_', ' ');
    return text;
}

std::string errorDocument(const Error &error)
{
    nlohmann::ordered_json document{{"message", error.message}};
    const auto put = [&](const char *key, const std::string &text) {
        if (!text.empty())
            document[key] = text;
    };
    put("sqlstate", error.sqlstate);
    put("detail", error.detail);
    put("hint", error.hint);
    put("context", error.context);
    if (error.kind == ErrorKind::Cancelled)
        document["kind"] = "cancelled";
    return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<std::int64_t> addMigration(pg::Connection &connection, const ChangeScript &script, const Throttle &throttle)
{
    // One statement, so that no migration is ever without its steps.
    const auto added = connection.query(
        "WITH m AS (INSERT INTO howdah.migrations (title, reason, script, fingerprint, throttle) "
        "VALUES ($1, $2, $3::jsonb, $4, $5::jsonb) RETURNING id), "
        "s AS (INSERT INTO howdah.steps (migration_id, number, title, phase) "
        "SELECT m.id, step.number, step.value->>'title', step.value->>'phase' FROM m, jsonb_array_elements($3::jsonb->'steps') WITH ORDINALITY AS step(value, number)) "
        // Whoever is told its number can count on it, whatever the server is set to.
        "SELECT id, CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', true) END FROM m",
        {script.title, script.reason, toJson(script), script.fingerprint, toJson(throttle)});
    if (!added)
        return tl::unexpected(added.error());
    return RowReader(*added->result, 0).number<std::int64_t>();
}

Result<JournalMigration> readMigration(pg::Connection &connection, std::int64_t id, int events)
{
    auto migration = readHead(connection, id);
    if (!migration)
        return migration;
    const auto steps = connection.query(
        "SELECT s.number, s.title, s.phase, s.state, s.attempts, s.started_at::text, s.finished_at::text, s.duration_ms, s.error::text, "
        "b.step IS NOT NULL, b.cursor::text, b.upper_bound::text, b.finished, b.batches, b.batch_rows, b.rows_done, b.rows_total, b.rows_per_second "
        "FROM howdah.steps s LEFT JOIN howdah.batches b ON b.migration_id = s.migration_id AND b.step = s.number WHERE s.migration_id = $1 ORDER BY s.number",
        {std::to_string(id)});
    if (!steps)
        return tl::unexpected(steps.error());
    for (std::int64_t i = 0; i < steps->result->rowCount(); ++i) {
        RowReader row(*steps->result, i);
        migration->steps.push_back(stepOf(row));
    }
    if (migration->steps.size() != migration->script.steps.size())
        return fail(ErrorKind::Parse, "The journal of migration " + std::to_string(id) + " has been changed by hand: its steps are not those of its script");
    if (events > 0) {
        const auto first = connection.query("SELECT coalesce(min(id), 1) - 1 FROM (SELECT id FROM howdah.events WHERE migration_id = $1 ORDER BY id DESC LIMIT $2::int) latest",
                                            {std::to_string(id), std::to_string(events)});
        if (!first)
            return tl::unexpected(first.error());
        auto read = readEvents(connection, id, RowReader(*first->result, 0).number<std::int64_t>(), events);
        if (!read)
            return tl::unexpected(read.error());
        migration->events = std::move(*read);
    }
    return migration;
}

Result<std::vector<JournalMigration>> listMigrations(pg::Connection &connection, int limit)
{
    std::vector<JournalMigration> list;
    const auto exists = journalExists(connection);
    if (!exists)
        return tl::unexpected(exists.error());
    if (!*exists)
        return list;
    const auto rows = connection.query("SELECT " + migrationColumns() + " FROM howdah.migrations m ORDER BY m.id DESC LIMIT $1::int", {std::to_string(limit)});
    if (!rows)
        return tl::unexpected(rows.error());
    for (std::int64_t i = 0; i < rows->result->rowCount(); ++i) {
        RowReader row(*rows->result, i);
        list.push_back(migrationOf(row));
    }
    return list;
}

Result<std::vector<JournalEvent>> readEvents(pg::Connection &connection, std::int64_t migration, std::int64_t after, int limit)
{
    const auto rows = connection.query("SELECT id, step, at::text, kind, message FROM howdah.events WHERE migration_id = $1 AND id > $2 ORDER BY id LIMIT $3::int",
                                       {std::to_string(migration), std::to_string(after), std::to_string(limit)});
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<JournalEvent> events;
    for (std::int64_t i = 0; i < rows->result->rowCount(); ++i) {
        RowReader row(*rows->result, i);
        JournalEvent event;
        event.id = row.number<std::int64_t>();
        event.step = row.number<int>();
        event.at = row.text();
        event.kind = row.text();
        event.message = row.text();
        events.push_back(std::move(event));
    }
    return events;
}

Result<void> requestPause(pg::Connection &connection, std::int64_t id, JournalRequest request)
{
    const auto migration = readHead(connection, id);
    if (!migration)
        return tl::unexpected(migration.error());
    if (migration->state == MigrationState::Done || migration->state == MigrationState::RolledBack)
        return fail(ErrorKind::Usage, "Migration " + std::to_string(id) + " is " + migration->stateText() + ": there is nothing to pause");
    // Who runs it reads this within a second; one that nobody runs is marked at once.
    const auto asked = connection.query(
        migration->attended ? "UPDATE howdah.migrations SET request = $2 WHERE id = $1"
                            : "UPDATE howdah.migrations SET request = left($2, 0), "
                              "state = CASE WHEN state IN ('planned', 'running', 'rolling_back') THEN 'paused' ELSE state END WHERE id = $1",
        {std::to_string(id), request == JournalRequest::Stop ? "stop" : "pause"});
    if (!asked)
        return tl::unexpected(asked.error());
    return {};
}

Result<void> setThrottle(pg::Connection &connection, std::int64_t id, const Throttle &throttle)
{
    const auto set = connection.query("UPDATE howdah.migrations SET throttle = $2::jsonb WHERE id = $1", {std::to_string(id), toJson(throttle)});
    if (!set)
        return tl::unexpected(set.error());
    if (set->rows != 1)
        return tl::unexpected(noSuch(id));
    return {};
}

} // namespace howdah::migration
