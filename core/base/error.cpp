// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

namespace howdah {

std::string Error::text() const
{
    std::string result = message;
    if (!sqlstate.empty())
        result += " (SQLSTATE " + sqlstate + ")";
    if (!detail.empty())
        result += "\n" + detail;
    if (!hint.empty())
        result += "\n" + hint;
    return result;
}

} // namespace howdah
