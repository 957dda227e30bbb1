// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"

namespace howdah::sql {

// Parameters that people write into a statement: :name and psql's :'name', and PostgreSQL's own $1. Never taken for
// one: "::", ":=", the colon of a slice ("a[1:n]", "a[:n]"), and anything within texts, quoted names, comments and
// dollar-quoted bodies.

struct ParameterUse {
    std::string name; ///< "customer", or "1" of $1
    ByteSpan span;    ///< in the statement, with the colon or dollar
};

/// In the order of the text. Positional ones only where the statement could not have its own meaning for them: not in
/// PREPARE, and not in the body of CREATE FUNCTION … BEGIN ATOMIC.
[[nodiscard]] std::vector<ParameterUse> parametersOf(std::string_view statement);

/// Names that the statements of a script use, each once, in the order of the text.
[[nodiscard]] std::vector<std::string> parameterNames(std::string_view script);

/// Values by name; nullopt is NULL.
using ParameterValues = std::map<std::string, std::optional<std::string>, std::less<>>;

/// A statement as it is to be sent.
struct BoundStatement {
    std::string sql;
    /// Bound to $1 …; empty when there are none, or when the values stand in the text.
    std::vector<std::optional<std::string>> values;
    std::vector<std::string> missing; ///< names without a value; then the statement is not fit to be sent

    /// The place in the statement as it was written of a place in `sql`.
    [[nodiscard]] ByteOffset written(ByteOffset sent) const;

    struct Shift {
        std::size_t sent_begin, sent_end;       ///< of what was put in
        std::size_t written_begin, written_end; ///< of what it stands for
    };
    std::vector<Shift> shifts; ///< ascending
};

/// Values go to the server apart from the text where it takes them so (SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES,
/// EXPLAIN, CALL, CREATE TABLE AS, DECLARE); a utility statement has no place for them, there they are put into the
/// text as quoted literals. Names without a value are left as they stand and named in `missing`.
[[nodiscard]] BoundStatement bindParameters(std::string_view statement, const ParameterValues &values);

} // namespace howdah::sql
