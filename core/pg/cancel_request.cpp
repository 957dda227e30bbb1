// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/cancel_request.h"

#include <array>

namespace howdah::pg {

#ifdef HOWDAH_HAVE_CHUNKED_ROWS // libpq 17: the request keeps the connection's TLS requirements

CancelRequest::CancelRequest(PGconn *connection)
{
    PGcancelConn *request = PQcancelCreate(connection);
    thread_ = std::thread([state = state_, request] {
        if (request == nullptr)
            state->failure = "no memory";
        else if (PQcancelBlocking(request) == 0)
            state->failure = PQcancelErrorMessage(request);
        PQcancelFinish(request);
        state->finished.store(true, std::memory_order_release);
    });
}

#else

CancelRequest::CancelRequest(PGconn *connection)
{
    PGcancel *request = PQgetCancel(connection);
    thread_ = std::thread([state = state_, request] {
        std::array<char, 256> message{};
        if (request == nullptr)
            state->failure = "not connected";
        else if (PQcancel(request, message.data(), static_cast<int>(message.size())) == 0)
            state->failure = message.data();
        PQfreeCancel(request);
        state->finished.store(true, std::memory_order_release);
    });
}

#endif

CancelRequest::~CancelRequest()
{
    if (thread_.joinable())
        thread_.join();
}

void CancelRequest::abandon()
{
    if (thread_.joinable())
        thread_.detach();
}

std::string CancelRequest::wait()
{
    if (thread_.joinable())
        thread_.join();
    return state_->failure;
}

} // namespace howdah::pg
