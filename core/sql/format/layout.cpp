// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/format/layout.h"

#include <utility>

namespace howdah::sql::format_detail {

namespace {

/// Characters, not bytes.
std::size_t columnsOf(std::string_view text)
{
    std::size_t columns = 0;
    for (const char c : text)
        columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    return columns;
}

class Printer
{
public:
    Printer(std::size_t width, std::size_t step) : width_(width), step_(step) {}

    void print(const Layout &layout, std::size_t level, bool flat)
    {
        switch (layout.kind) {
        case Layout::Kind::Text:
            write(layout.text, level);
            return;
        case Layout::Kind::HardBreak:
            breakLine();
            return;
        case Layout::Kind::Break:
            flat ? blank() : breakLine();
            return;
        case Layout::Kind::SoftBreak:
            if (!flat)
                breakLine();
            return;
        case Layout::Kind::Group:
            flat = flat || fits(layout, level);
            break;
        case Layout::Kind::Indent:
            ++level;
            break;
        case Layout::Kind::Sequence:
            break;
        }
        for (const Layout &part : layout.parts)
            print(part, level, flat && !layout.must_break);
    }

    std::string take() { return std::move(out_); }

private:
    [[nodiscard]] bool fits(const Layout &layout, std::size_t level) const
    {
        const std::size_t column = at_start_ ? level * step_ : column_;
        return !layout.must_break && layout.width <= layout.limit && column + layout.width <= width_;
    }

    void blank()
    {
        if (!at_start_)
            pending_ = true;
    }

    void breakLine()
    {
        pending_ = false;
        if (at_start_)
            return;
        out_ += '\n';
        at_start_ = true;
    }

    void write(const std::string &text, std::size_t level)
    {
        if (text.empty())
            return;
        if (at_start_) {
            out_.append(level * step_, ' ');
            column_ = level * step_;
        } else if (pending_) {
            out_ += ' ';
            ++column_;
        }
        at_start_ = pending_ = false;
        out_ += text;
        const std::size_t line = text.rfind('\n');
        column_ = line == std::string::npos ? column_ + columnsOf(text)
                                            : columnsOf(std::string_view(text).substr(line + 1));
    }

    std::size_t width_;
    std::size_t step_;
    std::string out_;
    std::size_t column_ = 0;
    bool at_start_ = true;
    bool pending_ = false;
};

Layout make(Layout::Kind kind, std::size_t width = 0)
{
    Layout layout;
    layout.kind = kind;
    layout.width = width;
    layout.must_break = kind == Layout::Kind::HardBreak;
    return layout;
}

} // namespace

Layout &Layout::add(Layout part)
{
    width += part.width;
    must_break = must_break || part.must_break;
    parts.push_back(std::move(part));
    return *this;
}

Layout &Layout::add(std::string_view added)
{
    return add(textOf(std::string(added)));
}

Layout textOf(std::string text)
{
    Layout layout = make(Layout::Kind::Text, columnsOf(std::string_view(text).substr(0, text.find('\n'))));
    layout.text = std::move(text);
    return layout;
}

Layout space()
{
    return make(Layout::Kind::Break, 1);
}

Layout softBreak()
{
    return make(Layout::Kind::SoftBreak);
}

Layout hardBreak()
{
    return make(Layout::Kind::HardBreak);
}

Layout group(std::size_t limit)
{
    Layout layout = make(Layout::Kind::Group);
    layout.limit = limit;
    return layout;
}

Layout indented()
{
    return make(Layout::Kind::Indent);
}

std::string print(const Layout &layout, std::size_t width, std::size_t indent)
{
    Printer printer(width, indent);
    printer.print(layout, 0, false);
    return printer.take();
}

} // namespace howdah::sql::format_detail
