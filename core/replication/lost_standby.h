// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/subprocess.h"
#include "core/pg/connection.h"
#include "core/replication/preflight.h"
#include "core/replication/setup_run.h"

namespace howdah::replication {

/// What lies in a data directory that is on this machine. `bin` has pg_controldata.
[[nodiscard]] OldDirectory readOldDirectory(const std::filesystem::path &directory, const std::filesystem::path &bin);

/// What a rebuild leaves open in its plan: slot, name and port as the old standby had them, the method, and where the old
/// directory is kept.
void completeRebuild(StreamingPlan &plan, const pg::ServerFacts &primary);
/// The checks of a rebuild in place of those for an empty target and a free slot.
void checkRebuild(pg::Connection &primary, const StreamingPlan &plan, std::vector<Check> &checks);
/// The steps before the copy: stop, drop the slot, keep the old directory.
void addSetAside(pg::Connection &primary, const StreamingPlan &plan, StepList &steps);
void addRewind(pg::Connection &primary, const StreamingPlan &plan, StepList &steps);

/// Does those steps, and takes them back.
class OldStandby
{
public:
    OldStandby(pg::Connection &primary, const StreamingPlan &plan, SetupRun &run) : primary_(primary), plan_(plan), run_(run) {}
    /// Stopped, its slot dropped, its directory kept.
    [[nodiscard]] bool setAside();
    [[nodiscard]] bool rewind();
    /// Its own configuration over what was copied: settings of its own, access rules.
    [[nodiscard]] Result<void> restoreConfiguration();
    [[nodiscard]] bool isKept() const { return kept_; }
    /// Instead of what came to be, the old directory again.
    void putBack();
    [[nodiscard]] bool removeOld();

private:
    [[nodiscard]] bool command(const char *id, const Command &wanted, const std::string &what);
    pg::Connection &primary_;
    const StreamingPlan &plan_;
    SetupRun &run_;
    bool kept_ = false; ///< the old directory lies aside
};

} // namespace howdah::replication
