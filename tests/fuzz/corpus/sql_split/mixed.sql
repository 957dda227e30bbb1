SELECT 1; -- c
/* a /* b */ */ SELECT $x$;$x$, E'\'', U&"d", "a;""b";
\d t
SELECT 2 \g
INSERT