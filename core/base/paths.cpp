// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/paths.h"

#include <cstdlib>
#include <string>
#include <system_error>

namespace howdah::paths {

namespace {

namespace fs = std::filesystem;

fs::path environment(const char *name)
{
    const char *value = std::getenv(name);
    return value == nullptr ? fs::path() : fs::path(value);
}

/// XDG wants absolute paths and says that relative ones are to be ignored.
fs::path folder(const char *variable, const char *below_home, const char *below_howdah_home)
{
    fs::path result;
    if (const fs::path own = environment("HOWDAH_HOME"); !own.empty())
        result = own / below_howdah_home;
    else if (const fs::path base = environment(variable); base.is_absolute())
        result = base / "howdah";
    else
        result = environment("HOME") / below_home / "howdah";
    std::error_code ignored; // whoever opens a file in it reports the failure, with the file's name
    if (fs::create_directories(result, ignored))
        fs::permissions(result, fs::perms::owner_all, ignored);
    return result;
}

} // namespace

fs::path data()
{
    return folder("XDG_DATA_HOME", ".local/share", "data");
}

fs::path config()
{
    return folder("XDG_CONFIG_HOME", ".config", "config");
}

fs::path cache()
{
    return folder("XDG_CACHE_HOME", ".cache", "cache");
}

fs::path resources()
{
    std::error_code error;
    if (const fs::path named = environment("HOWDAH_RESOURCES"); fs::is_directory(named, error))
        return named;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (const fs::path installed = program.parent_path() / "../share/howdah"; fs::is_directory(installed, error))
        return fs::canonical(installed, error);
    if (const fs::path source = HOWDAH_SOURCE_RESOURCES; fs::is_directory(source, error))
        return source;
    return {};
}

} // namespace howdah::paths
