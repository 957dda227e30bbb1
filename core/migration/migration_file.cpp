// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/migration_file.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/migration/structure_diff.h"
#include "core/sql/lexer.h"
#include "core/sql/transaction_block.h"

namespace howdah::migration {

namespace {

std::vector<std::string_view> linesOf(std::string_view text)
{
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        if (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        lines.push_back(line);
        at = end + 1;
    }
    return lines;
}

/// What follows "-- word" or "--word", whatever its case; no value when the line is something else.
bool directive(std::string_view line, std::string_view word, std::string_view *rest = nullptr)
{
    while (!line.empty() && line.front() == ' ')
        line.remove_prefix(1);
    if (line.rfind("--", 0) != 0)
        return false;
    line.remove_prefix(2);
    while (!line.empty() && line.front() == ' ')
        line.remove_prefix(1);
    if (line.size() < word.size())
        return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (std::tolower(static_cast<unsigned char>(line[i])) != std::tolower(static_cast<unsigned char>(word[i])))
            return false;
    }
    if (rest != nullptr)
        *rest = line.substr(word.size());
    return true;
}

void append(std::string &to, std::string_view line)
{
    to += line;
    to += '\n';
}

/// BEGIN and COMMIT around it all: whatever runs the plan has transactions of its own.
std::string withoutTransaction(const std::string &text, std::vector<std::string> &notes)
{
    std::string out = text;
    std::size_t taken = 0;
    const auto spans = sql::splitStatements(text);
    for (auto span = spans.rbegin(); span != spans.rend(); ++span) {
        const std::string statement(span->text.of(text));
        if (span->psql_command || span->text.size() == 0 || sql::blockRule(statement).role != sql::BlockRole::Control)
            continue;
        std::size_t end = span->text.end.value;
        if (end < out.size() && out[end] == ';')
            ++end;
        out.erase(span->text.begin.value, end - span->text.begin.value);
        ++taken;
    }
    if (taken > 0)
        notes.emplace_back("Its BEGIN and COMMIT are left out: each step of a plan has a transaction of its own.");
    return out;
}

MigrationFile liquibase(const std::vector<std::string_view> &lines)
{
    MigrationFile file{"Liquibase", {}, {}, {}};
    std::vector<std::string> backward; // of the change sets, the last one's first
    std::size_t sets = 0;
    for (const std::string_view line : lines) {
        std::string_view rest;
        if (directive(line, "changeset", &rest)) {
            ++sets;
            backward.emplace_back();
            if (rest.find("splitStatements:false") != std::string_view::npos)
                file.notes.emplace_back("A change set says splitStatements:false; it is cut into statements as the server does.");
        } else if (directive(line, "rollback", &rest)) {
            if (backward.empty())
                backward.emplace_back();
            append(backward.back(), rest.empty() ? rest : rest.substr(rest.front() == ' ' ? 1 : 0));
            append(file.forward, ""); // lines are counted as the file has them
            continue;
        }
        append(file.forward, line);
    }
    std::reverse(backward.begin(), backward.end());
    for (const std::string &one : backward)
        file.backward += one;
    if (sets > 1)
        file.notes.push_back(fmt::format("It holds {} change sets, read as one migration.", sets));
    return file;
}

/// "-- +goose Up" and "-- migrate:up" with both ways in one file.
MigrationFile twoWays(const std::vector<std::string_view> &lines, const char *tool, const char *up, const char *down)
{
    MigrationFile file{tool, {}, {}, {}};
    bool back = false;
    for (const std::string_view line : lines) {
        if (directive(line, up))
            back = false;
        else if (directive(line, down))
            back = true;
        append(back ? file.backward : file.forward, line);
    }
    return file;
}

bool hasPlaceholder(std::string_view text)
{
    for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
        const std::size_t end = text.find_first_of("}\n", at);
        if (end != std::string_view::npos && text[end] == '}' && end > at + 2)
            return true;
    }
    return false;
}

bool any(const std::vector<std::string_view> &lines, std::string_view word)
{
    return std::any_of(lines.begin(), lines.end(), [&](std::string_view line) { return directive(line, word); });
}

/// sqlmigrate heads each operation with a comment between two bare ones.
bool isDjango(const std::vector<std::string_view> &lines)
{
    for (std::size_t i = 0; i + 2 < lines.size(); ++i) {
        if (lines[i] == "--" && lines[i + 2] == "--" && lines[i + 1].rfind("-- ", 0) == 0)
            return std::any_of(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(i), [](std::string_view line) { return line == "BEGIN;"; }) || i == 0;
    }
    return false;
}

} // namespace

MigrationFile readMigrationFile(std::string_view text)
{
    if (text.substr(0, 3) == "\xEF\xBB\xBF") // a byte order mark
        text.remove_prefix(3);
    const auto lines = linesOf(text);
    if (isUnifiedDiff(text)) {
        StructureDiff diff = readStructureDiff(text);
        return {"Rails", std::move(diff.forward), std::move(diff.backward), std::move(diff.notes)};
    }
    if (any(lines, "liquibase formatted sql")) {
        MigrationFile file = liquibase(lines);
        file.forward = withoutTransaction(file.forward, file.notes);
        return file;
    }
    if (any(lines, "+goose up"))
        return twoWays(lines, "goose", "+goose up", "+goose down");
    if (any(lines, "migrate:up"))
        return twoWays(lines, "dbmate", "migrate:up", "migrate:down");
    MigrationFile file{"", std::string(text), {}, {}};
    const bool deploys = any(lines, "deploy "), reverts = any(lines, "revert "), verifies = any(lines, "verify ");
    if ((deploys || reverts || verifies) && (text.find(" to pg") != std::string_view::npos || text.find(" from pg") != std::string_view::npos || text.find(" on pg") != std::string_view::npos)) {
        file.tool = "sqitch";
        if (reverts || verifies)
            file.notes.emplace_back(reverts ? "This is the revert script of a change, not its deploy script." : "This is the verify script of a change, which only looks.");
        file.forward = withoutTransaction(file.forward, file.notes);
    } else if (isDjango(lines)) {
        file.tool = "Django";
        file.forward = withoutTransaction(file.forward, file.notes);
    } else if (hasPlaceholder(text)) {
        file.tool = "Flyway";
        file.notes.emplace_back("Placeholders like ${name} must be written out before a plan can be made.");
    }
    return file;
}

} // namespace howdah::migration
