// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "ui/editor/lint_marks.h"

class QObject;

namespace howdah::ui {

class Link;

/// What lint needs besides the catalog is read by the metadata session once for each catalog that a link has read, and
/// shared by all its pages. `ready` is called on the GUI thread with what is known, at once with the catalog alone and
/// once more when the rest is there; not when `receiver` has gone. A link without a catalog is not asked.
void askLintKnowledge(const Link &link, QObject *receiver, std::function<void(LintKnowledge)> ready);

} // namespace howdah::ui
