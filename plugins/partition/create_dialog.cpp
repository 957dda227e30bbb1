// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/partition/create_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

#include "core/sql/quote.h"
#include "ui/base/bridge.h"
#include "ui/base/palette.h"
#include "ui/plugin/tool_context.h"

namespace howdah::partition_tool {

using namespace howdah::ui;
using namespace howdah::partition;

namespace {

std::vector<std::string> parts(const QString &text)
{
    std::vector<std::string> all;
    for (const QString &part : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
        all.push_back(part.trimmed().toStdString());
    return all;
}

} // namespace

CreateDialog::CreateDialog(ToolContext *context, QWidget *parent) : QDialog(parent), context_(context), session_(context->newSession())
{
    setWindowTitle(tr("New partitioned table"));
    setMinimumWidth(560);
    build();
    formChanged();
}

void CreateDialog::build()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    auto *text = new QLabel(tr("A primary or unique key of a partitioned table must include the column that it is partitioned by."), this);
    text->setWordWrap(true);
    layout->addWidget(text);
    form_ = new QFormLayout;
    name_ = new QLineEdit(this);
    name_->setPlaceholderText(tr("events"));
    source_ = new QComboBox(this);
    source_->addItems({tr("Columns written here"), tr("Columns of a table that is there")});
    columns_ = new QPlainTextEdit(this);
    columns_->setFont(monoFont());
    columns_->setTabChangesFocus(true);
    columns_->setPlainText(QStringLiteral("id bigint GENERATED ALWAYS AS IDENTITY,\nat timestamptz NOT NULL,\nwhat text,\nPRIMARY KEY (id, at)"));
    columns_->setMinimumHeight(fontMetrics().lineSpacing() * 6);
    like_ = new QComboBox(this);
    const auto catalog = context_->catalog();
    for (const pg::CatalogRelation &relation : catalog ? catalog->relations : std::vector<pg::CatalogRelation>()) {
        if ((relation.kind == 'r' || relation.kind == 'p') && !relation.is_partition)
            like_->addItem(QString::fromStdString(sql::quoteQualified(relation.schema, relation.name)));
    }
    key_ = new QLineEdit(QStringLiteral("at"), this);
    by_ = new QComboBox(this);
    by_->addItems({tr("Range"), tr("List"), tr("Hash")});
    interval_ = new QLineEdit(QStringLiteral("1 month"), this);
    interval_->setToolTip(tr("\"1 month\", \"7 days\"; for numbers how many values a partition takes"));
    from_ = new QLineEdit(this);
    from_->setPlaceholderText(tr("now, or 0 for numbers"));
    ahead_ = new QSpinBox(this);
    ahead_->setRange(0, 1000);
    ahead_->setValue(4);
    modulus_ = new QSpinBox(this);
    modulus_->setRange(2, 1024);
    modulus_->setValue(8);
    values_ = new QLineEdit(this);
    values_->setPlaceholderText(tr("eu, uk; us; asia"));
    values_->setToolTip(tr("The values of each partition, partitions apart by semicolons"));
    default_ = new QCheckBox(tr("A default partition for what fits nowhere else"), this);
    form_->addRow(tr("&Name"), name_);
    form_->addRow(tr("&Columns"), source_);
    form_->addRow(QString(), columns_);
    form_->addRow(tr("&Like"), like_);
    form_->addRow(tr("Partition by &column"), key_);
    form_->addRow(tr("&By"), by_);
    form_->addRow(tr("&Interval"), interval_);
    form_->addRow(tr("&From"), from_);
    form_->addRow(tr("Partitions a&head"), ahead_);
    form_->addRow(tr("&Partitions"), modulus_);
    form_->addRow(tr("&Values"), values_);
    form_->addRow(QString(), default_);
    columns_->setAccessibleName(tr("Columns"));
    layout->addLayout(form_);
    error_ = new QLabel(this);
    error_->setWordWrap(true);
    QPalette ink = error_->palette();
    ink.setColor(QPalette::WindowText, colors().bad_ink);
    error_->setPalette(ink);
    layout->addWidget(error_);
    layout->addStretch();
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    show_ = buttons->addButton(tr("Show the script…"), QDialogButtonBox::ActionRole);
    show_->setDefault(true);
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(show_, &QPushButton::clicked, this, &CreateDialog::make);
    for (QLineEdit *edit : {name_, key_, interval_, from_, values_})
        connect(edit, &QLineEdit::textChanged, this, &CreateDialog::formChanged);
    connect(columns_, &QPlainTextEdit::textChanged, this, &CreateDialog::formChanged);
    for (QComboBox *box : {source_, by_, like_})
        connect(box, &QComboBox::currentIndexChanged, this, &CreateDialog::formChanged);
}

void CreateDialog::formChanged()
{
    const auto show = [this](QWidget *field, bool visible) {
        field->setVisible(visible);
        if (QWidget *label = form_->labelForField(field))
            label->setVisible(visible);
    };
    const bool written = source_->currentIndex() == 0;
    show(columns_, written);
    show(like_, !written);
    const int by = by_->currentIndex();
    for (QWidget *field : std::initializer_list<QWidget *>{interval_, from_, ahead_})
        show(field, by == 0);
    show(values_, by == 1);
    show(modulus_, by == 2);
    default_->setVisible(by != 2);
    QString error;
    show_->setEnabled(wish(error).has_value());
    error_->setText(name_->text().isEmpty() ? QString() : error);
}

std::optional<CreateWish> CreateDialog::wish(QString &error) const
{
    CreateWish wish;
    wish.table = name_->text().trimmed().toStdString();
    wish.key = parts(key_->text());
    (source_->currentIndex() == 0 ? wish.columns : wish.like) = source_->currentIndex() == 0 ? columns_->toPlainText().toStdString() : like_->currentText().toStdString();
    if (wish.table.empty())
        error = tr("Give the table a name.");
    else if (wish.key.empty())
        error = tr("Say by which column.");
    else if (wish.columns.empty() && wish.like.empty())
        error = tr("A table needs columns.");
    if (by_->currentIndex() == 0) {
        const auto interval = parseInterval(interval_->text().trimmed().toStdString());
        if (interval)
            wish.interval = *interval;
        else if (error.isEmpty())
            error = QString::fromStdString(interval.error().message);
        wish.from = from_->text().trimmed().toStdString();
        wish.ahead = ahead_->value();
    } else if (by_->currentIndex() == 1) {
        wish.by = Strategy::List;
        for (const QString &list : values_->text().split(QLatin1Char(';'), Qt::SkipEmptyParts))
            wish.lists.push_back(parts(list));
        if (wish.lists.empty() && error.isEmpty())
            error = tr("Say which values go where: eu, uk; us.");
    } else {
        wish.by = Strategy::Hash;
        wish.modulus = modulus_->value();
    }
    wish.with_default = default_->isChecked() && by_->currentIndex() != 2;
    return error.isEmpty() ? std::optional(wish) : std::nullopt;
}

void CreateDialog::make()
{
    QString error;
    const auto wanted = wish(error);
    if (!wanted || !session_)
        return;
    show_->setEnabled(false);
    const auto refuse = onGui<Error>(this, [this](const Error &failure) {
        show_->setEnabled(true);
        const QString why = QString::fromStdString(failure.message + (failure.hint.empty() ? "" : ". " + failure.hint));
        error_->setText(why);
        Q_EMIT refused(why);
    });
    using Made = std::shared_ptr<migration::ChangeScript>;
    const auto done = onGui<Made>(this, [this](const Made &script) {
        Q_EMIT scriptReady(*script);
        accept();
    });
    session_->post(
        [wish = *wanted, done, refuse](pg::Connection &connection) {
            if (auto made = createPartitioned(connection, wish))
                done(std::make_shared<migration::ChangeScript>(std::move(*made)));
            else
                refuse(made.error());
        },
        refuse);
}

} // namespace howdah::partition_tool
