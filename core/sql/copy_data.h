// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

#include "core/sql/lexer.h"

namespace howdah::sql {

/// The lines that a script holds for COPY … FROM STDIN, as pg_dump writes them and psql sends them: from the line
/// behind the statement to a line of its own with "\.". The splitter gives them as a span of their own, marked
/// psql_command since PostgreSQL's grammar does not know them.

/// Whether a statement takes its data from the client: COPY … FROM STDIN.
[[nodiscard]] bool copiesFromClient(std::string_view statement);
/// Where the data end that begin at `from`, the start of a line; behind "\." and its line break. Nothing when there
/// are none: no such line, or another COPY … FROM STDIN before it.
[[nodiscard]] std::optional<ByteOffset> endOfCopyData(std::string_view script, ByteOffset from);
/// The data of a span, without the line that ends them; nothing when the span is something else.
[[nodiscard]] std::optional<std::string_view> copyDataOf(const StatementSpan &span, std::string_view script);

} // namespace howdah::sql
