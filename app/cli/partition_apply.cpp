// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/partition_commands.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/migration/script_json.h"

namespace howdah::cli {

namespace {

using nlohmann::ordered_json;
using migration::ChangeScript;
using migration::ChangeStep;

const char *stateWord(migration::StepState state)
{
    switch (state) {
    case migration::StepState::Done: return "done";
    case migration::StepState::Failed: return "failed";
    case migration::StepState::Cancelled: return "cancelled";
    default: return "not run";
    }
}

bool needsJournal(const ChangeScript &script)
{
    return std::any_of(script.steps.begin(), script.steps.end(), [](const ChangeStep &step) { return step.batches || step.comparison; });
}

int runPlainly(const Context &context, pg::Connection &connection, const ChangeScript &script, ordered_json &document)
{
    migration::ChangeOptions options;
    options.single_transaction = script.all_or_nothing;
    const auto outcome = migration::runChangeScript(connection, script, options, [&](std::size_t at, const migration::StepOutcome &step) {
        if (!context.json && step.state != migration::StepState::Running && step.state != migration::StepState::NotRun)
            printNote(fmt::format("{}: {} in {}", stateWord(step.state), printable(script.steps[at].title), human::duration(step.duration_ms)));
    });
    document["applied"] = outcome.done();
    ordered_json steps = ordered_json::array();
    for (std::size_t i = 0; i < outcome.steps.size(); ++i)
        steps.push_back({{"title", script.steps[i].title}, {"state", stateWord(outcome.steps[i].state)}, {"duration_ms", outcome.steps[i].duration_ms}});
    document["outcome"] = std::move(steps);
    if (!outcome.error)
        return exit_ok;
    document["error"] = errorJson(*outcome.error, {});
    printError(*outcome.error);
    return exitCodeOf(*outcome.error);
}

} // namespace

int showAndApply(const Context &context, pg::Connection &connection, const ChangeScript &script, const ApplyChoice &choice, const std::function<void(void *)> &more)
{
    ordered_json document;
    if (more)
        more(&document);
    if (!document.contains("script")) {
        document["script"] = migration::scriptJson(script);
        document["sql"] = script.toSql();
    }
    document["applied"] = false;
    int code = exit_ok;
    if (!context.json)
        output().write(script.steps.empty() ? script.title + "\n-- Nothing is to be done.\n" : script.toSql());
    output().flush();
    if (choice.apply && !script.steps.empty()) {
        if (needsJournal(script))
            code = failed(context, fail(ErrorKind::Unsupported, "This script copies rows in batches", "Write it to a file with --json and run it with howdah-cli migrate run.").value());
        else
            code = runPlainly(context, connection, script, document);
    }
    if (context.json && code != exit_usage)
        output().write(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    return code;
}

} // namespace howdah::cli
