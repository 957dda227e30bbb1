// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"
#include "core/result/row_source.h"

namespace howdah::transfer {

/// How rows are written to a file.
enum class FileFormat : std::uint8_t {
    Csv,       ///< COPY's CSV: NULL is nothing, the empty string is ""
    Text,      ///< COPY's text format: tabs, \N for NULL
    Binary,    ///< COPY's binary format, for another PostgreSQL
    Json,      ///< an array of objects
    JsonLines, ///< an object a line
    Xlsx,      ///< a workbook; a new sheet after 1,048,576 rows
    SqlInsert,
    Markdown
};

struct ExportOptions {
    FileFormat format = FileFormat::Csv;
    bool header = true;                ///< names of columns first (Csv, Text)
    char delimiter = ',';              ///< of Csv
    std::string null_text;             ///< what NULL is written as, in Csv
    std::string table = "table_name";  ///< of SqlInsert, as it is to be written
    sql::ParameterValues values;       ///< of the statement's parameters
};

struct ExportOutcome {
    std::int64_t rows = 0;
    std::int64_t bytes = 0;       ///< of the file
    double duration_ms = 0;
    std::vector<std::string> notes; ///< what could not be written as it is (values cut for a workbook)
};

/// Rows and bytes so far; called about ten times a second, on the calling thread.
using ExportProgress = std::function<void(std::int64_t rows, std::int64_t bytes)>;

/// Runs one statement and writes its rows straight to the file: nothing is loaded, memory stays that of some thousand
/// rows whatever the size. Csv, Text and Binary are COPY … TO STDOUT as the server writes it. Blocks; cancel it with
/// the connection's canceller. The file appears whole or not at all: it is written beside as "FILE.part" first.
[[nodiscard]] Result<ExportOutcome> exportQuery(pg::Connection &connection, std::string_view statement, const std::filesystem::path &file,
                                                const ExportOptions &options, const ExportProgress &progress = {});

/// Writes rows that are loaded already, in the order and with the columns shown.
[[nodiscard]] Result<ExportOutcome> exportRows(const result::RowView &rows, const std::vector<std::size_t> &columns,
                                               const std::filesystem::path &file, const ExportOptions &options,
                                               const ExportProgress &progress = {}, std::stop_token stop = {});

/// By the ending of a file's name; Csv when it says nothing.
[[nodiscard]] FileFormat formatOfFile(const std::filesystem::path &file);
/// "csv", "text" …, as the command line names them; nothing for another word.
[[nodiscard]] std::optional<FileFormat> formatNamed(std::string_view word);
[[nodiscard]] std::string_view formatName(FileFormat format);

} // namespace howdah::transfer
