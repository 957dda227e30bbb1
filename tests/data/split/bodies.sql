/* A comment with a ; and /* one within ; */ it. */
CREATE TABLE split_t (a int, b text);
CREATE RULE split_r AS ON INSERT TO split_t DO ALSO (UPDATE split_t SET b = 'x;y'; DELETE FROM split_t WHERE a < 0);
CREATE FUNCTION split_f(begin int DEFAULT 1) RETURNS int LANGUAGE sql
BEGIN ATOMIC
  SELECT CASE WHEN true THEN 1 END; -- END;
  SELECT CASE WHEN 1 = 1 THEN CASE 2 WHEN 2 THEN 3 END END;
END;
create or replace procedure split_p() begin atomic; insert into split_t values (1, 'END;'); end; SELECT 1;
CREATE FUNCTION split_g() RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM 1; /* ; */ EXECUTE 'SELECT '';''';
  IF true THEN NULL; END IF;
END;
$body$;
DO 'BEGIN PERFORM 1; END;';
BEGIN; SELECT 1; SAVEPOINT s; END;
BEGIN TRANSACTION; COMMIT;
CREATE SCHEMA split_s CREATE TABLE one (a int) CREATE VIEW two AS SELECT 1;
CREATE FUNCTION split_end() RETURNS int RETURN CASE WHEN true THEN 1 END; SELECT 2;
SELECT CASE WHEN true THEN 1 END; SELECT a.end FROM (SELECT 1 AS end) a;
SELECT 1 + -- a ; comment
  2 /* ; */ ; SELECT 1--;
;
SELECT 3 -1-- no operator ;
;
SELECT ('a;'), (SELECT 1); SELECT 1)); SELECT 2;
;;; SELECT 4;
selec 5; SELECT 6 ;
SELECT 7
