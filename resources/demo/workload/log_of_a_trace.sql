-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: log_of_a_trace
-- interesting: four lines out of two million, looked for one by one
-- calls: 5
-- vary: 471147114 => 1 .. 2147483647

SELECT logged_at, service, level, message
FROM logs
WHERE trace_id = 471147114
ORDER BY logged_at;
