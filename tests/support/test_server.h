// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/cluster/local_cluster.h"
#include "core/pg/connection.h"

namespace howdah::test {

/// A throwaway server of that major version for this test process, started on first use (from a cached
/// initdb template: well under a second) and stopped with the process. Missing binaries fail the test: the
/// set-up scripts install 13 to 18.
cluster::LocalCluster &server(int major = 15);

/// A fresh database on it, dropped with the process; returns the conninfo.
std::string freshDatabase(int major = 15);

/// An open connection to a fresh database.
std::unique_ptr<pg::Connection> freshConnection(int major = 15);

/// Majors to run version-dependent tests on: 13, 15, 18 by default, all six with HOWDAH_TEST_ALL_MAJORS=1.
std::vector<int> majors();

} // namespace howdah::test
