// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/migration/change_script.h"
#include "core/pg/connection.h"
#include "core/transfer/csv_reader.h"

namespace howdah::transfer {

/// A column of the file, and where it goes.
struct ImportColumn {
    std::string name;       ///< of the column in the table; "" leaves the file's column out
    std::string type;       ///< for a table that is made: PostgreSQL's name of the type
    bool not_null = false;  ///< no NULL was seen in the sample (said, not enforced)
};

/// What is known of a file before anything is read into a table.
struct ImportPreview {
    CsvDialect dialect;
    std::vector<ImportColumn> columns;           ///< names from the header, else column_1 …; types guessed
    std::vector<std::vector<CsvField>> rows;     ///< the first ones
    std::int64_t file_bytes = 0;
    std::int64_t estimated_rows = 0;             ///< from the sample's average
    std::size_t sampled_rows = 0;
    std::vector<std::string> warnings;           ///< records of other lengths, bytes that are no UTF-8
};

/// Reads the first megabyte. With `dialect` that one is used instead of the one guessed.
[[nodiscard]] Result<ImportPreview> previewCsv(const std::filesystem::path &file, const CsvDialect *dialect = nullptr);

struct ImportPlan {
    std::filesystem::path file;
    CsvDialect dialect;
    std::string table;                   ///< qualified, as it is to be written
    bool create = false;                 ///< CREATE TABLE first
    std::vector<ImportColumn> columns;   ///< one for each of the file's
    std::string null_text;               ///< what stands for NULL when it is not quoted
    bool skip_bad_rows = false;          ///< leave rows out that the server refuses, and name them
    std::int64_t most_bad_rows = 1000;
};

/// A row that the server refused.
struct BadRow {
    std::size_t line = 0;  ///< in the file, from 1
    std::string text;      ///< its first 200 bytes
    std::string reason;    ///< the server's message
    std::string sqlstate;
};

struct ImportOutcome {
    std::int64_t rows = 0;       ///< that are in the table now
    std::int64_t bytes = 0;
    double duration_ms = 0;
    std::vector<BadRow> bad_rows;
};

/// CREATE TABLE where it is wanted, as a change script to be shown first. Empty steps otherwise.
[[nodiscard]] migration::ChangeScript importScript(const ImportPlan &plan);
/// "COPY t (a, b) FROM STDIN WITH (FORMAT csv, …)", as it is sent.
[[nodiscard]] std::string importSql(const ImportPlan &plan);

/// Reads the file into the table by COPY, in one transaction: all or nothing, but for rows that are skipped. Memory is
/// that of a batch of lines. Columns of the file that are left out are taken away on this side. Blocks; cancel it with
/// the connection's canceller. After an error the first bad row is in its detail, with its line.
[[nodiscard]] Result<ImportOutcome> importCsv(pg::Connection &connection, const ImportPlan &plan,
                                              const std::function<void(std::int64_t bytes, std::int64_t rows)> &progress = {});

} // namespace howdah::transfer
