// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/index_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QShortcut>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/base/elided_label.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/base/segmented_tabs.h"

namespace howdah::index_tool {

using namespace howdah::ui;

IndexPage::IndexPage(ToolContext *context, QWidget *parent) : QWidget(parent), context_(context), stack_(new QStackedWidget(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(stack_);
    stack_->addWidget(new EmptyState(QStringLiteral("index"), tr("Not connected"),
                                     tr("Connect to a database to see which of its indexes work, which only cost, and which are missing.")));
    auto *page = new QWidget;
    stack_->addWidget(page);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::page, spacing::card, spacing::page, 0);
    layout->setSpacing(spacing::card);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::card);
    auto *title = new QLabel(tr("Indexes"));
    title->setProperty("role", QStringLiteral("title"));
    tabs_ = new SegmentedTabs;
    summary_ = new ElidedLabel;
    summary_->setProperty("role", QStringLiteral("dim"));
    line->addWidget(title);
    line->addWidget(tabs_);
    line->addWidget(summary_, 1);
    layout->addLayout(line);
    views_ = new QStackedWidget;
    layout->addWidget(views_, 1);
    connect(tabs_, &SegmentedTabs::currentChanged, this, [this](const QString &id) {
        views_->setCurrentWidget(tab(id));
        showSummary();
        activateCurrent();
    });
    connect(context_, &ToolContext::connectionChanged, this, &IndexPage::activateCurrent);
}

void IndexPage::addTab(const QString &id, const QString &title, const QString &tooltip, std::function<IndexTab *()> make)
{
    added_.append({id, std::move(make), nullptr});
    tabs_->addSegment(id, title, tooltip);
    auto *shortcut = new QShortcut(QKeySequence(Qt::ALT | static_cast<Qt::Key>(Qt::Key_0 + added_.size())), this, nullptr, nullptr,
                                   Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, [this, id] { showTab(id); });
    if (added_.size() == 1)
        tabs_->setCurrent(id);
    tabs_->setVisible(added_.size() > 1);
}

IndexTab *IndexPage::tab(const QString &id)
{
    for (Tab &one : added_) {
        if (one.id != id || one.widget != nullptr)
            continue;
        one.widget = one.make();
        views_->addWidget(one.widget);
        connect(one.widget, &IndexTab::summaryChanged, this, &IndexPage::showSummary);
        if (!relation_name_.isEmpty())
            one.widget->setRelation(relation_schema_, relation_name_);
    }
    return madeTab(id);
}

IndexTab *IndexPage::madeTab(const QString &id) const
{
    for (const Tab &one : added_) {
        if (one.id == id)
            return one.widget;
    }
    return nullptr;
}

void IndexPage::showTab(const QString &id)
{
    tabs_->setCurrent(id);
}

QString IndexPage::currentTab() const
{
    return tabs_->current();
}

void IndexPage::setRelation(const QString &schema, const QString &name)
{
    relation_schema_ = schema;
    relation_name_ = name;
    for (const Tab &one : added_) {
        if (one.widget != nullptr)
            one.widget->setRelation(schema, name);
    }
}

void IndexPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    activateCurrent();
}

void IndexPage::activateCurrent()
{
    stack_->setCurrentIndex(context_->isConnected() ? 1 : 0);
    IndexTab *front = tab(tabs_->current());
    if (isVisible() && context_->isConnected() && front != nullptr)
        front->activate();
}

void IndexPage::showSummary()
{
    const IndexTab *front = madeTab(tabs_->current());
    summary_->setText(front == nullptr ? QString() : front->summary());
}

} // namespace howdah::index_tool
