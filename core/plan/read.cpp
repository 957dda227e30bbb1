// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/model.h"

#include <algorithm>
#include <utility>

#include "core/plan/json_reader.h"
#include "core/plan/keys.h"
#include "core/plan/log_messages.h"
#include "core/plan/text_lines.h"
#include "core/plan/text_reader.h"
#include "core/plan/utf8.h"
#include "core/plan/xml_reader.h"
#include "core/plan/yaml_reader.h"

namespace howdah::plan {

namespace {

/// Tells line numbers of offsets that only grow, in linear time altogether.
class LineCounter
{
public:
    LineCounter(std::string_view text, std::size_t first_line) : text_(text), line_(first_line) {}

    std::size_t at(std::size_t offset)
    {
        offset = std::min(offset, text_.size());
        if (offset > counted_) {
            line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                                         text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
            counted_ = offset;
        }
        return line_;
    }

private:
    std::string_view text_;
    std::size_t counted_ = 0;
    std::size_t line_;
};

constexpr std::string_view beginning_missing = "the plan's beginning is missing; read from its first node on";

/// Whether the XML at `at` was cut out of a larger plan: other elements stand before it.
bool beginsInsideXml(std::string_view text, std::size_t at)
{
    return text.substr(at).starts_with("<Plan>") && text.substr(0, at).find("</") != std::string_view::npos;
}

/// Whether the node at `at` was cut out of a larger plan: its parent's keys stand before it.
bool beginsInsideYaml(std::string_view text, std::size_t at)
{
    const std::string_view before = text.substr(0, at);
    return before.find("Plans:") != std::string_view::npos || before.find("Plan Width: ") != std::string_view::npos
           || before.find("Actual Loops: ") != std::string_view::npos;
}

/// One stretch of text that holds plans: the whole input, or what one log message holds.
class BodyReader
{
public:
    BodyReader(std::string_view text, std::size_t first_line, ReadResult &result)
        : text_(text), first_line_(first_line), result_(result)
    {}

    bool readBare(std::string_view text);
    bool read();

private:
    bool readJsonDocuments(std::string_view text);
    bool readXmlDocuments(std::string_view text);
    bool readYamlDocuments(std::string_view text);
    bool readTextLines(const std::vector<Line> &lines);
    bool readJsonFromInside(std::string_view text);
    template <typename End> bool keep(PlanBuilder &builder, Format format, LineCounter &lines, const End &end);

    std::string_view text_;
    std::string plain_; ///< text_ without the quotes of a cell
    std::size_t first_line_;
    ReadResult &result_;
};

template <typename End>
bool BodyReader::keep(PlanBuilder &builder, Format format, LineCounter &lines, const End &end)
{
    if (!builder.hasPlans())
        return false;
    for (const Skipped &skipped : end.skipped)
        result_.diagnostics.push_back({lines.at(skipped.offset), skipped.problem});
    if (!end.problem.empty())
        result_.diagnostics.push_back({lines.at(end.offset), end.problem});
    result_.format = format;
    for (Plan &plan : builder.takePlans())
        result_.plans.push_back(std::move(plan));
    return true;
}

/// A document whose first lines were not copied: it begins with a key of a node, in the middle of an object.
bool BodyReader::readJsonFromInside(std::string_view text)
{
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text[start] != '"')
        return false;
    std::string key;
    const std::size_t after = text.find_first_not_of(" \t", readJsonString(text, start, key));
    if (after == std::string_view::npos || text[after] != ':' || findKey(key) == nullptr)
        return false;
    // Its node type may be among what is missing.
    const std::string whole = R"({"Plan": {"Node Type": "Unknown node", )" + std::string(text);
    PlanBuilder builder;
    const JsonEnd end = readJson(whole, 0, builder);
    builder.finish();
    LineCounter lines(whole, first_line_);
    if (!keep(builder, Format::Json, lines, end))
        return false;
    result_.diagnostics.push_back({LineCounter(text, first_line_).at(start), std::string(beginning_missing)});
    return true;
}

/// Every JSON value that begins at the start of a line and holds a plan.
bool BodyReader::readJsonDocuments(std::string_view text)
{
    LineCounter lines(text, first_line_);
    bool found = false;
    bool line_start = true;
    std::size_t failures = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (line_start && (c == '[' || c == '{')) {
            PlanBuilder builder;
            const JsonEnd end = readJson(text, at, builder);
            builder.finish();
            if (keep(builder, Format::Json, lines, end)) {
                found = true;
                at = std::max(at, end.offset == 0 ? at : end.offset - 1);
                continue;
            }
            // Whole JSON of another kind is stepped over, not tried again from each of its lines; and text
            // that is full of brackets but no JSON must not cost a look at all of it for each of them.
            if (end.problem.empty() && end.offset > at)
                at = end.offset - 1;
            else if (end.offset - at > 10'000 && ++failures > 20)
                return found;
        } else if (!line_start) {
            const std::size_t next = text.find('\n', at);
            if (next == std::string_view::npos)
                break;
            at = next;
            line_start = true;
            continue;
        }
        line_start = c == '\n' || (line_start && (c == ' ' || c == '\t' || c == '\r'));
    }
    return found;
}

bool BodyReader::readXmlDocuments(std::string_view text)
{
    LineCounter lines(text, first_line_);
    bool found = false;
    for (std::size_t at = findXml(text, 0); at != std::string_view::npos; at = findXml(text, at)) {
        PlanBuilder builder;
        const XmlEnd end = readXml(text, at, builder);
        builder.finish();
        if (builder.hasPlans() && !found && beginsInsideXml(text, at))
            result_.diagnostics.push_back({first_line_, std::string(beginning_missing)});
        found = keep(builder, Format::Xml, lines, end) || found;
        at = std::max(at + 1, end.offset);
    }
    return found;
}

bool BodyReader::readYamlDocuments(std::string_view text)
{
    LineCounter lines(text, first_line_);
    bool found = false;
    for (std::size_t at = findYaml(text, 0); at != std::string_view::npos; at = findYaml(text, at)) {
        PlanBuilder builder;
        const YamlEnd end = readYaml(text, at, builder);
        builder.finish();
        if (builder.hasPlans() && !found && beginsInsideYaml(text, at))
            result_.diagnostics.push_back({first_line_, std::string(beginning_missing)});
        found = keep(builder, Format::Yaml, lines, end) || found;
        at = std::max(at + 1, end.offset);
    }
    return found;
}

bool BodyReader::readBare(std::string_view text)
{
    return readJsonFromInside(text) || readJsonDocuments(text) || readXmlDocuments(text) || readYamlDocuments(text);
}

bool hasDoubledQuotes(std::string_view text)
{
    for (const std::string_view word : {"\"\"Node Type\"\"", "\"\"Plan\"\"", "Node Type: \"\"", "xmlns=\"\""}) {
        if (text.find(word) != std::string_view::npos)
            return true;
    }
    // TEXT of several lines in one quoted cell.
    text = trimmed(text);
    const std::string_view first = trimmed(text.substr(0, text.find('\n')));
    return first.size() < text.size() && first.starts_with('"') && !first.ends_with('"') && text.ends_with('"');
}

/// A cell as pgAdmin and CSV copy it: quotes around the whole, each quote inside doubled.
std::string undoubled(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') {
            if (at + 1 >= text.size() || text[at + 1] != '"')
                continue; // the outer ones
            ++at;
        }
        out += text[at];
    }
    return out;
}

/// A JSON document that was itself put into a JSON string: "[{\"Plan\": …", alone or in a driver's row.
bool unescaped(std::string_view text, std::string &out)
{
    std::size_t quote = text.find("\\\"Node Type\\\"");
    if (quote == std::string_view::npos)
        return false;
    if (const std::string_view bare = trimmed(text); bare.starts_with('[') || bare.starts_with('{')) {
        // The string's content without its quotes. Only that has a backslash before its first quote.
        if (const std::size_t first = bare.find('"'); first > 0 && bare[first - 1] == '\\') {
            const std::string whole = "\"" + std::string(bare) + "\"";
            return readJsonString(whole, 0, out) > 0;
        }
    }
    while (quote > 0 && !(text[quote] == '"' && text[quote - 1] != '\\'))
        --quote;
    return text[quote] == '"' && readJsonString(text, quote, out) > quote;
}

/// TEXT whose lines a driver gave as rows: [{"QUERY PLAN": "Limit  (cost=…"}, …]. All strings with a plan's look,
/// joined.
bool rowsOfText(std::string_view text, std::string &out)
{
    const std::string_view start = trimmed(text);
    if (!(start.starts_with('[') || start.starts_with('{')) || text.find("\"QUERY PLAN\"") == std::string_view::npos)
        return false;
    std::string value;
    bool found = false;
    for (std::size_t at = text.find('"'); at != std::string_view::npos; at = text.find('"', at)) {
        at = readJsonString(text, at, value);
        const std::size_t next = text.find_first_not_of(" \t\r\n", at);
        if (next != std::string_view::npos && text[next] == ':')
            continue; // a key
        out.append(value).push_back('\n');
        found = true;
    }
    return found;
}

/// Whether frames, quotes or line marks may stand around JSON, XML or YAML.
bool mayBeFramed(const std::vector<Line> &lines)
{
    return std::any_of(lines.begin(), lines.end(), [](const Line &line) {
        const std::string_view text = trimmed(line.text);
        return text.starts_with('[') || text.starts_with('{') || text.starts_with('<') || text.starts_with("- Plan:")
               || text.starts_with("Plan:");
    });
}

bool BodyReader::read()
{
    const std::size_t plans_before = result_.plans.size();
    const std::size_t first_diagnostic = result_.diagnostics.size();
    const auto good = [&] {
        return std::any_of(result_.plans.begin() + static_cast<std::ptrdiff_t>(plans_before), result_.plans.end(),
                           [](const Plan &plan) { return !plan.nodes.empty() || !plan.note.empty(); });
    };
    const auto undo = [&] {
        result_.plans.resize(plans_before);
        result_.diagnostics.resize(first_diagnostic);
    };
    if (hasDoubledQuotes(text_)) {
        plain_ = undoubled(text_);
        if (readBare(plain_) && good())
            return true;
        undo();
        if (text_.find("\"\"Node Type\"\"") == std::string_view::npos)
            text_ = plain_;
    }
    const bool whole = readBare(text_) && result_.diagnostics.size() == first_diagnostic;
    if (whole && good())
        return true;
    // Read as far as it went, or not at all: perhaps something stands around it.
    ReadResult as_is;
    std::move(result_.plans.begin() + static_cast<std::ptrdiff_t>(plans_before), result_.plans.end(),
              std::back_inserter(as_is.plans));
    std::move(result_.diagnostics.begin() + static_cast<std::ptrdiff_t>(first_diagnostic), result_.diagnostics.end(),
              std::back_inserter(as_is.diagnostics));
    const Format as_is_format = result_.format;
    undo();
    const std::vector<Line> lines = bareLines(text_);
    if (mayBeFramed(lines)) {
        std::string bare;
        for (const Line &line : lines)
            bare.append(line.text).push_back('\n');
        std::string inner;
        if ((readBare(bare) || (unescaped(text_, inner) && readBare(inner))) && good()) {
            // Lines of the frame were left out: back to the input's numbers.
            for (std::size_t i = first_diagnostic; i < result_.diagnostics.size(); ++i) {
                const std::size_t at = result_.diagnostics[i].line - first_line_;
                if (inner.empty() && !lines.empty())
                    result_.diagnostics[i].line = first_line_ + lines[std::min(at, lines.size() - 1)].number - 1;
            }
            if (as_is.plans.empty() || result_.diagnostics.size() == first_diagnostic)
                return true;
        }
        undo();
    }
    if (std::any_of(as_is.plans.begin(), as_is.plans.end(), [](const Plan &plan) { return !plan.nodes.empty(); })) {
        std::move(as_is.plans.begin(), as_is.plans.end(), std::back_inserter(result_.plans));
        std::move(as_is.diagnostics.begin(), as_is.diagnostics.end(), std::back_inserter(result_.diagnostics));
        result_.format = as_is_format;
        return true;
    }
    std::string inner;
    if (unescaped(text_, inner) && readBare(inner) && good())
        return true;
    undo();
    if (inner.clear(); rowsOfText(text_, inner)) {
        text_ = inner;
        return readTextLines(bareLines(inner));
    }
    return readTextLines(lines);
}

bool BodyReader::readTextLines(const std::vector<Line> &lines)
{
    const std::size_t plans_before = result_.plans.size();
    std::vector<Diagnostic> found;
    for (Plan &plan : readText(lines, found))
        result_.plans.push_back(std::move(plan));
    for (Diagnostic &diagnostic : found) {
        diagnostic.line += first_line_ - 1;
        result_.diagnostics.push_back(std::move(diagnostic));
    }
    result_.format = Format::Text;
    return result_.plans.size() > plans_before;
}

/// Files that PowerShell wrote are UTF-16.
std::string fromUtf16(std::string_view input, bool little)
{
    std::string out;
    std::uint32_t high = 0;
    for (std::size_t at = 2; at + 1 < input.size(); at += 2) {
        const auto a = static_cast<unsigned char>(input[at]);
        const auto b = static_cast<unsigned char>(input[at + 1]);
        const std::uint32_t unit = little ? a | (b << 8U) : b | (a << 8U);
        if (unit >= 0xD800 && unit < 0xDC00) {
            high = unit;
        } else if (unit >= 0xDC00 && unit < 0xE000) {
            appendUtf8(out, high != 0 ? 0x10000 + ((high - 0xD800) << 10U) + (unit - 0xDC00) : 0xFFFD);
            high = 0;
        } else {
            appendUtf8(out, unit);
        }
    }
    return out;
}

/// "[]" and an empty "<explain>" are what JSON and XML have for "Query rewrites to nothing".
bool isEmptyDocument(std::string_view input)
{
    input = trimmed(input);
    if (input.size() > 200)
        return false;
    if (input.starts_with('[') && input.ends_with(']'))
        return trimmed(input.substr(1, input.size() - 2)).empty();
    const std::size_t open = input.find('>');
    return input.starts_with("<explain ") && input.ends_with("</explain>") && open != std::string_view::npos
           && trimmed(input.substr(open + 1, input.size() - open - 1 - 10)).empty();
}

void readLog(std::vector<LogMessage> messages, ReadResult &result)
{
    for (LogMessage &message : messages) {
        const std::size_t before = result.plans.size();
        BodyReader(message.text, message.line, result).read();
        for (std::size_t i = before; i < result.plans.size(); ++i)
            result.plans[i].duration_ms = message.duration_ms;
        if (result.plans.size() == before)
            result.diagnostics.push_back({message.line, "no plan could be read from this log message"});
    }
}

} // namespace

Result<ReadResult> read(std::string_view input)
{
    std::string converted;
    if (input.starts_with("\xFF\xFE") || input.starts_with("\xFE\xFF")) {
        converted = fromUtf16(input, input[0] == '\xFF');
        input = converted;
    }
    if (input.starts_with("\xEF\xBB\xBF"))
        input.remove_prefix(3);
    ReadResult result;
    readLog(planMessages(input), result);
    if (!result.plans.empty())
        return result;
    result.diagnostics.clear();
    if (isEmptyDocument(input)) {
        result.format = trimmed(input).starts_with('<') ? Format::Xml : Format::Json;
        result.plans.emplace_back().note = "Query rewrites to nothing";
        return result;
    }
    if (BodyReader(input, 1, result).read())
        return result;
    return fail(ErrorKind::Parse, "No plan was found in this text.",
                "Paste the whole output of EXPLAIN: TEXT, JSON, XML or YAML.");
}

} // namespace howdah::plan
