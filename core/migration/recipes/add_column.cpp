// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <fmt/format.h>

#include "core/migration/effects/expression.h"
#include "core/migration/effects/schema.h"
#include "core/migration/recipes/constraints.h"
#include "core/migration/recipes/not_null.h"
#include "core/migration/recipes/sync.h"
#include "core/migration/recipes/text.h"
#include "core/sql/quote.h"

namespace howdah::migration::recipes {

namespace {

/// A constraint of a column definition with its text.
struct Piece {
    Node node;
    std::string type;  ///< contype
    std::string name;  ///< "" when not given
    std::string text;  ///< from its first word behind the name on
};

struct ColumnText {
    std::string name, type;
    std::vector<Piece> pieces;
};

ColumnText cut(const Wish &wish)
{
    const Node definition = wish.command.get("def");
    ColumnText out;
    out.name = definition.text("colname");
    auto constraints = definition.list("constraints");
    std::stable_sort(constraints.begin(), constraints.end(), [](const Node &a, const Node &b) { return a.number("location") < b.number("location"); });
    const auto words = wordsOf(wish.sql);
    const std::size_t clause = wish.sql.size() - wish.clause.size();
    std::size_t at = 0;
    while (at < words.size() && words[at].span.begin.value < clause)
        ++at;
    ++at; // ADD
    const auto plain = [&](const char *text) { return at < words.size() && !words[at].quoted && words[at].text == text; };
    if (plain("column"))
        ++at;
    if (plain("if"))
        at += 3;
    const std::size_t type_begin = at < words.size() ? words[at].span.end.value : wish.sql.size();
    const auto placeOf = [&](std::size_t i) { return i < constraints.size() ? static_cast<std::size_t>(constraints[i].number("location")) : wish.sql.size(); };
    out.type = trimmed(wish.sql.substr(type_begin, placeOf(0) - type_begin));
    for (std::size_t i = 0; i < constraints.size(); ++i) {
        Piece piece{constraints[i], constraints[i].text("contype"), constraints[i].text("conname"), trimmed(wish.sql.substr(placeOf(i), placeOf(i + 1) - placeOf(i)))};
        if (!piece.name.empty()) { // CONSTRAINT name
            const auto inner = wordsOf(piece.text);
            if (inner.size() > 2 && inner[0].text == "constraint")
                piece.text = piece.text.substr(inner[2].span.begin.value);
        }
        if (piece.type.rfind("CONSTR_ATTR_", 0) == 0 && !out.pieces.empty())
            out.pieces.back().text += " " + piece.text;
        else
            out.pieces.push_back(std::move(piece));
    }
    return out;
}

bool isSerial(const std::string &type, std::string *integer)
{
    std::string lower = type;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    static const std::pair<const char *, const char *> all[] = {{"serial", "integer"}, {"serial4", "integer"}, {"bigserial", "bigint"}, {"serial8", "bigint"}, {"smallserial", "smallint"}, {"serial2", "smallint"}};
    for (const auto &[name, plain] : all) {
        if (lower == name) {
            *integer = plain;
            return true;
        }
    }
    return false;
}

class NewColumn
{
public:
    NewColumn(const Ground &ground, const Wish &wish, Draft &draft) : ground_(ground), wish_(wish), table_(*wish.table), draft_(draft), schema_(&ground.catalog, &ground.facts), text_(cut(wish)) {}

    Result<void> make()
    {
        if (columnOf(table_, text_.name) != nullptr) {
            draft_.approach = Approach::LeftAlone;
            draft_.why = "The column is there, and IF NOT EXISTS makes this do nothing";
            return {};
        }
        if (schema_.domain(wish_.command.get("def").get("typeName").names("names").size() > 1 ? wish_.command.get("def").get("typeName").names("names")[0] : "", lastName()) != nullptr && text_.pieces.empty())
            return domain();
        quoted_ = sql::quoteIdentifier(text_.name);
        std::string plain;
        const bool serial = isSerial(text_.type, &plain);
        if (serial)
            text_.type = plain;
        for (const Piece &piece : text_.pieces)
            take(piece);
        if (serial)
            sequence("", false);
        begin();
        fill();
        finish();
        return {};
    }

private:
    std::string lastName() const
    {
        const auto names = wish_.command.get("def").get("typeName").names("names");
        return names.empty() ? std::string() : names.back();
    }

    Result<void> domain()
    {
        draft_.approach = Approach::NoSafePath;
        draft_.why = "A column of a domain with constraints is checked row by row while the table is rewritten";
        draft_.notes.emplace_back("Add the column with the domain's base type and the condition as a CHECK of the table instead: that has a way.");
        draft_.add(Phase::Expand, "Add the column", wish_.sql, fmt::format("ALTER TABLE {} DROP COLUMN IF EXISTS {}", wish_.on(), sql::quoteIdentifier(text_.name)));
        return {};
    }

    void take(const Piece &piece)
    {
        if (piece.type == "CONSTR_DEFAULT") {
            default_ = trimmed(piece.text.substr(7));
            const Node expression = piece.node.get("raw_expr");
            nlohmann::json wrapped;
            if (expression.exists())
                wrapped[expression.kind()] = *expression.body();
            volatile_ = effects::isVolatile(schema_, wrapped);
        } else if (piece.type == "CONSTR_NOTNULL") {
            not_null_ = true;
            not_null_name_ = piece.name;
        } else if (piece.type == "CONSTR_GENERATED") {
            const std::size_t open = piece.text.find('('), close = piece.text.rfind(')');
            generated_ = trimmed(piece.text.substr(open + 1, close - open - 1));
        } else if (piece.type == "CONSTR_IDENTITY") {
            const std::size_t open = piece.text.find('(');
            sequence(open == std::string::npos ? "" : trimmed(piece.text.substr(open + 1, piece.text.rfind(')') - open - 1)), true);
            identity_ = piece.node.text("generated_when") == "a" ? "ALWAYS" : "BY DEFAULT";
        } else if (piece.type != "CONSTR_NULL") {
            constraints_.push_back(piece);
        }
    }

    void sequence(const std::string &options, bool identity)
    {
        sequence_name_ = table_.name + "_" + text_.name + "_seq";
        if (sequence_name_.size() > 63)
            sequence_name_ = objectName("seq", {table_.name, text_.name});
        for (int i = 1; ground_.catalog.find(table_.schema, sequence_name_) != nullptr; ++i)
            sequence_name_ = table_.name + "_" + text_.name + "_seq" + std::to_string(i);
        // An identity column's own sequence can only be made by ADD GENERATED: until then another one counts.
        counter_ = identity ? objectName("seq", {table_.name, text_.name}) : sequence_name_;
        options_ = options;
        not_null_ = true;
    }

    [[nodiscard]] std::string inSchema(const std::string &name) const { return sql::quoteQualified(table_.schema, name); }
    [[nodiscard]] std::string nextval() const { return fmt::format("nextval({}::regclass)", sql::quoteLiteral(inSchema(counter_))); }

    void begin()
    {
        std::string sql, undo = fmt::format("ALTER TABLE {} DROP COLUMN IF EXISTS {}", wish_.on(), quoted_), inline_default;
        // A value that is the same for all rows is kept in the catalog; so is NOT NULL with it.
        if (!default_.empty() && !volatile_ && counter_.empty()) {
            inline_default = " DEFAULT " + default_;
            filled_ = true;
        }
        if (not_null_ && filled_ && default_ != "NULL" && default_ != "null") {
            inline_default += " NOT NULL";
            not_null_ = false;
        }
        if (!counter_.empty()) {
            sql = fmt::format("CREATE SEQUENCE {} AS {}{};\n", inSchema(counter_), text_.type, options_.empty() ? "" : " " + options_);
            undo += fmt::format(";\nDROP SEQUENCE IF EXISTS {}", inSchema(counter_));
        }
        sql += fmt::format("ALTER TABLE {} ADD COLUMN {} {}{}", wish_.on(), quoted_, text_.type, inline_default);
        const std::string later = !counter_.empty() ? nextval() : volatile_ ? default_ : "";
        if (!later.empty())
            sql += fmt::format(";\nALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}", wish_.on(), quoted_, later);
        draft_.add(Phase::Expand, "Add the column " + quoted_, sql, undo).note = later.empty() ? "Only the catalog changes." : "The default holds for rows written from now on, so that none is rewritten.";
    }

    void fill()
    {
        std::string set, stale = quoted_ + " IS NULL";
        if (!generated_.empty()) {
            const auto parts = partsOf(ground_, table_, {});
            const SyncTrigger trigger = syncTrigger(table_, parts ? *parts : TableParts(), "gen", text_.name, fmt::format("  NEW.{} := {};\n", quoted_, ofNewRow(generated_)));
            draft_.add(Phase::Expand, "Compute it for rows that are written", trigger.createFunction() + ";\n" + trigger.createTrigger(), trigger.dropTrigger(true) + ";\n" + trigger.dropFunction(true)).note =
                "The trigger stays: it does what GENERATED ALWAYS AS … STORED would do.";
            set = generated_;
            stale = differs(quoted_, fmt::format("({})::{}", generated_, text_.type), text_.type);
        } else if (volatile_ || !counter_.empty()) {
            set = counter_.empty() ? "DEFAULT" : nextval();
        }
        if (set.empty())
            return;
        ChangeStep &step = draft_.add(Phase::Backfill, "Fill it for the rows that are there", "", "");
        step.batches = BatchWork{wish_.on(), walkKey(table_), fmt::format("UPDATE {} SET {} = {} WHERE {{range}} AND {}", wish_.on(), quoted_, set, stale), 1000, true};
        step.no_undo_reason = "Nothing to take back: the values go with the column";
        if (const auto parts = partsOf(ground_, table_, {}))
            step.note = triggerNote(*parts);
    }

    void finish()
    {
        if (not_null_ && !filled_ && !volatile_ && generated_.empty() && counter_.empty())
            draft_.deploy(Phase::Validate, fmt::format("Every row needs a value in {}.{} now: the application writes one, and those from before have been filled", wish_.on(), quoted_));
        if (not_null_)
            notNullSteps(ground_, draft_, {wish_.on(), table_.name, text_.name, Phase::Validate, true, not_null_name_});
        if (!identity_.empty()) {
            const std::string sequence = inSchema(sequence_name_);
            draft_.add(Phase::Switch, "Make it an identity column",
                       fmt::format("ALTER TABLE {0} ALTER COLUMN {1} DROP DEFAULT;\nALTER TABLE {0} ALTER COLUMN {1} ADD GENERATED {2} AS IDENTITY (SEQUENCE NAME {3}{4});\nSELECT setval({5}, last_value, is_called) FROM {6};\nDROP SEQUENCE {6}",
                                   wish_.on(), quoted_, identity_, sequence, options_.empty() ? "" : " " + options_, sql::quoteLiteral(sequence), inSchema(counter_)),
                       fmt::format("CREATE SEQUENCE {3} AS {6}{4};\nSELECT setval({5}, last_value, is_called) FROM {2};\nALTER TABLE {0} ALTER COLUMN {1} DROP IDENTITY;\nALTER TABLE {0} ALTER COLUMN {1} SET DEFAULT {7}", wish_.on(), quoted_, sequence,
                                   inSchema(counter_), options_.empty() ? "" : " " + options_, sql::quoteLiteral(inSchema(counter_)), text_.type, nextval()))
                .note = "Its sequence goes on where the one so far ends.";
        } else if (!counter_.empty()) {
            draft_.add(Phase::Switch, "Let the column own its sequence", fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", inSchema(counter_), wish_.on(), quoted_), fmt::format("ALTER SEQUENCE {} OWNED BY NONE", inSchema(counter_)));
        }
        for (const Piece &piece : constraints_)
            constraint(piece);
        explain();
    }

    void constraint(const Piece &piece)
    {
        if (piece.type == "CONSTR_CHECK") {
            checkSteps(draft_, wish_.on(), chosenName(ground_, table_, piece.name, {text_.name}, "check"), piece.text, Phase::Validate);
        } else if (piece.type == "CONSTR_FOREIGN") {
            foreignKeySteps(ground_, draft_, table_, chosenName(ground_, table_, piece.name, {text_.name}, "fkey"), {text_.name}, fmt::format("FOREIGN KEY ({}) {}", quoted_, piece.text));
            for (ChangeStep &step : draft_.steps) { // behind the rows' values
                if (step.phase == Phase::Expand && step.sql.find(" FOREIGN KEY ") != std::string::npos)
                    step.phase = Phase::Validate;
            }
        } else if (piece.type == "CONSTR_UNIQUE" || piece.type == "CONSTR_PRIMARY") {
            const bool primary = piece.type == "CONSTR_PRIMARY";
            std::string definition = piece.text;
            const auto words = wordsOf(definition);
            std::size_t at = primary ? 2 : 1;
            std::string nulls;
            if (!primary && words.size() > 2 && words[1].text == "nulls") {
                at = words[2].text == "not" ? 4 : 3;
                nulls = definition.substr(words[1].span.begin.value, words[at - 1].span.end.value - words[1].span.begin.value) + " ";
            }
            const std::string rest = at < words.size() ? " " + definition.substr(words[at].span.begin.value) : "";
            UniqueWanted wanted = uniqueOf(piece.node, fmt::format("{} {}({}){}", primary ? "PRIMARY KEY" : "UNIQUE", nulls, quoted_, rest));
            wanted.primary = primary;
            wanted.table = &table_;
            wanted.columns = {text_.name};
            wanted.name = chosenName(ground_, table_, piece.name, primary ? std::vector<std::string>() : wanted.columns, primary ? "pkey" : "key");
            if (primary && !not_null_)
                notNullSteps(ground_, draft_, {wish_.on(), table_.name, text_.name, Phase::Validate, true, {}});
            uniqueSteps(ground_, draft_, wanted, Phase::Validate);
        }
    }

    void explain()
    {
        if (!generated_.empty()) {
            draft_.why = "A stored generated column rewrites the table; a plain column is added, computed by a trigger, and filled in batches";
            draft_.notes.push_back(ground_.major >= 18 ? "A VIRTUAL generated column is computed when it is read, and is added at once: say VIRTUAL instead of STORED."
                                                       : "The column takes what is written to it without an error, and the trigger overrides it.");
        } else if (!identity_.empty()) {
            draft_.why = "An identity column rewrites the table; a plain column is added, numbered by a sequence and filled in batches, and becomes an identity column when every row has its number";
        } else if (!counter_.empty()) {
            draft_.why = "A serial column rewrites the table; a plain column and its sequence are made, and the rows are numbered in batches";
        } else if (volatile_) {
            draft_.why = "A default that is computed for each row rewrites the table; the column is added without it, the default set for new rows, and the others filled in batches";
        } else {
            draft_.why = "The column is added at once; its constraints come in steps of their own that keep nobody waiting";
        }
    }

    const Ground &ground_;
    const Wish &wish_;
    const pg::CatalogRelation &table_;
    Draft &draft_;
    effects::Schema schema_;
    ColumnText text_;
    std::string quoted_, default_, generated_, identity_, counter_, sequence_name_, options_, not_null_name_;
    bool volatile_ = false, not_null_ = false, filled_ = false;
    std::vector<Piece> constraints_;
};

} // namespace

Result<void> addColumn(const Ground &ground, const std::vector<const Wish *> &wishes, Draft &draft)
{
    return NewColumn(ground, *wishes.front(), draft).make();
}

} // namespace howdah::migration::recipes
