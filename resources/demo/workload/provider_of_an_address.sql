-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: provider_of_an_address
-- interesting: which network holds an address: wants GiST (inet_ops), the btree cannot answer it
-- calls: 20
-- vary: 11.47.11.1 => 11.47.11.1 | 12.1.200.7 | 18.4.100.9

SELECT network, country, provider
FROM ip_blocks
WHERE network >>= '11.47.11.1';
