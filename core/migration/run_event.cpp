// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/run_event.h"

#include <array>

namespace howdah::migration {

std::string_view word(RunEventKind kind)
{
    constexpr std::array<std::string_view, 15> words{"started", "done", "failed", "undone", "kept", "retry", "blocked", "progress",
                                                     "throttled", "released", "repaired", "resolved", "vacuumed", "reconnected", "note"};
    return words[static_cast<std::size_t>(kind)];
}

} // namespace howdah::migration
