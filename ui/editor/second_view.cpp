// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/second_view.h"

#include "ui/base/theme_notifier.h"
#include "ui/editor/completion_session.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/sql_editor.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

} // namespace

SecondView::SecondView(SqlEditor *editor, QWidget *parent) : QsciScintilla(parent), editor_(editor)
{
    setAccessibleName(tr("Second view of the SQL editor"));
    setDocument(editor->document());
    applyTheme();
    setUtf8(true);
    setFrameShape(QFrame::NoFrame);
    setTabWidth(4);
    setIndentationsUseTabs(false);
    setBraceMatching(SloppyBraceMatch);
    setCaretLineVisible(true);
    setCaretWidth(2);
    setScrollWidth(1);
    setScrollWidthTracking(true);
    setExtraAscent(2);
    setExtraDescent(2);
    setMarginType(editor_margin::marks, SymbolMargin);
    setMarginWidth(editor_margin::marks, 0);
    setMarginType(editor_margin::numbers, NumberMargin);
    setMarginMarkerMask(editor_margin::numbers, 0);
    setMarginWidth(editor_margin::numbers, QString::number(std::max(99, lines()) * 100));
    setMarginWidth(editor_margin::statement, 0);
    setMarginMarkerMask(editor_margin::statement, 0);
    sci::send(this, Sci::SCI_SETMARGINLEFT, 0, 10);
    sci::send(this, Sci::SCI_ANNOTATIONSETVISIBLE, int{Sci::ANNOTATION_STANDARD});
    zoomTo(static_cast<int>(sci::send(editor, Sci::SCI_GETZOOM)));
    connect(editor, &SqlEditor::zoomChanged, this,
            [this] { zoomTo(static_cast<int>(sci::send(editor_, Sci::SCI_GETZOOM))); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &SecondView::applyTheme);
    sci::send(this, Sci::SCI_GOTOPOS, editor->cursor().value);
    completion_ = new CompletionSession(*editor, *this);
    completion_->setParent(this);
}

void SecondView::keyPressEvent(QKeyEvent *event)
{
    if (!completion_->keyPressed(*event))
        QsciScintilla::keyPressEvent(event);
}

void SecondView::applyTheme()
{
    applyEditorTheme(*this);
}

void SecondView::handOver()
{
    const auto begin = static_cast<std::size_t>(sci::send(this, Sci::SCI_GETSELECTIONSTART));
    const auto end = static_cast<std::size_t>(sci::send(this, Sci::SCI_GETSELECTIONEND));
    if (begin == end)
        editor_->setCursor({begin});
    else
        editor_->select({{begin}, {end}});
}

} // namespace howdah::ui
