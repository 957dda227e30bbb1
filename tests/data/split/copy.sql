CREATE TABLE split_c (a int, b text);
COPY split_c FROM stdin;
1	it's; not "SQL
2	$$ /* -- \\.
\N	\N
\.
SELECT count(*) FROM split_c;
copy public.split_c (a, b)
  from STDIN with (format csv); -- data on the next line
3,"a;
b"
\.

COPY (SELECT 'from stdin;') TO stdout; SELECT 2;
COPY split_c FROM stdin; SELECT 'after the data';
4	four
\.
COPY split_c FROM stdin;
\.
COPY split_c TO stdout;
SELECT 3;
SELECT 'from stdin;';
