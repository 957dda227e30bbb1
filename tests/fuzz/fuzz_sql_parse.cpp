// SPDX-License-Identifier: GPL-3.0-or-later
// PostgreSQL's grammar on anything: no crash, an error's position lies in the text, and what parses has a fingerprint.
// Lint finds what it finds within the text.
#include <cstdint>

#include "core/migration/lint.h"
#include "core/sql/parser.h"
#include "invariant.h"

using namespace howdah;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char *>(data), size);
    const auto tree = sql::parseTree(text);
    const auto print = sql::fingerprint(text);
    static_cast<void>(sql::natureOf(text));
    const auto linted = migration::lint(text);
    INVARIANT(linted);
    for (const migration::LintFinding &finding : linted->findings) {
        INVARIANT(finding.span.begin <= finding.span.end && finding.span.end.value <= size);
        INVARIANT(finding.statement.begin <= finding.statement.end && finding.statement.end.value <= size);
    }
    if (tree) {
        INVARIANT(print);
        INVARIANT(print->size() == 16);
        return 0;
    }
    INVARIANT(!tree.error().message.empty());
    INVARIANT(!tree.error().position || tree.error().position->value <= text.size());
    return 0;
}
