// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.h"
#include "core/migration/change_script.h"
#include "core/pg/connection.h"

namespace howdah::partition {

/// How far a copy that is kept in step is behind its source.
struct SyncLag {
    bool present = false;         ///< there is a synchronisation at this moment
    std::int64_t rows = 0;        ///< noted to be read anew, counted up to `most_rows`
    std::int64_t slot_bytes = -1; ///< of the write-ahead log that has not been read yet; -1: there is no slot
    static constexpr std::int64_t most_rows = 100'000;
};
/// Of the migration with that script; nothing is present before it has made its log and after the switch.
[[nodiscard]] Result<SyncLag> syncLag(pg::Connection &connection, const migration::ChangeScript &script);

} // namespace howdah::partition
