-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Writing to disk
-- seconds: 2
-- after: workload

SET client_min_messages = warning;
DROP SCHEMA seed CASCADE;
RESET client_min_messages;
CHECKPOINT;
