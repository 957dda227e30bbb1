// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/change/step_row.h"

#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/migration/step_sql.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/change/lock_words.h"

namespace howdah::ui {

namespace {

using migration::ChangeStep;
using migration::StepState;

constexpr int lines_in_short = 4;
constexpr int letters_in_short = 480;
constexpr int number_width = 32;
constexpr int lock_width = 188;
constexpr int state_width = 96;

struct StateWords {
    QString text;
    QString icon;
    Tone tone;
};

StateWords wordsOf(StepState state)
{
    switch (state) {
    case StepState::Waiting: return {StepRow::tr("waiting"), QString(), Tone::Neutral};
    case StepState::Running: return {StepRow::tr("running"), QString(), Tone::Accent};
    case StepState::Done: return {StepRow::tr("done"), QStringLiteral("check"), Tone::Good};
    case StepState::Failed: return {StepRow::tr("failed"), QStringLiteral("error"), Tone::Bad};
    case StepState::Cancelled: return {StepRow::tr("cancelled"), QStringLiteral("stop"), Tone::Warn};
    case StepState::NotRun: return {StepRow::tr("not run"), QStringLiteral("minus"), Tone::Neutral};
    }
    return {};
}

QLabel *label(const QString &text, const char *role = nullptr)
{
    auto *made = new QLabel(text);
    made->setTextFormat(Qt::PlainText);
    made->setWordWrap(true);
    made->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (role != nullptr)
        made->setProperty("role", QString::fromLatin1(role));
    // A long word must not widen the list; the label wraps or is cut instead.
    QSizePolicy policy = made->sizePolicy();
    policy.setHorizontalPolicy(QSizePolicy::Ignored);
    made->setSizePolicy(policy);
    return made;
}

QLabel *sqlLabel(const QString &sql)
{
    QLabel *made = label(sql);
    made->setFont(monoFont());
    made->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    made->setFocusPolicy(Qt::ClickFocus);
    made->setCursor(Qt::IBeamCursor);
    return made;
}

QString shortened(const QString &sql)
{
    QString text = sql.section(QLatin1Char('\n'), 0, lines_in_short - 1);
    text.truncate(letters_in_short);
    return text == sql ? sql : text.trimmed() + QStringLiteral(" …");
}

QPushButton *linkButton(const QString &text)
{
    auto *button = new QPushButton(text);
    button->setProperty("role", QStringLiteral("quiet"));
    // Beside SQL it must not be what one sees first.
    button->setStyleSheet(QStringLiteral("QPushButton { font-weight: 400; padding: 1px 8px; }"));
    button->setCheckable(true);
    return button;
}

QString facts(const ChangeStep &step)
{
    QStringList parts;
    if (step.batches)
        parts << StepRow::tr("in batches of %1, each in a transaction").arg(QString::fromStdString(step.batches->table));
    else if (step.comparison)
        parts << StepRow::tr("compared range by range");
    else
        parts << (step.in_transaction ? StepRow::tr("in a transaction") : StepRow::tr("outside of a transaction"));
    if (!step.check_before.empty() && !step.check_after.empty())
        parts << StepRow::tr("checked before and after");
    else if (!step.check_before.empty())
        parts << StepRow::tr("checked before");
    else if (!step.check_after.empty())
        parts << StepRow::tr("checked after");
    return parts.join(QStringLiteral(" · "));
}

QString checks(const ChangeStep &step)
{
    QStringList lines;
    if (!step.check_before.empty())
        lines << StepRow::tr("Must hold before: %1").arg(QString::fromStdString(step.check_before));
    if (!step.check_after.empty())
        lines << StepRow::tr("Must hold after: %1").arg(QString::fromStdString(step.check_after));
    return lines.join(QLatin1Char('\n'));
}

} // namespace

StepRow::StepRow(std::size_t number, const ChangeStep &step, QWidget *parent) : QWidget(parent)
{
    const QString title = QString::fromStdString(step.title);
    setAccessibleName(tr("Statement %1: %2").arg(number).arg(title));
    number_ = new Pill(QString::number(number), Tone::Neutral);
    pill_ = new Pill;
    time_ = new QLabel;
    time_->setProperty("role", QStringLiteral("dim"));
    time_->setAlignment(Qt::AlignRight);

    auto *texts = new QVBoxLayout;
    texts->setSpacing(spacing::unit);
    addTexts(texts, step);

    const LockWords lock = lockWords(step.lock_level);
    auto *locks = new QVBoxLayout;
    locks->setSpacing(spacing::unit);
    auto *lock_pill = new Pill(lock.name, lock.tone);
    lock_pill->setToolTip(lock.blocks.isEmpty() ? tr("Strongest lock taken")
                                                : tr("Strongest lock taken: %1").arg(lock.blocks));
    auto *blocks = new QLabel(lock.blocks);
    blocks->setProperty("role", QStringLiteral("dim"));
    blocks->setContentsMargins(spacing::control, 0, 0, 0);
    locks->addWidget(lock_pill, 0, Qt::AlignLeft);
    locks->addWidget(blocks);
    locks->addStretch();

    auto *states = new QVBoxLayout;
    states->setSpacing(spacing::unit);
    states->addWidget(pill_, 0, Qt::AlignRight);
    states->addWidget(time_);
    states->addStretch();

    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(spacing::card, 10, spacing::card, 10);
    layout->setHorizontalSpacing(spacing::card);
    layout->addWidget(number_, 0, 0, Qt::AlignTop | Qt::AlignHCenter);
    layout->addLayout(texts, 0, 1);
    layout->addLayout(locks, 0, 2);
    layout->addLayout(states, 0, 3);
    layout->setColumnMinimumWidth(0, number_width);
    layout->setColumnStretch(1, 1);
    layout->setColumnMinimumWidth(2, lock_width);
    layout->setColumnMinimumWidth(3, state_width);

    ticking_ = new QTimer(this);
    ticking_->setInterval(100);
    connect(ticking_, &QTimer::timeout, this, [this] { showTime(static_cast<double>(since_.elapsed())); });
    setOutcome({});
}

void StepRow::addTexts(QVBoxLayout *texts, const ChangeStep &step)
{
    QLabel *title = label(QString::fromStdString(step.title));
    QFont font = textFont();
    font.setWeight(QFont::DemiBold);
    title->setFont(font);
    texts->addWidget(title);
    addSql(texts, QString::fromStdString(migration::shownSql(step)));
    if (!step.note.empty())
        texts->addWidget(label(QString::fromStdString(step.note), "dim"));
    addWayBack(texts, step);
    error_ = label(QString(), "error");
    error_->hide();
    texts->addWidget(error_);
}

void StepRow::addSql(QVBoxLayout *texts, const QString &sql)
{
    const QString in_short = shortened(sql);
    QLabel *shown = sqlLabel(in_short);
    shown->setAccessibleName(tr("SQL"));
    texts->addWidget(shown);
    if (in_short == sql)
        return;
    const QString more = tr("Show all %n line(s)", nullptr, static_cast<int>(sql.count(QLatin1Char('\n'))) + 1)
                             .replace(QLatin1StringView("line(s)"), tr("lines"));
    QPushButton *toggle = linkButton(more);
    connect(toggle, &QPushButton::toggled, shown, [=](bool all) {
        shown->setText(all ? sql : in_short);
        toggle->setText(all ? tr("Show less") : more);
    });
    texts->addWidget(toggle, 0, Qt::AlignLeft);
}

/// One line: transaction, checks, and the way back on demand or the reason why there is none.
void StepRow::addWayBack(QVBoxLayout *texts, const ChangeStep &step)
{
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    auto *how = new QLabel(facts(step));
    how->setProperty("role", QStringLiteral("dim"));
    how->setToolTip(checks(step));
    line->addWidget(how);
    texts->addLayout(line);
    if (!step.undo_sql.empty()) {
        QPushButton *toggle = linkButton(tr("Way back"));
        toggle->setToolTip(tr("The SQL that undoes this statement"));
        QLabel *undo = sqlLabel(QString::fromStdString(step.undo_sql));
        undo->setAccessibleName(tr("SQL of the way back"));
        undo->setContentsMargins(spacing::card, 0, 0, 0);
        undo->hide();
        connect(toggle, &QPushButton::toggled, undo, &QWidget::setVisible);
        line->addWidget(toggle);
        line->addStretch();
        texts->addWidget(undo);
        return;
    }
    // Before the contract phase what has no way back of its own goes with another step's, or has changed nothing.
    const bool nothing = step.comparison || (step.phase != migration::Phase::Plain && step.phase != migration::Phase::Contract);
    auto *none = new Pill(nothing ? tr("nothing to take back") : tr("no way back"), nothing ? Tone::Neutral : Tone::Warn);
    none->setIconName(nothing ? QString() : QStringLiteral("warning"));
    line->addWidget(none);
    const QString reason = QString::fromStdString(step.no_undo_reason);
    if (reason.isEmpty()) {
        line->addStretch();
        return;
    }
    none->setToolTip(reason);
    // Beside the facts there is room for a few words only.
    const bool is_short = reason.size() <= 24;
    line->addWidget(is_short ? label(reason, "dim") : label({}), 1);
    if (!is_short)
        texts->addWidget(label(reason, "dim"));
}

void StepRow::setMark(const QString &text, const QString &icon_name, Tone tone)
{
    pill_->setText(text);
    pill_->setIconName(icon_name);
    pill_->setTone(tone);
    number_->setTone(tone);
}

void StepRow::setOutcome(const migration::StepOutcome &outcome)
{
    state_ = outcome.state;
    const StateWords words = wordsOf(state_);
    pill_->setText(words.text);
    pill_->setIconName(words.icon);
    pill_->setTone(words.tone);
    number_->setTone(words.tone);
    if (state_ == StepState::Running) {
        since_.start();
        ticking_->start();
    } else {
        ticking_->stop();
    }
    const bool timed = state_ == StepState::Done || state_ == StepState::Failed || state_ == StepState::Cancelled;
    if (timed)
        showTime(outcome.duration_ms);
    else
        time_->clear();
    error_->setVisible(outcome.error.has_value());
    if (outcome.error)
        error_->setText(QString::fromStdString(outcome.error->message));
}

void StepRow::showTime(double milliseconds)
{
    time_->setText(QString::fromStdString(human::duration(milliseconds)));
}

} // namespace howdah::ui
