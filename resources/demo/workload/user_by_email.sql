-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: user_by_email
-- interesting: the address is compared in lower case, which the two indexes on email cannot serve
-- calls: 24
-- vary: dvorak1 => dvorak1 | weber22 | silva333

SELECT id, full_name, email
FROM users
WHERE lower(email) = 'simon.dvorak1@example.com';
