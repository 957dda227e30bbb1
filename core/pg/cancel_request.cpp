// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/cancel_request.h"

#include <array>

namespace howdah::pg {

#ifdef HOWDAH_HAVE_CHUNKED_ROWS // libpq 17: the request keeps the connection's TLS requirements

CancelRequest::CancelRequest(PGconn *connection)
{
    PGcancelConn *request = PQcancelCreate(connection);
    thread_ = std::thread([this, request] {
        if (request == nullptr)
            failure_ = "no memory";
        else if (PQcancelBlocking(request) == 0)
            failure_ = PQcancelErrorMessage(request);
        PQcancelFinish(request);
        finished_.store(true, std::memory_order_release);
    });
}

#else

CancelRequest::CancelRequest(PGconn *connection)
{
    PGcancel *request = PQgetCancel(connection);
    thread_ = std::thread([this, request] {
        std::array<char, 256> message{};
        if (request == nullptr)
            failure_ = "not connected";
        else if (PQcancel(request, message.data(), static_cast<int>(message.size())) == 0)
            failure_ = message.data();
        PQfreeCancel(request);
        finished_.store(true, std::memory_order_release);
    });
}

#endif

CancelRequest::~CancelRequest()
{
    if (thread_.joinable())
        thread_.join();
}

std::string CancelRequest::wait()
{
    if (thread_.joinable())
        thread_.join();
    return failure_;
}

} // namespace howdah::pg
