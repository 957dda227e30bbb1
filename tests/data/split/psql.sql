\set answer 42
SELECT :answer, :'answer', :"answer" FROM (SELECT 1 AS "42") q; -- values of psql
SELECT 1 \g /dev/null
SELECT 'a:b', '1'::text, (ARRAY[1, 2, 3])[1:2] \gx /dev/null
SELECT 5 AS five \gset
SELECT 1\; SELECT 2\; SELECT 3;
\echo a line ; with 'quotes
SELECT 6;
\if true
SELECT 8;
\endif
\unset answer
SELECT 10;
