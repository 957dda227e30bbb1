// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "core/partition/convert_facts.h"

// For core/partition alone: what each strategy would take on this server.

namespace howdah::partition {

/// Of one server, measured on temporary tables: those write no WAL, so the real work is rather slower.
struct ConvertSpeeds {
    double verify_bytes_per_s = 0;  ///< reading rows to check a condition
    double copy_bytes_per_s = 0;    ///< of the old table's pages, into partitions with one unique index
    double index_rows_per_s = 0;    ///< building a further one
    double write_us = 0;            ///< an UPDATE of one row by its key
    double synced_write_us = 0;     ///< the same with the trigger that carries it over
};

/// About a second of work in a transaction that is rolled back. Nothing when it cannot be measured: within a transaction, on
/// a standby, without the right to make temporary tables.
[[nodiscard]] std::optional<ConvertSpeeds> measureConvertSpeeds(pg::Connection &connection);

/// The strategies of this table compared, and the one to choose.
void addEstimates(Conversion &conversion, const OldTable &table, const ConvertWish &wish, const std::optional<ConvertSpeeds> &measured);

} // namespace howdah::partition
