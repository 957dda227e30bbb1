// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace howdah::sql {

/// Whether a lower-case name is a keyword that quote_identifier() quotes: every one that is not "unreserved" in
/// some version from 13 to 18 (Appendix C, "SQL Key Words"; pg_get_keywords(), catcode <> 'U').
[[nodiscard]] bool mustBeQuoted(std::string_view lower_case_name);

} // namespace howdah::sql
