// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace howdah::sql {

// The one place that quotes. Everything that builds SQL uses it.

/// An identifier as it must be written: plain where that is safe (lower case, no keyword), else in double
/// quotes with inner quotes doubled. Same decision as PostgreSQL's quote_identifier(): every keyword that
/// is not "unreserved" is quoted.
[[nodiscard]] std::string quoteIdentifier(std::string_view name);
/// schema.name; an empty schema is left out.
[[nodiscard]] std::string quoteQualified(std::string_view schema, std::string_view name);
/// A string literal, as quote_literal(): backslashes force the E'' form, so it is right under either
/// setting of standard_conforming_strings.
[[nodiscard]] std::string quoteLiteral(std::string_view value);

} // namespace howdah::sql
