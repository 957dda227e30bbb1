// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/pg/catalog.h"

namespace howdah::pg {

// What a server knows besides the user's own relations: the words that people write in SQL. None of it grows with the
// number of tables, and each list is limited.

struct CatalogType {
    std::string schema;
    std::string name;                ///< typname
    std::string spelling;            ///< format_type(): "timestamp with time zone"
    char kind = 'b';                 ///< pg_type.typtype: b c d e r m
    std::vector<std::string> labels; ///< of an enum, in order
    std::string comment;
};

struct CatalogSetting {
    std::string name;
    std::string type;                ///< pg_settings.vartype: bool enum integer real string
    std::string unit;
    std::string value;               ///< as it was when read
    std::vector<std::string> values; ///< of an enum
    std::string comment;             ///< short_desc
};

struct CatalogWords {
    /// Of pg_catalog and of extensions, without those that only implement operators, types and index methods.
    std::vector<CatalogFunction> functions;
    std::vector<CatalogRelation> system_relations; ///< pg_catalog and information_schema, with columns
    std::vector<CatalogType> types;                ///< no arrays, no row types of tables
    std::vector<CatalogSetting> settings;
    std::vector<std::string> roles;
    std::vector<CatalogExtension> available_extensions; ///< version: the default one
    std::vector<std::string> languages;
    std::vector<std::string> access_methods;
};

/// A handful of queries in the transaction that the connection is in. Works on 13 to 18.
[[nodiscard]] Result<std::shared_ptr<const CatalogWords>> readCatalogWords(Connection &connection);

} // namespace howdah::pg
