// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/statement_picker.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStandardItemModel>
#include <QTableView>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

namespace {

const QString running_id = QStringLiteral("running");
const QString kept_id = QStringLiteral("kept");
constexpr int sort_role = Qt::UserRole, row_role = Qt::UserRole + 1;

QStandardItem *textItem(const QString &text)
{
    auto *item = new QStandardItem(text);
    item->setData(text, sort_role);
    item->setEditable(false);
    return item;
}

QStandardItem *figureItem(const std::optional<double> &figure, const QString &text)
{
    auto *item = new QStandardItem(figure ? text : QString());
    item->setData(figure.value_or(-1), sort_role);
    item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    item->setEditable(false);
    return item;
}

QString duration(const std::optional<double> &ms)
{
    return ms ? QString::fromStdString(human::duration(*ms)) : QString();
}

} // namespace

StatementPicker::StatementPicker(std::shared_ptr<pg::Session> session, QWidget *parent)
    : QDialog(parent), session_(std::move(session)), source_(new SegmentedTabs(SegmentedTabs::Look::Buttons, this)),
      search_(new QLineEdit(this)), table_(new QTableView(this)), model_(new QStandardItemModel(this)),
      order_(new QSortFilterProxyModel(this)), text_(new QPlainTextEdit(this)), remark_(new QLabel(this))
{
    setWindowTitle(tr("Explain a statement of the server"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::control);
    source_->addSegment(running_id, tr("Running now"), tr("What other sessions run in this database (pg_stat_activity)"));
    source_->addSegment(kept_id, tr("Most time"), tr("What took the most time in all (pg_stat_statements)"));
    connect(source_, &SegmentedTabs::currentChanged, this, &StatementPicker::ask);
    search_->setPlaceholderText(tr("Search statements"));
    search_->setClearButtonEnabled(true);
    auto *refresh = new QPushButton(icon(QStringLiteral("refresh")), tr("Read again"), this);
    refresh->setAutoDefault(false);
    connect(refresh, &QPushButton::clicked, this, &StatementPicker::ask);
    auto *head = new QHBoxLayout;
    head->addWidget(source_);
    head->addStretch(1);
    head->addWidget(search_, 1);
    head->addWidget(refresh);
    layout->addLayout(head);

    order_->setSourceModel(model_);
    order_->setSortRole(sort_role);
    order_->setFilterKeyColumn(-1);
    order_->setFilterCaseSensitivity(Qt::CaseInsensitive);
    connect(search_, &QLineEdit::textChanged, order_, &QSortFilterProxyModel::setFilterFixedString);
    table_->setModel(order_);
    table_->setAccessibleName(tr("Statements"));
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setShowGrid(false);
    table_->setWordWrap(false);
    table_->setTabKeyNavigation(false);
    table_->setSortingEnabled(true);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(25);
    table_->horizontalHeader()->setHighlightSections(false);
    connect(table_, &QTableView::doubleClicked, this, &StatementPicker::choose);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &StatementPicker::onCurrent);
    text_->setReadOnly(true);
    text_->setFont(monoFont());
    text_->setAccessibleName(tr("The chosen statement"));
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(table_);
    split->addWidget(text_);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    layout->addWidget(split, 1);
    remark_->setProperty("role", QStringLiteral("dim"));
    remark_->setWordWrap(true);
    layout->addWidget(remark_);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    explain_ = buttons->addButton(tr("Explain"), QDialogButtonBox::AcceptRole);
    explain_->setProperty("role", QStringLiteral("primary"));
    explain_->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &StatementPicker::choose);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    layout->addWidget(buttons);
    resize(900, 600);
    onCurrent();
    ask();
}

void StatementPicker::setSource(const QString &id)
{
    source_->setCurrent(id);
}

QString StatementPicker::remark() const
{
    return remark_->text();
}

void StatementPicker::ask()
{
    const bool running = source_->current() != kept_id;
    remark_->setText(tr("Asking the server…"));
    using Found = Result<std::vector<plan::ServerStatement>>;
    const auto accept = onGui<Found, quint64>(this, [this, running](const Found &found, quint64 request) {
        if (request == request_)
            fill(found, running);
    });
    const quint64 request = ++request_;
    session_->post([running, accept, request](pg::Connection &connection) {
        accept(running ? plan::runningStatements(connection) : plan::keptStatements(connection), request);
    }, [accept, request](const Error &error) { accept(tl::unexpected(error), request); });
}

void StatementPicker::fill(const Result<std::vector<plan::ServerStatement>> &found, bool running)
{
    model_->clear();
    statements_ = found ? *found : std::vector<plan::ServerStatement>();
    model_->setHorizontalHeaderLabels(running ? QStringList{tr("Statement"), tr("Running"), tr("State"), tr("Role"), tr("Application"), tr("PID")}
                                              : QStringList{tr("Statement"), tr("Total"), tr("Calls"), tr("Mean"), tr("Rows"), tr("Role")});
    for (std::size_t i = 0; i < statements_.size(); ++i) {
        const plan::ServerStatement &each = statements_[i];
        auto *statement = textItem(QString::fromStdString(each.text).simplified().left(300));
        statement->setData(static_cast<int>(i), row_role);
        const auto count = [](const std::optional<double> &value) {
            return value ? QString::fromStdString(human::count(static_cast<std::int64_t>(*value))) : QString();
        };
        QList<QStandardItem *> row{statement};
        if (running)
            row << figureItem(each.running_ms, duration(each.running_ms)) << textItem(QString::fromStdString(each.state))
                << textItem(QString::fromStdString(each.user)) << textItem(QString::fromStdString(each.application))
                << figureItem(each.pid, QString::number(each.pid));
        else
            row << figureItem(each.total_ms, duration(each.total_ms)) << figureItem(each.calls, count(each.calls))
                << figureItem(each.mean_ms, duration(each.mean_ms)) << figureItem(each.rows, count(each.rows))
                << textItem(QString::fromStdString(each.user));
        model_->appendRow(row);
    }
    table_->sortByColumn(1, Qt::DescendingOrder);
    table_->setColumnWidth(0, 440);
    for (int column = 1; column < model_->columnCount(); ++column)
        table_->setColumnWidth(column, 84);
    if (!found)
        remark_->setText(QString::fromStdString(found.error().message + (found.error().hint.empty() ? "" : ". " + found.error().hint)));
    else
        remark_->setText(statements_.empty() ? (running ? tr("No other session has run anything in this database.") : tr("Nothing is kept yet."))
                         : running           ? tr("It is planned again on a session of yours, without running it; the running statement is left alone.")
                                             : tr("Constants were replaced by $1 …: from PostgreSQL 16 on it is planned for any values, or give values above the text."));
    if (model_->rowCount() > 0)
        table_->setCurrentIndex(order_->index(0, 0));
    onCurrent();
    Q_EMIT filled();
}

const plan::ServerStatement *StatementPicker::current() const
{
    const QModelIndex index = table_->currentIndex();
    const QVariant row = index.isValid() ? index.siblingAtColumn(0).data(row_role) : QVariant();
    return row.isValid() && static_cast<std::size_t>(row.toInt()) < statements_.size() ? &statements_[static_cast<std::size_t>(row.toInt())] : nullptr;
}

void StatementPicker::onCurrent()
{
    const plan::ServerStatement *statement = current();
    text_->setPlainText(statement == nullptr ? QString() : QString::fromStdString(statement->text));
    explain_->setEnabled(statement != nullptr && statement->explainable);
    explain_->setToolTip(statement == nullptr || statement->explainable ? QString()
                         : statement->truncated ? tr("The server kept only its beginning (track_activity_query_size)")
                                                : tr("EXPLAIN does not take this statement"));
}

void StatementPicker::choose()
{
    const plan::ServerStatement *statement = current();
    if (statement == nullptr || !statement->explainable)
        return;
    Q_EMIT chosen(statement->pid > 0 ? tr("PID %1").arg(statement->pid) : tr("Statement"), QString::fromStdString(statement->text));
    accept();
}

} // namespace howdah::plan_tool
