// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/migration/change_script.h"
#include "core/replication/replication.h"

namespace howdah::replication {

/// The transaction that a subscription cannot apply.
struct FailingTransaction {
    Subscription subscription;     ///< by name, as it is now
    Lsn finish_lsn = -1;           ///< of its end on the publisher, as SKIP wants it
    std::int64_t xid = 0;          ///< on the publisher; 0 when only the log tells of it
    std::string source;            ///< "server log", "publisher's slot"
    std::vector<std::string> changes; ///< "INSERT into public.t: 3"; empty when only the log tells of it
    migration::ChangeScript script;   ///< that skips it, on the subscriber
    /// That skips it on the publisher, by advancing the slot while the subscription is disabled: where there is no SKIP.
    std::optional<migration::ChangeScript> alternative;
};

/// Finds it. The publisher's slot is the better witness: it also tells what the transaction holds, and knows it on every
/// version. For that its slot is copied for a moment (a temporary slot, which goes with this connection at the latest) and
/// read without being moved. Without a publisher: from the subscriber's log, from 15, where this role may read it. Fails
/// with words when neither tells. `name` "": the only subscription of the database.
[[nodiscard]] Result<FailingTransaction> findFailingTransaction(pg::Connection &subscriber, pg::Connection *publisher, const std::string &name);

} // namespace howdah::replication
