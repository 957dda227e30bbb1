// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.h"
#include "core/pg/catalog.h"

namespace howdah::workspace {

/// What a database held when it was last looked at, in a file of this user's cache: schemas, relations by name, kind and
/// parent, and their estimated rows. It lets the tree open before the server has answered. Never data, never a password.
///
/// `database` says which one: the conninfo without password, and the tunnel's destination where there is one. A file that
/// was written for another database, or by another version, is not read.

[[nodiscard]] std::filesystem::path namesFile(const std::string &database);
/// Replaces what is there in one step. Errors of kind Io.
[[nodiscard]] Result<void> keepNames(const std::filesystem::path &file, const std::string &database, const pg::Catalog &catalog);
/// Null when nothing is known. The catalog is one of names only.
[[nodiscard]] std::shared_ptr<const pg::Catalog> knownNames(const std::filesystem::path &file, const std::string &database);

} // namespace howdah::workspace
