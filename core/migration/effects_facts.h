// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/migration/work_speed.h"

namespace howdah::pg {
class Connection;
}

namespace howdah::migration {

/// What the effects of DDL depend on beyond pg::Catalog: who depends on whom, casts, domains, volatility.
struct SchemaFacts {
    struct Domain {
        std::string schema, name;
        std::string base_type;        ///< format_type, of the type below all domains
        bool has_constraint = false;  ///< a CHECK or NOT NULL, its own or of a domain below
        std::string default_expr;
    };
    struct Dependant {                ///< a rule (views), policy, trigger or statistics object that names a column
        std::uint32_t relation = 0;   ///< whose column
        std::int16_t attnum = 0;      ///< 0: the relation as a whole
        char kind = 'v';              ///< v view or rule, p policy, t trigger
        std::uint32_t owner = 0;      ///< the view, or the table of the policy or trigger
        std::string name;
    };
    struct Trigger {
        std::uint32_t relation = 0;
        std::string name;
        bool for_each_row = false;
    };
    struct Sequence {
        std::uint32_t sequence = 0, table = 0;
        std::int16_t attnum = 0;
    };
    struct Statistics {               ///< CREATE STATISTICS
        std::string schema, name;
        std::uint32_t relation = 0;
    };
    struct RoutineUse {               ///< what calls a routine
        std::string routine;          ///< pg_proc.proname
        char kind = 't';              ///< t trigger, v view, d default, c constraint, i index
        std::uint32_t relation = 0;   ///< the view or index, or the table of the others
        std::string name;             ///< of a trigger or constraint
    };
    struct Publication {
        std::string name;
        std::vector<std::uint32_t> tables; ///< listed one by one
        std::vector<std::string> schemas;  ///< FOR TABLES IN SCHEMA
        bool all_tables = false;
    };
    struct PublishedColumn {               ///< named in a publication's list of columns or in its WHERE
        std::uint32_t relation = 0;
        std::int16_t attnum = 0;
        std::string publication;
        bool is_filter = false;
    };
    std::optional<WorkSpeeds> speeds; ///< of this server (measureWorkSpeeds); absent: those of some machine
    std::string time_zone;
    bool time_zone_is_utc = false;
    std::string role;
    std::set<std::pair<std::string, std::string>> binary_casts; ///< format_type of source and target, pg_cast.castmethod b
    std::set<std::pair<std::string, std::string>> automatic_casts; ///< the same, castcontext assignment or implicit
    std::set<std::string> builtin_types;                        ///< format_type of base types that come with the server
    std::set<std::string> types;                                ///< every pg_type.typname but those of arrays
    std::set<std::string> volatile_functions;                   ///< pg_proc.proname, every one with a volatile overload
    std::set<std::string> functions;                            ///< every proname
    std::vector<Domain> domains;
    std::vector<Dependant> dependants;
    std::vector<Trigger> triggers;
    std::vector<Sequence> owned_sequences;
    std::vector<Statistics> statistics;
    std::vector<Publication> publications;
    std::vector<PublishedColumn> published_columns;
    std::vector<RoutineUse> routine_uses;                          ///< of users' routines
    std::vector<std::pair<std::uint32_t, std::string>> typed_tables; ///< and their types
    std::vector<std::pair<std::uint32_t, std::uint32_t>> inherits; ///< child and parent, tables and indexes alike
    std::set<std::uint32_t> unlogged;                              ///< pg_class.relpersistence u
    std::set<std::pair<std::uint32_t, std::int16_t>> virtual_columns;
};

/// Reads them in a handful of queries; works on 13 to 18.
[[nodiscard]] Result<SchemaFacts> readSchemaFacts(pg::Connection &connection);

} // namespace howdah::migration
