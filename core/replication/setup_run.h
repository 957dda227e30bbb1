// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "core/replication/setup.h"

namespace howdah::replication {

/// Steps of a set-up in their order.
class StepList
{
public:
    SetupStep &add(const char *id, std::string title, StepKind kind, std::string node, std::string text, std::string undo = {}, std::string note = {});
    [[nodiscard]] std::vector<SetupStep> take() { return std::move(steps_); }

private:
    std::vector<SetupStep> steps_;
};

/// Takes the steps of a set-up one after the other, times them and tells of them. What all set-ups share.
class SetupRun
{
public:
    SetupRun(std::vector<SetupStep> steps, const SetupProgress &progress);

    /// The step is at work from here on.
    void begin(const char *id);
    void figure(std::string text, double fraction = -1);
    void done(std::string text = {});
    void failed(Error error);
    /// Runs the present step's statement as a change script; `sql` replaces its text where that hides a secret.
    [[nodiscard]] bool statement(pg::Connection &server, bool in_transaction, const std::string &sql = {}, const std::string &check_after = {});
    /// Until `holds` gives true. It fails with the error that `holds` gives, when cancelled, and after `patience`.
    [[nodiscard]] bool until(pg::Connection &server, std::chrono::milliseconds patience, const std::function<Result<bool>()> &holds, const std::string &late);
    [[nodiscard]] bool has(const char *id) const;
    [[nodiscard]] const SetupStep &step() const { return outcome.steps[at_]; }
    /// All that was done has been taken back: the error says so instead of what stays.
    void tookBack(std::string words) { taken_back_ = std::move(words); }
    /// The rest is not run; the error says what stays.
    SetupOutcome close();

    SetupOutcome outcome;

private:
    void tell() const;
    const SetupProgress &progress_;
    std::size_t at_ = 0;
    std::string taken_back_;
    std::chrono::steady_clock::time_point began_;
};

/// The step "compare": the tables of that publication on both sides. Fails when they differ.
[[nodiscard]] bool compareStep(SetupRun &run, pg::Connection &a, pg::Connection &b, const std::string &publication, CompareOptions options);

/// The error for required checks that fail.
[[nodiscard]] Error preflightFailed(const std::vector<Check> &checks);

/// A conninfo of these keywords; values as they must be written.
[[nodiscard]] std::string conninfoOf(const std::map<std::string, std::string> &keywords);
/// Keywords of a conninfo for another program on the same way, without passwords: application_name and the like, which
/// are this program's own, are left out.
[[nodiscard]] Result<std::map<std::string, std::string>> wayOf(const std::string &conninfo, const pg::ServerFacts &facts);

/// As a shell takes it.
[[nodiscard]] std::string shellQuoted(const std::string &text);

} // namespace howdah::replication
