-- SPDX-License-Identifier: GPL-3.0-or-later
-- name: log_messages_with_word
-- interesting: a substring of a long text column: trigrams, or a full scan each time
-- calls: 2

SELECT count(*)
FROM logs
WHERE message LIKE '%calling payments%';
