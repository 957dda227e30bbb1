// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transfer/export.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/sql/lexer.h"
#include "core/sql/parser.h"
#include "core/sql/quote.h"
#include "core/transfer/output_file.h"
#include "core/transfer/row_sink.h"

namespace howdah::transfer {

namespace {

using Clock = std::chrono::steady_clock;

struct Named {
    std::string_view name;
    std::string_view ending;
    FileFormat format;
};
constexpr std::array<Named, 8> formats{{{"csv", ".csv", FileFormat::Csv},
                                        {"text", ".tsv", FileFormat::Text},
                                        {"binary", ".bin", FileFormat::Binary},
                                        {"json", ".json", FileFormat::Json},
                                        {"jsonl", ".jsonl", FileFormat::JsonLines},
                                        {"xlsx", ".xlsx", FileFormat::Xlsx},
                                        {"insert", ".sql", FileFormat::SqlInsert},
                                        {"markdown", ".md", FileFormat::Markdown}}};

bool isCopy(FileFormat format)
{
    return format == FileFormat::Csv || format == FileFormat::Text || format == FileFormat::Binary;
}

/// About ten calls a second.
class Ticker
{
public:
    explicit Ticker(const ExportProgress &progress) : progress_(progress) { }
    void tick(std::int64_t rows, std::int64_t bytes)
    {
        if (!progress_ || (++calls_ & 63) != 0)
            return;
        if (const auto now = Clock::now(); now - last_ >= std::chrono::milliseconds(100)) {
            last_ = now;
            progress_(rows, bytes);
        }
    }

private:
    const ExportProgress &progress_;
    Clock::time_point last_ = Clock::now();
    unsigned calls_ = 0;
};

double since(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

std::string copySql(std::string_view statement, const ExportOptions &options, int version_num)
{
    std::string sql = "COPY (" + std::string(statement) + "\n) TO STDOUT WITH (FORMAT ";
    switch (options.format) {
    case FileFormat::Binary: return sql + "binary)";
    case FileFormat::Text:
        sql += "text";
        break;
    default:
        sql += "csv, DELIMITER " + sql::quoteLiteral(std::string(1, options.delimiter)) + ", NULL " + sql::quoteLiteral(options.null_text);
    }
    // The text format has a header from 15 on.
    if (options.header && (options.format == FileFormat::Csv || version_num >= 150000))
        sql += ", HEADER true";
    return sql + ")";
}

/// Straight from the server to the file.
Result<ExportOutcome> copyOut(pg::Connection &connection, std::string_view statement, const std::filesystem::path &path,
                              const ExportOptions &options, const ExportProgress &progress)
{
    OutputFile file(path);
    if (auto opened = file.open(); !opened)
        return tl::unexpected(opened.error());
    Ticker ticker(progress);
    std::int64_t rows = 0;
    const auto copied = connection.copyOut(copySql(statement, options, connection.facts().version_num), [&](std::string_view piece) {
        ticker.tick(++rows, file.bytes());
        return file.write(piece);
    });
    if (!copied) {
        Error error = copied.error();
        if (error.position) // COPY and its parenthesis stand before the statement
            error.position = error.position->value >= 6 ? std::optional(ByteOffset{error.position->value - 6}) : std::nullopt;
        return tl::unexpected(std::move(error));
    }
    if (copied->stopped)
        return tl::unexpected(file.failure());
    if (auto committed = file.commit(); !committed)
        return tl::unexpected(committed.error());
    return ExportOutcome{copied->rows, file.bytes(), copied->duration_ms, {}};
}

std::unique_ptr<RowSink> sinkFor(const std::filesystem::path &file, const ExportOptions &options)
{
    return options.format == FileFormat::Xlsx ? makeXlsxSink(file, options) : makeTextSink(file, options);
}

/// Row by row through this side, for formats that only we write and statements that COPY does not take.
class StreamedExport
{
public:
    StreamedExport(RowSink &sink, const ExportProgress &progress, const pg::Canceller &canceller)
        : sink_(sink), ticker_(progress), canceller_(canceller) { }

    pg::RunObserver observer()
    {
        pg::RunObserver observer;
        observer.resultOpened = [this](std::size_t, std::shared_ptr<pg::RowStore> store) {
            store_ = std::move(store);
            cells_.resize(store_->columns().size());
            keep(sink_.begin(store_->columns()));
        };
        observer.rowsArrived = [this](std::size_t) { write(); };
        observer.statementFinished = [this](const pg::StatementOutcome &) { write(); };
        return observer;
    }
    [[nodiscard]] const std::optional<Error> &error() const { return error_; }
    [[nodiscard]] bool hasRows() const { return store_ != nullptr; }
    [[nodiscard]] std::int64_t rows() const { return written_; }

private:
    void keep(const Result<void> &done)
    {
        if (done || error_)
            return;
        error_ = done.error();
        canceller_.cancel();
    }
    void write()
    {
        if (!store_)
            return;
        const std::int64_t count = store_->rowCount();
        for (; written_ < count && !error_; ++written_) {
            for (std::size_t i = 0; i < cells_.size(); ++i)
                cells_[i] = store_->cell(written_, i);
            keep(sink_.row(cells_));
            ticker_.tick(written_, sink_.bytes());
        }
        store_->forgetBefore(count);
    }

    RowSink &sink_;
    Ticker ticker_;
    pg::Canceller canceller_;
    std::shared_ptr<pg::RowStore> store_;
    std::vector<pg::Cell> cells_;
    std::int64_t written_ = 0;
    std::optional<Error> error_;
};

Result<ExportOutcome> stream(pg::Connection &connection, std::string_view statement, const std::filesystem::path &file,
                             const ExportOptions &options, const ExportProgress &progress)
{
    const auto begin = Clock::now();
    const auto sink = sinkFor(file, options);
    StreamedExport streamed(*sink, progress, connection.canceller());
    pg::RunOptions run;
    run.limits.memory_bytes = 32LL * 1024 * 1024;
    run.values = options.values;
    const pg::RunOutcome outcome = connection.run(statement, run, streamed.observer());
    if (streamed.error())
        return tl::unexpected(*streamed.error());
    if (outcome.error)
        return tl::unexpected(*outcome.error);
    if (!streamed.hasRows()) {
        Error error;
        error.kind = ErrorKind::Usage;
        error.message = "The statement returned no rows to export";
        error.detail = "It was run; no file was written.";
        return tl::unexpected(std::move(error));
    }
    if (auto ended = sink->end(); !ended)
        return tl::unexpected(ended.error());
    return ExportOutcome{streamed.rows(), sink->bytes(), since(begin), sink->notes()};
}

} // namespace

Result<ExportOutcome> exportQuery(pg::Connection &connection, std::string_view statement, const std::filesystem::path &file,
                                  const ExportOptions &options, const ExportProgress &progress)
{
    const auto statements = sql::splitStatements(statement);
    const auto real = std::ranges::count_if(statements, [](const sql::StatementSpan &span) { return span.text.size() > 0; });
    if (real != 1) {
        Error error;
        error.kind = ErrorKind::Usage;
        error.message = real == 0 ? "There is no statement to export" : "Only one statement can be exported at a time";
        error.detail = "Nothing was run.";
        return tl::unexpected(std::move(error));
    }
    const auto &only = *std::ranges::find_if(statements, [](const sql::StatementSpan &span) { return span.text.size() > 0; });
    const std::string_view text = only.text.of(statement);
    const sql::StatementNature nature = sql::natureOf(sql::bindParameters(text, options.values).sql);
    // COPY takes no values beside its text.
    if (isCopy(options.format) && sql::parametersOf(text).empty() && nature.kind == "SelectStmt" && nature.returns_rows)
        return copyOut(connection, text, file, options, progress);
    if (options.format == FileFormat::Binary) {
        Error error;
        error.kind = ErrorKind::Unsupported;
        error.message = "Only a query without parameters can be exported in binary format";
        error.detail = "Nothing was run.";
        return tl::unexpected(std::move(error));
    }
    return stream(connection, text, file, options, progress);
}

Result<ExportOutcome> exportRows(const result::RowView &rows, const std::vector<std::size_t> &columns, const std::filesystem::path &file,
                                 const ExportOptions &options, const ExportProgress &progress, std::stop_token stop)
{
    if (options.format == FileFormat::Binary)
        return tl::unexpected(fail(ErrorKind::Unsupported, "Rows that are loaded are text; the binary format is the server's").value());
    const auto begin = Clock::now();
    const auto sink = sinkFor(file, options);
    std::vector<pg::Column> chosen;
    for (const std::size_t column : columns)
        chosen.push_back(rows.source->columns()[column]);
    if (auto begun = sink->begin(chosen); !begun)
        return tl::unexpected(begun.error());
    Ticker ticker(progress);
    std::vector<pg::Cell> cells(columns.size());
    const std::int64_t count = rows.rowCount();
    for (std::int64_t row = 0; row < count; ++row) {
        if (stop.stop_requested())
            return fail(ErrorKind::Cancelled, "Cancelled");
        for (std::size_t i = 0; i < columns.size(); ++i)
            cells[i] = rows.cell(row, columns[i]);
        if (auto written = sink->row(cells); !written)
            return tl::unexpected(written.error());
        ticker.tick(row, sink->bytes());
    }
    if (auto ended = sink->end(); !ended)
        return tl::unexpected(ended.error());
    return ExportOutcome{count, sink->bytes(), since(begin), sink->notes()};
}

FileFormat formatOfFile(const std::filesystem::path &file)
{
    const std::string ending = file.extension().string();
    const auto found = std::ranges::find_if(formats, [&ending](const Named &named) { return named.ending == ending; });
    return found == formats.end() ? FileFormat::Csv : found->format;
}

std::optional<FileFormat> formatNamed(std::string_view word)
{
    const auto found = std::ranges::find_if(formats, [word](const Named &named) { return named.name == word; });
    return found == formats.end() ? std::nullopt : std::optional(found->format);
}

std::string_view formatName(FileFormat format)
{
    return std::ranges::find_if(formats, [format](const Named &named) { return named.format == format; })->name;
}

} // namespace howdah::transfer
