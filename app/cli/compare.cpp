// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/result/diff_rows.h"

namespace howdah::cli {

const char *const compare_manual = R"(howdah-cli compare QUERY1 QUERY2 [options]

Runs two queries and tells how the rows of the second differ from those of the
first: rows that were added (+), removed (-) and changed (~, with each value that is
another one). One query is enough when it is run on two servers.

  -k, --key COLUMN     what tells rows apart; may be given several times. Without
                       it a column that does, or a few together, are found
      --with CONNINFO  run the second query there: the same report on a copy
      --max-rows N     show the first N differences; all are counted
      --json           {same, changed, added, removed, repeated_keys, key[],
                       columns, only_before[], only_after[], rows[]: {change,
                       before, after}}

Values are compared as the server writes them. Exit code 0 when all rows are the
same, 1 when they differ.

  howdah-cli compare 'TABLE prices_old' 'TABLE prices' -k sku -d shop
  howdah-cli compare 'SELECT * FROM settings' -d test --with 'service=production'
)";

namespace {

using Json = nlohmann::ordered_json;
using result::ColumnPair;
using result::DiffRow;
using result::RowChange;
using result::RowsDiff;
using result::RowView;

struct CompareChoice {
    std::string before;
    std::string after;
    std::string with;
    std::vector<std::string> key;
    std::int64_t max_rows = 100;
};

Result<RowView> rowsOf(pg::Connection &connection, const std::string &sql)
{
    const pg::RunOutcome outcome = connection.run(sql);
    if (outcome.error)
        return tl::unexpected(*outcome.error);
    for (auto statement = outcome.statements.rbegin(); statement != outcome.statements.rend(); ++statement) {
        if (statement->result)
            return RowView{std::make_shared<result::StoreRows>(statement->result), nullptr};
    }
    return fail(ErrorKind::Usage, "A query that returns no rows cannot be compared");
}

struct Comparison {
    RowView before;
    RowView after;
    std::vector<ColumnPair> pairs;
    std::vector<std::size_t> key; ///< places in pairs
    RowsDiff diff;

    [[nodiscard]] const std::string &name(std::size_t pair) const { return after.source->columns()[pairs[pair].after].name; }
};

Result<Comparison> comparisonOf(RowView before, RowView after, const std::vector<std::string> &key)
{
    Comparison c{std::move(before), std::move(after), {}, {}, {}};
    c.pairs = result::pairColumns(c.before.source->columns(), c.after.source->columns());
    if (c.pairs.empty())
        return fail(ErrorKind::Usage, "The two results have no column of the same name", "Give columns the same names with AS.");
    for (const std::string &name : key) {
        std::size_t at = 0;
        while (at < c.pairs.size() && c.name(at) != name)
            ++at;
        if (at == c.pairs.size())
            return fail(ErrorKind::Usage, "The two results have no column \"" + name + "\" in common");
        c.key.push_back(at);
    }
    if (key.empty())
        c.key = result::guessKey(c.before, c.after, c.pairs);
    auto diff = result::diffRows(c.before, c.after, c.pairs, c.key);
    if (!diff)
        return tl::unexpected(diff.error());
    c.diff = std::move(*diff);
    return c;
}

std::string shown(const pg::Cell &cell)
{
    return cell.is_null ? "<null>" : printable(cell.text);
}

Json rowJson(const RowView &view, std::int64_t row)
{
    if (row < 0)
        return nullptr;
    Json object = Json::object();
    const auto &columns = view.source->columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const pg::Cell cell = view.cell(row, i);
        object[columns[i].name] = cell.is_null ? Json() : Json(std::string(cell.text));
    }
    return object;
}

Json onlyIn(const RowView &view, const std::vector<ColumnPair> &pairs, std::size_t ColumnPair::*side)
{
    Json names = Json::array();
    const auto &columns = view.source->columns();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (std::none_of(pairs.begin(), pairs.end(), [&](const ColumnPair &pair) { return pair.*side == i; }))
            names.push_back(columns[i].name);
    }
    return names;
}

const char *wordOf(RowChange change)
{
    return change == RowChange::Added ? "added" : change == RowChange::Removed ? "removed" : change == RowChange::Changed ? "changed" : "same";
}

std::size_t shownRows(const Comparison &c, std::int64_t limit)
{
    return std::min(c.diff.rows.size(), static_cast<std::size_t>(limit));
}

void writeJson(const Comparison &c, std::int64_t limit)
{
    Json object{{"same", c.diff.same}, {"changed", c.diff.changed}, {"added", c.diff.added}, {"removed", c.diff.removed},
                {"repeated_keys", c.diff.repeated_keys}, {"key", Json::array()}, {"columns", Json::array()}};
    for (const std::size_t pair : c.key)
        object["key"].push_back(c.name(pair));
    for (std::size_t i = 0; i < c.pairs.size(); ++i)
        object["columns"].push_back(c.name(i));
    object["only_before"] = onlyIn(c.before, c.pairs, &ColumnPair::before);
    object["only_after"] = onlyIn(c.after, c.pairs, &ColumnPair::after);
    object["rows"] = Json::array();
    for (std::size_t i = 0; i < shownRows(c, limit); ++i) {
        const DiffRow &row = c.diff.rows[i];
        object["rows"].push_back({{"change", wordOf(row.change)}, {"before", rowJson(c.before, row.before)}, {"after", rowJson(c.after, row.after)}});
    }
    output().write(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::string line(const Comparison &c, const DiffRow &row)
{
    std::string text = row.change == RowChange::Added ? "+" : row.change == RowChange::Removed ? "-" : "~";
    const bool was = row.change == RowChange::Removed;
    const RowView &view = was ? c.before : c.after;
    const std::int64_t at = was ? row.before : row.after;
    for (std::size_t i = 0; i < c.pairs.size(); ++i) {
        const pg::Cell cell = view.cell(at, was ? c.pairs[i].before : c.pairs[i].after);
        const bool is_key = std::find(c.key.begin(), c.key.end(), i) != c.key.end();
        if (row.change != RowChange::Changed) {
            text += fmt::format(" {}={}", c.name(i), shown(cell));
            continue;
        }
        const pg::Cell old = c.before.cell(row.before, c.pairs[i].before);
        if (is_key)
            text += fmt::format(" {}={}", c.name(i), shown(cell));
        else if (!result::sameCell(old, cell))
            text += fmt::format(" {}: {} → {}", c.name(i), shown(old), shown(cell));
    }
    return text + "\n";
}

void writeText(const Comparison &c, std::int64_t limit)
{
    const std::size_t count = shownRows(c, limit);
    for (std::size_t i = 0; i < count; ++i)
        output().write(line(c, c.diff.rows[i]));
    if (count < c.diff.rows.size())
        output().write(fmt::format("… and {} more\n", c.diff.rows.size() - count));
    std::string key;
    for (const std::size_t pair : c.key)
        key += (key.empty() ? "" : ", ") + c.name(pair);
    output().write(fmt::format("{} the same, {} changed, {} added, {} removed; rows matched by {}.\n", c.diff.same, c.diff.changed,
                               c.diff.added, c.diff.removed, key));
    output().flush();
    if (c.diff.repeated_keys > 0)
        printNote(fmt::format("{} rows share their key with another one and are matched in their order.", c.diff.repeated_keys));
}

int compare(const Context &context, const CompareChoice &choice)
{
    if (choice.after.empty() && choice.with.empty())
        return failed(context, fail(ErrorKind::Usage, "Two queries are compared, or one on two servers", "Give a second query, or --with CONNINFO.").value());
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    auto before = rowsOf(**connection, choice.before);
    if (!before)
        return failed(context, before.error(), {choice.before, ""});
    const std::string &second = choice.after.empty() ? choice.before : choice.after;
    Result<RowView> after = RowView{};
    if (choice.with.empty()) {
        after = rowsOf(**connection, second);
    } else {
        Context other = context;
        other.dbname = choice.with;
        const auto there = connect(other);
        if (!there)
            return failed(context, there.error());
        after = rowsOf(**there, second);
    }
    if (!after)
        return failed(context, after.error(), {second, ""});
    const auto comparison = comparisonOf(std::move(*before), std::move(*after), choice.key);
    if (!comparison)
        return failed(context, comparison.error());
    if (context.json)
        writeJson(*comparison, choice.max_rows);
    else
        writeText(*comparison, choice.max_rows);
    output().flush();
    return comparison->diff.rows.empty() ? exit_ok : exit_findings;
}

} // namespace

Action declareCompare(CLI::App &options)
{
    const auto choice = std::make_shared<CompareChoice>();
    options.add_option("query1", choice->before, "The query whose rows are the old ones")->required();
    options.add_option("query2", choice->after, "The query whose rows are the new ones");
    options.add_option("-k,--key", choice->key, "A column that tells rows apart")->type_name("COLUMN")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    options.add_option("--with", choice->with, "Run the second query on this server")->type_name("CONNINFO");
    options.add_option("--max-rows", choice->max_rows, "Show the first N differences")->type_name("N")->check(CLI::NonNegativeNumber);
    return [choice](const Context &context) { return compare(context, *choice); };
}

} // namespace howdah::cli
