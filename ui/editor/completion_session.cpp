// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/completion_session.h"

#include <mutex>

#include <QEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QThreadPool>

#include "core/base/paths.h"
#include "core/workspace/completion_uses.h"
#include "ui/base/bridge.h"
#include "ui/editor/completion_list.h"
#include "ui/editor/signature_tip.h"
#include "ui/editor/sql_editor.h"

namespace howdah::ui {

namespace {

using Sci = QsciScintillaBase;

constexpr int least_word = 2;

bool isWord(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
}

/// The counts of all editors, opened on the first use and never on the GUI thread. Without the file nothing is counted.
struct Uses {
    std::mutex mutex;
    std::unique_ptr<workspace::CompletionUses> file;
    bool opened = false;

    static Uses &instance()
    {
        static Uses uses;
        return uses;
    }
    workspace::CompletionUses *open()
    {
        if (!opened) {
            opened = true;
            if (auto made = workspace::CompletionUses::open(paths::data() / "completion.sqlite"))
                file = std::move(*made);
        }
        return file.get();
    }
    std::shared_ptr<const complete::UseCounts> counts()
    {
        const std::lock_guard lock(mutex);
        const auto *uses = open();
        return uses == nullptr ? nullptr : uses->counts();
    }
    void add(const std::string &name)
    {
        const std::lock_guard lock(mutex);
        if (auto *uses = open())
            (void)uses->add(name);
    }
};

} // namespace

struct CompletionSession::Answer {
    complete::Completion completion;
    std::size_t cursor = 0;
    quint64 generation = 0;
};

CompletionSession::CompletionSession(SqlEditor &editor) : editor_(editor), view_(editor)
{
    watch();
}

CompletionSession::CompletionSession(SqlEditor &editor, QsciScintilla &view) : editor_(editor), view_(view), first_(editor.completion())
{
    first_->second_ = this;
    watch();
}

void CompletionSession::watch()
{
    connect(&view_, &Sci::SCN_CHARADDED, this, &CompletionSession::typed);
    connect(&view_, &Sci::SCN_MODIFIED, this, [this](int, int type, const char *, int, int, int, int, int, int, int) {
        changed_ = changed_ || (type & (Sci::SC_MOD_INSERTTEXT | Sci::SC_MOD_DELETETEXT)) != 0;
    });
    connect(&view_, &Sci::SCN_UPDATEUI, this, &CompletionSession::onUpdate);
    connect(view_.verticalScrollBar(), &QScrollBar::valueChanged, this, &CompletionSession::place);
    view_.installEventFilter(this);
}

CompletionSession::~CompletionSession()
{
    delete popup_;
    delete tip_;
}

void CompletionSession::setCatalog(std::shared_ptr<const pg::Catalog> catalog)
{
    if (catalog == catalog_)
        return;
    catalog_ = std::move(catalog);
    // What is looked up in it is made ready before it is asked for.
    using Take = std::function<void(std::shared_ptr<const complete::Snapshot>)>;
    auto take = onGui(this, Take([this](const std::shared_ptr<const complete::Snapshot> &made) { snapshot_ = made; }));
    QThreadPool::globalInstance()->start([held = catalog_, take] { take(complete::Snapshot::of(held)); });
}

/// Over the window, so that a low editor does not cut the list off.
void CompletionSession::ensureWidgets()
{
    QWidget *window = view_.window();
    if (popup_ && popup_->parentWidget() == window)
        return;
    delete popup_;
    delete tip_;
    popup_ = new CompletionPopup(window);
    tip_ = new SignatureTip(window);
    connect(popup_, &CompletionPopup::chosen, this, &CompletionSession::choose);
}

CompletionPopup *CompletionSession::popup() const
{
    return popup_;
}

SignatureTip *CompletionSession::tip() const
{
    return tip_;
}

bool CompletionSession::isShown() const
{
    return popup_ && popup_->isVisible();
}

void CompletionSession::hide()
{
    ++generation_; // an answer on its way comes too late
    again_ = list_wanted_ = manual_ = chosen_ = false;
    if (popup_)
        popup_->hide();
}

bool CompletionSession::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::FocusOut || event->type() == QEvent::Hide || event->type() == QEvent::MouseButtonPress || event->type() == QEvent::Wheel) {
        hide();
        if (tip_)
            tip_->hide();
    }
    return QObject::eventFilter(watched, event);
}

std::size_t CompletionSession::cursor() const
{
    return static_cast<std::size_t>(sci::send(&view_, Sci::SCI_GETCURRENTPOS));
}

int CompletionSession::wordLength() const
{
    const auto at = static_cast<int>(this->cursor());
    int length = 0;
    while (length < at && length < 64 && isWord(static_cast<unsigned char>(sci::send(&view_, Sci::SCI_GETCHARAT, at - length - 1))))
        ++length;
    return length;
}

void CompletionSession::request()
{
    if (second_ && second_->view_.hasFocus())
        return second_->request();
    if (view_.isReadOnly() || sci::send(&view_, Sci::SCI_GETSELECTIONS) > 1)
        return;
    manual_ = list_wanted_ = true;
    compute();
}

void CompletionSession::typed(int character)
{
    typing_ = true;
    if (sci::send(&view_, Sci::SCI_GETSELECTIONS) > 1)
        return hide();
    const bool word = isWord(character);
    const bool tip = character == '(' || character == ',' || character == ')' || (tip_ && tip_->isVisible());
    if (!word && character != '.')
        hide();
    else if (automatic() && (character == '.' || wordLength() >= least_word))
        list_wanted_ = true;
    if (list_wanted_ || isShown() || (tip && automatic()))
        compute();
}

void CompletionSession::onUpdate(int updated)
{
    const bool typed = std::exchange(typing_, false);
    // What Scintilla calls content is colours and markers as well.
    const bool content = std::exchange(changed_, false);
    if ((updated & (Sci::SC_UPDATE_SELECTION | Sci::SC_UPDATE_CONTENT)) == 0 || typed)
        return;
    const std::size_t cursor = this->cursor();
    if (isShown()) {
        // Letters taken away narrow nothing but stay in the word; everything else ends it.
        if (content && cursor >= replaced_.begin.value && (manual_ || wordLength() > 0))
            compute();
        else if (content || cursor != answered_at_)
            hide();
    }
    if (tip_ && tip_->isVisible() && cursor != answered_at_)
        compute();
}

void CompletionSession::compute()
{
    ++generation_;
    if (computing_) {
        again_ = true;
        return;
    }
    computing_ = true;
    again_ = false;
    auto answer = std::make_shared<Answer>();
    answer->cursor = this->cursor();
    answer->generation = generation_;
    using Accept = std::function<void(std::shared_ptr<Answer>)>;
    auto done = onGui(this, Accept([this](const std::shared_ptr<Answer> &given) { accept(given); }));
    QThreadPool::globalInstance()->start([answer, done, text = editor_.utf8(), catalog = this->catalog()] {
        const auto uses = Uses::instance().counts();
        complete::Request request;
        request.text = text;
        request.cursor = {answer->cursor};
        request.uses = uses.get();
        request.with_words = catalog == nullptr;
        answer->completion = complete::complete(*complete::Snapshot::of(catalog), request);
        done(answer);
    });
}

void CompletionSession::accept(const std::shared_ptr<Answer> &answer)
{
    computing_ = false;
    if (again_)
        return compute();
    if (answer->generation != generation_ || answer->cursor != this->cursor())
        return;
    ensureWidgets();
    answered_at_ = answer->cursor;
    replaced_ = answer->completion.replaced;
    showTip(answer->completion.signature);
    auto &candidates = answer->completion.candidates;
    // What is written already needs no list.
    const bool done = !manual_ && candidates.size() == 1 && candidates.front().insert == answer->completion.typed;
    if (!list_wanted_ || candidates.empty() || done) {
        popup_->hide();
        return;
    }
    chosen_ = manual_;
    popup_->show(std::move(candidates));
    place();
}

void CompletionSession::place()
{
    if (!isShown())
        return;
    const auto begin = static_cast<long>(replaced_.begin.value);
    const QPoint at(static_cast<int>(sci::send(&view_, Sci::SCI_POINTXFROMPOSITION, 0, begin)), static_cast<int>(sci::send(&view_, Sci::SCI_POINTYFROMPOSITION, 0, begin)));
    if (at.y() < 0 || at.y() >= view_.viewport()->height())
        return hide(); // scrolled away
    const QPoint top = view_.viewport()->mapTo(view_.window(), at);
    // Where the tip is under the line, the list goes under the tip.
    const int bottom = top.y() + view_.textHeight(0);
    const bool tip_below = tip_->isVisible() && tip_->y() >= bottom;
    popup_->place(top.x(), top.y(), tip_below ? tip_->geometry().bottom() : bottom);
}

void CompletionSession::showTip(const std::optional<complete::SignatureHelp> &help)
{
    if (!help || !(automatic() || manual_)) {
        tip_->hide();
        return;
    }
    tip_->show(*help);
    const auto open = static_cast<long>(help->open.value);
    const auto cursor = static_cast<long>(answered_at_);
    const int left = static_cast<int>(sci::send(&view_, Sci::SCI_POINTXFROMPOSITION, 0, open));
    const int top = static_cast<int>(sci::send(&view_, Sci::SCI_POINTYFROMPOSITION, 0, cursor));
    const QPoint at = view_.viewport()->mapTo(view_.window(), QPoint(left, top));
    tip_->place(at.x(), at.y(), at.y() + view_.textHeight(0));
}

bool CompletionSession::wantsTab() const
{
    return isShown() && chosen_;
}

bool CompletionSession::keyPressed(const QKeyEvent &event)
{
    if (event.key() == Qt::Key_Space && event.modifiers() == Qt::ControlModifier) {
        request();
        return true;
    }
    if (event.key() == Qt::Key_Escape && event.modifiers() == Qt::NoModifier) {
        const bool tip = tip_ && tip_->isVisible();
        const bool shown = isShown();
        hide();
        if (tip)
            tip_->hide();
        return shown || tip;
    }
    if (!isShown() || event.modifiers() != Qt::NoModifier)
        return false;
    switch (event.key()) {
    case Qt::Key_Down:
        // The first step in a list that came by itself chooses what is marked already.
        popup_->step(1);
        break;
    case Qt::Key_Up:
        popup_->step(-1);
        break;
    case Qt::Key_PageDown:
        popup_->stepPage(1);
        break;
    case Qt::Key_PageUp:
        popup_->stepPage(-1);
        break;
    case Qt::Key_Tab:
        choose();
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!chosen_) {
            hide();
            return false;
        }
        choose();
        return true;
    default:
        return false;
    }
    chosen_ = true;
    return true;
}

void CompletionSession::choose()
{
    if (!isShown() || popup_->count() == 0)
        return;
    const complete::Candidate candidate = popup_->current();
    const std::size_t cursor = this->cursor();
    ByteSpan span = replaced_;
    // Typed since the answer came.
    span.end.value += cursor > answered_at_ ? cursor - answered_at_ : 0;
    hide();
    std::string text = candidate.insert;
    std::size_t caret = span.begin.value + text.size() - candidate.caret_back;
    const auto length = static_cast<std::size_t>(sci::length(&view_));
    if (span.end.value > length || span.begin.value > span.end.value)
        return;
    const auto next = span.end.value < length ? static_cast<char>(sci::send(&view_, Sci::SCI_GETCHARAT, static_cast<int>(span.end.value))) : '\0';
    if (text.ends_with(' ') && (next == ' ' || next == '\n' || next == ',' || next == ')' || next == ';')) {
        text.pop_back();
        caret -= next == ' ' ? 0 : 1;
    }
    sci::send(&view_, Sci::SCI_SETTARGETRANGE, static_cast<unsigned long>(span.begin.value), static_cast<long>(span.end.value));
    view_.SendScintilla(Sci::SCI_REPLACETARGET, static_cast<unsigned long>(text.size()), text.data());
    sci::send(&view_, Sci::SCI_GOTOPOS, static_cast<unsigned long>(caret));
    QThreadPool::globalInstance()->start([key = complete::useKey(candidate)] { Uses::instance().add(key); });
    if (text.ends_with('.')) {
        list_wanted_ = true;
        compute();
    } else if (candidate.caret_back > 0) {
        compute(); // for the tip
    }
}

} // namespace howdah::ui
