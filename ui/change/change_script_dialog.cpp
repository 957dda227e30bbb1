// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/change/change_script_dialog.h"

#include <algorithm>

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/banner.h"
#include "ui/base/card.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/task_progress.h"
#include "ui/change/reverse_script.h"
#include "ui/change/script_run.h"
#include "ui/change/step_row.h"

namespace howdah::ui {

namespace {

using migration::ChangeOutcome;
using migration::StepOutcome;
using migration::StepState;

QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

int countOf(const ChangeOutcome &outcome, StepState state)
{
    return static_cast<int>(std::count_if(outcome.steps.begin(), outcome.steps.end(),
                                          [state](const StepOutcome &step) { return step.state == state; }));
}

QString detailsOf(const Error &error)
{
    QStringList lines;
    if (!error.sqlstate.empty())
        lines << ChangeScriptDialog::tr("SQLSTATE %1").arg(qt(error.sqlstate));
    for (const std::string &part : {error.detail, error.hint}) {
        if (!part.empty())
            lines << qt(part);
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

ChangeScriptDialog::ChangeScriptDialog(migration::ChangeScript script, std::shared_ptr<pg::Session> session,
                                       const QString &target, bool read_only, const QString &confirm_name,
                                       QWidget *parent)
    : QDialog(parent), script_(std::move(script)), session_(std::move(session)), target_(target),
      read_only_(read_only), confirm_name_(confirm_name)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowModality(Qt::WindowModal);
    setWindowTitle(qt(script_.title));
    build(target);
    resize(920, 640);
    refresh();
}

ChangeScriptDialog::~ChangeScriptDialog() = default;

void ChangeScriptDialog::build(const QString &target)
{
    auto *page = new QVBoxLayout(this);
    page->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    page->setSpacing(spacing::card);
    addHead(page, target);
    banner_ = new Banner;
    page->addWidget(banner_);
    addSteps(page);
    before_ = new QWidget;
    auto *before = new QVBoxLayout(before_);
    before->setContentsMargins(0, 0, 0, 0);
    before->setSpacing(spacing::control);
    addOptions(before);
    addConfirmation(before);
    page->addWidget(before_);
    progress_ = new TaskProgress;
    progress_->hide();
    connect(progress_, &TaskProgress::cancelRequested, this, &ChangeScriptDialog::cancelRun);
    page->addWidget(progress_);
    addButtons(page);
    if (read_only_)
        banner_->showMessage(Tone::Warn, tr("This connection is read-only, so nothing can be run on it."),
                             tr("Copy the SQL, or connect with writing allowed."));
}

void ChangeScriptDialog::addHead(QVBoxLayout *page, const QString &target)
{
    auto *title = new QLabel(qt(script_.title));
    title->setTextFormat(Qt::PlainText);
    title->setProperty("role", QStringLiteral("title"));
    title->setWordWrap(true);
    auto *where = new Pill(target, confirm_name_.isEmpty() ? Tone::Neutral : Tone::Warn);
    where->setIconName(read_only_ ? QStringLiteral("lock") : QStringLiteral("server"));
    where->setToolTip(tr("Where the statements run"));
    where->setVisible(!target.isEmpty());
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::card);
    line->addWidget(title, 1);
    line->addWidget(where, 0, Qt::AlignTop);
    page->addLayout(line);
    auto *reason = new QLabel(script_.reason.empty() ? tr("Nothing runs before you say so.") : qt(script_.reason));
    reason->setTextFormat(Qt::PlainText);
    reason->setProperty("role", QStringLiteral("dim"));
    reason->setWordWrap(true);
    page->addWidget(reason);
}

void ChangeScriptDialog::addSteps(QVBoxLayout *page)
{
    auto *card = new Card;
    card->body()->setContentsMargins(1, 1, 1, 1);
    card->body()->setSpacing(0);
    for (std::size_t i = 0; i < script_.steps.size(); ++i) {
        if (i > 0)
            card->body()->addWidget(hairline(this));
        rows_.push_back(new StepRow(i + 1, script_.steps[i]));
        card->body()->addWidget(rows_.back());
    }
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(card);
    layout->addStretch();
    auto *scroll = new QScrollArea;
    scroll_ = scroll;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    scroll->setAccessibleName(tr("Statements"));
    // The list is a part of the page, so it has the page's ground.
    scroll->viewport()->setAutoFillBackground(false);
    content->setAutoFillBackground(false);
    page->addWidget(scroll, 1);
}

void ChangeScriptDialog::addOptions(QVBoxLayout *page)
{
    lock_timeout_ = new QComboBox;
    const std::string standard = migration::ChangeOptions().lock_timeout;
    for (const char *time : {"200ms", "500ms", "1s", "2s", "5s", "10s", "1min"})
        lock_timeout_->addItem(QString::fromLatin1(time), QString::fromLatin1(time));
    lock_timeout_->addItem(tr("as the session has it"), QString());
    lock_timeout_->setCurrentIndex(lock_timeout_->findData(qt(standard)));
    lock_timeout_->setToolTip(tr("How long a statement may wait for its lock. While it waits, others queue behind it."));
    lock_timeout_->setMinimumWidth(110);
    auto *caption = new QLabel(tr("&Lock timeout"));
    caption->setBuddy(lock_timeout_);
    all_or_nothing_ = new QCheckBox(tr("&All or nothing, in one transaction"));
    all_or_nothing_->setToolTip(tr("Every lock is then held until the last statement is done."));
    const auto outside = std::find_if(script_.steps.begin(), script_.steps.end(),
                                      [](const migration::ChangeStep &step) { return !step.in_transaction; });
    if (outside != script_.steps.end()) {
        all_or_nothing_->setEnabled(false);
        all_or_nothing_->setToolTip(tr("“%1” cannot run in a transaction.").arg(qt(outside->title)));
    }
    if (script_.all_or_nothing) {
        all_or_nothing_->setChecked(true);
        all_or_nothing_->setEnabled(false);
        all_or_nothing_->setToolTip(tr("These steps only make sense together."));
    }
    all_or_nothing_->setVisible(script_.steps.size() > 1);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    line->addWidget(caption);
    line->addWidget(lock_timeout_);
    line->addSpacing(spacing::page);
    line->addWidget(all_or_nothing_);
    line->addStretch();
    page->addLayout(line);
}

void ChangeScriptDialog::addConfirmation(QVBoxLayout *page)
{
    if (confirm_name_.isEmpty() || read_only_)
        return;
    confirmation_ = new QLineEdit;
    confirmation_->setPlaceholderText(confirm_name_);
    confirmation_->setMaximumWidth(280);
    auto *caption = new QLabel(tr("This is production. &Type %1 to run it:").arg(confirm_name_));
    caption->setBuddy(confirmation_);
    connect(confirmation_, &QLineEdit::textChanged, this, &ChangeScriptDialog::refresh);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    line->addWidget(caption);
    line->addWidget(confirmation_, 1);
    line->addStretch();
    page->addLayout(line);
}

void ChangeScriptDialog::addButtons(QVBoxLayout *page)
{
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("&Copy SQL"));
    auto *save = new QPushButton(icon(QStringLiteral("save")), tr("&Save as…"));
    copy->setToolTip(tr("The whole script with comments, as psql runs it"));
    close_button_ = new QPushButton(tr("Cancel"));
    run_button_ = new QPushButton;
    run_button_->setProperty("role", script_.danger ? QStringLiteral("danger") : QStringLiteral("primary"));
    run_button_->setDefault(!script_.danger);
    run_button_->setAutoDefault(!script_.danger);
    for (QPushButton *button : {copy, save, close_button_})
        button->setAutoDefault(false);
    connect(copy, &QPushButton::clicked, this, &ChangeScriptDialog::copySql);
    connect(save, &QPushButton::clicked, this, &ChangeScriptDialog::saveSql);
    connect(close_button_, &QPushButton::clicked, this, &ChangeScriptDialog::reject);
    connect(run_button_, &QPushButton::clicked, this, &ChangeScriptDialog::run);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    line->addWidget(copy);
    line->addWidget(save);
    line->addStretch();
    line->addWidget(close_button_);
    line->addWidget(run_button_);
    page->addLayout(line);
}

void ChangeScriptDialog::refresh()
{
    const bool running = run_ != nullptr && run_->isRunning();
    const bool before = run_ == nullptr;
    const bool confirmed = confirmation_ == nullptr || confirmation_->text() == confirm_name_;
    const int count = static_cast<int>(script_.steps.size());
    run_button_->setText(count == 1 ? tr("&Run 1 statement") : tr("&Run %1 statements").arg(count));
    run_button_->setVisible(before);
    run_button_->setEnabled(!read_only_ && confirmed && count > 0 && session_ != nullptr);
    run_button_->setToolTip(read_only_        ? tr("The connection is read-only")
                                : !confirmed  ? tr("Type %1 first").arg(confirm_name_)
                                : session_    ? QString()
                                              : tr("There is no connection"));
    before_->setVisible(before && !read_only_);
    progress_->setVisible(running);
    close_button_->setVisible(!running);
    close_button_->setText(before && !read_only_ ? tr("Cancel") : tr("Close"));
}

migration::ChangeOptions ChangeScriptDialog::options() const
{
    migration::ChangeOptions options;
    options.lock_timeout = lock_timeout_->currentData().toString().toStdString();
    options.single_transaction = all_or_nothing_->isChecked();
    return options;
}

void ChangeScriptDialog::copySql()
{
    QGuiApplication::clipboard()->setText(qt(script_.toSql()));
}

void ChangeScriptDialog::saveSql()
{
    auto *dialog = new QFileDialog(this, tr("Save the script"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("SQL (*.sql)"));
    dialog->setDefaultSuffix(QStringLiteral("sql"));
    connect(dialog, &QFileDialog::fileSelected, this, &ChangeScriptDialog::writeSql);
    dialog->open();
}

void ChangeScriptDialog::writeSql(const QString &file)
{
    QSaveFile out(file);
    const QByteArray text = QByteArray::fromStdString(script_.toSql());
    if (!out.open(QIODevice::WriteOnly) || out.write(text) != text.size() || !out.commit())
        banner_->showMessage(Tone::Bad, tr("The script could not be saved to %1").arg(file), out.errorString());
}

void ChangeScriptDialog::run()
{
    if (run_ != nullptr || read_only_ || !run_button_->isEnabled())
        return;
    run_ = new ScriptRun(script_, session_, this);
    connect(run_, &ScriptRun::stepChanged, this, &ChangeScriptDialog::stepChanged);
    connect(run_, &ScriptRun::finished, this, &ChangeScriptDialog::ended);
    banner_->dismiss();
    progress_->setCancellable(true);
    progress_->setProgress(tr("Waiting for the connection"), -1, -1);
    run_->start(options());
    refresh();
    progress_->setFocus();
}

void ChangeScriptDialog::cancelRun()
{
    progress_->setCancellable(false);
    progress_->setProgress(tr("Cancelling"), -1, -1);
    run_->cancel();
}

void ChangeScriptDialog::stepChanged(std::size_t index, const StepOutcome &outcome)
{
    rows_[index]->setOutcome(outcome);
    if (outcome.state != StepState::NotRun)
        scroll_->ensureWidgetVisible(rows_[index]);
    if (outcome.state != StepState::Running)
        return;
    const std::size_t count = script_.steps.size();
    progress_->setProgress(tr("%1 of %2: %3").arg(index + 1).arg(count).arg(qt(script_.steps[index].title)),
                           count > 1 ? static_cast<double>(index) / static_cast<double>(count) : -1, -1);
}

void ChangeScriptDialog::ended(const ChangeOutcome &outcome)
{
    outcome_ = outcome;
    for (std::size_t i = 0; i < rows_.size() && i < outcome.steps.size(); ++i)
        rows_[i]->setOutcome(outcome.steps[i]);
    refresh();
    showOutcome();
    close_button_->setFocus();
    told_ = true;
    Q_EMIT finished(outcome);
}

QString ChangeScriptDialog::summary() const
{
    const int done = countOf(*outcome_, StepState::Done);
    double time = 0;
    for (const StepOutcome &step : outcome_->steps)
        time += step.duration_ms;
    const QString took = qt(human::duration(time));
    return done == 1 ? tr("1 statement done in %1").arg(took) : tr("%1 statements done in %2").arg(done).arg(took);
}

void ChangeScriptDialog::showOutcome()
{
    const ReverseScript reverse = reverseOf(script_, *outcome_);
    const auto &error = outcome_->error;
    if (!error) {
        QString details;
        if (!reverse.no_way_back.empty())
            details = tr("There is no way back from “%1”.").arg(qt(reverse.no_way_back.front()));
        banner_->showMessage(Tone::Good, summary(), details);
    } else {
        const bool cancelled = error->kind == ErrorKind::Cancelled;
        banner_->showMessage(cancelled ? Tone::Warn : Tone::Bad, cancelled ? tr("Cancelled") : qt(error->message),
                             detailsOf(*error));
        banner_->addButton(tr("Copy error"), [text = qt(error->text())] { QGuiApplication::clipboard()->setText(text); });
    }
    if (reverse.isComplete())
        banner_->addButton(tr("Undo what was done…"), [this] { offerUndo(); });
}

/// The way back is a change script like any other: shown first, confirmed, run.
void ChangeScriptDialog::offerUndo()
{
    auto *dialog = new ChangeScriptDialog(reverseOf(script_, *outcome_).script, session_, target_, read_only_,
                                          confirm_name_, this);
    connect(dialog, &ChangeScriptDialog::finished, this, [this](const ChangeOutcome &outcome) {
        if (countOf(outcome, StepState::Done) == 0)
            return;
        banner_->showMessage(outcome.done() ? Tone::Good : Tone::Warn,
                             outcome.done() ? tr("What was done is undone") : tr("Not everything is undone"),
                             outcome.error ? detailsOf(*outcome.error) : QString());
        Q_EMIT undone(outcome);
    });
    dialog->open();
}

void ChangeScriptDialog::reject()
{
    if (run_ != nullptr && run_->isRunning()) {
        cancelRun();
        return;
    }
    if (!told_) {
        told_ = true;
        Error error;
        error.kind = ErrorKind::Cancelled;
        error.message = "Not run";
        Q_EMIT finished(ScriptRun::notRun(script_.steps.size(), std::move(error)));
    }
    QDialog::reject();
}

} // namespace howdah::ui
