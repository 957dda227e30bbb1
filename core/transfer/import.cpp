// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transfer/import.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fstream>
#include <utility>

#include "core/sql/quote.h"

namespace howdah::transfer {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t batch_bytes = 1024 * 1024;
/// A record larger than that is no CSV: a quote was not closed.
constexpr std::size_t most_record_bytes = 256 * 1024 * 1024;

Error notRead(const std::filesystem::path &file, int number)
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = file.string() + " could not be read: " + std::strerror(number);
    error.detail = "Nothing was imported.";
    return error;
}

/// Whole records, and where they stand in the file.
struct Batch {
    std::string text;
    struct Record {
        std::size_t begin, end; ///< in `text`
        std::size_t line;       ///< in the file
    };
    std::vector<Record> records;
};

/// Cuts the file into batches of whole records, without its header and the columns that are left out.
class BatchReader
{
public:
    explicit BatchReader(const ImportPlan &plan) : plan_(plan), stream_(plan.file, std::ios::binary)
    {
        rewrites_ = std::ranges::any_of(plan.columns, [](const ImportColumn &column) { return column.name.empty(); });
        skip_header_ = plan.dialect.header;
    }

    [[nodiscard]] bool isOpen() const { return static_cast<bool>(stream_); }
    [[nodiscard]] std::int64_t bytesRead() const { return read_; }

    /// False at the end of the file.
    Result<bool> next(Batch &batch)
    {
        batch.text.clear();
        batch.records.clear();
        while (batch.records.empty()) {
            const bool more = fill();
            take(batch, !more);
            if (!more)
                return !batch.records.empty();
            if (pending_.size() > most_record_bytes)
                return fail(ErrorKind::Parse, "A quote that is opened in line " + std::to_string(line_) + " is not closed",
                            "Check the file's quotes, or choose another quote character.");
        }
        return true;
    }

private:
    bool fill()
    {
        const std::size_t had = pending_.size();
        pending_.resize(had + batch_bytes);
        stream_.read(pending_.data() + had, static_cast<std::streamsize>(batch_bytes));
        pending_.resize(had + static_cast<std::size_t>(stream_.gcount()));
        read_ += stream_.gcount();
        if (had == 0 && line_ == 1 && pending_.starts_with("\xEF\xBB\xBF"))
            pending_.erase(0, 3);
        return static_cast<bool>(stream_);
    }

    void take(Batch &batch, bool last)
    {
        CsvReader reader(pending_, plan_.dialect);
        std::size_t done = 0;
        std::size_t lines = 0;
        for (CsvRecord record; reader.next(record);) {
            // The last one may go on in what is not read yet: a CR at the end may be half a CRLF.
            if (!last && record.end == pending_.size())
                break;
            done = record.end;
            lines = record.line - 1 + static_cast<std::size_t>(std::count(pending_.begin() + static_cast<std::ptrdiff_t>(record.begin),
                                                                          pending_.begin() + static_cast<std::ptrdiff_t>(record.end), '\n'));
            if (std::exchange(skip_header_, false))
                continue;
            const std::size_t begin = batch.text.size();
            if (rewrites_)
                rewrite(batch.text, record);
            else
                batch.text.append(pending_, record.begin, record.end - record.begin);
            if (batch.text.back() != '\n' && batch.text.back() != '\r')
                batch.text += '\n';
            batch.records.push_back({begin, batch.text.size(), line_ + record.line - 1});
        }
        line_ += lines;
        pending_.erase(0, done);
    }

    void rewrite(std::string &out, const CsvRecord &record) const
    {
        bool first = true;
        for (std::size_t i = 0; i < record.fields.size(); ++i) {
            if (i < plan_.columns.size() && plan_.columns[i].name.empty())
                continue;
            if (!std::exchange(first, false))
                out += plan_.dialect.delimiter;
            const CsvField &field = record.fields[i];
            if (!field.quoted) {
                out += field.text;
                continue;
            }
            out += plan_.dialect.quote;
            for (const char c : field.text) {
                if (c == plan_.dialect.quote || c == plan_.dialect.escape)
                    out += plan_.dialect.escape;
                out += c;
            }
            out += plan_.dialect.quote;
        }
        out += '\n';
    }

    const ImportPlan &plan_;
    std::ifstream stream_;
    std::string pending_;
    std::int64_t read_ = 0;
    std::size_t line_ = 1; ///< of the first byte of pending_, in the file
    bool rewrites_ = false;
    bool skip_header_ = false;
};

/// "COPY t, line 3, column a: …": the number behind the first comma, in whatever language.
std::size_t lineOf(const std::string &context)
{
    const std::size_t comma = context.find(", ");
    if (!context.starts_with("COPY ") || comma == std::string::npos)
        return 0;
    const std::size_t digit = context.find_first_of("0123456789", comma);
    const std::size_t end = context.find_first_of(",:\n", comma + 2);
    if (digit == std::string::npos || (end != std::string::npos && digit > end))
        return 0;
    std::size_t line = 0;
    std::from_chars(context.data() + digit, context.data() + context.size(), line);
    return line;
}

class Importer
{
public:
    Importer(pg::Connection &connection, const ImportPlan &plan, const std::function<void(std::int64_t, std::int64_t)> &progress)
        : connection_(connection), plan_(plan), progress_(progress), reader_(plan), sql_(importSql(plan))
    {
    }

    Result<ImportOutcome> run()
    {
        if (!reader_.isOpen())
            return tl::unexpected(notRead(plan_.file, errno));
        const auto begin = Clock::now();
        const bool nested = connection_.transaction() == pg::TransactionState::InTransaction;
        if (auto begun = command(nested ? "SAVEPOINT howdah_import" : "BEGIN"); !begun)
            return tl::unexpected(begun.error());
        auto done = create();
        if (done)
            done = plan_.skip_bad_rows ? copySkipping() : copyAll();
        if (!done) {
            static_cast<void>(undo(nested));
            Error error = done.error();
            if (error.detail.empty())
                error.detail = "Nothing was imported.";
            return tl::unexpected(std::move(error));
        }
        // Deferred constraints are checked here.
        if (auto committed = command(nested ? "RELEASE SAVEPOINT howdah_import" : "COMMIT"); !committed)
            return tl::unexpected(committed.error());
        outcome_.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
        outcome_.bytes = reader_.bytesRead();
        return outcome_;
    }

private:
    Result<void> command(const std::string &sql)
    {
        const auto done = connection_.query(sql);
        if (!done)
            return tl::unexpected(done.error());
        return {};
    }

    Result<void> undo(bool nested)
    {
        const pg::CancelShield shield(connection_.canceller());
        if (!nested)
            return command("ROLLBACK");
        return command("ROLLBACK TO SAVEPOINT howdah_import; RELEASE SAVEPOINT howdah_import");
    }

    Result<void> create()
    {
        for (const migration::ChangeStep &step : importScript(plan_).steps) {
            if (auto made = command(step.sql); !made)
                return made;
        }
        return {};
    }

    void tell()
    {
        if (!progress_ || Clock::now() - told_ < std::chrono::milliseconds(100))
            return;
        told_ = Clock::now();
        progress_(reader_.bytesRead(), sent_rows_);
    }

    /// One COPY of the whole file; an error names its line.
    Result<void> copyAll()
    {
        Batch batch;
        std::optional<Error> broken;
        std::vector<std::pair<std::size_t, std::size_t>> lines; ///< of each batch: lines sent before it, and its first line in the file
        std::size_t sent_lines = 0;
        const auto copied = connection_.copyIn(sql_, [&]() -> std::optional<std::string_view> {
            const auto more = reader_.next(batch);
            if (!more)
                broken = more.error();
            if (!more || !*more)
                return {};
            lines.emplace_back(sent_lines, batch.records.front().line);
            sent_lines += static_cast<std::size_t>(std::ranges::count(batch.text, '\n'));
            sent_rows_ += static_cast<std::int64_t>(batch.records.size());
            tell();
            return batch.text;
        });
        if (broken)
            return tl::unexpected(*broken);
        if (!copied) {
            Error error = copied.error();
            if (const std::size_t line = lineOf(error.context); line > 0) {
                std::size_t in_file = line;
                for (const auto &[before, first] : lines) {
                    if (before < line)
                        in_file = first + (line - 1 - before);
                }
                error.detail = "Line " + std::to_string(in_file) + " of the file. Nothing was imported." + (error.detail.empty() ? "" : " " + error.detail);
                error.hint = "Mend the row, or import with bad rows left out.";
            }
            return tl::unexpected(std::move(error));
        }
        outcome_.rows = copied->rows;
        return {};
    }

    Result<void> copySkipping()
    {
        Batch batch;
        for (;;) {
            const auto more = reader_.next(batch);
            if (!more)
                return tl::unexpected(more.error());
            if (!*more)
                return {};
            if (auto done = copyPart(batch, 0, batch.records.size()); !done)
                return done;
            sent_rows_ += static_cast<std::int64_t>(batch.records.size());
            tell();
        }
    }

    /// Records `from` up to `to` of a batch, each bad one found, noted and left out.
    Result<void> copyPart(const Batch &batch, std::size_t from, std::size_t to)
    {
        while (from < to) {
            const auto refused = tryPart(batch, from, to);
            if (!refused) // neither the rows nor the server's refusal of one
                return tl::unexpected(refused.error());
            if (!*refused)
                return {};
            const Error &error = **refused;
            std::size_t bad = recordAt(batch, from, to, lineOf(error.context));
            if (bad == to && to - from > 1) {
                // Refused at the end of the statement, by a foreign key for example: look in halves.
                const std::size_t middle = from + (to - from) / 2;
                if (auto done = copyPart(batch, from, middle); !done)
                    return done;
                from = middle;
                continue;
            }
            bad = std::min(bad, to - 1);
            if (auto done = copyPart(batch, from, bad); !done)
                return done;
            // The server counts lines within quotes from the second record on only: the row named may be one before.
            const auto alone = tryPart(batch, bad, bad + 1);
            if (!alone)
                return tl::unexpected(alone.error());
            from = bad + 1;
            if (!*alone)
                continue;
            if (static_cast<std::int64_t>(outcome_.bad_rows.size()) == plan_.most_bad_rows) {
                Error stop = error;
                stop.hint = "More than " + std::to_string(plan_.most_bad_rows) + " rows are bad: check the delimiter, the columns and their types.";
                return tl::unexpected(std::move(stop));
            }
            note(batch, bad, **alone);
        }
        return {};
    }

    /// The server's refusal of a row, or nothing when all were taken.
    Result<std::optional<Error>> tryPart(const Batch &batch, std::size_t from, std::size_t to)
    {
        if (auto saved = command("SAVEPOINT howdah_batch"); !saved)
            return tl::unexpected(saved.error());
        const std::size_t begin = batch.records[from].begin;
        const std::string_view text = std::string_view(batch.text).substr(begin, batch.records[to - 1].end - begin);
        bool given = false;
        const auto copied = connection_.copyIn(sql_, [&]() -> std::optional<std::string_view> {
            return std::exchange(given, true) ? std::nullopt : std::optional(text);
        });
        if (copied) {
            outcome_.rows += copied->rows;
            if (auto released = command("RELEASE SAVEPOINT howdah_batch"); !released)
                return tl::unexpected(released.error());
            return std::optional<Error>();
        }
        const Error &error = copied.error();
        // Data (22…) and constraints (23…) are a row's fault; everything else is not.
        if (error.kind != ErrorKind::Server || !(error.sqlstate.starts_with("22") || error.sqlstate.starts_with("23")))
            return tl::unexpected(error);
        if (auto undone = command("ROLLBACK TO SAVEPOINT howdah_batch"); !undone)
            return tl::unexpected(undone.error());
        return std::optional(error);
    }

    /// The record that holds the part's `line` (from 1); `to` when that is not known.
    static std::size_t recordAt(const Batch &batch, std::size_t from, std::size_t to, std::size_t line)
    {
        if (line == 0)
            return to;
        std::size_t lines = 0;
        for (std::size_t i = from; i < to; ++i) {
            lines += static_cast<std::size_t>(std::count(batch.text.begin() + static_cast<std::ptrdiff_t>(batch.records[i].begin),
                                                         batch.text.begin() + static_cast<std::ptrdiff_t>(batch.records[i].end), '\n'));
            if (line <= lines)
                return i;
        }
        return to;
    }

    void note(const Batch &batch, std::size_t record, const Error &error)
    {
        const Batch::Record &at = batch.records[record];
        std::string text = batch.text.substr(at.begin, std::min<std::size_t>(200, at.end - at.begin));
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
            text.pop_back();
        outcome_.bad_rows.push_back({at.line, validUtf8(std::move(text)), error.message, error.sqlstate});
    }

    pg::Connection &connection_;
    const ImportPlan &plan_;
    const std::function<void(std::int64_t, std::int64_t)> &progress_;
    BatchReader reader_;
    std::string sql_;
    ImportOutcome outcome_;
    std::int64_t sent_rows_ = 0;
    Clock::time_point told_ = Clock::now();
};

} // namespace

migration::ChangeScript importScript(const ImportPlan &plan)
{
    migration::ChangeScript script;
    script.title = "Import " + plan.file.filename().string();
    script.reason = "Rows of a file are read into a table";
    if (!plan.create)
        return script;
    migration::ChangeStep step;
    step.title = "Create table " + plan.table;
    step.sql = "CREATE TABLE " + plan.table + " (";
    bool first = true;
    for (const ImportColumn &column : plan.columns) {
        if (column.name.empty())
            continue;
        step.sql += (std::exchange(first, false) ? "\n    " : ",\n    ") + sql::quoteIdentifier(column.name) + " " + column.type;
    }
    step.sql += "\n)";
    step.undo_sql = "DROP TABLE " + plan.table;
    script.steps.push_back(std::move(step));
    return script;
}

std::string importSql(const ImportPlan &plan)
{
    std::string sql = "COPY " + plan.table + " (";
    bool first = true;
    for (const ImportColumn &column : plan.columns) {
        if (!column.name.empty())
            sql += (std::exchange(first, false) ? "" : ", ") + sql::quoteIdentifier(column.name);
    }
    sql += ") FROM STDIN WITH (FORMAT csv, DELIMITER " + sql::quoteLiteral(std::string(1, plan.dialect.delimiter));
    if (plan.dialect.quote != '"')
        sql += ", QUOTE " + sql::quoteLiteral(std::string(1, plan.dialect.quote));
    if (plan.dialect.escape != plan.dialect.quote)
        sql += ", ESCAPE " + sql::quoteLiteral(std::string(1, plan.dialect.escape));
    if (!plan.null_text.empty())
        sql += ", NULL " + sql::quoteLiteral(plan.null_text);
    return sql + ")";
}

Result<ImportOutcome> importCsv(pg::Connection &connection, const ImportPlan &plan, const std::function<void(std::int64_t, std::int64_t)> &progress)
{
    if (std::ranges::all_of(plan.columns, [](const ImportColumn &column) { return column.name.empty(); }))
        return tl::unexpected(fail(ErrorKind::Usage, "No column of the file goes anywhere").value());
    return Importer(connection, plan, progress).run();
}

} // namespace howdah::transfer
