// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/sql_highlighter.h"

#include <algorithm>

#include <QElapsedTimer>

#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Format>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/Theme>

#include "core/sql/lexer.h"
#include "ui/editor/scintilla.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

/// What may be coloured in one go before painting: about 25 ms.
constexpr int bytes_at_once = 48 * 1024;
/// Lines of a statement that are coloured above the screen to get its first line right.
constexpr int lines_of_approach = 300;
/// Longer lines are generated; they get plain colours from our own, much faster lexer.
constexpr int long_line = 16 * 1024;
constexpr qint64 slice_ms = 5;
constexpr int slice_pause_ms = 10;

const KSyntaxHighlighting::Definition &sqlDefinition()
{
    static const KSyntaxHighlighting::Repository repository;
    static const KSyntaxHighlighting::Definition definition =
        repository.definitionForName(QStringLiteral("SQL (PostgreSQL)"));
    return definition;
}

char plainStyle(sql::TokenKind kind)
{
    using KSyntaxHighlighting::Theme;
    switch (kind) {
    case sql::TokenKind::LineComment:
    case sql::TokenKind::BlockComment:
        return static_cast<char>(Theme::Comment);
    case sql::TokenKind::String:
    case sql::TokenKind::DollarString:
        return static_cast<char>(Theme::String);
    case sql::TokenKind::Number:
        return static_cast<char>(Theme::DecVal);
    default:
        return static_cast<char>(Theme::Normal);
    }
}

} // namespace

SqlHighlighter::SqlHighlighter(QsciScintilla *editor, std::function<int(int)> statement_line)
    : QObject(editor), editor_(editor), statement_line_(std::move(statement_line)), lines_(1)
{
    setDefinition(sqlDefinition());
    states_.emplace_back();
    sci::send(editor_, Sci::SCI_SETLEXER, int{Sci::SCLEX_CONTAINER});
    lines_.resize(static_cast<std::size_t>(sci::send(editor_, Sci::SCI_GETLINECOUNT)));
    connect(editor_, &Sci::SCN_STYLENEEDED, this, &SqlHighlighter::onStyleNeeded);
    connect(editor_, &Sci::SCN_MODIFIED, this,
            [this](int position, int type, const char *, int, int added, int, int, int, int, int) {
                onModified(position, type, added);
            });
    connect(editor_, &Sci::SCN_UPDATEUI, this, [this](int updated) {
        if ((updated & Sci::SC_UPDATE_V_SCROLL) != 0)
            colourVisible();
    });
    slice_.setInterval(slice_pause_ms);
    connect(&slice_, &QTimer::timeout, this, &SqlHighlighter::colourSlice);
    slice_.start();
}

bool SqlHighlighter::isComplete() const
{
    return !slice_.isActive();
}

bool SqlHighlighter::isStale(int line) const
{
    const Line &it = lines_[static_cast<std::size_t>(line)];
    if (it.after < 0)
        return true;
    const int before = line == 0 ? 0 : lines_[static_cast<std::size_t>(line) - 1].after;
    return before >= 0 && it.before != before;
}

/// The state to begin a line with; a guess where the line before it is not coloured.
int SqlHighlighter::stateBefore(int line) const
{
    return line == 0 ? 0 : std::max(0, lines_[static_cast<std::size_t>(line) - 1].after);
}

int SqlHighlighter::intern(const KSyntaxHighlighting::State &state)
{
    // Scripts have a handful of states; the newest are the likeliest.
    const auto found = std::find(states_.rbegin(), states_.rend(), state);
    if (found != states_.rend())
        return static_cast<int>(states_.rend() - found) - 1;
    states_.push_back(state);
    return static_cast<int>(states_.size()) - 1;
}

void SqlHighlighter::onModified(int position, int type, int lines_added)
{
    if ((type & (Sci::SC_MOD_INSERTTEXT | Sci::SC_MOD_DELETETEXT)) == 0)
        return;
    const int line = sci::lineOf(editor_, position);
    const auto next = lines_.begin() + std::min<std::ptrdiff_t>(line + 1, std::ssize(lines_));
    if (lines_added > 0)
        lines_.insert(next, static_cast<std::size_t>(lines_added), Line{});
    else if (lines_added < 0)
        lines_.erase(next, next + std::min<std::ptrdiff_t>(-lines_added, lines_.end() - next));
    lines_[static_cast<std::size_t>(line)] = {};
    first_stale_ = std::min(first_stale_, line);
    slice_.start();
}

void SqlHighlighter::onStyleNeeded(int position)
{
    if (inside_)
        return;
    const int first = sci::lineOf(editor_, static_cast<int>(sci::send(editor_, Sci::SCI_GETENDSTYLED)));
    const int last = sci::lineOf(editor_, position);
    // The rest follows in slices; Scintilla is told that all is done and what is visible is seen to by us.
    if (sci::lineStart(editor_, last + 1) - sci::lineStart(editor_, first) <= bytes_at_once)
        colour(first, last);
    else
        colourVisible();
    claimAll();
}

void SqlHighlighter::colourVisible()
{
    const int lines = static_cast<int>(lines_.size());
    const auto top = static_cast<int>(sci::send(editor_, Sci::SCI_DOCLINEFROMVISIBLE,
                                                sci::send(editor_, Sci::SCI_GETFIRSTVISIBLELINE)));
    const auto on_screen = static_cast<int>(sci::send(editor_, Sci::SCI_LINESONSCREEN));
    int first = std::clamp(top, 0, lines - 1);
    const int last = std::min(lines - 1, top + on_screen + 1);
    if (first > 0 && lines_[static_cast<std::size_t>(first) - 1].after < 0) {
        const int begin = statement_line_(first);
        if (begin >= 0 && begin < first && first - begin <= lines_of_approach)
            first = begin;
    }
    colour(first, last);
    claimAll();
}

/// Colours the stale lines among these, without the ones between that are right already.
void SqlHighlighter::colour(int first, int last)
{
    const int lines = static_cast<int>(lines_.size());
    last = std::min(last, lines - 1);
    int budget = 4 * bytes_at_once; // a screen of very long lines
    for (int line = first; line <= last && budget > 0; ++line) {
        if (!isStale(line))
            continue;
        const int begin = line;
        styles_.resize(0);
        while (line <= last && isStale(line) && budget > 0) {
            const auto before = styles_.size();
            colourLine(line);
            budget -= static_cast<int>(styles_.size() - before);
            ++line;
        }
        inside_ = true;
        sci::send(editor_, Sci::SCI_STARTSTYLING, sci::lineStart(editor_, begin));
        editor_->SendScintilla(Sci::SCI_SETSTYLINGEX, static_cast<unsigned long>(styles_.size()),
                               styles_.constData());
        inside_ = false;
    }
    if (first <= first_stale_ && last >= first_stale_)
        slice_.start();
}

void SqlHighlighter::claimAll()
{
    sci::send(editor_, Sci::SCI_STARTSTYLING, sci::length(editor_));
}

/// Appends the line's styles to styles_ and notes its states.
void SqlHighlighter::colourLine(int line)
{
    const int begin = sci::lineStart(editor_, line);
    const int size = sci::lineStart(editor_, line + 1) - begin;
    style_base_ = static_cast<int>(styles_.size());
    styles_.append(size, '\0');
    Line &it = lines_[static_cast<std::size_t>(line)];
    it.before = stateBefore(line);
    if (size > long_line) {
        colourLongLine(sci::bytes(editor_, begin, size), size);
        it.after = it.before;
        return;
    }
    const QByteArray raw = QByteArray::fromRawData(size > 0 ? sci::bytes(editor_, begin, size) : "", size);
    line_text_ = QString::fromUtf8(raw);
    line_is_ascii_ = line_text_.size() == size;
    char_at_ = 0;
    byte_at_ = 0;
    while (line_text_.endsWith(QLatin1Char('\n')) || line_text_.endsWith(QLatin1Char('\r')))
        line_text_.chop(1);
    const auto after = highlightLine(line_text_, states_[static_cast<std::size_t>(it.before)]);
    it.after = after == states_[static_cast<std::size_t>(it.before)] ? it.before : intern(after);
}

void SqlHighlighter::colourLongLine(const char *text, int size)
{
    sql::Lexer lexer(std::string_view(text, static_cast<std::size_t>(size)));
    sql::Token token;
    while (lexer.next(token)) {
        const auto from = styles_.begin() + style_base_ + static_cast<qsizetype>(token.span.begin.value);
        std::fill(from, from + static_cast<qsizetype>(token.span.size()), plainStyle(token.kind));
    }
}

void SqlHighlighter::applyFormat(int offset, int length, const KSyntaxHighlighting::Format &format)
{
    if (length <= 0)
        return;
    int begin = offset;
    int end = offset + length;
    if (!line_is_ascii_) {
        // Formats come from left to right: one walk over the line turns UTF-16 units into bytes.
        const auto toBytes = [this](int unit) {
            if (unit < char_at_) {
                char_at_ = 0;
                byte_at_ = 0;
            }
            byte_at_ += static_cast<int>(QStringView(line_text_).mid(char_at_, unit - char_at_).toUtf8().size());
            char_at_ = unit;
            return byte_at_;
        };
        begin = toBytes(begin);
        end = toBytes(end);
    }
    const auto style = static_cast<char>(format.textStyle());
    const auto limit = static_cast<int>(styles_.size()) - style_base_;
    std::fill(styles_.begin() + style_base_ + std::min(begin, limit),
              styles_.begin() + style_base_ + std::min(end, limit), style);
}

void SqlHighlighter::colourSlice()
{
    QElapsedTimer clock;
    clock.start();
    const int lines = static_cast<int>(lines_.size());
    while (clock.elapsed() < slice_ms) {
        while (first_stale_ < lines && !isStale(first_stale_))
            ++first_stale_;
        if (first_stale_ >= lines) {
            first_stale_ = lines;
            slice_.stop();
            break;
        }
        colour(first_stale_, std::min(lines - 1, first_stale_ + 20));
    }
    claimAll();
}

} // namespace howdah::ui
