// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace howdah::ui {

/// Texts in the language of the desktop where there is a translation, else English with its plurals. Once, when the
/// application object is there and before the first widget.
void installTranslations();

} // namespace howdah::ui
