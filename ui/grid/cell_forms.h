// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>

#include "core/result/row_source.h"
#include "ui/grid/value_picture.h"
#include "ui/grid/value_tree_model.h"

namespace howdah::ui {

/// What else a cell can be shown as than text, guessed from its type and how it begins: cheap, and maybe wrong, which
/// reading it will tell.
enum class CellForm { None, JsonTree, XmlTree, ArrayList, Geometry, Ewkb, Ranges, Vector, Image };

[[nodiscard]] CellForm cellFormOf(const pg::Column &column, const pg::Cell &cell);
[[nodiscard]] bool isTree(CellForm form);
[[nodiscard]] ValueTreeModel::Language languageOf(CellForm form);

/// A tree, something to draw, or nothing: the value is not what it looked like.
using ReadForm = std::variant<std::monostate, std::shared_ptr<const result::decode::Tree>, ValuePicture::Content>;
/// For any thread. `type_name` of geometric types.
[[nodiscard]] ReadForm readForm(CellForm form, std::string_view value, const std::string &type_name);

} // namespace howdah::ui
