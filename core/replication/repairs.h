// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/migration/change_script.h"
#include "core/replication/replication.h"

namespace howdah::replication::repair {

// What mends a replication, each as the script that the user sees before it runs. The node says where.

[[nodiscard]] migration::ChangeScript dropSlot(const Node &node, const Slot &slot);
/// The slot made anew for a standby that must be copied anew; `commands` come with it as a note.
[[nodiscard]] migration::ChangeScript remakeSlot(const Node &node, const Slot &slot);
[[nodiscard]] migration::ChangeScript resumeReplay(const Node &node);
[[nodiscard]] migration::ChangeScript enableSubscription(const Subscription &subscription);
[[nodiscard]] migration::ChangeScript refreshPublication(const Subscription &subscription);
/// The transaction that ends at that LSN of the publisher is not applied. From 15 with SKIP, before by moving the origin
/// while the subscription is disabled.
[[nodiscard]] migration::ChangeScript skipTransaction(const Subscription &subscription, Lsn finish_lsn, int major);
/// The same from the publisher's side, for a subscriber that is disabled: its slot goes on to behind that LSN.
[[nodiscard]] migration::ChangeScript advanceSlot(const std::string &slot, Lsn finish_lsn);
[[nodiscard]] migration::ChangeScript identityFull(const ReplicatedTable &table);
/// ALTER SYSTEM and a reload.
[[nodiscard]] migration::ChangeScript setParameter(const std::string &name, const std::string &value, const std::string &before,
                                                   const std::string &reason, const std::string &note);
/// Columns that the publisher has and the subscriber has not; `missing` as "name\ttype" each.
[[nodiscard]] migration::ChangeScript addColumns(const ReplicatedTable &table, const std::vector<std::string> &missing);

} // namespace howdah::replication::repair
