-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: revenue_of_a_country
-- interesting: country and currency say the same thing: their selectivities are multiplied and the estimate is too low
-- calls: 4
-- vary: 'PL' AND currency = 'PLN' => 'PL' AND currency = 'PLN' | 'SE' AND currency = 'SEK' | 'CZ' AND currency = 'CZK'

SELECT channel, count(*), sum(total)
FROM orders
WHERE country = 'PL' AND currency = 'PLN'
GROUP BY channel;
