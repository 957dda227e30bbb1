// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace howdah::test {

/// A TCP port of this machine that takes connections and never answers.
class DeafPort
{
public:
    DeafPort();
    ~DeafPort();
    DeafPort(const DeafPort &) = delete;
    DeafPort &operator=(const DeafPort &) = delete;

    int port = 0;

private:
    int socket_ = -1;
};

} // namespace howdah::test
