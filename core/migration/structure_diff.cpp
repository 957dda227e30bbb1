// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/structure_diff.h"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "core/migration/effects/tree.h"
#include "core/migration/recipes/text.h"
#include "core/sql/lexer.h"
#include "core/sql/quote.h"

namespace howdah::migration {

namespace {

using effects::Node;
using recipes::trimmed;

/// A column's line of CREATE TABLE, cut into what ALTER TABLE can change.
struct ColumnLine {
    std::string name, type, default_expr, whole; ///< name as SQL has it
    bool not_null = false;
};

std::optional<ColumnLine> columnLine(std::string line)
{
    line = trimmed(line);
    if (!line.empty() && line.back() == ',')
        line.pop_back();
    const auto words = recipes::wordsOf(line);
    if (words.size() < 2 || !words[0].is_name || (!words[0].quoted && (words[0].text == "constraint" || words[0].text == "primary" || words[0].text == "check" || words[0].text == "foreign" || words[0].text == "unique" || words[0].text == "exclude")))
        return {};
    if (!effects::parseStatement("CREATE TABLE t (" + line + ")", 17))
        return {};
    ColumnLine column;
    column.name = line.substr(words[0].span.begin.value, words[0].span.size());
    column.whole = line;
    std::size_t type_end = line.size(), default_begin = 0, default_end = 0;
    int depth = 0;
    for (std::size_t i = 1; i < words.size(); ++i) {
        depth += words[i].is_name ? 0 : words[i].text == "(" ? 1 : words[i].text == ")" ? -1 : 0;
        if (depth != 0 || !words[i].is_name || words[i].quoted)
            continue;
        const std::size_t begin = words[i].span.begin.value;
        const bool not_null = words[i].text == "not" && i + 1 < words.size() && words[i + 1].text == "null";
        const bool ends_type = words[i].text == "default" || words[i].text == "generated" || words[i].text == "collate" || words[i].text == "constraint" || words[i].text == "check" || not_null;
        if (ends_type)
            type_end = std::min(type_end, begin);
        if (words[i].text == "default")
            default_begin = words[i].span.end.value;
        else if (ends_type && default_begin > 0 && default_end == 0)
            default_end = begin;
        column.not_null = column.not_null || not_null;
    }
    column.type = trimmed(line.substr(words[1].span.begin.value, type_end - words[1].span.begin.value));
    if (default_begin > 0)
        column.default_expr = trimmed(line.substr(default_begin, (default_end == 0 ? line.size() : default_end) - default_begin));
    return column;
}

/// "public.orders" of "CREATE TABLE public.orders ("; "" for another line.
std::string tableOf(std::string_view line)
{
    constexpr std::string_view begins = "CREATE TABLE ";
    const std::size_t at = line.find(begins);
    const std::size_t open = line.rfind(" (");
    if (at == std::string_view::npos || open == std::string_view::npos || open < at + begins.size())
        return {};
    return std::string(line.substr(at + begins.size(), open - at - begins.size()));
}

class Reading
{
public:
    explicit Reading(std::string_view text) : text_(text) {}

    StructureDiff read()
    {
        for (std::size_t at = 0; at <= text_.size();) {
            const std::size_t end = std::min(text_.find('\n', at), text_.size());
            std::string line(text_.substr(at, end - at));
            if (!line.empty() && line.back() == '\r')
                line.pop_back();
            take(line);
            at = end + 1;
        }
        endTable();
        endStatements();
        for (const std::string &statement : forward_)
            diff_.forward += statement;
        for (auto statement = backward_.rbegin(); statement != backward_.rend(); ++statement)
            diff_.backward += *statement;
        return std::move(diff_);
    }

private:
    struct Changed {
        std::optional<ColumnLine> before, after;
    };

    void take(const std::string &line)
    {
        if (line.rfind("diff ", 0) == 0 || line.rfind("index ", 0) == 0 || line.rfind("--- ", 0) == 0 || line.rfind("+++ ", 0) == 0)
            return;
        if (line.rfind("@@", 0) == 0) {
            endTable();
            endStatements();
            const std::size_t behind = line.find("@@", 2);
            table_ = behind == std::string::npos ? "" : tableOf(std::string_view(line).substr(behind + 2));
            return;
        }
        const char sign = line.empty() ? ' ' : line.front();
        const std::string rest = line.empty() ? "" : line.substr(1);
        if (sign == ' ')
            context(rest);
        else if (sign == '+' || sign == '-')
            changed(sign == '+', rest);
    }

    void context(const std::string &line)
    {
        if (const std::string table = tableOf(line); !table.empty()) {
            endTable();
            endStatements();
            table_ = table;
        } else if (line.rfind(')', 0) == 0) {
            endTable();
        } else if (table_.empty() && trimmed(line).empty()) {
            endStatements();
        }
    }

    void changed(bool added, const std::string &line)
    {
        if (!table_.empty()) {
            if (const auto column = columnLine(line)) {
                if (columns_.count(column->name) == 0)
                    order_.push_back(column->name);
                (added ? columns_[column->name].after : columns_[column->name].before) = column;
            } else if (!trimmed(line).empty()) {
                note(line);
            }
            return;
        }
        (added ? added_ : removed_) += line + "\n";
    }

    void endTable()
    {
        for (const std::string &name : order_)
            column(name, columns_[name]);
        order_.clear();
        columns_.clear();
        table_.clear();
    }

    void column(const std::string &name, const Changed &changed)
    {
        if (changed.before && changed.after) {
            alter(forward_, name, *changed.before, *changed.after);
            alter(backward_, name, *changed.after, *changed.before);
        } else if (changed.after) {
            forward_.push_back(fmt::format("ALTER TABLE {} ADD COLUMN {};\n", table_, changed.after->whole));
            backward_.push_back(fmt::format("ALTER TABLE {} DROP COLUMN {};\n", table_, name));
        } else {
            forward_.push_back(fmt::format("ALTER TABLE {} DROP COLUMN {};\n", table_, name));
            backward_.push_back(fmt::format("ALTER TABLE {} ADD COLUMN {};\n", table_, changed.before->whole));
        }
    }

    void alter(std::vector<std::string> &into, const std::string &name, const ColumnLine &from, const ColumnLine &to)
    {
        const auto say = [&](const std::string &what) { into.push_back(fmt::format("ALTER TABLE {} ALTER COLUMN {} {};\n", table_, name, what)); };
        if (from.type != to.type)
            say("TYPE " + to.type);
        if (from.default_expr != to.default_expr)
            say(to.default_expr.empty() ? "DROP DEFAULT" : "SET DEFAULT " + to.default_expr);
        if (from.not_null != to.not_null)
            say(to.not_null ? "SET NOT NULL" : "DROP NOT NULL");
    }

    void endStatements()
    {
        statements(added_, forward_, backward_);
        statements(removed_, backward_, forward_);
        added_.clear();
        removed_.clear();
    }

    /// Whole statements of one side: as they stand there, and what takes them away on the other one.
    void statements(const std::string &text, std::vector<std::string> &into, std::vector<std::string> &against)
    {
        for (const sql::StatementSpan &span : sql::splitStatements(text)) {
            const std::string statement = trimmed(std::string(span.text.of(text)));
            if (statement.empty() || span.psql_command)
                continue;
            const auto tree = effects::parseStatement(statement, 18);
            if (!tree) { // versions of migrations in a list, half of a statement
                note(statement);
                continue;
            }
            const Node root = tree->root();
            if (root.is("VariableSetStmt") || root.is("SelectStmt") || root.is("InsertStmt"))
                continue; // what a dump sets for itself, and the list of migrations
            into.push_back(statement + ";\n");
            if (const std::string away = against_(root); !away.empty())
                against.push_back(away + ";\n");
            else
                diff_.notes.push_back("What takes this back is not known: " + statement.substr(0, statement.find('\n')));
        }
    }

    static std::string nameOf(const Node &range)
    {
        return sql::quoteQualified(range.text("schemaname"), range.text("relname"));
    }

    static std::string against_(const Node &root)
    {
        if (root.is("CreateStmt"))
            return "DROP TABLE " + nameOf(root.get("relation"));
        if (root.is("IndexStmt"))
            return "DROP INDEX " + sql::quoteQualified(root.get("relation").text("schemaname"), root.text("idxname"));
        if (root.is("CreateSeqStmt"))
            return "DROP SEQUENCE " + nameOf(root.get("sequence"));
        if (root.is("ViewStmt"))
            return "DROP VIEW " + nameOf(root.get("view"));
        if (root.is("CreateTrigStmt"))
            return fmt::format("DROP TRIGGER {} ON {}", sql::quoteIdentifier(root.text("trigname")), nameOf(root.get("relation")));
        if (root.is("CreateExtensionStmt"))
            return "DROP EXTENSION " + sql::quoteIdentifier(root.text("extname"));
        if (root.is("AlterTableStmt")) {
            const auto commands = root.list("cmds");
            if (commands.size() == 1 && commands[0].text("subtype") == "AT_AddConstraint")
                return fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", nameOf(root.get("relation")), sql::quoteIdentifier(commands[0].get("def").text("conname")));
        }
        return {};
    }

    void note(const std::string &line)
    {
        const std::string short_line = trimmed(line.substr(0, line.find('\n')));
        if (short_line.empty() || short_line.rfind("('", 0) == 0 || short_line.rfind("--", 0) == 0)
            return;
        diff_.notes.push_back("Left out, because it is no whole statement: " + short_line);
    }

    std::string_view text_;
    StructureDiff diff_;
    std::string table_, added_, removed_;
    std::vector<std::string> forward_, backward_; ///< the latter is said the other way round
    std::vector<std::string> order_;
    std::map<std::string, Changed> columns_;
};

} // namespace

bool isUnifiedDiff(std::string_view text)
{
    const bool heads = text.rfind("diff ", 0) == 0 || text.rfind("--- ", 0) == 0 || text.find("\n--- ") != std::string_view::npos;
    return heads && (text.rfind("@@ -", 0) == 0 || text.find("\n@@ -") != std::string_view::npos);
}

StructureDiff readStructureDiff(std::string_view text)
{
    return Reading(text).read();
}

} // namespace howdah::migration
