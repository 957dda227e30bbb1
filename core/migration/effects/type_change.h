// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/migration/effects/schema.h"
#include "core/migration/effects/tree.h"

namespace howdah::migration::effects {

/// A type with its modifiers, under pg_type's own name: "int4", "varchar" {20}.
struct Type {
    std::string name;
    std::vector<std::int64_t> modifiers;
    int dimensions = 0;
    const Domain *domain = nullptr;
    bool operator==(const Type &) const = default;
};

[[nodiscard]] Type typeOf(const Schema &schema, const Node &type_name);
/// Of a type as format_type writes it.
[[nodiscard]] Type typeOf(const Schema &schema, const std::string &type);
/// As format_type would write it, well enough to be read again.
[[nodiscard]] std::string typeText(const Type &type);

struct TypeChange {
    bool rewrites = true;
    std::string reason; ///< one sentence
};

/// Whether ALTER COLUMN … TYPE rewrites: the server keeps the file when the conversion is no work at all.
/// `from` is nothing when the column is unknown.
[[nodiscard]] TypeChange typeChange(const Schema &schema, const std::optional<Type> &from, const Type &to, const Node &using_expression, const std::string &column);

/// Whether ALTER COLUMN … TYPE does without USING: there is an assignment cast (pg_cast), or the new type is a string type,
/// to which everything is cast. True where it is not known.
[[nodiscard]] bool changesByItself(const Schema &schema, const Type &from, const Type &to);

} // namespace howdah::migration::effects
