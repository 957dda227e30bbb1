// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ddl/writer.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/sql/quote.h"

namespace howdah::ddl {

std::vector<Record> Writer::rows(std::string_view sql, const std::vector<pg::Parameter> &parameters)
{
    if (error)
        return {};
    auto found = records(connection, sql, parameters);
    if (!found) {
        error = found.error();
        return {};
    }
    return std::move(*found);
}

std::optional<Record> Writer::row(std::string_view sql, const std::vector<pg::Parameter> &parameters)
{
    std::vector<Record> found = rows(sql, parameters);
    if (!found.empty())
        return std::move(found.front());
    if (!error)
        error = fail(ErrorKind::Usage, "This object is no longer there.", "Refresh the browser.").value();
    return std::nullopt;
}

std::string Writer::since(int first_major, std::string_view modern, std::string_view older) const
{
    return std::string(major >= first_major ? modern : older);
}

void Writer::owner(std::string_view what, std::string_view name, std::string_view role)
{
    if (options.with_owner)
        add(fmt::format("ALTER {} {} OWNER TO {};", what, name, role));
}

void Writer::comment(std::string_view what, std::string_view text)
{
    if (options.with_comments && !text.empty())
        add(fmt::format("COMMENT ON {} IS {};", what, sql::quoteLiteral(text)));
}

namespace {

// In pg_dump's order.
constexpr std::string_view privilege_order[] = {"SELECT", "USAGE", "INSERT", "REFERENCES", "DELETE", "TRIGGER", "TRUNCATE", "MAINTAIN", "UPDATE",
                                                "EXECUTE", "CREATE", "TEMPORARY", "CONNECT", "SET", "ALTER SYSTEM"};

std::size_t privilegeCount(char letter, bool of_column, int major)
{
    switch (letter) {
    case 'r': return of_column ? 4 : major >= 17 ? 8 : 7;
    case 's': return 3;
    case 'n': return 2;
    default: return 1;
    }
}

struct Grant {
    std::string grantor;
    std::string grantee;
    std::vector<std::string> plain;
    std::vector<std::string> grantable;
    bool operator==(const Grant &) const = default;
};

/// "SELECT,INSERT", "SELECT(a),INSERT(a)" or "ALL".
std::string privilegeWords(const std::vector<std::string> &privileges, std::size_t all, const std::string &column)
{
    const std::string behind = column.empty() ? "" : "(" + column + ")";
    if (privileges.size() == all)
        return "ALL" + behind;
    std::string words;
    for (const std::string_view name : privilege_order) {
        if (std::find(privileges.begin(), privileges.end(), name) != privileges.end())
            words += (words.empty() ? "" : ",") + std::string(name) + behind;
    }
    return words;
}

std::vector<Grant> grantsIn(Writer &writer, const std::string &acl)
{
    std::vector<Grant> grants;
    for (const Record &row : writer.rows(R"(
SELECT quote_ident(pg_get_userbyid(x.grantor)), CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END,
       x.privilege_type, x.is_grantable
FROM unnest($1::aclitem[]) WITH ORDINALITY AS item(acl, place), aclexplode(ARRAY[item.acl]) AS x ORDER BY item.place)", {acl})) {
        if (grants.empty() || grants.back().grantor != row[0] || grants.back().grantee != row[1])
            grants.push_back({row[0], row[1], {}, {}});
        (row.flag(3) ? grants.back().grantable : grants.back().plain).push_back(row[2]);
    }
    return grants;
}

} // namespace

void Writer::privileges(const Privileges &of)
{
    if (!options.with_privileges || of.acl.empty())
        return;
    const std::size_t all = privilegeCount(of.letter, !of.column.empty(), major);
    const auto owner_row = row("SELECT quote_ident(pg_get_userbyid($1::oid)), acldefault($2::\"char\", $1::oid)",
                               {std::to_string(of.owner), std::string(1, of.letter)});
    if (!owner_row)
        return;
    const std::vector<Grant> built_in = of.column.empty() ? grantsIn(*this, (*owner_row)[1]) : std::vector<Grant>();
    const std::vector<Grant> now = grantsIn(*this, of.acl);
    const auto has = [](const std::vector<Grant> &in, const Grant &grant) { return std::find(in.begin(), in.end(), grant) != in.end(); };
    for (const Grant &grant : built_in) {
        if (!has(now, grant))
            add(fmt::format("REVOKE {} ON {} {} FROM {};", privilegeWords(grant.plain, all, of.column), of.words, of.name, grant.grantee));
    }
    for (const Grant &grant : now) {
        if (has(built_in, grant))
            continue;
        const bool as_another = grant.grantor != (*owner_row)[0];
        if (as_another)
            add(fmt::format("SET SESSION AUTHORIZATION {};", grant.grantor));
        if (!grant.plain.empty())
            add(fmt::format("GRANT {} ON {} {} TO {};", privilegeWords(grant.plain, all, of.column), of.words, of.name, grant.grantee));
        if (!grant.grantable.empty())
            add(fmt::format("GRANT {} ON {} {} TO {} WITH GRANT OPTION;", privilegeWords(grant.grantable, all, of.column), of.words, of.name, grant.grantee));
        if (as_another)
            add("RESET SESSION AUTHORIZATION;");
    }
}

std::string dollarQuoted(std::string_view body)
{
    constexpr std::string_view letters = "_XXXXXXX";
    std::string delimiter = "$";
    for (std::size_t next = 0; body.find(delimiter) != std::string_view::npos; next = (next + 1) % letters.size())
        delimiter += letters[next];
    delimiter += '$';
    return delimiter + std::string(body) + delimiter;
}

std::string relationOptionsSql(std::string_view array, std::string_view prefix)
{
    return fmt::format("(SELECT string_agg({1} || quote_ident(o.option_name) || '=' || CASE WHEN quote_ident(o.option_value) = o.option_value "
                       "THEN o.option_value ELSE quote_literal(o.option_value) END, ', ') FROM pg_options_to_table({0}) o "
                       "WHERE o.option_name <> 'check_option')",
                       array, sql::quoteLiteral(prefix));
}

std::string foreignOptionsSql(std::string_view array)
{
    return fmt::format("(SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), E',\\n    ' ORDER BY o.option_name) "
                       "FROM pg_options_to_table({}) o)",
                       array);
}

std::string Ddl::text() const
{
    std::string text;
    for (const std::string &note : notes)
        text += "-- " + note + "\n";
    for (const std::string &statement : statements)
        text += (text.empty() ? "" : "\n") + statement + "\n";
    return text;
}

namespace {

using Write = void (*)(Writer &, std::uint32_t);

void writeRelation(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT relkind FROM pg_class WHERE oid = $1::oid", {std::to_string(oid)});
    if (!row)
        return;
    switch (row->letter(0)) {
    case 'v':
    case 'm': return writeView(writer, oid);
    case 'S': return writeSequence(writer, oid);
    case 'i':
    case 'I': return writeIndex(writer, oid);
    case 'c': {
        const auto type = writer.row("SELECT reltype FROM pg_class WHERE oid = $1::oid", {std::to_string(oid)});
        return type ? writeType(writer, type->number<std::uint32_t>(0)) : void();
    }
    default: return writeTable(writer, oid);
    }
}

/// For what belongs to a relation: finds it, then writes that one.
template <auto Part> void partOf(Writer &writer, std::uint32_t oid, const char *relation_sql)
{
    if (const auto row = writer.row(relation_sql, {std::to_string(oid)}))
        Part(writer, row->number<std::uint32_t>(0), oid);
}

void writeConstraint(Writer &writer, std::uint32_t oid)
{
    const auto row = writer.row("SELECT conrelid, contype, pg_get_constraintdef(oid), quote_ident(conname), conrelid::regclass::text, convalidated, "
                                "contypid, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE oid = $1::oid",
                                {std::to_string(oid)});
    if (!row)
        return;
    const auto relation = row->number<std::uint32_t>(0);
    if (row->letter(1) == 'f')
        return writeForeignKeys(writer, relation, oid);
    if (relation == 0)
        return writeType(writer, row->number<std::uint32_t>(6));
    if (row->letter(1) == 'c' && row->flag(5)) {
        // Within a dump this one stands in CREATE TABLE; alone it is an ALTER TABLE.
        writer.add(fmt::format("ALTER TABLE {}\n    ADD CONSTRAINT {} {};", (*row)[4], (*row)[3], (*row)[2]));
        return writer.comment(fmt::format("CONSTRAINT {} ON {}", (*row)[3], (*row)[4]), (*row)[7]);
    }
    writeKeys(writer, relation, oid);
}

const std::map<std::string_view, Write> &kinds()
{
    static const std::map<std::string_view, Write> all{
        {"pg_class", writeRelation},
        {"pg_proc", writeRoutine},
        {"pg_type", writeType},
        {"pg_namespace", writeSchema},
        {"pg_extension", writeExtension},
        {"pg_constraint", writeConstraint},
        {"pg_trigger", [](Writer &w, std::uint32_t oid) { partOf<writeTriggers>(w, oid, "SELECT tgrelid FROM pg_trigger WHERE oid = $1::oid"); }},
        {"pg_policy", [](Writer &w, std::uint32_t oid) { partOf<writePolicies>(w, oid, "SELECT polrelid FROM pg_policy WHERE oid = $1::oid"); }},
        {"pg_rewrite", [](Writer &w, std::uint32_t oid) { partOf<writeRules>(w, oid, "SELECT ev_class FROM pg_rewrite WHERE oid = $1::oid"); }},
        {"pg_statistic_ext",
         [](Writer &w, std::uint32_t oid) { partOf<writeStatistics>(w, oid, "SELECT stxrelid FROM pg_statistic_ext WHERE oid = $1::oid"); }},
        {"pg_event_trigger", writeEventTrigger},
        {"pg_publication", writePublication},
        {"pg_subscription", writeSubscription},
        {"pg_foreign_server", writeForeignServer},
        {"pg_foreign_data_wrapper", writeForeignDataWrapper},
        {"pg_authid", writeRole},
        {"pg_operator", writeOperator},
        {"pg_opclass", writeOperatorClass},
        {"pg_opfamily", writeOperatorFamily},
        {"pg_cast", writeCast},
        {"pg_collation", writeCollation},
        {"pg_conversion", writeConversion},
        {"pg_transform", writeTransform},
        {"pg_language", writeLanguage},
        {"pg_ts_parser", writeTextSearchParser},
        {"pg_ts_template", writeTextSearchTemplate},
        {"pg_ts_dict", writeTextSearchDictionary},
        {"pg_ts_config", writeTextSearchConfiguration},
    };
    return all;
}

void noteExtension(Writer &writer, const ObjectRef &object)
{
    for (const Record &row : writer.rows("SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid WHERE d.classid = "
                                         "to_regclass('pg_catalog.' || $1) AND d.objid = $2::oid AND d.deptype = 'e'",
                                         {object.catalog, std::to_string(object.oid)}))
        writer.note("Belongs to the extension " + row[0] + ", which makes it: CREATE EXTENSION is what runs.");
}

} // namespace

Result<Ddl> ddlOf(pg::Connection &connection, const ObjectRef &object, const DdlOptions &options)
{
    const auto kind = kinds().find(object.catalog);
    if (kind == kinds().end())
        return fail(ErrorKind::Unsupported, "Howdah cannot write the definition of a " + object.kind + " yet.", "pg_dump --schema-only writes it.");
    const Snapshot snapshot(connection, true);
    if (snapshot.failure())
        return tl::unexpected(*snapshot.failure());
    Writer writer(connection, options);
    writer.out.object = object;
    noteExtension(writer, object);
    kind->second(writer, object.oid);
    if (writer.error)
        return tl::unexpected(*writer.error);
    return std::move(writer.out);
}

} // namespace howdah::ddl
