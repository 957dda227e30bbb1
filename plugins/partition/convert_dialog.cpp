// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/convert_dialog.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/sql/quote.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using namespace howdah::partition;

ConvertDialog::ConvertDialog(ToolContext *context, const QString &table, QWidget *parent) : QDialog(parent), context_(context), session_(context->newSession())
{
    setWindowTitle(tr("Convert a table to partitions"));
    resize(860, 760);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    auto *text = new QLabel(tr("The table goes on being read and written to meanwhile. Until the old table is dropped there is a way back that keeps every write."), this);
    text->setWordWrap(true);
    layout->addWidget(text);
    auto *form = new QFormLayout;
    table_ = new QComboBox(this);
    column_ = new QComboBox(this);
    by_ = new QComboBox(this);
    by_->addItems({tr("Range"), tr("Hash"), tr("List")});
    interval_ = new QLineEdit(QStringLiteral("1 month"), this);
    interval_label_ = new QLabel(tr("&Interval"), this);
    interval_label_->setBuddy(interval_);
    keys_ = new QComboBox(this);
    keys_->addItems({tr("Add the partition key to them"), tr("Add it, and keep them unique within each partition")});
    incoming_ = new QComboBox(this);
    incoming_->addItems({tr("Triggers do what the constraint did"), tr("Drop them")});
    form->addRow(tr("&Table"), table_);
    form->addRow(tr("&Column"), column_);
    form->addRow(tr("&By"), by_);
    form->addRow(interval_label_, interval_);
    form->addRow(tr("&Keys without it"), keys_);
    form->addRow(tr("&Foreign keys at such keys"), incoming_);
    strategy_ = new QComboBox(this);
    strategy_->addItem(tr("Copy kept in step by triggers"), int(ConvertStrategy::SyncedCopy));
    strategy_->addItem(tr("Copy kept in step by logical replication"), int(ConvertStrategy::LogicalReplication));
    strategy_->addItem(tr("Attach the table as the first partition"), int(ConvertStrategy::AttachOld));
    strategy_->setToolTip(tr("Looking at the table compares the three, with times measured on this server"));
    form->addRow(tr("&How"), strategy_);
    layout->addLayout(form);
    look_ = new QPushButton(icon(QStringLiteral("search")), tr("Look at the table"), this);
    layout->addWidget(look_, 0, Qt::AlignLeft);
    auto *scroll = new QScrollArea(this);
    scroll->setWidgetResizable(true);
    report_ = new QLabel(scroll);
    report_->setWordWrap(true);
    report_->setTextFormat(Qt::RichText);
    report_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    report_->setMargin(spacing::card);
    report_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    scroll->setWidget(report_);
    layout->addWidget(scroll, 1);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    show_ = buttons->addButton(tr("Show the script…"), QDialogButtonBox::AcceptRole);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] {
        if (!conversion_)
            return;
        Q_EMIT scriptReady(conversion_->script);
        accept();
    });
    connect(look_, &QPushButton::clicked, this, &ConvertDialog::look);
    connect(table_, &QComboBox::currentIndexChanged, this, &ConvertDialog::fillColumns);
    for (QComboBox *box : {column_, by_, keys_, incoming_, strategy_})
        connect(box, &QComboBox::currentIndexChanged, this, &ConvertDialog::formChanged);
    connect(interval_, &QLineEdit::textChanged, this, &ConvertDialog::formChanged);
    fillTables(table);
}

ConvertDialog::~ConvertDialog() = default;

void ConvertDialog::fillTables(const QString &table)
{
    const auto catalog = context_->catalog();
    for (const pg::CatalogRelation &relation : catalog ? catalog->relations : std::vector<pg::CatalogRelation>()) {
        if (relation.kind != 'r' || relation.is_partition)
            continue;
        const QString name = QString::fromStdString(sql::quoteQualified(relation.schema, relation.name));
        table_->addItem(name, QVariant::fromValue(relation.oid));
    }
    if (const int at = table_->findText(table); at >= 0)
        table_->setCurrentIndex(at);
    fillColumns();
}

void ConvertDialog::fillColumns()
{
    column_->clear();
    const auto catalog = context_->catalog();
    const pg::CatalogRelation *relation = catalog ? catalog->find(table_->currentData().value<std::uint32_t>()) : nullptr;
    int best = 0;
    for (const pg::CatalogColumn &column : relation != nullptr ? relation->columns : std::vector<pg::CatalogColumn>()) {
        if (isTime(valueKindOf(column.type)) && best == 0)
            best = column_->count();
        column_->addItem(QStringLiteral("%1 · %2").arg(QString::fromStdString(column.name), QString::fromStdString(column.type)), QString::fromStdString(column.name));
    }
    column_->setCurrentIndex(best);
    formChanged();
}

void ConvertDialog::formChanged()
{
    conversion_.reset();
    show_->setEnabled(false);
    const int by = by_->currentIndex();
    interval_label_->setText(by == 0 ? tr("&Interval") : by == 1 ? tr("&Partitions") : tr("&Values"));
    interval_->setToolTip(by == 0 ? tr("\"1 month\", \"7 days\"; for numbers how many values a partition takes") : by == 1 ? tr("How many") : tr("Values of each partition: a, b; c; d, e"));
    QString error;
    const bool good = wish(error).has_value();
    look_->setEnabled(good);
    report_->setText(good ? tr("Nothing is changed by looking.") : error.toHtmlEscaped());
}

std::optional<ConvertWish> ConvertDialog::wish(QString &error) const
{
    ConvertWish wish;
    wish.table = table_->currentText().toStdString();
    wish.column = column_->currentData().toString().toStdString();
    wish.keys = keys_->currentIndex() == 0 ? KeyChoice::Extend : KeyChoice::PerPartition;
    wish.incoming = incoming_->currentIndex() == 0 ? IncomingChoice::Trigger : IncomingChoice::Drop;
    wish.strategy = static_cast<ConvertStrategy>(strategy_->currentData().toInt());
    const QString text = interval_->text().trimmed();
    if (wish.table.empty() || wish.column.empty()) {
        error = tr("Choose a table and a column.");
        return {};
    }
    if (by_->currentIndex() == 0) {
        wish.by = Strategy::Range;
        const auto interval = parseInterval(text.toStdString());
        if (!interval) {
            error = QString::fromStdString(interval.error().message);
            return {};
        }
        wish.interval = *interval;
    } else if (by_->currentIndex() == 1) {
        wish.by = Strategy::Hash;
        wish.modulus = text.toInt();
        if (wish.modulus < 2) {
            error = tr("Say how many partitions: a number from 2 on.");
            return {};
        }
    } else {
        wish.by = Strategy::List;
        for (const QString &list : text.split(QLatin1Char(';'), Qt::SkipEmptyParts)) {
            wish.lists.emplace_back();
            for (const QString &value : list.split(QLatin1Char(','), Qt::SkipEmptyParts))
                wish.lists.back().push_back(value.trimmed().toStdString());
        }
    }
    return wish;
}

QString ConvertDialog::reportText() const
{
    return report_->text();
}

void ConvertDialog::look()
{
    QString error;
    const auto wanted = wish(error);
    if (!wanted || !session_)
        return;
    look_->setEnabled(false);
    report_->setText(tr("Reading the table…"));
    using Planned = std::shared_ptr<Result<Conversion>>;
    const auto done = onGui<Planned>(this, [this](const Planned &planned) {
        look_->setEnabled(true);
        if (*planned) {
            showConversion(**planned);
        } else {
            const Error &failure = planned->error();
            report_->setText(QStringLiteral("<b>%1</b><br>%2").arg(QString::fromStdString(failure.message).toHtmlEscaped(), QString::fromStdString(failure.hint).toHtmlEscaped()));
        }
        Q_EMIT looked();
    });
    session_->post([done, wish = *wanted](pg::Connection &connection) { done(std::make_shared<Result<Conversion>>(planConversion(connection, wish))); },
                   onGui<Error>(this, [this](const Error &failure) {
                       look_->setEnabled(true);
                       report_->setText(QString::fromStdString(failure.message).toHtmlEscaped());
                       Q_EMIT looked();
                   }));
}

void ConvertDialog::showConversion(const Conversion &conversion)
{
    const auto words = [](const std::string &text) { return QString::fromStdString(text).toHtmlEscaped(); };
    QString html = tr("<p><b>%1</b>: about %2 rows, %3; %4 partitions.</p>")
                       .arg(words(conversion.table), words(human::count(conversion.rows)), words(human::bytes(conversion.bytes)))
                       .arg(conversion.partitions.size());
    const auto list = [&](const QString &title, const std::vector<std::string> &lines) {
        if (lines.empty())
            return;
        html += QStringLiteral("<p><b>%1</b></p><ul>").arg(title);
        for (const std::string &line : lines)
            html += QStringLiteral("<li>%1</li>").arg(words(line));
        html += QStringLiteral("</ul>");
    };
    list(tr("In the way"), conversion.blockers);
    for (const KeyIssue &issue : conversion.keys) {
        const KeyIssue::Choice &choice = issue.choices[static_cast<std::size_t>(keys_->currentIndex())];
        html += tr("<p><b>%1</b> lacks the partition key and becomes %2. %3</p>").arg(words(issue.name), words(choice.becomes), words(choice.means));
    }
    list(tr("To mind"), conversion.warnings);
    html += tr("<p><b>Ways to do it</b>, %1</p><table cellspacing='4'><tr><td></td><td><i>Time</i></td><td><i>Space</i></td><td><i>Each write</i></td></tr>")
                .arg(conversion.measured ? tr("from work measured on this server") : tr("by a usual server, for nothing could be measured on this one"));
    for (const StrategyEstimate &estimate : conversion.strategies) {
        const QString name = estimate.strategy == ConvertStrategy::AttachOld ? tr("Attach the old table") : estimate.strategy == ConvertStrategy::SyncedCopy ? tr("Copy kept in step") : tr("Logical replication");
        html += QStringLiteral("<tr><td>%1%2</td><td>%3 – %4</td><td>%5</td><td>%6</td></tr>")
                    .arg(estimate.strategy == conversion.recommended ? QStringLiteral("<b>%1</b>").arg(name) : name, estimate.possible ? QString() : tr(" (not possible)"), words(human::duration(estimate.seconds_low * 1000)), words(human::duration(estimate.seconds_high * 1000)),
                         words(human::bytes(estimate.space_bytes)), words(estimate.write_cost));
    }
    html += QStringLiteral("</table>");
    for (const StrategyEstimate &estimate : conversion.strategies) {
        if (static_cast<int>(estimate.strategy) != strategy_->currentData().toInt())
            continue;
        html += tr("<p>Locks: %1.</p>").arg(words(estimate.lock));
        list(tr("This way"), estimate.obstacles);
    }
    list(tr("Carried along"), conversion.carried);
    report_->setText(html);
    conversion_ = conversion;
    show_->setEnabled(conversion.blockers.empty());
}

} // namespace howdah::partition_tool
