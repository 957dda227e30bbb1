// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/transfer/import_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/sql/quote.h"
#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/base/task_progress.h"
#include "ui/settings/settings.h"

namespace howdah::ui {

namespace {

const QString folder_key = QStringLiteral("import/folder");
constexpr int shown_values = 5;
const char *const types[] = {"text", "integer", "bigint", "numeric", "boolean", "date", "timestamp", "timestamptz", "uuid", "jsonb", "double precision"};

enum Column { FileColumn, Values, TableColumn, Type, ColumnCount };

QString shown(const transfer::CsvField &field)
{
    return field.text.empty() && !field.quoted ? ImportDialog::tr("NULL") : QString::fromStdString(field.text).simplified().left(60);
}

} // namespace

ImportDialog::ImportDialog(std::shared_ptr<pg::Session> session, std::shared_ptr<const pg::Catalog> catalog, const QString &table, QWidget *parent)
    : QDialog(parent), session_(std::move(session)), catalog_(std::move(catalog))
{
    setWindowTitle(tr("Import CSV"));
    resize(900, 680);
    build();
    if (!table.isEmpty()) {
        if (table_->findText(table) < 0)
            table_->addItem(table);
        table_->setCurrentText(table);
    }
    refreshSql();
}

ImportDialog::~ImportDialog()
{
    // Losing the focus is its last word, when the members are gone already.
    file_->disconnect(this);
}

void ImportDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    banner_ = new Banner(this);
    layout->addWidget(banner_);
    auto *form = new QFormLayout;
    form->setHorizontalSpacing(spacing::page);
    form->setVerticalSpacing(spacing::control);
    form->addRow(tr("&File"), buildFileRow());
    form->addRow(tr("Looks like"), buildDialect());
    table_ = new QComboBox(this);
    table_->setEditable(true);
    table_->setInsertPolicy(QComboBox::NoInsert);
    table_->setToolTip(tr("A table that is there, or the name of a new one"));
    if (catalog_) {
        for (const pg::CatalogRelation &relation : catalog_->relations) {
            if (relation.kind == 'r' || relation.kind == 'p' || relation.kind == 'f')
                table_->addItem(QString::fromStdString(sql::quoteQualified(relation.schema, relation.name)));
        }
    }
    table_->setCurrentText(QString());
    form->addRow(tr("Into &table"), table_);
    skip_ = new QCheckBox(tr("Leave rows out that the server refuses, and list them"), this);
    skip_->setToolTip(tr("Otherwise the first bad row ends the import, and nothing of the file is in the table"));
    form->addRow(QString(), skip_);
    layout->addLayout(form);
    columns_ = new QTableWidget(0, ColumnCount, this);
    columns_->setHorizontalHeaderLabels({tr("In the file"), tr("First values"), tr("Column"), tr("Type")});
    columns_->verticalHeader()->hide();
    columns_->setSelectionMode(QAbstractItemView::NoSelection);
    columns_->setEditTriggers(QAbstractItemView::NoEditTriggers);
    columns_->horizontalHeader()->setSectionResizeMode(Values, QHeaderView::Stretch);
    columns_->setColumnWidth(FileColumn, 160);
    columns_->setColumnWidth(TableColumn, 200);
    columns_->setColumnWidth(Type, 150);
    columns_->setAccessibleName(tr("Where the columns go"));
    layout->addWidget(columns_, 3);
    sql_ = new QPlainTextEdit(this);
    sql_->setReadOnly(true);
    sql_->setFont(monoFont());
    sql_->setAccessibleName(tr("Statements that will be sent"));
    layout->addWidget(sql_, 1);
    progress_ = new TaskProgress(this);
    progress_->hide();
    connect(progress_, &TaskProgress::cancelRequested, this, [this] { session_->cancel(); });
    layout->addWidget(progress_);
    auto *buttons = new QHBoxLayout;
    facts_ = new QLabel(this);
    facts_->setProperty("role", QStringLiteral("dim"));
    buttons->addWidget(facts_, 1);
    auto *close = new QPushButton(tr("Close"), this);
    start_ = new QPushButton(icon(QStringLiteral("import"), colors().accent_text), tr("Import"), this);
    start_->setProperty("role", QStringLiteral("primary"));
    start_->setDefault(true);
    buttons->addWidget(close);
    buttons->addWidget(start_);
    layout->addLayout(buttons);
    connect(close, &QPushButton::clicked, this, &ImportDialog::reject);
    connect(start_, &QPushButton::clicked, this, &ImportDialog::start);
    connect(table_, &QComboBox::editTextChanged, this, &ImportDialog::mapColumns);
    connect(skip_, &QCheckBox::toggled, this, &ImportDialog::refreshSql);
}

QWidget *ImportDialog::buildFileRow()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    file_ = new QLineEdit(row);
    file_->setAccessibleName(tr("File"));
    file_->setPlaceholderText(tr("A CSV file"));
    auto *browse = new QPushButton(tr("Browse…"), row);
    connect(browse, &QPushButton::clicked, this, &ImportDialog::browse);
    connect(file_, &QLineEdit::editingFinished, this, [this] { preview(true); });
    layout->addWidget(file_, 1);
    layout->addWidget(browse);
    return row;
}

QWidget *ImportDialog::buildDialect()
{
    auto *row = new QWidget(this);
    auto *layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::card);
    delimiter_ = new QComboBox(row);
    delimiter_->setAccessibleName(tr("Delimiter"));
    delimiter_->addItem(tr("Fields between commas"), QString(QLatin1Char(',')));
    delimiter_->addItem(tr("Fields between semicolons"), QString(QLatin1Char(';')));
    delimiter_->addItem(tr("Fields between tabs"), QString(QLatin1Char('\t')));
    delimiter_->addItem(tr("Fields between bars"), QString(QLatin1Char('|')));
    header_ = new QCheckBox(tr("The first row holds names"), row);
    header_->setChecked(true);
    layout->addWidget(delimiter_);
    layout->addWidget(header_);
    layout->addStretch(1);
    connect(delimiter_, &QComboBox::currentIndexChanged, this, [this] {
        if (!filling_)
            preview(false);
    });
    connect(header_, &QCheckBox::toggled, this, [this] {
        if (!filling_)
            preview(false);
    });
    return row;
}

void ImportDialog::browse()
{
    auto *dialog = new QFileDialog(this, tr("Import"), Settings::instance().remembered(folder_key).toString(),
                                   tr("CSV files (*.csv *.tsv *.txt);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &ImportDialog::setFile);
    dialog->open();
}

void ImportDialog::setFile(const QString &file)
{
    file_->setText(file);
    Settings::instance().remember(folder_key, QFileInfo(file).absolutePath());
    if (table_->currentText().isEmpty()) {
        QString name = QFileInfo(file).completeBaseName().toLower();
        for (QChar &c : name) {
            if (!c.isLetterOrNumber())
                c = QLatin1Char('_');
        }
        table_->setCurrentText(QString::fromStdString(sql::quoteIdentifier(name.toStdString())));
    }
    preview(true);
}

transfer::CsvDialect ImportDialog::dialect() const
{
    transfer::CsvDialect dialect;
    dialect.delimiter = delimiter_->currentData().toString().at(0).toLatin1();
    dialect.header = header_->isChecked();
    return dialect;
}

void ImportDialog::preview(bool guess)
{
    if (file_->text().isEmpty())
        return;
    using Preview = std::shared_ptr<Result<transfer::ImportPreview>>;
    preview_job_.start<Preview>(
        [file = std::filesystem::path(file_->text().toStdString()), guess, chosen = dialect()](std::stop_token) {
            return std::make_shared<Result<transfer::ImportPreview>>(transfer::previewCsv(file, guess ? nullptr : &chosen));
        },
        [this](const Preview &preview) { accept(*preview); });
}

void ImportDialog::accept(const Result<transfer::ImportPreview> &preview)
{
    if (!preview) {
        banner_->showMessage(Tone::Bad, tr("The file could not be read."), QString::fromStdString(preview.error().message));
        preview_ = {};
    } else {
        banner_->dismiss();
        preview_ = *preview;
        filling_ = true;
        delimiter_->setCurrentIndex(std::max(0, delimiter_->findData(QString(QLatin1Char(preview_.dialect.delimiter)))));
        header_->setChecked(preview_.dialect.header);
        filling_ = false;
        for (const std::string &warning : preview_.warnings)
            banner_->showMessage(Tone::Warn, QString::fromStdString(warning));
    }
    facts_->setText(preview ? tr("about %1 rows · %2").arg(QString::fromStdString(human::count(preview_.estimated_rows)),
                                                          QString::fromStdString(human::bytes(preview_.file_bytes)))
                            : QString());
    fillTable();
    Q_EMIT previewed();
}

void ImportDialog::fillTable()
{
    columns_->setRowCount(static_cast<int>(preview_.columns.size()));
    for (int row = 0; row < columns_->rowCount(); ++row) {
        const auto at = static_cast<std::size_t>(row);
        columns_->setItem(row, FileColumn, new QTableWidgetItem(QString::fromStdString(preview_.columns[at].name)));
        QStringList values;
        for (std::size_t i = 0; i < preview_.rows.size() && values.size() < shown_values; ++i) {
            if (at < preview_.rows[i].size())
                values << shown(preview_.rows[i][at]);
        }
        auto *sample = new QTableWidgetItem(values.join(QStringLiteral(" · ")));
        sample->setToolTip(values.join(QLatin1Char('\n')));
        columns_->setItem(row, Values, sample);
        auto *column = new QComboBox(columns_);
        column->setEditable(true);
        column->setAccessibleName(tr("Column for %1").arg(QString::fromStdString(preview_.columns[at].name)));
        columns_->setCellWidget(row, TableColumn, column);
        auto *type = new QComboBox(columns_);
        type->setEditable(true);
        for (const char *name : types)
            type->addItem(QLatin1String(name));
        type->setCurrentText(QString::fromStdString(preview_.columns[at].type));
        columns_->setCellWidget(row, Type, type);
        connect(column, &QComboBox::editTextChanged, this, &ImportDialog::refreshSql);
        connect(type, &QComboBox::editTextChanged, this, &ImportDialog::refreshSql);
    }
    mapColumns();
}

const pg::CatalogRelation *ImportDialog::target() const
{
    if (!catalog_)
        return nullptr;
    const std::string name = table_->currentText().trimmed().toStdString();
    for (const pg::CatalogRelation &relation : catalog_->relations) {
        if (sql::quoteQualified(relation.schema, relation.name) == name || (sql::quoteIdentifier(relation.name) == name && catalog_->find("", relation.name) == &relation))
            return &relation;
    }
    return nullptr;
}

/// Of a table that is there the columns of the same name, else by position; of a new one the names of the file.
void ImportDialog::mapColumns()
{
    const pg::CatalogRelation *relation = target();
    filling_ = true;
    for (int row = 0; row < columns_->rowCount(); ++row) {
        const auto at = static_cast<std::size_t>(row);
        auto *column = qobject_cast<QComboBox *>(columns_->cellWidget(row, TableColumn));
        auto *type = qobject_cast<QComboBox *>(columns_->cellWidget(row, Type));
        const QString name = QString::fromStdString(preview_.columns[at].name);
        column->clear();
        column->addItem(QString());
        QString chosen = relation == nullptr ? name : QString();
        if (relation != nullptr) {
            for (const pg::CatalogColumn &known : relation->columns) {
                column->addItem(QString::fromStdString(known.name));
                if (QString::fromStdString(known.name).compare(name, Qt::CaseInsensitive) == 0)
                    chosen = QString::fromStdString(known.name);
            }
            if (!preview_.dialect.header && at < relation->columns.size())
                chosen = QString::fromStdString(relation->columns[at].name);
            for (const pg::CatalogColumn &known : relation->columns) {
                if (QString::fromStdString(known.name) == chosen)
                    type->setCurrentText(QString::fromStdString(known.type));
            }
        }
        column->setCurrentText(chosen);
        column->lineEdit()->setPlaceholderText(tr("left out"));
        type->setEnabled(relation == nullptr);
        if (relation == nullptr)
            type->setCurrentText(QString::fromStdString(preview_.columns[at].type));
    }
    filling_ = false;
    refreshSql();
}

transfer::ImportPlan ImportDialog::plan() const
{
    transfer::ImportPlan plan;
    plan.file = file_->text().toStdString();
    plan.dialect = preview_.dialect;
    plan.table = table_->currentText().trimmed().toStdString();
    plan.create = target() == nullptr;
    plan.skip_bad_rows = skip_->isChecked();
    for (int row = 0; row < columns_->rowCount(); ++row) {
        const auto *column = qobject_cast<QComboBox *>(columns_->cellWidget(row, TableColumn));
        const auto *type = qobject_cast<QComboBox *>(columns_->cellWidget(row, Type));
        plan.columns.push_back({column->currentText().trimmed().toStdString(), type->currentText().toStdString(), false});
    }
    return plan;
}

void ImportDialog::refreshSql()
{
    if (filling_)
        return;
    const transfer::ImportPlan wanted = plan();
    const bool any = std::any_of(wanted.columns.begin(), wanted.columns.end(), [](const transfer::ImportColumn &column) { return !column.name.empty(); });
    QString text;
    if (any && !wanted.table.empty()) {
        text = QStringLiteral("BEGIN;\n");
        for (const migration::ChangeStep &step : transfer::importScript(wanted).steps)
            text += QString::fromStdString(step.sql) + QStringLiteral(";\n");
        text += QString::fromStdString(transfer::importSql(wanted)) + QStringLiteral(";\nCOMMIT;");
    }
    sql_->setPlainText(text);
    start_->setEnabled(!running_ && !text.isEmpty() && isConfirmed());
    start_->setText(wanted.create ? tr("Create table and import") : tr("Import"));
}

void ImportDialog::setConfirmName(const QString &name)
{
    confirm_name_ = name;
    if (name.isEmpty() || confirmation_ != nullptr)
        return;
    confirmation_ = new QLineEdit(this);
    confirmation_->setPlaceholderText(name);
    confirmation_->setMaximumWidth(280);
    auto *caption = new QLabel(tr("This is production. T&ype %1 to import:").arg(name), this);
    caption->setBuddy(confirmation_);
    auto *line = new QHBoxLayout;
    line->addWidget(caption);
    line->addWidget(confirmation_, 1);
    line->addStretch(1);
    auto *rows = qobject_cast<QVBoxLayout *>(layout());
    rows->insertLayout(rows->count() - 1, line);
    connect(confirmation_, &QLineEdit::textChanged, this, [this] { start_->setEnabled(!running_ && !sql_->toPlainText().isEmpty() && isConfirmed()); });
    start_->setEnabled(false);
}

bool ImportDialog::isConfirmed() const
{
    return confirmation_ == nullptr || confirmation_->text().trimmed() == confirm_name_;
}

void ImportDialog::start()
{
    if (running_ || sql_->toPlainText().isEmpty() || !isConfirmed())
        return;
    running_ = true;
    clock_.start();
    banner_->dismiss();
    progress_->setProgress(tr("Starting"), -1, -1);
    progress_->show();
    refreshSql();
    using Outcome = Result<transfer::ImportOutcome>;
    const auto done = onGui<std::shared_ptr<Outcome>>(this, [this](const std::shared_ptr<Outcome> &outcome) { finish(*outcome); });
    const auto told = onGui<std::int64_t, std::int64_t>(this, [this](std::int64_t bytes, std::int64_t rows) {
        const double all = static_cast<double>(std::max<std::int64_t>(1, preview_.file_bytes));
        const double fraction = std::min(1.0, static_cast<double>(bytes) / all);
        const double seconds = static_cast<double>(clock_.elapsed()) / 1000.0;
        progress_->setProgress(tr("%1 rows · %2").arg(QString::fromStdString(human::count(rows)), QString::fromStdString(human::bytes(bytes))), fraction,
                               fraction > 0.02 ? seconds / fraction - seconds : -1);
    });
    session_->post(
        [wanted = plan(), told, done](pg::Connection &connection) { done(std::make_shared<Outcome>(transfer::importCsv(connection, wanted, told))); },
        [done](Error error) { done(std::make_shared<Outcome>(tl::unexpected(std::move(error)))); });
}

void ImportDialog::finish(const Result<transfer::ImportOutcome> &outcome)
{
    running_ = false;
    progress_->hide();
    if (outcome) {
        const QString rows = QString::fromStdString(human::count(outcome->rows));
        const QString took = QString::fromStdString(human::duration(outcome->duration_ms));
        if (outcome->bad_rows.empty()) {
            banner_->showMessage(Tone::Good, tr("%1 rows are in %2.").arg(rows, table_->currentText()), took);
        } else {
            banner_->showMessage(Tone::Warn, tr("%1 rows are in %2, %n row(s) were left out.", nullptr, static_cast<int>(outcome->bad_rows.size())).arg(rows, table_->currentText()), took);
            showBadRows(outcome->bad_rows);
        }
    } else if (outcome.error().kind == ErrorKind::Cancelled) {
        banner_->showMessage(Tone::Neutral, tr("The import was cancelled."), tr("Nothing was imported."));
    } else {
        banner_->showMessage(Tone::Bad, tr("The import failed."), QString::fromStdString(outcome.error().text()));
    }
    if (!outcome || outcome->bad_rows.empty())
        refreshSql();
    start_->setEnabled(!outcome && isConfirmed()); // once is enough
    Q_EMIT ended(outcome.has_value());
}

void ImportDialog::showBadRows(const std::vector<transfer::BadRow> &rows)
{
    QString text;
    for (const transfer::BadRow &row : rows)
        text += tr("Line %1: %2").arg(row.line).arg(QString::fromStdString(row.reason)) + QStringLiteral("\n    ") + QString::fromStdString(row.text) + QLatin1Char('\n');
    sql_->setPlainText(text);
    sql_->setAccessibleName(tr("Rows that were left out"));
}

void ImportDialog::reject()
{
    if (running_) {
        session_->cancel();
        return;
    }
    QDialog::reject();
}

} // namespace howdah::ui
