// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace howdah {

/// No core dump of this process, whatever limits and patterns the system has set: passwords are in its memory. Also
/// keeps other processes of this user from reading that memory.
void forbidCoreDumps();

/// Milliseconds since the kernel started this process, to 10 ms; -1 where /proc does not tell.
[[nodiscard]] double processAgeMs();

} // namespace howdah
