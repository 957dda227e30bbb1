// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/migrate_report.h"

#include <chrono>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/table.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/migration/script_json.h"

namespace howdah::cli {

namespace {

using nlohmann::ordered_json;
using namespace howdah::migration;

void put(ordered_json &object, const char *key, const std::string &text)
{
    if (!text.empty())
        object[key] = text;
}

ordered_json batchesJson(const BatchProgress &batches)
{
    ordered_json object{{"batches", batches.batches}, {"rows_done", batches.rows_done}, {"rows_total", batches.rows_total}, {"batch_rows", batches.batch_rows}};
    object["rows_per_second"] = std::round(batches.rows_per_second);
    object["finished"] = batches.finished;
    if (batches.fraction() >= 0)
        object["fraction"] = std::round(batches.fraction() * 10000) / 10000;
    if (const auto left = batches.secondsLeft())
        object["seconds_left"] = std::round(*left);
    object["cursor"] = batches.cursor ? ordered_json(*batches.cursor) : ordered_json();
    object["upper_bound"] = batches.upper_bound ? ordered_json(*batches.upper_bound) : ordered_json();
    return object;
}

ordered_json stepJson(const JournalStep &step)
{
    ordered_json object{{"number", step.number}, {"title", step.title}, {"phase", step.phase}, {"state", word(step.state)}, {"attempts", step.attempts}};
    put(object, "started_at", step.started_at);
    put(object, "finished_at", step.finished_at);
    if (step.duration_ms > 0)
        object["duration_ms"] = step.duration_ms;
    put(object, "error", step.error);
    if (step.batches)
        object["batches"] = batchesJson(*step.batches);
    return object;
}

std::string batchesText(const BatchProgress &batches)
{
    std::string text = fmt::format("{} of about {} rows", human::count(batches.rows_done), human::count(std::max(batches.rows_total, batches.rows_done)));
    if (!batches.finished && batches.rows_per_second > 0)
        text += fmt::format(", {}/s", human::compactCount(batches.rows_per_second));
    if (const auto left = batches.secondsLeft(); left && !batches.finished)
        text += ", " + human::duration(*left * 1000) + " left";
    return text;
}

Ink inkOf(JournalStepState state)
{
    switch (state) {
    case JournalStepState::Done:
        return Ink::Green;
    case JournalStepState::Failed:
        return Ink::Red;
    case JournalStepState::Running:
    case JournalStepState::Undoing:
        return Ink::Cyan;
    default:
        return Ink::Dim;
    }
}

const char *endWord(ExecutionEnd end, bool backward)
{
    switch (end) {
    case ExecutionEnd::Done:
        return backward ? "rolled_back" : "done";
    case ExecutionEnd::Waiting:
        return "waiting";
    case ExecutionEnd::Paused:
        return "paused";
    case ExecutionEnd::Interrupted:
        return "interrupted";
    default:
        return "failed";
    }
}

int codeOf(const Execution &execution)
{
    switch (execution.end) {
    case ExecutionEnd::Done:
        return exit_ok;
    case ExecutionEnd::Waiting:
        return exit_findings;
    case ExecutionEnd::Paused:
        return interruptedBy() != 0 ? interruptedBy() : static_cast<int>(exit_findings);
    case ExecutionEnd::Interrupted:
        return exit_no_connection;
    default:
        break;
    }
    if (!execution.error)
        return exit_server_error;
    if (execution.error->kind == ErrorKind::Cancelled && interruptedBy() != 0)
        return interruptedBy();
    return execution.error->kind == ErrorKind::Usage || execution.error->kind == ErrorKind::Connection ? exitCodeOf(*execution.error) : exit_server_error;
}

long long nowMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

} // namespace

ordered_json migrationJson(const JournalMigration &m, bool whole)
{
    ordered_json object{{"id", m.id}, {"title", m.title}, {"state", m.isInterrupted() ? "interrupted" : word(m.state)}, {"backward", m.backward}, {"attended", m.attended}};
    object["steps_done"] = m.steps_done;
    object["steps_total"] = m.steps_total;
    put(object, "reason", m.reason);
    put(object, "waits_for", m.waits_for);
    put(object, "request", m.request);
    put(object, "throttle_reason", m.throttle_reason);
    put(object, "progress", m.progress);
    object["created_by"] = m.created_by;
    object["created_at"] = m.created_at;
    put(object, "started_at", m.started_at);
    put(object, "finished_at", m.finished_at);
    put(object, "executor", m.executor);
    if (m.executor_pid != 0)
        object["executor_pid"] = m.executor_pid;
    if (m.error)
        object["error"] = errorJson(*m.error, "");
    if (!whole)
        return object;
    object["throttle"] = ordered_json::parse(toJson(m.throttle));
    object["steps"] = ordered_json::array();
    for (const JournalStep &step : m.steps)
        object["steps"].push_back(stepJson(step));
    object["events"] = ordered_json::array();
    for (const JournalEvent &event : m.events) {
        ordered_json item{{"at", event.at}, {"kind", event.kind}};
        if (event.step > 0)
            item["step"] = event.step;
        item["message"] = event.message;
        object["events"].push_back(std::move(item));
    }
    object["script"] = scriptJson(m.script);
    return object;
}

std::string migrationText(const JournalMigration &m, bool colored)
{
    std::string text = inked(fmt::format("Migration {}: {}", m.id, printable(m.title)), Ink::Bold, colored) + "\n";
    text += fmt::format("{}{}, {} of {} steps done, by {} since {}\n", m.stateText(), m.backward && m.state != MigrationState::RolledBack && m.state != MigrationState::RollingBack ? " on the way back" : "",
                        m.steps_done, m.steps_total, printable(m.created_by), printable(m.created_at));
    if (m.attended)
        text += fmt::format("Run by {}, server process {}\n", printable(m.executor), m.executor_pid);
    if (m.isInterrupted())
        text += "Its executor is gone: resume it or roll it back.\n";
    if (!m.waits_for.empty())
        text += "Waits until this is deployed, then resume it:\n  " + printable(m.waits_for, true) + "\n";
    if (!m.throttle_reason.empty())
        text += inked("Batches wait: " + printable(m.throttle_reason), Ink::Yellow, colored) + "\n";
    if (m.error)
        text += errorText(*m.error, {}, terminalColumns(100), colored);
    text += "\n";
    std::vector<TableColumn> columns{{"#", true}, {"Step"}, {"Phase"}, {"State"}, {"Time", true}, {"Progress"}};
    std::vector<TableRow> rows;
    for (const JournalStep &step : m.steps) {
        std::string progress = step.batches ? batchesText(*step.batches) : step.state == JournalStepState::Running ? m.progress : std::string();
        if (step.attempts > 1)
            progress += fmt::format("{}{} tries", progress.empty() ? "" : ", ", step.attempts);
        rows.push_back({{std::to_string(step.number)}, {printable(step.title)}, {step.phase}, {std::string(word(step.state))},
                        {step.duration_ms > 0 ? human::duration(step.duration_ms) : std::string()}, {printable(progress)}});
    }
    measure(columns, rows);
    text += tableHead(columns, colored);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::string line;
        appendRow(line, columns, rows[i], colored);
        text += m.steps[i].state == JournalStepState::Waiting ? line : inked(line, inkOf(m.steps[i].state), colored);
    }
    if (!m.events.empty())
        text += "\n";
    for (const JournalEvent &event : m.events)
        text += inked(event.at.substr(0, 19), Ink::Dim, colored) + "  " + (event.step > 0 ? fmt::format("{}. ", event.step) : "") + event.kind + ": " + printable(event.message) + "\n";
    return text;
}

EventWriter::EventWriter(bool json, std::int64_t id, const ChangeScript &script) : json_(json), id_(id), script_(script) {}

void EventWriter::write(const RunEvent &event)
{
    if (json_)
        writeJson(event);
    else
        writeText(event);
}

void EventWriter::writeJson(const RunEvent &event)
{
    ordered_json line{{"event", word(event.kind)}, {"migration", id_}};
    if (event.step > 0) {
        line["step"] = event.step;
        line["title"] = script_.steps[static_cast<std::size_t>(event.step) - 1].title;
        line["phase"] = word(script_.steps[static_cast<std::size_t>(event.step) - 1].phase);
    }
    put(line, "message", event.message);
    if (event.duration_ms > 0)
        line["duration_ms"] = std::round(event.duration_ms * 1000) / 1000;
    if (event.rows_total > 0) {
        line["rows_done"] = event.rows_done;
        line["rows_total"] = event.rows_total;
        line["rows_per_second"] = std::round(event.rows_per_second);
    }
    if (event.fraction)
        line["fraction"] = std::round(*event.fraction * 10000) / 10000;
    if (event.seconds_left)
        line["seconds_left"] = std::round(*event.seconds_left);
    if (event.error)
        line["error"] = errorJson(*event.error, "");
    output().write(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    output().flush();
}

void EventWriter::clearProgress()
{
    if (progress_shown_)
        std::fputs("\r\x1B[K", stderr);
    progress_shown_ = false;
}

void EventWriter::writeText(const RunEvent &event)
{
    const bool colored = stderrHasColors();
    if (event.kind == RunEventKind::Progress) {
        std::string text = event.message;
        if (event.rows_per_second > 0)
            text += fmt::format(", {}/s", human::compactCount(event.rows_per_second));
        if (event.seconds_left)
            text += ", " + human::duration(*event.seconds_left * 1000) + " left";
        if (event.fraction)
            text = fmt::format("{:5.1f} %  ", *event.fraction * 100) + text;
        if (stderrIsTerminal()) {
            std::fputs(("\r\x1B[K   " + clipped(printable(text), terminalColumns(100) - 4)).c_str(), stderr);
            std::fflush(stderr);
            progress_shown_ = true;
        } else if (nowMs() - progress_told_ms_ > 5000) {
            progress_told_ms_ = nowMs();
            std::fputs(("   " + printable(text) + "\n").c_str(), stderr);
        }
        return;
    }
    clearProgress();
    std::string text = event.step > 0 ? fmt::format("[{}/{}] ", event.step, script_.steps.size()) : std::string();
    const Ink ink = event.kind == RunEventKind::Failed ? Ink::Red
        : event.kind == RunEventKind::Done || event.kind == RunEventKind::Undone ? Ink::Green
        : event.kind == RunEventKind::Retry || event.kind == RunEventKind::Blocked || event.kind == RunEventKind::Throttled ? Ink::Yellow : Ink::Plain;
    text += std::string(word(event.kind)) + ": " + printable(event.message);
    if (event.duration_ms > 0)
        text += " (" + human::duration(event.duration_ms) + ")";
    std::fputs((inked(text, ink, colored) + "\n").c_str(), stderr);
}

int EventWriter::end(const Execution &execution, bool backward)
{
    clearProgress();
    const int code = codeOf(execution);
    if (json_) {
        ordered_json line{{"event", "end"}, {"migration", id_}, {"state", endWord(execution.end, backward)}};
        put(line, "waits_for", execution.waits_for);
        if (execution.step > 0)
            line["step"] = execution.step;
        if (execution.error)
            line["error"] = errorJson(*execution.error, "");
        output().write(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n");
        output().flush();
    }
    if (execution.error) {
        Input script;
        // A position counts in the statement of its step.
        if (execution.step > 0 && !backward)
            script.text = script_.steps[static_cast<std::size_t>(execution.step) - 1].sql;
        printError(*execution.error, script);
    }
    if (execution.end == ExecutionEnd::Waiting)
        printNote(fmt::format("Migration {} waits. Deploy:\n  {}\nThen: howdah-cli migrate resume {}", id_, execution.waits_for, id_));
    else if (execution.end == ExecutionEnd::Paused)
        printNote(fmt::format("Migration {} is paused. Go on: howdah-cli migrate resume {}. Take it back: howdah-cli migrate rollback {}", id_, id_, id_));
    else if (execution.end != ExecutionEnd::Done && execution.step > 0)
        printNote(fmt::format("Migration {} stands where the journal says: howdah-cli migrate status {}. Go on with resume, or take it back with rollback.", id_, id_));
    return code;
}

} // namespace howdah::cli
