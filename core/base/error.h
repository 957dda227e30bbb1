// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "core/base/text_offset.h"

namespace howdah {

/// What kind of thing went wrong. A caller decides with it what to do next; people read the texts.
enum class ErrorKind : std::uint8_t {
    Usage,      ///< the caller asked for something that makes no sense
    Connection, ///< no connection could be made, or it was lost
    Server,     ///< the server refused or aborted a statement; `sqlstate` is set
    Cancelled,  ///< the user cancelled; not a failure
    Parse,      ///< text from outside could not be read
    Io,         ///< a file, socket or process of this machine failed
    Unsupported ///< valid, but not with this server, version or build
};

/// The one error type. Values at the seams: functions return Result<T>, nothing is thrown across them.
struct Error {
    ErrorKind kind = ErrorKind::Usage;
    std::string sqlstate;                ///< five characters, only for Server and some Connection errors
    std::string severity;                ///< the server's own word: ERROR, FATAL, PANIC
    std::string message;                 ///< one sentence: what happened
    std::string detail;                  ///< the server's DETAIL, or what was and was not done
    std::string hint;                    ///< what to do next
    std::string context;                 ///< the server's CONTEXT (PL/pgSQL call stack), as sent
    std::optional<ByteOffset> position;  ///< where, in bytes from the start of the text handed in
    std::optional<int> internal_line;    ///< line in the PL/pgSQL body named in `context`
    std::string internal_query;          ///< the text that failed within a function, as sent; "" when none did
    std::optional<ByteOffset> internal_position; ///< where in internal_query
    bool retryable = false;              ///< the same call may succeed later (40001, 40P01, 55P03, lost link)

    /// "message (SQLSTATE 42601)" followed by detail and hint on lines of their own.
    [[nodiscard]] std::string text() const;
};

template <typename T> using Result = tl::expected<T, Error>;

/// Shorthand for `return fail(ErrorKind::Parse, "…", "what to do");`
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorKind kind, std::string message, std::string hint = {})
{
    Error error;
    error.kind = kind;
    error.message = std::move(message);
    error.hint = std::move(hint);
    return tl::unexpected<Error>(std::move(error));
}

} // namespace howdah
