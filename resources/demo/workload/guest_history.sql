-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: guest_history
-- interesting: a join of bookings to themselves that stale statistics push into the wrong method
-- calls: 1

SELECT a.guest, count(*)
FROM bookings a
JOIN bookings b ON b.guest = a.guest AND b.id < a.id AND upper(b.during) > lower(a.during)
WHERE a.room_id = 71
GROUP BY a.guest
ORDER BY 2 DESC
LIMIT 10;
