// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "core/migration/executor.h"
#include "core/migration/journal.h"

namespace howdah::cli {

/// {id, title, state, attended, backward, steps_done, steps_total, …}; with steps, events and script where they were read.
[[nodiscard]] nlohmann::ordered_json migrationJson(const migration::JournalMigration &migration, bool whole);
[[nodiscard]] std::string migrationText(const migration::JournalMigration &migration, bool colored);

/// Writes events of a run: lines of JSON on standard output, or text on standard error with progress in one place.
class EventWriter
{
public:
    EventWriter(bool json, std::int64_t id, const migration::ChangeScript &script);
    void write(const migration::RunEvent &event);
    /// The end of it; gives the exit code.
    [[nodiscard]] int end(const migration::Execution &execution, bool backward);

private:
    void writeJson(const migration::RunEvent &event);
    void writeText(const migration::RunEvent &event);
    void clearProgress();

    bool json_;
    std::int64_t id_;
    const migration::ChangeScript &script_;
    bool progress_shown_ = false;
    long long progress_told_ms_ = 0;
};

} // namespace howdah::cli
