// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace howdah::migration::effects {

/// PostgreSQL's table locks, weakest first, numbered as the server numbers them.
enum class Lock : std::uint8_t {
    None = 0,
    AccessShare = 1,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive
};

[[nodiscard]] constexpr const char *lockName(Lock lock)
{
    constexpr const char *names[] = {"", "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock",
                                     "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"};
    return names[static_cast<std::uint8_t>(lock)];
}

} // namespace howdah::migration::effects
