// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "core/migration/effects/analysis.h"
#include "core/migration/effects/expression.h"
#include "core/migration/effects/type_change.h"
#include "core/sql/lexer.h"

namespace howdah::migration::effects {

namespace {

constexpr const char *trigger_page = "https://www.postgresql.org/docs/current/sql-createtrigger.html";
constexpr const char *locks_page = "https://www.postgresql.org/docs/current/explicit-locking.html";
constexpr const char *comment_page = "https://www.postgresql.org/docs/current/sql-comment.html";
constexpr const char *statistics_page = "https://www.postgresql.org/docs/current/sql-createstatistics.html";
constexpr const char *publication_page = "https://www.postgresql.org/docs/current/sql-createpublication.html";
constexpr const char *domain_page = "https://www.postgresql.org/docs/current/sql-alterdomain.html";
constexpr const char *sequence_page = "https://www.postgresql.org/docs/current/sql-altersequence.html";
constexpr const char *type_page = "https://www.postgresql.org/docs/current/sql-altertype.html";
constexpr const char *grant_page = "https://www.postgresql.org/docs/current/sql-grant.html";

constexpr Rule trigger_rule{"create-trigger", "writes wait, reads go on", trigger_page};
constexpr Rule rule_rule{"create-rule", "queries on the table wait", locks_page};
constexpr Rule policy_rule{"policy", "queries on the table wait", locks_page};
constexpr Rule comment_rule{"comment", "the catalog alone is changed, beside reads and writes", comment_page};
constexpr Rule statistics_rule{"create-statistics", "the catalog alone is changed; the next ANALYZE fills it", statistics_page};
constexpr Rule publication_rule{"publication", "the catalog alone is changed, beside reads and writes", publication_page};
constexpr Rule domain_scan{"alter-domain-constraint", "every table that uses the domain is read while writes to it wait", domain_page};
constexpr Rule domain_catalog{"alter-domain", "no table is locked or read", domain_page};
constexpr Rule sequence_rule{"alter-sequence", "the sequence gets a new file; nextval() waits", sequence_page};
constexpr Rule enum_rule{"alter-enum", "no table is locked; a new value cannot be used before the transaction commits", type_page};
constexpr Rule grant_rule{"grant", "no table is locked", grant_page};

void onTable(Analysis &at, const Node &range, Lock mode, const Rule &rule)
{
    if (Relation *table = at.relation(range)) {
        at.lock(table, mode);
        at.because(rule, table->label(), mode);
    }
}

void createTrigger(Analysis &at, const Node &statement)
{
    if (statement.flag("replace") && at.major < 14) {
        at.error("syntax error at or near \"TRIGGER\"", "42601", "CREATE OR REPLACE TRIGGER came with PostgreSQL 14");
        return;
    }
    Relation *table = at.relation(statement.get("relation"));
    if (table == nullptr)
        return;
    at.because(trigger_rule, statement.text("trigname"), Lock::ShareRowExclusive);
    for (Relation *member : statement.flag("row") && table->kind == 'p' ? tree(*table) : std::vector<Relation *>{table}) {
        at.lock(member, Lock::ShareRowExclusive);
        member->triggers.push_back({statement.text("trigname"), statement.flag("row")});
    }
    std::set<std::string> columns;
    for (const std::string &column : statement.names("columns"))
        columns.insert(column);
    if (const Node when = statement.get("whenClause"); when.exists()) { // NEW.a or OLD.a
        walk(*when.body(), [&](const std::string &kind, const nlohmann::json &value) {
            const auto fields = kind == "ColumnRef" ? Node(value).names("fields") : std::vector<std::string>();
            if (fields.size() == 2 && table->column(fields[1]) != nullptr)
                columns.insert(fields[1]);
        });
    }
    for (const std::string &column : columns)
        table->dependants.push_back({column, 't', table, statement.text("trigname")});
    if (statement.get("constrrel").exists())
        at.lock(at.relation(statement.get("constrrel")), Lock::AccessShare);
}

void comment(Analysis &at, const Node &statement)
{
    const std::string type = statement.text("objtype");
    std::vector<std::string> name = statement.names("object");
    Lock mode = Lock::ShareUpdateExclusive;
    if (type == "OBJECT_COLUMN" || type == "OBJECT_TABCONSTRAINT" || type == "OBJECT_TRIGGER" || type == "OBJECT_POLICY" || type == "OBJECT_RULE") {
        name.pop_back();
        if (type != "OBJECT_COLUMN")
            mode = Lock::AccessShare;
    } else if (type != "OBJECT_TABLE" && type != "OBJECT_INDEX" && type != "OBJECT_VIEW" && type != "OBJECT_MATVIEW" && type != "OBJECT_SEQUENCE" && type != "OBJECT_FOREIGN_TABLE") {
        return;
    }
    Relation *relation = at.relation(name, false, type == "OBJECT_INDEX" ? 'i' : 'r');
    at.lock(relation, mode);
    at.because(comment_rule, {}, mode);
}

bool refuseToPublish(Analysis &at, const Node &wanted, const Relation &table, const Publication &published, const std::string &publication, const std::string &action)
{
    const bool is_member = std::find(published.tables.begin(), published.tables.end(), &table) != published.tables.end();
    const bool lists = !wanted.list("columns").empty();
    if (action == "AP_DropObjects") {
        if (!is_member && table.known)
            at.error("relation \"" + table.name + "\" is not part of the publication", "42704");
    } else if ((lists || wanted.get("whereClause").exists()) && at.major < 15) {
        at.error("syntax error at or near \"(\"", "42601", "Lists of columns and filters of rows came with PostgreSQL 15");
    } else if (table.kind != 'r' && table.kind != 'p') {
        at.error(at.major >= 15 ? "cannot add relation \"" + table.name + "\" to publication" : "\"" + table.name + "\" is not a table", "22023");
    } else if (table.unlogged) {
        at.error(at.major >= 15 ? "cannot add relation \"" + table.name + "\" to publication" : "table \"" + table.name + "\" cannot be replicated", "22023", "This operation is not supported for unlogged tables.");
    } else if (action == "AP_AddObjects" && is_member) {
        at.error("relation \"" + table.name + "\" is already member of publication \"" + publication + "\"", "42710");
    } else if (lists && !published.schemas.empty()) {
        at.error("cannot use column list for relation \"" + table.schema + "." + table.name + "\" in publication \"" + publication + "\"", "22023");
    }
    return at.failed;
}

/// Replaces what a publication has, or adds to it, or takes away.
void publication(Analysis &at, const Node &statement)
{
    at.because(publication_rule);
    const std::string name = statement.text("pubname"), action = statement.text("action");
    const bool is_new = statement.is("CreatePublicationStmt");
    if (!is_new && at.schema.connected() && at.schema.facts != nullptr && at.schema.publications.count(name) == 0) {
        at.error("publication \"" + name + "\" does not exist", "42704");
        return;
    }
    if (is_new && at.schema.publications.count(name) > 0) {
        at.error("publication \"" + name + "\" already exists", "42710");
        return;
    }
    Publication &published = at.schema.publications[name];
    published.all_tables = published.all_tables || statement.flag("for_all_tables");
    const bool by_name = !statement.list("pubobjects").empty();
    if (!is_new && by_name && published.all_tables) {
        at.error("publication \"" + name + "\" is defined as FOR ALL TABLES", "55000");
        return;
    }
    if (action == "AP_SetObjects" && by_name) {
        for (Relation *table : published.tables)
            at.lock(table, Lock::ShareUpdateExclusive); // those that are left out are opened to be taken out
        published.tables.clear();
        published.schemas.clear();
    }
    auto objects = statement.list("pubobjects");
    std::stable_partition(objects.begin(), objects.end(), [](const Node &object) { return !object.get("pubtable").exists(); });
    for (const Node &object : objects) {
        const std::string type = object.text("pubobjtype");
        if (type == "PUBLICATIONOBJ_TABLES_IN_SCHEMA" || type == "PUBLICATIONOBJ_TABLES_IN_CUR_SCHEMA") {
            if (at.major < 15) {
                at.error("syntax error at or near \"TABLES\"", "42601", "FOR TABLES IN SCHEMA came with PostgreSQL 15");
                return;
            }
            const std::string schema = type == "PUBLICATIONOBJ_TABLES_IN_SCHEMA" ? object.text("name") : at.schema.creationSchema();
            auto &schemas = published.schemas;
            schemas.erase(std::remove(schemas.begin(), schemas.end(), schema), schemas.end());
            if (action != "AP_DropObjects")
                schemas.push_back(schema);
            continue;
        }
        const Node range = object.get("pubtable").get("relation");
        Relation *table = range.exists() ? at.relation(range) : nullptr;
        if (table == nullptr)
            continue;
        if (refuseToPublish(at, object.get("pubtable"), *table, published, name, action))
            return;
        for (Relation *member : range.flag("inh") && table->kind != 'p' ? tree(*table) : std::vector<Relation *>{table}) {
            at.lock(member, Lock::ShareUpdateExclusive);
            remove(published.tables, member);
            auto &named = member->dependants;
            named.erase(std::remove_if(named.begin(), named.end(), [&](const Dependant &one) { return (one.kind == 'l' || one.kind == 'w') && one.name == name; }), named.end());
            if (action != "AP_DropObjects")
                published.tables.push_back(member);
        }
    }
}

Domain *domainNamed(Analysis &at, const std::vector<std::string> &name)
{
    for (Domain &domain : at.schema.domains) {
        if (!name.empty() && domain.name == name.back() && (name.size() == 1 || domain.schema == name[0]))
            return &domain;
    }
    return nullptr;
}

void alterDomain(Analysis &at, const Node &statement)
{
    const std::string subtype = statement.text("subtype");
    Domain *domain = domainNamed(at, statement.names("typeName"));
    if (domain == nullptr) {
        if (at.schema.connected())
            at.error("type \"" + (statement.names("typeName").empty() ? "" : statement.names("typeName").back()) + "\" does not exist", "42704");
        else
            at.note("Tables that use the domain may be read under ShareLock; without a catalog they are not known.");
        return;
    }
    const bool valid = subtype == "C" && !statement.get("def").flag("skip_validation");
    const bool reads = valid || subtype == "O" || subtype == "V";
    at.because(reads ? domain_scan : domain_catalog, domain->name);
    if (subtype == "C" || subtype == "O") {
        domain->has_constraint = true;
        at.breaks("Values that violate the domain " + domain->name + " are refused");
    }
    for (Relation &relation : at.schema.relations) {
        const bool uses = std::any_of(relation.columns.begin(), relation.columns.end(), [&](const Column &column) { return at.schema.domain(column.type) == domain; });
        if (!reads || !uses || !relation.alive || (relation.kind != 'r' && relation.kind != 'm'))
            continue;
        at.lock(&relation, Lock::Share);
        at.scan(relation);
    }
}

void createDomain(Analysis &at, const Node &statement)
{
    const auto name = statement.names("domainname");
    Domain domain;
    domain.name = name.empty() ? "" : name.back();
    at.schema.types.insert(domain.name);
    domain.schema = name.size() > 1 ? name[0] : at.schema.creationSchema();
    const Type base = typeOf(at.schema, statement.get("typeName"));
    domain.base_type = base.domain != nullptr ? base.domain->base_type : typeText(base);
    domain.has_constraint = base.domain != nullptr && base.domain->has_constraint;
    for (const Node &constraint : statement.list("constraints")) {
        const std::string type = constraint.text("contype");
        domain.has_constraint = domain.has_constraint || type == "CONSTR_CHECK" || type == "CONSTR_NOTNULL";
        if (type == "CONSTR_DEFAULT")
            domain.default_expr = "?";
    }
    // The pointers that types hold live within one statement only.
    at.schema.domains.push_back(std::move(domain));
}

/// A body in SQL is looked at when the function is made: the relations that it names are locked.
void functionBody(Analysis &at, const Node &statement)
{
    std::string language, code;
    for (const Node &option : statement.list("options")) {
        if (option.text("defname") == "language")
            language = option.get("arg").value();
        else if (option.text("defname") == "as" && !option.names("arg").empty())
            code = option.names("arg").front();
    }
    if (const Node body = statement.get("sql_body"); body.exists()) {
        if (at.major < 14)
            at.error("syntax error at or near \"BEGIN\"", "42601", "Bodies in SQL-standard form came with PostgreSQL 14");
        else
            lockNames(at, *body.body());
        return;
    }
    for (const sql::StatementSpan &span : language == "sql" ? sql::splitStatements(code) : std::vector<sql::StatementSpan>()) {
        const auto tree = span.text.size() == 0 ? Result<Tree>(Tree()) : parseStatement(std::string(span.text.of(code)), at.major);
        for (const char *kind : {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}) {
            if (tree && tree->document && tree->root().is(kind))
                lockNames(at, *tree->document);
        }
    }
}

void createFunction(Analysis &at, const Node &statement)
{
    const auto name = statement.names("funcname");
    bool is_volatile = true;
    for (const Node &option : statement.list("options")) {
        if (option.text("defname") == "volatility")
            is_volatile = option.get("arg").value() == "volatile";
    }
    if (!name.empty())
        at.schema.functions[name.back()] = is_volatile;
    functionBody(at, statement);
}

void alterSequence(Analysis &at, const Node &statement)
{
    Relation *sequence = at.relation(statement.get("sequence"), statement.flag("missing_ok"));
    if (sequence == nullptr)
        return;
    at.lock(sequence, Lock::ShareRowExclusive);
    at.because(sequence_rule, sequence->label(), Lock::ShareRowExclusive);
    bool only_owner = true;
    for (const Node &option : statement.list("options")) {
        if (option.text("defname") != "owned_by") {
            only_owner = false;
            continue;
        }
        auto owner = option.names("arg");
        if (owner.size() < 2)
            continue;
        const std::string column = owner.back();
        owner.pop_back();
        if (Relation *table = at.relation(owner)) {
            at.lock(table, Lock::AccessShare);
            sequence->owner_column = column;
            table->sequences.push_back(sequence);
        }
    }
    if (!only_owner)
        at.rewrite(*sequence);
}

void setting(Analysis &at, const Node &statement)
{
    const std::string name = statement.text("name");
    std::vector<std::string> values;
    for (const Node &value : statement.list("args"))
        values.push_back(value.value());
    if (name == "search_path" && !values.empty()) {
        at.schema.search_path.clear();
        for (const std::string &value : values) {
            if (value != "pg_catalog")
                at.schema.search_path.push_back(value == "$user" ? at.schema.role : value);
        }
    } else if (name == "timezone" && !values.empty()) {
        std::string zone = values[0];
        std::transform(zone.begin(), zone.end(), zone.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        at.schema.time_zone_is_utc = zone == "UTC" || zone == "ETC/UTC" || zone == "GMT" || zone == "ETC/GMT" || zone == "UCT" || zone == "ETC/UCT" || zone == "ZULU" || zone == "0";
    }
}

bool outsideTransaction(const Node &statement)
{
    for (const char *kind : {"CreatedbStmt", "DropdbStmt", "CreateTableSpaceStmt", "DropTableSpaceStmt", "AlterSystemStmt", "CreateSubscriptionStmt", "DropSubscriptionStmt"}) {
        if (statement.is(kind))
            return true;
    }
    return false;
}

} // namespace

bool objects(Analysis &at, const Node &statement)
{
    at.out.in_transaction = !outsideTransaction(statement);
    if (statement.is("CreateTrigStmt")) {
        createTrigger(at, statement);
    } else if (statement.is("RuleStmt")) {
        onTable(at, statement.get("relation"), Lock::AccessExclusive, rule_rule);
        for (const Node &action : statement.list("actions"))
            lockNames(at, *action.body());
        for (const Node &action : statement.list("actions")) {
            for (const char *kind : {"InsertStmt", "UpdateStmt", "DeleteStmt"}) {
                if (action.is(kind))
                    at.lock(at.relation(action.get("relation"), true), Lock::RowExclusive);
            }
        }
    } else if (statement.is("CreatePolicyStmt") || statement.is("AlterPolicyStmt")) {
        onTable(at, statement.get("table"), Lock::AccessExclusive, policy_rule);
        for (const char *expression : {"qual", "with_check"}) {
            if (statement.get(expression).exists())
                lockNames(at, *statement.get(expression).body());
        }
    } else if (statement.is("CommentStmt")) {
        comment(at, statement);
    } else if (statement.is("CreateStatsStmt")) {
        for (const Node &expression : statement.list("exprs")) {
            if (at.major < 14 && expression.text("name").empty() && !at.failed)
                at.error("only simple column references are allowed in CREATE STATISTICS", "0A000", "Expressions came with PostgreSQL 14");
        }
        for (const Node &range : at.failed ? std::vector<Node>() : statement.list("relations")) {
            onTable(at, range, Lock::ShareUpdateExclusive, statistics_rule);
            const auto name = statement.names("defnames");
            if (Relation *table = name.empty() ? nullptr : at.relation(range))
                at.schema.statistics.push_back({name.size() > 1 ? name[0] : table->schema, name.back(), table});
        }
    } else if (statement.is("CreatePublicationStmt") || statement.is("AlterPublicationStmt")) {
        publication(at, statement);
    } else if (statement.is("CreateEnumStmt") || statement.is("CreateRangeStmt") || statement.is("CompositeTypeStmt") || (statement.is("DefineStmt") && statement.text("kind") == "OBJECT_TYPE")) {
        const auto name = statement.is("DefineStmt") ? statement.names("defnames") : statement.names("typeName");
        at.schema.types.insert(statement.is("CompositeTypeStmt") ? statement.get("typevar").text("relname") : name.empty() ? "" : name.back());
    } else if (statement.is("CreateExtensionStmt")) {
        at.schema.types_unknown = true;
    } else if (statement.is("CreateDomainStmt")) {
        createDomain(at, statement);
    } else if (statement.is("AlterDomainStmt")) {
        alterDomain(at, statement);
    } else if (statement.is("CreateFunctionStmt")) {
        createFunction(at, statement);
    } else if (statement.is("AlterSeqStmt")) {
        alterSequence(at, statement);
    } else if (statement.is("AlterEnumStmt")) {
        at.because(enum_rule);
        if (!statement.text("oldVal").empty())
            at.breaks("Code that names the value '" + statement.text("oldVal") + "' fails");
    } else if (statement.is("GrantStmt")) {
        at.because(grant_rule);
        for (const Node &object : (statement.text("objtype") == "OBJECT_TABLE" || statement.text("objtype") == "OBJECT_SEQUENCE") && statement.text("targtype") == "ACL_TARGET_OBJECT" ? statement.list("objects") : std::vector<Node>()) {
            if (at.major >= 18) // seen there only
                at.lock(at.relation(object), Lock::AccessShare);
        }
        if (!statement.flag("is_grant"))
            at.breaks("Roles lose privileges");
    } else if (statement.is("VariableSetStmt")) {
        setting(at, statement);
    } else {
        return false;
    }
    return true;
}

} // namespace howdah::migration::effects
