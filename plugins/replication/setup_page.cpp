// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/setup_page.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "core/pg/connection_spec.h"
#include "core/pg/password.h"
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

QLabel *wrapped(const QString &text, const char *role = nullptr)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (role != nullptr)
        label->setProperty("role", QString::fromLatin1(role));
    return label;
}

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

Error missingSubscriber()
{
    return fail(ErrorKind::Usage, SetupPage::tr("Say how to reach the subscriber first.").toStdString()).value();
}

/// The other end, from what was typed; a password in it stays in memory.
Result<std::unique_ptr<pg::Connection>> openOther(const std::string &conninfo, const pg::Canceller &canceller)
{
    if (conninfo.empty())
        return tl::unexpected(missingSubscriber());
    pg::ConnectionSpec spec;
    spec.conninfo = conninfo;
    return pg::Connection::open(spec, canceller);
}

} // namespace

SetupPage::SetupPage(SetupKind kind, ToolContext *context, QWidget *parent) : QWidget(parent), kind_(kind), context_(context), session_(context->newSession())
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

void SetupPage::build()
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::card);
    outer->setSpacing(spacing::card);
    auto *title = new QLabel(kind_ == SetupKind::Standby ? tr("Add a standby") : kind_ == SetupKind::Logical ? tr("Logical replication") : tr("Move over to the subscriber"));
    title->setProperty("role", QStringLiteral("title"));
    outer->addWidget(title);
    outer->addWidget(wrapped(kind_ == SetupKind::Standby   ? tr("Copies this server, starts the copy as a standby and proves it: a canary written here is read there. It is done when that is so.")
                             : kind_ == SetupKind::Logical ? tr("Publishes tables of this database, subscribes to them on another server, follows the initial copy and compares both sides.")
                                                           : tr("When writes have stopped: waits until the subscriber has everything, compares, sets the sequences and ends the subscription."),
                             "dim"));
    auto *form_box = new QWidget;
    form_box->setMaximumWidth(760);
    auto *form = new QFormLayout(form_box);
    form->setContentsMargins(0, 0, 0, 0);
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    if (kind_ == SetupKind::Standby) {
        addField(form, QStringLiteral("target"), tr("Data directory"), tr("/var/lib/postgresql/standby; empty: only the commands for another host"), tr("A new or empty folder on this machine"));
        addField(form, QStringLiteral("slot"), tr("Slot"), tr("standby"), tr("Keeps the WAL that the standby has not got yet; it is made with the copy"));
        addField(form, QStringLiteral("port"), tr("Port"), tr("the next free one"), tr("Of the standby"));
        addField(form, QStringLiteral("role"), tr("Role"), tr("the one of this connection"), tr("That the standby connects as; one that is not there is made"));
        addField(form, QStringLiteral("password"), tr("Password of a new role"), {}, tr("Sent as a SCRAM verifier; only needed where the role is made"), true);
    } else {
        addField(form, QStringLiteral("subscriber"), tr("Subscriber"), tr("host=db-2 dbname=shop user=postgres"), tr("A conninfo or URI; the tables must be there already"));
        addField(form, QStringLiteral("subscription"), tr("Subscription"), kind_ == SetupKind::Logical ? tr("<database>_sub") : tr("the only one"), {});
        if (kind_ == SetupKind::Logical) {
            addField(form, QStringLiteral("publication"), tr("Publication"), tr("<database>_pub"), {});
            addField(form, QStringLiteral("tables"), tr("Tables"), tr("all; or orders, customers"), tr("Names separated by commas"));
            addField(form, QStringLiteral("publisher"), tr("Publisher as the subscriber sees it"), tr("as this connection"), tr("Where the subscriber reaches this server by another address"));
        }
    }
    outer->addWidget(form_box);
    auto *buttons = new QHBoxLayout;
    check_ = new QPushButton(tr("Check and show the steps"));
    check_->setProperty("role", QStringLiteral("primary"));
    check_->setToolTip(tr("Asks the servers; nothing is changed"));
    run_ = new QPushButton(tr("Run the steps…"));
    run_->setToolTip(tr("Runs what is shown below, in that order"));
    run_->setEnabled(false);
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
    for (const auto &[id, edit] : fields_) {
        if (id == field)
            edit->setText(value);
    }
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
    return !busy_ && !steps_.empty() && mayBegin(checks_) && !context_->isReadOnly() && (kind_ != SetupKind::Standby || !value("target").isEmpty());
}

namespace {

StreamingPlan streamingPlan(const pg::ConnectionSpec &spec, const std::map<std::string, std::string> &values)
{
    const auto of = [&values](const char *field) {
        const auto found = values.find(field);
        return found == values.end() ? std::string() : found->second;
    };
    StreamingPlan plan;
    plan.primary_conninfo = pg::withoutPassword(spec.conninfo);
    plan.password = spec.password ? *spec.password : pg::passwordIn(spec.conninfo).value_or(std::string());
    plan.target = of("target");
    plan.slot = of("slot");
    plan.role = of("role");
    plan.role_password = of("password");
    if (!plan.role.empty() && !plan.role_password.empty())
        plan.password = plan.role_password;
    plan.port = std::atoi(of("port").c_str());
    return plan;
}

LogicalPlan logicalPlan(const pg::ConnectionSpec &spec, const std::map<std::string, std::string> &values)
{
    const auto of = [&values](const char *field) {
        const auto found = values.find(field);
        return found == values.end() ? std::string() : found->second;
    };
    const std::string publisher = of("publisher");
    LogicalPlan plan;
    plan.publisher_conninfo = pg::withoutPassword(publisher.empty() ? spec.conninfo : publisher);
    plan.password = publisher.empty() && spec.password ? *spec.password : pg::passwordIn(publisher.empty() ? spec.conninfo : publisher).value_or(std::string());
    plan.publication = of("publication");
    plan.subscription = of("subscription");
    for (const QString &name : qt(of("tables")).split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        const QString table = name.trimmed();
        plan.tables.push_back({table.contains(QLatin1Char('.')) ? table.section(QLatin1Char('.'), 0, 0).toStdString() : "public", table.section(QLatin1Char('.'), -1).toStdString(), {}, {}});
    }
    return plan;
}

} // namespace

std::function<SetupPage::Shown(pg::Connection &)> SetupPage::checkTask() const
{
    std::map<std::string, std::string> values;
    for (const auto &[id, edit] : fields_)
        values[id.toStdString()] = edit->text().trimmed().toStdString();
    return [kind = kind_, values, spec = session_->spec()](pg::Connection &connection) {
        Shown shown;
        const auto refuse = [&shown](const Error &error) {
            shown.error = error;
            return shown;
        };
        if (kind == SetupKind::Standby) {
            const auto plan = completed(connection, streamingPlan(spec, values));
            if (!plan)
                return refuse(plan.error());
            auto checks = preflightStreaming(connection, nullptr, *plan);
            if (!checks)
                return refuse(checks.error());
            shown.checks = std::move(*checks);
            shown.steps = streamingSteps(connection, *plan);
            return shown;
        }
        const auto other = openOther(values.at("subscriber"), connection.canceller());
        if (!other)
            return refuse(other.error());
        if (kind == SetupKind::CutOver) {
            CutOverPlan wanted;
            wanted.subscription = values.at("subscription");
            const auto plan = completed(connection, **other, wanted);
            if (!plan)
                return refuse(plan.error());
            auto steps = cutOverSteps(connection, **other, *plan);
            if (!steps)
                return refuse(steps.error());
            shown.steps = std::move(*steps);
            return shown;
        }
        const auto plan = completed(connection, logicalPlan(spec, values));
        if (!plan)
            return refuse(plan.error());
        auto checks = preflightLogical(connection, **other, *plan);
        if (!checks)
            return refuse(checks.error());
        shown.checks = std::move(*checks);
        shown.steps = logicalSteps(connection, **other, *plan);
        return shown;
    };
}

std::function<SetupOutcome(pg::Connection &, const SetupProgress &)> SetupPage::runTask() const
{
    std::map<std::string, std::string> values;
    for (const auto &[id, edit] : fields_)
        values[id.toStdString()] = edit->text().trimmed().toStdString();
    return [kind = kind_, values, spec = session_->spec()](pg::Connection &connection, const SetupProgress &progress) {
        const auto refuse = [](const Error &error) {
            SetupOutcome outcome;
            outcome.error = error;
            return outcome;
        };
        if (kind == SetupKind::Standby) {
            const auto plan = completed(connection, streamingPlan(spec, values));
            return plan ? setUpStreaming(connection, *plan, progress) : refuse(plan.error());
        }
        const auto other = openOther(values.at("subscriber"), connection.canceller());
        if (!other)
            return refuse(other.error());
        if (kind == SetupKind::CutOver) {
            CutOverPlan wanted;
            wanted.subscription = values.at("subscription");
            const auto plan = completed(connection, **other, wanted);
            return plan ? cutOver(connection, **other, *plan, {}, progress) : refuse(plan.error());
        }
        const auto plan = completed(connection, logicalPlan(spec, values));
        return plan ? setUpLogical(connection, **other, *plan, {}, progress) : refuse(plan.error());
    };
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
    const auto told = onGui<Shown>(this, [this](const Shown &shown) { showPlan(shown); });
    session_->post([task = checkTask(), told](pg::Connection &connection) {
        const pg::CancelScope scope(connection.canceller());
        told(task(connection));
    }, [told](const Error &error) {
        Shown shown;
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

void SetupPage::showPlan(const Shown &shown)
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
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const SetupStep &step = steps_[i];
        auto *card = new Card;
        card->body()->setSpacing(spacing::unit);
        auto *head = new QHBoxLayout;
        auto *title = wrapped(QStringLiteral("%1. %2").arg(i + 1).arg(qt(step.title)));
        QFont bold = textFont();
        bold.setWeight(QFont::DemiBold);
        title->setFont(bold);
        head->addWidget(title, 1);
        head->addWidget(new Pill(qt(step.node), Tone::Neutral));
        StepRow row;
        row.state = new QLabel(stateWord(step.state));
        row.state->setProperty("role", QStringLiteral("dim"));
        head->addWidget(row.state);
        card->body()->addLayout(head);
        card->body()->addWidget(code(qt(step.text).trimmed()));
        if (!step.note.empty())
            card->body()->addWidget(wrapped(qt(step.note), "dim"));
        row.figure = wrapped({});
        row.figure->hide();
        card->body()->addWidget(row.figure);
        rows_.push_back(row);
        list_->addWidget(card);
    }
    list_->addStretch(1);
    setBusy(false);
    Q_EMIT checked();
}

void SetupPage::showStep(std::size_t index, const SetupStep &step)
{
    if (index >= rows_.size())
        return;
    QString word = stateWord(step.state);
    if (step.state == StepState::Done)
        word += QStringLiteral(" · ") + timeText(step.duration_ms);
    rows_[index].state->setText(word);
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
    session_->post([task = runTask(), told, progress](pg::Connection &connection) { told(task(connection, progress)); },
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
