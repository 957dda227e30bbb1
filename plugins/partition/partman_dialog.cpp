// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/partman_dialog.h"

#include <algorithm>

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QGroupBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "core/partition/check.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/plugin/tool_context.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using namespace howdah::partition;

namespace {

QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

struct FormRow {
    const char *name; ///< of part_config
    const char *label;
    const char *tip;
    bool yes_no;
};
const FormRow form_rows[] = {
    {"premake", QT_TRANSLATE_NOOP("PartmanDialog", "Partitions ahead"), QT_TRANSLATE_NOOP("PartmanDialog", "premake: how many are there before they are needed"), false},
    {"retention", QT_TRANSLATE_NOOP("PartmanDialog", "Keep"), QT_TRANSLATE_NOOP("PartmanDialog", "retention: \"6 months\", or for numbers how many values; empty keeps everything"), false},
    {"retention_keep_table", QT_TRANSLATE_NOOP("PartmanDialog", "Older ones stay as tables"), QT_TRANSLATE_NOOP("PartmanDialog", "retention_keep_table: no drops them"), true},
    {"retention_schema", QT_TRANSLATE_NOOP("PartmanDialog", "They move to schema"), QT_TRANSLATE_NOOP("PartmanDialog", "retention_schema: empty leaves them where they are"), false},
    {"infinite_time_partitions", QT_TRANSLATE_NOOP("PartmanDialog", "Go on without new rows"), QT_TRANSLATE_NOOP("PartmanDialog", "infinite_time_partitions: make partitions although nothing is written"), true},
    {"automatic_maintenance", QT_TRANSLATE_NOOP("PartmanDialog", "Scheduled maintenance"), QT_TRANSLATE_NOOP("PartmanDialog", "automatic_maintenance: off leaves this table out of run_maintenance()"), true},
    {"inherit_privileges", QT_TRANSLATE_NOOP("PartmanDialog", "Privileges of the parent"), QT_TRANSLATE_NOOP("PartmanDialog", "inherit_privileges: each new partition gets them, for direct access"), true},
    {"ignore_default_data", QT_TRANSLATE_NOOP("PartmanDialog", "Ignore the default partition"), QT_TRANSLATE_NOOP("PartmanDialog", "ignore_default_data: rows in it do not say how far to go"), true},
};

bool isYes(const std::string &value)
{
    return value == "true" || value == "on" || value == "t";
}

} // namespace

struct PartmanDialog::Reading {
    PartmanState state;
    std::vector<CronRun> runs;
    std::string database;
};

PartmanDialog::PartmanDialog(ToolContext *context, std::shared_ptr<const Scheme> scheme, QWidget *parent)
    : QDialog(parent), context_(context), scheme_(std::move(scheme)), session_(context->newSession())
{
    setWindowTitle(tr("pg_partman for %1").arg(qt(scheme_->root().name)));
    resize(640, 620);
    build();
    read();
}

PartmanDialog::~PartmanDialog() = default;

void PartmanDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    about_ = new QLabel(tr("Reading what the server has…"), this);
    about_->setWordWrap(true);
    layout->addWidget(about_);
    form_box_ = new QWidget(this);
    form_ = new QFormLayout(form_box_);
    form_->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(form_box_);
    error_ = new QLabel(this);
    error_->setWordWrap(true);
    QPalette ink = error_->palette();
    ink.setColor(QPalette::WindowText, colors().bad_ink);
    error_->setPalette(ink);
    error_->hide();
    layout->addWidget(error_);
    schedule_ = buildSchedule();
    schedule_->hide();
    layout->addWidget(schedule_, 1);
    layout->addStretch();
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    run_ = buttons->addButton(tr("Run maintenance…"), QDialogButtonBox::ActionRole);
    run_->setToolTip(tr("run_maintenance() of this table, now; shows the script first"));
    act_ = buttons->addButton(tr("Show the script…"), QDialogButtonBox::ActionRole);
    act_->setDefault(true);
    run_->hide();
    act_->setEnabled(false);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(act_, &QPushButton::clicked, this, &PartmanDialog::act);
    connect(run_, &QPushButton::clicked, this, [this] { offer(runPartman(*scheme_)); });
}

QWidget *PartmanDialog::buildSchedule()
{
    auto *box = new QGroupBox(tr("From time to time"), this);
    auto *layout = new QVBoxLayout(box);
    means_ = new QLabel(box);
    means_->setWordWrap(true);
    layout->addWidget(means_);
    auto *line = new QHBoxLayout;
    cron_ = new QLineEdit(QStringLiteral("17 * * * *"), box);
    cron_->setToolTip(tr("As cron writes it: minute, hour, day of the month, month, day of the week"));
    cron_->setAccessibleName(tr("When"));
    connect(cron_, &QLineEdit::textChanged, this, &PartmanDialog::showSchedule);
    line->addWidget(new QLabel(tr("When"), box));
    line->addWidget(cron_, 1);
    schedule_button_ = new QPushButton(tr("Schedule…"), box);
    connect(schedule_button_, &QPushButton::clicked, this, [this] {
        const auto &jobs = scheme_->cron_jobs;
        if (!jobs.empty())
            return offer(unscheduleMaintenance(*scheme_, jobs.front().id));
        const Schedule schedule = scheduleMaintenance(state_, *scheme_, database_, cron_->text().trimmed().toStdString());
        if (schedule.script)
            offer(*schedule.script);
    });
    line->addWidget(schedule_button_);
    layout->addLayout(line);
    schedule_text_ = new QPlainTextEdit(box);
    schedule_text_->setReadOnly(true);
    schedule_text_->setFont(monoFont());
    schedule_text_->setAccessibleName(tr("What to install"));
    layout->addWidget(schedule_text_, 1);
    history_ = new QTableWidget(0, 4, box);
    history_->setHorizontalHeaderLabels({tr("Begun"), tr("Job"), tr("Ended"), tr("Said")});
    history_->horizontalHeader()->setStretchLastSection(true);
    history_->verticalHeader()->hide();
    history_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    history_->setSelectionBehavior(QAbstractItemView::SelectRows);
    history_->setAccessibleName(tr("Runs of pg_cron"));
    layout->addWidget(history_, 1);
    return box;
}

QWidget *PartmanDialog::field(const QString &name) const
{
    const auto found = fields_.find(name);
    return found == fields_.end() ? nullptr : found->second;
}

void PartmanDialog::read()
{
    const auto failed = onGui<Error>(this, [this](const Error &error) { about_->setText(qt(error.message)); });
    const auto done = onGui<std::shared_ptr<Reading>>(this, [this](const std::shared_ptr<Reading> &reading) { take(*reading); });
    session_->post(
        [scheme = scheme_, done, failed](pg::Connection &connection) {
            auto reading = std::make_shared<Reading>();
            auto state = partmanState(connection);
            if (!state)
                return failed(state.error());
            reading->state = std::move(*state);
            reading->database = connection.facts().database;
            reading->runs = cronHistory(connection, *scheme).value_or(std::vector<CronRun>());
            done(reading);
        },
        failed);
}

void PartmanDialog::take(const Reading &reading)
{
    state_ = reading.state;
    runs_ = reading.runs;
    database_ = reading.database;
    fillForm();
    showSchedule();
    resize(width(), schedule_->isHidden() ? sizeHint().height() : std::max(height(), sizeHint().height()));
    ready_ = true;
    Q_EMIT ready();
}

void PartmanDialog::fillForm()
{
    const bool writable = !context_->isReadOnly();
    const auto add = [this](const QString &name, const QString &label, const QString &tip, QWidget *edit) {
        edit->setToolTip(tip);
        edit->setAccessibleName(label);
        form_->addRow(label, edit);
        fields_[name] = edit;
    };
    if (state_.version.empty()) {
        if (state_.available.empty()) {
            about_->setText(tr("The server has no pg_partman. Howdah keeps the table without it: \"Make the next partitions\" and \"Retention\", or a timer as below."));
            return;
        }
        about_->setText(tr("pg_partman is on the server and not installed in this database. It goes into a schema of its own."));
        add(QStringLiteral("schema"), tr("Schema"), tr("Without one its functions would land in the first schema of search_path"), new QLineEdit(QStringLiteral("partman"), this));
        auto *versions = new QComboBox(this);
        versions->addItem(qt(state_.available));
        for (const std::string &version : state_.versions) {
            if (version != state_.available)
                versions->addItem(qt(version));
        }
        add(QStringLiteral("version"), tr("Version"), tr("The first is what the server installs unless told"), versions);
    } else if (!isKept()) {
        about_->setText(tr("pg_partman %1 is installed. Handed over to it, the table gets its partitions from its maintenance; they are named as it names them.").arg(qt(state_.version)));
        const auto interval = usualInterval(*scheme_, scheme_->root());
        add(QStringLiteral("interval"), tr("Interval"), tr("Of each partition"), new QLineEdit(interval ? qt(interval->text()) : QStringLiteral("1 month"), this));
    } else {
        QString about = tr("pg_partman %1 keeps this table: partitions of %2.").arg(qt(state_.version), qt(scheme_->partman.config.at("partition_interval")));
        if (const auto last = scheme_->partman.config.find("maintenance_last_run"); last != scheme_->partman.config.end())
            about += QLatin1Char(' ') + tr("Its last maintenance was at %1.").arg(qt(last->second).left(16).replace(QLatin1Char('T'), QLatin1Char(' ')));
        about_->setText(about);
    }
    if (!state_.version.empty()) {
        const auto known = partmanSettings(state_.major());
        for (const FormRow &row : form_rows) {
            if (std::find(known.begin(), known.end(), row.name) == known.end())
                continue;
            const auto now = scheme_->partman.config.find(row.name);
            const std::string value = now == scheme_->partman.config.end() ? std::string() : now->second;
            if (!isKept() && row.yes_no)
                continue; // pg_partman's own defaults, to be changed once it keeps the table
            QWidget *edit = nullptr;
            if (row.yes_no) {
                auto *box = new QComboBox(this);
                box->addItems({tr("Yes"), tr("No")});
                box->setCurrentIndex(isYes(value) ? 0 : 1);
                edit = box;
            } else {
                auto *line = new QLineEdit(isKept() ? qt(value) : row.name == std::string("premake") ? QStringLiteral("4") : QString(), this);
                if (row.name == std::string("retention"))
                    line->setPlaceholderText(tr("everything"));
                edit = line;
            }
            add(QString::fromLatin1(row.name), QCoreApplication::translate("PartmanDialog", row.label), QCoreApplication::translate("PartmanDialog", row.tip), edit);
        }
    }
    act_->setText(state_.version.empty() ? tr("Install…") : isKept() ? tr("Change the settings…") : tr("Hand the table over…"));
    act_->setEnabled(writable);
    run_->setVisible(isKept());
    run_->setEnabled(writable);
}

void PartmanDialog::showSchedule()
{
    const Schedule schedule = scheduleMaintenance(state_, *scheme_, database_, cron_->text().trimmed().toStdString());
    const auto &jobs = scheme_->cron_jobs;
    schedule_->setVisible(!state_.version.empty() || state_.available.empty());
    const bool scheduled = !jobs.empty();
    means_->setText(scheduled ? tr("pg_cron runs %1 at \"%2\".").arg(qt(jobs.front().command), qt(jobs.front().schedule))
                        : schedule.script ? tr("pg_cron can run it in this database.")
                                          : tr("By %1: install what stands here.").arg(qt(schedule.means)));
    cron_->setEnabled(!scheduled);
    schedule_button_->setText(scheduled ? tr("Take it out…") : tr("Schedule…"));
    schedule_button_->setVisible(scheduled || schedule.script.has_value());
    schedule_button_->setEnabled(!context_->isReadOnly());
    schedule_text_->setVisible(!scheduled && !schedule.script);
    schedule_text_->setPlainText(qt(schedule.text));
    history_->setVisible(scheduled);
    history_->setRowCount(static_cast<int>(runs_.size()));
    for (int at = 0; at < history_->rowCount(); ++at) {
        const CronRun &run = runs_[static_cast<std::size_t>(at)];
        int column = 0;
        for (const std::string &text : {run.started.substr(0, 19), std::to_string(run.job), run.status, run.message}) {
            auto *item = new QTableWidgetItem(qt(text));
            if (column == 2 && run.status == "failed")
                item->setForeground(colors().bad_ink);
            history_->setItem(at, column++, item);
        }
    }
    history_->resizeColumnToContents(0);
}

std::map<std::string, std::string> PartmanDialog::changed() const
{
    std::map<std::string, std::string> all;
    for (const FormRow &row : form_rows) {
        const QWidget *edit = field(QString::fromLatin1(row.name));
        if (edit == nullptr)
            continue;
        const auto now = scheme_->partman.config.find(row.name);
        const std::string before = now == scheme_->partman.config.end() ? std::string() : now->second;
        if (const auto *box = qobject_cast<const QComboBox *>(edit)) {
            if ((box->currentIndex() == 0) != isYes(before)) // automatic_maintenance is a text of its own
                all[row.name] = row.name == std::string("automatic_maintenance") ? (box->currentIndex() == 0 ? "on" : "off") : (box->currentIndex() == 0 ? "true" : "false");
        } else if (const auto *line = qobject_cast<const QLineEdit *>(edit); line->text().trimmed().toStdString() != before) {
            all[row.name] = line->text().trimmed().toStdString();
        }
    }
    return all;
}

void PartmanDialog::act()
{
    const auto text = [this](const char *name) {
        const QWidget *edit = field(QString::fromLatin1(name));
        const auto *box = qobject_cast<const QComboBox *>(edit);
        return (box != nullptr ? box->currentText() : qobject_cast<const QLineEdit *>(edit)->text().trimmed()).toStdString();
    };
    if (state_.version.empty()) {
        const std::string version = text("version");
        return offer(installPartman(state_, text("schema"), version == state_.available ? std::string() : version));
    }
    if (isKept()) {
        const auto config = changed();
        return config.empty() ? offer(fail(ErrorKind::Usage, tr("Nothing is changed.").toStdString())) : offer(configurePartman(*scheme_, config));
    }
    const auto interval = parseInterval(text("interval"));
    offer(interval ? adoptPartman(state_, *scheme_, *interval, changed()) : Result<ChangeScript>(tl::unexpected(interval.error())));
}

void PartmanDialog::offer(const Result<ChangeScript> &script)
{
    error_->setVisible(!script);
    if (!script) {
        error_->setText(qt(script.error().message + (script.error().hint.empty() ? "" : ". " + script.error().hint)));
        return;
    }
    Q_EMIT scriptReady(*script);
    accept();
}

} // namespace howdah::partition_tool
