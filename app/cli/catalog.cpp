// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/catalog.h"

#include <algorithm>
#include <cmath>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/cli/catalog_json.h"
#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"

namespace howdah::cli {

const char *const catalog_manual = R"(howdah-cli catalog [options]

Lists what the database holds: tables, views and so on with their size (without
indexes), about how many rows they have (as of the last ANALYZE; "?" where there
was none), their indexes and the size of those. Invalid indexes are counted apart.

  -n, --schema S       only that schema
  -p, --pattern GLOB   only names like 'ord*'; with a dot: schema.name
  -k, --kind KIND      table, partitioned, view, matview, foreign, sequence or
                       function; may be given several times
  -S, --system         the system's schemas too
      --json           the whole snapshot of what was chosen: columns, indexes with
                       definition and scans, constraints, statistics, functions,
                       schemas, extensions

  howdah-cli catalog -d demo -n public -k table
  howdah-cli catalog -d demo --json | jq '.relations[].indexes[] | select(.scans == 0) | .name'
)";

namespace {

struct CatalogChoice {
    std::string schema;
    std::string pattern;
    std::vector<std::string> kinds;
    bool system = false;
};

bool matches(const CatalogChoice &choice, const std::string &schema, const std::string &name, const char *kind)
{
    if (!choice.schema.empty() && choice.schema != schema)
        return false;
    if (!choice.kinds.empty() && std::find(choice.kinds.begin(), choice.kinds.end(), kind) == choice.kinds.end())
        return false;
    if (choice.pattern.empty())
        return true;
    const bool qualified = choice.pattern.find('.') != std::string::npos;
    return fnmatch(choice.pattern.c_str(), (qualified ? schema + "." + name : name).c_str(), 0) == 0;
}

std::string rowsText(const pg::CatalogRelation &relation)
{
    if (relation.kind == 'v' || relation.kind == 'S')
        return "";
    return relation.estimated_rows < 0 ? "?" : human::count(std::llround(relation.estimated_rows), ",");
}

std::string indexesText(const pg::CatalogRelation &relation)
{
    const auto invalid = std::count_if(relation.indexes.begin(), relation.indexes.end(), [](const pg::CatalogIndex &index) { return !index.is_valid; });
    if (relation.indexes.empty())
        return "";
    return fmt::format("{}{}", relation.indexes.size(), invalid > 0 ? fmt::format(" ({} invalid)", invalid) : "");
}

void printRelations(const std::vector<const pg::CatalogRelation *> &relations)
{
    std::vector<TableColumn> columns{{"Schema"}, {"Name"}, {"Kind"}, {"Size", true}, {"Rows (~)", true}, {"Indexes", true}, {"Their size", true}};
    std::vector<TableRow> rows;
    for (const pg::CatalogRelation *relation : relations) {
        const bool stored = relation->kind != 'v' && relation->kind != 'f' && relation->kind != 'p';
        rows.push_back({{printable(relation->schema)},
                        {printable(relation->name)},
                        {std::string(kindName(relation->kind)) + (relation->is_partition ? " (partition)" : "")},
                        {stored ? human::bytes(relation->size_bytes) : ""},
                        {rowsText(*relation)},
                        {indexesText(*relation)},
                        {relation->indexes.empty() || !stored ? "" : human::bytes(relation->index_bytes)}});
    }
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
    output().write(fmt::format("({} {})\n", rows.size(), rows.size() == 1 ? "relation" : "relations"));
}

void printFunctions(const std::vector<const pg::CatalogFunction *> &functions)
{
    std::vector<TableColumn> columns{{"Schema"}, {"Function"}, {"Returns"}, {"Language"}};
    std::vector<TableRow> rows;
    for (const pg::CatalogFunction *function : functions)
        rows.push_back({{printable(function->schema)}, {printable(function->name + "(" + function->arguments + ")")}, {printable(function->result)}, {printable(function->language)}});
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
    output().write(fmt::format("({} {})\n", rows.size(), rows.size() == 1 ? "function" : "functions"));
}

int catalog(const Context &context, const CatalogChoice &choice)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    pg::CatalogOptions options;
    options.with_system_schemas = choice.system;
    const bool functions_wanted = context.json || std::find(choice.kinds.begin(), choice.kinds.end(), "function") != choice.kinds.end();
    options.with_functions = functions_wanted;
    options.with_columns = context.json;
    const auto snapshot = pg::readCatalog(**connection, options);
    if (!snapshot)
        return failed(context, snapshot.error());

    CatalogSelection selection;
    for (const pg::CatalogRelation &relation : (*snapshot)->relations) {
        if (matches(choice, relation.schema, relation.name, kindName(relation.kind)))
            selection.relations.push_back(&relation);
    }
    for (const pg::CatalogFunction &function : (*snapshot)->functions) {
        if (functions_wanted && matches(choice, function.schema, function.name, "function"))
            selection.functions.push_back(&function);
    }
    if (context.json) {
        output().write(catalogJson(**snapshot, selection, connection.value()->facts()) + "\n");
        return exit_ok;
    }
    if (selection.relations.empty() && selection.functions.empty()) {
        printNote("Nothing in this database matches.");
        return exit_ok;
    }
    if (!selection.relations.empty())
        printRelations(selection.relations);
    if (!selection.functions.empty())
        printFunctions(selection.functions);
    return exit_ok;
}

} // namespace

Action declareCatalog(CLI::App &options)
{
    const auto choice = std::make_shared<CatalogChoice>();
    options.add_option("-n,--schema", choice->schema, "Only that schema")->type_name("S");
    options.add_option("-p,--pattern", choice->pattern, "Only names like GLOB; with a dot: schema.name")->type_name("GLOB");
    options.add_option("-k,--kind", choice->kinds, "Only that kind; may be given several times")
        ->type_name("KIND")
        ->check(CLI::IsMember({"table", "partitioned", "view", "matview", "foreign", "sequence", "function"}));
    options.add_flag("-S,--system", choice->system, "The system's schemas too");
    return [choice](const Context &context) { return catalog(context, *choice); };
}

} // namespace howdah::cli
