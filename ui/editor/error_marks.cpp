// SPDX-License-Identifier: GPL-3.0-or-later
// The part of SqlEditor that shows where a statement failed.
#include <algorithm>

#include "ui/editor/editor_theme.h"
#include "ui/editor/sql_editor.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

} // namespace

void SqlEditor::markError(ByteOffset at, ByteSpan within, const Error &error)
{
    const std::string text = utf8();
    markError({sql::offendingWord(text, std::min(at, ByteOffset{text.size()}), within), {}}, error);
}

void SqlEditor::markError(const sql::ErrorPlace &place, const Error &error)
{
    const ByteSpan word = place.mark;
    errors_.push_back(word);
    sci::send(this, Sci::SCI_SETINDICATORCURRENT, editor_indicator::error);
    sci::send(this, Sci::SCI_INDICATORFILLRANGE, word.begin.value, std::max<std::size_t>(1, word.size()));
    const int line = sci::lineOf(this, static_cast<int>(word.begin.value));
    markerAdd(line, editor_marker::error);
    std::string message = error.message;
    for (const std::string &more : {place.within.empty() ? std::string() : "in " + place.within, error.detail, error.hint}) {
        if (!more.empty())
            message += "\n" + more;
    }
    // A long detail would push the statement off the screen; Messages has all of it.
    constexpr std::size_t enough = 400;
    if (message.size() > enough) {
        message.resize(toBytes(message, toChars(message, {enough})).value);
        message += "…";
    }
    SendScintilla(Sci::SCI_ANNOTATIONSETTEXT, static_cast<unsigned long>(line), message.c_str());
    sci::send(this, Sci::SCI_ANNOTATIONSETSTYLE, line, editor_style::annotation);
}

void SqlEditor::clearErrors()
{
    if (errors_.empty())
        return;
    errors_.clear();
    sci::send(this, Sci::SCI_SETINDICATORCURRENT, editor_indicator::error);
    sci::send(this, Sci::SCI_INDICATORCLEARRANGE, 0, sci::length(this));
    markerDeleteAll(editor_marker::error);
    sci::send(this, Sci::SCI_ANNOTATIONCLEARALL);
}

} // namespace howdah::ui
