// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace howdah::ui {

struct Colors;

/// The one style sheet, written from the tokens. Widgets opt into variants by dynamic properties:
///   role = "primary" | "danger" | "flat"           on QPushButton; invalid = true on QLineEdit
///   role = "dim" | "caption" | "title" | "error"   on QLabel
///   role = "card" | "panel" | "panel2" | "line"           on QFrame
[[nodiscard]] QString styleSheet(const Colors &colors);

} // namespace howdah::ui
