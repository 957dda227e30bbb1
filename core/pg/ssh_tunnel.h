// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/pg/connection.h"

namespace howdah::pg {

/// A way to a server through the system's own ssh ("ssh -N -L …"), so that ~/.ssh/config, known hosts, the agent, jump
/// hosts and hardware keys work as they do in a terminal. A port of 127.0.0.1 is forwarded: cancel requests go the same
/// way, and TLS still checks the server's real name. Ends with its last user; the kernel ends it with our process.
class SshTunnel
{
public:
    /// Waits until ssh listens. One tunnel serves everybody who asks for the same; a dead one is replaced. `host` and
    /// `port` as seen from the ssh server; a host that is a folder means the server's socket in it. Fails with
    /// Connection and what ssh says, or Cancelled.
    [[nodiscard]] static Result<std::shared_ptr<SshTunnel>> open(const SshTarget &target, const std::string &host, const std::string &port,
                                                                 const Canceller &canceller);
    ~SshTunnel();
    SshTunnel(const SshTunnel &) = delete;
    SshTunnel &operator=(const SshTunnel &) = delete;

    [[nodiscard]] const std::string &localPort() const { return local_port_; }
    [[nodiscard]] bool isAlive();

private:
    SshTunnel() = default;
    [[nodiscard]] static Result<std::shared_ptr<SshTunnel>> start(const SshTarget &target, const std::string &host, const std::string &port,
                                                                  const Canceller &canceller);
    [[nodiscard]] Error failure(const SshTarget &target) const;

    std::string local_port_;
    std::filesystem::path log_;
    int pid_ = -1;
};

/// The arguments that ssh is started with, without the program.
[[nodiscard]] std::vector<std::string> sshArguments(const SshTarget &target, const std::string &local_port, const std::string &host,
                                                    const std::string &port);
/// "[user@]host[:port]" as people write it; an IPv6 address in brackets.
[[nodiscard]] Result<SshTarget> parseSshTarget(std::string_view text);

} // namespace howdah::pg
