// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/decode/tree_builder.h"
#include "core/result/decode/value_tree.h"

namespace howdah::result::decode {

namespace {

using Kind = TreeNode::Kind;

constexpr std::string_view blanks = " \t\r\n";

bool endsName(char c)
{
    return blanks.find(c) != std::string_view::npos || c == '>' || c == '/' || c == '=' || c == '<';
}

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(blanks);
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

class XmlReader
{
public:
    XmlReader(std::string_view text, TreeBounds bounds) : text_(text), builder_(bounds) { }
    std::optional<Tree> read()
    {
        while (at_ < text_.size()) {
            if (builder_.tooDeep() || !step())
                return std::nullopt;
        }
        return names_.empty() && !builder_.empty() ? std::optional(builder_.take()) : std::nullopt;
    }

private:
    [[nodiscard]] bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    /// What stands up to `end`, which is passed; nullopt where there is none.
    std::optional<std::string_view> upTo(std::string_view end)
    {
        const std::size_t found = text_.find(end, at_);
        if (found == std::string_view::npos)
            return std::nullopt;
        const std::string_view part = text_.substr(at_, found - at_);
        at_ = found + end.size();
        return part;
    }
    std::string_view name()
    {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !endsName(text_[at_]))
            ++at_;
        return text_.substr(begin, at_ - begin);
    }
    void skip()
    {
        at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
    }
    void leaf(Kind kind, std::string_view value, std::string_view leaf_name = {})
    {
        TreeNode node;
        node.kind = kind;
        node.name = leaf_name;
        node.value = value;
        builder_.add(node);
    }
    bool step()
    {
        if (text_[at_] != '<') {
            const std::size_t end = std::min(text_.find('<', at_), text_.size());
            const std::string_view value = trimmed(text_.substr(at_, end - at_));
            at_ = end;
            if (value.empty())
                return true;
            if (names_.empty())
                return false;
            leaf(Kind::Text, value);
            return true;
        }
        if (starts("<!--")) {
            at_ += 4;
            const auto comment = upTo("-->");
            if (comment && !names_.empty())
                leaf(Kind::Comment, trimmed(*comment));
            return comment.has_value();
        }
        if (starts("<![CDATA[")) {
            at_ += 9;
            const auto data = upTo("]]>");
            if (data && !names_.empty())
                leaf(Kind::Text, *data);
            return data.has_value() && !names_.empty();
        }
        if (starts("<?"))
            return upTo("?>").has_value();
        if (starts("<!"))
            return upTo(">").has_value();
        return starts("</") ? end() : begin();
    }
    bool end()
    {
        at_ += 2;
        const std::string_view closed = name();
        skip();
        if (names_.empty() || closed != names_.back() || !starts(">"))
            return false;
        ++at_;
        names_.pop_back();
        builder_.close();
        return true;
    }
    bool begin()
    {
        ++at_;
        TreeNode node;
        node.kind = Kind::Element;
        node.name = name();
        // A fragment may have several elements side by side; the first one is shown as the root only if it is alone.
        if (node.name.empty() || (names_.empty() && !builder_.empty()))
            return false;
        builder_.open(node);
        names_.push_back(node.name);
        for (;;) {
            skip();
            if (starts("/>")) {
                at_ += 2;
                names_.pop_back();
                builder_.close();
                return true;
            }
            if (starts(">")) {
                ++at_;
                return true;
            }
            const std::string_view attribute = name();
            skip();
            if (attribute.empty() || !starts("="))
                return false;
            ++at_;
            skip();
            const char quote = at_ < text_.size() ? text_[at_] : ' ';
            if (quote != '"' && quote != '\'')
                return false;
            ++at_;
            const auto value = upTo(std::string_view(&quote, 1));
            if (!value)
                return false;
            leaf(Kind::Attribute, *value, attribute);
        }
    }

    std::string_view text_;
    TreeBuilder builder_;
    std::vector<std::string_view> names_;
    std::size_t at_ = 0;
};

} // namespace

std::optional<Tree> readXml(std::string_view text, TreeBounds bounds)
{
    return XmlReader(text, bounds).read();
}

} // namespace howdah::result::decode
