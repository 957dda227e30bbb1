// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

#include <QString>

#include "core/pg/row_store.h"
#include "core/result/value_kind.h"

namespace howdah::ui {

/// A value on one line as a cell of the grid shows it: its first 256 characters, line breaks and control characters
/// made visible, bytes that are no UTF-8 as U+FFFD, "NULL" for NULL, "true" and "false" for booleans.
[[nodiscard]] QString cellText(const pg::Cell &cell, result::ValueKind kind);

/// The same for any text: names of columns, heads of statements.
[[nodiscard]] QString lineText(std::string_view utf8, qsizetype most_characters = 256);

} // namespace howdah::ui
