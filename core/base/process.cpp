// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace howdah {

void forbidCoreDumps()
{
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    // A core_pattern that pipes into a program ignores the limit.
    prctl(PR_SET_DUMPABLE, 0);
}

double processAgeMs()
{
    // proc(5): field 22 of /proc/self/stat is the start time since boot in clock ticks; the name before it may hold
    // blanks and parentheses.
    std::ifstream file("/proc/self/stat");
    const std::string line{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const auto close = line.rfind(')');
    if (close == std::string::npos)
        return -1;
    std::istringstream fields(line.substr(close + 1));
    std::string field;
    constexpr int start_time = 22;
    for (int number = 3; number <= start_time; ++number)
        fields >> field;
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    const double started_ms = std::stod(field) * 1000 / static_cast<double>(sysconf(_SC_CLK_TCK));
    return static_cast<double>(now.tv_sec) * 1000 + static_cast<double>(now.tv_nsec) / 1e6 - started_ms;
}

} // namespace howdah
