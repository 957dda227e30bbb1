// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/plan/model.h"

namespace howdah::plan {

/// The plan with every name and value of the user's replaced: relations become t1, t2 …, columns c1 …, indexes
/// i1 …, aliases a1 …, functions f1 …, schemas s1 …, literals 'x1' …; the same name always by the same one, so
/// that what belongs together still shows. Keywords, operators, types, functions of PostgreSQL, figures and the
/// shape stay. The statement's text, parameters, lines that no rule knows and unknown properties' texts are
/// anonymised word by word, too.
[[nodiscard]] Plan anonymised(Plan plan);

} // namespace howdah::plan
