// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/migration_plan.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/migration/effects/lock.h"
#include "core/migration/plan_edit.h"
#include "core/migration/recipes/as_written.h"
#include "core/migration/recipes/indexes.h"
#include "core/migration/recipes/parts.h"
#include "core/migration/recipes/recipe.h"
#include "core/migration/recipes/text.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::migration {

using namespace recipes;

const char *approachName(Approach approach)
{
    switch (approach) {
    case Approach::LeftAlone: return "left-alone";
    case Approach::Recipe: return "recipe";
    case Approach::NoSafePath: return "no-safe-path";
    case Approach::HandedOver: return "handed-over";
    case Approach::Later: return "later";
    case Approach::Refused: return "refused";
    }
    return "";
}

bool MigrationPlan::complete() const
{
    return std::none_of(wanted.begin(), wanted.end(), [](const WantedChange &change) { return change.approach == Approach::Refused || change.approach == Approach::Later || change.approach == Approach::HandedOver; });
}

namespace {

/// A step on its way into the script.
struct Made {
    ChangeStep step;
    std::size_t wanted = 0;
};

class Planning
{
public:
    Planning(pg::Connection &connection, std::string_view script, const PlanOptions &options) : connection_(connection), script_(script), options_(options) {}

    Result<MigrationPlan> plan()
    {
        plan_.major = connection_.facts().major();
        if (plan_.major < 13 || plan_.major > 18)
            return fail(ErrorKind::Unsupported, "Migrations are planned for PostgreSQL 13 to 18, not for " + std::to_string(plan_.major));
        pg::CatalogOptions catalog_options;
        catalog_options.with_functions = false;
        auto catalog = pg::readCatalog(connection_, catalog_options);
        if (!catalog)
            return tl::unexpected(catalog.error());
        catalog_ = *catalog;
        auto facts = readSchemaFacts(connection_);
        if (!facts)
            return tl::unexpected(facts.error());
        facts_ = std::move(*facts);
        readScript();
        if (auto told = tellEffects(); !told)
            return tl::unexpected(told.error());
        ground_.emplace(Ground{connection_, *catalog_, facts_, options_, plan_.major, {}});
        for (const Wish &wish : wishes_) {
            const pg::CatalogRelation *table = wish.kind == "IndexStmt" && !wish.statement.get("whereClause").exists() ? ground_->find(wish.statement.get("relation")) : nullptr;
            if (table == nullptr)
                continue;
            std::vector<std::string> keys;
            for (const Node &element : wish.statement.list("indexParams"))
                keys.push_back(element.text("name"));
            ground_->built.emplace_back(table->oid, std::move(keys));
        }
        for (std::size_t i = 0; i < wishes_.size();)
            i = decide(i);
        if (!connection_.alive())
            return fail(ErrorKind::Connection, "The connection was lost while the migration was planned");
        assemble();
        if (auto told = tellStepEffects(plan_, *catalog_, facts_); !told)
            return tl::unexpected(told.error());
        if (auto taken = fingerprint(); !taken)
            return tl::unexpected(taken.error());
        return std::move(plan_);
    }

private:
    // --- what was wanted ---

    void readScript()
    {
        for (const sql::StatementSpan &span : sql::splitStatements(script_)) {
            if (span.text.size() == 0)
                continue;
            const std::string statement(span.text.of(script_));
            if (span.psql_command) {
                want(statement, span.text);
                refuseLast(fail(ErrorKind::Unsupported, "A command of psql is no SQL", "Leave it out").value(), span.text.begin.value);
                continue;
            }
            statementWanted(statement, span.text);
        }
    }

    Wish &want(const std::string &sql, ByteSpan span)
    {
        WantedChange change;
        change.sql = sql;
        change.span = span;
        change.line = lineColumn(script_, span.begin).line;
        plan_.wanted.push_back(std::move(change));
        wishes_.emplace_back();
        wishes_.back().sql = sql;
        return wishes_.back();
    }

    void refuseLast(Error error, std::size_t offset)
    {
        error.position = ByteOffset{offset + (error.position ? error.position->value : 0)};
        plan_.wanted.back().approach = Approach::Refused;
        plan_.wanted.back().errors.push_back(std::move(error));
    }

    /// SPLIT COLUMN, MERGE COLUMNS, ALTER TYPE … DROP VALUE: not of PostgreSQL's grammar.
    static std::string ownWords(const std::string &statement)
    {
        const auto words = wordsOf(statement);
        const auto is = [&](std::size_t at, const char *text) { return at < words.size() && !words[at].quoted && words[at].text == text; };
        if (is(0, "split") && (is(1, "column") || is(1, "columns")))
            return "SPLIT";
        if (is(0, "merge") && (is(1, "column") || is(1, "columns")))
            return "MERGE";
        if (is(0, "alter") && is(1, "type")) {
            for (std::size_t at = 3; at < words.size(); ++at) {
                if (is(at, "drop") && is(at + 1, "value"))
                    return "DROP VALUE";
            }
        }
        return {};
    }

    void statementWanted(const std::string &statement, ByteSpan span)
    {
        if (const std::string own = ownWords(statement); !own.empty()) {
            want(statement, span).kind = own;
            return;
        }
        auto tree = effects::parseStatement(statement, plan_.major);
        if (!tree) {
            want(statement, span);
            refuseLast(tree.error(), span.begin.value);
            return;
        }
        const Node root = tree->root();
        if (!root.is("AlterTableStmt") || root.list("cmds").size() < 2) {
            Wish &wish = want(statement, span);
            fillWish(wish, std::move(*tree));
            return;
        }
        const AlterTableText cut = cutAlterTable(statement);
        if (cut.commands.size() != root.list("cmds").size()) { // never seen; then it stays in one piece
            Wish &wish = want(statement, span);
            fillWish(wish, std::move(*tree));
            return;
        }
        for (const ByteSpan &command : cut.commands) {
            const std::string alone = std::string(cut.head.of(statement)) + " " + std::string(command.of(statement));
            auto one = effects::parseStatement(alone, plan_.major);
            Wish &wish = want(alone, {{span.begin.value + command.begin.value}, {span.begin.value + command.end.value}});
            if (one)
                fillWish(wish, std::move(*one));
        }
    }

    static void fillWish(Wish &wish, Tree tree)
    {
        wish.tree = std::move(tree);
        wish.statement = wish.tree.root();
        wish.kind = wish.statement.kind();
        if (wish.kind == "AlterTableStmt" && wish.statement.list("cmds").size() == 1) {
            wish.command = wish.statement.list("cmds")[0];
            const AlterTableText cut = cutAlterTable(wish.sql);
            if (cut.commands.size() == 1)
                wish.clause = wish.sql.substr(cut.commands[0].begin.value);
            if (wish.statement.text("objtype") == "OBJECT_TABLE")
                wish.kind = wish.command.text("subtype");
        }
    }

    /// What each would do as written, each seeing what those before it made.
    Result<void> tellEffects()
    {
        std::string all;
        std::vector<std::size_t> begins;
        for (std::size_t i = 0; i < wishes_.size(); ++i) {
            begins.push_back(all.size());
            all += (wishes_[i].statement.exists() ? wishes_[i].sql : "SELECT 1") + ";\n";
        }
        auto told = effectsOf(all, plan_.major, catalog_.get(), &facts_);
        if (!told)
            return tl::unexpected(told.error());
        for (std::size_t i = 0; i < std::min(told->size(), wishes_.size()); ++i) {
            if (!wishes_[i].statement.exists())
                continue;
            wishes_[i].naive = (*told)[i];
            WantedChange &change = plan_.wanted[i];
            change.naive = (*told)[i];
            change.naive.line = change.line;
            for (Error &error : change.naive.errors)
                error.position = change.span.begin;
        }
        return {};
    }

    // --- what is done about it ---

    std::size_t decide(std::size_t i)
    {
        Wish &wish = wishes_[i];
        WantedChange &change = plan_.wanted[i];
        if (change.approach == Approach::Refused || taken_.count(i) > 0)
            return i + 1;
        if (wish.statement.exists() && skipped(wish, change))
            return i + 1;
        for (const char *field : {"relation", "table"}) {
            if (wish.statement.get(field).exists() && wish.table == nullptr)
                wish.table = ground_->find(wish.statement.get(field));
        }
        if (const std::string moved = buildsOnMoved(wish); !moved.empty()) {
            change.approach = Approach::Later;
            change.reason = "It builds on " + moved + ", which an earlier change of this script moves: plan it again when that is through";
            return i + 1;
        }
        const Recipe *recipe = recipeFor(wish);
        const bool needs_table = wish.command.exists() || wish.kind == "IndexStmt" || wish.kind == "RenameStmt" || wish.kind == "UpdateStmt";
        if (recipe != nullptr && needs_table && wish.table == nullptr)
            recipe = nullptr; // made by the script, or not there
        if (wish.kind == "RenameStmt" && recipe != nullptr && wish.statement.text("renameType") == "OBJECT_COLUMN" && wish.statement.text("relationType") != "OBJECT_TABLE")
            recipe = nullptr;
        const bool resolvable = recipe != nullptr && onlyDependants(wish);
        if (!wish.naive.errors.empty() && !resolvable)
            return refused(i, wish.naive.errors);
        if (recipe != nullptr && wish.naive.errors.empty() && !recipe->always && !keepsWaiting(wish.naive))
            recipe = nullptr;
        if (recipe == nullptr) {
            asWritten(i);
            return i + 1;
        }
        return byRecipe(i, *recipe);
    }

    /// Transactions and settings are the executor's; the plan has no steps for them.
    bool skipped(const Wish &wish, WantedChange &change) const
    {
        if (wish.kind == "TransactionStmt") {
            change.reason = "Each step has a transaction of its own: what must stay together is one step";
            return true;
        }
        if (wish.kind == "VariableSetStmt") {
            change.reason = "Each step sets its own lock_timeout; other settings of the session do not reach it";
            if (wish.statement.text("name") == "search_path") {
                change.approach = Approach::Refused;
                change.errors.push_back(fail(ErrorKind::Unsupported, "SET search_path does not reach the steps", "Name the schemas in the statements").value());
                change.errors.back().position = change.span.begin;
            }
            return true;
        }
        return wish.kind == "SelectStmt" && (change.reason = "A query changes nothing", true);
    }

    /// Errors that the recipe knows how to do without: dependants of a column whose type changes.
    static bool onlyDependants(const Wish &wish)
    {
        return wish.kind == "AT_AlterColumnType" && std::all_of(wish.naive.errors.begin(), wish.naive.errors.end(), [](const Error &error) { return error.sqlstate == "0A000" || error.sqlstate == "2BP01"; });
    }

    std::string buildsOnMoved(const Wish &wish) const
    {
        if (moved_.empty())
            return {};
        std::set<std::string> names;
        if (wish.tree.document) {
            const auto collect = [&](const nlohmann::json &value) {
                for (const char *field : {"sval", "name", "subname", "colname", "relname"}) {
                    if (const auto found = value.find(field); found != value.end() && found->is_string())
                        names.insert(found->get<std::string>());
                }
            };
            effects::walk(*wish.tree.document, [&](const std::string &, const nlohmann::json &value) { collect(value); });
        } else {
            for (const WordAt &word : wordsOf(wish.sql))
                names.insert(word.text);
        }
        for (const std::string &moved : moved_) {
            const std::size_t table = moved.find('.') + 1, column = moved.find('.', table);
            const std::string table_name = moved.substr(table, column == std::string::npos ? std::string::npos : column - table);
            if (names.count(table_name) > 0 && (column == std::string::npos || names.count(moved.substr(column + 1)) > 0))
                return moved;
        }
        return {};
    }

    std::size_t refused(std::size_t i, std::vector<Error> errors)
    {
        WantedChange &change = plan_.wanted[i];
        change.approach = Approach::Refused;
        for (Error &error : errors) {
            error.position = change.span.begin;
            change.errors.push_back(std::move(error));
        }
        return i + 1;
    }

    std::size_t byRecipe(std::size_t i, const Recipe &recipe)
    {
        std::vector<const Wish *> group{&wishes_[i]};
        std::size_t end = i + 1;
        while (recipe.merges && end < wishes_.size() && plan_.wanted[end].approach != Approach::Refused && wishes_[end].kind == wishes_[i].kind) {
            Wish &next = wishes_[end];
            next.table = ground_->find(next.statement.get("relation"));
            const bool heavy = keepsWaiting(next.naive) || !next.naive.errors.empty();
            if (next.table != wishes_[i].table || !heavy || (!next.naive.errors.empty() && !onlyDependants(next)) || next.command.text("name") == wishes_[i].command.text("name"))
                break;
            group.push_back(&next);
            ++end;
        }
        Draft draft;
        std::size_t partner = 0;
        auto made = replacement(i, &partner, draft) ? Result<void>() : recipe.make(*ground_, group, draft);
        if (!made)
            return refused(i, {made.error()});
        for (std::size_t k = i; k < end; ++k)
            describe(k, recipe, draft);
        if (partner != 0) {
            describe(partner, recipe, draft);
            taken_.insert(partner);
        }
        take(i, draft);
        for (std::size_t k = i; k < end; ++k)
            served_[k] = i;
        if (partner != 0)
            served_[partner] = i;
        return end;
    }

    /// DROP INDEX and CREATE INDEX of the same name: the new one is built before the old one goes.
    bool replacement(std::size_t i, std::size_t *partner, Draft &draft)
    {
        const Wish &drop = wishes_[i];
        if (drop.kind != "DropStmt" || drop.statement.text("removeType") != "OBJECT_INDEX" || drop.statement.list("objects").size() != 1)
            return false;
        const auto name = drop.statement.list("objects")[0].names("items");
        const FoundIndex found = name.empty() ? FoundIndex{} : findIndex(*ground_, name.size() > 1 ? name[name.size() - 2] : "", name.back());
        if (found.index == nullptr || found.table->kind == 'p')
            return false;
        for (std::size_t k = i + 1; k < wishes_.size(); ++k) {
            if (wishes_[k].kind != "IndexStmt" || wishes_[k].statement.text("idxname") != found.index->name || ground_->find(wishes_[k].statement.get("relation")) != found.table)
                continue;
            const IndexText cut = cutCreateIndex(wishes_[k].sql);
            replaceIndexSteps(draft, *found.table, *found.index, cut.tail, cut.method, cut.unique);
            draft.why = "The new index is built under another name while the old one serves; they exchange names, and the old one goes";
            *partner = k;
            return true;
        }
        return false;
    }

    void describe(std::size_t i, const Recipe &recipe, const Draft &draft)
    {
        WantedChange &change = plan_.wanted[i];
        change.approach = draft.approach;
        change.recipe = draft.approach == Approach::Recipe ? recipe.name : "";
        change.reason = draft.why;
        change.notes = draft.notes;
    }

    void take(std::size_t i, const Draft &draft)
    {
        for (const ChangeStep &step : draft.steps)
            made_.push_back({step, i});
        plan_.script.deployments.insert(plan_.script.deployments.end(), draft.deployments.begin(), draft.deployments.end());
        moved_.insert(draft.moved.begin(), draft.moved.end());
    }

    void asWritten(std::size_t i)
    {
        const Wish &wish = wishes_[i];
        WantedChange &change = plan_.wanted[i];
        const Written written = writtenStep(*ground_, wish);
        change.approach = written.approach;
        change.reason = written.reason;
        change.notes = wish.naive.notes;
        if (written.approach == Approach::HandedOver)
            return;
        // Neighbours on one table that need the same lock go in one ALTER TABLE: one lock instead of several.
        if (!made_.empty() && last_written_ != nullptr && written.merges && last_written_->table == wish.table && last_lock_ == written.lock && made_.back().wanted == last_wanted_) {
            ChangeStep &step = made_.back().step;
            step.sql += ", " + wish.clause;
            step.title += "; " + written.step.title;
            if (!step.undo_sql.empty() && !written.step.undo_sql.empty())
                step.undo_sql = written.step.undo_sql + ";\n" + step.undo_sql;
            else if (!step.undo_sql.empty() || !written.step.undo_sql.empty()) {
                step.no_undo_reason = "A part of it has no way back";
                step.undo_sql.clear();
            }
            served_[i] = last_wanted_;
            change.reason += "; merged with its neighbour, so that the lock is taken once";
            return;
        }
        made_.push_back({written.step, i});
        served_[i] = i;
        last_written_ = written.merges ? &wish : nullptr;
        last_lock_ = written.lock;
        last_wanted_ = i;
    }

    // --- the script ---

    void assemble()
    {
        ChangeScript &script = plan_.script;
        const bool phases = std::any_of(made_.begin(), made_.end(), [](const Made &made) { return made.step.phase != Phase::Plain; });
        for (Made &made : made_) {
            if (phases && made.step.phase == Phase::Plain)
                made.step.phase = plan_.wanted[made.wanted].naive.breaks.empty() ? Phase::Expand : Phase::Switch;
            script.danger = script.danger || made.step.phase == Phase::Contract;
        }
        // An index or constraint over rows that are still to be filled comes when they are.
        const bool fills = std::any_of(made_.begin(), made_.end(), [](const Made &made) { return made.step.phase == Phase::Backfill; });
        if (fills)
            behindBackfill();
        std::stable_sort(made_.begin(), made_.end(), [](const Made &a, const Made &b) { return a.step.phase < b.step.phase; });
        std::stable_sort(script.deployments.begin(), script.deployments.end(), [](const Deployment &a, const Deployment &b) { return a.before < b.before; });
        for (std::size_t k = 0; k < made_.size(); ++k) {
            for (const auto &[wish, by] : served_) {
                if (by == made_[k].wanted)
                    plan_.wanted[wish].steps.push_back(k);
            }
            script.steps.push_back(made_[k].step);
            plan_.steps.push_back({{}, made_[k].wanted});
        }
        script.title = title();
        script.reason = "Planned from:\n" + trimmed(script_);
    }

    void behindBackfill()
    {
        std::set<std::string> filled;
        for (const Made &made : made_) {
            if (made.step.batches && plan_.wanted[made.wanted].recipe == "update-rows")
                filled.insert(made.step.batches->table);
        }
        for (Made &made : made_) {
            const std::string &recipe = plan_.wanted[made.wanted].recipe;
            const bool late = recipe == "create-index" || recipe == "set-not-null" || recipe == "add-unique" || recipe == "add-primary-key" || recipe == "add-check" || recipe == "add-foreign-key";
            if (late && made.step.phase == Phase::Expand && filled.count(wishes_[made.wanted].on()) > 0)
                made.step.phase = Phase::Validate;
        }
    }

    std::string title() const
    {
        if (plan_.wanted.empty())
            return "Nothing to change";
        std::string text = plan_.wanted.front().sql.substr(0, plan_.wanted.front().sql.find('\n'));
        if (text.size() > 70) {
            std::size_t cut = 67;
            while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0U) == 0x80U)
                --cut;
            text = text.substr(0, cut) + "…";
        }
        return plan_.wanted.size() == 1 ? text : fmt::format("{} and {} more", text, plan_.wanted.size() - 1);
    }

    /// What the catalog must still look like: one readable line for each thing, so that a difference can be shown.
    Result<void> fingerprint()
    {
        std::set<std::string> tables;
        for (const auto *list : {&plan_.steps}) {
            for (const PlannedStep &planned : *list) {
                for (const StatementEffects &one : planned.effects) {
                    for (const auto &[relation, lock] : one.locks)
                        tables.insert(relation);
                }
            }
        }
        std::string names;
        for (const pg::CatalogRelation &relation : catalog_->relations) {
            if (relation.kind != 'S' && tables.count(nameOf(relation)) > 0)
                names += fmt::format("{}({}, {})", names.empty() ? "" : ", ", sql::quoteLiteral(relation.schema), sql::quoteLiteral(relation.name));
        }
        if (names.empty())
            return {};
        plan_.script.fingerprint_sql = fingerprintSql(names);
        const auto asked = connection_.query(plan_.script.fingerprint_sql);
        if (!asked)
            return tl::unexpected(asked.error());
        plan_.script.fingerprint = asked->result->cell(0, 0).text;
        return {};
    }

    pg::Connection &connection_;
    std::string_view script_;
    const PlanOptions &options_;
    std::shared_ptr<const pg::Catalog> catalog_;
    SchemaFacts facts_;
    std::optional<Ground> ground_;
    std::deque<Wish> wishes_;            ///< one for each of plan_.wanted
    std::vector<Made> made_;
    std::map<std::size_t, std::size_t> served_; ///< wanted change: the one whose steps serve it
    std::set<std::size_t> taken_;
    std::set<std::string> moved_;
    const Wish *last_written_ = nullptr;
    std::string last_lock_;
    std::size_t last_wanted_ = 0;
    MigrationPlan plan_;
};

} // namespace

Result<MigrationPlan> planMigration(pg::Connection &connection, std::string_view script, const PlanOptions &options)
{
    if (connection.transaction() != pg::TransactionState::Idle)
        return fail(ErrorKind::Usage, "The connection is in a transaction", "End it first");
    const pg::CancelScope scope(connection.canceller());
    return Planning(connection, script, options).plan();
}

} // namespace howdah::migration
