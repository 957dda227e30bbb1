// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/output.h"

#include <cerrno>
#include <unistd.h>

namespace howdah::cli {

void Output::flush()
{
    for (std::size_t done = 0; failure_ == 0 && done < buffer_.size();) {
        const ssize_t written = ::write(STDOUT_FILENO, buffer_.data() + done, buffer_.size() - done);
        if (written >= 0)
            done += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            failure_ = errno;
    }
    buffer_.clear();
}

Output &output()
{
    static Output only;
    return only;
}

} // namespace howdah::cli
