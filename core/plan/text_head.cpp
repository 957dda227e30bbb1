// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/text_head.h"

#include "core/plan/keys.h"
#include "core/plan/labels.h"
#include "core/plan/text_lines.h"

namespace howdah::plan {

namespace {

bool eat(std::string_view &text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// A number off the front of the text.
bool takeReal(std::string_view &text, double &out)
{
    std::size_t length = 0;
    while (length < text.size()) {
        const char c = text[length];
        const bool exponent_sign = (c == '-' || c == '+') && length > 0 && text[length - 1] == 'e';
        // Two points in a row are EXPLAIN's "0.01..0.02".
        if (c == '.' && length + 1 < text.size() && text[length + 1] == '.')
            break;
        if (!((c >= '0' && c <= '9') || c == '.' || c == 'e' || (c == '-' && length == 0) || exponent_sign))
            break;
        ++length;
    }
    if (length == 0 || !parseReal(text.substr(0, length), out))
        return false;
    text.remove_prefix(length);
    return true;
}

bool readCost(std::string_view text, Node &node)
{
    double startup = 0;
    double total = 0;
    double rows = 0;
    double width = 0;
    if (!takeReal(text, startup) || !eat(text, "..") || !takeReal(text, total) || !eat(text, " rows=")
        || !takeReal(text, rows) || !eat(text, " width=") || !takeReal(text, width) || !text.empty())
        return false;
    node.startup_cost = startup;
    node.total_cost = total;
    node.plan_rows = rows;
    node.plan_width = static_cast<std::int64_t>(width);
    return true;
}

/// Takes "(prefix…)" off the end of the head; nothing when it does not stand there.
std::optional<std::string_view> takeFigures(std::string_view &head, std::string_view prefix)
{
    head = trimmedRight(head);
    if (!head.ends_with(')'))
        return std::nullopt;
    const std::size_t at = head.rfind(prefix);
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::string_view inner = head.substr(at + prefix.size(), head.size() - at - prefix.size() - 1);
    if (inner.find(')') != std::string_view::npos)
        return std::nullopt;
    head = trimmedRight(head.substr(0, at));
    return inner;
}

void applyTarget(std::string_view text, Node &node)
{
    Target target = takeTarget(text);
    const std::string &type = node.node_type;
    if (type == "Bitmap Index Scan") {
        node.index_name = std::move(target.name);
        return;
    }
    node.schema = std::move(target.schema);
    node.alias = target.alias.empty() ? target.name : std::move(target.alias);
    if (type == "Values Scan" || type == "Subquery Scan")
        return;
    if (type == "Function Scan")
        node.function_name = std::move(target.name);
    else if (type == "Table Function Scan")
        node.table_function_name = std::move(target.name);
    else if (type == "CTE Scan" || type == "WorkTable Scan")
        node.cte_name = std::move(target.name);
    else if (type == "Named Tuplestore Scan")
        node.tuplestore_name = std::move(target.name);
    else
        node.relation_name = std::move(target.name);
}

} // namespace

std::string takeIdentifier(std::string_view &text)
{
    std::string name;
    if (!text.starts_with('"')) {
        const std::size_t end = std::min(text.find_first_of(" ."), text.size());
        name = text.substr(0, end);
        text.remove_prefix(end);
        return name;
    }
    std::size_t at = 1;
    while (at < text.size()) {
        if (text[at] == '"') {
            if (at + 1 >= text.size() || text[at + 1] != '"')
                break;
            ++at;
        }
        name += text[at++];
    }
    text.remove_prefix(std::min(at + 1, text.size()));
    return name;
}

Target takeTarget(std::string_view &text)
{
    Target target;
    target.name = takeIdentifier(text);
    if (eat(text, ".")) {
        target.schema = std::move(target.name);
        target.name = takeIdentifier(text);
    }
    if (eat(text, " "))
        target.alias = takeIdentifier(text);
    return target;
}

bool readActual(std::string_view text, ActualFigures &out)
{
    double value = 0;
    if (eat(text, "time=")) {
        if (!takeReal(text, value))
            return false;
        out.startup_ms = value;
        if (!eat(text, "..") || !takeReal(text, value))
            return false;
        out.total_ms = value;
        eat(text, " ");
    }
    if (!eat(text, "rows="))
        return false;
    const std::string_view rows = text;
    if (!takeReal(text, value))
        return false;
    out.rows = value;
    out.fractional_rows = rows.substr(0, rows.size() - text.size()).find('.') != std::string_view::npos;
    if (!eat(text, " loops=") || !takeReal(text, value))
        return false;
    out.loops = value;
    return text.empty();
}

std::optional<HeadFacts> readHead(std::string_view head, Node &node)
{
    HeadFacts facts;
    head = trimmed(head);
    if (head.ends_with("(never executed)")) {
        head = trimmedRight(head.substr(0, head.size() - 16));
        facts.has_actual = true;
        node.never_executed = true;
        node.actual_rows = 0;
        node.loops = 0;
    } else if (std::string_view rest = head; const auto actual = takeFigures(rest, "(actual ")) {
        ActualFigures figures;
        if (readActual(*actual, figures)) {
            head = rest;
            facts.has_actual = true;
            facts.fractional_rows = figures.fractional_rows;
            node.actual_startup_ms = figures.startup_ms;
            node.actual_total_ms = figures.total_ms;
            node.actual_rows = figures.rows;
            node.loops = figures.loops;
            node.never_executed = figures.loops == 0.0;
        }
    }
    if (std::string_view rest = head; const auto cost = takeFigures(rest, "(cost=")) {
        if (readCost(*cost, node)) {
            head = rest;
            facts.has_cost = true;
        }
    }

    const std::size_t on = head.find(" on ");
    const std::size_t with_index = head.find(" using ");
    std::string_view label = head.substr(0, std::min(on, with_index));
    std::string_view rest = head.substr(label.size());
    const bool backward = label.ends_with(" Backward");
    if (backward)
        label.remove_suffix(9);
    facts.known_label = applyLabel(label, node);
    if (!facts.known_label && !facts.has_cost && !facts.has_actual)
        return std::nullopt;
    if (node.node_type == "Index Scan" || node.node_type == "Index Only Scan")
        node.scan_direction = backward ? "Backward" : "Forward";
    if (eat(rest, " using "))
        node.index_name = takeIdentifier(rest);
    if (eat(rest, " on "))
        applyTarget(rest, node);
    return facts;
}

} // namespace howdah::plan
