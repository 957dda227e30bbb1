// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::ddl {

/// An object of the database (or a role of the cluster), as pg_depend and pg_identify_object name it.
struct ObjectRef {
    std::string catalog;      ///< "pg_class", "pg_proc" …: where its row is
    std::uint32_t oid = 0;
    std::string kind;         ///< "table", "view", "index", "function" … : pg_identify_object's word
    std::string identity;     ///< as it is written in SQL: "public.orders", "public.f(integer)", "audit on public.orders"

    [[nodiscard]] bool known() const { return oid != 0; }
    bool operator==(const ObjectRef &) const = default;
};

/// Objects called `name`: "orders", "shop.orders", "f(int)", "audit on orders" (trigger, rule, policy, constraint) or
/// just the last part of it. Without a schema search_path comes first, then every schema. `kind` ("table", "role",
/// "schema" …, as ObjectRef::kind) narrows it down; empty: any. What is more often meant comes first; the row type
/// of a table and the objects of toast tables are left out. Fails with Usage when nothing is called so.
[[nodiscard]] Result<std::vector<ObjectRef>> findObjects(pg::Connection &connection, std::string_view name,
                                                         std::string_view kind = {});

/// The object with that row; fails with Usage when it is gone.
[[nodiscard]] Result<ObjectRef> objectAt(pg::Connection &connection, std::string_view catalog, std::uint32_t oid);

} // namespace howdah::ddl
