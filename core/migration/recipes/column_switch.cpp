// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/recipes/column_switch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/ddl/reading.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

std::string quoted(const std::string &name)
{
    return sql::quoteIdentifier(name);
}

/// Statements there, and their counterparts back in the opposite order.
struct Both {
    std::vector<std::string> there, back;
    void add(std::string forward, std::string backward)
    {
        if (!forward.empty())
            there.push_back(std::move(forward));
        if (!backward.empty())
            back.insert(back.begin(), std::move(backward));
    }
};

std::string joined(const std::vector<std::string> &statements)
{
    std::string sql;
    for (std::string statement : statements) {
        while (!statement.empty() && (statement.back() == ';' || statement.back() == '\n'))
            statement.pop_back();
        sql += (sql.empty() ? "" : ";\n") + statement;
    }
    return sql;
}

class Switching
{
public:
    explicit Switching(ColumnSwitch &change) : change_(change), on_(nameOf(change.table)) {}

    void make()
    {
        both_.add(change_.forward.dropTrigger(), change_.forward.createTrigger());
        defaults();
        replicaIdentity();
        keysAside();
        leafNames();
        names();
        for (const auto &[name, expression] : change_.recomputed)
            both_.add(alter(fmt::format("ALTER COLUMN {} SET EXPRESSION AS ({})", quoted(name), expression)), "");
        keysBack();
        const bool can_go_back = std::all_of(change_.columns.begin(), change_.columns.end(), [](const Retyped &column) { return column.computed || !column.back.empty(); });
        if (can_go_back)
            both_.add(change_.backward.createTrigger(), change_.backward.dropTrigger());
        if (change_.computing)
            both_.add(change_.computing->createFunction() + ";\n" + change_.computing->createTrigger(), change_.computing->dropTrigger() + ";\n" + change_.computing->dropFunction());
        for (const auto &[name, expression] : change_.recomputed) // last on the way back, when the names are the old ones again
            both_.back.push_back(alter(fmt::format("ALTER COLUMN {} SET EXPRESSION AS ({})", quoted(name), expression)));
        write(can_go_back);
        after();
        contract(can_go_back);
    }

private:
    std::string alter(const std::string &what) const { return fmt::format("ALTER TABLE {} {}", on_, what); }

    void defaults()
    {
        for (const Retyped &column : change_.columns) {
            const std::string old = quoted(column.name), fresh = quoted(column.fresh);
            if (column.part.not_null && change_.ground.major < 18) {
                both_.add(alter(fmt::format("ALTER COLUMN {} SET NOT NULL", fresh)), alter(fmt::format("ALTER COLUMN {} DROP NOT NULL", fresh)));
                both_.add(alter("DROP CONSTRAINT " + quoted(objectName("nn", {change_.table.name, column.fresh}))), "");
            }
            if (column.part.identity != 0) {
                identity(column);
                continue;
            }
            if (!column.part.default_expr.empty() && !column.computed) {
                both_.add(alter(fmt::format("ALTER COLUMN {} SET DEFAULT {}", fresh, column.part.default_expr)), alter(fmt::format("ALTER COLUMN {} DROP DEFAULT", fresh)));
                both_.add(alter(fmt::format("ALTER COLUMN {} DROP DEFAULT", old)), alter(fmt::format("ALTER COLUMN {} SET DEFAULT {}", old, column.part.default_expr)));
            }
            for (std::size_t i = 0; i < change_.parts.sequences.size(); ++i) {
                if (change_.parts.sequence_columns[i] != column.name)
                    continue;
                const std::string &sequence = change_.parts.sequences[i];
                both_.add(fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", sequence, on_, fresh), fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", sequence, on_, old));
                if (change_.parts.sequence_types[i] != "bigint" && (column.bare_type == "bigint" || column.bare_type == "int8" || column.bare_type == "BIGINT"))
                    both_.add(fmt::format("ALTER SEQUENCE {} AS bigint", sequence), fmt::format("ALTER SEQUENCE {} AS {}", sequence, change_.parts.sequence_types[i]));
            }
        }
    }

    /// The new column gets a sequence of its own that goes on where the old one's stands, and then its name.
    void identity(const Retyped &column)
    {
        std::string sequence;
        for (std::size_t i = 0; i < change_.parts.sequences.size(); ++i) {
            if (change_.parts.sequence_columns[i] == column.name)
                sequence = change_.parts.sequences[i];
        }
        const auto found = ddl::records(change_.ground.connection, R"(
SELECT format('START WITH %s INCREMENT BY %s%s CACHE %s%s', seqstart, seqincrement,
              CASE WHEN seqmin <> 1 OR seqincrement < 0 THEN ' MINVALUE ' || seqmin ELSE '' END, seqcache, CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END),
       (SELECT relname FROM pg_class WHERE oid = seqrelid)
FROM pg_sequence WHERE seqrelid = $1::regclass)", {sequence});
        const std::string options = found && !found->empty() ? found->front()[0] : "";
        const std::string bare = found && !found->empty() ? found->front()[1] : "";
        const std::string other = sql::quoteQualified(change_.table.schema, objectName("seq", {change_.table.name, column.name}));
        const std::string old = quoted(column.name), fresh = quoted(column.fresh), generated = column.part.identity == 'a' ? "ALWAYS" : "BY DEFAULT";
        const auto exchange = [&](const std::string &from, const std::string &to) {
            return joined({alter(fmt::format("ALTER COLUMN {} ADD GENERATED {} AS IDENTITY (SEQUENCE NAME {} {})", to, generated, other, options)), fmt::format("SELECT setval({}, last_value, is_called) FROM {}", sql::quoteLiteral(other), sequence),
                           alter(fmt::format("ALTER COLUMN {} DROP IDENTITY", from)), fmt::format("ALTER SEQUENCE {} RENAME TO {}", other, quoted(bare))});
        };
        both_.add(exchange(old, fresh), exchange(fresh, old));
    }

    void replicaIdentity()
    {
        for (const IndexPart &index : change_.parts.indexes) {
            if (index.replica_identity)
                both_.add(alter("REPLICA IDENTITY USING INDEX " + quoted(objectName("new", {index.name}))), alter("REPLICA IDENTITY USING INDEX " + quoted(index.name)));
        }
    }

    void keysAside()
    {
        for (const IndexPart &index : change_.parts.indexes) {
            const std::string aside = objectName("old", {index.name});
            if (change_.table.kind == 'p' && !index.constraint.empty())
                partitionedKeyAside(index);
            else if (index.primary)
                both_.add(alter("DROP CONSTRAINT " + quoted(index.constraint)), alter(fmt::format("ADD CONSTRAINT {} PRIMARY KEY USING INDEX {}{}", quoted(index.constraint), quoted(aside), index.deferrable)));
            else if (!index.constraint.empty())
                both_.add(alter(fmt::format("RENAME CONSTRAINT {} TO {}", quoted(index.constraint), quoted(objectName("old", {index.constraint})))),
                          alter(fmt::format("RENAME CONSTRAINT {} TO {}", quoted(objectName("old", {index.constraint})), quoted(index.constraint))));
            else if (index.valid)
                both_.add(fmt::format("ALTER INDEX {} RENAME TO {}", index.sql(), quoted(aside)), fmt::format("ALTER INDEX {} RENAME TO {}", sql::quoteQualified(index.schema, aside), quoted(index.name)));
        }
        for (const auto *constraints : {&change_.parts.checks, &change_.parts.foreign_keys}) {
            for (const ConstraintPart &constraint : *constraints) {
                const std::string aside = quoted(objectName("old", {constraint.name}));
                both_.add(alter(fmt::format("RENAME CONSTRAINT {} TO {}", quoted(constraint.name), aside)), alter(fmt::format("RENAME CONSTRAINT {} TO {}", aside, quoted(constraint.name))));
            }
        }
        for (const Retyped &column : change_.columns) {
            if (column.part.not_null_constraint.empty())
                continue;
            const std::string aside = quoted(objectName("old", {column.part.not_null_constraint}));
            both_.add(alter(fmt::format("RENAME CONSTRAINT {} TO {}", quoted(column.part.not_null_constraint), aside)), alter(fmt::format("RENAME CONSTRAINT {} TO {}", aside, quoted(column.part.not_null_constraint))));
        }
    }

    std::vector<LeafIndex> leavesOf(const std::string &index) const
    {
        const auto found = change_.leaf_indexes.find(index);
        return found == change_.leaf_indexes.end() ? std::vector<LeafIndex>() : found->second;
    }

    static std::string keyOf(const IndexPart &index)
    {
        const IndexText cut = cutCreateIndex(index.definition);
        std::string tail = cut.tail;
        const std::string words = " NULLS NOT DISTINCT";
        const std::size_t at = tail.find(words);
        if (at != std::string::npos)
            tail.erase(at, words.size());
        return (index.primary ? "PRIMARY KEY" : at == std::string::npos ? "UNIQUE" : "UNIQUE NULLS NOT DISTINCT") + (" " + tail) + index.deferrable;
    }

    /// The key of a partitioned table goes with those of its partitions; second indexes of the partitions wait for the way back.
    void partitionedKeyAside(const IndexPart &index)
    {
        std::vector<std::string> back;
        for (const LeafIndex &leaf : leavesOf(index.name))
            back.push_back(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}", leaf.table, quoted(leaf.constraint), index.primary ? "PRIMARY KEY" : "UNIQUE", quoted(objectName("old", {leaf.name})), index.deferrable));
        back.push_back(alter(fmt::format("ADD CONSTRAINT {} {}", quoted(index.constraint), keyOf(index))));
        both_.add(alter("DROP CONSTRAINT " + quoted(index.constraint)), joined(back));
    }

    void partitionedKeyBack(const IndexPart &index)
    {
        std::vector<std::string> there;
        for (const LeafIndex &leaf : leavesOf(index.name))
            there.push_back(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}", leaf.table, quoted(leaf.constraint), index.primary ? "PRIMARY KEY" : "UNIQUE", quoted(leaf.fresh), index.deferrable));
        there.push_back(alter(fmt::format("ADD CONSTRAINT {} {}", quoted(index.constraint), keyOf(index))));
        both_.add(joined(there), alter("DROP CONSTRAINT " + quoted(index.constraint)));
    }

    /// Indexes of partitions change names with that of the partitioned table; those of partitions alone by themselves.
    void leafNames()
    {
        for (const auto &[of, leaves] : change_.leaf_indexes) {
            const bool is_key = std::any_of(change_.parts.indexes.begin(), change_.parts.indexes.end(), [&name = of](const IndexPart &index) { return index.name == name && !index.constraint.empty(); });
            for (const LeafIndex &leaf : is_key ? std::vector<LeafIndex>() : leaves) {
                const std::string aside = objectName("old", {leaf.name});
                both_.add(fmt::format("ALTER INDEX {} RENAME TO {}", sql::quoteQualified(leaf.schema, leaf.name), quoted(aside)), fmt::format("ALTER INDEX {} RENAME TO {}", sql::quoteQualified(leaf.schema, aside), quoted(leaf.name)));
                both_.add(fmt::format("ALTER INDEX {} RENAME TO {}", sql::quoteQualified(leaf.schema, leaf.fresh), quoted(leaf.name)), fmt::format("ALTER INDEX {} RENAME TO {}", sql::quoteQualified(leaf.schema, leaf.name), quoted(leaf.fresh)));
            }
        }
    }

    void names()
    {
        for (const Retyped &column : change_.columns) {
            const std::string old = quoted(column.name), fresh = quoted(column.fresh), aside = quoted(column.aside);
            both_.add(alter(fmt::format("RENAME COLUMN {} TO {}", old, aside)), alter(fmt::format("RENAME COLUMN {} TO {}", aside, old)));
            both_.add(alter(fmt::format("RENAME COLUMN {} TO {}", fresh, old)), alter(fmt::format("RENAME COLUMN {} TO {}", old, fresh)));
        }
    }

    void keysBack()
    {
        for (const IndexPart &index : change_.parts.indexes) {
            const std::string fresh = objectName("new", {index.name});
            if (change_.table.kind == 'p' && !index.constraint.empty())
                partitionedKeyBack(index);
            else if (index.primary || !index.constraint.empty())
                both_.add(alter(fmt::format("ADD CONSTRAINT {} {} USING INDEX {}{}", quoted(index.constraint), index.primary ? "PRIMARY KEY" : "UNIQUE", quoted(fresh), index.deferrable)), alter("DROP CONSTRAINT " + quoted(index.constraint)));
            else if (index.valid)
                both_.add(fmt::format("ALTER INDEX {} RENAME TO {}", sql::quoteQualified(index.schema, fresh), quoted(index.name)), fmt::format("ALTER INDEX {} RENAME TO {}", index.sql(), quoted(fresh)));
            if (index.clustered && index.valid)
                both_.add(alter("CLUSTER ON " + quoted(index.name)), "");
        }
        for (const auto *constraints : {&change_.parts.checks, &change_.parts.foreign_keys}) {
            for (const ConstraintPart &constraint : *constraints) {
                const std::string fresh = quoted(objectName("new", {constraint.name}));
                both_.add(alter(fmt::format("RENAME CONSTRAINT {} TO {}", fresh, quoted(constraint.name))), alter(fmt::format("RENAME CONSTRAINT {} TO {}", quoted(constraint.name), fresh)));
            }
        }
        for (const Retyped &column : change_.columns) {
            if (column.part.not_null_constraint.empty())
                continue;
            const std::string fresh = quoted(objectName("nn", {change_.table.name, column.fresh}));
            both_.add(alter(fmt::format("RENAME CONSTRAINT {} TO {}", fresh, quoted(column.part.not_null_constraint))), alter(fmt::format("RENAME CONSTRAINT {} TO {}", quoted(column.part.not_null_constraint), fresh)));
        }
        for (const IncomingKey &key : change_.parts.incoming) {
            const std::string fresh = quoted(objectName("new", {key.name})), name = quoted(key.name);
            std::string definition = key.definition;
            if (definition.size() > 10 && definition.compare(definition.size() - 10, 10, " NOT VALID") == 0)
                definition.resize(definition.size() - 10);
            both_.add(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", key.table, fresh, name), "");
            // Back: it stands on the new key's index, so it must go before that; the old one holds from the end on.
            incoming_back_.push_back(fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", key.table, name));
            incoming_old_.push_back(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", key.table, name, definition));
        }
    }

    void write(bool can_go_back)
    {
        std::vector<std::string> drops, creates;
        for (const Dependant &dependant : change_.parts.dependants) {
            drops.insert(drops.begin(), dependant.drop);
            creates.insert(creates.end(), dependant.create.begin(), dependant.create.end());
        }
        std::vector<std::string> locks{fmt::format("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", on_)};
        const auto whole = [&](const std::vector<std::string> &before, const std::vector<std::string> &middle, const std::vector<std::string> &behind, bool with_materialized) {
            std::vector<std::string> all = locks;
            if (with_materialized) {
                for (auto one = change_.parts.materialized.rbegin(); one != change_.parts.materialized.rend(); ++one)
                    all.push_back(one->drop);
            }
            for (const std::vector<std::string> *list : {&std::as_const(drops), &before, &middle, &behind, &std::as_const(creates)})
                all.insert(all.end(), list->begin(), list->end());
            if (with_materialized)
                addMaterialized(all);
            return joined(all);
        };
        ChangeStep &step = change_.draft.add(Phase::Switch, "Put the new column in the old one's place", whole({}, both_.there, {}, false), "");
        step.note = "Catalog only; reads and writes wait for as long as it takes to change some rows of the catalog.";
        if (can_go_back) {
            step.undo_sql = whole(incoming_back_, both_.back, incoming_old_, true);
            bool lossless = true;
            for (const Retyped &column : change_.columns)
                lossless = lossless && column.lossless;
            if (!lossless)
                step.note += " Rows with values that the old type cannot hold have none to go back to.";
        } else {
            step.no_undo_reason = "The USING expression has no known inverse, so that rows written afterwards would have no old value; say it with --back";
        }
    }

    void addMaterialized(std::vector<std::string> &all) const
    {
        for (const Dependant &one : change_.parts.materialized) {
            all.insert(all.end(), one.create.begin(), one.create.end());
            if (one.materialized)
                all.push_back("REFRESH MATERIALIZED VIEW " + one.what.substr(18));
        }
    }

    void after()
    {
        for (const Retyped &column : change_.columns) {
            if (!column.part.not_null || column.lossless || column.computed)
                continue;
            // From 18 on the constraint has a name, which the way back of the switch counts on.
            const std::string again = column.part.not_null_constraint.empty() ? fmt::format("ALTER COLUMN {} SET NOT NULL", quoted(column.aside))
                                                                              : fmt::format("ADD CONSTRAINT {} NOT NULL {}", quoted(objectName("old", {column.part.not_null_constraint})), quoted(column.aside));
            change_.draft.add(Phase::Switch, "Let values through that the old type cannot hold", fmt::format("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL", on_, quoted(column.aside)), alter(again))
                .note = "The old column has no value then. The way back needs one in every row, and reads them under its lock.";
        }
        if (change_.parts.materialized.empty())
            return;
        std::vector<std::string> all;
        for (auto one = change_.parts.materialized.rbegin(); one != change_.parts.materialized.rend(); ++one)
            all.push_back(one->drop);
        addMaterialized(all);
        ChangeStep &step = change_.draft.add(Phase::Switch, "Make the materialized views again", joined(all), "");
        step.no_undo_reason = "They are made again by the way back of the switch";
        step.note = "Until then they read the old column, which is kept in step. Their own readers wait while they are computed; those of the table do not.";
    }

    void contract(bool can_go_back)
    {
        for (const ConstraintPart &key : change_.parts.foreign_keys)
            change_.draft.add(Phase::Contract, "Drop the old column's foreign key", alter("DROP CONSTRAINT " + quoted(objectName("old", {key.name}))), "").no_undo_reason = "The old column can no longer be gone back to";
        // In one transaction: without its trigger the old column would swallow what comes without a list of columns.
        std::string drop = can_go_back ? change_.backward.dropTrigger() + ";\n" : std::string();
        std::string columns;
        for (auto column = change_.columns.rbegin(); column != change_.columns.rend(); ++column) // generated ones stand behind what they are computed from
            columns += (columns.empty() ? "" : ", ") + ("DROP COLUMN " + quoted(column->aside));
        drop += alter(columns) + ";\n" + change_.forward.dropFunction() + ";\n" + change_.backward.dropFunction();
        change_.draft.add(Phase::Contract, "Drop the old column", drop, "").no_undo_reason = "The old values are gone";
    }

    ColumnSwitch &change_;
    std::string on_;
    Both both_;
    std::vector<std::string> incoming_back_, incoming_old_;
};

} // namespace

void columnSwitch(ColumnSwitch &change)
{
    Switching(change).make();
}

} // namespace howdah::migration::recipes
