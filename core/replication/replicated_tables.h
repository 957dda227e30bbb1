// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/pg/connection.h"
#include "core/replication/preflight.h"

namespace howdah::replication {

struct ColumnFacts {
    std::string name, type;
    bool generated = false;
};

/// What one side has under a table's name.
struct TableFacts {
    std::string schema, name;
    bool exists = false;
    char kind = ' ';               ///< pg_class.relkind
    char persistence = ' ';
    char replica_identity = 'd';
    bool has_identity = false;
    bool row_security = false;
    bool may_read = false;         ///< this role
    std::int64_t rows = -1;        ///< reltuples; -1 before the first ANALYZE
    std::int64_t bytes = 0;
    std::vector<ColumnFacts> columns;
    std::vector<std::string> key;  ///< columns of the primary key, in its order
    [[nodiscard]] std::string sql() const;
    [[nodiscard]] const ColumnFacts *column(std::string_view wanted) const;
};

/// One for each of `tables`, in their order, whether it exists or not.
[[nodiscard]] Result<std::vector<TableFacts>> tableFacts(pg::Connection &server, const std::vector<PublishedChoice> &tables);

/// The text of an array of texts.
[[nodiscard]] std::string arrayOf(const std::vector<std::string> &texts);

/// Statements that give the sequences of the database their present values elsewhere.
[[nodiscard]] Result<std::vector<std::string>> sequenceStatements(pg::Connection &server);

} // namespace howdah::replication
