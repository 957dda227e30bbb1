// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/standby_files.h"

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/subprocess.h"
#include "core/replication/ask.h"

namespace howdah::replication {

namespace {

namespace fs = std::filesystem;

/// A value of postgresql.conf.
std::string configured(std::string_view value)
{
    std::string quoted = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\')
            quoted += c;
        quoted += c;
    }
    return quoted + "'";
}

Result<void> write(const fs::path &file, const std::string &text, std::ios::openmode mode)
{
    std::ofstream stream(file, mode);
    stream << text;
    stream.close();
    if (!stream)
        return fail(ErrorKind::Io, "Cannot write " + file.string());
    std::error_code error;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, error);
    return giveToServiceAccount(file);
}

Result<std::string> settingsOf(pg::Connection &primary)
{
    const auto rows = ask(primary, "SELECT name, current_setting(name) AS value FROM pg_settings WHERE source = 'configuration file' "
                                   "AND name NOT IN ('data_directory', 'config_file', 'hba_file', 'ident_file', 'external_pid_file', 'port', "
                                   "'cluster_name', 'stats_temp_directory') AND name NOT LIKE 'ssl%' ORDER BY name");
    if (!rows)
        return tl::unexpected(rows.error());
    std::string text = "# From the primary's configuration, which lies outside of its data directory.\n";
    for (std::size_t row = 0; row < rows->size(); ++row)
        text += rows->string(row, "name") + " = " + configured(rows->string(row, "value")) + "\n";
    return text;
}

Result<std::string> rulesOf(pg::Connection &primary)
{
    const auto rows = ask(primary, "SELECT type || ' ' || array_to_string(database, ',') || ' ' || array_to_string(user_name, ',') || ' ' || COALESCE(address, '') || ' ' || "
                                   "COALESCE(netmask, '') || ' ' || auth_method || ' ' || COALESCE(array_to_string(options, ' '), '') AS line "
                                   "FROM pg_hba_file_rules WHERE error IS NULL ORDER BY line_number");
    if (!rows)
        return tl::unexpected(rows.error());
    std::string text;
    for (std::size_t row = 0; row < rows->size(); ++row)
        text += rows->string(row, "line") + "\n";
    return text;
}

} // namespace

std::string standbyLines(const StreamingPlan &plan)
{
    return "port = " + std::to_string(plan.port) + "\ncluster_name = " + configured(plan.application_name) + "\n";
}

Result<void> writeStandbyFiles(pg::Connection &primary, const StreamingPlan &plan)
{
    std::error_code error;
    if (!fs::exists(plan.target / "postgresql.conf", error)) {
        const auto text = settingsOf(primary);
        if (!text)
            return tl::unexpected(text.error());
        if (auto written = write(plan.target / "postgresql.conf", *text, std::ios::trunc); !written)
            return written;
    }
    if (!fs::exists(plan.target / "pg_hba.conf", error)) {
        const auto text = rulesOf(primary);
        if (!text)
            return tl::unexpected(text.error());
        if (auto written = write(plan.target / "pg_hba.conf", *text, std::ios::trunc); !written)
            return written;
    }
    if (!fs::exists(plan.target / "pg_ident.conf", error)) {
        if (auto written = write(plan.target / "pg_ident.conf", "", std::ios::trunc); !written)
            return written;
    }
    return write(plan.target / "postgresql.auto.conf", standbyLines(plan), std::ios::app);
}

int freePortFrom(int first)
{
    for (int port = std::max(first, 1024); port < 65'536; ++port) {
        const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_ANY);
        address.sin_port = htons(static_cast<std::uint16_t>(port));
        const bool free = bind(probe, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
        close(probe);
        if (free)
            return port;
    }
    return 0;
}

} // namespace howdah::replication
