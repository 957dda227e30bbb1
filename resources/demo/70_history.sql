-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Forgetting the statements of the load
-- seconds: 0.1
-- after: 01_hypopg 34_documents 40_objects 60_neglect
-- expect: 55000

-- From here on the history holds the shop's own statements. (Refused where the module is not preloaded.)
SELECT pg_stat_statements_reset();
