-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Leaving an index build unfinished
-- seconds: 0.5
-- after: 40_objects 50_vacuum
-- expect: 23505

-- Two users share a phone number, so the build fails at its end and leaves an INVALID index behind, which is written
-- to at every change and never read.
CREATE UNIQUE INDEX CONCURRENTLY users_phone_key ON users (phone);
