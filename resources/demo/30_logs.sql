-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Loading logs
-- seconds: 8
-- after: 00_foundation

-- Two million lines in time order with no index on the time, and no key: logical replication would refuse updates.
CREATE TABLE logs (
    logged_at timestamptz NOT NULL,
    level text NOT NULL,
    service text NOT NULL,
    status_code smallint,
    duration_ms int,
    trace_id bigint NOT NULL,
    message text NOT NULL
);
INSERT INTO logs
SELECT to_timestamp(1764547200 + 2678400 * (i::float8 / seed.rows(2000000))),
       CASE WHEN roll < 940 THEN 'info' WHEN roll < 990 THEN 'warning' WHEN roll < 999 THEN 'error' ELSE 'fatal' END,
       seed.pick('{checkout,catalog,search,payment,mailer,auth}', i, 102),
       CASE WHEN roll >= 990 THEN 500 WHEN roll >= 940 THEN 404 ELSE 200 END,
       2 + floor(900 * power(seed.u(i, 103), 6))::int + CASE WHEN roll >= 990 THEN 1500 ELSE 0 END,
       seed.h(i / 4, 104),
       CASE WHEN roll >= 990 THEN 'timeout after 1500 ms calling ' || seed.pick('{payments,stock,mail,search}', i, 105)
            WHEN roll >= 940 THEN 'no such page /p/' || seed.h(i, 106) % 100000
            ELSE 'GET /products/' || seed.h(i, 107) % 30000 END
FROM (SELECT i, seed.h(i, 101) % 1000 AS roll FROM generate_series(1, seed.rows(2000000)) AS i) AS made;
CREATE INDEX logs_level_idx ON logs (level);
ANALYZE logs;
