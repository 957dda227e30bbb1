// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>

class QsciScintilla;

namespace howdah::ui {

// Numbers that Scintilla and we agree on. Styles 0 … 30 are KSyntaxHighlighting::Theme::TextStyle itself.
namespace editor_style {
inline constexpr int annotation = 60;
} // namespace editor_style

namespace editor_marker {
inline constexpr int statement = 2;
inline constexpr int error = 3;
} // namespace editor_marker

namespace editor_indicator {
inline constexpr int found = 8;
inline constexpr int highlight = 9;
inline constexpr int error = 10;
inline constexpr int lint_info = 11;
inline constexpr int lint_warning = 12;
inline constexpr int lint_serious = 13;
inline constexpr int snippet_end = 19;
inline constexpr int snippet = 20; ///< … and the ones after it, one for each place of a snippet
inline constexpr int most_snippet_places = 8;
} // namespace editor_indicator

namespace editor_margin {
inline constexpr int marks = 0;
inline constexpr int numbers = 1;
inline constexpr int statement = 2;
inline constexpr int fold = 3;
} // namespace editor_margin

/// Ink of one KSyntaxHighlighting::Theme::TextStyle on the editor's ground: at least 4.5 : 1 in both themes.
[[nodiscard]] QColor syntaxInk(int text_style, bool dark);
/// Fonts, styles, margins, markers and indicators from the palette in force.
void applyEditorTheme(QsciScintilla &editor);

} // namespace howdah::ui
