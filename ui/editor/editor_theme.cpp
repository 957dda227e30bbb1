// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/editor_theme.h"

#include <utility>

#include <QFontInfo>

#include <KSyntaxHighlighting/Theme>

#include "ui/base/palette.h"
#include "ui/editor/scintilla.h"

namespace howdah::ui {

namespace {

using Syntax = KSyntaxHighlighting::Theme;
using Sci = QsciScintillaBase;

constexpr int text_styles = 31;

struct Ink {
    int style;
    const char *light;
    const char *dark;
};

// Keywords purple, names that the server knows blue, text orange, figures teal: apart for colour-blind eyes too.
constexpr Ink inks[] = {
    {Syntax::Keyword, "#7a2ca3", "#cf9bf2"},       {Syntax::ControlFlow, "#7a2ca3", "#cf9bf2"},
    {Syntax::Function, "#2461dc", "#7fb0ff"},      {Syntax::BuiltIn, "#2461dc", "#7fb0ff"},
    {Syntax::DataType, "#0b7285", "#6fd0dc"},      {Syntax::Variable, "#0b7285", "#6fd0dc"},
    {Syntax::String, "#a8470f", "#e8a87c"},        {Syntax::VerbatimString, "#a8470f", "#e8a87c"},
    {Syntax::SpecialString, "#a8470f", "#e8a87c"}, {Syntax::Char, "#a8470f", "#e8a87c"},
    {Syntax::SpecialChar, "#b82c46", "#ff9aa8"},   {Syntax::DecVal, "#0f7a6c", "#6fd6c4"},
    {Syntax::BaseN, "#0f7a6c", "#6fd6c4"},         {Syntax::Float, "#0f7a6c", "#6fd6c4"},
    {Syntax::Constant, "#0f7a6c", "#6fd6c4"},      {Syntax::Preprocessor, "#8a5a0f", "#e5b25d"},
};

/// Scintilla takes one name: the first face of the list that this machine has.
QString family(const QFont &font)
{
    return QFontInfo(font).family();
}

void setStyle(QsciScintilla &editor, int style, const QFont &font, const QColor &ink, const QColor &ground)
{
    editor.SendScintilla(Sci::SCI_STYLESETFONT, static_cast<unsigned long>(style),
                         family(font).toUtf8().constData());
    // Fractional sizes count hundredths of a point; the font is given in pixels of 96 to the inch.
    const double points = font.pixelSize() > 0 ? font.pixelSize() * 0.75 : font.pointSizeF();
    sci::send(&editor, Sci::SCI_STYLESETSIZEFRACTIONAL, style, qRound(points * 100));
    editor.SendScintilla(Sci::SCI_STYLESETFORE, static_cast<unsigned long>(style), ink);
    editor.SendScintilla(Sci::SCI_STYLESETBACK, static_cast<unsigned long>(style), ground);
}

void styleText(QsciScintilla &editor)
{
    const Colors &c = colors();
    const QFont font = monoFont();
    setStyle(editor, Sci::STYLE_DEFAULT, font, c.text, c.panel);
    sci::send(&editor, Sci::SCI_STYLECLEARALL);
    for (int style = 0; style < text_styles; ++style)
        editor.SendScintilla(Sci::SCI_STYLESETFORE, static_cast<unsigned long>(style), syntaxInk(style, c.dark));
    sci::send(&editor, Sci::SCI_STYLESETITALIC, int{Syntax::Comment}, 1);
    sci::send(&editor, Sci::SCI_STYLESETITALIC, int{Syntax::Documentation}, 1);
    setStyle(editor, Sci::STYLE_LINENUMBER, font, c.dim, c.panel);
    setStyle(editor, editor_style::annotation, textFont(), c.bad_ink, c.bad_tint);
    setStyle(editor, Sci::STYLE_BRACELIGHT, font, c.accent_ink, c.on_tint);
    sci::send(&editor, Sci::SCI_STYLESETBOLD, int{Sci::STYLE_BRACELIGHT}, 1);
    setStyle(editor, Sci::STYLE_BRACEBAD, font, c.bad_ink, c.bad_tint);
}

void styleMarks(QsciScintilla &editor)
{
    const Colors &c = colors();
    editor.setMarkerBackgroundColor(c.accent, editor_marker::statement);
    editor.setMarkerForegroundColor(c.accent, editor_marker::statement);
    editor.setMarkerBackgroundColor(c.bad, editor_marker::error);
    editor.setMarkerForegroundColor(c.bad, editor_marker::error);
    editor.setIndicatorForegroundColor(c.bad, editor_indicator::error);
    // Shared with the second view, which has no other indicators of its own.
    for (const auto &[indicator, colour] : {std::pair{editor_indicator::lint_info, c.accent}, {editor_indicator::lint_warning, c.warn}, {editor_indicator::lint_serious, c.bad}}) {
        editor.indicatorDefine(QsciScintilla::SquiggleIndicator, indicator);
        editor.setIndicatorForegroundColor(colour, indicator);
    }
    QColor found = c.warn;
    found.setAlpha(c.dark ? 90 : 70);
    editor.setIndicatorForegroundColor(found, editor_indicator::found);
    editor.setIndicatorOutlineColor(c.warn, editor_indicator::found);
    QColor highlight = c.accent;
    highlight.setAlpha(c.dark ? 70 : 45);
    editor.setIndicatorForegroundColor(highlight, editor_indicator::highlight);
    editor.setIndicatorOutlineColor(highlight, editor_indicator::highlight);
}

} // namespace

QColor syntaxInk(int text_style, bool dark)
{
    for (const Ink &ink : inks) {
        if (ink.style == text_style)
            return QColor(QLatin1StringView(dark ? ink.dark : ink.light));
    }
    const Colors &c = colorsOf(dark);
    switch (text_style) {
    case Syntax::Comment:
    case Syntax::Documentation:
    case Syntax::CommentVar:
        return c.dim;
    case Syntax::Error:
    case Syntax::Alert:
        return c.bad_ink;
    default:
        return c.text;
    }
}

void applyEditorTheme(QsciScintilla &editor)
{
    const Colors &c = colors();
    styleText(editor);
    styleMarks(editor);
    editor.setFoldMarginColors(c.panel, c.panel);
    for (int marker = int{Sci::SC_MARKNUM_FOLDEREND}; marker <= int{Sci::SC_MARKNUM_FOLDEROPEN}; ++marker) {
        // QScintilla's own setters know only markers that were defined by them.
        editor.SendScintilla(Sci::SCI_MARKERSETFORE, static_cast<unsigned long>(marker), c.panel);
        editor.SendScintilla(Sci::SCI_MARKERSETBACK, static_cast<unsigned long>(marker), c.dim);
    }
    editor.setMarginsBackgroundColor(c.panel);
    editor.setMarginsForegroundColor(c.dim);
    editor.setMarginBackgroundColor(editor_margin::marks, c.panel);
    editor.setMarginBackgroundColor(editor_margin::statement, c.panel);
    editor.setCaretForegroundColor(c.text);
    QColor caret_line = c.dark ? c.panel2 : c.window;
    editor.setCaretLineBackgroundColor(caret_line);
    QColor selection = c.accent;
    selection.setAlpha(255);
    editor.setSelectionBackgroundColor(c.dark ? QColor(QLatin1StringView("#314a7d"))
                                              : QColor(QLatin1StringView("#cfe0fd")));
    editor.resetSelectionForegroundColor();
    editor.SendScintilla(Sci::SCI_SETADDITIONALSELBACK,
                         c.dark ? QColor(QLatin1StringView("#2b3f68")) : QColor(QLatin1StringView("#dde9fe")));
    editor.SendScintilla(Sci::SCI_SETADDITIONALCARETFORE, c.accent);
}

} // namespace howdah::ui
