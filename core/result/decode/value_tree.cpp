// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/decode/value_tree.h"

#include <algorithm>

#include "core/result/decode/tree_builder.h"
#include "core/result/value_kind.h"

namespace howdah::result::decode {

namespace {

using Kind = TreeNode::Kind;

bool isBlank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void appendUtf8(std::string &out, std::uint32_t c)
{
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

std::optional<std::uint32_t> hexNumber(std::string_view digits)
{
    std::uint32_t value = 0;
    for (const char c : digits) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0)
            return std::nullopt;
        value = value << 4 | static_cast<std::uint32_t>(digit);
    }
    return value;
}

/// Reads JSON without recursion: a text may be nested as deep as it likes.
class JsonReader
{
public:
    JsonReader(std::string_view text, TreeBounds bounds) : text_(text), builder_(bounds) { }
    std::optional<Tree> read()
    {
        std::string_view name;
        if (!value(name))
            return std::nullopt;
        while (builder_.depth() > 0) {
            if (builder_.tooDeep() || !step())
                return std::nullopt;
        }
        skip();
        return at_ == text_.size() ? std::optional(builder_.take()) : std::nullopt;
    }

private:
    void skip()
    {
        while (at_ < text_.size() && isBlank(text_[at_]))
            ++at_;
    }
    bool take(char c)
    {
        skip();
        if (at_ >= text_.size() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    bool string(std::string_view &out)
    {
        if (!take('"'))
            return false;
        const std::size_t begin = at_;
        while (at_ < text_.size() && text_[at_] != '"')
            at_ += text_[at_] == '\\' ? 2 : 1;
        if (at_ >= text_.size())
            return false;
        out = text_.substr(begin, at_++ - begin);
        return true;
    }
    /// The next member, element or end of what is open.
    bool step()
    {
        const bool object = kinds_.back() == Kind::Object;
        if (take(object ? '}' : ']')) {
            if (after_comma_)
                return false;
            builder_.close();
            kinds_.pop_back();
            need_comma_ = true;
            return true;
        }
        if (need_comma_ && !take(','))
            return false;
        after_comma_ = need_comma_;
        need_comma_ = false;
        if (after_comma_) { // an end may not follow
            skip();
            if (at_ < text_.size() && (text_[at_] == '}' || text_[at_] == ']'))
                return false;
        }
        std::string_view name;
        if (object && (!string(name) || !take(':')))
            return false;
        return value(name);
    }
    bool value(std::string_view name)
    {
        after_comma_ = false;
        skip();
        if (at_ >= text_.size())
            return false;
        TreeNode node;
        node.name = name;
        const char c = text_[at_];
        if (c == '{' || c == '[') {
            ++at_;
            node.kind = c == '{' ? Kind::Object : Kind::Array;
            builder_.open(node);
            kinds_.push_back(node.kind);
            need_comma_ = false;
            return true;
        }
        if (c == '"') {
            if (!string(node.value))
                return false;
        } else {
            const std::size_t begin = at_;
            while (at_ < text_.size() && !isBlank(text_[at_]) && text_[at_] != ',' && text_[at_] != '}' && text_[at_] != ']')
                ++at_;
            node.value = text_.substr(begin, at_ - begin);
            node.kind = node.value == "true" || node.value == "false" || node.value == "null" ? Kind::Word : Kind::Number;
            if (node.kind == Kind::Number && !isPlainNumber(node.value))
                return false;
        }
        builder_.add(node);
        need_comma_ = true;
        return true;
    }

    std::string_view text_;
    TreeBuilder builder_;
    std::vector<Kind> kinds_;
    std::size_t at_ = 0;
    bool need_comma_ = false;
    bool after_comma_ = false;
};

/// A name with anything but letters, digits and "_" is quoted in a path.
bool isPlainName(std::string_view name)
{
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    });
}

/// The how many-th of its name among the elements of its parent, from 1; 0 where it is the only one.
std::size_t numberAmongSame(const Tree &tree, std::uint32_t node)
{
    std::size_t before = 0, all = 0;
    for (const std::uint32_t sibling : tree.childrenOf(tree.nodes[node].parent)) {
        if (tree.nodes[sibling].kind != Kind::Element || tree.nodes[sibling].name != tree.nodes[node].name)
            continue;
        ++all;
        before += sibling < node ? 1 : 0;
    }
    return all > 1 ? before + 1 : 0;
}

} // namespace

std::vector<std::uint32_t> Tree::childrenOf(std::uint32_t node) const
{
    std::vector<std::uint32_t> children;
    for (std::uint32_t child = node + 1; child < nodes[node].end; child = nodes[child].end)
        children.push_back(child);
    return children;
}

std::optional<Tree> readJson(std::string_view text, TreeBounds bounds)
{
    return JsonReader(text, bounds).read();
}

std::optional<Tree> readArray(std::string_view text, char delimiter, TreeBounds bounds)
{
    std::size_t at = text.find('=') < text.find('{') ? text.find('=') + 1 : 0; // "[0:2]={…}"
    TreeBuilder builder(bounds);
    bool value_expected = true; ///< false: a delimiter or an end
    if (at >= text.size() || text[at] != '{')
        return std::nullopt;
    do {
        if (at >= text.size() || builder.tooDeep())
            return std::nullopt;
        const char c = text[at];
        if (c == '{') {
            if (!value_expected)
                return std::nullopt;
            TreeNode node;
            node.kind = Kind::Array;
            builder.open(node);
            ++at;
        } else if (c == '}') {
            builder.close();
            value_expected = false;
            ++at;
        } else if (c == delimiter) {
            if (value_expected)
                return std::nullopt;
            value_expected = true;
            ++at;
        } else {
            if (!value_expected)
                return std::nullopt;
            TreeNode node;
            const bool quoted = c == '"';
            const std::size_t begin = at += quoted ? 1 : 0;
            while (at < text.size() && (quoted ? text[at] != '"' : text[at] != delimiter && text[at] != '}'))
                at += text[at] == '\\' ? 2 : 1;
            if (at >= text.size())
                return std::nullopt;
            node.value = text.substr(begin, at - begin);
            node.kind = !quoted && node.value == "NULL" ? Kind::Word : !quoted && isPlainNumber(node.value) ? Kind::Number : Kind::Text;
            builder.add(node);
            at += quoted ? 1 : 0;
            value_expected = false;
        }
    } while (builder.depth() > 0);
    return at == text.size() ? std::optional(builder.take()) : std::nullopt;
}

std::string pathOf(const Tree &tree, std::uint32_t node)
{
    std::vector<std::uint32_t> way{node};
    while (way.back() != 0)
        way.push_back(tree.nodes[way.back()].parent);
    std::reverse(way.begin(), way.end());
    const bool xml = tree.nodes[0].kind == Kind::Element;
    // An array of PostgreSQL has no object in it anywhere near its root, and no "$".
    std::string path = xml ? "/" + std::string(tree.nodes[0].name) : "$";
    for (std::size_t i = 1; i < way.size(); ++i) {
        const TreeNode &step = tree.nodes[way[i]];
        if (xml) {
            path += step.kind == Kind::Attribute ? "/@" + std::string(step.name) : step.kind == Kind::Element ? "/" + std::string(step.name) : "/text()";
            if (const std::size_t number = step.kind == Kind::Element ? numberAmongSame(tree, way[i]) : 0; number > 0)
                path += "[" + std::to_string(number) + "]";
        } else if (tree.nodes[step.parent].kind == Kind::Array) {
            path += "[" + std::to_string(step.place) + "]";
        } else {
            path += isPlainName(step.name) ? "." + std::string(step.name) : ".\"" + std::string(step.name) + "\"";
        }
    }
    return path;
}

std::string unescapeJson(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 >= text.size()) {
            out += text[at];
            continue;
        }
        const char c = text[++at];
        static constexpr std::string_view letters = "nrtbf", meanings = "\n\r\t\b\f";
        if (const std::size_t known = letters.find(c); known != std::string_view::npos) {
            out += meanings[known];
        } else if (c == 'u') {
            auto code = hexNumber(text.substr(at + 1, 4));
            at += std::min<std::size_t>(4, text.size() - at - 1);
            if (code && *code >= 0xD800 && *code < 0xDC00 && text.substr(at + 1, 2) == "\\u") {
                const auto low = hexNumber(text.substr(at + 3, 4));
                if (low && *low >= 0xDC00 && *low < 0xE000) {
                    code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
                    at += 6;
                }
            }
            appendUtf8(out, code && !(*code >= 0xD800 && *code < 0xE000) ? *code : 0xFFFD);
        } else {
            out += c;
        }
    }
    return out;
}

std::string unescapeArray(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size())
            ++at;
        out += text[at];
    }
    return out;
}

std::string unescapeXml(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t end = text[at] == '&' ? text.substr(at, 12).find(';') : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += text[at];
            continue;
        }
        const std::string_view name = text.substr(at + 1, end - 1);
        static constexpr std::pair<std::string_view, char> known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
        const auto *found = std::find_if(std::begin(known), std::end(known), [&](const auto &k) { return k.first == name; });
        if (found != std::end(known)) {
            out += found->second;
        } else if (name.starts_with("#x") && hexNumber(name.substr(2)) && name.size() > 2 && name.size() < 9) {
            appendUtf8(out, std::min(*hexNumber(name.substr(2)), 0x10FFFFU));
        } else {
            out += text.substr(at, end + 1);
        }
        at += end;
    }
    return out;
}

} // namespace howdah::result::decode
