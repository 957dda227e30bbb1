// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

namespace howdah::paths {

// Folders of this user after the XDG base directory specification, with "howdah" appended and created on
// demand with mode 0700. HOWDAH_HOME, when set, holds all of them (portable use, tests).

[[nodiscard]] std::filesystem::path data();   ///< what must not be lost: demo cluster, buffers, history
[[nodiscard]] std::filesystem::path config(); ///< saved connections (never passwords), settings
[[nodiscard]] std::filesystem::path cache();  ///< what can be made again
/// resources/ of the installation or of the source tree; empty when neither is found.
[[nodiscard]] std::filesystem::path resources();

} // namespace howdah::paths
