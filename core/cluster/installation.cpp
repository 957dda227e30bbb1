// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>
#include <regex>
#include <set>

#include "core/base/subprocess.h"
#include "core/cluster/local_cluster.h"

namespace howdah::cluster {

namespace {

namespace fs = std::filesystem;

std::optional<Installation> probe(const fs::path &bin)
{
    std::error_code error;
    for (const char *program : {"postgres", "initdb", "pg_ctl"}) {
        if (!fs::exists(bin / program, error))
            return {};
    }
    // Binaries that came without the libraries they need are no installation.
    const auto outcome = runCommand({bin / "postgres", {"--version"}, {}, {}, {}});
    if (!outcome || outcome->exit_code != 0)
        return {};
    std::smatch match;
    static const std::regex version(R"(\(PostgreSQL\) ((\d+)\S*[^\n]*))");
    if (!std::regex_search(outcome->output, match, version))
        return {};
    return Installation{std::stoi(match[2]), match[1], bin};
}

/// Folders that hold one folder per major version.
std::vector<fs::path> roots()
{
    std::vector<fs::path> result{"/usr/lib/postgresql"};
    if (const char *deps = std::getenv("HOWDAH_DEPS"))
        result.push_back(fs::path(deps) / "servers");
    result.push_back("/var/cache/howdah/servers");
    if (const char *cache = std::getenv("XDG_CACHE_HOME"))
        result.push_back(fs::path(cache) / "howdah/servers");
    if (const char *home = std::getenv("HOME"))
        result.push_back(fs::path(home) / ".cache/howdah/servers");
    return result;
}

} // namespace

std::vector<Installation> findInstallations()
{
    std::vector<Installation> result;
    std::set<fs::path> seen;
    const auto consider = [&](const fs::path &bin) {
        std::error_code error;
        const fs::path real = fs::canonical(bin, error);
        if (error || !seen.insert(real).second)
            return;
        if (auto found = probe(real))
            result.push_back(std::move(*found));
    };
    for (const fs::path &root : roots()) {
        std::error_code error;
        for (const auto &entry : fs::directory_iterator(root, error))
            consider(entry.path() / "bin");
    }
    if (const char *path = std::getenv("PATH")) {
        std::string_view rest = path;
        while (!rest.empty()) {
            const std::size_t colon = rest.find(':');
            if (const std::string_view folder = rest.substr(0, colon); !folder.empty()) {
                std::error_code error;
                const fs::path program = fs::canonical(fs::path(folder) / "postgres", error);
                if (!error)
                    consider(program.parent_path());
            }
            rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
        }
    }
    // Stable: of two of the same major the one found first, the system's own, stays in front.
    std::stable_sort(result.begin(), result.end(),
                     [](const Installation &a, const Installation &b) { return a.major > b.major; });
    return result;
}

std::optional<Installation> findInstallation(int major)
{
    for (Installation &installation : findInstallations()) {
        if (installation.major == major)
            return installation;
    }
    return {};
}

} // namespace howdah::cluster
