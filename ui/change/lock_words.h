// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <QString>

#include "ui/base/tone.h"

namespace howdah::ui {

/// What a table lock means to everybody else on the server.
struct LockWords {
    QString name;    ///< PostgreSQL's, or "no blocking lock"
    QString blocks;  ///< "blocks reads and writes"
    Tone tone = Tone::Neutral;
};

/// `level` as in ChangeStep::lock_level. Levels that are not PostgreSQL's own (say "row locks only") keep their
/// words and count as harmless.
[[nodiscard]] LockWords lockWords(const std::string &level);

} // namespace howdah::ui
