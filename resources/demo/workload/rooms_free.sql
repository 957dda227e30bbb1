-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: rooms_free
-- interesting: an anti-join over overlapping ranges with stale statistics: estimated in dozens, real in thousands
-- calls: 4

SELECT room
FROM generate_series(1, 300) AS room
WHERE NOT EXISTS (SELECT FROM bookings b
                  WHERE b.room_id = room AND b.during && tstzrange('2025-06-01', '2025-06-02'));
