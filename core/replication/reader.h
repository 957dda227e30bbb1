// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/replication/replication.h"

namespace howdah::replication {

/// Makes a Node of the samples of probes(). Remembers between rounds what one sample cannot tell: since when a relation
/// is being copied, and when errors were last seen to grow. One thread at a time.
class Reader
{
public:
    explicit Reader(std::string name) : name_(std::move(name)) {}
    [[nodiscard]] std::shared_ptr<const Node> read(const series::Sample &sample, const series::SeriesStore &series);

private:
    struct Since {
        std::string state;
        series::TimeMs since_ms = 0;
        bool met = false;
    };
    struct Count {
        std::int64_t value = -1;
        series::TimeMs grown_ms = 0; ///< 0: never seen to grow
    };
    void readSubscriptions(const series::Sample &sample, Node &node);
    void readCopying(const series::Sample &sample, Node &node);

    std::string name_;
    std::map<std::string, Since> copying_;      ///< by subscription and relation
    std::map<std::int64_t, Count> errors_;      ///< by subscription
    std::int64_t free_bytes_ = -1;
    series::TimeMs free_read_ms_ = 0;
};

/// Free bytes of the file system that the server's pg_wal lies in, when the server runs on this machine and that folder
/// can be reached; else -1. `backend_pid` proves that it is this machine's.
[[nodiscard]] std::int64_t freeWalBytes(const std::string &host, const std::string &data_directory, int backend_pid);
/// Whether that server runs on this machine, as far as can be told.
[[nodiscard]] bool isOnThisMachine(const std::string &host, int backend_pid);

} // namespace howdah::replication
