-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: abandoned_carts
-- interesting: the table was updated over and over and never vacuumed: mostly dead rows are read
-- calls: 12

SELECT count(*), min(updated_at), max(updated_at)
FROM carts
WHERE state = 'abandoned' AND updated_at < '2025-12-20';
