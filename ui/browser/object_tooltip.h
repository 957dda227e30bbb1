// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "ui/browser/catalog_outline.h"
#include "ui/browser/object_node.h"

namespace howdah::ui {

/// What is known of an object, as rich text: what it is, owner, comment, rows, sizes, last analyse, what is wrong.
[[nodiscard]] QString tooltipOf(const CatalogOutline &outline, const ObjectNode &node);

} // namespace howdah::ui
