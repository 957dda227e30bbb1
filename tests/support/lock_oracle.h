// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <set>
#include <string>

#include <nlohmann/json.hpp>

#include "core/pg/catalog.h"

namespace howdah::test {

/// What was measured of one statement on one version, in the words of a linter.
struct MeasuredHarm {
    bool known = false;       ///< it ran
    bool blocks_work = false; ///< rows of a table that was there are read or written while readers or writers wait
    bool takes_lock = false;  ///< … may wait for it, however short its work
};

inline std::string measuredMode(const std::string &text)
{
    const std::size_t waits = text.find("waits:");
    return waits == std::string::npos ? text : text.substr(waits + 6);
}

/// `catalog` is the schema w as the statement finds it.
inline MeasuredHarm measuredHarm(const nlohmann::json &entry, const std::string &version, const pg::Catalog &catalog)
{
    MeasuredHarm harm;
    if (!entry["versions"].contains(version) || entry["versions"][version].contains("error"))
        return harm;
    harm.known = true;
    const nlohmann::json &measured = entry["versions"][version];
    static const std::set<std::string> for_writers{"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"};
    for (const auto &item : measured["locks"].items()) {
        const pg::CatalogRelation *relation = catalog.find("w", item.key());
        if (relation == nullptr)
            continue; // indexes, and what the statement made
        const std::string mode = measuredMode(item.value());
        const bool is_table = relation->kind == 'r' || relation->kind == 'p';
        harm.takes_lock = harm.takes_lock || (is_table && for_writers.count(mode) > 0) || mode == "AccessExclusiveLock";
    }
    const bool empties = entry["stmt"].get<std::string>().rfind("TRUNCATE", 0) == 0; // new, empty files: no work
    bool works = measured.contains("scans") && !measured["scans"].empty(); // not seen outside of transactions
    for (const std::string name : measured["rewritten"]) {
        const pg::CatalogRelation *relation = catalog.find("w", name);
        works = works || relation == nullptr || relation->kind != 'S';
    }
    harm.blocks_work = harm.takes_lock && works && !empties;
    return harm;
}

} // namespace howdah::test
