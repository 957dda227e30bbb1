-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: user_by_phone_end
-- interesting: a suffix: an index on reverse(phone) would serve it
-- calls: 8
-- vary: 388718196 => 388718196 | 398985152 | 111222333

SELECT id, full_name, phone
FROM users
WHERE phone LIKE '%388718196';
