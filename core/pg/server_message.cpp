// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <charconv>

#include "core/pg/connection_impl.h"

namespace howdah::pg {

namespace {

std::string field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);
    return text != nullptr ? validUtf8(text) : "";
}

std::optional<std::size_t> number(std::string_view text)
{
    std::size_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc() && end != text.data() ? std::optional(value) : std::nullopt;
}

/// "PL/pgSQL function f(integer) line 3 at RAISE": the line within the body, of the innermost call.
std::optional<int> lineInContext(std::string_view context)
{
    const std::size_t call = context.find("PL/pgSQL function ");
    if (call == std::string_view::npos)
        return {};
    const std::string_view text = context.substr(call, context.find('\n', call) - call);
    const std::size_t at = text.find(" line ");
    if (at == std::string_view::npos)
        return {};
    const auto line = number(text.substr(at + 6));
    return line ? std::optional(static_cast<int>(*line)) : std::nullopt;
}

/// Appendix A, "PostgreSQL Error Codes": what may go away by itself.
bool isRetryable(std::string_view sqlstate)
{
    static constexpr std::array<std::string_view, 6> codes{"40001", "40P01", "55P03", "57P01", "57P02", "57P03"};
    for (const std::string_view code : codes) {
        if (sqlstate == code)
            return true;
    }
    return sqlstate.starts_with("08") || sqlstate.starts_with("53");
}

std::string withoutTrailingBlanks(std::string_view text)
{
    const std::size_t end = text.find_last_not_of(" \n\r\t");
    return std::string(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

} // namespace

Error errorOf(const PGresult *result, std::string_view sent, bool sql_ascii)
{
    Error error;
    error.kind = ErrorKind::Server;
    error.sqlstate = field(result, PG_DIAG_SQLSTATE);
    error.severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    error.message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    error.detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    error.hint = field(result, PG_DIAG_MESSAGE_HINT);
    error.context = field(result, PG_DIAG_CONTEXT);
    if (error.message.empty())
        error.message = withoutTrailingBlanks(validUtf8(PQresultErrorMessage(result)));
    if (error.sqlstate == "57014")
        error.kind = ErrorKind::Cancelled;
    error.retryable = isRetryable(error.sqlstate);
    if (const auto position = number(field(result, PG_DIAG_STATEMENT_POSITION)); position && *position > 0) {
        // An SQL_ASCII server knows no characters and counts bytes.
        error.position = sql_ascii ? ByteOffset{std::min(*position - 1, sent.size())}
                                   : toBytes(sent, CharOffset{*position - 1});
    }
    error.internal_line = lineInContext(error.context);
    error.internal_query = field(result, PG_DIAG_INTERNAL_QUERY);
    if (const auto within = number(field(result, PG_DIAG_INTERNAL_POSITION)); within && *within > 0)
        error.internal_position = sql_ascii ? ByteOffset{std::min(*within - 1, error.internal_query.size())}
                                            : toBytes(error.internal_query, CharOffset{*within - 1});
    return error;
}

Notice noticeOf(const PGresult *result)
{
    return {field(result, PG_DIAG_SEVERITY_NONLOCALIZED), field(result, PG_DIAG_SQLSTATE),
            field(result, PG_DIAG_MESSAGE_PRIMARY),       field(result, PG_DIAG_MESSAGE_DETAIL),
            field(result, PG_DIAG_MESSAGE_HINT),          field(result, PG_DIAG_CONTEXT)};
}

Error abandonedConnection()
{
    Error error;
    error.kind = ErrorKind::Connection;
    error.message = "The connection was abandoned";
    error.detail = "The server may still be working on the statement. It rolls it back when it notices that nobody listens.";
    error.hint = "Reconnect to go on. Settings, temporary tables and an open transaction of the old connection are gone.";
    return error;
}

Error lostConnection(std::string_view message)
{
    Error error;
    error.kind = ErrorKind::Connection;
    error.message = "The connection to the server was lost";
    error.detail = withoutTrailingBlanks(message);
    error.hint = "Reconnect. An open transaction was rolled back by the server; whether the last statement outside a "
                 "transaction was carried out has to be looked up.";
    error.retryable = true;
    return error;
}

} // namespace howdah::pg
