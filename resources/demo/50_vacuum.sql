-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Vacuuming
-- seconds: 2.5
-- after: 22_order_keys 30_logs 31_events 32_texts

VACUUM users;
VACUUM products;
VACUUM orders;
VACUUM order_items;
VACUUM logs;
VACUUM articles;
