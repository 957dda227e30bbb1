// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/parser.h"

#include <memory>

#include <pg_query.h>

#include "core/sql/nesting.h"

namespace howdah::sql {

namespace {

// Stack that libpg_query takes for each token of nesting, measured with some room to spare.
constexpr std::size_t parse_bytes = 512;
constexpr std::size_t normalize_bytes = 1536;
constexpr std::size_t deparse_bytes = 4096;

Error syntaxError(const PgQueryError &error, std::string_view sql)
{
    Error result;
    result.kind = ErrorKind::Parse;
    result.sqlstate = "42601";
    result.severity = "ERROR";
    result.message = error.message != nullptr ? error.message : "syntax error";
    // libpg_query counts characters from 1 here, while its locations elsewhere are bytes.
    if (error.cursorpos > 0)
        result.position = toBytes(sql, CharOffset{static_cast<std::size_t>(error.cursorpos - 1)});
    return result;
}

/// libpg_query reads C strings: what stands behind a NUL byte would be ignored silently.
Result<std::string> cString(std::string_view sql)
{
    if (const std::size_t nul = sql.find('\0'); nul != std::string_view::npos) {
        Error error;
        error.kind = ErrorKind::Parse;
        error.sqlstate = "42601";
        error.message = "The text holds a NUL byte, which SQL cannot contain";
        error.position = ByteOffset{nul};
        return tl::unexpected(error);
    }
    return std::string(sql);
}

/// Calls a libpg_query function and frees its result whatever happens.
template <typename R, typename Free, typename Take>
Result<std::string> take(R result, Free free_result, std::string_view sql, Take value)
{
    struct Guard {
        R &result;
        Free free_result;
        ~Guard() { free_result(result); }
    } guard{result, free_result};
    if (result.error != nullptr)
        return tl::unexpected(syntaxError(*result.error, sql));
    const char *text = value(result);
    return std::string(text != nullptr ? text : "");
}

/// Hands the text to `work` with the stack that its nesting may need.
template <typename Work> Result<std::string> analyse(std::string_view sql, std::size_t bytes_per_level, Work work)
{
    Result<std::string> text = cString(sql);
    if (!text)
        return text;
    Result<std::string> result;
    if (withStack(nestingBound(sql) * bytes_per_level, [&] { result = work(*text); }))
        return result;
    Error error;
    error.kind = ErrorKind::Parse;
    error.sqlstate = "54001";
    error.message = "The statement is nested too deeply to be analysed";
    error.hint = "The server has a limit of its own, max_stack_depth.";
    return tl::unexpected(error);
}

} // namespace

int grammarVersion()
{
    return PG_VERSION_NUM / 10000;
}

Result<std::string> parseTree(std::string_view sql)
{
    return analyse(sql, parse_bytes, [sql](const std::string &text) {
        return take(pg_query_parse(text.c_str()), pg_query_free_parse_result, sql,
                    [](const PgQueryParseResult &r) { return r.parse_tree; });
    });
}

Result<std::string> fingerprint(std::string_view sql)
{
    return analyse(sql, parse_bytes, [sql](const std::string &text) {
        return take(pg_query_fingerprint(text.c_str()), pg_query_free_fingerprint_result, sql,
                    [](const PgQueryFingerprintResult &r) { return r.fingerprint_str; });
    });
}

Result<std::string> normalize(std::string_view sql)
{
    return analyse(sql, normalize_bytes, [sql](const std::string &text) {
        return take(pg_query_normalize(text.c_str()), pg_query_free_normalize_result, sql,
                    [](const PgQueryNormalizeResult &r) { return r.normalized_query; });
    });
}

Result<std::string> deparse(std::string_view sql)
{
    return analyse(sql, deparse_bytes, [sql](const std::string &text) -> Result<std::string> {
        PgQueryProtobufParseResult parsed = pg_query_parse_protobuf(text.c_str());
        struct Guard {
            PgQueryProtobufParseResult &result;
            ~Guard() { pg_query_free_protobuf_parse_result(result); }
        } guard{parsed};
        if (parsed.error != nullptr)
            return tl::unexpected(syntaxError(*parsed.error, sql));
        return take(pg_query_deparse_protobuf(parsed.parse_tree), pg_query_free_deparse_result, sql,
                    [](const PgQueryDeparseResult &r) { return r.query; });
    });
}

} // namespace howdah::sql
