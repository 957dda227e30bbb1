// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/trial.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <nlohmann/json.hpp>

#include "core/base/human.h"
#include "core/index/called.h"
#include "core/pg/connection.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

using Json = nlohmann::json;

const std::string trial_index = "howdah_trial_index";

/// The transaction that everything happens in.
class Scratch
{
public:
    explicit Scratch(pg::Connection &connection) : connection_(connection) {}
    ~Scratch()
    {
        if (!begun_)
            return;
        const pg::CancelShield shield(connection_.canceller());
        static_cast<void>(connection_.query("ROLLBACK"));
    }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;

    Result<void> begin(const Facts &facts)
    {
        if (connection_.transaction() != pg::TransactionState::Idle)
            return fail(ErrorKind::Usage, "A transaction is open; samples are made in one of their own", "Run COMMIT or ROLLBACK first.");
        if (connection_.facts().read_only || connection_.facts().in_recovery)
            return fail(ErrorKind::Unsupported, "Samples cannot be made on a read-only connection or a standby");
        if (!facts.may_create_schema && !facts.may_create_temporary)
            return fail(ErrorKind::Unsupported, "The role may make neither a schema nor temporary tables in this database", "GRANT TEMPORARY ON DATABASE … would be enough.");
        begun_ = connection_.query("BEGIN").has_value();
        for (const char *setting : {"SET LOCAL lock_timeout = '2s'", "SET LOCAL statement_timeout = '120s'", "SET LOCAL jit = off", "SET LOCAL max_parallel_workers_per_gather = 0",
                                    "SET LOCAL synchronous_commit = off"}) {
            if (const auto set = connection_.query(setting); !set)
                return tl::unexpected(set.error());
        }
        // The server notices within a second that we are gone, whatever it is busy with.
        if (facts.version >= 140000)
            static_cast<void>(connection_.query("SET LOCAL client_connection_check_interval = '1s'"));
        temporary_ = !facts.may_create_schema;
        schema_ = temporary_ ? "pg_temp" : "howdah_trial_" + std::to_string(connection_.facts().backend_pid);
        if (temporary_)
            return {};
        const auto made = connection_.query("CREATE SCHEMA " + schema_);
        return made ? Result<void>() : Result<void>(tl::unexpected(made.error()));
    }
    [[nodiscard]] const std::string &schema() const { return schema_; }
    [[nodiscard]] const char *unlogged() const { return temporary_ ? "" : "UNLOGGED "; }

private:
    pg::Connection &connection_;
    std::string schema_;
    bool begun_ = false, temporary_ = false;
};

/// One sample, measured.
struct Run {
    double rows = 0, ms_before = 0, ms_after = 0, bytes = 0, build_ms = 0;
    bool used = false;
    std::string plan_before, plan_after; ///< EXPLAIN's JSON
    std::optional<double> recall;
};

/// The statement with the table's copies in place of it.
Result<std::string> rewritten(const std::string &statement, const Shape &shape, std::size_t table, const std::string &copy)
{
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const TableUse &use : shape.uses) {
        if (use.table != table)
            continue;
        if (use.name_end == 0)
            return fail(ErrorKind::Unsupported, "The table is read through a view");
        sql::Lexer lexer(statement, ByteOffset{use.name_begin});
        std::size_t end = use.name_begin;
        bool name_next = true;
        for (sql::Token token; lexer.next(token);) {
            const std::string_view text = token.span.of(statement);
            const bool name = token.kind == sql::TokenKind::Identifier || token.kind == sql::TokenKind::QuotedIdentifier;
            if (name_next ? !name : text != ".")
                break;
            name_next = !name_next;
            end = token.span.end.value;
        }
        places.emplace_back(use.name_begin, end);
    }
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    std::string text;
    std::size_t at = 0;
    for (const auto &[begin, end] : places) {
        if (begin < at || end > statement.size() || begin == end)
            return fail(ErrorKind::Unsupported, "The table's name was not found in the statement");
        text += statement.substr(at, begin - at) + copy;
        at = end;
    }
    return text + statement.substr(at);
}

bool mentions(const Json &node, const std::string &index)
{
    if (node.value("Index Name", "") == index)
        return true;
    if (node.contains("Plans")) {
        for (const Json &child : node["Plans"]) {
            if (mentions(child, index))
                return true;
        }
    }
    return false;
}

/// Entries that it gave, over all loops; 0 where the plan was not run.
double entriesOf(const Json &node, const std::string &index)
{
    double sum = node.value("Index Name", "") == index ? node.value("Actual Rows", 0.0) * node.value("Actual Loops", 0.0) : 0;
    if (node.contains("Plans")) {
        for (const Json &child : node["Plans"])
            sum += entriesOf(child, index);
    }
    return sum;
}

double entriesOf(const std::string &plan, const std::string &index)
{
    const Json document = Json::parse(plan, nullptr, false);
    return document.is_array() && !document.empty() ? entriesOf(document[0]["Plan"], index) : 0;
}

class Trial
{
public:
    Trial(pg::Connection &connection, const Ground &ground, const TrialWish &wish, std::size_t statement)
        : connection_(connection), ground_(ground), wish_(wish), table_(ground.facts.tables[wish.candidate->table]), scratch_(connection)
    {
        if (statement < ground.statements.size())
            statement_ = statement;
    }

    Result<Measured> run();

private:
    Result<Run> sample(double fraction, int number);
    Result<double> time(const std::string &sql, bool &used, const std::string &index, std::string &plan);
    std::multiset<std::string> rowsOf(const std::string &sql);
    double writeFactor(const std::string &sampled);
    void decideToRun();

    pg::Connection &connection_;
    const Ground &ground_;
    const TrialWish &wish_;
    const TableFacts &table_;
    Scratch scratch_;
    std::optional<std::size_t> statement_;
    std::string sampled_, note_;
    bool may_run_ = false;
};

/// What writes is never run; what calls volatile functions is with consent.
void Trial::decideToRun()
{
    if (!statement_)
        return;
    if (ground_.planned[*statement_].samples.front().generic) {
        note_ = "The statement has parameters, for which there are no values to run it with: it was planned alone.";
        return;
    }
    if (ground_.statements[*statement_].writes)
        return;
    may_run_ = true;
    if (wish_.run_volatile)
        return;
    const auto named = functionsWithEffects(connection_, ground_.facts, ground_.statements[*statement_].text);
    if (named && named->empty())
        return;
    may_run_ = false;
    note_ = !named ? "It could not be told what the functions do that the statement calls: it was planned, not run."
                          : "The statement calls " + *named + ", which may have effects: it was planned, not run. --allow-volatile lets it run.";
}

/// The least of three runs. Read-only unless effects are wanted: what hides in an operator, a policy or a function that
/// calls itself stable is refused by the server.
Result<double> Trial::time(const std::string &sql, bool &used, const std::string &index, std::string &plan)
{
    double least = 0;
    for (int i = 0; i < (may_run_ ? 3 : 1); ++i) {
        for (const char *step : {"SAVEPOINT howdah_run", wish_.run_volatile ? "" : "SET LOCAL transaction_read_only = on"}) {
            if (step[0] == '\0')
                continue;
            if (const auto done = connection_.query(step); !done)
                return tl::unexpected(done.error());
        }
        const auto explained = connection_.query(std::string("EXPLAIN (FORMAT JSON") + (may_run_ ? ", ANALYZE, TIMING OFF" : "") + ") " + sql, ground_.planned[*statement_].samples.front().values);
        if (const auto back = connection_.query("ROLLBACK TO SAVEPOINT howdah_run"); !back)
            return tl::unexpected(back.error());
        if (!explained) {
            if (!may_run_ || explained.error().sqlstate != "25006")
                return tl::unexpected(explained.error());
            may_run_ = false;
            note_ = "The statement has effects (" + explained.error().message + "): it was planned, not run.";
            return time(sql, used, index, plan);
        }
        std::string source;
        for (std::int64_t row = 0; row < explained->result->rowCount(); ++row)
            source += explained->result->cell(row, 0).text;
        const Json document = Json::parse(source, nullptr, false);
        if (!document.is_array() || document.empty())
            return fail(ErrorKind::Unsupported, "The server plans nothing for it");
        used = mentions(document[0]["Plan"], index);
        const double ms = document[0].value("Execution Time", 0.0);
        if (i == 0 || ms < least)
            plan = std::move(source);
        least = i == 0 ? ms : std::min(least, ms);
        if (ms > 5000)
            break;
    }
    return least;
}

std::multiset<std::string> Trial::rowsOf(const std::string &sql)
{
    std::multiset<std::string> rows;
    const auto answer = connection_.query(sql, ground_.planned[*statement_].samples.front().values);
    for (std::int64_t row = 0; answer && answer->result && row < std::min<std::int64_t>(answer->result->rowCount(), 1000); ++row) {
        std::string text;
        for (std::size_t column = 0; column < answer->result->columns().size(); ++column)
            text += "\x01" + std::string(answer->result->cell(row, column).text);
        rows.insert(std::move(text));
    }
    return rows;
}

Result<Run> Trial::sample(double fraction, int number)
{
    const std::string copy = scratch_.schema() + "." + sql::quoteIdentifier(table_.name);
    static_cast<void>(number);
    std::vector<std::string> steps{"DROP TABLE IF EXISTS " + copy, "CREATE " + std::string(scratch_.unlogged()) + (scratch_.unlogged()[0] == '\0' ? "TEMPORARY " : "") + "TABLE " + (scratch_.unlogged()[0] == '\0' ? sql::quoteIdentifier(table_.name) : copy) + " (LIKE " + table_.quoted() + " INCLUDING INDEXES)"};
    const std::string from = fraction >= 1 ? table_.quoted() : table_.quoted() + " TABLESAMPLE SYSTEM (" + std::to_string(fraction * 100) + ") REPEATABLE (1)";
    steps.push_back("INSERT INTO " + copy + " SELECT * FROM " + from);
    steps.push_back("ANALYZE " + copy);
    Run run;
    for (const std::string &step : steps) {
        const auto done = connection_.query(step);
        if (!done)
            return tl::unexpected(done.error());
        if (step.starts_with("INSERT"))
            run.rows = static_cast<double>(done->rows);
    }
    std::string statement;
    std::multiset<std::string> exact;
    const bool nearest = wish_.candidate->method == "hnsw" || wish_.candidate->method == "ivfflat";
    if (statement_) {
        auto text = rewritten(ground_.planned[*statement_].samples.front().sql, ground_.shapes[*statement_], wish_.candidate->table, copy);
        if (!text)
            return tl::unexpected(text.error());
        statement = std::move(*text);
        bool used = false;
        const auto ms = time(statement, used, {}, run.plan_before);
        if (!ms)
            return tl::unexpected(ms.error());
        run.ms_before = *ms;
        if (nearest && may_run_)
            exact = rowsOf(statement);
    }
    TableFacts place = table_;
    place.schema = scratch_.schema();
    const auto built = connection_.query(wish_.candidate->ddl(place, trial_index));
    if (!built)
        return tl::unexpected(built.error());
    run.build_ms = built->duration_ms;
    const auto size = connection_.query("SELECT pg_catalog.pg_relation_size('" + scratch_.schema() + "." + trial_index + "'::regclass)");
    if (!size)
        return tl::unexpected(size.error());
    run.bytes = std::strtod(std::string(size->result->cell(0, 0).text).c_str(), nullptr);
    if (!statement_)
        return run;
    // What an expression's index is made of is counted with it.
    if (const auto analyzed = connection_.query("ANALYZE " + copy); !analyzed)
        return tl::unexpected(analyzed.error());
    const auto after = time(statement, run.used, trial_index, run.plan_after);
    if (!after)
        return tl::unexpected(after.error());
    run.ms_after = *after;
    if (nearest && may_run_ && run.used && !exact.empty()) {
        const std::multiset<std::string> found = rowsOf(statement);
        std::vector<std::string> both;
        std::set_intersection(exact.begin(), exact.end(), found.begin(), found.end(), std::back_inserter(both));
        run.recall = static_cast<double>(both.size()) / static_cast<double>(exact.size());
    }
    sampled_ = copy;
    return run;
}

/// Inserting some thousand rows into an empty logged copy: with the index, to without.
double Trial::writeFactor(const std::string &sampled)
{
    if (sampled.empty() || scratch_.schema() == "pg_temp")
        return 1;
    std::array<double, 2> bytes{};
    for (std::size_t with = 0; with < 2; ++with) {
        const std::string name = scratch_.schema() + ".howdah_write_" + std::to_string(with);
        TableFacts place = table_;
        place.schema = scratch_.schema();
        place.name = "howdah_write_" + std::to_string(with);
        const std::vector<std::string> steps{"CREATE TABLE " + name + " (LIKE " + table_.quoted() + ")", with == 1 ? wish_.candidate->ddl(place) : "SELECT 1"};
        for (const std::string &step : steps) {
            if (!connection_.query(step))
                return 1;
        }
        const auto position = [&] {
            const auto lsn = connection_.query("SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')");
            return lsn ? std::strtod(std::string(lsn->result->cell(0, 0).text).c_str(), nullptr) : 0.0;
        };
        const double before = position();
        if (!connection_.query("INSERT INTO " + name + " SELECT * FROM " + sampled + " LIMIT 5000"))
            return 1;
        bytes[with] = position() - before;
    }
    return bytes[0] > 0 ? std::max(1.0, bytes[1] / bytes[0]) : 1;
}

Result<Measured> Trial::run()
{
    if (auto begun = scratch_.begin(ground_.facts); !begun)
        return tl::unexpected(begun.error());
    decideToRun();
    const double rows = std::max(1.0, table_.rows);
    const double by_bytes = wish_.most_bytes / std::max(1.0, table_.pages * 8192);
    const double fraction = std::min({1.0, wish_.most_rows / rows, by_bytes});
    const bool whole = fraction >= 0.999;
    std::optional<Run> small;
    if (!whole) {
        auto first = sample(fraction / 4, 0);
        if (!first)
            return tl::unexpected(first.error());
        small = std::move(*first);
    }
    const auto large = sample(whole ? 1 : fraction, 1);
    if (!large)
        return tl::unexpected(large.error());
    Measured measured;
    measured.note = note_;
    measured.used = large->used;
    measured.sample_rows = large->rows;
    measured.whole = whole;
    measured.recall = large->recall;
    measured.plan_before = large->plan_before;
    measured.plan_after = large->plan_after;
    const double times = whole ? 1 : rows / std::max(1.0, large->rows);
    measured.ms_before = large->ms_before * times;
    measured.build_ms = large->build_ms * times;
    measured.ms_after_least = measured.ms_after_most = large->ms_after;
    measured.bytes_least = measured.bytes_most = large->bytes;
    if (small && small->rows > 0 && large->rows > small->rows) {
        const double growth = large->rows / small->rows;
        const auto power = [&](double from, double to) { return from > 0 && to > 0 ? std::clamp(std::log(to / from) / std::log(growth), 0.0, 1.2) : 1.0; };
        // Times of a fraction of a millisecond tell nothing of how they grow; the entries that were read do. What is left
        // of starting and going down the tree stays as it is.
        constexpr double start_ms = 0.05;
        const double grows = std::min(1.0, power(entriesOf(small->plan_after, trial_index), entriesOf(large->plan_after, trial_index)));
        const double start = std::min(large->ms_after, start_ms), expected = start + (large->ms_after - start) * std::pow(times, grows);
        measured.ms_after_least = std::max(large->ms_after, expected * 0.8);
        measured.ms_after_most = std::max(expected * 1.25, large->ms_after * std::pow(times, std::max(0.5, grows)));
        const double linear = large->bytes * times, law = large->bytes * std::pow(times, power(small->bytes, large->bytes));
        measured.bytes_least = std::min(linear, law);
        measured.bytes_most = std::max(linear, law);
    }
    measured.write_factor = writeFactor(sampled_);
    return measured;
}

} // namespace

Result<Measured> measureIndex(pg::Connection &connection, const Ground &ground, const TrialWish &wish, std::size_t statement)
{
    return Trial(connection, ground, wish, statement).run();
}

} // namespace howdah::index
