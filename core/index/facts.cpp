// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/facts.h"

#include <algorithm>
#include <cstdlib>

#include "core/pg/catalog_row.h"
#include "core/pg/connection.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

using pg::CatalogRow;

// A type's polymorphic stand-ins in pg_opclass.
constexpr std::uint32_t any_array = 2277, any_enum = 3500, any_range = 3831, any_multirange = 4537, text_type = 25, varchar_type = 1043;

double decimal(const std::string &text)
{
    return std::strtod(text.c_str(), nullptr);
}

template <typename Each> Result<void> forEach(pg::Connection &connection, std::string_view sql, const std::vector<pg::Parameter> &parameters, Each each)
{
    const auto answer = connection.query(sql, parameters);
    if (!answer)
        return tl::unexpected(answer.error());
    for (std::int64_t row = 0; row < answer->result->rowCount(); ++row) {
        CatalogRow fields(*answer->result, row);
        each(fields);
    }
    return {};
}

Result<void> readClasses(pg::Connection &connection, AccessMethods &methods)
{
    auto done = forEach(connection,
        "SELECT c.oid, CASE WHEN pg_catalog.pg_opclass_is_visible(c.oid) THEN pg_catalog.quote_ident(c.opcname) "
        "ELSE pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.opcname) END, a.amname, c.opcfamily, c.opcintype, c.opcdefault, "
        "EXISTS (SELECT FROM pg_catalog.pg_amproc p WHERE p.amprocfamily = c.opcfamily AND p.amproclefttype = c.opcintype AND p.amproclefttype = p.amprocrighttype AND p.amprocnum = 4 AND a.amname = 'btree'), "
        "t.typlen FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_am a ON a.oid = c.opcmethod JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace "
        "JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN c.opckeytype = 0 THEN c.opcintype ELSE c.opckeytype END ORDER BY a.amname, c.opcdefault DESC, c.oid", {},
        [&](CatalogRow &row) {
            ClassFacts one;
            one.oid = row.number<std::uint32_t>();
            one.name = row.text();
            one.method = row.text();
            one.family = row.number<std::uint32_t>();
            one.type = row.number<std::uint32_t>();
            one.by_default = row.flag();
            one.equal_image = row.flag();
            one.length = row.number<int>();
            // char(n) has the support function, and yet no real index on it was packed (bt_metap says allequalimage = f).
            constexpr std::uint32_t bpchar_type = 1042;
            one.equal_image = one.equal_image && one.type != bpchar_type;
            methods.classes.push_back(std::move(one));
        });
    if (!done)
        return done;
    done = forEach(connection,
        "SELECT o.oprname, coalesce(k.oprname, ''), a.amopfamily, a.amoplefttype, a.amoprighttype, a.amopstrategy, a.amoppurpose = 'o' FROM pg_catalog.pg_amop a "
        "JOIN pg_catalog.pg_operator o ON o.oid = a.amopopr LEFT JOIN pg_catalog.pg_operator k ON k.oid = o.oprcom ORDER BY a.oid", {},
        [&](CatalogRow &row) {
            OperatorFacts one;
            one.name = row.text();
            one.commutator = row.text();
            one.family = row.number<std::uint32_t>();
            one.left = row.number<std::uint32_t>();
            one.right = row.number<std::uint32_t>();
            one.strategy = row.number<int>();
            one.orders = row.flag();
            methods.operators[one.family].push_back(std::move(one));
        });
    if (!done)
        return done;
    done = forEach(connection, "SELECT castsource, casttarget FROM pg_catalog.pg_cast WHERE castmethod = 'b' AND castcontext = 'i'", {}, [&](CatalogRow &row) {
        const auto from = row.number<std::uint32_t>();
        methods.coercible.emplace(from, row.number<std::uint32_t>());
    });
    if (!done)
        return done;
    done = forEach(connection,
        "SELECT DISTINCT p.proname FROM pg_catalog.pg_proc p WHERE p.provolatile = 'v' AND (p.pronamespace <> 'pg_catalog'::regnamespace "
        "OR p.proname ~ '^(nextval|setval|pg_advisory|pg_try_advisory|pg_sleep|pg_terminate|pg_cancel|lo_|pg_reload|pg_rotate|pg_switch|pg_create|pg_drop|pg_notify|set_config|pg_logical|query_to_xml|pg_stat_reset)') LIMIT 20000",
        {}, [&](CatalogRow &row) { methods.volatile_functions.insert(row.text()); });
    return done;
}

Result<void> readRights(pg::Connection &connection, Facts &facts)
{
    auto done = forEach(connection,
        "SELECT current_setting('seq_page_cost'), current_setting('random_page_cost'), current_setting('cpu_tuple_cost'), current_setting('cpu_index_tuple_cost'), "
        "current_setting('cpu_operator_cost'), pg_catalog.pg_size_bytes(current_setting('effective_cache_size')) / current_setting('block_size')::int, "
        "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'), pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP')", {},
        [&](CatalogRow &row) {
            facts.costs.seq_page = decimal(row.text());
            facts.costs.random_page = decimal(row.text());
            facts.costs.cpu_tuple = decimal(row.text());
            facts.costs.cpu_index_tuple = decimal(row.text());
            facts.costs.cpu_operator = decimal(row.text());
            facts.costs.cache_pages = decimal(row.text());
            facts.may_create_schema = row.flag();
            facts.may_create_temporary = row.flag();
        });
    if (!done)
        return done;
    return forEach(connection, "SELECT e.name, e.installed_version IS NOT NULL FROM pg_catalog.pg_available_extensions e "
                               "UNION SELECT extname, true FROM pg_catalog.pg_extension", {}, [&](CatalogRow &row) {
        std::string name = row.text();
        if (row.flag())
            facts.extensions.insert(name);
        facts.available_extensions.insert(std::move(name));
    });
}

Result<void> readColumns(pg::Connection &connection, const std::string &oids, Facts &facts, const std::unordered_map<std::uint32_t, std::size_t> &places)
{
    auto done = forEach(connection,
        "WITH RECURSIVE base AS (SELECT a.attrelid, a.attnum, a.attname, a.attlen, a.attalign, a.attnotnull, a.attcollation, t.oid AS typid, t.typtype, t.typbasetype "
        "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped "
        "UNION ALL SELECT b.attrelid, b.attnum, b.attname, b.attlen, b.attalign, b.attnotnull, b.attcollation, t.oid, t.typtype, t.typbasetype "
        "FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typbasetype WHERE b.typtype = 'd') "
        "SELECT b.attrelid, b.attname, b.attnum, b.typid, pg_catalog.format_type(b.typid, NULL), b.typtype, t.typcategory, b.attlen, b.attalign, b.attnotnull, "
        "coalesce(c.collname IN ('C', 'POSIX') OR (c.collname = 'default' AND d.datcollate IN ('C', 'POSIX')), true), coalesce(c.collisdeterministic, true) "
        "FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typid LEFT JOIN pg_catalog.pg_collation c ON c.oid = b.attcollation "
        "CROSS JOIN (SELECT coalesce(pg_catalog.to_jsonb(d)->>'datlocale', pg_catalog.to_jsonb(d)->>'datcollate') AS datcollate FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) d "
        "WHERE b.typtype <> 'd' ORDER BY b.attrelid, b.attnum", {{oids}},
        [&](CatalogRow &row) {
            TableFacts &table = facts.tables[places.at(row.number<std::uint32_t>())];
            ColumnFacts one;
            one.name = row.text();
            one.attnum = row.number<int>();
            one.type = row.number<std::uint32_t>();
            one.type_name = row.text();
            one.type_kind = row.letter();
            one.category = row.letter();
            one.length = row.number<int>();
            one.align = row.letter();
            one.not_null = row.flag();
            one.c_collation = row.flag();
            one.deterministic = row.flag();
            one.width = one.length > 0 ? one.length : 16;
            facts.methods.kinds[one.type] = {one.type_kind, one.category};
            table.columns.push_back(std::move(one));
        });
    if (!done)
        return done;
    return forEach(connection,
        "SELECT c.oid, s.attname, s.null_frac, s.avg_width, s.n_distinct, coalesce(s.correlation, 0), "
        "pg_catalog.array_to_string(s.most_common_vals::text::text[], E'\\x01'), s.most_common_freqs::text, "
        "pg_catalog.array_to_string(s.histogram_bounds::text::text[], E'\\x01'), coalesce(s.elem_count_histogram[pg_catalog.array_length(s.elem_count_histogram, 1)], 0) "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname "
        "AND s.inherited = (c.relkind = 'p') WHERE c.oid = ANY ($1::oid[])", {{oids}},
        [&](CatalogRow &row) {
            TableFacts &table = facts.tables[places.at(row.number<std::uint32_t>())];
            const std::string name = row.text();
            const auto found = std::find_if(table.columns.begin(), table.columns.end(), [&](const ColumnFacts &one) { return one.name == name; });
            if (found == table.columns.end())
                return;
            found->has_statistics = true;
            found->null_fraction = decimal(row.text());
            found->width = decimal(row.text());
            const double distinct = decimal(row.text());
            found->distinct = distinct < 0 ? -distinct * std::max(1.0, table.rows) : distinct;
            found->correlation = decimal(row.text());
            found->common_values = row.texts();
            const std::string frequencies = row.text();
            for (std::size_t at = frequencies.find_first_of("0123456789."); at != std::string::npos; at = frequencies.find_first_of("0123456789.", at)) {
                char *end = nullptr;
                found->common_frequencies.push_back(std::strtod(frequencies.c_str() + at, &end));
                at = static_cast<std::size_t>(end - frequencies.c_str());
            }
            found->common_values.resize(std::min(found->common_values.size(), found->common_frequencies.size()));
            found->common_frequencies.resize(found->common_values.size());
            found->histogram = row.texts();
            found->elements = decimal(row.text());
        });
}

Result<void> readIndexes(pg::Connection &connection, const std::string &oids, Facts &facts, const std::unordered_map<std::uint32_t, std::size_t> &places)
{
    auto done = forEach(connection,
        "SELECT i.indrelid, i.indexrelid, c.relname, n.nspname, a.amname, pg_catalog.pg_get_indexdef(i.indexrelid), "
        "pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM pg_catalog.generate_series(1, i.indnkeyatts) k ORDER BY k), E'\\x01'), "
        "pg_catalog.array_to_string(ARRAY(SELECT o.opcname FROM pg_catalog.unnest(i.indclass) WITH ORDINALITY u(oid, nr) JOIN pg_catalog.pg_opclass o ON o.oid = u.oid ORDER BY u.nr), E'\\x01'), "
        "i.indoption::text, "
        "pg_catalog.array_to_string(ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false) FROM pg_catalog.generate_series(i.indnkeyatts + 1, i.indnatts) k ORDER BY k), E'\\x01'), "
        "coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''), i.indisunique, i.indisprimary, i.indisvalid AND i.indisready, "
        "EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')), pg_catalog.pg_relation_size(i.indexrelid), "
        "coalesce(pg_catalog.pg_stat_get_numscans(i.indexrelid), 0) "
        "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am a ON a.oid = c.relam JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE i.indrelid = ANY ($1::oid[]) ORDER BY i.indrelid, i.indexrelid", {{oids}},
        [&](CatalogRow &row) {
            TableFacts &table = facts.tables[places.at(row.number<std::uint32_t>())];
            IndexFacts one;
            one.oid = row.number<std::uint32_t>();
            one.name = row.text();
            one.schema = row.text();
            one.access_method = row.text();
            one.definition = row.text();
            one.keys = row.texts();
            one.classes = row.texts();
            for (const std::int16_t option : row.numbers())
                one.options.push_back(option);
            one.included = row.texts();
            one.predicate = row.text();
            one.unique = row.flag();
            one.primary = row.flag();
            one.valid = row.flag();
            one.constraint = row.flag();
            one.size_bytes = row.number<std::int64_t>();
            one.scans = row.number<std::int64_t>();
            table.indexes.push_back(std::move(one));
        });
    if (!done)
        return done;
    return forEach(connection,
        "SELECT k.conrelid, k.conname, pg_catalog.array_to_string(ARRAY(SELECT a.attname FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u(n, nr) "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.nr), E'\\x01'), k.confrelid::regclass::text "
        "FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conrelid = ANY ($1::oid[]) AND k.conparentid = 0 ORDER BY k.oid", {{oids}},
        [&](CatalogRow &row) {
            TableFacts &table = facts.tables[places.at(row.number<std::uint32_t>())];
            ForeignKey key;
            key.name = row.text();
            key.columns = row.texts();
            key.referenced = row.text();
            table.foreign_keys.push_back(std::move(key));
        });
}

} // namespace

const ColumnFacts *TableFacts::column(std::string_view column_name) const
{
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnFacts &one) { return one.name == column_name; });
    return found == columns.end() ? nullptr : &*found;
}

const ColumnFacts *TableFacts::column(int attnum) const
{
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnFacts &one) { return one.attnum == attnum; });
    return found == columns.end() ? nullptr : &*found;
}

std::string TableFacts::quoted() const
{
    return sql::quoteQualified(schema, name);
}

double TableFacts::rowWidth() const
{
    double width = 0;
    for (const ColumnFacts &one : columns)
        width += one.width * (1 - one.null_fraction);
    return width;
}

bool AccessMethods::accepts(const ClassFacts &operator_class, std::uint32_t type) const
{
    if (operator_class.type == type || coercible.count({type, operator_class.type}) > 0)
        return true;
    const auto kind = kinds.find(type);
    if (kind == kinds.end())
        return false;
    switch (operator_class.type) {
    case any_array: return kind->second.second == 'A';
    case any_enum: return kind->second.first == 'e';
    case any_range: return kind->second.first == 'r';
    case any_multirange: return kind->second.first == 'm';
    case text_type: return type == varchar_type;
    default: return false;
    }
}

std::vector<AccessMethods::Match> AccessMethods::serving(std::uint32_t type, std::string_view op, bool orders) const
{
    std::vector<Match> found;
    for (const ClassFacts &one : classes) {
        if (!accepts(one, type))
            continue;
        const auto family = operators.find(one.family);
        if (family == operators.end())
            continue;
        const auto operation = std::find_if(family->second.begin(), family->second.end(), [&](const OperatorFacts &candidate) {
            return candidate.name == op && candidate.orders == orders && (candidate.left == one.type || candidate.left == type);
        });
        if (operation != family->second.end())
            found.push_back({&one, &*operation});
    }
    // A class of the type itself before one that takes it too, defaults before others.
    std::stable_sort(found.begin(), found.end(), [&](const Match &a, const Match &b) {
        const auto rank = [&](const Match &match) { return (match.operator_class->type == type ? 0 : 2) + (match.operator_class->by_default ? 0 : 1); };
        return rank(a) < rank(b);
    });
    return found;
}

const ClassFacts *AccessMethods::byDefault(std::string_view method, std::uint32_t type) const
{
    const ClassFacts *found = nullptr;
    for (const ClassFacts &one : classes) {
        if (one.method != method || !one.by_default || !accepts(one, type))
            continue;
        if (one.type == type)
            return &one;
        if (found == nullptr)
            found = &one;
    }
    return found;
}

const ClassFacts *AccessMethods::named(std::string_view method, std::string_view name) const
{
    const auto found = std::find_if(classes.begin(), classes.end(), [&](const ClassFacts &one) {
        return one.method == method && (one.name == name || (one.name.size() > name.size() && one.name.ends_with(std::string(".") + std::string(name))));
    });
    return found == classes.end() ? nullptr : &*found;
}

std::string AccessMethods::commutatorOf(std::string_view op) const
{
    for (const auto &[family, all] : operators) {
        for (const OperatorFacts &one : all) {
            if (one.name == op && !one.commutator.empty())
                return one.commutator;
        }
    }
    return {};
}

const TableFacts *Facts::find(std::string_view schema, std::string_view name) const
{
    const auto found = by_name.find(sql::quoteQualified(schema, name));
    return found == by_name.end() ? nullptr : &tables[found->second];
}

Result<Facts> readServerFacts(pg::Connection &connection)
{
    Facts facts;
    facts.version = connection.facts().version_num;
    if (auto done = readClasses(connection, facts.methods); !done)
        return tl::unexpected(done.error());
    if (auto done = readRights(connection, facts); !done)
        return tl::unexpected(done.error());
    facts.hypopg = facts.extensions.count("hypopg") > 0;
    facts.hypopg_available = !facts.hypopg && facts.available_extensions.count("hypopg") > 0;
    return facts;
}

Result<void> readTables(pg::Connection &connection, const std::set<std::string> &names, Facts &facts)
{
    std::string joined;
    std::vector<std::string> wanted;
    for (const std::string &name : names) {
        if (facts.by_name.count(name) > 0 || facts.unknown.count(name) > 0)
            continue;
        wanted.push_back(name);
        joined += (joined.empty() ? "" : "\x01") + name;
    }
    if (wanted.empty())
        return {};
    std::string oids;
    std::unordered_map<std::uint32_t, std::size_t> places;
    std::unordered_map<std::uint32_t, std::size_t> known;
    for (std::size_t i = 0; i < facts.tables.size(); ++i)
        known.emplace(facts.tables[i].oid, i);
    auto done = forEach(connection,
        "SELECT w.name, c.oid, n.nspname, c.relname, c.relkind, c.relpersistence = 't', "
        "CASE WHEN c.relkind = 'p' THEN coalesce((SELECT sum(greatest(p.reltuples, 0)) FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class p ON p.oid = t.relid WHERE t.isleaf), 0) "
        "WHEN c.relpages > 0 THEN greatest(c.reltuples, 0) / c.relpages * (pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int) ELSE greatest(c.reltuples, 0) END, "
        "CASE WHEN c.relkind = 'p' THEN coalesce((SELECT sum(pg_catalog.pg_relation_size(t.relid)) FROM pg_catalog.pg_partition_tree(c.oid) t WHERE t.isleaf), 0) "
        "WHEN c.relkind IN ('r', 'm', 't') THEN pg_catalog.pg_relation_size(c.oid) ELSE 0 END / current_setting('block_size')::int, "
        "CASE WHEN c.relpages > 0 THEN least(1, c.relallvisible::float8 / c.relpages) ELSE 0 END, "
        "CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) ELSE '' END, c.reltuples > 0 OR c.relpages > 0 "
        "FROM pg_catalog.unnest(pg_catalog.string_to_array($1, E'\\x01')) WITH ORDINALITY w(name, nr) JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.name)::oid "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 't') ORDER BY w.nr", {{joined}},
        [&](CatalogRow &row) {
            const std::string name = row.text();
            TableFacts table;
            table.oid = row.number<std::uint32_t>();
            if (const auto place = known.find(table.oid); place != known.end()) {
                facts.by_name.emplace(name, place->second);
                return;
            }
            table.schema = row.text();
            table.name = row.text();
            table.kind = row.letter();
            table.temporary = row.flag();
            table.rows = decimal(row.text());
            table.pages = decimal(row.text());
            table.visible_fraction = decimal(row.text());
            table.view_definition = row.text();
            table.analyzed = row.flag();
            oids += (oids.empty() ? "" : ",") + std::to_string(table.oid);
            known.emplace(table.oid, facts.tables.size());
            places.emplace(table.oid, facts.tables.size());
            facts.by_name.emplace(name, facts.tables.size());
            facts.tables.push_back(std::move(table));
        });
    if (!done)
        return done;
    for (const std::string &name : wanted) {
        if (facts.by_name.count(name) == 0)
            facts.unknown.insert(name);
    }
    if (places.empty())
        return {};
    oids = "{" + oids + "}";
    if (done = readColumns(connection, oids, facts, places); !done)
        return done;
    return readIndexes(connection, oids, facts, places);
}

} // namespace howdah::index
