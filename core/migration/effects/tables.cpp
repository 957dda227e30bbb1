// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *create_page = "https://www.postgresql.org/docs/current/sql-createtable.html";
constexpr const char *view_page = "https://www.postgresql.org/docs/current/sql-createview.html";
constexpr const char *as_page = "https://www.postgresql.org/docs/current/sql-createtableas.html";

constexpr Rule table_rule{"create-table", "a new table blocks nobody; tables that it refers to are locked", create_page};
constexpr Rule partition_rule{"create-partition", "the parent is locked against reads and writes; CREATE TABLE (LIKE …) and ATTACH locks it less", create_page};
constexpr Rule as_rule{"create-table-as", "the query reads its tables beside reads and writes", as_page};
constexpr Rule view_rule{"create-view", "the tables that it names are looked at only", view_page};
constexpr Rule replace_view{"replace-view", "a view that is there is locked against its readers", view_page};

void likeTable(Analysis &at, Relation &table, const Node &like)
{
    Relation *from = at.relation(like.get("relation"));
    if (from == nullptr)
        return;
    at.lock(from, Lock::AccessShare);
    const std::int64_t options = like.number("options");
    constexpr std::int64_t like_indexes = 1 << 6, like_constraints = 1 << 2; // CREATE_TABLE_LIKE_*
    for (Column column : from->columns) {
        if ((options & (1 << 3)) == 0)
            column.expression.clear();
        table.columns.push_back(column);
    }
    for (const Constraint &constraint : from->constraints) {
        if (constraint.type == 'n' || (constraint.type == 'c' && (options & like_constraints) != 0))
            table.constraints.push_back(constraint);
    }
    if ((options & like_indexes) == 0)
        return;
    for (const Relation *index : std::vector<Relation *>(from->indexes)) {
        std::string middle;
        for (const std::string &key : index->key_names.empty() ? index->keys : index->key_names)
            middle += (middle.empty() ? "" : "_") + (key.empty() ? std::string("expr") : key);
        const Constraint *constraint = from->constraint(index->name);
        const std::string name = at.freeName(table, index->primary ? "" : middle, index->primary ? "pkey" : constraint == nullptr ? "idx" : constraint->type == 'x' ? "excl" : "key");
        at.makeIndex(table, name, index->keys, index->uses, index->unique, index->plain, true).primary = index->primary;
    }
}

void elements(Analysis &at, Relation &table, const Node &statement)
{
    Passes passes;
    std::vector<AddedConstraint> constraints;
    for (const Node &element : statement.list("tableElts")) {
        if (element.is("ColumnDef")) {
            bool ignored_rewrite = false, ignored_default = false;
            if (const Column column = columnOf(at, table, element, &ignored_rewrite, &ignored_default); table.column(column.name) == nullptr)
                table.columns.push_back(column);
            for (const Node &constraint : element.list("constraints"))
                constraints.push_back({constraint, element.text("colname"), true});
        } else if (element.is("Constraint")) {
            constraints.push_back({element, {}, true});
        } else if (element.is("TableLikeClause")) {
            likeTable(at, table, element);
        }
    }
    at.out.reasons.clear(); // what columns mean for rows does not matter to an empty table
    // as in the server: a foreign key may refer to a key of the same table
    std::stable_partition(constraints.begin(), constraints.end(), [](const AddedConstraint &added) { return added.node.text("contype") != "CONSTR_FOREIGN"; });
    for (const AddedConstraint &constraint : constraints)
        addConstraint(at, passes, table, constraint, true);
}

/// pg_class entries exist already: CREATE TABLE fails, or does nothing.
bool isThere(Analysis &at, const Node &range, bool if_not_exists, Relation **found = nullptr)
{
    Relation *there = at.schema.find(at.schemaFor(range), range.text("relname"));
    if (found != nullptr)
        *found = there;
    if (there == nullptr)
        return false;
    if (!if_not_exists)
        at.error("relation \"" + there->name + "\" already exists", "42P07");
    else
        at.note(there->label() + " is there already, so nothing is done.");
    return true;
}

/// CREATE OR REPLACE VIEW keeps the columns that are there, by name and in order; more may follow.
bool refuseView(Analysis &at, const Relation &view, const Node &statement)
{
    if (view.kind != 'v' || view.columns.empty() || view.made_by != 0)
        return false;
    std::vector<std::string> names = statement.names("aliases");
    const auto targets = statement.get("query").list("targetList");
    for (std::size_t i = names.size(); i < targets.size(); ++i) {
        const Node value = targets[i].get("val");
        const auto fields = value.is("ColumnRef") ? value.names("fields") : std::vector<std::string>();
        const bool is_star = value.body() != nullptr && value.body()->dump().find("A_Star") != std::string::npos;
        if (is_star || (targets[i].text("name").empty() && fields.empty()))
            return false; // what it comes to is not known here
        names.push_back(targets[i].text("name").empty() ? fields.back() : targets[i].text("name"));
    }
    for (std::size_t i = 0; i < view.columns.size() && i < names.size(); ++i) {
        if (view.columns[i].name == names[i])
            continue;
        at.error("cannot change name of view column \"" + view.columns[i].name + "\" to \"" + names[i] + "\"", "42P16");
        return true;
    }
    if (!targets.empty() && names.size() < view.columns.size())
        at.error("cannot drop columns from view", "42P16");
    return at.failed;
}

} // namespace

bool createTable(Analysis &at, const Node &original)
{
    if (!original.is("CreateStmt") && !original.is("CreateForeignTableStmt"))
        return false;
    const Node statement = original.is("CreateStmt") ? original : original.get("base");
    const Node range = statement.get("relation");
    if (isThere(at, range, statement.flag("if_not_exists")))
        return true;
    const Node partition_spec = statement.get("partspec");
    Relation &table = at.make(at.schemaFor(range), range.text("relname"), partition_spec.exists() ? 'p' : original.is("CreateStmt") ? 'r' : 'f');
    table.unlogged = range.text("relpersistence") == "u";
    table.empty = original.is("CreateStmt");
    table.of_type = statement.names("ofTypename").empty() ? statement.get("ofTypename").names("names").empty() ? "" : statement.get("ofTypename").names("names").back() : statement.names("ofTypename").back();
    if (partition_spec.exists()) {
        const std::string strategy = partition_spec.text("strategy");
        table.partition_strategy = strategy == "PARTITION_STRATEGY_LIST" ? 'l' : strategy == "PARTITION_STRATEGY_HASH" ? 'h' : 'r';
        for (const Node &key : partition_spec.list("partParams"))
            table.partition_key.push_back(key.text("name"));
    }
    for (const Node &over : statement.list("inhRelations")) {
        Relation *parent = at.relation(over);
        if (parent == nullptr)
            return true;
        if (statement.get("partbound").exists()) {
            createPartition(at, *parent, table, statement.get("partbound"));
        } else {
            at.lock(parent, Lock::ShareUpdateExclusive);
            table.columns = parent->columns;
            parent->children.push_back(&table);
            table.parents.push_back(parent);
        }
    }
    const auto so_far = at.out.reasons;
    elements(at, table, statement);
    at.out.reasons.insert(at.out.reasons.begin(), so_far.begin(), so_far.end());
    at.because(statement.get("partbound").exists() ? partition_rule : table_rule);
    return true;
}

bool createOther(Analysis &at, const Node &statement)
{
    if (statement.is("ViewStmt")) {
        const Node range = statement.get("view");
        Relation *there = nullptr;
        if (!statement.flag("replace") && isThere(at, range, false))
            return true;
        there = at.schema.find(at.schemaFor(range), range.text("relname"));
        std::vector<Relation *> reads;
        readQuery(at, *statement.get("query").body(), &reads);
        for (Relation *read : reads)
            at.lock(read, Lock::AccessShare);
        at.because(there == nullptr ? view_rule : replace_view);
        if (!at.schema.connected() && statement.flag("replace") && there == nullptr)
            at.note("If the view is there already, it is locked with AccessExclusiveLock.");
        at.lock(there, Lock::AccessExclusive);
        if (there != nullptr && refuseView(at, *there, statement))
            return true;
        Relation &view = there != nullptr ? *there : at.make(at.schemaFor(range), range.text("relname"), 'v');
        view.reads = reads;
        std::set<std::string> named = columnsIn(*statement.get("query").body());
        for (Relation *read : reads) {
            const bool all = named.empty() || statement.get("query").body()->dump().find("A_Star") != std::string::npos;
            for (const Column &column : read->columns) {
                if (all || named.count(column.name) > 0)
                    read->dependants.push_back({column.name, 'v', &view, view.name});
            }
        }
        return true;
    }
    if (statement.is("CreateTableAsStmt")) {
        const Node range = statement.get("into").get("rel");
        if (isThere(at, range, statement.flag("if_not_exists")))
            return true;
        const bool matview = statement.text("objtype") == "OBJECT_MATVIEW";
        std::vector<Relation *> reads;
        const bool skipped = statement.get("into").flag("skipData");
        readQuery(at, *statement.get("query").body(), skipped ? &reads : nullptr);
        if (!skipped && matview)
            readQuery(at, *statement.get("query").body(), &reads);
        for (Relation *read : reads)
            at.lock(read, Lock::AccessShare);
        at.because(as_rule);
        Relation &made = at.make(at.schemaFor(range), range.text("relname"), matview ? 'm' : 'r');
        made.reads = reads;
        made.empty = skipped;
        for (Relation *read : matview ? reads : std::vector<Relation *>())
            read->dependants.push_back({"", 'v', &made, made.name});
        const auto named = columnsIn(*statement.get("query").body());
        for (const std::string &column : named)
            made.columns.push_back({column, "", 0, false, false, 0, ""});
        return true;
    }
    if (statement.is("CreateSchemaStmt")) {
        at.schema.schemas.push_back(statement.text("schemaname"));
        return true;
    }
    if (statement.is("CreateSeqStmt")) {
        const Node range = statement.get("sequence");
        if (isThere(at, range, statement.flag("if_not_exists")))
            return true;
        Relation &sequence = at.make(at.schemaFor(range), range.text("relname"), 'S');
        for (const Node &option : statement.list("options")) {
            const auto owner = option.text("defname") == "owned_by" ? option.names("arg") : std::vector<std::string>();
            if (owner.size() < 2)
                continue;
            if (Relation *table = at.relation(std::vector<std::string>(owner.begin(), owner.end() - 1))) {
                at.lock(table, Lock::AccessShare);
                sequence.owner_column = owner.back();
                table->sequences.push_back(&sequence);
            }
        }
        return true;
    }
    return false;
}

} // namespace howdah::migration::effects
