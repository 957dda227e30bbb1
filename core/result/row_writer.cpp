// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/row_writer.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/result/copy_format.h"
#include "core/sql/quote.h"

namespace howdah::result {

namespace {

using Fields = std::vector<WrittenField>;
using Row = std::vector<pg::Cell>;

std::string_view shown(const pg::Cell &cell, ValueKind kind)
{
    return writtenText(cell, kind);
}

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

class TsvWriter final : public RowWriter
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

class CsvWriter final : public RowWriter
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

class JsonWriter final : public RowWriter
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

class MarkdownWriter final : public RowWriter
{
public:
    void begin(std::string &out, const Fields &fields) override
    {
        out += '|';
        for (const WrittenField &field : fields)
            value(out, field.name);
        out += "\n|";
        for (const WrittenField &field : fields)
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

class InsertWriter final : public RowWriter
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

class InListWriter final : public RowWriter
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

class JsonLinesWriter final : public RowWriter
{
public:
    void begin(std::string &out, const Fields &fields) override
    {
        std::string nothing;
        objects_.begin(nothing, fields);
        static_cast<void>(out);
    }
    void row(std::string &out, const Fields &fields, const Row &row) override
    {
        std::string text;
        objects_.row(text, fields, row);
        out += std::string_view(text).substr(text.find('{'));
        out += '\n';
    }

private:
    JsonWriter objects_;
};

} // namespace

std::string_view writtenText(const pg::Cell &cell, ValueKind kind)
{
    if (kind == ValueKind::Boolean)
        return cell.text == "t" ? "true" : cell.text == "f" ? "false" : cell.text;
    return cell.text;
}

std::vector<WrittenField> writtenFields(const std::vector<pg::Column> &columns)
{
    std::vector<WrittenField> fields;
    for (const pg::Column &column : columns)
        fields.push_back({column.name, valueKind(column.type_oid)});
    return fields;
}

std::unique_ptr<RowWriter> makeRowWriter(CopyFormat format, const std::string &table)
{
    switch (format) {
    case CopyFormat::Tsv: return std::make_unique<TsvWriter>(false);
    case CopyFormat::TsvWithHeaders: return std::make_unique<TsvWriter>(true);
    case CopyFormat::Csv: return std::make_unique<CsvWriter>();
    case CopyFormat::Json: return std::make_unique<JsonWriter>();
    case CopyFormat::JsonLines: return std::make_unique<JsonLinesWriter>();
    case CopyFormat::Markdown: return std::make_unique<MarkdownWriter>();
    case CopyFormat::SqlInsert: return std::make_unique<InsertWriter>(table);
    case CopyFormat::InList: return std::make_unique<InListWriter>();
    }
    return nullptr;
}

void appendJsonString(std::string &out, std::string_view text)
{
    using nlohmann::json;
    out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace howdah::result
