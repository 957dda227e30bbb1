// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/pg/connection.h"
#include "core/series/probe.h"
#include "core/series/series_store.h"

namespace howdah::series {

/// What one round of the probes brought.
struct Sample {
    TimeMs time_ms = 0;                        ///< by this machine's clock, when the round began
    std::shared_ptr<const pg::ServerFacts> server;
    std::map<std::string, ProbeRows> rows;     ///< by probe; one that was not due has its rows of before
    std::map<std::string, Error> refused;      ///< probes that the server refused, with its reason; the others go on
    double server_ms = 0;                      ///< spent on the server by this round's probes
    double round_trip_ms = 0;                  ///< the whole round as the client sees it
};

/// Asks a set of probes on a connection and feeds the series with what comes. Prepares each probe once a connection:
/// planning costs more than running. One thread at a time.
class ProbeRound
{
public:
    ProbeRound(std::vector<Probe> probes, std::shared_ptr<SeriesStore> store);

    /// Fails when the connection is lost or the round was cancelled. A probe that costs much is asked less often by
    /// itself, so that it never takes more than a twentieth of the server's time.
    [[nodiscard]] Result<std::shared_ptr<const Sample>> run(pg::Connection &connection);
    /// The connection is gone: what was prepared is gone with it, and the series have a gap.
    void interrupt();
    [[nodiscard]] const std::vector<Probe> &probes() const { return probes_; }

private:
    struct Progress {
        std::string sql;        ///< as this server gets it
        bool prepared = false;
        bool refused = false;
        bool warm = false;      ///< has been asked before on this connection
        TimeMs next_ms = 0;     ///< not before
    };
    void meet(pg::Connection &connection);
    [[nodiscard]] Result<ProbeRows> ask(pg::Connection &connection, std::size_t probe);
    void feed(const Probe &probe, const ProbeRows &rows, TimeMs time_ms);

    std::vector<Probe> probes_;
    std::shared_ptr<SeriesStore> store_;
    std::vector<Progress> progress_;
    std::shared_ptr<const pg::ServerFacts> server_; ///< that everything was prepared for
    std::map<std::string, ProbeRows> rows_;
    std::map<std::string, Error> refused_;
    TimeMs started_wall_ms_ = 0;
    std::int64_t started_steady_ms_ = 0;

    [[nodiscard]] TimeMs now() const;
};

} // namespace howdah::series
