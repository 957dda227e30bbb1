// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace howdah::cli {

[[nodiscard]] bool stdoutIsTerminal();
[[nodiscard]] bool stderrIsTerminal();
/// Of standard output; `otherwise` when it is no terminal.
[[nodiscard]] std::size_t terminalColumns(std::size_t otherwise);

/// A terminal, and neither NO_COLOR nor TERM=dumb.
[[nodiscard]] bool stdoutHasColors();
[[nodiscard]] bool stderrHasColors();

enum class Ink : unsigned char { Plain, Bold, Dim, Red, Yellow, Green, Cyan };
/// The text in that ink where `colored`, else as it is.
[[nodiscard]] std::string inked(std::string_view text, Ink ink, bool colored);

/// Cells of a terminal that a text takes: wide characters two, combining ones none. What printable() shows otherwise
/// counts as it is shown.
[[nodiscard]] std::size_t displayWidth(std::string_view utf8);
/// The text without anything that could steer a terminal: control characters as \x1B, tabs as blanks, bytes that are
/// no UTF-8 as \xFF. Line breaks become \n, unless they are kept.
[[nodiscard]] std::string printable(std::string_view utf8, bool keep_line_breaks = false);
/// At most `width` cells; what is cut off is marked with "…".
[[nodiscard]] std::string clipped(std::string_view printable_text, std::size_t width);
[[nodiscard]] std::string padded(std::string_view printable_text, std::size_t width, bool to_the_right = false);

} // namespace howdah::cli
