// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/grid/messages_pane.h"

#include <algorithm>

#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTextBlock>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/sql/error_place.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/grid/cell_text.h"

namespace howdah::ui {

namespace {

constexpr int pause_ms = 50;
constexpr std::size_t most_entries = 20'000;
constexpr std::size_t kept_entries = 15'000; ///< after the oldest have gone
constexpr qsizetype shown_sql = 120;
constexpr qsizetype shown_query = 400;

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

/// "DETAIL:  …" on lines of its own, in the server's own words for these fields.
void appendField(QString &out, const char *name, const std::string &value)
{
    if (value.empty())
        return;
    if (!out.isEmpty())
        out += QLatin1Char('\n');
    out += QLatin1StringView(name) + QStringLiteral(":  ") + text(value);
}

bool isWarning(const std::string &severity)
{
    return severity == "WARNING";
}

/// The number of the entry that a block belongs to.
struct EntryNumber final : QTextBlockUserData {
    explicit EntryNumber(qint64 n) : number(n) { }
    qint64 number;
};

} // namespace

MessagesPane::MessagesPane(QWidget *parent) : QWidget(parent), edit_(new QPlainTextEdit)
{
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    edit_->setReadOnly(true);
    edit_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    edit_->setUndoRedoEnabled(false);
    edit_->setFont(monoFont());
    edit_->setFrameShape(QFrame::NoFrame);
    edit_->setStyleSheet(QStringLiteral("border: none; border-radius: 0;"));
    edit_->setAccessibleName(tr("Messages of the server"));
    edit_->setPlaceholderText(tr("Notices, timings and errors of the statements you run stand here."));
    edit_->setContextMenuPolicy(Qt::CustomContextMenu);
    edit_->installEventFilter(this);
    edit_->viewport()->installEventFilter(this);
    edit_->viewport()->setMouseTracking(true);
    setFocusProxy(edit_);
    column->addWidget(edit_);
    timer_.setSingleShot(true);
    timer_.setInterval(pause_ms);
    connect(&timer_, &QTimer::timeout, this, &MessagesPane::flush);
    connect(edit_, &QWidget::customContextMenuRequested, this, &MessagesPane::contextMenu);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &MessagesPane::render);
}

void MessagesPane::beginRun(const QString &title)
{
    Entry entry;
    entry.word = title;
    entry.title = true;
    errors_ = warnings_ = 0;
    add(std::move(entry));
    Q_EMIT countsChanged();
}

void MessagesPane::addNotice(const pg::Notice &notice)
{
    Entry entry;
    entry.word = text(notice.severity.empty() ? std::string("NOTICE") : notice.severity);
    entry.text = text(notice.message);
    if (isWarning(notice.severity) && !notice.sqlstate.empty())
        entry.text += QStringLiteral(" (SQLSTATE %1)").arg(text(notice.sqlstate));
    appendField(entry.more, "DETAIL", notice.detail);
    appendField(entry.more, "HINT", notice.hint);
    // Every RAISE has one; it says no more than the text does unless something is wrong.
    if (isWarning(notice.severity))
        appendField(entry.more, "CONTEXT", notice.context);
    entry.tone = isWarning(notice.severity) ? Tone::Warn : Tone::Accent;
    add(std::move(entry));
    count(0, isWarning(notice.severity) ? 1 : 0);
}

void MessagesPane::addOutcome(const pg::StatementOutcome &outcome, const QString &sql)
{
    if (outcome.error) {
        Error error = *outcome.error;
        if (!error.position)
            error.position = outcome.span.begin;
        addError(error);
        return;
    }
    Entry entry;
    entry.word = outcome.command_tag.empty() ? tr("OK") : text(outcome.command_tag);
    QStringList parts;
    if (outcome.result) {
        const QString number = text(human::count(outcome.rows));
        parts << (outcome.rows == 1 ? tr("%1 row").arg(number) : tr("%1 rows").arg(number));
    }
    parts << text(human::duration(outcome.duration_ms));
    if (outcome.truncated)
        parts << tr("stopped at the limit, more rows exist");
    parts << lineText(sql.simplified().left(shown_sql + 1).toStdString(), shown_sql);
    entry.text = parts.join(QStringLiteral(" · "));
    entry.tone = outcome.truncated ? Tone::Warn : Tone::Good;
    entry.target = outcome.span;
    add(std::move(entry));
}

void MessagesPane::addError(const Error &error)
{
    Entry entry;
    const bool cancelled = error.kind == ErrorKind::Cancelled;
    entry.word = cancelled ? tr("CANCELLED") : error.severity.empty() ? QStringLiteral("ERROR") : text(error.severity);
    entry.text = text(error.message);
    if (!error.sqlstate.empty())
        entry.text += QStringLiteral(" (SQLSTATE %1)").arg(text(error.sqlstate));
    appendField(entry.more, "DETAIL", error.detail);
    appendField(entry.more, "HINT", error.hint);
    appendField(entry.more, "QUERY", lineText(QString::fromStdString(error.internal_query).simplified().left(shown_query + 1).toStdString(), shown_query).toStdString());
    appendField(entry.more, "CONTEXT", sql::readableContext(error.context));
    entry.tone = cancelled ? Tone::Warn : Tone::Bad;
    if (error.position)
        entry.target = *error.position;
    add(std::move(entry));
    count(cancelled ? 0 : 1, 0);
}

void MessagesPane::addText(const QString &said, Tone tone)
{
    Entry entry;
    entry.text = said;
    entry.tone = tone;
    add(std::move(entry));
    count(tone == Tone::Bad ? 1 : 0, tone == Tone::Warn ? 1 : 0);
}

void MessagesPane::count(int errors, int warnings)
{
    errors_ += errors;
    warnings_ += warnings;
    if (errors + warnings > 0)
        Q_EMIT countsChanged();
}

void MessagesPane::clear()
{
    timer_.stop();
    first_ += static_cast<qint64>(entries_.size());
    written_ = first_;
    entries_.clear();
    dropped_ = 0;
    errors_ = warnings_ = 0;
    edit_->clear();
    Q_EMIT countsChanged();
}

/// A loop of RAISE NOTICE sends tens of thousands: they are written in one go every 50 ms.
void MessagesPane::add(Entry entry)
{
    entry.time = QTime::currentTime();
    entries_.push_back(std::move(entry));
    if (!timer_.isActive())
        timer_.start();
}

void MessagesPane::flush()
{
    if (entries_.size() > most_entries) {
        const auto gone = static_cast<qint64>(entries_.size() - kept_entries);
        entries_.erase(entries_.begin(), entries_.begin() + gone);
        first_ += gone;
        dropped_ += gone;
        render();
        return;
    }
    QScrollBar *bar = edit_->verticalScrollBar();
    const bool at_end = bar->value() >= bar->maximum() - 1;
    QTextCursor cursor(edit_->document());
    cursor.movePosition(QTextCursor::End);
    cursor.beginEditBlock();
    for (; written_ < first_ + static_cast<qint64>(entries_.size()); ++written_)
        write(cursor, entries_[static_cast<std::size_t>(written_ - first_)], written_);
    cursor.endEditBlock();
    if (at_end)
        bar->setValue(bar->maximum());
}

void MessagesPane::render()
{
    const int position = edit_->verticalScrollBar()->value();
    edit_->clear();
    QTextCursor cursor(edit_->document());
    cursor.beginEditBlock();
    if (dropped_ > 0) {
        Entry note;
        note.time = entries_.empty() ? QTime::currentTime() : entries_.front().time;
        note.text = tr("%1 older messages were dropped").arg(text(human::count(dropped_)));
        write(cursor, note, -1);
    }
    written_ = first_;
    for (const Entry &entry : entries_)
        write(cursor, entry, written_++);
    cursor.endEditBlock();
    edit_->verticalScrollBar()->setValue(dropped_ > 0 ? edit_->verticalScrollBar()->maximum() : position);
}

void MessagesPane::write(QTextCursor &cursor, const Entry &entry, qint64 number) const
{
    const Colors &c = colors();
    const auto format = [](const QColor &color, bool bold = false) {
        QTextCharFormat made;
        made.setForeground(color);
        made.setFontWeight(bold ? QFont::DemiBold : QFont::Normal);
        return made;
    };
    const auto block = [&] {
        if (!edit_->document()->isEmpty())
            cursor.insertBlock();
        cursor.block().setUserData(new EntryNumber(number));
    };
    block();
    if (entry.title && number > first_) // room above a new run
        block();
    cursor.insertText(entry.time.toString(QStringLiteral("HH:mm:ss.zzz  ")), format(c.dim));
    if (!entry.word.isEmpty())
        cursor.insertText(entry.word, format(entry.title ? c.text : toneInk(entry.tone), true));
    if (!entry.word.isEmpty() && !entry.text.isEmpty())
        cursor.insertText(QStringLiteral("  "), format(c.dim));
    const bool loud = entry.tone == Tone::Bad || entry.tone == Tone::Warn || entry.tone == Tone::Accent;
    const QStringList lines = (entry.more.isEmpty() ? entry.text : entry.text + QLatin1Char('\n') + entry.more).split(QLatin1Char('\n'));
    cursor.insertText(lines.first(), format(loud ? c.text : c.dim));
    for (qsizetype i = 1; i < lines.size(); ++i) {
        block();
        cursor.insertText(QString(14, QLatin1Char(' ')) + lines[i], format(c.dim));
    }
}

const MessagesPane::Entry *MessagesPane::entryAt(const QPoint &at) const
{
    const QTextCursor cursor = edit_->cursorForPosition(at);
    const auto *number = static_cast<const EntryNumber *>(cursor.block().userData());
    const qint64 place = number != nullptr ? number->number - first_ : -1;
    return place >= 0 && place < static_cast<qint64>(entries_.size()) ? &entries_[static_cast<std::size_t>(place)] : nullptr;
}

void MessagesPane::activate(const Target &target)
{
    if (const auto *span = std::get_if<ByteSpan>(&target))
        Q_EMIT statementActivated(*span);
    else if (const auto *at = std::get_if<ByteOffset>(&target))
        Q_EMIT errorActivated(*at);
}

bool MessagesPane::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == edit_->viewport() && event->type() == QEvent::MouseMove) {
        const Entry *entry = entryAt(static_cast<QMouseEvent *>(event)->position().toPoint());
        const bool target = entry != nullptr && !std::holds_alternative<std::monostate>(entry->target);
        edit_->viewport()->setCursor(target ? Qt::PointingHandCursor : Qt::IBeamCursor);
        edit_->viewport()->setToolTip(target ? tr("Click shows it in the script") : QString());
    } else if (watched == edit_->viewport() && event->type() == QEvent::MouseButtonRelease) {
        auto *mouse = static_cast<QMouseEvent *>(event);
        const Entry *entry = entryAt(mouse->position().toPoint());
        // A click that ends a selection is no click on the message.
        if (mouse->button() == Qt::LeftButton && entry != nullptr && !edit_->textCursor().hasSelection())
            activate(entry->target);
    } else if (watched == edit_ && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if (key == Qt::Key_Return || key == Qt::Key_Enter) {
            if (const Entry *entry = entryAt(edit_->cursorRect().center()))
                activate(entry->target);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void MessagesPane::contextMenu(const QPoint &at)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction *copy = menu->addAction(icon(QStringLiteral("copy")), tr("Copy"), edit_, &QPlainTextEdit::copy);
    copy->setShortcut(QKeySequence::Copy);
    copy->setEnabled(edit_->textCursor().hasSelection());
    menu->addAction(tr("Copy all"), this, [this] { QApplication::clipboard()->setText(plainText()); });
    menu->addAction(tr("Select all"), edit_, &QPlainTextEdit::selectAll)->setShortcut(QKeySequence::SelectAll);
    menu->addSeparator();
    menu->addAction(icon(QStringLiteral("trash")), tr("Clear"), this, &MessagesPane::clear);
    menu->popup(edit_->viewport()->mapToGlobal(at));
}

QString MessagesPane::plainText() const
{
    return edit_->toPlainText();
}

} // namespace howdah::ui
