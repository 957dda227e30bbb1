// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/details_panel.h"

#include <algorithm>

#include <QAbstractTextDocumentLayout>
#include <QApplication>
#include <QClipboard>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/base/palette.h"
#include "ui/base/pill.h"

namespace howdah::index_tool {

using namespace howdah::ui;

namespace {

constexpr int most_lines = 9;

/// As narrow as need be, and then as high.
QSizePolicy narrowable()
{
    QSizePolicy policy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    return policy;
}

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

DetailsPanel::DetailsPanel(const QString &invitation, QWidget *parent) : QWidget(parent), stack_(new QStackedWidget(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(stack_);
    auto *none = wrapped("dim");
    none->setText(invitation);
    none->setAlignment(Qt::AlignCenter);
    none->setMargin(spacing::page);
    stack_->addWidget(none);

    auto *page = new QWidget;
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::card, spacing::card, spacing::card, spacing::card);
    layout->setSpacing(spacing::control);
    auto *head = new QHBoxLayout;
    title_ = wrapped(nullptr);
    title_->setSizePolicy(narrowable());
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
    caption_ = caption(tr("WHAT WOULD RUN"));
    statements->addWidget(caption_);
    statements->addWidget(sql_);
    statements->addLayout(bar);
    statements->addSpacing(spacing::unit);
    statements->addWidget(undo_caption_);
    statements->addWidget(undo_);
    layout->addWidget(statements_);
    auto *facts = new QWidget;
    // A form would count the heights of wrapped values at another width than it lays them out.
    facts_ = new QGridLayout(facts);
    facts_->setContentsMargins(0, spacing::unit, 0, 0);
    facts_->setHorizontalSpacing(spacing::card);
    facts_->setVerticalSpacing(2);
    facts_->setColumnStretch(1, 1);
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
    connect(apply_, &QPushButton::clicked, this, &DetailsPanel::applyRequested);
    setHindrance({});
}

void DetailsPanel::clear()
{
    stack_->setCurrentIndex(0);
}

void DetailsPanel::setHindrance(const QString &reason)
{
    hindrance_ = reason;
    apply_->setEnabled(reason.isEmpty());
    apply_->setToolTip(reason.isEmpty() ? tr("Shows every statement with its lock first; nothing runs before you agree (Return in the list)") : reason);
}

QString DetailsPanel::sql() const
{
    return sql_->toPlainText();
}

void DetailsPanel::begin(const QString &title, const QString &pill, Tone tone, const QString &message, const QString &why)
{
    title_->setText(title);
    pill_->setText(pill);
    pill_->setTone(tone);
    message_->setText(message);
    message_->setVisible(!message.isEmpty());
    why_->setText(why);
    why_->setVisible(!why.isEmpty());
    while (QLayoutItem *item = facts_->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    fact_rows_ = 0;
    while (QLayoutItem *item = links_layout_->takeAt(0)) {
        // The one that was clicked is among them.
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    links_->hide();
    stack_->setCurrentIndex(1);
}

QPushButton *DetailsPanel::addLink(const QString &text, const QString &tooltip)
{
    auto *link = new QPushButton(text);
    link->setToolTip(tooltip);
    links_layout_->addWidget(link, 0, Qt::AlignLeft);
    links_->show();
    return link;
}

QString DetailsPanel::title() const
{
    return title_->text();
}

QString DetailsPanel::text() const
{
    return message_->text() + QLatin1Char('\n') + why_->text();
}

void DetailsPanel::setCaption(const QString &text)
{
    caption_->setText(text);
}

void DetailsPanel::addFact(const QString &name, const QString &value)
{
    if (value.isEmpty())
        return;
    auto *label = wrapped("dim");
    label->setWordWrap(false);
    label->setText(name);
    auto *text = wrapped(nullptr);
    text->setSizePolicy(narrowable());
    text->setText(value);
    text->setToolTip(value);
    facts_->addWidget(label, fact_rows_, 0, Qt::AlignTop);
    facts_->addWidget(text, fact_rows_++, 1);
}

void DetailsPanel::setStatements(const QString &sql, const QString &undo)
{
    sql_->setPlainText(sql);
    undo_->setPlainText(undo);
    statements_->setVisible(!sql.isEmpty());
    undo_->setVisible(!undo.isEmpty());
    undo_caption_->setVisible(!undo.isEmpty());
}

} // namespace howdah::index_tool
