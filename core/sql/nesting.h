// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace howdah::sql {

/// How deep the parse tree of a text can be at most, in tokens. libpg_query walks trees recursively and without a
/// limit: "SELECT (SELECT (SELECT …" a few thousand times over would run through a thread's stack and take the whole
/// process with it. One pass; an upper bound, often a generous one.
[[nodiscard]] std::size_t nestingBound(std::string_view sql);

/// Runs `work` with at least that many bytes of stack: here when they are few, else on a thread of its own.
/// False, and nothing was run, when no stack of that size can be had.
[[nodiscard]] bool withStack(std::size_t bytes, const std::function<void()> &work);

} // namespace howdah::sql
