-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Creating views and functions
-- seconds: 1.8
-- after: 22_order_keys 33_ranges

CREATE VIEW order_overview AS
SELECT o.id, o.placed_at, o.status, u.full_name, u.country, o.total, count(i.line_no) AS lines
FROM orders o JOIN users u ON u.id = o.user_id LEFT JOIN order_items i ON i.order_id = o.id
GROUP BY o.id, u.id;

CREATE VIEW open_orders AS
SELECT * FROM orders WHERE status IN ('pending', 'paid');

CREATE MATERIALIZED VIEW monthly_revenue AS
SELECT date_trunc('month', placed_at AT TIME ZONE 'UTC')::date AS month, country, count(*) AS orders, sum(total) AS revenue
FROM orders WHERE status <> 'cancelled' GROUP BY 1, 2;
CREATE UNIQUE INDEX monthly_revenue_month_country_idx ON monthly_revenue (month, country);

CREATE SEQUENCE return_label_seq START 100000 INCREMENT 10;

CREATE FUNCTION order_total(order_id bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT round(sum(quantity * unit_price * (1 - discount)), 2) FROM order_items WHERE order_items.order_id = $1
$$;

-- Row by row where one statement would do, and VOLATILE though it only reads: slow when called in a query.
CREATE FUNCTION customer_rank(customer bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    one record;
    spent numeric := 0;
BEGIN
    FOR one IN SELECT total FROM orders WHERE user_id = customer AND status = 'delivered' LOOP
        spent := spent + one.total;
    END LOOP;
    RETURN CASE WHEN spent > 10000 THEN 'gold' WHEN spent > 1000 THEN 'silver' ELSE 'bronze' END;
END
$$;

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER products_touch BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE PROCEDURE close_abandoned_carts(older_than interval) LANGUAGE sql AS $$
    UPDATE carts SET state = 'closed' WHERE state = 'abandoned' AND updated_at < now() - older_than
$$;

COMMENT ON TABLE users IS 'Customers of the shop';
COMMENT ON COLUMN users.phone IS 'As typed by the customer; not unique';
COMMENT ON TABLE orders IS 'One row an order, newest last';
COMMENT ON COLUMN orders.status IS 'pending, paid, shipped, delivered, cancelled or returned';
COMMENT ON COLUMN orders.payment_ref IS 'Reference of the payment provider, unique in practice';
COMMENT ON TABLE order_items IS 'The lines of an order';
COMMENT ON TABLE products IS 'What the shop sells; attributes differ by category';
COMMENT ON TABLE events IS 'Clicks and other events, a partition a month';
COMMENT ON TABLE logs IS 'Application log of December 2025';
COMMENT ON TABLE bookings IS 'Rooms of the holiday branch';
COMMENT ON VIEW order_overview IS 'Orders with their customer and number of lines';
COMMENT ON FUNCTION customer_rank(bigint) IS 'gold, silver or bronze';
COMMENT ON INDEX orders_coupon_idx IS 'For the coupon report of 2023';
