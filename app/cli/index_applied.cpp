// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/index_commands.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/index/ledger.h"

namespace howdah::cli {

namespace {

using Json = nlohmann::ordered_json;

Json queryJson(const index::QueryState &before, const std::vector<index::QueryState> &after)
{
    Json object{{"text", before.text}, {"weight", before.weight}, {"cost_before", before.cost}};
    if (before.ms)
        object["ms_before"] = *before.ms;
    for (const index::QueryState &now : after) {
        if (now.text != before.text)
            continue;
        object["cost_after"] = now.cost;
        if (now.ms)
            object["ms_after"] = *now.ms;
        break;
    }
    return object;
}

Json setJson(const index::Applied &applied, const index::Look &look)
{
    Json object{{"built_ms", applied.at_ms}, {"verdict", look.verdict}, {"counted_hours", look.counted_hours}, {"indexes", Json::array()}, {"queries", Json::array()}};
    for (std::size_t i = 0; i < look.indexes.size(); ++i) {
        const index::Judged &judged = look.indexes[i];
        Json one{{"name", applied.indexes[i].name}, {"ddl", applied.indexes[i].ddl}, {"gone", judged.gone}, {"helped", judged.helped}, {"reason", judged.reason}};
        if (!judged.gone) {
            one["scans"] = judged.now.scans;
            one["size_bytes"] = judged.now.size_bytes;
            one["expected_bytes"] = applied.indexes[i].size_bytes;
        }
        if (!judged.drop_sql.empty())
            one["drop_sql"] = judged.drop_sql;
        object["indexes"].push_back(std::move(one));
    }
    for (const index::QueryState &before : applied.before)
        object["queries"].push_back(queryJson(before, look.after));
    return object;
}

void printSet(const index::Applied &applied, const index::Look &look)
{
    const bool colored = stdoutHasColors();
    output().write(fmt::format("Built {} ago: {}\n", human::duration(static_cast<double>(index::nowMs() - applied.at_ms)), look.verdict));
    for (std::size_t i = 0; i < look.indexes.size(); ++i) {
        const index::Judged &judged = look.indexes[i];
        output().write("  " + inked(printable(applied.indexes[i].name), judged.helped ? Ink::Green : judged.gone ? Ink::Dim : Ink::Yellow, colored) + "  " + printable(judged.reason) + "\n");
        if (!judged.drop_sql.empty())
            output().write("    " + printable(judged.drop_sql) + ";\n");
    }
}

} // namespace

int verifyApplied(const Context &context, pg::Connection &connection)
{
    auto ledger = index::Ledger::open(index::Ledger::defaultFile());
    if (!ledger)
        return failed(context, ledger.error());
    const auto sets = (*ledger)->applied(index::serverName(connection));
    if (!sets)
        return failed(context, sets.error());
    Json document{{"applied", Json::array()}};
    bool found = false;
    for (index::Applied applied : *sets) {
        const auto look = index::lookAgain(connection, applied);
        if (!look)
            return failed(context, look.error());
        applied.after = look->after;
        applied.verdict = look->verdict;
        applied.looked_ms = index::nowMs();
        if (const auto kept = (*ledger)->record(applied); !kept)
            return failed(context, kept.error());
        for (const index::Judged &one : look->indexes)
            found = found || !one.drop_sql.empty();
        if (context.json)
            document["applied"].push_back(setJson(applied, *look));
        else
            printSet(applied, *look);
    }
    if (context.json)
        output().write(document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    else if (sets->empty())
        output().write("No index was built from advice in this database.\n");
    return found ? exit_findings : exit_ok;
}

} // namespace howdah::cli
