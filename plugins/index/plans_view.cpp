// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/plans_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QPushButton>
#include <QShortcut>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/base/elided_label.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/plan/plan_compare.h"
#include "ui/plan/plan_document.h"

namespace howdah::index_tool {

using namespace howdah::ui;

namespace {

PlanSide readSide(const std::string &source)
{
    const auto read = readPlanDocument(source);
    return {read ? *read : nullptr, 0};
}

} // namespace

PlansView::PlansView(QWidget *parent) : QWidget(parent)
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::control);
    auto *line = new QHBoxLayout;
    line->setSpacing(spacing::control);
    back_ = new QPushButton(QStringLiteral("‹ ") + tr("Back"));
    back_->setToolTip(tr("Back to the lists (Esc)"));
    statement_ = new ElidedLabel;
    statement_->setFont(monoFont());
    choice_ = new QComboBox;
    choice_->setAccessibleName(tr("Which plans"));
    line->addWidget(back_);
    line->addWidget(statement_, 1);
    line->addWidget(choice_);
    layout->addLayout(line);
    auto *frame = new QFrame;
    frame->setProperty("role", QStringLiteral("card"));
    auto *inside = new QVBoxLayout(frame);
    inside->setContentsMargins(1, 1, 1, 1);
    compare_ = new PlanCompare;
    inside->addWidget(compare_);
    layout->addWidget(frame, 1);
    connect(back_, &QPushButton::clicked, this, &PlansView::closed);
    auto *escape = new QShortcut(QKeySequence(Qt::Key_Escape), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(escape, &QShortcut::activated, this, &PlansView::closed);
    connect(choice_, &QComboBox::currentIndexChanged, this, &PlansView::showPair);
}

void PlansView::showPairs(const QString &statement, std::vector<Pair> pairs)
{
    pairs_ = std::move(pairs);
    statement_->setText(statement.simplified());
    {
        const QSignalBlocker quiet(choice_);
        choice_->clear();
        for (const Pair &pair : pairs_)
            choice_->addItem(pair.title);
    }
    choice_->setVisible(pairs_.size() > 1);
    choice_->setCurrentIndex(0);
    showPair(0);
}

void PlansView::showPair(int at)
{
    if (at < 0 || static_cast<std::size_t>(at) >= pairs_.size())
        return;
    const Pair &pair = pairs_[static_cast<std::size_t>(at)];
    compare_->setSides(readSide(pair.before), pair.before_title, readSide(pair.after), pair.after_title);
}

} // namespace howdah::index_tool
