// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/finding_details.h"

#include <algorithm>

#include <QAbstractTextDocumentLayout>
#include <QApplication>
#include <QClipboard>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "core/index/health/facts.h"
#include "plugins/index/health_words.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using index_health::Finding;

namespace {

constexpr int most_lines = 9;

QLabel *wrapped(const char *role)
{
    auto *label = new QLabel;
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    if (role != nullptr)
        label->setProperty("role", QLatin1StringView(role));
    return label;
}

/// As high as its text, up to some lines; then it scrolls.
class StatementBox : public QPlainTextEdit
{
public:
    explicit StatementBox(const QString &name)
    {
        setReadOnly(true);
        setFont(monoFont());
        setAccessibleName(name);
        setTabChangesFocus(true);
        setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
        setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this, [this] { updateGeometry(); });
    }
    [[nodiscard]] QSize sizeHint() const override
    {
        // A plain document counts its height in lines.
        const int lines = std::clamp(static_cast<int>(document()->size().height()), 1, most_lines);
        return {200, lines * QFontMetrics(font()).lineSpacing() + 2 * spacing::control + 4};
    }
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void resizeEvent(QResizeEvent *event) override
    {
        QPlainTextEdit::resizeEvent(event);
        updateGeometry();
    }
};

QLabel *caption(const QString &text)
{
    auto *label = new QLabel(text);
    label->setProperty("role", QStringLiteral("caption"));
    return label;
}

} // namespace

FindingDetails::FindingDetails(QWidget *parent) : QWidget(parent), stack_(new QStackedWidget(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(stack_);
    auto *none = wrapped("dim");
    none->setText(tr("Choose a finding or an index to see why it is named, and what would be run."));
    none->setAlignment(Qt::AlignCenter);
    none->setMargin(spacing::page);
    stack_->addWidget(none);

    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::card, spacing::card, spacing::card, spacing::card);
    layout->setSpacing(spacing::control);
    auto *head = new QHBoxLayout;
    title_ = wrapped(nullptr);
    title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    pill_ = new Pill;
    head->addWidget(title_, 1);
    head->addWidget(pill_, 0, Qt::AlignTop);
    layout->addLayout(head);
    message_ = wrapped(nullptr);
    why_ = wrapped("dim");
    layout->addWidget(message_);
    layout->addWidget(why_);
    links_ = new QWidget;
    links_layout_ = new QVBoxLayout(links_);
    links_layout_->setContentsMargins(0, 0, 0, 0);
    links_layout_->setSpacing(spacing::unit);
    layout->addWidget(links_);
    statements_ = new QWidget;
    auto *statements = new QVBoxLayout(statements_);
    statements->setContentsMargins(0, spacing::unit, 0, 0);
    statements->setSpacing(spacing::unit);
    auto *bar = new QHBoxLayout;
    bar->setSpacing(spacing::unit);
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("Copy"));
    copy->setToolTip(tr("Copies the statements"));
    auto *open = new QPushButton(icon(QStringLiteral("sql")), tr("Open"));
    open->setToolTip(tr("Opens the statements in the editor, on a new page; nothing runs"));
    apply_ = new QPushButton(tr("Apply…"));
    apply_->setProperty("role", QStringLiteral("primary"));
    bar->addWidget(apply_);
    bar->addWidget(copy);
    bar->addWidget(open);
    bar->addStretch();
    sql_ = new StatementBox(tr("Statements"));
    undo_ = new StatementBox(tr("The way back"));
    undo_caption_ = caption(tr("THE WAY BACK"));
    statements->addWidget(caption(tr("WHAT WOULD RUN")));
    statements->addWidget(sql_);
    statements->addLayout(bar);
    statements->addSpacing(spacing::unit);
    statements->addWidget(undo_caption_);
    statements->addWidget(undo_);
    layout->addWidget(statements_);
    auto *facts = new QWidget;
    facts_ = new QFormLayout(facts);
    facts_->setContentsMargins(0, spacing::unit, 0, 0);
    facts_->setHorizontalSpacing(spacing::card);
    facts_->setVerticalSpacing(2);
    facts_->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    facts_->setLabelAlignment(Qt::AlignLeft | Qt::AlignTop);
    layout->addWidget(facts);
    layout->addStretch();

    auto *scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    scroll->setWidget(page);
    page->setAutoFillBackground(false);
    stack_->addWidget(scroll);
    connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(sql()); });
    connect(open, &QPushButton::clicked, this, [this] { Q_EMIT openRequested(sql()); });
    connect(apply_, &QPushButton::clicked, this, &FindingDetails::applyRequested);
    setHindrance({});
}

void FindingDetails::clear()
{
    stack_->setCurrentIndex(0);
}

void FindingDetails::setHindrance(const QString &reason)
{
    hindrance_ = reason;
    apply_->setEnabled(reason.isEmpty());
    apply_->setToolTip(reason.isEmpty() ? tr("Shows every statement with its lock first; nothing runs before you agree (Return in the list)") : reason);
}

QString FindingDetails::sql() const
{
    return sql_->toPlainText();
}

void FindingDetails::begin(const QString &title, const QString &pill, Tone tone, const QString &message, const QString &why)
{
    title_->setText(title);
    pill_->setText(pill);
    pill_->setTone(tone);
    message_->setText(message);
    message_->setVisible(!message.isEmpty());
    why_->setText(why);
    why_->setVisible(!why.isEmpty());
    while (facts_->rowCount() > 0)
        facts_->removeRow(0);
    while (QLayoutItem *item = links_layout_->takeAt(0)) {
        // The one that was clicked is among them.
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    links_->hide();
    stack_->setCurrentIndex(1);
}

void FindingDetails::addFact(const QString &name, const QString &value)
{
    if (value.isEmpty())
        return;
    auto *label = wrapped("dim");
    label->setWordWrap(false);
    label->setText(name);
    auto *text = wrapped(nullptr);
    text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    text->setText(value);
    facts_->addRow(label, text);
}

void FindingDetails::setStatements(const QString &sql, const QString &undo)
{
    sql_->setPlainText(sql);
    undo_->setPlainText(undo);
    statements_->setVisible(!sql.isEmpty());
    undo_->setVisible(!undo.isEmpty());
    undo_caption_->setVisible(!undo.isEmpty());
}

void FindingDetails::showFinding(const FindingRow &row)
{
    using W = HealthWords;
    const Finding &f = row.finding();
    const QString name = W::qt(f.index_name.empty() ? f.table_name : f.index_name);
    begin(W::rule(f.rule) + QStringLiteral(": ") + name, W::severity(f.severity), W::tone(f.severity), W::qt(f.message), W::qt(f.why));
    addFact(tr("table"), W::qt(f.schema + "." + f.table_name));
    if (f.size_bytes > 0)
        addFact(tr("size"), W::bytes(f.size_bytes));
    if (f.size_won_bytes > 0)
        addFact(tr("gives back"), W::bytes(f.size_won_bytes));
    for (const index_health::Evidence &evidence : f.evidence)
        addFact(W::evidenceName(evidence.name), W::evidence(evidence));
    QString undo = W::qt(index_health::undoOf(f.script));
    if (undo.isEmpty() && !f.script.steps.empty())
        undo = W::qt(f.script.steps.front().no_undo_reason);
    setStatements(W::qt(index_health::sqlOf(f.script)), undo);
}

void FindingDetails::showFindings(const std::vector<FindingRow> &rows)
{
    using W = HealthWords;
    std::vector<const Finding *> findings;
    std::int64_t won = 0;
    QHash<quint32, std::int64_t> by_index;
    for (const FindingRow &row : rows) {
        findings.push_back(&row.finding());
        if (row.finding().index != 0)
            by_index[row.finding().index] = std::max(by_index.value(row.finding().index), row.finding().size_won_bytes);
    }
    for (const std::int64_t bytes : std::as_const(by_index))
        won += bytes;
    const migration::ChangeScript script = index_health::combined(findings);
    begin(tr("%1 findings").arg(rows.size()), tr("%1 steps").arg(script.steps.size()), Tone::Accent, won > 0 ? tr("They give back %1 in all.").arg(W::bytes(won)) : QString(),
          tr("What two of them would do twice is done once; what is dropped is not rebuilt first."));
    setStatements(W::qt(index_health::sqlOf(script)), W::qt(index_health::undoOf(script)));
}

void FindingDetails::showIndex(const IndexRow &row)
{
    using W = HealthWords;
    const index_health::Facts &facts = row.report->facts;
    const index_health::IndexFacts &index = row.index();
    const auto use = index_health::useOf(facts, index);
    begin(W::qt(index.name), W::use(use), W::tone(use), W::useMeaning(use) + QLatin1Char('.'), {});
    addFact(tr("table"), W::qt(row.table().schema + "." + row.table().name));
    addFact(tr("columns"), W::qt(index_health::keyText(row.table(), index)));
    addFact(tr("where"), W::qt(index.predicate));
    addFact(tr("method"), W::qt(index.access_method));
    addFact(tr("size"), W::bytes(facts.bytesOf(index)));
    addFact(tr("scans"), W::count(facts.scansOf(index)));
    addFact(tr("last scan"), W::qt(index.last_scan.value_or("")));
    addFact(tr("constraint"), W::qt(index.constraint));
    if (index.unique)
        addFact(tr("unique"), tr("yes"));
    if (const auto *parent = index.parent != 0 ? facts.index(index.parent) : nullptr)
        addFact(tr("part of"), W::qt(parent->name));
    for (std::size_t i = 0; i < row.report->findings.size(); ++i) {
        const Finding &finding = row.report->findings[i];
        if (finding.index != index.oid)
            continue;
        auto *link = new QPushButton(W::rule(finding.rule) + QStringLiteral(" ›"));
        link->setToolTip(W::qt(finding.message));
        connect(link, &QPushButton::clicked, this, [this, i] { Q_EMIT findingRequested(i); });
        links_layout_->addWidget(link, 0, Qt::AlignLeft);
        links_->show();
    }
    setStatements({}, {});
}

} // namespace howdah::index_tool
