-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: products_of_brand_and_category
-- interesting: brand and category_id depend on each other: extended statistics mend the estimate
-- calls: 6

SELECT p.id, p.name, count(r.id) AS reviews, avg(r.rating)
FROM products p
LEFT JOIN reviews r ON r.product_id = p.id
WHERE p.brand = 'Brand 71' AND p.category_id = 72
GROUP BY p.id
ORDER BY reviews DESC;
