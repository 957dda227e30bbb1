-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: errors_of_an_hour
-- interesting: two million rows in time order and no index on the time: wants BRIN
-- calls: 6
-- vary: 2025-12-14 => 2025-12-14 | 2025-12-24 | 2025-12-05

SELECT service, count(*)
FROM logs
WHERE logged_at >= '2025-12-14 10:00+00' AND logged_at < '2025-12-14 11:00+00' AND level IN ('error', 'fatal')
GROUP BY service;
