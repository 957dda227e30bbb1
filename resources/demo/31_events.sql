-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Loading events by month
-- seconds: 3
-- after: 00_foundation

CREATE TABLE events (
    id bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    user_id bigint,
    kind text NOT NULL,
    payload jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, occurred_at)
) PARTITION BY RANGE (occurred_at);

-- A partition a month from July 2024 on. April 2025 was forgotten and nothing was made ahead of December 2025: those
-- rows lie in the default partition, and a partition for them can no longer simply be created.
DO $$
DECLARE
    month date;
BEGIN
    FOR month IN SELECT generate_series(date '2024-07-01', date '2025-12-01', interval '1 month') LOOP
        CONTINUE WHEN month = date '2025-04-01';
        EXECUTE format('CREATE TABLE %I PARTITION OF events FOR VALUES FROM (%L) TO (%L)',
                       'events_' || to_char(month, 'YYYY_MM'), month::timestamp AT TIME ZONE 'UTC',
                       (month + interval '1 month') AT TIME ZONE 'UTC');
    END LOOP;
END
$$;
CREATE TABLE events_default PARTITION OF events DEFAULT;

INSERT INTO events
SELECT i,
       CASE WHEN i % 500 = 0 THEN to_timestamp(1767225600 + seed.h(i, 112) % 604800)
            WHEN i % 3001 = 0 THEN to_timestamp(0)
            ELSE to_timestamp(1719792000 + 47433600 * (i::float8 / seed.rows(400000))) END,
       CASE WHEN seed.h(i, 113) % 5 > 0 THEN seed.skewed(seed.rows(120000), i, 114) END,
       seed.pick('{page_view,page_view,page_view,page_view,search,add_to_cart,checkout,login}', i, 115),
       jsonb_build_object('page', '/p/' || seed.h(i, 116) % 3000, 'ms', seed.h(i, 117) % 900)
FROM generate_series(1, seed.rows(400000)) AS i;

-- An index that was to be rolled out partition by partition and was left after the first three: the parent's index
-- stays invalid until every partition has one attached.
CREATE INDEX events_user_id_idx ON ONLY events (user_id);
CREATE INDEX events_2024_07_user_id_idx ON events_2024_07 (user_id);
CREATE INDEX events_2024_08_user_id_idx ON events_2024_08 (user_id);
CREATE INDEX events_2024_09_user_id_idx ON events_2024_09 (user_id);
ALTER INDEX events_user_id_idx ATTACH PARTITION events_2024_07_user_id_idx;
ALTER INDEX events_user_id_idx ATTACH PARTITION events_2024_08_user_id_idx;
ALTER INDEX events_user_id_idx ATTACH PARTITION events_2024_09_user_id_idx;

-- The partitions are analysed, as autovacuum does; the parent never was, as autovacuum does not.
DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'events'::regclass LOOP
        EXECUTE format('ANALYZE %s', part);
    END LOOP;
END
$$;
