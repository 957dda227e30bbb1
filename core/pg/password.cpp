// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/password.h"

#include <string_view>

#include "core/pg/libpq.h"

namespace howdah::pg {

std::optional<std::string> passwordIn(const std::string &conninfo)
{
    const OptionsPtr options(PQconninfoParse(conninfo.c_str(), nullptr));
    for (const PQconninfoOption *option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        if (std::string_view(option->keyword) == "password" && option->val != nullptr)
            return option->val;
    }
    return {};
}

} // namespace howdah::pg
