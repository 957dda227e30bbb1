// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/xml_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <vector>

#include "core/plan/utf8.h"

namespace howdah::plan {

namespace {

enum class Kind : std::uint8_t { Undecided, Group, List };

struct Element {
    std::string_view tag;
    std::size_t content = 0; ///< offset of its first byte
    Kind kind = Kind::Undecided;
};

bool isNameCharacter(char c)
{
    return c != '>' && c != '/' && c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != '<' && c != '=';
}

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

constexpr std::array<std::string_view, 4> planless{"Utility-Statement", "Notify", "CREATE-TABLE-AS",
                                                   "CREATE-MATERIALIZED-VIEW"};

bool isPlanless(std::string_view tag)
{
    return std::find(planless.begin(), planless.end(), tag) != planless.end();
}

/// Elements that are lists in EXPLAIN's other formats, empty or not.
bool isContainer(std::string_view tag)
{
    static constexpr std::array<std::string_view, 8> tags{"Plans",         "Workers",    "Triggers",  "Target-Tables",
                                                          "Grouping-Sets", "Group-Keys", "Hash-Keys", "Range-Table"};
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

bool isList(std::string_view tag, std::string_view first_child)
{
    if (first_child == "Item" || isContainer(tag))
        return true;
    if (tag == "explain")
        return first_child == "Query" || isPlanless(first_child);
    return tag.size() == first_child.size() + 1 && tag.starts_with(first_child) && tag.back() == 's';
}

class XmlReader
{
public:
    XmlReader(std::string_view input, std::size_t offset, PlanBuilder &builder)
        : input_(input), at_(offset), builder_(builder)
    {}

    XmlEnd run();

private:
    bool readTag();
    bool skipMarkup();
    void open(std::string_view tag);
    bool close(std::string_view tag, std::size_t text_end);
    void closeTop(std::size_t text_end);
    void empty(std::string_view tag);
    void announce(std::string_view tag);
    void checkBetween(std::size_t tag_start);
    std::string_view plainText(std::string_view raw);
    bool stop(std::string problem)
    {
        problem_ = std::move(problem);
        return false;
    }

    std::string_view input_;
    std::size_t at_;
    PlanBuilder &builder_;
    std::vector<Element> open_;
    std::size_t content_ = 0; ///< where the tag read last ended
    bool wrapped_ = false;    ///< the root was given a group around it
    std::string scratch_;
    std::string problem_;
    std::vector<Skipped> skipped_;
};

/// Tells the builder that a child of the innermost element begins, which shows what that element is.
void XmlReader::announce(std::string_view tag)
{
    if (open_.empty())
        return;
    Element &parent = open_.back();
    if (parent.kind == Kind::Undecided) {
        parent.kind = isList(parent.tag, tag) ? Kind::List : Kind::Group;
        if (parent.kind == Kind::List)
            builder_.beginList();
        else
            builder_.beginGroup();
    }
    if (parent.kind == Kind::Group)
        builder_.keyOfTag(tag);
}

/// Nothing but white space stands between elements, unless something was put around the lines.
void XmlReader::checkBetween(std::size_t tag_start)
{
    if (problem_.empty() && !open_.empty() && !isBlank(input_.substr(content_, tag_start - content_)))
        problem_ = "text between the elements";
}

void XmlReader::open(std::string_view tag)
{
    if (open_.empty() && tag == "Plan") {
        builder_.beginGroup();
        builder_.key("Plan");
        wrapped_ = true;
    }
    announce(tag);
    open_.push_back({tag, at_, Kind::Undecided});
}

/// "<Utility-Statement />", and what other writers make of an element without content.
void XmlReader::empty(std::string_view tag)
{
    announce(tag);
    if (isPlanless(tag))
        builder_.scalar(tag, Written::Quoted);
    else if (isContainer(tag) || (!open_.empty() && isContainer(open_.back().tag))) {
        builder_.beginList();
        builder_.endList();
    } else {
        builder_.scalar({}, Written::Untyped);
    }
}

std::string_view XmlReader::plainText(std::string_view raw)
{
    std::size_t from = 0;
    std::size_t mark = raw.find('&');
    if (mark == std::string_view::npos)
        return raw;
    scratch_.clear();
    while (mark != std::string_view::npos) {
        scratch_.append(raw, from, mark - from);
        const std::size_t end = raw.find(';', mark);
        const std::string_view name = raw.substr(mark + 1, end == std::string_view::npos ? 0 : end - mark - 1);
        std::uint32_t code = 0;
        if (name == "lt")
            code = '<';
        else if (name == "gt")
            code = '>';
        else if (name == "amp")
            code = '&';
        else if (name == "quot")
            code = '"';
        else if (name == "apos")
            code = '\'';
        else if (name.starts_with("#x") || name.starts_with("#X"))
            std::from_chars(name.data() + 2, name.data() + name.size(), code, 16);
        else if (name.starts_with('#'))
            std::from_chars(name.data() + 1, name.data() + name.size(), code, 10);
        if (code == 0 || code > 0x10FFFF) {
            scratch_ += '&';
            from = mark + 1;
        } else {
            appendUtf8(scratch_, code);
            from = end + 1;
        }
        mark = raw.find('&', from);
    }
    scratch_.append(raw.substr(from));
    return scratch_;
}

void XmlReader::closeTop(std::size_t text_end)
{
    const Element element = open_.back();
    open_.pop_back();
    if (element.kind == Kind::Group) {
        builder_.endGroup();
    } else if (element.kind == Kind::List) {
        builder_.endList();
    } else {
        const std::string_view raw = input_.substr(element.content, text_end - element.content);
        const bool in_container = isContainer(element.tag) || (!open_.empty() && isContainer(open_.back().tag));
        if (isBlank(raw) && (raw.find('\n') != std::string_view::npos || in_container || element.tag == "explain")) {
            builder_.beginList(); // "<Triggers>", "<Group-Key>": a list without items
            builder_.endList();
        } else {
            builder_.scalar(plainText(raw), Written::Untyped);
        }
    }
}

bool XmlReader::close(std::string_view tag, std::size_t text_end)
{
    const auto found = std::find_if(open_.rbegin(), open_.rend(), [tag](const Element &e) { return e.tag == tag; });
    if (found == open_.rend()) {
        noteSkipped(skipped_, text_end, "</" + std::string(tag) + "> closes nothing that is open");
        return true;
    }
    if (found != open_.rbegin() && problem_.empty())
        problem_ = "</" + std::string(tag) + "> comes before </" + std::string(open_.back().tag) + ">";
    const auto depth = static_cast<std::size_t>(open_.rend() - found) - 1;
    while (open_.size() > depth)
        closeTop(text_end);
    return true;
}

/// Declarations, comments and CDATA marks.
bool XmlReader::skipMarkup()
{
    const std::string_view rest = input_.substr(at_);
    const std::string_view end = rest.starts_with("<!--") ? "-->" : rest.starts_with("<?") ? "?>" : ">";
    const std::size_t found = rest.find(end);
    if (found == std::string_view::npos)
        return stop("the input ends before the XML does");
    at_ += found + end.size();
    return true;
}

/// At "<".
bool XmlReader::readTag()
{
    const std::size_t start = at_;
    if (start + 1 >= input_.size())
        return stop("the input ends before the XML does");
    if (input_[start + 1] == '!' || input_[start + 1] == '?')
        return skipMarkup();
    const bool closing = input_[start + 1] == '/';
    const std::size_t name = start + (closing ? 2 : 1);
    std::size_t end = name;
    while (end < input_.size() && isNameCharacter(input_[end]))
        ++end;
    const std::size_t right = input_.find('>', end);
    if (right == std::string_view::npos)
        return stop("the input ends inside a tag");
    const std::string_view tag = input_.substr(name, end - name);
    if (tag.empty()) {
        at_ = start + 1; // a bare "<", which no writer of XML leaves unescaped
        return true;
    }
    at_ = right + 1;
    if (!closing || (!open_.empty() && open_.back().kind != Kind::Undecided))
        checkBetween(start);
    content_ = at_;
    if (closing)
        return close(tag, start);
    if (input_[right - 1] == '/')
        empty(tag);
    else
        open(tag);
    return true;
}

XmlEnd XmlReader::run()
{
    bool good = true;
    do {
        const std::size_t next = input_.find('<', at_);
        if (next == std::string_view::npos) {
            good = stop("the input ends before the XML does");
            at_ = input_.size();
            break;
        }
        at_ = next;
        good = readTag();
    } while (good && !open_.empty());
    // A scalar that the end of the input cut in two is not a value to trust.
    if (!open_.empty() && open_.back().kind == Kind::Undecided)
        open_.pop_back();
    while (!open_.empty())
        closeTop(at_);
    if (wrapped_)
        builder_.endGroup();
    return {at_, std::move(problem_), std::move(skipped_)};
}

} // namespace

XmlEnd readXml(std::string_view input, std::size_t offset, PlanBuilder &builder)
{
    return XmlReader(input, offset, builder).run();
}

std::size_t findXml(std::string_view input, std::size_t from)
{
    static constexpr std::array<std::string_view, 4> roots{"<explain ", "<explain>", "<Query>", "<Plan>"};
    for (std::size_t at = input.find('<', from); at != std::string_view::npos; at = input.find('<', at + 1)) {
        for (const std::string_view root : roots) {
            if (input.substr(at, root.size()) == root)
                return at;
        }
    }
    return std::string_view::npos;
}

} // namespace howdah::plan
