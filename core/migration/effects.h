// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/migration/effects_facts.h"
#include "core/pg/catalog.h"

namespace howdah::migration {

/// How long locks are held, in milliseconds: an interval, because speeds differ by machine and load.
struct DurationRange {
    double low = 0;
    double high = 0;
};

/// One rule that spoke about a statement or about one of its sub-commands.
struct EffectReason {
    std::string subject; ///< the sub-command in SQL's words: "ADD COLUMN x", "" for the statement as a whole
    std::string rule;    ///< stable name: "add-column-volatile-default"
    std::string lock;    ///< what the sub-command alone would take on its table; "" where that is not one lock
    std::string reason;  ///< one sentence
    std::string source;  ///< where PostgreSQL's documentation says so
};

/// What a statement does to the relations it touches. Relations are "schema.name", quoted where SQL needs it; without
/// a catalog the name as the script has it.
struct StatementEffects {
    std::string sql;
    std::size_t line = 1;                     ///< in the script, from 1
    ByteSpan span;                            ///< in the script
    std::string kind;                         ///< libpg_query's node name; "" when it does not parse
    bool in_transaction = true;               ///< may run in a transaction block
    std::map<std::string, std::string> locks; ///< relation: PostgreSQL's lock mode, "AccessExclusiveLock"
    std::vector<std::string> rewrites;        ///< relations, indexes too, that get a new file
    std::vector<std::string> scans;           ///< tables read from end to end
    std::vector<std::string> builds;          ///< indexes built
    std::vector<std::string> breaks;          ///< what code of the application this breaks
    std::vector<std::string> notes;           ///< what cannot be known, and what to mind
    std::optional<DurationRange> duration_ms; ///< absent without a catalog
    std::vector<Error> errors;                ///< it would fail; positions count in the script
    std::vector<EffectReason> reasons;
};

/// The effects of every statement of a script on a server of that major version (13 to 18). Each statement sees what
/// those before it made. Nothing is run. `catalog` and `facts` may be null: then nothing is known about columns,
/// indexes and dependants, and the answer is about the relations named only. Fails (Unsupported) for other versions.
[[nodiscard]] Result<std::vector<StatementEffects>> effectsOf(std::string_view script, int major,
                                                              const pg::Catalog *catalog = nullptr,
                                                              const SchemaFacts *facts = nullptr);

} // namespace howdah::migration
