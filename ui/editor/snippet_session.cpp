// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/snippet_session.h"

#include <algorithm>

#include <QKeyEvent>

#include "core/base/paths.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/scintilla.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

/// Scintilla keeps an indicator on its text whatever is typed before it, which is how places are found again.
int indicatorOf(int number)
{
    return editor_indicator::snippet + number - 1;
}

bool isWord(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::vector<workspace::Snippet> &loaded()
{
    static std::vector<workspace::Snippet> snippets;
    return snippets;
}

std::vector<std::pair<long, long>> placesOf(const QsciScintilla &editor, int indicator)
{
    std::vector<std::pair<long, long>> places;
    const long length = sci::length(&editor);
    for (long at = 0; at < length;) {
        const long end = sci::send(&editor, Sci::SCI_INDICATOREND, indicator, at);
        if (sci::send(&editor, Sci::SCI_INDICATORVALUEAT, indicator, at) != 0)
            places.emplace_back(at, end);
        if (end <= at)
            break;
        at = end;
    }
    return places;
}

void clear(QsciScintilla &editor, int indicator)
{
    sci::send(&editor, Sci::SCI_SETINDICATORCURRENT, indicator);
    sci::send(&editor, Sci::SCI_INDICATORCLEARRANGE, 0, sci::length(&editor));
}

} // namespace

SnippetSession::SnippetSession(QsciScintilla &editor) : editor_(editor)
{
    for (int number = 1; number <= editor_indicator::most_snippet_places; ++number)
        sci::send(&editor_, Sci::SCI_INDICSETSTYLE, indicatorOf(number), int{Sci::INDIC_HIDDEN});
}

const std::vector<workspace::Snippet> &SnippetSession::all()
{
    static bool first = true;
    if (first) {
        first = false;
        reload();
    }
    return loaded();
}

void SnippetSession::reload()
{
    // A file that cannot be read takes the user's snippets away for now, never the editor.
    if (auto snippets = workspace::loadSnippets(paths::config() / "snippets.json"))
        loaded() = std::move(*snippets);
}

bool SnippetSession::keyPressed(const QKeyEvent &event)
{
    if (isActive() && event.key() == Qt::Key_Escape) {
        end();
        return true;
    }
    if (event.key() != Qt::Key_Tab || event.modifiers() != Qt::NoModifier)
        return false;
    if (isActive()) {
        advance();
        return true;
    }
    return expand();
}

/// The word before the cursor, where it is a trigger.
bool SnippetSession::expand()
{
    if (sci::send(&editor_, Sci::SCI_GETSELECTIONS) > 1 || editor_.hasSelectedText())
        return false;
    const auto at = static_cast<int>(sci::send(&editor_, Sci::SCI_GETCURRENTPOS));
    const int length = sci::length(&editor_);
    if (at < length && isWord(static_cast<char>(sci::send(&editor_, Sci::SCI_GETCHARAT, at))))
        return false;
    int begin = at;
    while (begin > 0 && isWord(static_cast<char>(sci::send(&editor_, Sci::SCI_GETCHARAT, begin - 1))))
        --begin;
    if (begin == at)
        return false;
    const std::string_view word(sci::bytes(&editor_, begin, at - begin), static_cast<std::size_t>(at - begin));
    const auto &snippets = all();
    const auto found = std::ranges::find_if(snippets, [word](const workspace::Snippet &snippet) { return snippet.trigger == word; });
    if (found == snippets.end())
        return false;
    put(*found, begin, at);
    return true;
}

void SnippetSession::insert(const workspace::Snippet &snippet)
{
    put(snippet, static_cast<int>(sci::send(&editor_, Sci::SCI_GETSELECTIONSTART)),
        static_cast<int>(sci::send(&editor_, Sci::SCI_GETSELECTIONEND)));
}

void SnippetSession::put(const workspace::Snippet &snippet, int begin, int finish)
{
    end();
    const int line = sci::lineOf(&editor_, begin);
    const auto indentation = static_cast<std::size_t>(sci::send(&editor_, Sci::SCI_GETLINEINDENTATION, line));
    const workspace::SnippetText expanded = workspace::expandSnippet(snippet.body, std::string(indentation, ' '));
    sci::send(&editor_, Sci::SCI_BEGINUNDOACTION);
    sci::send(&editor_, Sci::SCI_SETTARGETRANGE, begin, finish);
    editor_.SendScintilla(Sci::SCI_REPLACETARGET, static_cast<unsigned long>(expanded.text.size()), expanded.text.c_str());
    sci::send(&editor_, Sci::SCI_ENDUNDOACTION);
    last_ = std::min<int>(static_cast<int>(expanded.places.size()), editor_indicator::most_snippet_places);
    for (int i = 0; i < last_; ++i) {
        sci::send(&editor_, Sci::SCI_SETINDICATORCURRENT, indicatorOf(i + 1));
        for (const ByteSpan &span : expanded.places[static_cast<std::size_t>(i)].spans)
            sci::send(&editor_, Sci::SCI_INDICATORFILLRANGE, begin + static_cast<int>(span.begin.value), span.size());
    }
    // Where it ends moves with what is typed before it: kept as a one-character range that holds the character before.
    const int stop = begin + static_cast<int>(expanded.end.value);
    if (last_ == 0) {
        sci::send(&editor_, Sci::SCI_GOTOPOS, stop);
        return;
    }
    if (stop > 0) {
        sci::send(&editor_, Sci::SCI_SETINDICATORCURRENT, int{editor_indicator::snippet_end});
        sci::send(&editor_, Sci::SCI_INDICSETSTYLE, int{editor_indicator::snippet_end}, int{Sci::INDIC_HIDDEN});
        sci::send(&editor_, Sci::SCI_INDICATORFILLRANGE, stop - 1, 1);
    }
    next_ = 1;
    advance();
}

void SnippetSession::advance()
{
    while (next_ <= last_) {
        const auto places = placesOf(editor_, indicatorOf(next_));
        clear(editor_, indicatorOf(next_));
        ++next_;
        if (places.empty())
            continue; // it was deleted
        sci::send(&editor_, Sci::SCI_SETSELECTION, places.front().second, places.front().first);
        for (std::size_t i = 1; i < places.size(); ++i)
            sci::send(&editor_, Sci::SCI_ADDSELECTION, places[i].second, places[i].first);
        sci::send(&editor_, Sci::SCI_SETMAINSELECTION, 0);
        sci::send(&editor_, Sci::SCI_SCROLLCARET);
        return;
    }
    const auto stop = placesOf(editor_, editor_indicator::snippet_end);
    if (!stop.empty())
        sci::send(&editor_, Sci::SCI_GOTOPOS, stop.front().second);
    end();
}

void SnippetSession::end()
{
    if (!isActive())
        return;
    for (int number = 1; number <= last_; ++number)
        clear(editor_, indicatorOf(number));
    clear(editor_, editor_indicator::snippet_end);
    next_ = last_ = 0;
}

} // namespace howdah::ui
