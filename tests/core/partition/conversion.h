// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/partition/convert.h"
#include "run_script.h"
#include "support/test_server.h"

// What the tests of conversions share: tables to convert, and those who write to them meanwhile.

namespace howdah::test::conversion {

using partition::Conversion;
using partition::ConvertStrategy;
using partition::ConvertWish;

/// A table with everything that hangs on one.
inline constexpr const char *rich = R"(
DO $$ BEGIN CREATE ROLE {role} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
CREATE TABLE customers (id int PRIMARY KEY, name text);
INSERT INTO customers SELECT g, 'c' || g FROM generate_series(1, 50) g;
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 2) PRIMARY KEY,
    number serial,
    customer int NOT NULL REFERENCES customers ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    gone text,
    total numeric(12,2) NOT NULL DEFAULT 0 CHECK (total >= 0),
    gross numeric GENERATED ALWAYS AS (total * 1.19) STORED,
    note text COLLATE "C",
    parent bigint REFERENCES orders,
    CONSTRAINT orders_number UNIQUE (number)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE orders DROP COLUMN gone;
CREATE INDEX orders_lower ON orders (lower(note)) WHERE total > 10;
CREATE INDEX orders_customer ON orders (customer, at DESC) INCLUDE (total);
ALTER TABLE orders ALTER COLUMN customer SET STATISTICS 321;
COMMENT ON TABLE orders IS 'What was ordered';
COMMENT ON COLUMN orders.total IS 'Without tax';
CREATE TABLE items (id int PRIMARY KEY, order_id bigint REFERENCES orders ON DELETE CASCADE);
CREATE TABLE log (id bigserial, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log (what) VALUES (TG_OP); RETURN NEW; END $$;
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER quiet BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE orders DISABLE TRIGGER quiet;
CREATE VIEW recent AS SELECT id, at, total FROM orders WHERE at > '2025-02-01';
CREATE VIEW recent_two WITH (security_barrier) AS SELECT o.id, o.note, r.total FROM recent r JOIN orders o USING (id);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders FOR SELECT TO {role} USING (customer = 1);
GRANT SELECT, INSERT ON orders TO {role};
GRANT UPDATE (note) ON orders TO {role};
CREATE PUBLICATION pub FOR TABLE orders;
INSERT INTO orders (customer, at, total, note) SELECT 1 + g % 50, timestamptz '2025-01-01' + g * interval '1 hour', g, 'n' || g FROM generate_series(1, 2000) g;
UPDATE orders SET parent = 100 WHERE id % 10 = 0;
INSERT INTO items SELECT g, 100 + 2 * g FROM generate_series(1, 500) g;
)";

inline std::string richSql(int major)
{
    std::string sql = rich;
    const std::string role = "clerk_" + std::to_string(major);
    for (std::size_t at = sql.find("{role}"); at != std::string::npos; at = sql.find("{role}"))
        sql.replace(at, 6, role);
    return sql;
}

inline ConvertWish monthly(const std::string &table = "orders", const std::string &column = "at", ConvertStrategy strategy = ConvertStrategy::SyncedCopy)
{
    ConvertWish wish;
    wish.table = table;
    wish.column = column;
    wish.interval = *partition::parseInterval("1 month");
    wish.strategy = strategy;
    return wish;
}

inline Conversion planned(pg::Connection &connection, const ConvertWish &wish)
{
    auto conversion = partition::planConversion(connection, wish);
    if (!conversion)
        QTest::qFail(conversion.error().text().c_str(), __FILE__, __LINE__);
    return conversion ? std::move(*conversion) : Conversion();
}

inline std::string hash(pg::Connection &connection, const std::string &table, const std::string &columns)
{
    return ask(connection, "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(ROW(" + columns + ")::text, 0)::numeric), 0) FROM " + table);
}

inline constexpr const char *order_columns = "id, number, customer, at, total, gross, note, parent";

/// Writes of every kind on a table (id, at, v), among them moves of the partition key, and a shadow table that a trigger of its
/// own keeps. Counts failures and the longest wait.
class Writers
{
public:
    /// `pause_ms` after each transaction.
    Writers(const std::string &conninfo, int count, const std::string &isolation, int pause_ms = 0) : isolation_(isolation), pause_ms_(pause_ms)
    {
        for (int i = 0; i < count; ++i)
            threads_.emplace_back([this, conninfo, i] { write(conninfo, static_cast<unsigned>(i)); });
    }
    ~Writers() { stop(); }
    Writers(const Writers &) = delete;
    Writers &operator=(const Writers &) = delete;
    void stop()
    {
        stop_ = true;
        for (std::thread &thread : threads_)
            thread.join();
        threads_.clear();
    }
    std::atomic<long> done{0}, failed{0}, serialization{0};
    std::atomic<double> longest_ms{0};
    std::string error;

private:
    void write(const std::string &conninfo, unsigned seed)
    {
        pg::ConnectionSpec spec;
        spec.conninfo = conninfo;
        const auto connection = pg::Connection::open(spec);
        if (!connection)
            return;
        static_cast<void>((*connection)->query("SET default_transaction_isolation = '" + isolation_ + "'"));
        std::mt19937 random(seed);
        while (!stop_) {
            const std::string id = std::to_string(1 + random() % 8000);
            const std::string at = "timestamptz '2025-01-01' + interval '1 minute' * " + std::to_string(random() % 400'000);
            std::string sql;
            switch (random() % 6) {
            case 0: sql = "INSERT INTO live (at, v) VALUES (" + at + ", 'new')"; break;
            case 1: sql = "UPDATE live SET v = v || '+' WHERE id = " + id; break;
            case 2: sql = "UPDATE live SET at = " + at + " WHERE id = " + id; break;
            case 3: sql = "DELETE FROM live WHERE id = " + id; break;
            case 4: sql = "UPDATE live SET v = 'm', at = at + interval '40 days' WHERE id BETWEEN " + id + " AND " + id + " + 5"; break;
            default: sql = "BEGIN; UPDATE live SET v = 'gone' WHERE id = " + id + "; DELETE FROM live WHERE id = " + id + " + 1; ROLLBACK"; break;
            }
            const auto begin = std::chrono::steady_clock::now();
            const auto outcome = (*connection)->run(sql);
            const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
            if (ms > longest_ms)
                longest_ms = ms;
            ++done;
            if (pause_ms_ > 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms_));
            if (!outcome.error)
                continue;
            static_cast<void>((*connection)->query("ROLLBACK"));
            // Two writers that take the same rows in another order may deadlock by themselves; REPEATABLE READ has its own failures.
            // And a row that another writer has just moved to another partition cannot be followed there: so it is with all partitioned tables.
            const bool moved = outcome.error->message.find("moved to another partition") != std::string::npos;
            if (outcome.error->sqlstate == "40P01" || moved || (outcome.error->sqlstate == "40001" && isolation_ != "read committed")) {
                ++serialization;
            } else {
                ++failed;
                error = outcome.error->text();
            }
        }
    }

    std::string isolation_;
    int pause_ms_;
    std::atomic<bool> stop_{false};
    std::vector<std::thread> threads_;
};

inline constexpr const char *live = R"(
CREATE TABLE live (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, v text);
INSERT INTO live (at, v) SELECT timestamptz '2025-01-01' + g * interval '40 minutes', 'v' || g FROM generate_series(1, {rows}) g;
CREATE INDEX live_v ON live (v);
CREATE TABLE shadow AS SELECT * FROM live;
ALTER TABLE shadow ADD PRIMARY KEY (id);
CREATE FUNCTION keep_shadow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN DELETE FROM shadow WHERE id = OLD.id; END IF;
    IF TG_OP <> 'DELETE' THEN INSERT INTO shadow VALUES (NEW.id, NEW.at, NEW.v); END IF;
    RETURN NULL; END $$;
CREATE TRIGGER shadow AFTER INSERT OR UPDATE OR DELETE ON live FOR EACH ROW EXECUTE FUNCTION keep_shadow();
)";

inline std::string liveSql(int rows)
{
    std::string sql = live;
    sql.replace(sql.find("{rows}"), 6, std::to_string(rows));
    return sql;
}

} // namespace howdah::test::conversion
