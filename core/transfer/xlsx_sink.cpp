// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include <xlsxwriter.h>

#include "core/base/human.h"
#include "core/result/row_writer.h"
#include "core/transfer/output_file.h"
#include "core/transfer/row_sink.h"

namespace howdah::transfer {

namespace {

// Excel's own limits ("Excel specifications and limits").
constexpr lxw_row_t rows_a_sheet = 1'048'576;
constexpr std::size_t columns_a_sheet = 16'384;
constexpr std::size_t characters_a_cell = 32'767;
/// A workbook keeps numbers as doubles: a longer integer would come back as another one.
constexpr std::size_t exact_digits = 15;

std::optional<lxw_datetime> dateOf(std::string_view text, result::ValueKind kind)
{
    if (kind != result::ValueKind::Date && kind != result::ValueKind::Timestamp)
        return {};
    lxw_datetime date{};
    double second = 0;
    const std::string copy(text.substr(0, 40));
    const int read = std::sscanf(copy.c_str(), "%4d-%2d-%2d %2d:%2d:%lf", &date.year, &date.month, &date.day, &date.hour, &date.min, &second);
    const bool zoned = kind == result::ValueKind::Timestamp && text.size() > 10 && text.find_first_of("+-", 11) != std::string_view::npos;
    if ((read != 3 && read != 6) || zoned || date.year < 1900 || date.year > 9999 || text.ends_with("BC"))
        return {};
    date.sec = second;
    return date;
}

/// The first `most` characters, cut between characters.
std::string firstCharacters(std::string_view text, std::size_t most, bool &cut)
{
    std::size_t characters = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        // Excel counts UTF-16 units: a character of four bytes is two.
        const auto byte = static_cast<unsigned char>(text[at]);
        const std::size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        characters += size == 4 ? 2 : 1;
        if (characters > most) {
            cut = true;
            break;
        }
        at = std::min(at + size, text.size());
    }
    return std::string(text.substr(0, at));
}

class XlsxSink final : public RowSink
{
public:
    XlsxSink(const std::filesystem::path &file, const ExportOptions &options) : file_(file), header_(options.header) { }
    ~XlsxSink() override
    {
        if (book_ != nullptr)
            workbook_close(book_); // frees it; the file is taken away by file_
    }

    Result<void> begin(const std::vector<pg::Column> &columns) override
    {
        if (columns.size() > columns_a_sheet)
            return tl::unexpected(tooMany(columns.size()));
        if (auto opened = file_.open(); !opened)
            return opened;
        fields_ = result::writtenFields(columns);
        lxw_workbook_options options{};
        options.constant_memory = LXW_TRUE;
        book_ = workbook_new_opt(file_.part().c_str(), &options);
        bold_ = workbook_add_format(book_);
        format_set_bold(bold_);
        date_ = workbook_add_format(book_);
        format_set_num_format(date_, "yyyy-mm-dd");
        time_ = workbook_add_format(book_);
        format_set_num_format(time_, "yyyy-mm-dd hh:mm:ss");
        newSheet();
        return {};
    }

    Result<void> row(const std::vector<pg::Cell> &cells) override
    {
        if (row_ == rows_a_sheet)
            newSheet();
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!cells[i].is_null)
                write(static_cast<lxw_col_t>(i), cells[i], fields_[i].kind);
        }
        ++row_;
        return {};
    }

    Result<void> end() override
    {
        const lxw_error error = workbook_close(std::exchange(book_, nullptr));
        if (error != LXW_NO_ERROR) {
            Error failed = file_.failure();
            failed.message = "The workbook could not be written: " + std::string(lxw_strerror(error));
            return tl::unexpected(std::move(failed));
        }
        return file_.commit();
    }

    std::int64_t bytes() const override { return file_.bytes(); }

    std::vector<std::string> notes() const override
    {
        std::vector<std::string> notes;
        if (cut_ > 0)
            notes.push_back(human::count(cut_) + " values were cut at 32,767 characters, the most a cell of a workbook holds.");
        if (sheets_ > 1)
            notes.push_back("The rows are on " + std::to_string(sheets_) + " sheets: one holds 1,048,576.");
        return notes;
    }

private:
    static Error tooMany(std::size_t columns)
    {
        Error error;
        error.kind = ErrorKind::Unsupported;
        error.message = "A workbook holds 16,384 columns, this result has " + human::count(static_cast<std::int64_t>(columns));
        error.detail = "Nothing was written.";
        error.hint = "Choose fewer columns, or CSV.";
        return error;
    }

    void newSheet()
    {
        sheet_ = workbook_add_worksheet(book_, nullptr);
        ++sheets_;
        row_ = 0;
        if (!header_)
            return;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            bool cut = false;
            worksheet_write_string(sheet_, 0, static_cast<lxw_col_t>(i), firstCharacters(fields_[i].name, characters_a_cell, cut).c_str(), bold_);
        }
        worksheet_freeze_panes(sheet_, 1, 0);
        row_ = 1;
    }

    void write(lxw_col_t column, const pg::Cell &cell, result::ValueKind kind)
    {
        const std::string_view text = cell.text;
        const auto digits = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
        if (result::isNumber(kind) && result::isPlainNumber(text) && digits <= exact_digits) {
            double number = 0;
            std::from_chars(text.data(), text.data() + text.size(), number);
            worksheet_write_number(sheet_, row_, column, number, nullptr);
        } else if (kind == result::ValueKind::Boolean && (text == "t" || text == "f")) {
            worksheet_write_boolean(sheet_, row_, column, text == "t" ? 1 : 0, nullptr);
        } else if (auto date = dateOf(text, kind)) {
            worksheet_write_datetime(sheet_, row_, column, &*date, kind == result::ValueKind::Date ? date_ : time_);
        } else {
            bool cut = false;
            worksheet_write_string(sheet_, row_, column, firstCharacters(text, characters_a_cell, cut).c_str(), nullptr);
            cut_ += cut ? 1 : 0;
        }
    }

    OutputFile file_;
    bool header_;
    lxw_workbook *book_ = nullptr;
    lxw_worksheet *sheet_ = nullptr;
    lxw_format *bold_ = nullptr, *date_ = nullptr, *time_ = nullptr;
    std::vector<result::WrittenField> fields_;
    lxw_row_t row_ = 0;
    int sheets_ = 0;
    std::int64_t cut_ = 0;
};

} // namespace

std::unique_ptr<RowSink> makeXlsxSink(const std::filesystem::path &file, const ExportOptions &options)
{
    return std::make_unique<XlsxSink>(file, options);
}

} // namespace howdah::transfer
