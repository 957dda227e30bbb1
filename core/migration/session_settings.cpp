// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/session_settings.h"

namespace howdah::migration {

SessionSettings::~SessionSettings()
{
    const pg::CancelShield shield(connection_.canceller());
    for (auto one = before_.rbegin(); one != before_.rend(); ++one) {
        if (!connection_.alive())
            return; // and with it its settings
        if (connection_.transaction() == pg::TransactionState::InFailedTransaction)
            static_cast<void>(connection_.query("ROLLBACK"));
        static_cast<void>(connection_.query("SELECT set_config($1, $2, false)", {one->first, one->second}));
    }
}

Result<void> SessionSettings::set(const std::string &name, const std::string &value)
{
    const auto before = connection_.query("SELECT current_setting($1)", {name});
    if (!before)
        return tl::unexpected(before.error());
    before_.emplace_back(name, std::string(before->result->cell(0, 0).text));
    const auto set = connection_.query("SELECT set_config($1, $2, false)", {name, value});
    if (!set)
        return tl::unexpected(set.error());
    return {};
}

} // namespace howdah::migration
