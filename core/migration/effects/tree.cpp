// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects/tree.h"

#include <algorithm>
#include <cctype>

#include "core/sql/lexer.h"
#include "core/sql/parser.h"

namespace howdah::migration::effects {

using nlohmann::json;

Node::Node(const json &value) : body_(&value)
{
    if (value.is_object() && value.size() == 1 && value.begin()->is_object() && std::isupper(static_cast<unsigned char>(value.begin().key().front())) != 0) {
        kind_ = value.begin().key();
        body_ = &*value.begin();
    }
}

Node Node::get(const char *field) const
{
    if (body_ == nullptr || !body_->is_object())
        return {};
    const auto found = body_->find(field);
    return found == body_->end() ? Node() : Node(*found);
}

std::vector<Node> Node::list(const char *field) const
{
    std::vector<Node> nodes;
    if (body_ == nullptr || !body_->is_object())
        return nodes;
    const auto found = body_->find(field);
    if (found == body_->end())
        return nodes;
    const json *items = &*found;
    if (items->is_object() && items->contains("List")) // a wrapped list
        items = items->at("List").contains("items") ? &items->at("List").at("items") : nullptr;
    if (items != nullptr && items->is_array()) {
        for (const json &item : *items)
            nodes.emplace_back(item);
    }
    return nodes;
}

std::string Node::text(const char *field) const
{
    const Node found = get(field);
    return found.exists() && found.body_->is_string() ? found.body_->get<std::string>() : std::string();
}

bool Node::flag(const char *field) const
{
    const Node found = get(field);
    return found.exists() && found.body_->is_boolean() && found.body_->get<bool>();
}

std::int64_t Node::number(const char *field) const
{
    const Node found = get(field);
    return found.exists() && found.body_->is_number_integer() ? found.body_->get<std::int64_t>() : 0;
}

std::string Node::value() const
{
    if (is("String"))
        return text("sval");
    if (is("Integer"))
        return std::to_string(number("ival"));
    if (is("Float"))
        return text("fval");
    if (is("Boolean"))
        return flag("boolval") ? "true" : "false";
    if (is("TypeCast"))
        return get("arg").value();
    if (!is("A_Const"))
        return {};
    if (get("sval").exists())
        return get("sval").text("sval");
    if (get("fval").exists())
        return get("fval").text("fval");
    if (get("boolval").exists())
        return get("boolval").flag("boolval") ? "true" : "false";
    return get("ival").exists() ? std::to_string(get("ival").number("ival")) : std::string();
}

std::vector<std::string> Node::names(const char *field) const
{
    std::vector<std::string> all;
    for (const Node &item : list(field))
        all.push_back(item.value());
    return all;
}

namespace {

struct Word {
    std::string text; ///< upper case
    ByteSpan span;
};

struct Mark {
    std::size_t at = 0;
    std::string name;
    std::string value;
};

std::vector<Word> wordsOf(std::string_view statement)
{
    std::vector<Word> words;
    sql::Lexer lexer(statement);
    for (sql::Token token; lexer.next(token);) {
        if (token.kind == sql::TokenKind::Whitespace || token.kind == sql::TokenKind::LineComment || token.kind == sql::TokenKind::BlockComment)
            continue;
        std::string text(token.span.of(statement));
        if (token.kind == sql::TokenKind::Identifier)
            std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        words.push_back({std::move(text), token.span});
    }
    return words;
}

/// PostgreSQL 18's new words replaced by older syntax of nearly the same shape, with marks where they stood.
class Newer
{
public:
    explicit Newer(std::string_view statement) : statement_(statement), words_(wordsOf(statement)) {}
    std::vector<Mark> marks;
    bool alters_enforcement = false;

    std::string rewritten()
    {
        for (at_ = 0; at_ < words_.size();) {
            if (!notNullConstraint() && !enforcement() && !virtualColumn())
                take();
        }
        out_ += statement_.substr(copied_);
        return out_;
    }

private:
    bool word(std::size_t ahead, const char *text) const { return at_ + ahead < words_.size() && words_[at_ + ahead].text == text; }
    void take()
    {
        const std::size_t end = words_[at_].span.end.value;
        out_ += statement_.substr(copied_, end - copied_);
        copied_ = end;
        ++at_;
    }
    void replace(std::size_t count, const std::string &text)
    {
        const std::size_t begin = words_[at_].span.begin.value;
        out_ += statement_.substr(copied_, begin - copied_);
        out_ += text;
        at_ += count;
        copied_ = words_[at_ - 1].span.end.value;
    }
    /// ADD [CONSTRAINT k] NOT NULL column
    bool notNullConstraint()
    {
        const bool after_add = at_ >= 1 && words_[at_ - 1].text == "ADD";
        const bool after_name = at_ >= 3 && words_[at_ - 2].text == "CONSTRAINT" && words_[at_ - 3].text == "ADD";
        if (!(after_add || after_name) || !word(0, "NOT") || !word(1, "NULL") || at_ + 2 >= words_.size())
            return false;
        const std::string column(words_[at_ + 2].span.of(statement_));
        replace(3, " CHECK (" + column + " IS NOT NULL)");
        marks.push_back({out_.size() - 1, "howdah_not_null", {}});
        return true;
    }
    bool enforcement()
    {
        if (word(0, "NOT") && word(1, "ENFORCED")) {
            marks.push_back({out_.size(), "howdah_not_enforced", {}});
            const bool altered = at_ >= 3 && words_[at_ - 2].text == "CONSTRAINT" && words_[at_ - 3].text == "ALTER";
            replace(2, altered ? " NOT DEFERRABLE" : alterTable() ? " NOT VALID" : " ");
            return true;
        }
        if (!word(0, "ENFORCED"))
            return false;
        alters_enforcement = true;
        replace(1, at_ >= 3 && words_[at_ - 2].text == "CONSTRAINT" && words_[at_ - 3].text == "ALTER" ? "DEFERRABLE" : " ");
        return true;
    }
    bool alterTable() const { return words_.size() > 1 && words_[0].text == "ALTER" && words_[1].text == "TABLE" && !inColumn(); }
    /// Within ADD COLUMN attributes of constraints are not allowed in the older grammar.
    bool inColumn() const
    {
        for (std::size_t back = at_; back-- > 0;) {
            if (words_[back].text == "COLUMN")
                return true;
            if (words_[back].text == "ADD")
                return words_[back + 1].text != "CONSTRAINT" && words_[back + 1].text != "CHECK" && words_[back + 1].text != "FOREIGN";
        }
        return false;
    }
    /// GENERATED ALWAYS AS (…) [VIRTUAL]: what says neither STORED nor IDENTITY is virtual.
    bool virtualColumn()
    {
        if (word(0, "GENERATED") && word(1, "ALWAYS") && word(2, "AS") && word(3, "(")) {
            int depth = 0;
            for (take(), take(), take(); at_ < words_.size();) {
                depth += word(0, "(") ? 1 : word(0, ")") ? -1 : 0;
                take();
                if (depth == 0)
                    break;
            }
            if (word(0, "STORED"))
                return true;
            marks.push_back({out_.size(), "howdah_virtual", {}});
            if (word(0, "VIRTUAL"))
                replace(1, " STORED");
            else
                out_ += " STORED";
            return true;
        }
        return false;
    }

    std::string_view statement_;
    std::vector<Word> words_;
    std::size_t at_ = 0, copied_ = 0;
    std::string out_;
};

Result<Tree> parsed(std::string_view statement)
{
    const auto text = sql::parseTree(statement);
    if (!text)
        return tl::unexpected(text.error());
    json document = json::parse(*text, nullptr, false);
    if (document.is_discarded() || !document.contains("stmts") || document["stmts"].empty())
        return fail(ErrorKind::Parse, "There is no statement here");
    Tree tree;
    tree.document = std::make_shared<json>(std::move(document["stmts"][0]["stmt"]));
    return tree;
}

/// Each mark belongs to the last constraint that begins before it.
void putMarks(Tree &tree, const std::vector<Mark> &marks)
{
    for (const Mark &mark : marks) {
        json *best = nullptr;
        std::size_t best_at = 0;
        walk(*tree.document, [&](const std::string &kind, const json &value) {
            if (kind != "Constraint")
                return;
            const std::size_t at = value.value("location", std::size_t{0});
            const bool generated = value.value("contype", "") == "CONSTR_GENERATED";
            if (at <= mark.at && (mark.name == "howdah_virtual") == generated && (best == nullptr || at >= best_at)) {
                best = const_cast<json *>(&value); // ours: the walk only reads
                best_at = at;
            }
        });
        if (best != nullptr)
            (*best)[mark.name] = true;
    }
}

} // namespace

Result<Tree> parseStatement(std::string_view statement, int major)
{
    auto tree = parsed(statement);
    if (tree || major < 18)
        return tree;
    Newer newer(statement);
    auto again = parsed(newer.rewritten());
    if (!again)
        return tree;
    putMarks(*again, newer.marks);
    again->alters_enforcement = newer.alters_enforcement;
    return again;
}

std::shared_ptr<json> parseCheck(const std::string &definition)
{
    const auto tree = parseStatement("ALTER TABLE t ADD " + definition, 18);
    if (!tree)
        return nullptr;
    const auto commands = tree->root().list("cmds");
    const Node expression = commands.empty() ? Node() : commands[0].get("def").get("raw_expr");
    if (!expression.exists())
        return nullptr;
    json wrapped;
    wrapped[expression.kind()] = *expression.body();
    return std::make_shared<json>(std::move(wrapped));
}

std::shared_ptr<json> parseType(const std::string &type)
{
    const auto tree = parsed("SELECT NULL::" + type);
    if (!tree)
        return nullptr;
    const auto targets = tree->root().list("targetList");
    const Node name = targets.empty() ? Node() : targets[0].get("val").get("typeName");
    return name.exists() ? std::make_shared<json>(*name.body()) : nullptr;
}

} // namespace howdah::migration::effects
