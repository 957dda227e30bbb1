// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QString>

#include "ui/base/tone.h"
#include "ui/browser/catalog_outline.h"
#include "ui/browser/object_node.h"
#include "ui/plugin/tool_context.h"

namespace howdah::ui {

/// What one row of the browser shows, from left to right.
struct ObjectFace {
    QString icon;               ///< file name in resources/icons; "" for none
    Tone icon_tone = Tone::Neutral;
    QString name;
    QString suffix;             ///< dim, straight behind the name: a function's arguments, where a match belongs
    bool required = false;      ///< a column that is NOT NULL
    QString badge;              ///< what needs attention
    Tone badge_tone = Tone::Neutral;
    QString right;              ///< dim, on the right: a size, a count, a type
};

[[nodiscard]] ObjectFace faceOf(const CatalogOutline &outline, const ObjectNode &node);
[[nodiscard]] QString nameOf(const CatalogOutline &outline, const ObjectNode &node);
/// What tools are asked about; a group stands for the schema or relation it belongs to.
[[nodiscard]] CatalogObject catalogObject(const CatalogOutline &outline, const ObjectNode &node);
/// "table", "materialized view" …
[[nodiscard]] QString relationKind(char relkind);
/// A type by the shorter of its names: "timestamptz" for "timestamp with time zone".
[[nodiscard]] QString shortType(const std::string &type);

/// What is wrong with a relation or an index, in a word or two, with a sentence that teaches.
struct Attention {
    QString badge;
    QString sentence;
    Tone tone = Tone::Warn;
};
[[nodiscard]] std::optional<Attention> attentionFor(const pg::CatalogRelation &relation);
[[nodiscard]] std::optional<Attention> attentionFor(const pg::CatalogRelation &relation, const pg::CatalogIndex &index);

} // namespace howdah::ui
