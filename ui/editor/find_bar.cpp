// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/find_bar.h"

#include <algorithm>

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStyle>
#include <QThreadPool>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/sql_editor.h"

namespace howdah::ui {

namespace {

constexpr std::size_t most_matches = 20'000;
constexpr int pause_ms = 120;

struct Found {
    std::vector<ByteSpan> matches;
    bool complete = true;
};

/// UTF-16 places of the matches turned into bytes on one walk over the text.
Found search(const std::string &utf8, const QRegularExpression &pattern)
{
    Found found;
    const QString text = QString::fromStdString(utf8);
    const bool ascii = text.size() == static_cast<qsizetype>(utf8.size());
    qsizetype unit = 0;
    std::size_t byte = 0;
    const auto toByte = [&](qsizetype to) {
        byte += ascii ? static_cast<std::size_t>(to - unit)
                      : static_cast<std::size_t>(QStringView(text).mid(unit, to - unit).toUtf8().size());
        unit = to;
        return ByteOffset{byte};
    };
    for (auto all = pattern.globalMatch(text); all.hasNext();) {
        const auto match = all.next();
        if (match.capturedLength() == 0)
            continue;
        if (found.matches.size() == most_matches) {
            found.complete = false;
            break;
        }
        const ByteOffset begin = toByte(match.capturedStart());
        found.matches.push_back({begin, toByte(match.capturedEnd())});
    }
    return found;
}

} // namespace

FindBar::FindBar(SqlEditor *editor, QWidget *parent) : QWidget(parent), editor_(editor)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Window);
    auto *rows = new QVBoxLayout(this);
    rows->setContentsMargins(spacing::control, spacing::unit, spacing::control, spacing::unit);
    rows->setSpacing(spacing::unit);
    auto *row = new QHBoxLayout;
    row->setSpacing(spacing::unit);
    rows->addLayout(row);
    find_ = new QLineEdit;
    find_->setAccessibleName(tr("Find"));
    find_->setPlaceholderText(tr("Find"));
    find_->setClearButtonEnabled(true);
    count_ = new QLabel;
    count_->setProperty("role", QStringLiteral("dim"));
    count_->setMinimumWidth(fontMetrics().horizontalAdvance(QStringLiteral("20 000 of 20 000+")));
    match_case_ = addToggle(QStringLiteral("Aa"), tr("Match case"));
    whole_words_ = addToggle(QStringLiteral("W"), tr("Whole words"));
    regex_ = addToggle(QStringLiteral(".*"), tr("Regular expression"));
    auto *previous = addTool(QStringLiteral("chevron-up"), tr("Previous (Shift+F3)"));
    auto *next = addTool(QStringLiteral("chevron-down"), tr("Next (F3)"));
    auto *shut = addTool(QStringLiteral("close"), tr("Close (Esc)"));
    row->addWidget(find_, 1);
    for (QWidget *widget : std::initializer_list<QWidget *>{match_case_, whole_words_, regex_, count_, previous, next, shut})
        row->addWidget(widget);

    replace_row_ = new QWidget;
    auto *second = new QHBoxLayout(replace_row_);
    second->setContentsMargins(0, 0, 0, 0);
    second->setSpacing(spacing::unit);
    replace_ = new QLineEdit;
    replace_->setAccessibleName(tr("Replace with"));
    replace_->setPlaceholderText(tr("Replace with"));
    auto *one = new QPushButton(tr("Replace"));
    auto *all = new QPushButton(tr("Replace all"));
    second->addWidget(replace_, 1);
    second->addWidget(one);
    second->addWidget(all);
    rows->addWidget(replace_row_);

    timer_.setSingleShot(true);
    timer_.setInterval(pause_ms);
    connect(&timer_, &QTimer::timeout, this, &FindBar::search);
    const auto restart = [this] {
        jump_ = true;
        timer_.start();
    };
    connect(find_, &QLineEdit::textEdited, this, restart);
    for (QToolButton *toggle : {match_case_, whole_words_, regex_})
        connect(toggle, &QToolButton::toggled, this, restart);
    connect(editor_, &QsciScintilla::textChanged, this, [this] {
        if (isVisible())
            timer_.start();
    });
    connect(find_, &QLineEdit::returnPressed, this, &FindBar::findNext);
    connect(replace_, &QLineEdit::returnPressed, this, &FindBar::replaceOne);
    connect(previous, &QToolButton::clicked, this, &FindBar::findPrevious);
    connect(next, &QToolButton::clicked, this, &FindBar::findNext);
    connect(shut, &QToolButton::clicked, this, &FindBar::close);
    connect(one, &QPushButton::clicked, this, &FindBar::replaceOne);
    connect(all, &QPushButton::clicked, this, &FindBar::replaceAll);
    hide();
}

QToolButton *FindBar::addToggle(const QString &text, const QString &tooltip)
{
    auto *button = new QToolButton;
    button->setText(text);
    button->setToolTip(tooltip);
    button->setAccessibleName(tooltip);
    button->setCheckable(true);
    return button;
}

QToolButton *FindBar::addTool(const QString &icon_name, const QString &tooltip)
{
    auto *button = new QToolButton;
    button->setIcon(icon(icon_name));
    button->setToolTip(tooltip);
    button->setAccessibleName(tooltip);
    return button;
}

void FindBar::open(bool with_replace)
{
    const ByteSpan selected = editor_->selection();
    if (selected.size() > 0 && selected.size() < 200) {
        const QString word = editor_->selectedText();
        if (!word.contains(QLatin1Char('\n')))
            find_->setText(word);
    }
    replace_row_->setVisible(with_replace);
    QWidget::show();
    find_->setFocus();
    find_->selectAll();
    search();
}

void FindBar::close()
{
    hide();
    matches_.clear();
    editor_->setHighlight({}, editor_indicator::found);
    editor_->setFocus();
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

QRegularExpression FindBar::pattern() const
{
    QString text = regex_->isChecked() ? find_->text() : QRegularExpression::escape(find_->text());
    if (whole_words_->isChecked())
        text = QStringLiteral("\\b(?:%1)\\b").arg(text);
    QRegularExpression::PatternOptions options =
        QRegularExpression::MultilineOption | QRegularExpression::UseUnicodePropertiesOption;
    if (!match_case_->isChecked())
        options |= QRegularExpression::CaseInsensitiveOption;
    return QRegularExpression(text, options);
}

void FindBar::search()
{
    const QRegularExpression wanted = pattern();
    const bool valid = wanted.isValid();
    find_->setProperty("invalid", !valid);
    find_->style()->polish(find_);
    const quint64 request = ++request_;
    if (find_->text().isEmpty() || !valid) {
        accept(request, {}, true);
        if (!valid)
            count_->setText(tr("Not a pattern"));
        return;
    }
    using Done = std::function<void(std::shared_ptr<Found>)>;
    auto done = onGui(this, Done([this, request](auto found) {
                          accept(request, std::move(found->matches), found->complete);
                      }));
    auto text = std::make_shared<const std::string>(editor_->utf8());
    QThreadPool::globalInstance()->start(
        [text, wanted, done] { done(std::make_shared<Found>(ui::search(*text, wanted))); });
}

void FindBar::accept(quint64 request, std::vector<ByteSpan> matches, bool complete)
{
    if (request != request_ || !isVisible())
        return;
    matches_ = std::move(matches);
    complete_ = complete;
    editor_->setHighlight(matches_, editor_indicator::found);
    if (jump_ && !matches_.empty()) {
        const ByteOffset from = editor_->selection().begin;
        const auto next = std::find_if(matches_.begin(), matches_.end(), [from](ByteSpan m) { return m.begin >= from; });
        show(next == matches_.end() ? 0 : static_cast<std::size_t>(next - matches_.begin()));
    }
    jump_ = false;
    showCount();
    Q_EMIT searched();
}

void FindBar::showCount()
{
    const QString total = QString::fromStdString(human::count(matchCount())) +
                          (complete_ ? QString() : QStringLiteral("+"));
    const ByteSpan selected = editor_->selection();
    const auto here = std::find(matches_.begin(), matches_.end(), selected);
    if (find_->text().isEmpty())
        count_->clear();
    else if (matches_.empty())
        count_->setText(tr("No matches"));
    else if (here == matches_.end())
        count_->setText(tr("%1 found").arg(total));
    else
        count_->setText(tr("%1 of %2").arg(here - matches_.begin() + 1).arg(total));
}

void FindBar::show(std::size_t match)
{
    editor_->select(matches_[match]);
    showCount();
}

void FindBar::findNext()
{
    if (matches_.empty())
        return;
    const ByteOffset from = editor_->selection().end;
    const auto next = std::find_if(matches_.begin(), matches_.end(), [from](ByteSpan m) { return m.begin >= from; });
    show(next == matches_.end() ? 0 : static_cast<std::size_t>(next - matches_.begin()));
}

void FindBar::findPrevious()
{
    if (matches_.empty())
        return;
    const ByteOffset from = editor_->selection().begin;
    const auto next = std::find_if(matches_.begin(), matches_.end(), [from](ByteSpan m) { return m.begin >= from; });
    show(static_cast<std::size_t>((next == matches_.begin() ? matches_.end() : next) - matches_.begin()) - 1);
}

QString FindBar::replacementFor(const QString &found) const
{
    if (!regex_->isChecked())
        return replace_->text();
    QString text = found;
    return text.replace(pattern(), replace_->text());
}

void FindBar::replaceOne()
{
    const ByteSpan selected = editor_->selection();
    if (std::find(matches_.begin(), matches_.end(), selected) == matches_.end()) {
        findNext();
        return;
    }
    const std::string text = replacementFor(editor_->selectedText()).toStdString();
    editor_->replace(selected, text);
    editor_->setCursor({selected.begin.value + text.size()});
    jump_ = true;
    search();
}

void FindBar::replaceAll()
{
    if (matches_.empty())
        return;
    // One replacement of the stretch that holds all of them is one undo step and one repaint.
    const std::string old = editor_->utf8();
    const ByteSpan stretch{matches_.front().begin, matches_.back().end};
    std::string changed;
    ByteOffset at = stretch.begin;
    for (const ByteSpan &match : matches_) {
        changed += ByteSpan{at, match.begin}.of(old);
        const std::string_view found = match.of(old);
        changed += replacementFor(QString::fromUtf8(found.data(), static_cast<qsizetype>(found.size()))).toStdString();
        at = match.end;
    }
    editor_->replace(stretch, changed);
    search();
}

} // namespace howdah::ui
