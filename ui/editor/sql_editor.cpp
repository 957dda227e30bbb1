// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/sql_editor.h"

#include <algorithm>

#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QThreadPool>

#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/editor/auto_close.h"
#include "ui/editor/completion_session.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/snippet_session.h"
#include "ui/editor/sql_highlighter.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

constexpr int split_pause_ms = 120;
/// Larger texts are split on another thread.
constexpr std::size_t split_here_bytes = 256 * 1024;

} // namespace

SqlEditor::SqlEditor(QWidget *parent) : QsciScintilla(parent), auto_close_(std::make_unique<AutoClose>(*this)), snippets_(std::make_unique<SnippetSession>(*this))
{
    setUpBehaviour();
    setUpMargins();
    highlighter_ = new SqlHighlighter(this, [this](int line) {
        const ByteOffset at{static_cast<std::size_t>(sci::lineStart(this, line))};
        const auto next = std::upper_bound(spans_.begin(), spans_.end(), at, [](ByteOffset o, const auto &s) {
            return o < s.text.begin;
        });
        return next == spans_.begin() ? -1 : sci::lineOf(this, static_cast<int>(std::prev(next)->text.begin.value));
    });
    completion_ = new CompletionSession(*this);
    completion_->setParent(this);
    applyTheme();
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &SqlEditor::applyTheme);

    split_timer_.setSingleShot(true);
    split_timer_.setInterval(split_pause_ms);
    connect(&split_timer_, &QTimer::timeout, this, &SqlEditor::splitLater);
    connect(this, &Sci::SCN_MODIFIED, this,
            [this](int, int type, const char *, int, int, int, int, int, int, int) { onModified(type); });
    connect(this, &Sci::SCN_UPDATEUI, this, &SqlEditor::onUpdate);
    connect(this, &Sci::SCN_CHARADDED, this, &SqlEditor::onCharAdded);
    connect(this, &Sci::SCN_ZOOM, this, [this] {
        fitMargin();
        Q_EMIT zoomChanged();
    });
    split_timer_.start();
}

SqlEditor::~SqlEditor() = default;

void SqlEditor::setUpBehaviour()
{
    setAccessibleName(tr("SQL editor"));
    setUtf8(true);
    setEolMode(EolUnix);
    setFrameShape(QFrame::NoFrame);
    setTabWidth(4);
    setIndentationsUseTabs(false);
    setTabIndents(true);
    setBackspaceUnindents(true);
    setAutoIndent(false); // ours knows brackets
    setBraceMatching(SloppyBraceMatch);
    setCaretLineVisible(true);
    setCaretWidth(2);
    setScrollWidth(1);
    setScrollWidthTracking(true);
    setWrapMode(WrapNone);
    setExtraAscent(2);
    setExtraDescent(2);
    for (const auto &[message, value] : {std::pair{Sci::SCI_SETMULTIPLESELECTION, 1},
                                         {Sci::SCI_SETADDITIONALSELECTIONTYPING, 1},
                                         {Sci::SCI_SETMULTIPASTE, static_cast<int>(Sci::SC_MULTIPASTE_EACH)},
                                         {Sci::SCI_SETVIRTUALSPACEOPTIONS, 1 /* rectangular selection */},
                                         {Sci::SCI_SETENDATLASTLINE, 0},
                                         {Sci::SCI_SETMOUSEDOWNCAPTURES, 1}})
        sci::send(this, static_cast<unsigned>(message), value);
    // Keys that pages and menus use; the editor would take them away.
    for (const int key : {static_cast<int>('D'), static_cast<int>('L'), static_cast<int>('T'), static_cast<int>('U')}) {
        sci::send(this, Sci::SCI_CLEARCMDKEY, key + (Sci::SCMOD_CTRL << 16));
        sci::send(this, Sci::SCI_CLEARCMDKEY, key + ((Sci::SCMOD_CTRL | Sci::SCMOD_SHIFT) << 16));
    }
    sci::send(this, Sci::SCI_CLEARCMDKEY, int{Sci::SCK_RETURN} + (Sci::SCMOD_CTRL << 16));
    sci::send(this, Sci::SCI_CLEARCMDKEY, int{Sci::SCK_DIVIDE} + (Sci::SCMOD_CTRL << 16));
    sci::send(this, Sci::SCI_CLEARCMDKEY, static_cast<int>('/') + (Sci::SCMOD_CTRL << 16));
}

void SqlEditor::setUpMargins()
{
    setMarginType(editor_margin::marks, SymbolMargin);
    setMarginWidth(editor_margin::marks, 18);
    setMarginMarkerMask(editor_margin::marks, 1 << editor_marker::error);
    setMarginType(editor_margin::numbers, NumberMargin);
    setMarginMarkerMask(editor_margin::numbers, 0);
    setMarginType(editor_margin::statement, SymbolMargin);
    setMarginWidth(editor_margin::statement, 4);
    setMarginMarkerMask(editor_margin::statement, 1 << editor_marker::statement);
    setFolding(BoxedTreeFoldStyle, editor_margin::fold);
    setMarginWidth(editor_margin::fold, 14);
    sci::send(this, Sci::SCI_SETMARGINLEFT, 0, 10);
    markerDefine(FullRectangle, editor_marker::statement);
    markerDefine(Circle, editor_marker::error);
    indicatorDefine(SquiggleIndicator, editor_indicator::error);
    indicatorDefine(StraightBoxIndicator, editor_indicator::found);
    indicatorDefine(FullBoxIndicator, editor_indicator::highlight);
    setIndicatorDrawUnder(true, editor_indicator::found);
    setIndicatorDrawUnder(true, editor_indicator::highlight);
    sci::send(this, Sci::SCI_ANNOTATIONSETVISIBLE, int{Sci::ANNOTATION_STANDARD});
    fitMargin();
}

void SqlEditor::fitMargin()
{
    const auto digits = static_cast<int>(std::to_string(std::max(99, lines())).size());
    setMarginWidth(editor_margin::numbers, QString(digits + 1, QLatin1Char('0')));
}

void SqlEditor::applyTheme()
{
    applyEditorTheme(*this);
    markerDefine(QPixmap(icon(QStringLiteral("error"), colors().bad).pixmap(QSize(14, 14), devicePixelRatioF())),
                 editor_marker::error);
    fitMargin();
}

std::string SqlEditor::utf8() const
{
    const int size = sci::length(this);
    return size == 0 ? std::string() : std::string(sci::bytes(this, 0, size), static_cast<std::size_t>(size));
}

void SqlEditor::setContent(std::string_view text, bool fresh)
{
    replace({{0}, {static_cast<std::size_t>(sci::length(this))}}, text);
    if (!fresh)
        return;
    sci::send(this, Sci::SCI_EMPTYUNDOBUFFER);
    setModified(false);
    setEolMode(text.find("\r\n") != std::string_view::npos ? EolWindows : EolUnix);
    setCursor({0});
}

ByteOffset SqlEditor::cursor() const
{
    return {static_cast<std::size_t>(sci::send(this, Sci::SCI_GETCURRENTPOS))};
}

void SqlEditor::setCursor(ByteOffset offset)
{
    sci::send(this, Sci::SCI_GOTOPOS, offset.value);
}

ByteSpan SqlEditor::selection() const
{
    return {{static_cast<std::size_t>(sci::send(this, Sci::SCI_GETSELECTIONSTART))},
            {static_cast<std::size_t>(sci::send(this, Sci::SCI_GETSELECTIONEND))}};
}

void SqlEditor::select(ByteSpan span)
{
    const int line = sci::lineOf(this, static_cast<int>(span.begin.value));
    sci::send(this, Sci::SCI_ENSUREVISIBLEENFORCEPOLICY, line);
    sci::send(this, Sci::SCI_SETSEL, span.begin.value, span.end.value);
    sci::send(this, Sci::SCI_SCROLLCARET);
}

void SqlEditor::replace(ByteSpan span, std::string_view text)
{
    sci::send(this, Sci::SCI_BEGINUNDOACTION);
    sci::send(this, Sci::SCI_SETTARGETRANGE, span.begin.value, span.end.value);
    SendScintilla(Sci::SCI_REPLACETARGET, static_cast<unsigned long>(text.size()), text.empty() ? "" : text.data());
    sci::send(this, Sci::SCI_ENDUNDOACTION);
}

const std::vector<sql::StatementSpan> &SqlEditor::statements()
{
    if (split_revision_ != revision_) {
        split_text_ = utf8();
        spans_ = sql::splitStatements(split_text_);
        split_revision_ = revision_;
    }
    return spans_;
}

ByteSpan SqlEditor::currentStatement()
{
    const auto &all = statements();
    const sql::StatementSpan *found = sql::statementAt(all, split_text_, cursor());
    return found == nullptr ? ByteSpan{} : found->text;
}

void SqlEditor::splitLater()
{
    if (static_cast<std::size_t>(sci::length(this)) <= split_here_bytes) {
        const auto &spans = statements();
        setFolds(sql::foldLines(split_text_, spans));
        markStatement();
        return;
    }
    struct Split {
        std::string text;
        std::vector<sql::StatementSpan> spans;
        std::vector<sql::FoldLine> folds;
    };
    using Accept = std::function<void(std::shared_ptr<Split>)>;
    auto accept = onGui(this, Accept([this, revision = revision_](const std::shared_ptr<Split> &split) {
                            acceptSplit(revision, std::move(split->text), std::move(split->spans), split->folds);
                        }));
    auto split = std::make_shared<Split>();
    split->text = utf8();
    QThreadPool::globalInstance()->start([split, accept] {
        split->spans = sql::splitStatements(split->text);
        split->folds = sql::foldLines(split->text, split->spans);
        accept(split);
    });
}

void SqlEditor::acceptSplit(quint64 revision, std::string text, std::vector<sql::StatementSpan> spans,
                            const std::vector<sql::FoldLine> &folds)
{
    if (revision != revision_)
        return;
    split_text_ = std::move(text);
    spans_ = std::move(spans);
    split_revision_ = revision;
    setFolds(folds);
    markStatement();
}

void SqlEditor::onModified(int type)
{
    if ((type & (Sci::SC_MOD_INSERTTEXT | Sci::SC_MOD_DELETETEXT)) == 0)
        return;
    ++revision_;
    split_timer_.start();
    // Annotations must not change inside a notification about a change.
    if (!errors_.empty())
        QMetaObject::invokeMethod(this, &SqlEditor::clearErrors, Qt::QueuedConnection);
    QMetaObject::invokeMethod(this, &SqlEditor::fitMargin, Qt::QueuedConnection);
}

void SqlEditor::onUpdate(int updated)
{
    markStatement();
    if ((updated & (Sci::SC_UPDATE_SELECTION | Sci::SC_UPDATE_CONTENT)) != 0)
        reportCursor();
}

void SqlEditor::reportCursor()
{
    const auto position = static_cast<int>(cursor().value);
    const int line = sci::lineOf(this, position);
    const ByteSpan selected = selection();
    const long column = sci::send(this, Sci::SCI_COUNTCHARACTERS, sci::lineStart(this, line), position);
    const long characters = selected.size() == 0 || selected.size() > 1'000'000
                                ? static_cast<long>(selected.size())
                                : sci::send(this, Sci::SCI_COUNTCHARACTERS, selected.begin.value, selected.end.value);
    Q_EMIT cursorMoved(line + 1, static_cast<int>(column) + 1, static_cast<int>(characters));
}

/// A bar beside the lines of the current statement that are on the screen.
void SqlEditor::markStatement()
{
    std::pair<int, int> wanted{-1, -1};
    const sql::StatementSpan *found =
        split_revision_ == revision_ ? sql::statementAt(spans_, split_text_, cursor()) : nullptr;
    if (split_revision_ != revision_)
        return; // the old mark moves with the text until the new split is there
    if (found != nullptr && found->text.size() > 0) {
        const int top = static_cast<int>(sci::send(this, Sci::SCI_DOCLINEFROMVISIBLE,
                                                   sci::send(this, Sci::SCI_GETFIRSTVISIBLELINE)));
        const int bottom = top + static_cast<int>(sci::send(this, Sci::SCI_LINESONSCREEN)) + 1;
        wanted = {std::max(top, sci::lineOf(this, static_cast<int>(found->text.begin.value))),
                  std::min(bottom, sci::lineOf(this, static_cast<int>(found->text.end.value)))};
    }
    if (wanted == marked_lines_)
        return;
    marked_lines_ = wanted;
    markerDeleteAll(editor_marker::statement);
    for (int line = wanted.first; line >= 0 && line <= wanted.second; ++line)
        markerAdd(line, editor_marker::statement);
}

void SqlEditor::setHighlight(std::vector<ByteSpan> spans, int indicator)
{
    sci::send(this, Sci::SCI_SETINDICATORCURRENT, indicator);
    sci::send(this, Sci::SCI_INDICATORCLEARRANGE, 0, sci::length(this));
    for (const ByteSpan &span : spans)
        sci::send(this, Sci::SCI_INDICATORFILLRANGE, span.begin.value, span.size());
}

bool SqlEditor::isColoured() const
{
    return highlighter_->isComplete();
}

void SqlEditor::resizeEvent(QResizeEvent *event)
{
    QsciScintilla::resizeEvent(event);
    if (highlighter_ != nullptr) {
        highlighter_->colourVisible();
        markStatement();
    }
}

void SqlEditor::keyPressEvent(QKeyEvent *event)
{
    // Tab is a snippet's, unless something was chosen in the list.
    const bool late = event->key() == Qt::Key_Tab && !completion_->wantsTab();
    if (!late && completion_->keyPressed(*event))
        return;
    if (snippets_->keyPressed(*event))
        return;
    if (late && completion_->keyPressed(*event))
        return;
    // Escape with several cursors goes back to one; otherwise the page may have a use for it.
    if (event->key() == Qt::Key_Escape && sci::send(this, Sci::SCI_GETSELECTIONS) <= 1) {
        event->ignore();
        return;
    }
    if (!auto_close_->keyPressed(*event))
        QsciScintilla::keyPressEvent(event);
    else if (!event->text().isEmpty())
        completion_->typed(event->text().at(0).unicode());
}

void SqlEditor::contextMenuEvent(QContextMenuEvent *event)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [this, menu](const char *picture, const QString &text, const QKeySequence &keys, bool enabled,
                                  auto run) {
        QAction *action = menu->addAction(icon(QLatin1StringView(picture)), text, this, run);
        action->setShortcut(keys);
        action->setShortcutContext(Qt::WidgetShortcut);
        action->setEnabled(enabled);
    };
    const bool selected = hasSelectedText();
    add("undo", tr("Undo"), QKeySequence::Undo, isUndoAvailable(), [this] { undo(); });
    add("redo", tr("Redo"), QKeySequence::Redo, isRedoAvailable(), [this] { redo(); });
    menu->addSeparator();
    add("minus", tr("Cut"), QKeySequence::Cut, selected, [this] { cut(); });
    add("copy", tr("Copy"), QKeySequence::Copy, selected, [this] { copy(); });
    add("file", tr("Paste"), QKeySequence::Paste, true, [this] { paste(); });
    menu->addSeparator();
    // The page's own actions (run, format, find …) were added to the editor.
    menu->addActions(actions());
    menu->popup(event->globalPos());
}

} // namespace howdah::ui
