// SPDX-License-Identifier: GPL-3.0-or-later
#include <fstream>
#include <iterator>

#include <sys/statvfs.h>

#include "core/replication/reader.h"

namespace howdah::replication {

/// A forwarded port makes another machine look like this one; its backends are not among our processes.
bool isOnThisMachine(const std::string &host, int backend_pid)
{
    const bool local = host.empty() || host.front() == '/' || host == "localhost" || host.starts_with("127.") || host == "::1";
    if (!local || backend_pid <= 0)
        return false;
    std::ifstream stream("/proc/" + std::to_string(backend_pid) + "/cmdline", std::ios::binary);
    const std::string command((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    return command.starts_with("postgres:");
}

std::int64_t freeWalBytes(const std::string &host, const std::string &data_directory, int backend_pid)
{
    if (data_directory.empty() || !isOnThisMachine(host, backend_pid))
        return -1;
    struct statvfs space {};
    // pg_wal may be a link to another disk, and may be closed to us; then the data directory's own is the best guess.
    for (const std::string &path : {data_directory + "/pg_wal", data_directory}) {
        if (statvfs(path.c_str(), &space) == 0)
            return static_cast<std::int64_t>(space.f_bavail) * static_cast<std::int64_t>(space.f_frsize);
    }
    return -1;
}

} // namespace howdah::replication
