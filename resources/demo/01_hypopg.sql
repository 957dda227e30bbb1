-- SPDX-License-Identifier: GPL-3.0-or-later
-- title: Preparing hypothetical indexes
-- seconds: 0.1
-- after: 00_foundation
-- needs: hypopg

CREATE EXTENSION IF NOT EXISTS hypopg;
