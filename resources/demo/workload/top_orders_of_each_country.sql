-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: top_orders_of_each_country
-- interesting: a lateral top three for each group: an index on (country, total DESC) makes it instant
-- calls: 2

SELECT c.country, t.id, t.total
FROM (VALUES ('DE'), ('FR'), ('CZ')) AS c (country)
CROSS JOIN LATERAL (SELECT id, total FROM orders o WHERE o.country = c.country::char(2) ORDER BY total DESC LIMIT 3) AS t
ORDER BY c.country, t.total DESC;
