// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects/speed.h"

#include <algorithm>

namespace howdah::migration::effects {

namespace {

// Rows a second, measured with two million narrow rows in memory on a machine of two cores that others used too, on 17
// and 18: verification 4 to 6 million, rewriting with one index 0.25 to 0.35 million, an index 0.45 to 1 million. The
// interval is wider than those because disks and row widths differ; measureWorkSpeeds() replaces them.
struct Speed {
    double low, high; ///< rows a second
    double low_bytes, high_bytes; ///< never faster or slower than these bytes a second for wide rows
};
constexpr Speed verifying{2e6, 8e6, 100e6, 2e9};
constexpr Speed rewriting{0.3e6, 1.5e6, 30e6, 300e6};
constexpr Speed building{0.4e6, 2e6, 30e6, 400e6};
constexpr DurationRange catalog_work{0.5, 20};

/// A speed measured on the server, on a temporary table that was in memory and wrote no WAL: the real work may be as much
/// slower as a cold cache and a busy disk make it, and at most twice as fast.
Speed speedOf(const std::optional<WorkSpeeds> &measured, WorkSpeed WorkSpeeds::*which, const Speed &otherwise)
{
    if (!measured)
        return otherwise;
    const WorkSpeed &found = (*measured).*which;
    return {found.rows_per_s / 3, found.rows_per_s * 2, found.bytes_per_s / 4, found.bytes_per_s * 3};
}

void add(DurationRange &total, const Relation &relation, const Speed &speed)
{
    const auto bytes = static_cast<double>(relation.bytes);
    const double rows = relation.rows >= 0 ? relation.rows : bytes / 100;
    total.low += 1000 * std::max(rows / speed.high, bytes / speed.high_bytes);
    total.high += 1000 * std::max(rows / speed.low, bytes / speed.low_bytes);
}

} // namespace

DurationRange durationOf(Analysis &at)
{
    const auto measured = at.schema.facts == nullptr ? std::nullopt : at.schema.facts->speeds;
    const Speed verify = speedOf(measured, &WorkSpeeds::verifying, verifying), rewrite = speedOf(measured, &WorkSpeeds::rewriting, rewriting),
                build = speedOf(measured, &WorkSpeeds::building, building);
    DurationRange total = catalog_work;
    for (const Relation &relation : at.schema.relations) {
        if (relation.kind == 'v' || relation.kind == 'p' || relation.kind == 'I')
            continue;
        const std::string label = relation.label();
        const auto named = [&label](const std::vector<std::string> &list) { return std::find(list.begin(), list.end(), label) != list.end(); };
        if (!relation.isIndex() && named(at.out.rewrites))
            add(total, relation, rewrite);
        else if (named(at.out.scans))
            add(total, relation, verify);
        if (relation.table != nullptr && named(at.out.builds))
            add(total, *relation.table, build);
    }
    return total;
}

} // namespace howdah::migration::effects
