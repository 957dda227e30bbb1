-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Loading order items
-- seconds: 7.5
-- after: 00_foundation

CREATE TABLE order_items (
    order_id bigint NOT NULL,
    line_no smallint NOT NULL,
    product_id int NOT NULL,
    quantity smallint NOT NULL,
    unit_price numeric(10,2) NOT NULL,
    discount numeric(4,2) NOT NULL DEFAULT 0
);
INSERT INTO order_items
SELECT o, line, product, 1 + floor(6 * power(seed.u(o * 8 + line, 22), 4))::int, seed.price(product),
       CASE WHEN seed.h(o, 23) % 12 = 0 THEN 0.10 ELSE 0 END
FROM (SELECT o, line, seed.skewed(seed.rows(30000), o * 8 + line, 21) AS product
      FROM generate_series(1, seed.rows(1000000)) AS o, generate_series(1, 1 + seed.h(o, 20) % 4) AS line) AS made;
ALTER TABLE order_items ADD PRIMARY KEY (order_id, line_no);
ANALYZE order_items;
