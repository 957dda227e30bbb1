-- Strings and names that hold what separates statements.
SELECT 1;
SELECT 'a;b', 'it''s; so', E'\';', E'a\\', "x;y" FROM (SELECT 1 AS "x;y") q;
SELECT $$ ; $$, $t$ $$;$$ ; $t$, $ü$;$ü$; SELECT U&'\0041;', U&"n;" FROM (SELECT 1 AS "n;") q;
SELECT b'1', x'F;' ; select n'x;';
SELECT 'continued'
  ' over lines;';
SELECT $1;
SELECT 1 AS a$b$; SELECT 2 AS c$b$;
SELECT 5$$;$$;
SELECT "unfinished; and ""quoted""" ; SELECT 3
