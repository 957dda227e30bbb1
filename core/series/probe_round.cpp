// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/series/probe_round.h"

#include <algorithm>
#include <chrono>

namespace howdah::series {

namespace {

constexpr double share_of_time = 0.05;

std::int64_t steadyMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string preparedName(std::size_t probe)
{
    return "howdah_probe_" + std::to_string(probe);
}

bool endsRound(const Error &error)
{
    return error.kind == ErrorKind::Connection || error.kind == ErrorKind::Cancelled;
}

} // namespace

ProbeRound::ProbeRound(std::vector<Probe> probes, std::shared_ptr<SeriesStore> store)
    : probes_(std::move(probes)), store_(std::move(store)), progress_(probes_.size()),
      started_wall_ms_(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()),
      started_steady_ms_(steadyMs())
{
}

/// The wall clock at the beginning and the steady one from then on: time in charts never jumps.
TimeMs ProbeRound::now() const
{
    return started_wall_ms_ + steadyMs() - started_steady_ms_;
}

void ProbeRound::interrupt()
{
    store_->interrupt(now());
    server_.reset();
}

/// A connection that has not been seen before: another backend, perhaps of another version.
void ProbeRound::meet(pg::Connection &connection)
{
    if (server_ && server_->backend_pid == connection.facts().backend_pid && server_->version_num == connection.facts().version_num)
        return;
    if (server_)
        store_->interrupt(now());
    server_ = std::make_shared<const pg::ServerFacts>(connection.facts());
    rows_.clear();
    refused_.clear();
    for (std::size_t i = 0; i < probes_.size(); ++i)
        progress_[i] = {sqlOf(probes_[i], server_->major()), false, false, false, 0};
    // A dashboard must neither compile its small queries nor wait for anybody.
    for (const char *setting : {"SET jit = off", "SET lock_timeout = '500ms'", "SET statement_timeout = '10s'"})
        static_cast<void>(connection.query(setting));
}

Result<ProbeRows> ProbeRound::ask(pg::Connection &connection, std::size_t probe)
{
    Progress &progress = progress_[probe];
    if (!progress.prepared) {
        // A pooler may give each statement another backend; then the text is sent every time.
        const auto prepared = connection.query("PREPARE " + preparedName(probe) + " AS " + progress.sql);
        if (!prepared && endsRound(prepared.error()))
            return tl::unexpected(prepared.error());
        progress.prepared = prepared.has_value();
    }
    if (progress.prepared) {
        auto outcome = connection.query("EXECUTE " + preparedName(probe));
        if (outcome)
            return ProbeRows(outcome->result, probes_[probe].max_rows);
        if (outcome.error().sqlstate != "26000")
            return tl::unexpected(std::move(outcome.error()));
        progress.prepared = false;
    }
    auto outcome = connection.query(progress.sql);
    if (!outcome)
        return tl::unexpected(std::move(outcome.error()));
    return ProbeRows(outcome->result, probes_[probe].max_rows);
}

void ProbeRound::feed(const Probe &probe, const ProbeRows &rows, TimeMs time_ms)
{
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const std::string suffix = probe.key.empty() ? std::string() : "[" + rows.string(row, probe.key) + "]";
        for (const ProbeColumn &column : probe.columns) {
            if (column.kind == ColumnKind::Value)
                continue;
            const auto value = rows.number(row, column.name);
            if (!value)
                continue;
            const std::string name = probe.name + "." + column.name + suffix;
            if (column.kind == ColumnKind::Counter)
                store_->addRate(name, time_ms, *value);
            else
                store_->add(name, time_ms, *value);
        }
    }
}

Result<std::shared_ptr<const Sample>> ProbeRound::run(pg::Connection &connection)
{
    meet(connection);
    auto sample = std::make_shared<Sample>();
    sample->time_ms = now();
    sample->server = server_;
    for (std::size_t i = 0; i < probes_.size(); ++i) {
        Progress &progress = progress_[i];
        const TimeMs began = now();
        if (progress.sql.empty() || progress.refused || began < progress.next_ms)
            continue;
        auto rows = ask(connection, i);
        const auto took = static_cast<double>(now() - began);
        if (!rows) {
            if (endsRound(rows.error()) || !connection.alive())
                return tl::unexpected(std::move(rows.error()));
            // 57014: it took too long this time; anything else will not be different the next time.
            progress.refused = rows.error().sqlstate != "57014";
            progress.next_ms = now() + static_cast<TimeMs>(took / share_of_time);
            refused_[probes_[i].name] = std::move(rows.error());
            continue;
        }
        refused_.erase(probes_[i].name);
        const double cost = rows->size() > 0 ? rows->serverMs() : took;
        sample->server_ms += cost;
        // The first time the backend reads its catalogs too, and that will not come again.
        const double weight = progress.warm ? 1 : 0.25;
        progress.warm = true;
        progress.next_ms = began + std::max(probes_[i].every_ms, static_cast<TimeMs>(cost * weight / share_of_time));
        feed(probes_[i], *rows, (began + now()) / 2);
        rows_[probes_[i].name] = std::move(*rows);
    }
    sample->round_trip_ms = static_cast<double>(now() - sample->time_ms);
    sample->rows = rows_;
    sample->refused = refused_;
    return sample;
}

} // namespace howdah::series
