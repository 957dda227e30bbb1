// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/setup_run.h"

#include <algorithm>
#include <thread>

#include "core/pg/connection_spec.h"

namespace howdah::replication {

using migration::StepState;
using Clock = std::chrono::steady_clock;

const char *stepKindName(StepKind kind)
{
    switch (kind) {
    case StepKind::Statement: return "sql";
    case StepKind::Command: return "command";
    case StepKind::File: return "file";
    case StepKind::Wait: break;
    }
    return "wait";
}

SetupStep &StepList::add(const char *id, std::string title, StepKind kind, std::string node, std::string text, std::string undo, std::string note)
{
    SetupStep step;
    step.id = id;
    step.title = std::move(title);
    step.kind = kind;
    step.node = std::move(node);
    step.text = std::move(text);
    step.undo = std::move(undo);
    step.note = std::move(note);
    return steps_.emplace_back(std::move(step));
}

SetupRun::SetupRun(std::vector<SetupStep> steps, const SetupProgress &progress) : progress_(progress)
{
    outcome.steps = std::move(steps);
}

void SetupRun::tell() const
{
    if (progress_)
        progress_(at_, outcome.steps[at_]);
}

bool SetupRun::has(const char *id) const
{
    return std::any_of(outcome.steps.begin(), outcome.steps.end(), [id](const SetupStep &step) { return step.id == id; });
}

void SetupRun::begin(const char *id)
{
    const auto found = std::find_if(outcome.steps.begin() + static_cast<std::ptrdiff_t>(at_), outcome.steps.end(), [id](const SetupStep &step) { return step.id == id; });
    at_ = static_cast<std::size_t>(found - outcome.steps.begin());
    began_ = Clock::now();
    outcome.steps[at_].state = StepState::Running;
    tell();
}

void SetupRun::figure(std::string text, double fraction)
{
    SetupStep &step = outcome.steps[at_];
    if (step.figure == text && step.fraction == fraction)
        return;
    step.figure = std::move(text);
    step.fraction = fraction;
    step.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - began_).count();
    tell();
}

void SetupRun::done(std::string text)
{
    SetupStep &step = outcome.steps[at_];
    step.state = StepState::Done;
    step.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - began_).count();
    step.fraction = 1;
    if (!text.empty())
        step.figure = std::move(text);
    tell();
}

void SetupRun::failed(Error error)
{
    SetupStep &step = outcome.steps[at_];
    step.state = error.kind == ErrorKind::Cancelled ? StepState::Cancelled : StepState::Failed;
    step.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - began_).count();
    step.error = error;
    if (!outcome.error)
        outcome.error = std::move(error);
    tell();
}

bool SetupRun::statement(pg::Connection &server, bool in_transaction, const std::string &sql, const std::string &check_after)
{
    migration::ChangeScript script;
    script.title = step().title;
    migration::ChangeStep change;
    change.title = step().title;
    change.sql = sql.empty() ? step().text : sql;
    change.in_transaction = in_transaction;
    change.check_after = check_after;
    script.steps = {change};
    const auto ran = migration::runChangeScript(server, script);
    if (!ran.done()) {
        Error error = *ran.error;
        // Where the statement holds a secret, the server's words about it may repeat it.
        if (!sql.empty() && !error.detail.empty())
            error.detail.clear();
        failed(std::move(error));
        return false;
    }
    done();
    return true;
}

bool SetupRun::until(pg::Connection &server, std::chrono::milliseconds patience, const std::function<Result<bool>()> &holds, const std::string &late)
{
    const auto give_up = Clock::now() + patience;
    for (;;) {
        const auto held = holds();
        if (!held) {
            failed(held.error());
            return false;
        }
        if (*held)
            return true;
        if (server.canceller().requested()) {
            failed(fail(ErrorKind::Cancelled, "Cancelled").value());
            return false;
        }
        if (Clock::now() > give_up) {
            failed(fail(ErrorKind::Server, late).value());
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

SetupOutcome SetupRun::close()
{
    std::string kept, back;
    for (SetupStep &step : outcome.steps) {
        if (step.state == StepState::Waiting && outcome.error)
            step.state = StepState::NotRun;
        if (step.state != StepState::Done || step.kind == StepKind::Wait)
            continue;
        kept += (kept.empty() ? "" : ", ") + step.title;
        if (!step.undo.empty())
            back.insert(0, step.undo + (step.kind == StepKind::Statement && !step.undo.ends_with(';') ? ";" : "") + "   -- on " + step.node + "\n");
    }
    if (outcome.error && !taken_back_.empty()) {
        outcome.error->detail += (outcome.error->detail.empty() ? "" : "\n") + taken_back_;
    } else if (outcome.error) {
        outcome.error->detail += (outcome.error->detail.empty() ? "" : "\n") + (kept.empty() ? std::string("Nothing was changed.") : "Done and kept: " + kept + ".");
        if (!back.empty())
            outcome.error->detail += "\nThe way back:\n" + back.substr(0, back.size() - 1);
    }
    return std::move(outcome);
}

Error preflightFailed(const std::vector<Check> &checks)
{
    std::string names;
    for (const Check &check : checks) {
        if (check.required && !check.ok)
            names += (names.empty() ? "" : "\n") + check.name + " (" + check.node + "): " + check.figure + ". " + check.message;
    }
    Error error = fail(ErrorKind::Unsupported, "The preflight does not hold", "Mend what it names, and begin again.").value();
    error.detail = names + "\nNothing was changed.";
    return error;
}

std::string conninfoOf(const std::map<std::string, std::string> &keywords)
{
    std::string text;
    for (const auto &[name, value] : keywords)
        text += (text.empty() ? "" : " ") + name + "=" + pg::conninfoValue(value);
    return text;
}

Result<std::map<std::string, std::string>> wayOf(const std::string &conninfo, const pg::ServerFacts &facts)
{
    auto described = pg::describe(conninfo);
    if (!described)
        return tl::unexpected(described.error());
    std::map<std::string, std::string> way = std::move(*described);
    for (const char *own : {"application_name", "fallback_application_name", "options", "client_encoding", "connect_timeout", "replication", "password", "passfile", "service"})
        way.erase(own);
    // What came from the environment holds for this program alone.
    way.try_emplace("host", facts.host);
    way.try_emplace("port", facts.port);
    way.try_emplace("user", facts.role);
    way.try_emplace("dbname", facts.database);
    if (way["host"].empty())
        way.erase("host");
    return way;
}

std::string shellQuoted(const std::string &text)
{
    if (!text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+%@") == std::string::npos)
        return text;
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

} // namespace howdah::replication
