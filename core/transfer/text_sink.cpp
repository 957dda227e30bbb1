// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/result/row_writer.h"
#include "core/transfer/output_file.h"
#include "core/transfer/row_sink.h"

namespace howdah::transfer {

namespace {

/// COPY's CSV and text formats for rows that are on this side already.
class CopyLikeWriter final : public result::RowWriter
{
public:
    explicit CopyLikeWriter(const ExportOptions &options) : options_(options), text_(options.format == FileFormat::Text) { }

    void begin(std::string &out, const std::vector<result::WrittenField> &fields) override
    {
        alone_ = fields.size() == 1;
        if (!options_.header)
            return;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            separate(out, i);
            value(out, fields[i].name);
        }
        out += '\n';
    }
    void row(std::string &out, const std::vector<result::WrittenField> &, const std::vector<pg::Cell> &row) override
    {
        for (std::size_t i = 0; i < row.size(); ++i) {
            separate(out, i);
            if (row[i].is_null)
                out += text_ ? "\\N" : options_.null_text;
            else
                value(out, row[i].text);
        }
        out += '\n';
    }

private:
    void separate(std::string &out, std::size_t index) const
    {
        if (index > 0)
            out += text_ ? '\t' : options_.delimiter;
    }
    void value(std::string &out, std::string_view text) const
    {
        text_ ? escaped(out, text) : quoted(out, text);
    }
    static void escaped(std::string &out, std::string_view text)
    {
        for (const char c : text) {
            switch (c) {
            case '\\': out += "\\\\"; break;
            case '\t': out += "\\t"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\b': out += "\\b"; break;
            case '\f': out += "\\f"; break;
            case '\v': out += "\\v"; break;
            default: out += c;
            }
        }
    }
    void quoted(std::string &out, std::string_view text) const
    {
        // As the server decides it: what could be read as NULL wants quotes, and "\." where it is alone on its line.
        const bool plain = text != options_.null_text && !(alone_ && text == "\\.") && text.find_first_of("\"\n\r") == std::string_view::npos &&
                           text.find(options_.delimiter) == std::string_view::npos;
        if (plain) {
            out += text;
            return;
        }
        out += '"';
        for (const char c : text) {
            if (c == '"')
                out += '"';
            out += c;
        }
        out += '"';
    }

    ExportOptions options_;
    bool text_;
    bool alone_ = false; ///< one column
};

std::unique_ptr<result::RowWriter> writerFor(const ExportOptions &options)
{
    switch (options.format) {
    case FileFormat::Json: return makeRowWriter(result::CopyFormat::Json, options.table);
    case FileFormat::JsonLines: return makeRowWriter(result::CopyFormat::JsonLines, options.table);
    case FileFormat::SqlInsert: return makeRowWriter(result::CopyFormat::SqlInsert, options.table);
    case FileFormat::Markdown: return makeRowWriter(result::CopyFormat::Markdown, options.table);
    default: return std::make_unique<CopyLikeWriter>(options);
    }
}

class TextSink final : public RowSink
{
public:
    TextSink(const std::filesystem::path &file, const ExportOptions &options) : file_(file), writer_(writerFor(options)) { }

    Result<void> begin(const std::vector<pg::Column> &columns) override
    {
        if (auto opened = file_.open(); !opened)
            return opened;
        fields_ = result::writtenFields(columns);
        writer_->begin(text_, fields_);
        return settle();
    }
    Result<void> row(const std::vector<pg::Cell> &cells) override
    {
        writer_->row(text_, fields_, cells);
        return settle();
    }
    Result<void> end() override
    {
        writer_->end(text_);
        if (auto settled = settle(); !settled)
            return settled;
        return file_.commit();
    }
    std::int64_t bytes() const override { return file_.bytes(); }

private:
    Result<void> settle()
    {
        const bool written = file_.write(text_);
        text_.clear();
        if (written)
            return {};
        return tl::unexpected(file_.failure());
    }

    OutputFile file_;
    std::unique_ptr<result::RowWriter> writer_;
    std::vector<result::WrittenField> fields_;
    std::string text_;
};

} // namespace

std::unique_ptr<RowSink> makeTextSink(const std::filesystem::path &file, const ExportOptions &options)
{
    return std::make_unique<TextSink>(file, options);
}

} // namespace howdah::transfer
