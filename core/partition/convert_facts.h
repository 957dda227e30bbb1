// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/ddl/parts.h"
#include "core/partition/convert.h"
#include "core/partition/live_copy.h"

// For core/partition alone: everything about a table that a conversion must know and carry along.

namespace howdah::partition {

struct OldIndex {
    std::string name, tail;           ///< name bare
    std::string constraint;           ///< bare name of the constraint that made it; "" none
    std::string constraint_tail;      ///< " DEFERRABLE …"
    bool unique = false, primary = false, immediate = true, exclusion = false;
    bool has_key = false;             ///< its columns include the partition key as a plain column
    bool replica_identity = false, clustered = false;
    std::string comment;
};

struct OldForeignKey {
    std::string name;                 ///< bare
    std::string definition;           ///< without NOT VALID
    std::string child;                ///< the table that refers, quoted
    std::vector<std::string> columns, referenced; ///< quoted
    char on_delete = 'a', on_update = 'a';        ///< pg_constraint's letters
    bool referenced_has_key = false;  ///< the columns referred to include the partition key
    bool self = false;
    bool validated = true;
};

struct OldSequence {
    std::string column;               ///< quoted
    std::string schema, name;         ///< bare
    bool identity = false;
    bool always = false;
    std::string options;              ///< of the identity: "START WITH 1 INCREMENT BY 1 …"
    std::vector<std::string> privileges;
};

struct OldView {
    std::string name;                 ///< quoted
    std::string replace_sql;          ///< CREATE OR REPLACE VIEW …
};

struct OldTrigger {
    std::string name;                 ///< quoted
    char enabled = 'O';
};

struct OldPublication {
    std::string name;                 ///< quoted
    std::string what;                 ///< " (columns) WHERE (…)"
    bool via_root = false;
};

struct OldTable {
    std::uint32_t oid = 0;
    std::string schema, name, owner, sql_name; ///< schema and name bare, the others quoted
    std::string options, tablespace;
    char persistence = 'p', replica_identity = 'd';
    double rows = 0;
    std::int64_t heap_bytes = 0, index_bytes = 0;
    double writes_per_second = 0;
    KeyColumn key;
    bool key_has_nulls = false;
    std::string lowest, highest;      ///< of finite values; "" for an empty table
    CopyFacts copy;
    std::vector<OldIndex> indexes;
    std::vector<OldForeignKey> outgoing, incoming; ///< one that points at its own table is among `incoming`
    std::vector<OldSequence> sequences;
    std::vector<OldView> views;
    std::vector<OldTrigger> triggers;
    std::vector<OldPublication> publications;
    std::vector<std::string> column_settings;      ///< "ALTER COLUMN a SET STATISTICS 500"
    ddl::TableParts parts;
    std::vector<std::string> blockers, warnings;
    bool has_infinity = false;        ///< a time key: what no range takes
    std::string wal_level;
    bool may_replicate = false;       ///< this role may make a replication slot
    int free_slots = 0;
    int server_major = 0;
    std::string now;
};

[[nodiscard]] Result<OldTable> readOldTable(pg::Connection &connection, const ConvertWish &wish);

/// " … (a, b)" becomes "… (a, b, key)".
[[nodiscard]] std::string withKey(const std::string &tail, const std::string &key);

/// The names of everything while a conversion goes on.
struct ConvertNames {
    std::string fresh;  ///< qualified: the new table until the switch
    std::string old;    ///< qualified: the old one after it
    std::string fresh_bare, old_bare;
};

/// The steps of the switch and after it. `copy` with the names before the switch.
void addSwitchSteps(migration::ChangeScript &script, const OldTable &table, const ConvertWish &wish, const LiveCopy &copy, const ConvertNames &names);
/// "howdah_new" of a constraint or index until the switch.
[[nodiscard]] std::string freshIndexName(const OldIndex &index);

} // namespace howdah::partition
