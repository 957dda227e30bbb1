// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/copy_format.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/human.h"
#include "core/result/value_kind.h"
#include "core/sql/quote.h"

namespace howdah::result {

namespace {

struct Field {
    std::string name;
    ValueKind kind;
};

using Fields = std::vector<Field>;
using Row = std::vector<pg::Cell>;

std::string_view shown(const pg::Cell &cell, ValueKind kind)
{
    if (kind == ValueKind::Boolean)
        return cell.text == "t" ? "true" : cell.text == "f" ? "false" : cell.text;
    return cell.text;
}

/// One way of writing. begin() before the first row, end() after the last.
class Writer
{
public:
    Writer() = default;
    virtual ~Writer() = default;
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;
    virtual void begin(std::string &, const Fields &) { }
    virtual void row(std::string &out, const Fields &fields, const Row &row) = 0;
    virtual void end(std::string &) { }
};

void appendQuoted(std::string &out, std::string_view text)
{
    out += '"';
    for (const char c : text) {
        if (c == '"')
            out += '"';
        out += c;
    }
    out += '"';
}

class TsvWriter final : public Writer
{
public:
    explicit TsvWriter(bool headers) : headers_(headers) { }
    void begin(std::string &out, const Fields &fields) override
    {
        if (!headers_)
            return;
        for (std::size_t i = 0; i < fields.size(); ++i)
            value(out, i, fields[i].name);
        out += '\n';
    }
    void row(std::string &out, const Fields &fields, const Row &row) override
    {
        for (std::size_t i = 0; i < row.size(); ++i)
            value(out, i, row[i].is_null ? std::string_view() : shown(row[i], fields[i].kind));
        out += '\n';
    }

private:
    static void value(std::string &out, std::size_t index, std::string_view text)
    {
        if (index > 0)
            out += '\t';
        if (text.find_first_of("\t\n\r\"") != std::string_view::npos)
            appendQuoted(out, text);
        else
            out += text;
    }
    bool headers_;
};

class CsvWriter final : public Writer
{
public:
    void begin(std::string &out, const Fields &fields) override
    {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i > 0)
                out += ',';
            value(out, fields[i].name);
        }
        out += "\r\n";
    }
    void row(std::string &out, const Fields &fields, const Row &row) override
    {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0)
                out += ',';
            if (!row[i].is_null)
                value(out, shown(row[i], fields[i].kind));
        }
        out += "\r\n";
    }

private:
    static void value(std::string &out, std::string_view text)
    {
        if (text.empty() || text.find_first_of(",\"\r\n") != std::string_view::npos || text.front() == ' ' || text.back() == ' ')
            appendQuoted(out, text);
        else
            out += text;
    }
};

class JsonWriter final : public Writer
{
public:
    void begin(std::string &out, const Fields &fields) override
    {
        // A second "id" would replace the first one in whatever reads it.
        std::unordered_set<std::string> used;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const std::string base = fields[i].name.empty() ? fmt::format("column_{}", i + 1) : fields[i].name;
            std::string name = base;
            for (int n = 2; !used.insert(name).second; ++n)
                name = fmt::format("{}_{}", base, n);
            std::string key = i == 0 ? "" : ", ";
            appendJsonString(key, name);
            keys_.push_back(key + ": ");
        }
        out += '[';
    }
    void row(std::string &out, const Fields &fields, const Row &row) override
    {
        out += first_ ? "\n  {" : ",\n  {";
        first_ = false;
        for (std::size_t i = 0; i < row.size(); ++i) {
            out += keys_[i];
            value(out, fields[i].kind, row[i]);
        }
        out += '}';
    }
    void end(std::string &out) override { out += first_ ? "]\n" : "\n]\n"; }

private:
    static void value(std::string &out, ValueKind kind, const pg::Cell &cell)
    {
        const bool bare = (kind == ValueKind::Boolean && (cell.text == "t" || cell.text == "f"))
            || (isNumber(kind) && isPlainNumber(cell.text))
            || (kind == ValueKind::Json && nlohmann::json::accept(cell.text.begin(), cell.text.end()));
        if (cell.is_null)
            out += "null";
        else if (bare)
            out += shown(cell, kind);
        else
            appendJsonString(out, shown(cell, kind));
    }
    std::vector<std::string> keys_;
    bool first_ = true;
};

class MarkdownWriter final : public Writer
{
public:
    void begin(std::string &out, const Fields &fields) override
    {
        out += '|';
        for (const Field &field : fields)
            value(out, field.name);
        out += "\n|";
        for (const Field &field : fields)
            out += isNumber(field.kind) ? " ---: |" : " --- |";
        out += '\n';
    }
    void row(std::string &out, const Fields &fields, const Row &row) override
    {
        out += '|';
        for (std::size_t i = 0; i < row.size(); ++i)
            value(out, row[i].is_null ? "NULL" : shown(row[i], fields[i].kind));
        out += '\n';
    }

private:
    static void value(std::string &out, std::string_view text)
    {
        out += ' ';
        for (const char c : text) {
            if (c == '|' || c == '\\' || c == '<' || c == '`' || c == '*' || c == '_')
                out += '\\';
            if (c == '\n')
                out += "<br>";
            else if (c != '\r')
                out += c;
        }
        out += " |";
    }
};

void appendSql(std::string &out, ValueKind kind, const pg::Cell &cell)
{
    if (cell.is_null)
        out += "NULL";
    else if (kind == ValueKind::Boolean && (cell.text == "t" || cell.text == "f"))
        out += shown(cell, kind);
    else if (isNumber(kind) && isPlainNumber(cell.text))
        out += cell.text;
    else
        out += sql::quoteLiteral(cell.text);
}

void appendTuple(std::string &out, const Fields &fields, const Row &row)
{
    out += '(';
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0)
            out += ", ";
        appendSql(out, fields[i].kind, row[i]);
    }
    out += ')';
}

class InsertWriter final : public Writer
{
public:
    explicit InsertWriter(const std::string &table) : table_(table) { }
    void begin(std::string &, const Fields &fields) override
    {
        head_ = "INSERT INTO " + table_ + " (";
        for (std::size_t i = 0; i < fields.size(); ++i)
            head_ += (i > 0 ? ", " : "") + sql::quoteIdentifier(fields[i].name);
        head_ += ") VALUES\n  ";
    }
    void row(std::string &out, const Fields &fields, const Row &row) override
    {
        if (rows_ % rows_per_statement == 0)
            out += (rows_ == 0 ? "" : ";\n") + head_;
        else
            out += ",\n  ";
        appendTuple(out, fields, row);
        ++rows_;
    }
    void end(std::string &out) override
    {
        if (rows_ > 0)
            out += ";\n";
    }

private:
    static constexpr std::int64_t rows_per_statement = 1'000;
    std::string table_;
    std::string head_;
    std::int64_t rows_ = 0;
};

class InListWriter final : public Writer
{
public:
    void begin(std::string &out, const Fields &) override { out += '('; }
    void row(std::string &out, const Fields &fields, const Row &row) override
    {
        // NULL in an IN list matches nothing, and in NOT IN it hides every row.
        if (std::any_of(row.begin(), row.end(), [](const pg::Cell &cell) { return cell.is_null; }))
            return;
        std::string value;
        if (row.size() == 1)
            appendSql(value, fields[0].kind, row[0]);
        else
            appendTuple(value, fields, row);
        if (!seen_.insert(value).second)
            return;
        if (seen_.size() > 1)
            out += ", ";
        out += value;
    }
    // An empty list is a syntax error; this one is valid and matches nothing.
    void end(std::string &out) override { out += seen_.empty() ? "NULL)" : ")"; }

private:
    std::unordered_set<std::string> seen_;
};

std::unique_ptr<Writer> writerFor(const CopyRequest &request)
{
    switch (request.format) {
    case CopyFormat::Tsv: return std::make_unique<TsvWriter>(false);
    case CopyFormat::TsvWithHeaders: return std::make_unique<TsvWriter>(true);
    case CopyFormat::Csv: return std::make_unique<CsvWriter>();
    case CopyFormat::Json: return std::make_unique<JsonWriter>();
    case CopyFormat::Markdown: return std::make_unique<MarkdownWriter>();
    case CopyFormat::SqlInsert: return std::make_unique<InsertWriter>(request.table);
    case CopyFormat::InList: return std::make_unique<InListWriter>();
    }
    return nullptr;
}

std::vector<std::size_t> usedColumns(const CopyRequest &request)
{
    std::unordered_set<std::size_t> chosen;
    for (const CellBand &band : request.bands)
        chosen.insert(band.columns.begin(), band.columns.end());
    std::vector<std::size_t> used = request.columns;
    std::erase_if(used, [&](std::size_t column) { return !chosen.contains(column); });
    return used;
}

Error tooLarge(std::int64_t max_bytes)
{
    Error error;
    error.kind = ErrorKind::Usage;
    error.message = "The selection is larger than " + human::bytes(max_bytes) + " as text";
    error.detail = "Nothing was copied.";
    error.hint = "Select fewer rows, or export the result to a file.";
    return error;
}

} // namespace

Result<std::string> formatRows(const CopyRequest &request, std::stop_token stop)
{
    const std::vector<std::size_t> columns = usedColumns(request);
    if (request.bands.size() == 1 && columns.size() == 1 && request.format == CopyFormat::Tsv
        && request.bands[0].first_row == request.bands[0].last_row) {
        const pg::Cell cell = request.rows.cell(request.bands[0].first_row, columns[0]);
        if (static_cast<std::int64_t>(cell.text.size()) > request.max_bytes)
            return tl::unexpected(tooLarge(request.max_bytes));
        return std::string(cell.is_null ? std::string_view()
                                        : shown(cell, valueKind(request.rows.source->columns()[columns[0]].type_oid)));
    }
    Fields fields;
    for (const std::size_t column : columns) {
        const pg::Column &described = request.rows.source->columns()[column];
        fields.push_back({described.name, valueKind(described.type_oid)});
    }
    const auto writer = writerFor(request);
    std::string out;
    writer->begin(out, fields);
    Row row(columns.size());
    for (const CellBand &band : request.bands) {
        std::vector<bool> chosen;
        for (const std::size_t column : columns)
            chosen.push_back(std::binary_search(band.columns.begin(), band.columns.end(), column));
        for (std::int64_t at = band.first_row; at <= band.last_row; ++at) {
            for (std::size_t i = 0; i < columns.size(); ++i)
                row[i] = chosen[i] ? request.rows.cell(at, columns[i]) : pg::Cell{{}, true};
            writer->row(out, fields, row);
            if (static_cast<std::int64_t>(out.size()) > request.max_bytes)
                return tl::unexpected(tooLarge(request.max_bytes));
            if ((at & 1023) == 0 && stop.stop_requested())
                return fail(ErrorKind::Cancelled, "Copying was cancelled");
        }
    }
    writer->end(out);
    return out;
}

void appendJsonString(std::string &out, std::string_view text)
{
    using nlohmann::json;
    out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace howdah::result
