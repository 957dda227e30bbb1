// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/text_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/plan/builder.h"
#include "core/plan/keys.h"
#include "core/plan/labels.h"
#include "core/plan/text_finish.h"
#include "core/plan/text_head.h"
#include "core/plan/text_shapes.h"
#include "core/plan/text_tree.h"
#include "core/plan/text_values.h"
#include "core/plan/utf8.h"

namespace howdah::plan {

const Line *TextReader::nextFilled() const
{
    for (std::size_t i = at_ + 1; i < lines_.size(); ++i) {
        if (lines_[i].boundary)
            return nullptr;
        if (!trimmed(lines_[i].text).empty())
            return &lines_[i];
    }
    return nullptr;
}

bool TextReader::deeperFollows(std::size_t column) const
{
    const Line *next = nextFilled();
    return next != nullptr && indentOf(next->text) > column;
}

TextTarget TextReader::nodeTarget()
{
    Node &n = node();
    return {&n, &n.properties, &n.buffers, &n.io, &n.wal, &plan_.io_style};
}

void TextReader::addNode(Node new_node, NodeId parent, std::size_t column)
{
    if (last_ != no_node)
        finishGroupKeys(node(), group_keys_);
    group_keys_.clear();
    const auto id = static_cast<NodeId>(plan_.nodes.size());
    new_node.parent = parent;
    new_node.subplan_name = std::move(pending_label_);
    pending_label_.clear();
    plan_.nodes.push_back(std::move(new_node));
    if (parent != no_node)
        plan_.nodes[parent].children.push_back(id);
    open_.push_back({column, id});
    last_ = id;
    worker_column_.reset();
    target_column_.reset();
}

void TextReader::endPlan()
{
    if (!plan_.nodes.empty() || !plan_.note.empty()) {
        if (last_ != no_node)
            finishGroupKeys(node(), group_keys_);
        finishTextPlan(plan_);
        plans_.push_back(std::move(plan_));
    }
    plan_ = Plan();
    group_keys_.clear();
    open_.clear();
    pending_label_.clear();
    last_ = no_node;
    deeper_seen_ = plan_level_ = false;
    worker_column_.reset();
    target_column_.reset();
}

/// auto_explain's "Query Text: …" (any number of lines) and "Query Parameters: …" stand before the plan.
bool TextReader::readQueryText(std::string_view text)
{
    constexpr std::string_view query = "Query Text: ";
    constexpr std::string_view parameters = "Query Parameters: ";
    if (text.starts_with(query)) {
        endPlan();
        query_text_ = text.substr(query.size());
        query_properties_.clear();
        in_query_text_ = true;
        query_line_ = at_;
        return true;
    }
    if (!in_query_text_)
        return false;
    if (text.starts_with(parameters))
        query_properties_.emplace_back("Query Parameters", PropertyValue{std::string(text.substr(parameters.size()))});
    else if (!query_properties_.empty()) // a value with a line feed in it
        std::get<std::string>(query_properties_.back().second.value) += "\n" + lines_[at_].text;
    else
        query_text_ += "\n" + lines_[at_].text;
    return true;
}

/// A statement's comment may hold a plan, and auto_explain's message has one only: the last. What stood before it, with
/// lines that are no plan's, was the statement's text.
void TextReader::takeBackComment()
{
    const bool odd = std::any_of(plan_.nodes.begin(), plan_.nodes.end(), [](const Node &node) { return !node.extra_lines.empty(); });
    if (!query_line_ || gap_ || plan_.nodes.empty() || plan_.execution_ms || !odd)
        return;
    std::string text(trimmed(lines_[*query_line_].text).substr(std::string_view("Query Text: ").size()));
    for (std::size_t line = *query_line_ + 1; line < at_; ++line)
        text += "\n" + lines_[line].text;
    query_text_ = std::move(text);
    log_duration_ = plan_.duration_ms;
    plan_ = Plan();
    last_ = no_node;
}

bool TextReader::startPlan(std::string_view text, std::size_t column)
{
    if (const std::string_view head = withoutCutFigures(text); head.size() < text.size() && looksLikeHead(head)) {
        text = head;
        gap_ = true;
        in_query_text_ = false;
        if (plan_.nodes.empty() || column <= base_)
            say("a node's line is cut off");
    }
    Node root;
    const std::optional<HeadFacts> facts = readHead(text, root);
    if (!facts)
        return false;
    const bool figures = facts->has_cost || facts->has_actual;
    // Without figures only a known label counts, and only where a plan can begin: inside a node the same
    // words name a target table, and in the text of a query they are SQL.
    if (!figures && (!gap_ || in_query_text_ || (!plan_.nodes.empty() && column > base_)))
        return false;
    if (figures && !plan_.nodes.empty() && column > base_ && !gap_ && deeper_seen_)
        say("a node without its arrow; read as the root of another plan");
    takeBackComment();
    endPlan();
    plan_.query_text = std::move(query_text_);
    plan_.duration_ms = std::exchange(log_duration_, std::nullopt);
    plan_.properties = std::move(query_properties_);
    query_text_.clear();
    query_properties_.clear();
    in_query_text_ = gap_ = false;
    base_ = column;
    plan_.fractional_rows = facts->fractional_rows;
    addNode(std::move(root), no_node, column);
    return true;
}

void TextReader::readArrow(std::string_view text, std::size_t column)
{
    text = trimmed(text.substr(2));
    if (const std::string_view head = withoutCutFigures(text); head.size() < text.size()) {
        text = head;
        say("a node's line is cut off");
    }
    Node child;
    const std::optional<HeadFacts> facts = readHead(text, child);
    if (!facts)
        child.node_type = text;
    if (plan_.nodes.empty()) {
        say("the plan's beginning is missing; read from its first node on");
        base_ = column;
        addNode(std::move(child), no_node, column);
        return;
    }
    plan_.fractional_rows = plan_.fractional_rows || (facts && facts->fractional_rows);
    deeper_seen_ = true;
    // A subplan hangs where its label stands, which may be right below the node's other children.
    const std::size_t hangs_at = pending_label_.empty() ? column : std::min(column, pending_column_);
    while (open_.size() > 1 && open_.back().column >= hangs_at)
        open_.pop_back();
    const NodeId parent = open_.back().node;
    addNode(std::move(child), parent, column);
}

/// A line followed by an arrow further right: "CTE c", "InitPlan 1 (returns $0)", "SubPlan any_1".
bool TextReader::readLabel(std::string_view text, std::size_t column)
{
    const Line *next = nextFilled();
    if (next == nullptr || !isArrow(trimmed(next->text)) || indentOf(next->text) <= column)
        return false;
    pending_label_ = text;
    pending_column_ = column;
    return true;
}

void TextReader::readNodeLine(std::string_view text, std::size_t column)
{
    if (column > base_)
        deeper_seen_ = true;
    if (readLabel(text, column) || readWorkerLine(text, column) || readTargetTable(text, column))
        return;
    const auto property = splitProperty(text);
    if (!property) {
        node().extra_lines.emplace_back(text);
        return;
    }
    const auto [key, value] = *property;
    if (node().node_type == "Aggregate" && (key == "Group Key" || key == "Hash Key" || key == "Sort Key")) {
        group_keys_.push_back({std::string(key), std::string(value), column});
        return;
    }
    if (value.empty() && deeperFollows(column) && findKey(key) == nullptr) {
        const std::string name(key);
        PropertyValue group = readGroup(column, 0);
        node().properties.emplace_back(name, std::move(group));
        return;
    }
    const std::size_t before = node().properties.size();
    if (!applyTextProperty(key, value, nodeTarget())) {
        node().properties.resize(before);
        node().extra_lines.emplace_back(text);
    }
}

/// Lines after the tree. Known ones count wherever they stand; others only in the root's own column.
bool TextReader::readPlanLine(std::string_view text, std::size_t column)
{
    const bool own_column = column <= base_ && (deeper_seen_ || plan_level_);
    if (text.starts_with("Trigger")) {
        TriggerTime trigger;
        if (readTrigger(text, trigger)) {
            plan_.triggers.push_back(std::move(trigger));
            return true;
        }
    }
    const auto property = splitProperty(text);
    if (!property) {
        if (own_column && plan_level_)
            plan_.extra_lines.emplace_back(text);
        return own_column && plan_level_;
    }
    const auto [key, value] = *property;
    double ms = 0;
    const bool time = value.ends_with(" ms") && parseReal(value.substr(0, value.size() - 3), ms);
    if ((key == "Planning Time" || key == "Planning time") && time) {
        plan_.planning_ms = ms;
    } else if ((key == "Execution Time" || key == "Execution time" || key == "Total runtime") && time) {
        plan_.execution_ms = ms;
    } else if (key == "Settings") {
        plan_.settings = readSettings(value);
    } else if (key == "Planning" && value.empty()) {
        readPlanningLines(column);
    } else if (key == "Serialization") {
        readSerializationLines(value, column);
    } else if (key == "JIT" && value.empty()) {
        readJitLines(column, plan_.jit);
    } else if (own_column || key == "Query Identifier") {
        const std::string name(key);
        const KeyInfo *info = findKey(name);
        if (value.empty() && deeperFollows(column))
            plan_.properties.emplace_back(name, readGroup(column, 0));
        else
            plan_.properties.emplace_back(
                name, typedValue(info == nullptr ? KeyType::Unknown : info->type, value, Written::Untyped));
    } else {
        return false;
    }
    return true;
}

/// "InitPlan 1 (returns $0)" over the arrow of its node: has no colon, and yet begins anew.
bool TextReader::labelsSubplan(const Line &line) const
{
    const std::string_view text = trimmed(line.text);
    if (!text.starts_with("InitPlan ") && !text.starts_with("SubPlan ") && !text.starts_with("CTE "))
        return false;
    const Line *below = &line + 1;
    return below != lines_.data() + lines_.size() && isArrow(trimmed(below->text)) && indentOf(below->text) > indentOf(line.text);
}

/// "Update on public.events_2024_07 events_1" below ModifyTable's own properties: no colon either.
bool TextReader::namesTarget(std::string_view text) const
{
    if (plan_.nodes.empty() || plan_.nodes[open_.back().node].node_type != "ModifyTable")
        return false;
    if (text.starts_with("Foreign "))
        text.remove_prefix(8);
    return text.starts_with(plan_.nodes[open_.back().node].operation + " on ");
}

bool TextReader::goesOn(std::string_view text, const Line &next) const
{
    const std::string_view rest = trimmed(next.text);
    if (next.boundary || rest.empty())
        return false;
    if (isFigures(rest))
        return text.find(rest.substr(0, 7)) == std::string_view::npos;
    const bool has_cost = text.find("(cost=") != std::string_view::npos;
    if (isArrow(text) && !has_cost && !isArrow(rest) && !plan_.nodes.empty() && plan_.nodes[0].total_cost
        && rest.find("(cost=") != std::string_view::npos)
        return true;
    if (beginsAnew(rest) || labelsSubplan(next) || namesTarget(rest))
        return false;
    if (isOpenEnded(text))
        return true;
    const std::size_t column = indentOf(next.text);
    // A value that was broken between two words.
    return charCount(text) >= 55 && !plan_.nodes.empty() && !isMessageHead(rest) && !splitProperty(rest)
           && splitProperty(text) && (column == 0 || column == indentOf(lines_[at_].text));
}

/// Lines that an e-mail, a terminal or a chat broke, put together again. What a line of a plan leaves open
/// shows that it goes on.
std::string_view TextReader::joinWrapped(std::string_view text)
{
    constexpr std::size_t most = 400;
    const auto fills = [this](std::size_t line) {
        const std::size_t width = charCount(lines_[line].text);
        return wrapping_.width > 0 && width <= wrapping_.width && width + 2 >= wrapping_.width && line + 1 < lines_.size()
               && !lines_[line + 1].boundary && indentOf(lines_[line + 1].text) <= 2 && !lines_[line + 1].text.empty()
               && !beginsAnew(trimmed(lines_[line + 1].text));
    };
    std::size_t end = at_ + 1;
    joined_.assign(text);
    for (; end < lines_.size() && end - at_ < most; ++end) {
        const Line &next = lines_[end];
        if (fills(end - 1)) {
            const std::size_t spaces = std::min(next.text.find_first_not_of(' '), next.text.size());
            const std::string_view rest = std::string_view(next.text).substr(std::min(wrapping_.margin, spaces));
            joined_.append(wrapping_.width - charCount(lines_[end - 1].text), ' ').append(rest);
        } else if (goesOn(joined_, next)) {
            if (isFigures(trimmed(next.text)))
                joined_ += "  ";
            else if (!joined_.ends_with("..") && !joined_.ends_with('(') && !fitsBest(joined_, trimmed(next.text)))
                joined_ += ' ';
            joined_.append(trimmed(next.text));
        } else {
            break;
        }
    }
    if (end == at_ + 1)
        return text;
    at_ = end - 1;
    return joined_;
}

void TextReader::readLine()
{
    const Line &line = lines_[at_];
    std::string_view text = trimmed(line.text);
    const auto startsPlan = [&] {
        return text.find("(cost=") != std::string_view::npos || text.find("(actual ") != std::string_view::npos
               || (at_ + 1 < lines_.size() && !in_query_text_ && isFigures(trimmed(lines_[at_ + 1].text)));
    };
    if (!line.boundary && !text.empty() && (plan_.nodes.empty() || in_query_text_ ? startsPlan() : true))
        text = joinWrapped(text);
    if (line.boundary) {
        in_query_text_ = false;
        gap_ = true;
        return;
    }
    if (text.empty()) {
        gap_ = gap_ || plan_level_ || !in_query_text_;
        return;
    }
    const std::size_t column = indentOf(line.text);
    if (column == 0 && isMessageHead(text)) {
        endPlan();
        query_line_.reset();
        log_duration_ = logDuration(text);
        in_query_text_ = false;
        gap_ = true;
        return;
    }
    if (isArrow(text) && (!in_query_text_ || !plan_.nodes.empty())) {
        readArrow(text, column);
        return;
    }
    if (startPlan(text, column) || readQueryText(text))
        return;
    if (plan_.nodes.empty()) {
        if (isPlanlessNote(text)) {
            endPlan();
            plan_.note = text;
            endPlan();
        }
        return; // junk before the plan: the statement, a prompt, a log line
    }
    if (readPlanLine(text, column)) {
        plan_level_ = true;
        return;
    }
    if (plan_level_ && column <= base_) {
        plan_.extra_lines.emplace_back(text);
        return;
    }
    readNodeLine(text, column);
}

std::vector<Plan> TextReader::run()
{
    wrapping_ = findWrapping(lines_);
    for (at_ = 0; at_ < lines_.size(); ++at_)
        readLine();
    endPlan();
    return std::move(plans_);
}

std::vector<Plan> readText(const std::vector<Line> &lines, std::vector<Diagnostic> &diagnostics)
{
    return TextReader(lines, diagnostics).run();
}

} // namespace howdah::plan
