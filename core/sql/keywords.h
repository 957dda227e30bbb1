// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace howdah::sql {

/// Whether a lower-case name is a keyword that quote_identifier() quotes: every one that is not "unreserved" in
/// some version from 13 to 18 (Appendix C, "SQL Key Words"; pg_get_keywords(), catcode <> 'U').
[[nodiscard]] bool mustBeQuoted(std::string_view lower_case_name);

/// Whether a word, in any case, is usually meant as a keyword: what mustBeQuoted() says, and the words that PostgreSQL
/// allows as names but that people write as keywords. Others ("name", "type", "value") are far more often columns.
[[nodiscard]] bool isKeyword(std::string_view word);

} // namespace howdah::sql
