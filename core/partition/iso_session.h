// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>

#include "core/pg/connection.h"

// For core/partition alone.

namespace howdah::partition {

/// One view of the catalog, with dates and intervals printed the one way that bound.h reads: a read-only transaction of
/// its own when the connection is idle, else a savepoint's settings in the user's, put back at the end.
class IsoSession
{
public:
    explicit IsoSession(pg::Connection &connection);
    ~IsoSession();
    IsoSession(const IsoSession &) = delete;
    IsoSession &operator=(const IsoSession &) = delete;
    [[nodiscard]] const std::optional<Error> &failure() const { return failure_; }

private:
    pg::Connection &connection_;
    bool own_ = false;
    std::string date_style_, interval_style_; ///< of a user's transaction
    std::optional<Error> failure_;
};

} // namespace howdah::partition
