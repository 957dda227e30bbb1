// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/foreign_key_triggers.h"

#include <fmt/format.h>

#include "core/partition/steps.h"
#include "core/sql/quote.h"

namespace howdah::partition {

namespace {

constexpr const char *safety = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp";

std::string pairs(const std::vector<std::string> &left, const std::string &left_prefix, const char *between, const std::vector<std::string> &right, const std::string &right_prefix, const char *joint)
{
    std::string text;
    for (std::size_t i = 0; i < left.size(); ++i)
        text += (i == 0 ? "" : joint) + left_prefix + left[i] + between + right_prefix + right[i];
    return text;
}

} // namespace

ForeignKeyTriggers::ForeignKeyTriggers(const OldForeignKey &key, std::string schema, std::string parent, std::string child) : key_(key), parent_(std::move(parent)), child_(std::move(child))
{
    child_function_ = sql::quoteQualified(schema, derivedName(key.name, "_check"));
    parent_function_ = sql::quoteQualified(schema, derivedName(key.name, "_act"));
    child_trigger_ = sql::quoteIdentifier(derivedName(key.name, "_check"));
    parent_trigger_ = sql::quoteIdentifier(derivedName(key.name, "_act"));
}

std::string ForeignKeyTriggers::childFunction() const
{
    std::string any_null;
    for (const std::string &column : key_.columns)
        any_null += (any_null.empty() ? "NEW." : " OR NEW.") + column + " IS NULL";
    return fmt::format(R"(CREATE OR REPLACE FUNCTION {function}() RETURNS trigger {safety} AS $howdah$
BEGIN
    IF {any_null} THEN RETURN NULL; END IF;
    PERFORM FROM {parent} p WHERE {match} FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING MESSAGE = format('insert or update on table "%s" violates foreign key "%s"', TG_TABLE_NAME, {name}),
            DETAIL = format('Key ({columns})=(%s) is not present in {parent_text}.', concat_ws(', ', {values})), CONSTRAINT = {name}, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NULL;
END $howdah$;
)",
                       fmt::arg("function", child_function_), fmt::arg("safety", safety), fmt::arg("any_null", any_null), fmt::arg("parent", parent_),
                       fmt::arg("match", pairs(key_.referenced, "p.", " = ", key_.columns, "NEW.", " AND ")), fmt::arg("name", sql::quoteLiteral(key_.name)), fmt::arg("columns", commaList(key_.columns)),
                       fmt::arg("parent_text", parent_), fmt::arg("values", commaList(key_.columns, "NEW.")));
}

std::string ForeignKeyTriggers::action(char letter, bool on_delete) const
{
    const std::string match = pairs(key_.columns, "c.", " = ", key_.referenced, "OLD.", " AND ");
    switch (letter) {
    case 'c':
        if (on_delete)
            return fmt::format("DELETE FROM {} c WHERE {};", child_, match);
        return fmt::format("UPDATE {} c SET {} WHERE {};", child_, pairs(key_.columns, "", " = ", key_.referenced, "NEW.", ", "), match);
    case 'n':
    case 'd': {
        std::string set;
        for (const std::string &column : key_.columns)
            set += (set.empty() ? "" : ", ") + column + (letter == 'n' ? " = NULL" : " = DEFAULT");
        return fmt::format("UPDATE {} c SET {} WHERE {};", child_, set, match);
    }
    default: break;
    }
    return fmt::format(R"(PERFORM FROM {} c WHERE {};
        IF FOUND THEN
            RAISE foreign_key_violation USING MESSAGE = format('update or delete on table "%s" violates foreign key "%s" on table "%s"', TG_TABLE_NAME, {}, {}),
                DETAIL = format('Key ({})=(%s) is still referenced.', concat_ws(', ', {})), CONSTRAINT = {}, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
        END IF;)",
                       child_, match, sql::quoteLiteral(key_.name), sql::quoteLiteral(child_), commaList(key_.referenced), commaList(key_.referenced, "OLD."), sql::quoteLiteral(key_.name));
}

std::string ForeignKeyTriggers::parentFunction() const
{
    // A row that moves to another partition is deleted in the one and inserted in the other.
    return fmt::format(R"(CREATE OR REPLACE FUNCTION {function}() RETURNS trigger {safety} AS $howdah$
BEGIN
    PERFORM FROM {parent} p WHERE {still};
    IF FOUND THEN RETURN NULL; END IF;
    IF TG_OP = 'DELETE' THEN
        {on_delete}
    ELSE
        {on_update}
    END IF;
    RETURN NULL;
END $howdah$;
)",
                       fmt::arg("function", parent_function_), fmt::arg("safety", safety), fmt::arg("parent", parent_), fmt::arg("still", pairs(key_.referenced, "p.", " = ", key_.referenced, "OLD.", " AND ")),
                       fmt::arg("on_delete", action(key_.on_delete, true)), fmt::arg("on_update", action(key_.on_update, false)));
}

std::string ForeignKeyTriggers::create() const
{
    return childFunction() + parentFunction() +
        fmt::format("CREATE TRIGGER {} AFTER INSERT OR UPDATE OF {} ON {} FOR EACH ROW EXECUTE FUNCTION {}();\n", child_trigger_, commaList(key_.columns), child_, child_function_) +
        fmt::format("CREATE TRIGGER {} AFTER DELETE OR UPDATE OF {} ON {} FOR EACH ROW EXECUTE FUNCTION {}();\n", parent_trigger_, commaList(key_.referenced), parent_, parent_function_);
}

std::string ForeignKeyTriggers::drop() const
{
    return fmt::format("DROP FUNCTION IF EXISTS {}() CASCADE;\nDROP FUNCTION IF EXISTS {}() CASCADE;\n", child_function_, parent_function_);
}

} // namespace howdah::partition
