// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "core/pg/session.h"
#include "ui/base/bridge.h"

namespace howdah::index_tool {

/// Work on a session's worker, whose answer comes on the GUI thread, as long as the receiver lives.
template <typename Value>
void onSession(pg::Session &session, QObject *receiver, std::function<Result<Value>(pg::Connection &)> task, std::function<void(const Result<Value> &)> then)
{
    const auto done = ui::onGui<Result<Value>>(receiver, [then = std::move(then)](const Result<Value> &result) { then(result); });
    session.post([task = std::move(task), done](pg::Connection &connection) { done(task(connection)); }, [done](const Error &error) { done(tl::unexpected(error)); });
}

} // namespace howdah::index_tool
