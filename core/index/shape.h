// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/index/facts.h"

namespace howdah::index {

// What a statement asks of each table it reads, from its parse tree: conditions, joins, orders and groups, each with the
// column or expression that an index would hold.

/// `expression op value`, where the value is there before the table is read: a constant, a parameter, or a value of a
/// table that was read before.
struct Term {
    std::string expression;   ///< as an index's key is written: a quoted column name, or an expression in parentheses
    int attnum = 0;           ///< of a plain column; 0: an expression
    std::vector<int> attnums; ///< columns in it
    std::string op;           ///< "=", "<", "@>", "~~", "IS NULL", "IS NOT NULL"
    std::string value;        ///< SQL of a constant; "" where it is none, or none that could be written
    std::string text;         ///< of a plain string constant, without its quotes
    bool is_string = false;
    bool list = false;        ///< IN, = ANY
    bool join = false;        ///< the value is another table's
    int parameter = 0;        ///< $n; 0 when it is none
    int joined_use = -1;      ///< for a join on a plain column: whose, and which
    int joined_attnum = 0;
};

struct SortTerm {
    std::string expression;
    int attnum = 0;
    std::vector<int> attnums;
    bool descending = false;
    bool nulls_first = false; ///< as the order has it, by default or in words
    std::string distance;     ///< ORDER BY expression <-> value: the operator; "" for a plain order
};

struct SortWish {
    std::vector<SortTerm> terms;
    bool limited = false;     ///< only the first rows are wanted
    bool grouping = false;    ///< any order and direction of the terms would do: GROUP BY, DISTINCT
};

/// A table's part in a statement. A table that is read twice has two.
struct TableUse {
    std::size_t table = 0;    ///< in Facts::tables
    std::string alias;
    std::vector<Term> terms;  ///< that all must hold, joins included
    std::vector<std::vector<Term>> alternatives; ///< arms of an OR that each have a term of this table
    std::vector<SortWish> sorts;
    std::set<int> columns;    ///< read anywhere in the statement
    bool whole_row = false;
    bool written = false;     ///< the target of INSERT, UPDATE, DELETE or MERGE
    std::size_t name_begin = 0, name_end = 0; ///< where the statement names it, in bytes; 0, 0 within a view
    bool has_alias = false;
};

/// Where an index cannot help the statement as it is written.
struct Rewrite {
    std::string kind;         ///< a stable name: "not-in", "offset", "any-array" …
    std::string message;      ///< what to write instead, and why
};

enum class WriteKind : std::uint8_t { None, Insert, Update, Delete, Merge };

struct Shape {
    std::vector<TableUse> uses;
    WriteKind write = WriteKind::None;
    int written_use = -1;
    std::set<int> updated;    ///< attnums that UPDATE sets
    std::vector<Rewrite> rewrites;
    std::vector<std::string> functions; ///< called anywhere, without schema
    std::set<int> limit_parameters;     ///< $n of LIMIT and OFFSET
};

/// Names of relations that a statement mentions, quoted as Facts::by_name has them; names of its CTEs are not among them.
[[nodiscard]] Result<std::set<std::string>> relationNames(std::string_view statement);

/// Names that Facts does not know are left out. Views are looked into. Fails with Parse.
[[nodiscard]] Result<Shape> shapeOf(std::string_view statement, const Facts &facts);

} // namespace howdah::index
