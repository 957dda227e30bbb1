// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

#include "ui/plan/plan_document.h"

namespace howdah::ui {

/// The text plan and the slowest nodes, for issues and chats.
[[nodiscard]] QString planMarkdown(const PlanDocument &document, std::size_t index);

/// A page that needs nothing else: figures, the tree as SVG (may be empty), the slowest nodes, the text plan and the
/// statement where it is known. No scripts, nothing from elsewhere.
[[nodiscard]] QString planHtml(const PlanDocument &document, std::size_t index, const QByteArray &svg);

/// All of the document's plans with what was computed (core/plan/to_json.h).
[[nodiscard]] QByteArray planJson(const PlanDocument &document);

/// The plan as text with every name and value of the user's replaced.
[[nodiscard]] QString anonymousText(const PlanDocument &document, std::size_t index);

} // namespace howdah::ui
