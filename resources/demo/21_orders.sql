-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Loading orders
-- seconds: 6.5
-- after: 20_order_items

CREATE TABLE orders (
    id bigint NOT NULL,
    user_id bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    placed_at timestamptz NOT NULL DEFAULT now(),
    shipped_at timestamptz,
    country char(2) NOT NULL,
    currency char(3) NOT NULL,
    channel text NOT NULL,
    coupon text,
    payment_ref text NOT NULL,
    total numeric(12,2) NOT NULL,
    note text
);

-- Nearly every order is delivered; the few others are the latest ones. The country decides the currency.
SET enable_hashagg = off;
INSERT INTO orders
SELECT id, user_id,
       CASE WHEN age < 0.003 THEN seed.pick('{pending,pending,paid,paid,shipped}', id, 71)
            WHEN seed.h(id, 72) % 1000 < 22 THEN 'cancelled'
            WHEN seed.h(id, 72) % 1000 < 35 THEN 'returned'
            WHEN age < 0.02 AND seed.h(id, 73) % 3 > 0 THEN 'shipped'
            ELSE 'delivered' END,
       placed_at,
       CASE WHEN age >= 0.003 THEN placed_at + (1 + seed.h(id, 74) % 96) * interval '1 hour' END,
       (ARRAY['DE','FR','IT','ES','PL','NL','AT','SE','PT','CZ'])[place],
       (ARRAY['EUR','EUR','EUR','EUR','PLN','EUR','EUR','SEK','EUR','CZK'])[place],
       seed.pick('{web,web,web,app,app,shop,phone}', id, 76),
       CASE WHEN seed.h(id, 77) % 40 = 0 THEN 'SAVE' || 5 * (1 + seed.h(id, 78) % 4) END,
       'PAY-' || md5(id::text),
       total,
       CASE WHEN seed.h(id, 79) % 25 = 0
            THEN seed.pick('{leave at the door,call before delivery,gift wrap,second attempt,invoice by post}', id, 80) END
FROM (SELECT order_id AS id, sum(quantity * unit_price * (1 - discount)) AS total,
             seed.skewed(seed.rows(120000), order_id, 70) AS user_id,
             1 - order_id::float8 / seed.rows(1000000) AS age,
             1 + floor(10 * power(seed.u(order_id, 75), 1.8))::int AS place,
             to_timestamp(1672531200 + 94694400 * power(order_id::float8 / seed.rows(1000000), 0.7)) AS placed_at
      FROM order_items GROUP BY order_id) AS made;
RESET enable_hashagg;
ALTER TABLE orders ADD PRIMARY KEY (id);
