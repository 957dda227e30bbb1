// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <libpq-fe.h>

// Owners of libpq's objects. Nothing outside core/pg includes this.

namespace howdah::pg {

struct LibpqDelete {
    void operator()(PGconn *connection) const { PQfinish(connection); }
    void operator()(PGresult *result) const { PQclear(result); }
    void operator()(PQconninfoOption *options) const { PQconninfoFree(options); }
    void operator()(char *text) const { PQfreemem(text); }
};

using ConnPtr = std::unique_ptr<PGconn, LibpqDelete>;
using ResultPtr = std::unique_ptr<PGresult, LibpqDelete>;
using OptionsPtr = std::unique_ptr<PQconninfoOption, LibpqDelete>;
using TextPtr = std::unique_ptr<char, LibpqDelete>;

} // namespace howdah::pg
