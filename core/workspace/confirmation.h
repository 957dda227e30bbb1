// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/text_offset.h"

namespace howdah::workspace {

/// When a person is asked before statements run.
enum class ConfirmRule : std::uint8_t {
    Never,
    Dangerous, ///< DROP, TRUNCATE, and UPDATE or DELETE of every row
    Writes,    ///< everything that can change something
    Everything ///< reading too
};

/// The rule of an environment that says nothing of its own: development and test never ask, staging asks for what is
/// dangerous, production for all writes; any other name is treated as staging.
[[nodiscard]] ConfirmRule standardRule(std::string_view environment);
/// "never", "dangerous", "writes", "everything"; "" and unknown words are the environment's standard.
[[nodiscard]] ConfirmRule ruleNamed(std::string_view word, std::string_view environment);
[[nodiscard]] std::string_view ruleName(ConfirmRule rule);

enum class ConcernKind : std::uint8_t { Reads, Writes, EveryRow, Drops, Truncates, Unknown };

/// Why a statement of a script wants a confirmation.
struct Concern {
    ByteSpan span;                     ///< of the statement in the script
    ConcernKind kind = ConcernKind::Writes;
    std::vector<std::string> objects;  ///< that it names, as written: "public.orders"
    std::string reason;                ///< "DELETE without WHERE: every row of orders"
    [[nodiscard]] bool isDangerous() const { return kind == ConcernKind::EveryRow || kind == ConcernKind::Drops || kind == ConcernKind::Truncates; }
};

/// What of a script a person is to be asked about under that rule; empty: nothing. What does not parse counts as a
/// write. From the parse tree, never by running anything.
[[nodiscard]] std::vector<Concern> concernsOf(std::string_view script, ConfirmRule rule);

} // namespace howdah::workspace
