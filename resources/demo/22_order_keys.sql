-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Indexing orders
-- seconds: 6
-- after: 10_users 11_products 21_orders

-- As shops grow: an index for a report of old, a wider one beside it, one on a column of six values, one on a column
-- that nobody asks for, and none on the columns that foreign keys and the customer pages use.
CREATE INDEX orders_placed_at_idx ON orders (placed_at);
CREATE INDEX orders_placed_at_status_idx ON orders (placed_at, status);
CREATE INDEX orders_status_idx ON orders (status);
CREATE INDEX orders_coupon_idx ON orders (coupon);
ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id);
ALTER TABLE orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;
ALTER TABLE order_items ADD CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE;
ALTER TABLE order_items ADD CONSTRAINT order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES products (id);
CREATE SEQUENCE orders_id_seq OWNED BY orders.id;
SELECT setval('orders_id_seq', max(id)) FROM orders;
ALTER TABLE orders ALTER COLUMN id SET DEFAULT nextval('orders_id_seq');
ANALYZE orders;
