// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"

namespace howdah::workspace {

/// An editor's contents as they come back after a crash. Never a password, never an open connection.
struct Buffer {
    std::string id;               ///< stable over restarts
    std::string title;
    std::string file;             ///< path when it belongs to a file, else ""
    std::string text;
    std::int64_t cursor = 0;      ///< byte offset
    int position = 0;             ///< order of the tabs
    std::string connection_name;  ///< the saved connection it was used with; only its name
    bool modified = false;        ///< differs from its file
    bool manual_commit = false;   ///< a BEGIN goes before what is run outside a transaction
};

/// A SQLite file (WAL) holding all open buffers; one write per edit pause, each a transaction of its own, so
/// that SIGKILL loses at most what was typed since the last one. Not thread-safe; ui owns one and writes from
/// a worker thread.
class BufferJournal
{
public:
    [[nodiscard]] static Result<std::unique_ptr<BufferJournal>> open(const std::filesystem::path &file);
    ~BufferJournal();
    [[nodiscard]] Result<std::vector<Buffer>> load();
    [[nodiscard]] Result<void> save(const Buffer &buffer);
    [[nodiscard]] Result<void> remove(const std::string &id);

private:
    BufferJournal();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::workspace
