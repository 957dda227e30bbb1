// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/plan/model.h"
#include "core/plan/text_finish.h"
#include "core/plan/text_lines.h"
#include "core/plan/text_shapes.h"
#include "core/plan/text_values.h"

namespace howdah::plan {

/// Reads the lines of EXPLAIN's TEXT format; see readText(). The tree is in text_reader.cpp, what stands in sections of
/// its own (workers, targets, planning, JIT …) in text_sections.cpp.
class TextReader
{
public:
    TextReader(const std::vector<Line> &lines, std::vector<Diagnostic> &diagnostics)
        : lines_(lines), diagnostics_(diagnostics)
    {}

    std::vector<Plan> run();

private:
    struct Open {
        std::size_t column;
        NodeId node;
    };

    void readLine();
    std::string_view joinWrapped(std::string_view text);
    [[nodiscard]] bool goesOn(std::string_view text, const Line &next) const;
    [[nodiscard]] bool namesTarget(std::string_view text) const;
    [[nodiscard]] bool labelsSubplan(const Line &line) const;
    void takeBackComment();
    bool startPlan(std::string_view text, std::size_t column);
    bool readQueryText(std::string_view text);
    void readArrow(std::string_view text, std::size_t column);
    bool readLabel(std::string_view text, std::size_t column);
    bool readPlanLine(std::string_view text, std::size_t column);
    void readNodeLine(std::string_view text, std::size_t column);
    bool readWorkerLine(std::string_view text, std::size_t column);
    bool readTargetTable(std::string_view text, std::size_t column);
    void readPlanningLines(std::size_t column);
    void readSerializationLines(std::string_view value, std::size_t column);
    void readJitLines(std::size_t column, std::vector<Property> &out);
    PropertyValue readGroup(std::size_t column, int depth);
    void addNode(Node node, NodeId parent, std::size_t column);
    void endPlan();
    void say(std::string message) { diagnostics_.push_back({lines_[at_].number, std::move(message)}); }

    [[nodiscard]] Node &node() { return plan_.nodes[last_]; }
    [[nodiscard]] const Line *nextFilled() const;
    [[nodiscard]] bool deeperFollows(std::size_t column) const;
    [[nodiscard]] TextTarget nodeTarget();

    const std::vector<Line> &lines_;
    std::vector<Diagnostic> &diagnostics_;
    std::vector<Plan> plans_;
    Plan plan_;
    std::vector<Open> open_;
    std::vector<GroupKeyLine> group_keys_; ///< of the last node, until it is complete
    std::size_t at_ = 0;
    std::size_t base_ = 0;       ///< column of the root
    NodeId last_ = no_node;      ///< the node that property lines belong to
    bool deeper_seen_ = false;   ///< some line stood right of the root: indentation means something
    bool plan_level_ = false;    ///< the lines after the tree have begun
    Wrapping wrapping_;          ///< how a terminal, an editor or psql broke lines
    std::string joined_;         ///< the line at hand, put together from several
    bool gap_ = true;            ///< an empty line or a heading stood here: a new plan may start
    std::string pending_label_;  ///< "InitPlan 1 (returns $0)", waiting for its node
    std::size_t pending_column_ = 0;
    std::string query_text_;
    std::optional<double> log_duration_;
    std::vector<Property> query_properties_;
    bool in_query_text_ = false;
    std::optional<std::size_t> query_line_; ///< where the query text of the log message at hand began
    std::optional<std::size_t> worker_column_;
    std::optional<std::size_t> target_column_;
};

} // namespace howdah::plan
