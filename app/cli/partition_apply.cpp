// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/output.h"
#include "app/cli/partition_commands.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/migration/executor.h"
#include "core/migration/journal.h"
#include "core/migration/needs_journal.h"
#include "core/migration/script_json.h"

namespace howdah::cli {

namespace {

using nlohmann::ordered_json;
using migration::ChangeScript;

const char *stateWord(migration::StepState state)
{
    switch (state) {
    case migration::StepState::Done: return "done";
    case migration::StepState::Failed: return "failed";
    case migration::StepState::Cancelled: return "cancelled";
    default: return "not run";
    }
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

const char *endWord(migration::ExecutionEnd end)
{
    switch (end) {
    case migration::ExecutionEnd::Done: return "done";
    case migration::ExecutionEnd::Waiting: return "waiting";
    case migration::ExecutionEnd::Paused: return "paused";
    case migration::ExecutionEnd::Interrupted: return "interrupted";
    case migration::ExecutionEnd::Failed: break;
    }
    return "failed";
}

void tell(const migration::RunEvent &event, const ChangeScript &script)
{
    if (event.kind == migration::RunEventKind::Progress)
        return;
    const std::string title = event.step > 0 && static_cast<std::size_t>(event.step) <= script.steps.size() ? script.steps[static_cast<std::size_t>(event.step) - 1].title + ": " : std::string();
    printNote(printable(fmt::format("{}{}{}", title, word(event.kind), event.message.empty() ? std::string() : ", " + event.message)));
}

int runWithJournal(const Context &context, const ChangeScript &script, const ApplyChoice &choice, ordered_json &document)
{
    if (auto unfit = migration::unfitForJournal(script))
        return failed(context, *unfit);
    pg::ConnectionSpec spec;
    const auto connection = connect(context, &spec);
    if (!connection)
        return failed(context, connection.error());
    if (auto made = migration::createJournal(**connection); !made)
        return failed(context, made.error());
    const auto id = migration::addMigration(**connection, script, {});
    if (!id)
        return failed(context, id.error());
    migration::ExecutorOptions options;
    options.deployed = choice.deployed;
    const auto execution = migration::execute(spec, context.canceller, *id, options, [&](const migration::RunEvent &event) {
        if (!context.json)
            tell(event, script);
    });
    document["migration"] = *id;
    document["end"] = endWord(execution.end);
    document["applied"] = execution.end == migration::ExecutionEnd::Done || execution.end == migration::ExecutionEnd::Waiting;
    if (execution.end == migration::ExecutionEnd::Waiting) {
        document["waits_for"] = execution.waits_for;
        printNote(fmt::format("It waits: {}. Then: howdah-cli migrate resume {}. The way back: howdah-cli migrate rollback {}", execution.waits_for, *id, *id));
    }
    if (!execution.error)
        return exit_ok;
    document["error"] = errorJson(*execution.error, {});
    printError(*execution.error);
    printNote(fmt::format("What is done is kept: howdah-cli migrate resume {} goes on, howdah-cli migrate rollback {} takes it back.", *id, *id));
    return exitCodeOf(*execution.error);
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
        if (migration::needsJournal(script))
            code = runWithJournal(context, script, choice, document);
        else
            code = runPlainly(context, connection, script, document);
    }
    if (context.json && (code == exit_ok || document.contains("error")))
        output().write(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    return code;
}

} // namespace howdah::cli
