// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/plan/findings.h"
#include "core/plan/model.h"

namespace howdah::plan {

/// What was read, and what was computed from it, as one JSON document for other programs (indented by two blanks):
///
///   format        "text", "json", "xml" or "yaml"
///   plans[]       nodes[] (flat, a parent before its children; `id` is the index, `parent` is null at the root),
///                 execution_ms, planning_ms, duration_ms, triggers[], triggers_ms, serialization_ms,
///                 unaccounted_ms (Σ exclusive_ms + these three is execution_ms), jit_ms (within the nodes), rounding_ms,
///                 misestimate_origin, findings[], settings{}, planning{}, jit{}, serialization{}, extra{}, query_text, note
///                 findings[]: rule, node (null: the plan as a whole), severity ("info", "warning", "serious"), lost_ms,
///                 message, evidence, fix_sql[], why; the costliest first
///   findings[]    those of all plans, each with `plan`, the index of its plan
///   unaccounted_ms of all plans together
///   diagnostics[] {line, message} of what could not be read
///   source        the text handed in, when there is any
///
/// Names are those of plan::Node and plan::NodeMetrics with their units; every other property stands in `extra` under
/// EXPLAIN's own key; `derivations` says of each computed figure how it came about. What EXPLAIN did not tell is absent, never zero or null. `context` sharpens the findings.
[[nodiscard]] std::string toJson(const ReadResult &result, std::string_view source = {}, const FindingContext &context = {});

} // namespace howdah::plan
