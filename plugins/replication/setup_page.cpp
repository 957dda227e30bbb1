// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/setup_page.h"

#include <algorithm>
#include <cmath>

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "plugins/replication/labels.h"
#include "plugins/replication/words.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::replication_tool {

using namespace howdah::ui;
using namespace howdah::replication;
using migration::StepState;

namespace {

QLabel *code(const QString &text)
{
    QLabel *label = wrapped(text);
    label->setFont(monoFont());
    return label;
}

QString stateWord(StepState state)
{
    switch (state) {
    case StepState::Waiting: return SetupPage::tr("waits");
    case StepState::Running: return SetupPage::tr("runs");
    case StepState::Done: return SetupPage::tr("done");
    case StepState::Failed: return SetupPage::tr("failed");
    case StepState::Cancelled: return SetupPage::tr("cancelled");
    case StepState::NotRun: break;
    }
    return SetupPage::tr("not run");
}

QString titleOf(SetupKind kind)
{
    switch (kind) {
    case SetupKind::Standby: return SetupPage::tr("Add a standby");
    case SetupKind::Rebuild: return SetupPage::tr("Rebuild a lost standby");
    case SetupKind::Logical: return SetupPage::tr("Logical replication");
    case SetupKind::CutOver: return SetupPage::tr("Move over to the subscriber");
    case SetupKind::Canary: break;
    }
    return SetupPage::tr("Send a canary");
}

QString aboutOf(SetupKind kind)
{
    switch (kind) {
    case SetupKind::Standby: return SetupPage::tr("Copies this server, starts the copy as a standby and proves it: a canary written here is read there. It is done when that is so.");
    case SetupKind::Rebuild: return SetupPage::tr("Makes a standby that can never catch up again in its own folder: copied, or rewound where it took writes of its own. What was there is kept beside it until the proof.");
    case SetupKind::Logical: return SetupPage::tr("Publishes tables of this database, subscribes to them on another server, follows the initial copy and compares both sides.");
    case SetupKind::CutOver: return SetupPage::tr("When writes have stopped: waits until the subscriber has everything, compares, sets the sequences and ends the subscription.");
    case SetupKind::Canary: break;
    }
    return SetupPage::tr("Writes a row at one end, reads it at the other and removes it again: that proves more than any figure.");
}

} // namespace

SetupPage::SetupPage(SetupKind kind, ToolContext *context, QWidget *parent) : QWidget(parent), kind_(kind), context_(context), session_(context->newSession())
{
    build();
}

SetupPage::SetupPage(SetupKind kind, ToolContext *context, const pg::ConnectionSpec &here, const pg::ConnectionSpec &there, QWidget *parent)
    : QWidget(parent), kind_(kind), context_(context), session_(std::make_shared<pg::Session>(here)), there_(there)
{
    build();
}

SetupPage::~SetupPage()
{
    if (session_)
        session_->cancelAll();
}

void SetupPage::addField(QFormLayout *form, const QString &id, const QString &title, const QString &placeholder, const QString &tooltip, bool secret)
{
    auto *edit = new QLineEdit;
    edit->setPlaceholderText(placeholder);
    edit->setToolTip(tooltip);
    edit->setAccessibleName(title);
    if (secret)
        edit->setEchoMode(QLineEdit::Password);
    connect(edit, &QLineEdit::textEdited, this, [this] { run_->setEnabled(false); });
    connect(edit, &QLineEdit::returnPressed, this, &SetupPage::check);
    form->addRow(title, edit);
    fields_.emplace_back(id, edit);
}

void SetupPage::addFields(QFormLayout *form)
{
    if (kind_ == SetupKind::Canary)
        return;
    if (kind_ == SetupKind::Standby || kind_ == SetupKind::Rebuild) {
        const bool again = kind_ == SetupKind::Rebuild;
        addField(form, QStringLiteral("target"), tr("Data directory"), tr("/var/lib/postgresql/standby; empty: only the commands for another host"), again ? tr("The folder of the lost standby on this machine") : tr("A new or empty folder on this machine"));
        addField(form, QStringLiteral("slot"), tr("Slot"), again ? tr("as it had") : tr("standby"), tr("Keeps the WAL that the standby has not got yet; it is made with the copy"));
        addField(form, QStringLiteral("port"), tr("Port"), again ? tr("as it had") : tr("the next free one"), tr("Of the standby"));
        if (again)
            addField(form, QStringLiteral("method"), tr("Method"), tr("as the folder allows; or copy, rewind"), tr("rewind takes back what a promoted standby wrote for itself; copy always works"));
        addField(form, QStringLiteral("role"), tr("Role"), tr("the one of this connection"), tr("That the standby connects as; one that is not there is made"));
        addField(form, QStringLiteral("password"), tr("Password of a new role"), {}, tr("Sent as a SCRAM verifier; only needed where the role is made"), true);
        return;
    }
    addField(form, QStringLiteral("subscriber"), tr("Subscriber"), tr("host=db-2 dbname=shop user=postgres"), tr("A conninfo or URI; the tables must be there already"));
    addField(form, QStringLiteral("subscription"), tr("Subscription"), kind_ == SetupKind::Logical ? tr("<database>_sub") : tr("the only one"), {});
    if (kind_ == SetupKind::Logical) {
        addField(form, QStringLiteral("publication"), tr("Publication"), tr("<database>_pub"), {});
        addField(form, QStringLiteral("tables"), tr("Tables"), tr("all; or orders, customers (id, name) WHERE (id > 100)"), tr("Names separated by commas; from 15 with a column list and a row filter"));
        addField(form, QStringLiteral("publisher"), tr("Publisher as the subscriber sees it"), tr("as this connection"), tr("Where the subscriber reaches this server by another address"));
    }
    addField(form, QStringLiteral("limit"), tr("Compare tables up to"), tr("10 000 000 rows"), tr("Tables with more rows are only counted"));
}

void SetupPage::build()
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::card);
    outer->setSpacing(spacing::card);
    auto *title = new QLabel(titleOf(kind_));
    title->setProperty("role", QStringLiteral("title"));
    outer->addWidget(title);
    outer->addWidget(wrapped(aboutOf(kind_), "dim"));
    auto *form_box = new QWidget;
    form_box->setMaximumWidth(760);
    auto *form = new QFormLayout(form_box);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    addFields(form);
    form_box->setVisible(!fields_.empty());
    outer->addWidget(form_box);
    auto *buttons = new QHBoxLayout;
    check_ = new QPushButton(tr("Check and show the steps"));
    check_->setProperty("role", QStringLiteral("primary"));
    check_->setToolTip(tr("Asks the servers; nothing is changed"));
    run_ = new QPushButton(tr("Run the steps…"));
    run_->setToolTip(tr("Runs what is shown below, in that order"));
    run_->setEnabled(false);
    run_->setVisible(!context_->isReadOnly());
    cancel_ = new QPushButton(tr("Cancel"));
    cancel_->hide();
    buttons->addWidget(check_);
    buttons->addWidget(run_);
    buttons->addWidget(cancel_);
    buttons->addStretch();
    outer->addLayout(buttons);
    banner_ = new Banner;
    outer->addWidget(banner_);
    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto *inside = new QWidget;
    list_ = new QVBoxLayout(inside);
    list_->setContentsMargins(0, 0, spacing::unit, 0);
    list_->setSpacing(spacing::control);
    list_->addStretch(1);
    scroll->setWidget(inside);
    outer->addWidget(scroll, 1);
    connect(check_, &QPushButton::clicked, this, &SetupPage::check);
    connect(run_, &QPushButton::clicked, this, &SetupPage::run);
    connect(cancel_, &QPushButton::clicked, this, [this] { session_->cancel(); });
}

void SetupPage::setValue(const QString &field, const QString &value)
{
    const auto found = std::find_if(fields_.begin(), fields_.end(), [&field](const auto &one) { return one.first == field; });
    if (found != fields_.end())
        found->second->setText(value);
    else
        fixed_[field] = value;
    run_->setEnabled(false);
}

QString SetupPage::value(const char *field) const
{
    for (const auto &[id, edit] : fields_) {
        if (id == QLatin1String(field))
            return edit->text().trimmed();
    }
    return {};
}

bool SetupPage::mayRun() const
{
    return !busy_ && !steps_.empty() && mayBegin(checks_) && !context_->isReadOnly() && ((kind_ != SetupKind::Standby && kind_ != SetupKind::Rebuild) || !value("target").isEmpty());
}

SetupTask SetupPage::task() const
{
    SetupTask task;
    task.kind = kind_;
    task.here = session_->spec();
    task.there = there_;
    for (const auto &[id, value] : fixed_)
        task.values[id.toStdString()] = value.toStdString();
    for (const auto &[id, edit] : fields_)
        task.values[id.toStdString()] = edit->text().trimmed().toStdString();
    return task;
}

void SetupPage::setBusy(bool busy)
{
    busy_ = busy;
    check_->setEnabled(!busy);
    cancel_->setVisible(busy);
    run_->setEnabled(mayRun());
    for (const auto &[id, edit] : fields_)
        edit->setEnabled(!busy);
}

void SetupPage::check()
{
    if (busy_ || !session_)
        return;
    setBusy(true);
    banner_->dismiss();
    const auto told = onGui<SetupTask::Plan>(this, [this](const SetupTask::Plan &shown) { showPlan(shown); });
    session_->post([task = task(), told](pg::Connection &connection) {
        const pg::CancelScope scope(connection.canceller());
        told(task.check(connection));
    }, [told](const Error &error) {
        SetupTask::Plan shown;
        shown.error = error;
        told(shown);
    });
}

void SetupPage::clearList()
{
    rows_.clear();
    while (QLayoutItem *item = list_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
}

void SetupPage::showPlan(const SetupTask::Plan &shown)
{
    clearList();
    checks_ = shown.checks;
    steps_ = shown.steps;
    outcome_.reset();
    if (shown.error) {
        banner_->showMessage(Tone::Bad, qt(shown.error->message), qt(shown.error->hint));
        steps_.clear();
    } else if (!mayBegin(checks_)) {
        banner_->showMessage(Tone::Warn, tr("Something does not hold yet"), tr("Mend what is marked below, and check again."));
    }
    // What does not hold first; what holds in one card.
    QStringList good;
    for (const Check &check : checks_) {
        if (check.ok) {
            good << QStringLiteral("%1 (%2)").arg(qt(check.name), qt(check.figure));
            continue;
        }
        auto *card = new Card;
        card->setEdge(check.required ? Tone::Bad : Tone::Warn);
        card->body()->setSpacing(spacing::unit);
        card->body()->addWidget(wrapped(tr("%1 (%2): %3").arg(qt(check.name), qt(check.node), qt(check.figure))));
        card->body()->addWidget(wrapped(qt(check.message), "dim"));
        if (!check.fix_sql.empty())
            card->body()->addWidget(code(qt(check.fix_sql) + QLatin1Char(';')));
        list_->addWidget(card);
    }
    if (!good.isEmpty()) {
        auto *card = new Card;
        card->setEdge(Tone::Good);
        card->body()->addWidget(wrapped(tr("%n checks hold", nullptr, static_cast<int>(good.size()))));
        card->body()->addWidget(wrapped(good.join(QStringLiteral(" · ")), "dim"));
        list_->addWidget(card);
    }
    for (std::size_t i = 0; i < steps_.size(); ++i)
        addStep(i, steps_[i]);
    list_->addStretch(1);
    setBusy(false);
    Q_EMIT checked();
}

void SetupPage::addStep(std::size_t index, const SetupStep &step)
{
    auto *card = new Card;
    card->body()->setSpacing(spacing::unit);
    auto *head = new QHBoxLayout;
    head->addWidget(heading(QStringLiteral("%1. %2").arg(index + 1).arg(qt(step.title))), 1);
    head->addWidget(new Pill(qt(step.node), Tone::Neutral));
    StepRow row;
    row.state = new QLabel(stateWord(step.state));
    row.state->setProperty("role", QStringLiteral("dim"));
    head->addWidget(row.state);
    card->body()->addLayout(head);
    row.text = code(qt(step.text).trimmed());
    card->body()->addWidget(row.text);
    if (!step.note.empty())
        card->body()->addWidget(wrapped(qt(step.note), "dim"));
    row.bar = new QProgressBar;
    row.bar->setRange(0, 1000);
    row.bar->setTextVisible(false);
    row.bar->setFixedHeight(6);
    row.bar->setAccessibleName(qt(step.title));
    row.bar->hide();
    card->body()->addWidget(row.bar);
    row.figure = wrapped({});
    row.figure->hide();
    card->body()->addWidget(row.figure);
    rows_.push_back(row);
    list_->addWidget(card);
}

void SetupPage::showStep(std::size_t index, const SetupStep &step)
{
    if (index >= rows_.size())
        return;
    QString word = stateWord(step.state);
    if (step.state == StepState::Done)
        word += QStringLiteral(" · ") + timeText(step.duration_ms);
    rows_[index].state->setText(word);
    // A canary has a name of its own each time.
    rows_[index].text->setText(qt(step.text).trimmed());
    rows_[index].bar->setVisible(step.state == StepState::Running && step.fraction >= 0);
    rows_[index].bar->setValue(static_cast<int>(std::lround(std::clamp(step.fraction, 0.0, 1.0) * 1000)));
    const QString figure = step.error ? qt(step.error->message) : qt(step.figure);
    rows_[index].figure->setText(figure);
    rows_[index].figure->setVisible(!figure.isEmpty());
    rows_[index].figure->setStyleSheet(step.error ? QStringLiteral("color: %1").arg(colors().bad_ink.name()) : QString());
}

void SetupPage::run()
{
    if (!mayRun())
        return;
    setBusy(true);
    banner_->dismiss();
    const auto told = onGui<SetupOutcome>(this, [this](const SetupOutcome &outcome) { showOutcome(outcome); });
    const SetupProgress progress = onGui<std::size_t, const SetupStep &>(this, std::function<void(std::size_t, const SetupStep &)>(
                                                                                  [this](std::size_t index, const SetupStep &step) { showStep(index, step); }));
    session_->post([task = task(), told, progress](pg::Connection &connection) { told(task.run(connection, progress)); },
                   [told](const Error &error) {
                       SetupOutcome outcome;
                       outcome.error = error;
                       told(outcome);
                   });
}

void SetupPage::showOutcome(const SetupOutcome &outcome)
{
    outcome_ = outcome;
    for (std::size_t i = 0; i < outcome.steps.size(); ++i)
        showStep(i, outcome.steps[i]);
    setBusy(false);
    run_->setEnabled(false);
    if (outcome.error) {
        const bool cancelled = outcome.error->kind == ErrorKind::Cancelled;
        banner_->showMessage(cancelled ? Tone::Warn : Tone::Bad, cancelled ? tr("Cancelled") : qt(outcome.error->message),
                             QStringList{qt(outcome.error->detail), qt(outcome.error->hint)}.join(QLatin1Char('\n')).trimmed());
    } else {
        banner_->showMessage(Tone::Good, tr("Proven"), qt(outcome.proof + (outcome.standby_conninfo.empty() ? std::string() : "\n" + outcome.standby_conninfo)));
    }
    Q_EMIT finished();
}

} // namespace howdah::replication_tool
