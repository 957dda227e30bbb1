// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/replication_report.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/replication_commands.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"

namespace howdah::cli {

using namespace howdah::replication;
using Json = nlohmann::ordered_json;

namespace {

Json stepJson(const SetupStep &step)
{
    Json json;
    json["id"] = step.id;
    json["title"] = step.title;
    json["kind"] = stepKindName(step.kind);
    json["node"] = step.node;
    json[step.kind == StepKind::Command ? "command" : step.kind == StepKind::Statement ? "sql" : step.kind == StepKind::File ? "file" : "waits_for"] = step.text;
    if (!step.undo.empty())
        json["undo"] = step.undo;
    if (!step.note.empty())
        json["note"] = step.note;
    json["state"] = stepStateName(step.state);
    if (step.state != migration::StepState::Waiting && step.state != migration::StepState::NotRun)
        json["duration_ms"] = std::llround(step.duration_ms);
    if (!step.figure.empty())
        json["figure"] = step.figure;
    if (step.error)
        json["error"] = errorJson(*step.error, {});
    return json;
}

Json stepsJson(const std::vector<SetupStep> &steps)
{
    Json list = Json::array();
    for (const SetupStep &step : steps)
        list.push_back(stepJson(step));
    return list;
}

void printStep(std::size_t index, const SetupStep &step)
{
    output().write(fmt::format("{}. {} [{}]\n", index + 1, step.title, step.node));
    output().write("     " + printable(step.text, true) + (step.kind == StepKind::Statement ? ";" : "") + "\n");
    if (!step.note.empty())
        output().write("     " + inked(printable(step.note), Ink::Dim, stdoutHasColors()) + "\n");
    if (!step.undo.empty())
        output().write("     way back: " + printable(step.undo) + "\n");
}

} // namespace

int showDryRun(const Context &context, const std::vector<Check> &checks, const std::vector<SetupStep> &steps)
{
    if (context.json) {
        Json json;
        json["dry_run"] = true;
        json["ok"] = mayBegin(checks);
        json["checks"] = Json::parse(checksJson(checks));
        json["steps"] = stepsJson(steps);
        output().write(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    } else {
        printChecks(checks);
        for (std::size_t i = 0; i < steps.size(); ++i)
            printStep(i, steps[i]);
    }
    return mayBegin(checks) ? exit_ok : exit_findings;
}

SetupProgress teller()
{
    return [last = std::string()](std::size_t index, const SetupStep &step) mutable {
        std::string line = fmt::format("{}. {}: {}", index + 1, step.title, stepStateName(step.state));
        if (!step.figure.empty())
            line += ", " + step.figure;
        if (step.state == migration::StepState::Done)
            line += " (" + human::duration(step.duration_ms) + ")";
        if (line != last)
            printNote(line);
        last = std::move(line);
    };
}

int showOutcome(const Context &context, const SetupOutcome &outcome)
{
    if (context.json) {
        Json json;
        json["ok"] = !outcome.error.has_value();
        json["proven"] = outcome.proven;
        if (!outcome.proof.empty())
            json["proof"] = outcome.proof;
        if (!outcome.standby_conninfo.empty())
            json["standby"] = outcome.standby_conninfo;
        json["checks"] = Json::parse(checksJson(outcome.checks));
        json["steps"] = stepsJson(outcome.steps);
        if (outcome.comparison)
            json["comparison"] = Json::parse(comparisonJson(*outcome.comparison));
        if (outcome.error)
            json["error"] = errorJson(*outcome.error, {});
        output().write(json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    } else if (outcome.proven) {
        output().write(outcome.proof + "\n");
        if (!outcome.standby_conninfo.empty())
            output().write("The standby: " + outcome.standby_conninfo + "\n");
    }
    if (!outcome.error)
        return exit_ok;
    printError(*outcome.error);
    if (interruptedBy() != 0)
        return interruptedBy();
    return outcome.error->kind == ErrorKind::Unsupported ? exit_findings : exitCodeOf(*outcome.error);
}

} // namespace howdah::cli
