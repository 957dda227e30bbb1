// SPDX-License-Identifier: GPL-3.0-or-later
#include <fmt/format.h>

#include "app/cli/plan_report.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"

namespace howdah::cli {

namespace {

/// Broken at blanks into lines of at most `columns` cells, each but the first below `indent` blanks.
std::string wrapped(const std::string &text, std::size_t indent, std::size_t columns)
{
    const std::size_t room = std::max<std::size_t>(columns, indent + 20) - indent;
    std::string out;
    std::size_t used = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = clipped(text.substr(at, end - at), room);
        const std::size_t width = displayWidth(word);
        if (used > 0 && used + 1 + width > room) {
            out += "\n" + std::string(indent, ' ');
            used = 0;
        } else if (used > 0) {
            out += " ";
            ++used;
        }
        out += word;
        used += width;
        at = end + 1;
    }
    return out;
}

Ink inkOf(plan::Severity severity)
{
    return severity == plan::Severity::Serious ? Ink::Red : severity == plan::Severity::Warning ? Ink::Yellow : Ink::Cyan;
}

std::string findingText(const plan::Plan &plan, const plan::Finding &finding, std::size_t columns, bool colored)
{
    constexpr std::size_t indent = 10;
    const std::string head = padded(severityWord(finding.severity), indent);
    std::string place = finding.rule;
    if (finding.node != plan::no_node)
        place += " at " + printable(nodeTitle(plan.nodes[finding.node]));
    if (finding.lost_ms > 0)
        place += ", about " + human::duration(finding.lost_ms);
    const std::string margin = "\n" + std::string(indent, ' ');
    std::string text = inked(head, inkOf(finding.severity), colored) + wrapped(printable(finding.message), indent, columns);
    text += margin + inked(clipped(place, columns - indent), Ink::Dim, colored);
    if (!finding.evidence.empty())
        text += margin + inked(wrapped(printable(finding.evidence), indent, columns), Ink::Dim, colored);
    // Not broken into lines: it is there to be copied.
    for (const std::string &fix : finding.fix_sql)
        text += margin + "try: " + printable(fix);
    return text + "\n";
}

} // namespace

const char *severityWord(plan::Severity severity)
{
    return severity == plan::Severity::Serious ? "serious" : severity == plan::Severity::Warning ? "warning" : "info";
}

std::string findingsText(const plan::Plan &plan, const std::vector<plan::Finding> &findings, std::size_t columns, bool colored)
{
    if (findings.empty())
        return {};
    std::string text = "\n" + inked(fmt::format("{} {}:", findings.size(), findings.size() == 1 ? "finding" : "findings"), Ink::Bold, colored) + "\n";
    for (const plan::Finding &finding : findings)
        text += findingText(plan, finding, columns, colored);
    return text;
}

} // namespace howdah::cli
