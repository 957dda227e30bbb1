// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"

// SQL as text, cut and changed where the grammar or the lexer says, never by patterns.

namespace howdah::migration::recipes {

/// "howdah_new_orders_id": deterministic, at most 63 bytes (a hash stands for what is too long), not quoted.
[[nodiscard]] std::string objectName(std::string_view purpose, std::initializer_list<std::string_view> parts);

/// Of ALTER TABLE: "ALTER TABLE [IF EXISTS] [ONLY] name" and each sub-command, cut at the commas between them.
struct AlterTableText {
    ByteSpan head;
    std::vector<ByteSpan> commands;
};
[[nodiscard]] AlterTableText cutAlterTable(std::string_view statement);

/// The words of a statement with their spans: no blanks, no comments; plain identifiers in lower case, others as written.
struct WordAt {
    std::string text;
    ByteSpan span;
    bool quoted = false;      ///< "…" as a name: `text` is without quotes
    bool is_name = false;     ///< an identifier, quoted or not
};
[[nodiscard]] std::vector<WordAt> wordsOf(std::string_view sql);
/// Pieces of a list, cut at commas outside of parentheses, brackets and CASE.
[[nodiscard]] std::vector<std::string> cutList(std::string_view sql);
[[nodiscard]] std::string trimmed(std::string_view text);

/// What to write for a column that an expression names; the name itself when it is not of interest.
using ColumnText = std::function<std::string(const std::string &column)>;
/// An expression over one table with its column references replaced; unchanged when it does not parse.
[[nodiscard]] std::string withColumns(std::string_view expression, const ColumnText &text);
/// The columns that an expression names.
[[nodiscard]] std::vector<std::string> columnsOf(std::string_view expression);
/// The same for "CHECK (…)" and "FOREIGN KEY (…) REFERENCES …" as pg_get_constraintdef writes them: own columns only.
[[nodiscard]] std::string constraintWithColumns(std::string_view definition, const std::map<std::string, std::string> &renamed);

/// The referenced columns of "FOREIGN KEY (…) REFERENCES t(…)" renamed.
[[nodiscard]] std::string referencesWithColumns(std::string_view definition, const std::map<std::string, std::string> &renamed);
/// Every "{}" replaced.
[[nodiscard]] std::string filled(std::string_view text, std::string_view with);

/// A CREATE INDEX statement in pieces.
struct IndexText {
    bool unique = false;
    bool only = false;
    std::string name;          ///< not quoted; "" when the statement has none
    std::string table;         ///< as written
    std::string method;        ///< "USING btree " and the blank, "" when not said
    std::string tail;          ///< from the parenthesis on
};
[[nodiscard]] IndexText cutCreateIndex(std::string_view statement);
/// The tail of an index with columns renamed; `tail` of cutCreateIndex.
[[nodiscard]] std::string tailWithColumns(std::string_view tail, const std::map<std::string, std::string> &renamed);

} // namespace howdah::migration::recipes
