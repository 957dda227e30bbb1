-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: orders_above_average
-- interesting: a correlated subquery runs once a row and reads the whole table each time
-- calls: 3
-- vary: 471100 AND 471102 => 471100 AND 471102 | 8150 AND 8152 | 900401 AND 900403

SELECT o.id, o.user_id, o.total
FROM orders o
WHERE o.id BETWEEN 471100 AND 471102
  AND o.total > (SELECT avg(total) FROM orders x WHERE x.user_id = o.user_id);
