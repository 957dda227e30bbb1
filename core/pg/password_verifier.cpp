// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/password_verifier.h"

#include "core/pg/libpq.h"

namespace howdah::pg {

Result<std::string> passwordVerifier(const std::string &role, const std::string &password)
{
    // libpq wants a connection to put an error into; with the algorithm named it asks no server, so one that was never
    // made does.
    const ConnPtr nowhere(PQconnectStart("host=/nonexistent"));
    const TextPtr verifier(nowhere ? PQencryptPasswordConn(nowhere.get(), password.c_str(), role.c_str(), "scram-sha-256") : nullptr);
    if (!verifier)
        return fail(ErrorKind::Unsupported, "The password cannot be encrypted");
    return std::string(verifier.get());
}

} // namespace howdah::pg
