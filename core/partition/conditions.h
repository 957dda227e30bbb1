// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "core/partition/scheme.h"

namespace howdah::partition {

/// The condition that rows of a partition fulfil, in the form in which PostgreSQL writes partition constraints: as a valid
/// CHECK it spares ATTACH its scan. `parent_oid` is for hash partitions alone. A default has no condition of its own: "true".
[[nodiscard]] std::string boundCondition(const Key &key, const Bound &bound, std::uint32_t parent_oid = 0);
/// The condition that a row does not belong there: as a valid CHECK on a default partition it spares ATTACH the scan of it.
[[nodiscard]] std::string outsideCondition(const Key &key, const Bound &bound, std::uint32_t parent_oid = 0);

/// "FROM 2024-01-01 TO 2024-02-01", "'eu', 'us'", "remainder 3 of 8", "everything else": for people.
[[nodiscard]] std::string boundWords(const Bound &bound);

/// An index's definition from USING on: what two indexes of different tables have in common.
[[nodiscard]] std::string indexTail(const std::string &definition);

/// A name for a partition with that bound, in the manner of its siblings ("events_2024_05" after "events_2024_04"); never
/// one that the tree has, never longer than a name may be.
[[nodiscard]] std::string partitionName(const Scheme &scheme, const Table &parent, const Bound &bound);
/// The same without siblings: "events_p20240501", "events_p1000000", "events_eu", "events_h3".
[[nodiscard]] std::string freshPartitionName(const std::string &base, const Key &key, const Bound &bound);
/// Cut to what an identifier may have (63 bytes) with the end kept: "long_na" + "_p2024".
[[nodiscard]] std::string fittedName(const std::string &base, const std::string &suffix);

} // namespace howdah::partition
