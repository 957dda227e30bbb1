// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ddl/ddl.h"
#include "core/ddl/parts.h"
#include "core/ddl/reading.h"

// For core/ddl alone: the pieces that every kind of object shares, and one function a kind.

namespace howdah::ddl {

/// Gathers the statements. The first failure is kept and every further query answers nothing, so that the functions
/// that write need not look after each.
struct Writer {
    Writer(pg::Connection &of_connection, const DdlOptions &with_options) : connection(of_connection), options(with_options), major(of_connection.facts().major()) {}

    pg::Connection &connection;
    const DdlOptions &options;
    int major;
    Ddl out;
    std::optional<Error> error;

    [[nodiscard]] std::vector<Record> rows(std::string_view sql, const std::vector<pg::Parameter> &parameters = {});
    /// The only row; an error "no longer there" when there is none.
    [[nodiscard]] std::optional<Record> row(std::string_view sql, const std::vector<pg::Parameter> &parameters = {});
    /// `modern` from that major version on, else `older`: columns that not every version has.
    [[nodiscard]] std::string since(int first_major, std::string_view modern, std::string_view older) const;
    void add(std::string statement) { out.statements.push_back(std::move(statement)); }
    void note(std::string text) { out.notes.push_back(std::move(text)); }

    /// ALTER <what> <name> OWNER TO <role>, the role quoted already.
    void owner(std::string_view what, std::string_view name, std::string_view role);
    /// COMMENT ON <what> IS …; nothing when `text` is empty.
    void comment(std::string_view what, std::string_view text);
    /// GRANTs and REVOKEs that make the object's privileges out of the built-in ones. `letter`: of acldefault();
    /// `column`: quoted, for a column's own.
    struct Privileges {
        std::string_view words;      ///< "TABLE", "FUNCTION" …
        std::string_view name;
        char letter = 'r';
        std::uint32_t owner = 0;     ///< OID
        std::string acl;             ///< aclitem[] as text; "" for NULL
        std::string column;
    };
    void privileges(const Privileges &of);
};

[[nodiscard]] std::string dollarQuoted(std::string_view body);
/// The same for the options of foreign objects: "\n    a 'b',\n    c 'd'\n".
[[nodiscard]] std::string foreignOptionsSql(std::string_view array);

/// What stands behind "SET name TO".
[[nodiscard]] std::string configurationValue(const std::string &name, const std::string &value);

void writeTable(Writer &writer, std::uint32_t oid);
void writeView(Writer &writer, std::uint32_t oid);
void writeSequence(Writer &writer, std::uint32_t oid);
void writeIndex(Writer &writer, std::uint32_t oid);

// What hangs on a relation; each for the whole relation, or for the one object when `only` is not 0.
void writeKeys(Writer &writer, std::uint32_t relation, std::uint32_t only = 0);      ///< primary, unique, exclusion; late checks
void writeIndexes(Writer &writer, std::uint32_t relation, std::uint32_t only = 0);   ///< those that no constraint made
void writeStatistics(Writer &writer, std::uint32_t relation, std::uint32_t only = 0);
void writeRules(Writer &writer, std::uint32_t relation, std::uint32_t only = 0);
void writeTriggers(Writer &writer, std::uint32_t relation, std::uint32_t only = 0);
void writeForeignKeys(Writer &writer, std::uint32_t relation, std::uint32_t only = 0);
void writePolicies(Writer &writer, std::uint32_t relation, std::uint32_t only = 0);
void writeRelationPrivileges(Writer &writer, std::uint32_t relation);
/// " (…)" of a sequence or of an identity column: START WITH and so on, each on a line of its own.
[[nodiscard]] std::string sequenceBody(const Record &row, std::size_t first_column);
/// The columns that sequenceBody() reads, of pg_sequence s.
[[nodiscard]] const char *sequenceColumns();

void writeRoutine(Writer &writer, std::uint32_t oid);
void writeType(Writer &writer, std::uint32_t oid);
void writeSchema(Writer &writer, std::uint32_t oid);
void writeExtension(Writer &writer, std::uint32_t oid);
void writeEventTrigger(Writer &writer, std::uint32_t oid);
void writePublication(Writer &writer, std::uint32_t oid);
void writeSubscription(Writer &writer, std::uint32_t oid);
void writeForeignServer(Writer &writer, std::uint32_t oid);
void writeForeignDataWrapper(Writer &writer, std::uint32_t oid);
void writeRole(Writer &writer, std::uint32_t oid);
void writeOperator(Writer &writer, std::uint32_t oid);
void writeOperatorClass(Writer &writer, std::uint32_t oid);
void writeOperatorFamily(Writer &writer, std::uint32_t oid);
void writeCast(Writer &writer, std::uint32_t oid);
void writeCollation(Writer &writer, std::uint32_t oid);
void writeConversion(Writer &writer, std::uint32_t oid);
void writeTransform(Writer &writer, std::uint32_t oid);
void writeLanguage(Writer &writer, std::uint32_t oid);
void writeTextSearchParser(Writer &writer, std::uint32_t oid);
void writeTextSearchTemplate(Writer &writer, std::uint32_t oid);
void writeTextSearchDictionary(Writer &writer, std::uint32_t oid);
void writeTextSearchConfiguration(Writer &writer, std::uint32_t oid);

} // namespace howdah::ddl
