// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/migration/recipes/column_switch.h"
#include "core/migration/recipes/constraints.h"
#include "core/migration/recipes/indexes.h"
#include "core/migration/recipes/not_null.h"
#include "core/migration/recipes/text.h"
#include "core/migration/recipes/type_change_leaves.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

/// ALTER [COLUMN] c [SET DATA] TYPE type [COLLATE x] [USING expression]
Retyped said(const Wish &wish)
{
    Retyped out;
    out.name = wish.command.text("name");
    const auto words = wordsOf(wish.clause);
    std::size_t at = 1;
    if (at < words.size() && words[at].text == "column" && !words[at].quoted && at + 1 < words.size() && words[at + 1].is_name && words[at + 1].text != "type" )
        ++at;
    while (at < words.size() && (words[at].quoted || words[at].text != "type" || at < 2))
        ++at;
    const std::size_t begin = at < words.size() ? words[at].span.end.value : wish.clause.size();
    std::size_t type_end = wish.clause.size(), collate = wish.clause.size();
    int depth = 0;
    for (std::size_t i = at + 1; i < words.size(); ++i) {
        depth += words[i].is_name ? 0 : words[i].text == "(" ? 1 : words[i].text == ")" ? -1 : 0;
        if (depth != 0 || !words[i].is_name || words[i].quoted)
            continue;
        if (words[i].text == "using") {
            type_end = words[i].span.begin.value;
            out.conversion = trimmed(wish.clause.substr(words[i].span.end.value));
            break;
        }
        if (words[i].text == "collate")
            collate = words[i].span.begin.value;
    }
    out.type = trimmed(wish.clause.substr(begin, type_end - begin));
    out.bare_type = trimmed(wish.clause.substr(begin, std::min(type_end, collate) - begin));
    return out;
}

/// What the server would ask: an assignment cast, or a conversion to text.
Result<void> checkCast(const Ground &ground, const Retyped &column)
{
    if (!column.conversion.empty())
        return {};
    const auto rows = ddl::records(ground.connection, R"(
SELECT s.oid = d.oid OR d.typcategory = 'S' OR 'd' IN (s.typtype, d.typtype) OR 'A' IN (s.typcategory, d.typcategory)
       OR EXISTS (SELECT FROM pg_cast WHERE castsource = s.oid AND casttarget = d.oid AND castcontext IN ('a', 'i'))
FROM pg_type s, pg_type d WHERE s.oid = $1::regtype AND d.oid = $2::regtype)", {column.from_type, column.bare_type});
    if (!rows)
        return tl::unexpected(rows.error());
    if (!rows->empty() && !rows->front().flag(0))
        return refuse(fmt::format("column \"{}\" cannot be cast automatically to type {}", column.name, column.bare_type), fmt::format("Say how: USING {}::{}", sql::quoteIdentifier(column.name), column.bare_type), "42804");
    return {};
}

int integerBytes(const std::string &type)
{
    std::string lower = type;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    static const std::map<std::string, int> all{{"smallint", 2}, {"int2", 2}, {"integer", 4}, {"int", 4}, {"int4", 4}, {"bigint", 8}, {"int8", 8}};
    const auto found = all.find(lower);
    return found == all.end() ? 0 : found->second;
}

/// The way from the new value to the old one, as PL/pgSQL.
Result<void> findWayBack(const Ground &ground, Retyped &column, const std::string &old_name)
{
    const std::string value = "NEW." + sql::quoteIdentifier(column.name), target = "NEW." + sql::quoteIdentifier(old_name);
    const int from = integerBytes(column.from_type), to = integerBytes(column.bare_type);
    if (!column.conversion.empty() && !ground.options.back.empty()) {
        column.back = fmt::format("  {} := {};\n", target, ofNewRow(ground.options.back));
        return {};
    }
    if (!column.conversion.empty()) {
        // Its own cast, or AT TIME ZONE, which is its own inverse.
        const auto words = wordsOf(column.conversion);
        const bool cast = columnsOf(column.conversion).size() == 1 && words.size() >= 3 && words[0].is_name && words[0].text == column.name && words[1].text == "::";
        const bool zone = words.size() == 5 && words[0].is_name && words[0].text == column.name && words[1].text == "at" && words[2].text == "time" && words[3].text == "zone";
        if (zone)
            column.back = fmt::format("  {} := {};\n", target, ofNewRow(column.conversion));
        if (zone)
            column.lossless = true;
        if (zone || !cast)
            return {};
    }
    if (from != 0 && to > from) {
        column.back = fmt::format("  {} := CASE WHEN {} BETWEEN {} THEN {} END;\n", target, value, from == 2 ? "-32768 AND 32767" : "-2147483648 AND 2147483647", value);
    } else if (column.from_type.rfind("json", 0) == 0 && column.bare_type.rfind("json", 0) == 0) {
        column.back = fmt::format("  {} := {};\n", target, value);
        column.lossless = true;
    } else {
        // What the old type cannot hold has no old value; the way back then says so.
        column.back = fmt::format("  BEGIN\n    {} := {};\n  EXCEPTION WHEN data_exception THEN\n    {} := NULL;\n  END;\n", target, value, target);
    }
    return {};
}

class TypeChangePlan
{
public:
    TypeChangePlan(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft) : ground_(ground), wishes_(wishes), draft_(draft), table_(*wishes.front()->table), on_(nameOf(table_)) {}

    Result<void> make()
    {
        std::vector<std::string> names;
        for (const Wish *wish : wishes_) {
            Retyped column = said(*wish);
            const pg::CatalogColumn *found = columnOf(table_, column.name);
            if (found == nullptr)
                return refuse("column \"" + column.name + "\" of relation \"" + table_.name + "\" does not exist", {}, "42703");
            column.from_type = found->type;
            column.fresh = objectName("new", {column.name});
            column.aside = objectName("old", {column.name});
            if (auto checked = checkCast(ground_, column); !checked)
                return checked;
            if (auto back = findWayBack(ground_, column, column.aside); !back)
                return back;
            names.push_back(column.name);
            columns_.push_back(std::move(column));
        }
        auto parts = partsOf(ground_, table_, names);
        if (parts && !parts->generated.empty()) {
            if (auto added = generated(parts->generated, names); !added)
                return added;
            parts = partsOf(ground_, table_, names);
        }
        if (!parts)
            return tl::unexpected(parts.error());
        parts_ = std::move(*parts);
        if (auto possible = obstacles(); !possible)
            return possible;
        if (table_.kind == 'p') {
            auto leaves = leafPartsOf(ground_, table_, parts_, names);
            if (!leaves)
                return tl::unexpected(leaves.error());
            leaves_ = std::move(*leaves);
        }
        for (Retyped &column : columns_) {
            for (const ColumnPart &part : parts_.columns) {
                if (part.name == column.name)
                    column.part = part;
            }
            renames_[column.name] = column.fresh;
            draft_.moved.insert(table_.schema + "." + table_.name + "." + column.name);
        }
        expand();
        backfill();
        validate();
        ColumnSwitch change{ground_, draft_, table_, parts_, columns_, *forward_, *backward_, leaves_.indexes, {}, recomputed_};
        if (!computing_.empty())
            change.computing = syncTrigger(table_, parts_, "gen", columns_.front().name, computing_);
        columnSwitch(change);
        explain();
        return {};
    }

private:
    Result<void> obstacles()
    {
        const std::string what = table_.name + "." + columns_.front().name;
        if (table_.is_partition)
            return refuse("The type of " + what + " can only be changed in the partitioned table, which the partition has it from", "Name that table instead");
        if (table_.kind == 'p' && !parts_.incoming.empty())
            return refuse(fmt::format("The foreign key {} of {} refers to the partitioned table: there is no recipe that puts another key of all partitions below it", parts_.incoming.front().name, parts_.incoming.front().table), "Drop it first, and add it again afterwards");
        if (table_.kind == 'p' && !parts_.foreign_keys.empty())
            return refuse("There is no recipe that puts the foreign key " + parts_.foreign_keys.front().name + " of a partitioned table onto another column", "Drop it first, and add it again afterwards");
        for (const Retyped &column : columns_) {
            if (isPartitionKey(column.name))
                return refuse(fmt::format("cannot alter column \"{}\" because it is part of the partition key of relation \"{}\"", column.name, table_.name), "Build a new partitioned table, and move the rows there", "42P16");
        }
        if (parts_.inherited)
            return refuse("There is no recipe that changes the type of " + what + " in an inheritance tree");
        if (!parts_.exclusions.empty())
            return refuse("The exclusion constraint " + parts_.exclusions.front() + " cannot be made anew without keeping readers and writers waiting", "Drop it first if you can do without it meanwhile");
        if (!parts_.functions.empty())
            return refuse("The body of the function " + parts_.functions.front() + " depends on the column", "Drop it first and create it again afterwards");
        return {};
    }

    bool isPartitionKey(const std::string &name) const
    {
        if (table_.partition_key.empty())
            return false;
        const std::size_t open = table_.partition_key.find('(');
        const std::vector<std::string> columns = columnsOf("ROW" + table_.partition_key.substr(open == std::string::npos ? 0 : open));
        return std::find(columns.begin(), columns.end(), name) != columns.end();
    }

    /// Stored generated columns cannot be made in place of plain ones without a rewrite: they get plain columns beside them too, computed
    /// by triggers. Virtual ones are computed from the new column by another expression, which is instant.
    Result<void> generated(const std::vector<std::string> &found, std::vector<std::string> &names)
    {
        const auto parts = partsOf(ground_, table_, found);
        if (!parts)
            return tl::unexpected(parts.error());
        for (const ColumnPart &part : parts->columns) {
            if (part.generated == 'v') {
                const bool checked = std::any_of(table_.constraints.begin(), table_.constraints.end(), [](const pg::CatalogConstraint &constraint) { return constraint.type == 'c'; });
                if (checked)
                    return refuse("The virtual generated column " + part.name + " is computed from it, and the server changes no such expression in a table with CHECK constraints", "Drop the generated column first, and add it again afterwards");
                recomputed_.emplace_back(part.name, part.default_expr);
                draft_.notes.push_back(fmt::format("The virtual column {} is computed from the new column after the switch.", sql::quoteIdentifier(part.name)));
                continue;
            }
            Retyped column;
            column.name = part.name;
            column.from_type = column.type = column.bare_type = part.type;
            column.computed = true;
            column.fresh = objectName("new", {part.name});
            column.aside = objectName("old", {part.name});
            column.conversion = withColumns(part.default_expr, [this](const std::string &name) {
                for (const Retyped &retyped : columns_) {
                    if (retyped.name == name && !retyped.computed)
                        return retyped.typed();
                }
                return sql::quoteIdentifier(name);
            });
            computing_ += fmt::format("  NEW.{} := {};\n", sql::quoteIdentifier(part.name), ofNewRow(part.default_expr));
            names.push_back(part.name);
            draft_.notes.push_back(fmt::format("The generated column {} becomes a plain one that a trigger computes in the same way: to make it GENERATED again would rewrite the table.", sql::quoteIdentifier(part.name)));
            columns_.push_back(std::move(column));
        }
        return {};
    }

    void expand()
    {
        std::string add, drop, settings, forward, backward, names;
        for (Retyped &column : columns_) {
            const std::string fresh = sql::quoteIdentifier(column.fresh);
            add += fmt::format("{}ADD COLUMN {} {}", add.empty() ? "" : ", ", fresh, column.type);
            drop += fmt::format("{}DROP COLUMN IF EXISTS {}", drop.empty() ? "" : ", ", fresh);
            names += (names.empty() ? "" : ", ") + fresh;
            if (!column.part.settings.empty())
                settings += fmt::format(";\nALTER TABLE {} {}", on_, filled(column.part.settings, fresh));
            if (!column.part.comment.empty())
                settings += fmt::format(";\nCOMMENT ON COLUMN {}.{} IS {}", on_, fresh, sql::quoteLiteral(column.part.comment));
            for (const std::string &grant : column.part.grants)
                settings += ";\n" + filled(grant, fresh);
            forward += fmt::format("  NEW.{} := {};\n", fresh, ofNewRow(column.value()));
            backward += column.back;
        }
        draft_.add(Phase::Expand, "Add " + names + " of the new type", fmt::format("ALTER TABLE {} {}{}", on_, add, settings), fmt::format("ALTER TABLE {} {}", on_, drop)).note = "Nothing reads it yet.";
        forward_ = syncTrigger(table_, parts_, "sync", columns_.front().name, forward);
        stale_ = staleRows();
        forward_->when = whenStale(table_, stale_);
        backward_ = syncTrigger(table_, parts_, "back", columns_.front().name, withoutColumnList() + backward);
        draft_.add(Phase::Expand, "Keep it in step with the old column", forward_->createFunction() + ";\n" + backward_->createFunction() + ";\n" + forward_->createTrigger(),
                   forward_->dropTrigger(true) + ";\n" + forward_->dropFunction(true) + ";\n" + backward_->dropFunction(true))
            .note = "On INSERT and on UPDATE.";
        askSubscribers(draft_, table_, parts_, names);
        if (columns_.front().name != table_.columns.back().name || columns_.size() > 1)
            draft_.notes.push_back(fmt::format("A column of another type stands behind all others of {}. Until the old one is dropped, INSERT and COPY without a list of columns are "
                                               "understood as before; give them a list by then.", on_));
    }

    /// Behind the switch nobody names the old column; an INSERT or COPY without a list of columns still means it, by its place.
    std::string withoutColumnList() const
    {
        std::string given;
        for (const Retyped &column : columns_) {
            if (column.computed)
                continue;
            const std::string value = withColumns(column.value(), [&](const std::string &name) {
                const auto own = std::find_if(columns_.begin(), columns_.end(), [&](const Retyped &one) { return one.name == name; });
                return "NEW." + sql::quoteIdentifier(own == columns_.end() ? name : own->aside);
            });
            given += fmt::format("  IF TG_OP = 'INSERT' AND NEW.{} IS NOT NULL THEN\n    NEW.{} := {};\n  END IF;\n", sql::quoteIdentifier(column.aside),
                                 sql::quoteIdentifier(column.name), value);
        }
        return given;
    }

    /// Rows whose new columns are not what they should be.
    std::string staleRows() const
    {
        std::string stale;
        for (const Retyped &column : columns_)
            stale += (stale.empty() ? "" : " OR ") + differs(sql::quoteIdentifier(column.fresh), column.typed(), column.bare_type);
        return stale;
    }

    void backfill()
    {
        std::string set;
        for (const Retyped &column : columns_)
            set += fmt::format("{}{} = {}", set.empty() ? "" : ", ", sql::quoteIdentifier(column.fresh), column.value());
        for (const pg::CatalogRelation *part : table_.kind == 'p' ? leavesOf(ground_, table_) : std::vector<const pg::CatalogRelation *>{&table_}) {
            if (part->kind != 'r')
                continue; // foreign tables have their own ways
            const std::string on = nameOf(*part);
            ChangeStep &fill = draft_.add(Phase::Backfill, table_.kind == 'p' ? "Fill the new column of " + on : "Fill the new column", "", "");
            fill.batches = BatchWork{on, walkKey(*part), fmt::format("UPDATE {} SET {} WHERE {{range}} AND ({})", on, set, stale_), 1000, true};
            fill.no_undo_reason = "Nothing to take back: what was filled goes with the new column";
            fill.note = triggerNote(parts_);
        }
    }

    void validate()
    {
        for (const IndexPart &index : parts_.indexes) {
            if (!index.valid) {
                draft_.notes.push_back("The invalid index " + index.sql() + " is not built anew; it goes with the old column.");
                continue;
            }
            const IndexText cut = cutCreateIndex(index.definition);
            const std::string fresh = objectName("new", {index.name});
            if (table_.kind == 'p') {
                partitioned(index, cut, fresh);
                continue;
            }
            draft_.index(Phase::Validate, "Build " + index.sql() + " on the new column", fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(fresh), on_, cut.method, tailWithColumns(cut.tail, renames_)),
                         sql::quoteQualified(index.schema, fresh));
            if (index.primary) {
                const std::string spare = objectName("old", {index.name});
                draft_.index(Phase::Validate, "Build a second index on the old column", fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(spare), on_, cut.method, cut.tail),
                             sql::quoteQualified(index.schema, spare))
                    .note = "For the way back: the primary key's own index goes when the new column takes over.";
            }
        }
        ownIndexes();
        for (const Retyped &column : columns_) {
            if (column.part.not_null)
                notNullSteps(ground_, draft_, {on_, table_.name, column.fresh, Phase::Validate, false, ground_.major >= 18 ? objectName("nn", {table_.name, column.fresh}) : std::string()});
        }
        for (const ConstraintPart &check : parts_.checks)
            checkSteps(draft_, on_, objectName("new", {check.name}), constraintWithColumns(check.definition, renames_), Phase::Validate);
        for (const ConstraintPart &key : parts_.foreign_keys)
            checkSteps(draft_, on_, objectName("new", {key.name}), constraintWithColumns(key.definition, renames_), Phase::Validate);
        for (const IncomingKey &key : parts_.incoming)
            incoming(key);
        draft_.patient(Phase::Validate, "Gather statistics of the new column", "ANALYZE " + on_, "").no_undo_reason = "Nothing to take back";
        std::vector<std::string> expected, found;
        for (const Retyped &column : columns_) {
            expected.push_back(column.typed());
            found.push_back(sql::quoteIdentifier(column.fresh));
        }
        ChangeStep &compare = draft_.patient(Phase::Validate, "Compare old and new", "", "");
        compare.comparison = comparisonOf(table_, expected, found, stale_);
        compare.no_undo_reason = "Nothing to take back: it only reads";
    }

    void partitioned(const IndexPart &index, IndexText cut, const std::string &fresh)
    {
        const std::string tail = tailWithColumns(cut.tail, renames_);
        if (index.constraint.empty()) {
            cut.tail = tail;
            partitionedIndexSteps(ground_, draft_, table_, cut, fresh, Phase::Validate);
            return;
        }
        for (const LeafIndex &leaf : leaves_.indexes[index.name]) {
            draft_.index(Phase::Validate, "Build the unique index of " + leaf.table + " on the new column", fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {}{}", sql::quoteIdentifier(leaf.fresh), leaf.table, cut.method, tail),
                         sql::quoteQualified(leaf.schema, leaf.fresh));
            const std::string spare = objectName("old", {leaf.name});
            draft_.index(Phase::Validate, "Build a second index of " + leaf.table + " on the old column", fmt::format("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {}{}", sql::quoteIdentifier(spare), leaf.table, cut.method, cut.tail),
                         sql::quoteQualified(leaf.schema, spare))
                .note = "For the way back: the key's own index goes when the new column takes over.";
        }
    }

    /// Of partitions alone.
    void ownIndexes()
    {
        for (std::size_t i = 0; i < leaves_.own.size(); ++i) {
            const LeafIndex &leaf = leaves_.indexes[""][i];
            const IndexText cut = cutCreateIndex(leaves_.own[i].definition);
            draft_.index(Phase::Validate, "Build " + leaves_.own[i].sql() + " on the new column", fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}{}", cut.unique ? "UNIQUE " : "", sql::quoteIdentifier(leaf.fresh), leaf.table, cut.method, tailWithColumns(cut.tail, renames_)),
                         sql::quoteQualified(leaf.schema, leaf.fresh));
        }
    }

    /// A second foreign key of the other table, to the new column; the first goes before the switch.
    void incoming(const IncomingKey &key)
    {
        const std::string name = sql::quoteIdentifier(objectName("new", {key.name})), old = sql::quoteIdentifier(key.name);
        std::string definition = key.definition;
        if (definition.size() > 10 && definition.compare(definition.size() - 10, 10, " NOT VALID") == 0)
            definition.resize(definition.size() - 10);
        draft_.add(Phase::Validate, fmt::format("Let {} refer to the new column too", key.table), fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", key.table, name, referencesWithColumns(definition, renames_)),
                   fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", key.table, name))
            .note = "Rows that are there are not looked at yet.";
        draft_.patient(Phase::Validate, "Check the rows of " + key.table, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", key.table, name), fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", key.table, old)).note =
            "The way back validates the old foreign key again where it had been dropped.";
        draft_.add(Phase::Switch, fmt::format("Drop the foreign key {} of {}", old, key.table), fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", key.table, old),
                   fmt::format("ALTER TABLE {0} DROP CONSTRAINT IF EXISTS {1};\nALTER TABLE {0} ADD CONSTRAINT {1} {2} NOT VALID", key.table, old, definition))
            .note = "On its own, because reads and writes of both tables wait for it; the second foreign key holds meanwhile.";
    }

    void explain()
    {
        draft_.why = columns_.size() > 1 ? "Columns of the new types are added beside the old ones, kept in step by one trigger and filled in one pass; they take the old ones' place in one brief transaction"
                                         : "A column of the new type is added beside the old one, kept in step by a trigger and filled in batches; it takes the old one's place in one brief transaction";
        if (!parts_.dependants.empty()) {
            std::string list;
            for (const Dependant &one : parts_.dependants)
                list += (list.empty() ? "" : ", ") + one.what;
            draft_.notes.push_back("Made again in the same transaction: " + list + ".");
        }
        for (const Retyped &column : columns_) {
            if (column.computed)
                continue;
            draft_.deploy(Phase::Switch, fmt::format("Deploy a version of the application that takes {}.{} as {}, and names the columns in each INSERT; prepared statements that return it must be prepared again", on_, sql::quoteIdentifier(column.name), column.bare_type));
        }
        draft_.deploy(Phase::Contract, "Wait until you are sure of the new type: the old values are gone after this");
        draft_.notes.emplace_back("The column stands last in the table afterwards: an INSERT that names no columns must name them.");
    }

    const Ground &ground_;
    const std::vector<const Wish *> &wishes_;
    Draft &draft_;
    const pg::CatalogRelation &table_;
    std::string on_, stale_, computing_;
    std::vector<std::pair<std::string, std::string>> recomputed_;
    LeafParts leaves_;
    std::vector<Retyped> columns_;
    std::map<std::string, std::string> renames_;
    TableParts parts_;
    std::optional<SyncTrigger> forward_, backward_;
};

/// No rewrite, only constraints to be checked again: they are dropped, added NOT VALID and validated.
bool onlyChecks(const std::vector<const Wish *> &wishes)
{
    return std::all_of(wishes.begin(), wishes.end(), [](const Wish *wish) { return wish->naive.rewrites.empty() && wish->naive.builds.empty() && wish->naive.errors.empty(); });
}

Result<void> checksAgain(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    const Wish &wish = *wishes.front();
    std::vector<std::string> names;
    for (const Wish *one : wishes)
        names.push_back(one->command.text("name"));
    const auto parts = partsOf(ground, *wish.table, names);
    if (!parts)
        return tl::unexpected(parts.error());
    std::string before, after, clauses, back;
    for (const Wish *one : wishes) {
        const std::string column = sql::quoteIdentifier(one->command.text("name"));
        clauses += (clauses.empty() ? "" : ", ") + one->clause;
        back += fmt::format("{}ALTER COLUMN {} TYPE {}", back.empty() ? "" : ", ", column, columnOf(*wish.table, one->command.text("name"))->type);
    }
    for (const ConstraintPart &check : parts->checks) {
        const std::string name = sql::quoteIdentifier(check.name);
        before += fmt::format("ALTER TABLE {} DROP CONSTRAINT {};\n", wish.on(), name);
        after += fmt::format(";\nALTER TABLE {} ADD CONSTRAINT {} {}{}", wish.on(), name, check.definition, check.validated ? " NOT VALID" : "");
    }
    draft.add(Phase::Switch, "Change the type, the constraints without a scan", fmt::format("{}ALTER TABLE {} {}{}", before, wish.on(), clauses, after), fmt::format("{}ALTER TABLE {} {}{}", before, wish.on(), back, after));
    draft.steps.back().note = "The constraints hold for new rows at once.";
    for (const ConstraintPart &check : parts->checks) {
        if (check.validated)
            draft.patient(Phase::Switch, "Check the rows that are there against " + check.name, fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", wish.on(), sql::quoteIdentifier(check.name)), "").no_undo_reason = "Nothing to take back";
    }
    draft.why = "The new type needs no rewrite, but its CHECK constraints would be verified under the lock: they are put back NOT VALID and validated afterwards";
    return {};
}

} // namespace

std::string Retyped::value() const
{
    return conversion.empty() ? sql::quoteIdentifier(name) : conversion;
}

std::string Retyped::typed() const
{
    return fmt::format("({})::{}", value(), bare_type);
}

Result<void> changeType(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    return onlyChecks(wishes) ? checksAgain(ground, wishes, draft) : TypeChangePlan(ground, wishes, draft).make();
}

} // namespace howdah::migration::recipes
