-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: user_by_id_as_text
-- interesting: the key is cast to text by the application, so its index is of no use
-- calls: 12
-- vary: 4711 => 1 .. 120000

SELECT id, full_name
FROM users
WHERE id::text = '4711';
