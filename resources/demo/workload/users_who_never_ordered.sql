-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: users_who_never_ordered
-- interesting: an anti-join of two large tables
-- calls: 2

SELECT count(*)
FROM users u
WHERE NOT EXISTS (SELECT FROM orders o WHERE o.user_id = u.id);
