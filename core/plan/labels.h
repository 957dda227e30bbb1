// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "core/plan/model.h"

namespace howdah::plan {

// The head of a node as EXPLAIN's TEXT format words it ("Parallel Hash Left Join", "Partial HashAggregate",
// "Foreign Update"), to and from the fields that the other formats keep apart (node_type, join_type,
// strategy …). Source: ExplainNode() in PostgreSQL's src/backend/commands/explain.c.

/// "Parallel Index Only Scan Backward" is split by EXPLAIN itself: the direction is not part of the label.
[[nodiscard]] std::string nodeLabel(const Node &node);

/// Sets node_type and what else the label holds. A label that no server of today prints becomes the
/// node_type as it is. Returns whether it was a known one.
bool applyLabel(std::string_view label, Node &node);

/// Whether a line without any figures can only be the head of a node ("Seq Scan on t", "Limit").
[[nodiscard]] bool looksLikeHead(std::string_view line);

} // namespace howdah::plan
