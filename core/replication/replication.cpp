// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/replication.h"

#include <algorithm>

#include <fmt/format.h>

namespace howdah::replication {

std::string lsnText(Lsn lsn)
{
    if (lsn < 0)
        return {};
    return fmt::format("{:X}/{:X}", static_cast<std::uint64_t>(lsn) >> 32, static_cast<std::uint64_t>(lsn) & 0xFFFFFFFFU);
}

const char *stageName(Stage stage)
{
    switch (stage) {
    case Stage::Sent: return "sent";
    case Stage::Write: return "write";
    case Stage::Flush: return "flush";
    case Stage::Replay: break;
    }
    return "replay";
}

const Slot *Node::slot(std::string_view wanted) const
{
    const auto found = std::find_if(slots.begin(), slots.end(), [wanted](const Slot &one) { return one.name == wanted; });
    return found == slots.end() ? nullptr : &*found;
}

const Sender *Node::senderOf(int pid) const
{
    const auto found = std::find_if(senders.begin(), senders.end(), [pid](const Sender &one) { return one.pid == pid; });
    return found == senders.end() ? nullptr : &*found;
}

} // namespace howdah::replication
