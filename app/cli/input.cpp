// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/input.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace howdah::cli {

Result<Input> readInput(const std::string &file)
{
    const bool standard = file == "-";
    const int fd = standard ? STDIN_FILENO : open(file.c_str(), O_RDONLY | O_CLOEXEC);
    Input input;
    input.name = standard ? "" : file;
    std::vector<char> piece(256 * 1024);
    ssize_t count = fd < 0 ? -1 : 1;
    while (count > 0) {
        count = read(fd, piece.data(), piece.size());
        if (count < 0 && errno == EINTR)
            count = 1;
        else if (count > 0)
            input.text.append(piece.data(), static_cast<std::size_t>(count));
    }
    const int problem = errno;
    if (fd >= 0 && !standard)
        close(fd);
    if (count < 0)
        return fail(ErrorKind::Usage, "Cannot read " + (standard ? std::string("standard input") : file) + ": " + std::strerror(problem));
    if (input.text.starts_with("\xEF\xBB\xBF"))
        input.text.erase(0, 3);
    return input;
}

Result<Input> readSql(const std::string &argument, const std::string &file)
{
    if (!argument.empty() && !file.empty())
        return fail(ErrorKind::Usage, "Give the SQL either as an argument or with -f, not both");
    if (!argument.empty())
        return Input{argument, ""};
    if (!file.empty())
        return readInput(file);
    if (isatty(STDIN_FILENO) == 1)
        return fail(ErrorKind::Usage, "There is no SQL", "Give it as an argument, with -f FILE, or on standard input.");
    return readInput("-");
}

} // namespace howdah::cli
