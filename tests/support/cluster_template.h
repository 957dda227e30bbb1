// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>

#include "core/cluster/local_cluster.h"

namespace howdah::test {

/// A fresh cluster in folder/data, not started: a copy of one that initdb made before. All copies have one system
/// identifier. Ends the process when it cannot be had.
void copyTemplate(const cluster::Installation &installation, const std::filesystem::path &folder);

} // namespace howdah::test
