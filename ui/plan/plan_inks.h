// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QTextLayout>

namespace howdah::ui {

/// The colours of one line of a plan's text, in the theme's inks: what a node does stands out, estimates step back,
/// and what usually costs time (files on disk, rows thrown away, lossy pages) is marked.
[[nodiscard]] QList<QTextLayout::FormatRange> planTextInks(const QString &line);
/// The same for a line of JSON: keys, strings and words.
[[nodiscard]] QList<QTextLayout::FormatRange> jsonInks(const QString &line);

} // namespace howdah::ui
