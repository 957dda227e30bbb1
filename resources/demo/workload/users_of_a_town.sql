-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: users_of_a_town
-- interesting: country, city and postal_code depend on each other
-- calls: 8

SELECT id, full_name, email
FROM users
WHERE country = 'SE' AND city = 'Lund' AND postal_code BETWEEN '39000' AND '39029'
ORDER BY created_at;
