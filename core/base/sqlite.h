// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"

struct sqlite3;
struct sqlite3_stmt;

// The files that Howdah keeps beside itself (editors' contents, histories) are SQLite databases. This is all that their
// owners need of it; nothing else includes sqlite3.h.

namespace howdah::sqlite {

struct Delete {
    void operator()(sqlite3 *database) const;
    void operator()(sqlite3_stmt *statement) const;
};

/// A prepared statement, used again and again: bind(), then step() until it is false or fails; it is ready for the next
/// time then. Values bound must live until the last step().
class Statement
{
public:
    Statement() = default;
    Statement &bind(int index, std::string_view value);
    Statement &bind(int index, std::int64_t value);
    Statement &bind(int index, int value) { return bind(index, std::int64_t{value}); }
    Statement &bind(int index, double value);
    Statement &bind(int index, const std::optional<double> &value); ///< nullopt is NULL
    [[nodiscard]] int parameterCount() const;
    /// True: a row is there. False: done. Fails (Io) with what the file's owner calls it.
    [[nodiscard]] Result<bool> step();
    /// For statements without rows.
    [[nodiscard]] Result<void> run();
    /// Drops rows that were not asked for.
    void reset();

    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::optional<double> maybeReal(int column) const;

private:
    friend class Database;
    std::unique_ptr<sqlite3_stmt, Delete> statement_;
    const std::string *subject_ = nullptr;
};

/// One connection to one file; not thread-safe.
class Database
{
public:
    /// Opens or makes the file (mode 0600, folder 0700) in WAL mode: a commit is one write into the kernel's cache, which
    /// our own death cannot undo; only a power cut may lose the last seconds, and never what was there before. A file of a
    /// later `schema_version` is refused and left alone; `schema` (CREATE … IF NOT EXISTS) brings an older or new one up.
    /// `subject` begins messages: "The editors' contents".
    [[nodiscard]] static Result<Database> open(const std::filesystem::path &file, int schema_version, const char *schema,
                                               std::string subject);
    [[nodiscard]] Result<void> execute(const char *sql);
    [[nodiscard]] Result<Statement> prepare(const char *sql);
    [[nodiscard]] std::int64_t lastRowId() const;
    [[nodiscard]] std::int64_t changes() const; ///< rows that the last statement changed

private:
    Database() = default;
    [[nodiscard]] Result<void> connect(const std::filesystem::path &file);
    std::unique_ptr<std::string> subject_; ///< statements point to it
    std::unique_ptr<sqlite3, Delete> database_;
};

/// All or nothing: rolls back unless commit() was called and went through.
class Transaction
{
public:
    explicit Transaction(Database &database);
    ~Transaction();
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;
    [[nodiscard]] Result<void> begun() const { return begun_; }
    [[nodiscard]] Result<void> commit();

private:
    Database &database_;
    Result<void> begun_;
    bool open_;
};

} // namespace howdah::sqlite
