// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/transfer/export_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QThreadPool>
#include <QUrl>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/base/task_progress.h"
#include "ui/settings/settings.h"

namespace howdah::ui {

namespace {

using transfer::FileFormat;

struct Choice {
    FileFormat format;
    const char *title;
    const char *ending;
    const char *note;
};

const Choice choices[] = {
    {FileFormat::Csv, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "CSV"), ".csv",
     QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "As the server writes it: NULL is nothing, the empty text is \"\". Of any size.")},
    {FileFormat::Xlsx, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "Excel workbook"), ".xlsx",
     QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "Numbers and dates keep their type. A new sheet after 1,048,576 rows; values are cut at 32,767 characters.")},
    {FileFormat::Json, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "JSON"), ".json", QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "One array of objects.")},
    {FileFormat::JsonLines, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "JSON lines"), ".jsonl",
     QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "An object a line, for programs that read one after the other.")},
    {FileFormat::SqlInsert, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "SQL INSERT"), ".sql",
     QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "A statement per thousand rows.")},
    {FileFormat::Markdown, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "Markdown table"), ".md", ""},
    {FileFormat::Text, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "Tab-separated text"), ".tsv",
     QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "COPY's text format: \\N is NULL, \\t a tab.")},
    {FileFormat::Binary, QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "PostgreSQL binary"), ".bin",
     QT_TRANSLATE_NOOP("howdah::ui::ExportDialog", "For COPY … FROM of another PostgreSQL with the same types.")},
};

const QString folder_key = QStringLiteral("export/folder");
const QString format_key = QStringLiteral("export/format");

} // namespace

ExportDialog::ExportDialog(ExportSubject subject, std::shared_ptr<pg::Session> session, QWidget *parent)
    : QDialog(parent), subject_(std::move(subject)), session_(std::move(session))
{
    setWindowTitle(tr("Export %1").arg(subject_.title));
    build();
    const Settings &settings = Settings::instance();
    QString folder = settings.remembered(folder_key).toString();
    if (folder.isEmpty() || !QDir(folder).exists())
        folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    QString name = subject_.title.simplified();
    name.replace(QRegularExpression(QStringLiteral("[^\\w.-]+")), QStringLiteral("_"));
    file_->setText(QDir(folder).filePath(name.left(60)));
    format_->setCurrentIndex(std::max(0, format_->findData(settings.remembered(format_key).toInt())));
    formatChosen();
}

ExportDialog::~ExportDialog()
{
    stop_.request_stop();
}

void ExportDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    banner_ = new Banner(this);
    layout->addWidget(banner_);
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(spacing::page);
    form->setVerticalSpacing(spacing::control);
    form->addRow(tr("Rows"), buildSource());
    format_ = new QComboBox(this);
    for (const Choice &choice : choices)
        format_->addItem(tr(choice.title), static_cast<int>(choice.format));
    form->addRow(tr("&Format"), format_);
    note_ = new QLabel(this);
    note_->setProperty("role", QStringLiteral("dim"));
    note_->setWordWrap(true);
    form->addRow(QString(), note_);
    auto *row = new QWidget(this);
    auto *row_layout = new QHBoxLayout(row);
    row_layout->setContentsMargins(0, 0, 0, 0);
    file_ = new QLineEdit(row);
    file_->setAccessibleName(tr("File"));
    file_->setAccessibleName(tr("File"));
    file_->setMinimumWidth(380);
    auto *browse = new QPushButton(tr("Browse…"), row);
    connect(browse, &QPushButton::clicked, this, &ExportDialog::browse);
    row_layout->addWidget(file_, 1);
    row_layout->addWidget(browse);
    form->addRow(tr("F&ile"), row);
    header_ = new QCheckBox(tr("Names of columns first"), this);
    header_->setChecked(true);
    form->addRow(QString(), header_);
    delimiter_ = new QComboBox(this);
    delimiter_->addItem(tr("Comma"), QString(QLatin1Char(',')));
    delimiter_->addItem(tr("Semicolon"), QString(QLatin1Char(';')));
    delimiter_->addItem(tr("Tab"), QString(QLatin1Char('\t')));
    delimiter_->addItem(tr("Bar"), QString(QLatin1Char('|')));
    form->addRow(tr("&Delimiter"), delimiter_);
    null_text_ = new QLineEdit(this);
    null_text_->setPlaceholderText(tr("nothing"));
    form->addRow(tr("&NULL as"), null_text_);
    layout->addLayout(form);
    progress_ = new TaskProgress(this);
    progress_->hide();
    connect(progress_, &TaskProgress::cancelRequested, this, [this] {
        stop_.request_stop();
        if (session_)
            session_->cancel();
    });
    layout->addWidget(progress_);
    layout->addStretch(1);
    auto *buttons = new QHBoxLayout;
    buttons->addStretch(1);
    close_ = new QPushButton(tr("Close"), this);
    start_ = new QPushButton(icon(QStringLiteral("export"), colors().accent_text), tr("Export"), this);
    start_->setProperty("role", QStringLiteral("primary"));
    start_->setDefault(true);
    buttons->addWidget(close_);
    buttons->addWidget(start_);
    layout->addLayout(buttons);
    connect(close_, &QPushButton::clicked, this, &ExportDialog::reject);
    connect(start_, &QPushButton::clicked, this, &ExportDialog::start);
    connect(format_, &QComboBox::currentIndexChanged, this, &ExportDialog::formatChosen);
    connect(file_, &QLineEdit::textChanged, this, &ExportDialog::refresh);
}

QWidget *ExportDialog::buildSource()
{
    auto *box = new QWidget(this);
    auto *layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::unit);
    const QString count = QString::fromStdString(human::count(subject_.rows ? subject_.rows->rowCount() : 0));
    loaded_ = new QRadioButton(subject_.rows_are_all ? tr("The %1 rows that are loaded, as they are sorted").arg(count)
                                                     : tr("Only the %1 rows that are loaded").arg(count), box);
    again_ = new QRadioButton(subject_.rows ? tr("Run the statement again, straight to the file") : tr("Everything, straight to the file"), box);
    again_->setToolTip(tr("Nothing is loaded into the window, whatever the size"));
    layout->addWidget(loaded_);
    layout->addWidget(again_);
    const bool can_run = session_ && !subject_.statement.isEmpty();
    loaded_->setVisible(subject_.rows.has_value());
    again_->setVisible(can_run);
    const bool loaded = subject_.rows && (subject_.rows_are_all || !can_run);
    loaded_->setChecked(loaded);
    again_->setChecked(!loaded);
    connect(loaded_, &QRadioButton::toggled, this, [this] { refresh(); });
    return box;
}

transfer::FileFormat ExportDialog::format() const
{
    return static_cast<FileFormat>(format_->currentData().toInt());
}

void ExportDialog::formatChosen()
{
    const Choice &choice = choices[format_->currentIndex()];
    note_->setText(*choice.note != '\0' ? tr(choice.note) : QString());
    note_->setVisible(*choice.note != '\0');
    const QFileInfo file(file_->text());
    if (!file_->text().isEmpty()) {
        QString base = file.completeBaseName();
        for (const Choice &other : choices) {
            if (file.fileName().endsWith(QLatin1String(other.ending)))
                base = file.fileName().chopped(static_cast<int>(qstrlen(other.ending)));
        }
        const bool had_ending = file.fileName() != base || file.suffix().isEmpty();
        file_->setText(file.dir().filePath((had_ending ? base : file.fileName()) + QLatin1String(choice.ending)));
    }
    const bool csv = choice.format == FileFormat::Csv;
    delimiter_->setEnabled(csv);
    null_text_->setEnabled(csv);
    header_->setEnabled(csv || choice.format == FileFormat::Text || choice.format == FileFormat::Xlsx);
    refresh();
}

void ExportDialog::browse()
{
    auto *dialog = new QFileDialog(this, tr("Export to"), file_->text());
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    connect(dialog, &QFileDialog::fileSelected, this, &ExportDialog::setFile);
    dialog->open();
}

void ExportDialog::setFile(const QString &file)
{
    file_->setText(file);
}

void ExportDialog::setFormat(transfer::FileFormat format)
{
    format_->setCurrentIndex(format_->findData(static_cast<int>(format)));
}

void ExportDialog::chooseLoaded(bool loaded)
{
    (loaded ? loaded_ : again_)->setChecked(true);
}

void ExportDialog::refresh()
{
    const bool binary_of_text = format() == FileFormat::Binary && loaded_->isChecked();
    start_->setEnabled(!running_ && !file_->text().isEmpty() && !binary_of_text);
    start_->setToolTip(binary_of_text ? tr("Rows that are loaded are text; run the statement again for the binary format") : QString());
    start_->setText(QFileInfo::exists(file_->text()) ? tr("Replace file") : tr("Export"));
}

void ExportDialog::start()
{
    if (running_)
        return;
    transfer::ExportOptions options;
    options.format = format();
    options.header = header_->isChecked();
    options.delimiter = delimiter_->currentData().toString().at(0).toLatin1();
    options.null_text = null_text_->text().toStdString();
    options.table = subject_.table;
    options.values = subject_.values;
    const std::filesystem::path file = file_->text().toStdString();
    Settings::instance().remember(folder_key, QFileInfo(file_->text()).absolutePath());
    Settings::instance().remember(format_key, static_cast<int>(options.format));
    running_ = true;
    stop_ = std::stop_source();
    clock_.start();
    banner_->dismiss();
    progress_->setProgress(tr("Starting"), -1, -1);
    progress_->show();
    refresh();

    using Outcome = Result<transfer::ExportOutcome>;
    const auto done = onGui<std::shared_ptr<Outcome>>(this, [this](const std::shared_ptr<Outcome> &outcome) { finish(*outcome); });
    const auto told = onGui<std::int64_t, std::int64_t>(this, [this](std::int64_t rows, std::int64_t bytes) { showProgress(rows, bytes); });
    if (loaded_->isChecked() && subject_.rows) {
        QThreadPool::globalInstance()->start([rows = *subject_.rows, columns = subject_.columns, file, options, told, done, token = stop_.get_token()] {
            done(std::make_shared<Outcome>(transfer::exportRows(rows, columns, file, options, told, token)));
        });
        return;
    }
    session_->post(
        [statement = subject_.statement.toStdString(), file, options, told, done](pg::Connection &connection) {
            done(std::make_shared<Outcome>(transfer::exportQuery(connection, statement, file, options, told)));
        },
        [done](Error error) { done(std::make_shared<Outcome>(tl::unexpected(std::move(error)))); });
}

void ExportDialog::showProgress(std::int64_t rows, std::int64_t bytes)
{
    if (!running_)
        return;
    const double seconds = std::max(0.001, static_cast<double>(clock_.elapsed()) / 1000.0);
    const bool loaded = loaded_->isChecked() && subject_.rows;
    const double all = loaded ? static_cast<double>(std::max<std::int64_t>(1, subject_.rows->rowCount())) : -1;
    const double fraction = all > 0 ? static_cast<double>(rows) / all : -1;
    const double left = fraction > 0.02 ? seconds / fraction - seconds : -1;
    progress_->setProgress(tr("%1 rows · %2 · %3/s").arg(QString::fromStdString(human::count(rows)), QString::fromStdString(human::bytes(bytes)),
                                                        QString::fromStdString(human::bytes(static_cast<std::int64_t>(static_cast<double>(bytes) / seconds)))),
                           fraction, left);
}

void ExportDialog::finish(const Result<transfer::ExportOutcome> &outcome)
{
    running_ = false;
    progress_->hide();
    if (outcome) {
        QStringList details{tr("%1, %2").arg(QString::fromStdString(human::bytes(outcome->bytes)), QString::fromStdString(human::duration(outcome->duration_ms)))};
        for (const std::string &note : outcome->notes)
            details << QString::fromStdString(note);
        banner_->showMessage(outcome->notes.empty() ? Tone::Good : Tone::Warn,
                             tr("%1 rows were written to %2.").arg(QString::fromStdString(human::count(outcome->rows)), QFileInfo(file_->text()).fileName()),
                             details.join(QLatin1Char('\n')));
        banner_->addButton(tr("Open folder"), [folder = QFileInfo(file_->text()).absolutePath()] {
            QDesktopServices::openUrl(QUrl::fromLocalFile(folder));
        });
    } else if (outcome.error().kind == ErrorKind::Cancelled) {
        banner_->showMessage(Tone::Neutral, tr("The export was cancelled."), tr("No file was written."));
    } else {
        banner_->showMessage(Tone::Bad, tr("The export failed; no file was written."), QString::fromStdString(outcome.error().text()));
    }
    refresh();
    Q_EMIT ended(outcome.has_value());
}

void ExportDialog::reject()
{
    if (running_) {
        stop_.request_stop();
        if (session_ && !(loaded_->isChecked() && subject_.rows))
            session_->cancel();
        return;
    }
    QDialog::reject();
}

} // namespace howdah::ui
