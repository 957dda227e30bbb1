// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

#include "core/plan/model.h"

namespace howdah::plan {

/// What stood in "(actual …)".
struct HeadFacts {
    bool has_cost = false;
    bool has_actual = false;      ///< "(actual …)" or "(never executed)"
    bool fractional_rows = false; ///< "rows=1.00"
    bool known_label = false;
};

/// The first line of a node without its arrow: "Index Scan using i on s.t a  (cost=…) (actual …)". Nothing
/// when it has no figures and is no label that a server prints.
[[nodiscard]] std::optional<HeadFacts> readHead(std::string_view head, Node &node);

/// "time=0.011..0.023 rows=10 loops=1", as heads and worker lines have it.
struct ActualFigures {
    std::optional<double> startup_ms, total_ms, rows, loops;
    bool fractional_rows = false;
};
[[nodiscard]] bool readActual(std::string_view text, ActualFigures &out);

/// An SQL identifier as quote_identifier() writes it, taken off the front of the text.
[[nodiscard]] std::string takeIdentifier(std::string_view &text);

/// "n.t alias", taken off the front of the text; the schema and the alias may be missing.
struct Target {
    std::string schema, name, alias;
};
[[nodiscard]] Target takeTarget(std::string_view &text);

} // namespace howdah::plan
