// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/run_pane.h"

#include <algorithm>

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/migration/executor.h"
#include "core/migration/journal.h"
#include "core/migration/needs_journal.h"
#include "core/partition/sync_lag.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/card.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/change/step_row.h"
#include "ui/migration/migration_view.h"
#include "ui/plugin/tool_context.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using migration::ChangeScript;

namespace {

QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

} // namespace

bool RunPane::wants(const ChangeScript &script)
{
    return migration::needsJournal(script);
}

RunPane::RunPane(ToolContext *context, QWidget *parent) : QWidget(parent), context_(context), session_(context->newSession())
{
    build();
}

RunPane::~RunPane() = default;

void RunPane::build()
{
    auto *page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    auto *head = new QWidget(this);
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::card);
    row->setSpacing(spacing::control);
    auto *back = new QPushButton(icon(QStringLiteral("chevron-left")), tr("Partitions"), head);
    back->setToolTip(tr("Back to the table; what runs goes on"));
    connect(back, &QPushButton::clicked, this, &RunPane::left);
    row->addWidget(back);
    lag_ = new QLabel(head);
    lag_->setProperty("role", QStringLiteral("dim"));
    row->addWidget(lag_, 1);
    speed_label_ = new QLabel(tr("&Speed"), head);
    row->addWidget(speed_label_);
    speed_ = new QComboBox(head);
    speed_label_->setBuddy(speed_);
    speed_->addItem(tr("As fast as it goes"), 0);
    for (const int rows : {50'000, 20'000, 5'000, 1'000})
        speed_->addItem(tr("%L1 rows a second").arg(rows), rows);
    speed_->setToolTip(tr("Of the batches; takes effect within seconds, also on one that another window runs"));
    connect(speed_, &QComboBox::activated, this, &RunPane::setSpeed);
    row->addWidget(speed_);
    page->addWidget(head);
    page->addWidget(hairline(this));
    banner_ = new Banner(this);
    page->addWidget(banner_);
    sides_ = new QStackedWidget(this);
    auto *review = new QWidget(sides_);
    auto *layout = new QVBoxLayout(review);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    auto *line = new QHBoxLayout;
    title_ = new QLabel(review);
    title_->setFont(titleFont());
    title_->setWordWrap(true);
    line->addWidget(title_, 1);
    run_button_ = new QPushButton(icon(QStringLiteral("run"), colors().accent_text), QString(), review);
    run_button_->setProperty("role", QStringLiteral("primary"));
    connect(run_button_, &QPushButton::clicked, this, &RunPane::run);
    line->addWidget(run_button_, 0, Qt::AlignTop);
    layout->addLayout(line);
    about_ = new QLabel(review);
    about_->setProperty("role", QStringLiteral("dim"));
    about_->setWordWrap(true);
    layout->addWidget(about_);
    steps_ = new QScrollArea(review);
    steps_->setWidgetResizable(true);
    steps_->setFrameShape(QFrame::NoFrame);
    steps_->setAccessibleName(tr("Steps"));
    layout->addWidget(steps_, 1);
    sides_->addWidget(review);
    view_ = new MigrationView(context_->newSession(), context_->isReadOnly(), sides_);
    connect(view_, &MigrationView::looked, this, &RunPane::readLag);
    connect(view_, &MigrationView::ended, this, &RunPane::ended);
    sides_->addWidget(view_);
    page->addWidget(sides_, 1);
}

void RunPane::review(const ChangeScript &script)
{
    script_ = script;
    banner_->dismiss();
    title_->setText(qt(script.title));
    about_->setText(qt(script.reason) + QLatin1Char('\n') +
                    tr("Where each step stands is written into the schema \"howdah\" of this database, which is made when it is not there. The window may be closed meanwhile; before the old is dropped it waits."));
    run_button_->setText(tr("Run these %n step(s)", nullptr, static_cast<int>(script.steps.size())));
    run_button_->setEnabled(!context_->isReadOnly());
    lag_->clear();
    auto *content = new QWidget;
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    auto *card = new Card;
    card->body()->setContentsMargins(1, 1, 1, 1);
    card->body()->setSpacing(0);
    for (std::size_t i = 0; i < script.steps.size(); ++i) {
        if (i > 0)
            card->body()->addWidget(hairline(this));
        card->body()->addWidget(new StepRow(i + 1, script.steps[i]));
    }
    layout->addWidget(card);
    layout->addStretch();
    steps_->setWidget(content);
    sides_->setCurrentIndex(0);
    run_button_->setFocus();
}

void RunPane::run()
{
    if (!script_ || !session_ || context_->isReadOnly())
        return;
    if (const auto unfit = migration::unfitForJournal(*script_))
        return fail(tr("This cannot be run"), *unfit);
    run_button_->setEnabled(false);
    migration::Throttle throttle;
    throttle.rows_per_second = speed_->currentData().toInt();
    const auto done = onGui<std::int64_t>(this, [this](std::int64_t id) {
        attach(id);
        view_->run();
    });
    const auto failed = onGui<Error>(this, [this](const Error &error) {
        run_button_->setEnabled(true);
        fail(tr("It was not begun"), error);
    });
    session_->post(
        [script = *script_, throttle, done, failed](pg::Connection &connection) {
            if (const auto made = migration::createJournal(connection); !made)
                return failed(made.error());
            if (const auto id = migration::addMigration(connection, script, throttle))
                done(*id);
            else
                failed(id.error());
        },
        failed);
}

void RunPane::attach(std::int64_t id)
{
    view_->attach(id);
    sides_->setCurrentIndex(1);
}

void RunPane::setSpeed()
{
    if (sides_->currentIndex() != 1 || !session_ || !view_->migration())
        return;
    migration::Throttle throttle = view_->migration()->throttle;
    throttle.rows_per_second = speed_->currentData().toInt();
    const auto failed = onGui<Error>(this, [this](const Error &error) { fail(tr("The speed was not changed"), error); });
    session_->post(
        [id = view_->id(), throttle, failed](pg::Connection &connection) {
            if (const auto set = migration::setThrottle(connection, id, throttle); !set)
                failed(set.error());
        },
        failed);
}

void RunPane::readLag()
{
    const auto &migration = view_->migration();
    if (!migration)
        return;
    const bool over = migration->state == migration::MigrationState::Done || migration->state == migration::MigrationState::RolledBack;
    speed_->setEnabled(!over && !context_->isReadOnly());
    if (const int at = speed_->findData(static_cast<int>(migration->throttle.rows_per_second)); at >= 0 && !speed_->hasFocus())
        speed_->setCurrentIndex(at);
    if (reading_lag_ || over || !session_)
        return;
    reading_lag_ = true;
    using Lag = Result<partition::SyncLag>;
    const auto done = onGui<std::shared_ptr<Lag>>(this, [this](const std::shared_ptr<Lag> &lag) {
        reading_lag_ = false;
        if (!*lag || !(*lag)->present) {
            lag_->clear();
        } else {
            const auto &read = **lag;
            const QString rows = (read.rows >= partition::SyncLag::most_rows ? tr("more than %1") : QStringLiteral("%1")).arg(qt(human::count(read.rows)));
            QString text = read.rows == 0 ? tr("The copy is in step with the writes") : tr("Behind by %1 rows, which are read anew").arg(rows);
            if (read.slot_bytes >= 0)
                text += tr(" · %1 of the log not read yet").arg(qt(human::bytes(read.slot_bytes)));
            lag_->setText(text);
        }
        Q_EMIT lagRead();
    });
    session_->post([script = migration->script, done](pg::Connection &connection) { done(std::make_shared<Lag>(partition::syncLag(connection, script))); },
                   onGui<Error>(this, [this](const Error &) { reading_lag_ = false; }));
}

QString RunPane::lagText() const
{
    return lag_->text();
}

void RunPane::fail(const QString &what, const Error &error)
{
    banner_->showMessage(Tone::Bad, what + QStringLiteral(": ") + qt(error.message), qt(error.detail + (error.hint.empty() ? "" : "\n" + error.hint)));
}

} // namespace howdah::partition_tool
