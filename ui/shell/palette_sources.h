// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace howdah::ui {

class MainWindow;

/// What the command palette finds besides actions: objects of the database, open pages, saved connections.
void addPaletteSources(MainWindow &window);

} // namespace howdah::ui
