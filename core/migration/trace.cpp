// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/trace.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <set>
#include <thread>

#include "core/migration/effects/tree.h"
#include "core/sql/lexer.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::migration {

namespace {

/// OIDs to names are taken before a statement, so that what it renames or drops is still told by the old name.
constexpr const char *relations_sql = R"(
SELECT c.oid, n.nspname, c.relname, COALESCE(pg_relation_filenode(c.oid), 0), COALESCE(pg_stat_get_xact_tuples_returned(c.oid), 0),
       x.indrelid
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index x ON x.indexrelid = c.oid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'i', 'I'))";

constexpr const char *locks_sql = R"(
SELECT relation, mode FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";

struct Seen {
    std::string schema, name;
    std::string file;
    std::int64_t rows_read = 0;
    bool is_index = false;
    [[nodiscard]] std::string label() const { return sql::quoteQualified(schema, name); }
};
using Snapshot = std::map<std::string, Seen>;

int strength(std::string_view mode)
{
    static const std::vector<std::string_view> modes{"AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
                                                     "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"};
    return static_cast<int>(std::find(modes.begin(), modes.end(), mode) - modes.begin());
}

void strengthen(std::string &strongest, const std::string &mode)
{
    if (strongest.empty() || strength(strongest) < strength(mode))
        strongest = mode;
}

/// Sees the locks that a session holds or waits for, from another one, while a third keeps the tables busy for a quarter
/// of a second: CREATE INDEX CONCURRENTLY and its like then wait where they would wait on a busy server.
class LockWatch
{
public:
    LockWatch(std::unique_ptr<pg::Connection> watcher, std::unique_ptr<pg::Connection> holder, int pid, const std::vector<std::string> &tables)
        : watcher_(std::move(watcher)), holder_(std::move(holder)), pid_(std::to_string(pid))
    {
        static_cast<void>(holder_->query("BEGIN"));
        for (const std::string &table : tables)
            static_cast<void>(holder_->query("LOCK TABLE " + table + " IN ROW EXCLUSIVE MODE"));
        thread_ = std::thread([this] { watch(); });
    }
    ~LockWatch()
    {
        if (thread_.joinable())
            stop();
    }
    LockWatch(const LockWatch &) = delete;
    LockWatch &operator=(const LockWatch &) = delete;

    std::set<std::pair<std::string, std::string>> stop()
    {
        ended_ = true;
        thread_.join();
        return std::move(seen_);
    }

private:
    void watch()
    {
        constexpr std::chrono::milliseconds hold{250}, pause{2};
        const auto begin = std::chrono::steady_clock::now();
        bool held = holder_->transaction() != pg::TransactionState::Idle;
        while (!ended_ && watcher_->alive()) {
            const auto locks = watcher_->query("SELECT relation, mode FROM pg_locks WHERE pid = " + pid_ + " AND locktype = 'relation' "
                                               "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
            for (std::int64_t row = 0; locks && row < locks->result->rowCount(); ++row)
                seen_.emplace(locks->result->cell(row, 0).text, locks->result->cell(row, 1).text);
            if (held && std::chrono::steady_clock::now() - begin > hold) {
                static_cast<void>(holder_->query("COMMIT"));
                held = false;
            }
            std::this_thread::sleep_for(pause);
        }
        if (held)
            static_cast<void>(holder_->query("COMMIT"));
    }

    std::unique_ptr<pg::Connection> watcher_, holder_;
    std::string pid_;
    std::set<std::pair<std::string, std::string>> seen_;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

class Tracer
{
public:
    Tracer(pg::Connection &connection, std::string_view script, const TraceOptions &options)
        : connection_(connection), script_(script), options_(options)
    {
    }

    Result<std::vector<TracedStatement>> run()
    {
        const pg::CancelScope scope(connection_.canceller());
        if (auto set = connection_.query("SET client_min_messages = debug1"); !set)
            return tl::unexpected(set.error());
        connection_.onNotice([this](const pg::Notice &notice) {
            if (listening_)
                notices_.push_back(notice.message);
        });
        auto done = statements();
        connection_.onNotice({});
        const pg::CancelShield shield(connection_.canceller());
        if (connection_.alive() && connection_.transaction() != pg::TransactionState::Idle)
            static_cast<void>(connection_.query("ROLLBACK"));
        if (connection_.alive())
            static_cast<void>(connection_.query("RESET client_min_messages"));
        if (!done)
            return tl::unexpected(done.error());
        return std::move(traced_);
    }

private:
    Result<void> statements()
    {
        for (const sql::StatementSpan &span : sql::splitStatements(script_)) {
            if (span.text.size() == 0 || span.psql_command)
                continue;
            TracedStatement one;
            one.measured.sql = span.text.of(script_);
            one.measured.span = span.text;
            one.was_empty = options_.empty;
            one.measured.line = lineColumn(script_, span.text.begin).line;
            if (auto done = statement(one); !done)
                return done;
            traced_.push_back(std::move(one));
        }
        return {};
    }

    Result<void> statement(TracedStatement &one)
    {
        const auto guess = effectsOf(one.measured.sql, std::clamp(connection_.facts().major(), 13, 18));
        const bool inside = !guess || guess->empty() || guess->front().in_transaction;
        one.measured.in_transaction = inside;
        one.measured.kind = guess && !guess->empty() ? guess->front().kind : "";
        if (one.measured.kind == "TransactionStmt" && inside)
            return transactionControl(one);
        if (one.measured.kind == "VariableSetStmt")
            session_set_ = session_set_ || one.measured.sql.find("LOCAL") == std::string::npos;
        if (script_open_)
            return insideScripts(one);
        return inside ? insideTransaction(one) : outsideTransaction(one);
    }

    /// BEGIN, COMMIT, ROLLBACK and savepoints of the script happen; in a transaction of ours by savepoints of ours.
    Result<void> transactionControl(TracedStatement &one)
    {
        const auto tree = effects::parseStatement(one.measured.sql, std::clamp(connection_.facts().major(), 13, 18));
        const std::string kind = tree ? tree->root().text("kind") : "";
        const bool begins = kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START", chains = tree && tree->root().flag("chain");
        const bool ends = kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK" || (kind == "TRANS_STMT_PREPARE" && options_.commit);
        if (begins && !script_open_) {
            one.was_run = script_open_ = true;
            return options_.commit ? ask("BEGIN") : beginOurs();
        }
        if (!script_open_ && !chains && ends) {
            one.was_run = true; // it only warns
            return {};
        }
        if (!ends || options_.commit) {
            execute(one);
            if (!connection_.alive())
                return tl::unexpected(one.measured.errors.front());
        } else if (auto ended = endOurs(one, kind == "TRANS_STMT_COMMIT"); !ended) {
            return ended;
        }
        if (ends) {
            script_open_ = chains;
            if (chains && !options_.commit) {
                if (auto begun = beginOurs(); !begun)
                    return begun;
            }
        }
        return lookAtHeld();
    }

    Result<void> beginOurs()
    {
        if (connection_.transaction() == pg::TransactionState::Idle) {
            if (auto begun = ask("BEGIN"); !begun)
                return begun;
        }
        const auto path = connection_.query("SELECT current_setting('search_path'), current_setting('TimeZone')");
        if (!path)
            return tl::unexpected(path.error());
        path_before_ = path->result->cell(0, 0).text;
        zone_before_ = path->result->cell(0, 1).text;
        session_set_ = false;
        return ask("SAVEPOINT howdah_block");
    }

    Result<void> endOurs(TracedStatement &one, bool keep)
    {
        one.was_run = true;
        if (keep && connection_.transaction() == pg::TransactionState::InTransaction)
            return releaseOurs();
        if (auto back = ask("ROLLBACK TO SAVEPOINT howdah_block"); !back)
            return back;
        return ask("RELEASE SAVEPOINT howdah_block");
    }

    /// Ours goes on: what SET LOCAL has set must not.
    Result<void> releaseOurs()
    {
        if (auto released = ask("RELEASE SAVEPOINT howdah_block"); !released || session_set_)
            return released;
        const auto reset = connection_.query("SELECT set_config('search_path', $1, false), set_config('TimeZone', $2, false)", {path_before_, zone_before_});
        if (!reset)
            return tl::unexpected(reset.error());
        return {};
    }

    /// A statement in a transaction of the script's: what fails spoils the rest of it, as it would.
    Result<void> insideScripts(TracedStatement &one)
    {
        if (connection_.transaction() != pg::TransactionState::InTransaction) {
            execute(one);
            return {};
        }
        const auto before = snapshot();
        if (!before)
            return tl::unexpected(before.error());
        execute(one);
        if (!connection_.alive())
            return tl::unexpected(one.measured.errors.front());
        if (!one.measured.errors.empty())
            return {};
        if (auto looked = locks(one, *before); !looked)
            return looked;
        return compare(one, *before);
    }

    Result<void> insideTransaction(TracedStatement &one)
    {
        if (connection_.transaction() == pg::TransactionState::Idle) {
            if (auto begun = ask("BEGIN"); !begun)
                return begun;
            held_.clear();
        }
        const auto before = snapshot();
        if (!before)
            return tl::unexpected(before.error());
        if (auto saved = ask("SAVEPOINT howdah_trace"); !saved)
            return saved;
        execute(one);
        if (!connection_.alive())
            return tl::unexpected(one.measured.errors.front());
        if (!one.measured.errors.empty()) {
            if (auto back = ask("ROLLBACK TO SAVEPOINT howdah_trace"); !back)
                return back;
            return options_.commit ? ask("ROLLBACK") : Result<void>{};
        }
        if (auto looked = locks(one, *before); !looked)
            return looked;
        if (auto looked = compare(one, *before); !looked)
            return looked;
        return options_.commit ? ask("COMMIT") : ask("RELEASE SAVEPOINT howdah_trace");
    }

    Result<void> outsideTransaction(TracedStatement &one)
    {
        if (!options_.outside_transaction) {
            Error error;
            error.kind = ErrorKind::Unsupported;
            error.message = "It cannot run in a transaction, so it was not measured";
            error.hint = "Measure it on a scratch database";
            one.measured.errors.push_back(std::move(error));
            one.locks_known = false;
            return {};
        }
        if (connection_.transaction() != pg::TransactionState::Idle) {
            if (auto kept = ask("COMMIT"); !kept)
                return kept;
        }
        const auto before = snapshot();
        if (!before)
            return tl::unexpected(before.error());
        one.locks_known = false;
        if (!options_.connect) {
            execute(one);
        } else if (auto watched = executeWatched(one, *before); !watched) {
            return watched;
        }
        return one.measured.errors.empty() ? compare(one, *before) : Result<void>{};
    }

    Result<void> executeWatched(TracedStatement &one, const Snapshot &before)
    {
        auto watcher = options_.connect(), holder = options_.connect();
        if (!watcher || !holder)
            return tl::unexpected(watcher ? holder.error() : watcher.error());
        LockWatch watch(std::move(*watcher), std::move(*holder), connection_.facts().backend_pid, tablesOf(one.measured.sql));
        execute(one);
        for (const auto &[oid, mode] : watch.stop()) {
            if (const auto relation = before.find(oid); relation != before.end())
                strengthen(one.measured.locks[relation->second.label()], mode);
        }
        one.watched = true;
        return {};
    }

    /// Tables that the statement names, and those of its indexes.
    std::vector<std::string> tablesOf(const std::string &sql)
    {
        const auto guess = effectsOf(sql, std::clamp(connection_.facts().major(), 13, 18));
        std::vector<std::string> names;
        for (const auto &[relation, mode] : guess && !guess->empty() ? guess->front().locks : std::map<std::string, std::string>()) {
            const auto table = connection_.query("SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                                                 "WHERE c.relkind IN ('r', 'p', 'm') AND c.oid = (SELECT coalesce(i.indrelid, r) FROM to_regclass(" + sql::quoteLiteral(relation) + ") r "
                                                 "LEFT JOIN pg_index i ON i.indexrelid = r)");
            if (table && table->result->rowCount() == 1)
                names.emplace_back(table->result->cell(0, 0).text);
        }
        return names;
    }

    void execute(TracedStatement &one)
    {
        notices_.clear();
        listening_ = true;
        const auto outcome = connection_.query(one.measured.sql);
        listening_ = false;
        one.was_run = true;
        if (!outcome) {
            one.measured.errors.push_back(outcome.error());
            return;
        }
        one.duration_ms = outcome->duration_ms;
        one.notices = notices_;
    }

    Result<void> ask(const char *sql)
    {
        if (auto outcome = connection_.query(sql); !outcome)
            return tl::unexpected(outcome.error());
        return {};
    }

    Result<Snapshot> snapshot()
    {
        Snapshot all;
        const auto outcome = connection_.query(relations_sql);
        if (!outcome)
            return tl::unexpected(outcome.error());
        for (std::int64_t row = 0; row < outcome->result->rowCount(); ++row) {
            const auto text = [&](std::size_t column) { return outcome->result->cell(row, column).text; };
            Seen seen{std::string(text(1)), std::string(text(2)), std::string(text(3)), 0, !outcome->result->cell(row, 5).is_null};
            std::from_chars(text(4).data(), text(4).data() + text(4).size(), seen.rows_read);
            all.emplace(text(0), std::move(seen));
        }
        return all;
    }

    Result<std::set<std::pair<std::string, std::string>>> locksNow()
    {
        std::set<std::pair<std::string, std::string>> now;
        const auto outcome = connection_.query(locks_sql);
        if (!outcome)
            return tl::unexpected(outcome.error());
        for (std::int64_t row = 0; row < outcome->result->rowCount(); ++row)
            now.emplace(outcome->result->cell(row, 0).text, outcome->result->cell(row, 1).text);
        return now;
    }

    /// After a rollback, or the transaction's end, less is held.
    Result<void> lookAtHeld()
    {
        held_.clear();
        if (connection_.transaction() != pg::TransactionState::InTransaction)
            return {};
        auto now = locksNow();
        if (!now)
            return tl::unexpected(now.error());
        held_ = std::move(*now);
        return {};
    }

    Result<void> locks(TracedStatement &one, const Snapshot &before)
    {
        auto now = locksNow();
        if (!now)
            return tl::unexpected(now.error());
        for (const auto &[oid, mode] : *now) {
            const auto relation = before.find(oid);
            if (relation == before.end())
                continue; // made by the statement
            const bool held = held_.count({oid, mode}) > 0;
            strengthen((held ? one.held_before : one.measured.locks)[relation->second.label()], mode);
        }
        if (!options_.commit || script_open_)
            held_ = std::move(*now);
        return {};
    }

    Result<void> compare(TracedStatement &one, const Snapshot &before)
    {
        const auto after = snapshot();
        if (!after)
            return tl::unexpected(after.error());
        for (const auto &[oid, was] : before) {
            const auto is = after->find(oid);
            if (is == after->end())
                continue;
            if (is->second.file != was.file && was.file != "0")
                one.measured.rewrites.push_back(was.label());
            // Rows read are counted within a transaction; outside of one the DEBUG1 messages alone tell.
            if (!was.is_index && is->second.rows_read > was.rows_read)
                one.measured.scans.push_back(was.label());
        }
        for (const std::string &notice : one.notices)
            takeBuild(one, notice, before, *after);
        for (const std::string &notice : one.notices)
            takeVerified(one, notice, before);
        for (auto *list : {&one.measured.rewrites, &one.measured.scans, &one.measured.builds}) {
            std::sort(list->begin(), list->end());
            list->erase(std::unique(list->begin(), list->end()), list->end());
        }
        return {};
    }

    /// building index "i" on table "t" serially
    static void takeBuild(TracedStatement &one, const std::string &notice, const Snapshot &before, const Snapshot &after)
    {
        constexpr std::string_view begins = "building index \"";
        if (notice.rfind(begins, 0) != 0)
            return;
        const std::size_t end = notice.find("\" on table \"");
        const std::string name = notice.substr(begins.size(), end - begins.size());
        if (name.rfind("pg_toast_", 0) == 0)
            return;
        std::string label = name;
        for (const Snapshot *all : {&before, &after}) {
            for (const auto &[oid, relation] : *all) {
                if (relation.name == name || (relation.is_index && relation.name + "_ccnew" == name))
                    label = sql::quoteQualified(relation.schema, name);
            }
        }
        one.measured.builds.push_back(label);
    }

    /// verifying table "t", rewriting table "t": it is read even where there is no row to be counted
    static void takeVerified(TracedStatement &one, const std::string &notice, const Snapshot &before)
    {
        const std::string_view begins = notice.rfind("rewriting", 0) == 0 ? "rewriting table \"" : "verifying table \"";
        if (notice.rfind(begins, 0) != 0)
            return;
        const std::string name = notice.substr(begins.size(), notice.rfind('"') - begins.size());
        std::vector<std::string> labels;
        for (const auto &[oid, relation] : before) {
            // it was locked, which tells those of one name in several schemas apart
            if (!relation.is_index && relation.name == name && (!one.locks_known || one.measured.locks.count(relation.label()) + one.held_before.count(relation.label()) > 0))
                labels.push_back(relation.label());
        }
        if (labels.size() == 1)
            one.measured.scans.push_back(labels[0]);
    }

    pg::Connection &connection_;
    std::string_view script_;
    TraceOptions options_;
    bool listening_ = false, script_open_ = false;
    bool session_set_ = false;               ///< a plain SET in the script's transaction, which outlives it
    std::string path_before_, zone_before_;
    std::vector<std::string> notices_;
    std::set<std::pair<std::string, std::string>> held_;
    std::vector<TracedStatement> traced_;
};

void compareLocks(std::vector<std::string> &found, const StatementEffects &expected, const TracedStatement &traced)
{
    const auto &measured = traced.measured.locks;
    if (!traced.locks_known && !traced.watched)
        return;
    for (const auto &[relation, lock] : traced.watched ? std::map<std::string, std::string>() : expected.locks) {
        const auto held = measured.find(relation);
        const auto before = traced.held_before.find(relation);
        if (before != traced.held_before.end() && strength(before->second) >= strength(lock))
            continue;
        if (held == measured.end())
            found.push_back("lock on " + relation + ": expected " + lock + ", measured none");
        else if (held->second != lock)
            found.push_back("lock on " + relation + ": expected " + lock + ", measured " + held->second);
    }
    for (const auto &[relation, lock] : measured) {
        const auto wanted = expected.locks.find(relation);
        if (wanted == expected.locks.end())
            found.push_back("lock on " + relation + ": expected none, measured " + lock);
        else if (traced.watched && strength(wanted->second) < strength(lock))
            found.push_back("lock on " + relation + ": expected " + wanted->second + ", measured " + lock);
    }
}

std::string listed(const std::vector<std::string> &items)
{
    std::string text;
    for (const std::string &item : items)
        text += (text.empty() ? "" : ", ") + item;
    return text.empty() ? "nothing" : text;
}

} // namespace

Result<std::vector<TracedStatement>> trace(pg::Connection &connection, std::string_view script, const TraceOptions &options)
{
    if (connection.transaction() != pg::TransactionState::Idle)
        return fail(ErrorKind::Usage, "The connection is in a transaction", "End it first");
    return Tracer(connection, script, options).run();
}

std::vector<std::string> disagreements(const StatementEffects &expected, const TracedStatement &traced)
{
    std::vector<std::string> found;
    if (!traced.was_run)
        return found;
    const StatementEffects &measured = traced.measured;
    if (expected.errors.empty() != measured.errors.empty()) {
        found.push_back(measured.errors.empty() ? "an error was expected: " + expected.errors[0].message : "it failed: " + measured.errors[0].message);
        return found;
    }
    if (!measured.errors.empty())
        return found;
    compareLocks(found, expected, traced);
    const auto compare = [&](const char *what, const std::vector<std::string> &wanted, const std::vector<std::string> &seen) {
        if (wanted != seen)
            found.push_back(std::string(what) + ": expected " + listed(wanted) + ", measured " + listed(seen));
    };
    compare("rewrites", expected.rewrites, measured.rewrites);
    if (traced.was_empty) {
        for (const std::string &table : measured.scans) {
            if (std::find(expected.scans.begin(), expected.scans.end(), table) == expected.scans.end())
                found.push_back("scans: " + table + " was not expected");
        }
    } else if (traced.locks_known) {
        compare("scans", expected.scans, measured.scans);
    }
    compare("builds", expected.builds, measured.builds);
    return found;
}

} // namespace howdah::migration
