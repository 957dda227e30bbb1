// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include "core/partition/live_copy.h"

// For core/partition alone: a logical replication slot in place of the triggers of a live copy, while its rows are copied.
//
// A subscription writes into a table of the publisher's name only, so none can fill a table beside it. The slot is
// read here instead, with pgoutput, and for nothing but the keys of what was written: they go into the log of the live copy,
// whose rows are read anew from the source. So what is read twice, or late, does no harm, and what is in the slot
// is let go only after it stands in the log. Nothing is read while batches are under way, so that none can bring back what was
// worked off. For the comparison and the exchange the triggers take over: they are put in place first, and what the
// slot has up to then is worked off after that.

namespace howdah::partition {

/// Publication, slot, and the procedure that reads it. Phase Expand. The copy has one source.
void addSlotSteps(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy);
/// What the slot has into the log.
void addSlotReadStep(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy, migration::Phase phase);
/// The slot is not needed any more.
void addSlotEndStep(std::vector<migration::ChangeStep> &steps, const LiveCopy &copy, migration::Phase phase);
/// As pg_replication_slots and pg_publication have it.
[[nodiscard]] std::string slotName(const LiveCopy &copy);

} // namespace howdah::partition
