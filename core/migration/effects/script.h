// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/migration/effects/analysis.h"

namespace howdah::migration::effects {

/// Where a statement stands in its script.
struct Place {
    ByteSpan span;
    bool in_block = false;   ///< within a DO block
    bool is_dynamic = false; ///< put together at run time: "dynamic" stands for names that are not known
    std::string routine;     ///< runs only when that routine is called: then nothing is known of the catalog
};

/// Hears of each statement of a script in its turn, those within DO blocks and bodies of routines too (between the two
/// calls for what holds them).
struct Listener {
    std::function<void(Analysis &, const Place &)> before; ///< it parses; the schema is as it stands before it
    std::function<void(Analysis &, const Place &)> after;  ///< its effects are known
    std::function<void(const StatementEffects &, const Place &)> unreadable;
    std::function<void(Schema &)> end;                     ///< the schema as the script leaves it
};

/// A statement that stands in the code of a DO block or routine.
struct InnerStatement {
    std::string sql;
    ByteSpan span;           ///< in the code; of EXECUTE its argument
    bool is_dynamic = false; ///< names in it were not known
};

/// Plain SQL and EXECUTE in PL/pgSQL or SQL code; control flow is not followed.
[[nodiscard]] std::vector<InnerStatement> innerStatements(std::string_view code);

/// effectsOf(), with a listener.
[[nodiscard]] Result<std::vector<StatementEffects>> followScript(std::string_view script, int major, const pg::Catalog *catalog,
                                                                 const SchemaFacts *facts, const Listener &listener);

} // namespace howdah::migration::effects
