-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: rooms_taken
-- interesting: overlapping ranges on a table whose statistics are of the time when it was small
-- calls: 12
-- vary: '2025-06-01', '2025-06-03' => '2025-06-01', '2025-06-03' | '2024-03-09', '2024-03-12'

SELECT room_id, guest, during
FROM bookings
WHERE during && tstzrange('2025-06-01', '2025-06-03') AND state = 'confirmed'
ORDER BY room_id;
