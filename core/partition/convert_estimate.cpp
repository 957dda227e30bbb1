// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/convert_estimate.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/migration/work_speed.h"
#include "core/partition/convert_script.h"

namespace howdah::partition {

namespace {

/// Where nothing can be measured: those of a small machine.
constexpr ConvertSpeeds usual{400e6, 25e6, 1'000'000, 40, 120};
/// The copy keeps a journal, writes WAL, and its indexes outgrow the cache.
constexpr double copy_slowness = 4, scan_slowness = 5;
constexpr double busy_writes_per_s = 2000;

Result<double> milliseconds(pg::Connection &connection, const char *sql)
{
    const auto outcome = connection.query(sql);
    if (!outcome)
        return tl::unexpected(outcome.error());
    return std::max(outcome->duration_ms, 0.1);
}

Result<ConvertSpeeds> probe(pg::Connection &connection)
{
    for (const char *sql : {"CREATE TEMPORARY TABLE howdah_from (id int PRIMARY KEY, n int NOT NULL, t text)", "INSERT INTO pg_temp.howdah_from SELECT g, g % 8, repeat('x', 80) FROM generate_series(1, 40000) g",
                            "CREATE TEMPORARY TABLE howdah_to (id int, n int, t text, PRIMARY KEY (id, n)) PARTITION BY RANGE (n)",
                            "DO $$ BEGIN FOR i IN 0..7 LOOP EXECUTE format('CREATE TEMPORARY TABLE howdah_to_%s PARTITION OF pg_temp.howdah_to FOR VALUES FROM (%s) TO (%s)', i, i, i + 1); END LOOP; END $$",
                            "CREATE FUNCTION pg_temp.howdah_carry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE pg_temp.howdah_to t SET id = s.id, n = s.n, t = s.t FROM pg_temp.howdah_from s "
                            "WHERE s.id = NEW.id AND s.n = NEW.n AND t.id = OLD.id AND t.n = OLD.n; RETURN NULL; END $$",
                            // As an application writes: a statement a row.
                            "CREATE FUNCTION pg_temp.howdah_write() RETURNS void LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..1000 LOOP UPDATE pg_temp.howdah_from SET t = 'y' WHERE id = i * 7; END LOOP; END $$"}) {
        if (auto made = connection.query(sql); !made)
            return tl::unexpected(made.error());
    }
    const auto size = connection.query("SELECT pg_relation_size('pg_temp.howdah_from')");
    const auto copied = milliseconds(connection, "INSERT INTO pg_temp.howdah_to SELECT * FROM pg_temp.howdah_from s WHERE id > 0 AND NOT EXISTS (SELECT FROM pg_temp.howdah_to t WHERE t.id = s.id AND t.n = s.n)");
    const auto plain = milliseconds(connection, "SELECT pg_temp.howdah_write()");
    const auto trigger = milliseconds(connection, "CREATE TRIGGER carry AFTER UPDATE ON pg_temp.howdah_from FOR EACH ROW EXECUTE FUNCTION pg_temp.howdah_carry()");
    const auto synced = milliseconds(connection, "SELECT pg_temp.howdah_write()");
    for (const auto *each : {&copied, &plain, &trigger, &synced}) {
        if (!*each)
            return tl::unexpected(each->error());
    }
    if (!size)
        return tl::unexpected(size.error());
    ConvertSpeeds speeds;
    speeds.copy_bytes_per_s = std::stod(std::string(size->result->cell(0, 0).text)) / (*copied / 1000);
    speeds.write_us = *plain; // of a thousand, in milliseconds
    speeds.synced_write_us = std::max(*synced, *plain);
    return speeds;
}

class Estimates
{
public:
    Estimates(const OldTable &table, const ConvertWish &wish, const ConvertSpeeds &speeds) : table_(table), wish_(wish), speeds_(speeds)
    {
        heap_ = static_cast<double>(table.heap_bytes);
        all_ = heap_ + static_cast<double>(table.index_bytes);
        index_s_ = table.rows / std::max(1.0, speeds.index_rows_per_s);
        // Rows, further indexes, and both tables read once more for the comparison, a hash a row.
        copy_s_ = heap_ / speeds.copy_bytes_per_s + index_s_ * static_cast<double>(table.indexes.empty() ? 0 : table.indexes.size() - 1) + 8 * heap_ / speeds.verify_bytes_per_s;
    }

    [[nodiscard]] StrategyEstimate attach() const
    {
        StrategyEstimate estimate = begun(ConvertStrategy::AttachOld);
        double builds = 0;
        for (const OldIndex &index : table_.indexes)
            builds += index.unique && !index.has_key ? (index.primary ? 2 : 1) : 0;
        estimate.seconds_low = heap_ / speeds_.verify_bytes_per_s + builds * index_s_;
        estimate.seconds_high = scan_slowness * estimate.seconds_low;
        estimate.lock = "ACCESS EXCLUSIVE for a moment when the CHECK comes and at the exchange of the names";
        estimate.write_cost = "a CHECK for each row, until the exchange";
        if (builds > 0 && estimate.possible) {
            estimate.obstacles.emplace_back("A unique index with the partition key is built beside each key that lacks it, and one more in the primary key's place for the way back.");
            estimate.space_bytes = static_cast<std::int64_t>(builds * table_.rows * 40);
            estimate.wal_bytes = estimate.space_bytes;
        }
        if (estimate.possible)
            estimate.obstacles.emplace_back("All rows so far stay in one partition: it is neither pruned nor dropped by age until it is split.");
        return estimate;
    }

    [[nodiscard]] StrategyEstimate copy() const
    {
        StrategyEstimate estimate = copied(ConvertStrategy::SyncedCopy);
        estimate.lock = "SHARE ROW EXCLUSIVE for a moment when the triggers come, ACCESS EXCLUSIVE for a moment at the exchange; both are asked for briefly, again and again";
        estimate.write_cost = fmt::format("each write is made twice in its transaction: {:.0f} µs instead of {:.0f} µs here, while it lasts{}", speeds_.synced_write_us, speeds_.write_us, load());
        return estimate;
    }

    [[nodiscard]] StrategyEstimate logical() const
    {
        StrategyEstimate estimate = copied(ConvertStrategy::LogicalReplication);
        // Each change is decoded and its row read anew: about what the trigger costs, paid here.
        const double changes = std::min(table_.writes_per_second * estimate.seconds_low, table_.rows);
        estimate.seconds_low += changes * speeds_.synced_write_us / 1e6;
        estimate.seconds_high += copy_slowness * changes * speeds_.synced_write_us / 1e6;
        estimate.lock = "as with the copy: the triggers come once all is copied";
        estimate.write_cost = "none while rows are copied and indexes built; then triggers for the comparison and the exchange";
        if (estimate.possible)
            estimate.obstacles.emplace_back("What is written meanwhile is kept in pg_wal until the rows are copied.");
        return estimate;
    }

private:
    [[nodiscard]] StrategyEstimate begun(ConvertStrategy strategy) const
    {
        StrategyEstimate estimate;
        estimate.strategy = strategy;
        estimate.obstacles = obstacles(table_, wish_, strategy);
        if (strategy != ConvertStrategy::AttachOld && table_.copy.key.empty())
            estimate.obstacles.emplace_back("There is no key by which a row can be found again.");
        estimate.possible = estimate.obstacles.empty();
        return estimate;
    }
    [[nodiscard]] StrategyEstimate copied(ConvertStrategy strategy) const
    {
        StrategyEstimate estimate = begun(strategy);
        estimate.seconds_low = copy_s_;
        estimate.seconds_high = copy_slowness * copy_s_;
        estimate.space_bytes = static_cast<std::int64_t>(all_);
        estimate.wal_bytes = static_cast<std::int64_t>(all_ * 1.2);
        return estimate;
    }
    [[nodiscard]] std::string load() const
    {
        return table_.writes_per_second >= 0.5 ? fmt::format(" (now about {:.0f} writes a second)", table_.writes_per_second) : std::string();
    }

    const OldTable &table_;
    const ConvertWish &wish_;
    const ConvertSpeeds &speeds_;
    double heap_ = 0, all_ = 0, index_s_ = 0, copy_s_ = 0;
};

} // namespace

std::optional<ConvertSpeeds> measureConvertSpeeds(pg::Connection &connection)
{
    const auto base = migration::measureWorkSpeeds(connection);
    if (!base || connection.transaction() != pg::TransactionState::Idle || !connection.query("BEGIN"))
        return {};
    auto speeds = probe(connection);
    const pg::CancelShield shield(connection.canceller());
    if (connection.alive())
        static_cast<void>(connection.query("ROLLBACK"));
    if (!speeds)
        return {};
    speeds->verify_bytes_per_s = base->verifying.bytes_per_s;
    speeds->index_rows_per_s = base->building.rows_per_s;
    return *speeds;
}

void addEstimates(Conversion &conversion, const OldTable &table, const ConvertWish &wish, const std::optional<ConvertSpeeds> &measured)
{
    const ConvertSpeeds speeds = measured.value_or(usual);
    conversion.measured = measured.has_value();
    const Estimates estimates(table, wish, speeds);
    conversion.strategies = {estimates.attach(), estimates.copy(), estimates.logical()};
    const auto &[attach, copy, logical] = std::tie(conversion.strategies[0], conversion.strategies[1], conversion.strategies[2]);
    conversion.recommended = logical.possible && table.writes_per_second > busy_writes_per_s ? ConvertStrategy::LogicalReplication
        : copy.possible || !attach.possible                                                  ? ConvertStrategy::SyncedCopy
                                                                                             : ConvertStrategy::AttachOld;
}

} // namespace howdah::partition
