// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/document_tabs.h"

#include <QMenu>
#include <QMouseEvent>
#include <QTabBar>
#include <QToolButton>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {
constexpr qsizetype longest_title = 32;
}

DocumentTabs::DocumentTabs(QWidget *parent) : QTabWidget(parent)
{
    setAccessibleName(tr("Pages"));
    setDocumentMode(true);
    setTabsClosable(true);
    setMovable(true);
    setElideMode(Qt::ElideNone); // many pages scroll; titles of one letter help nobody
    tabBar()->setExpanding(false);
    tabBar()->setUsesScrollButtons(true);
    tabBar()->setDrawBase(false);
    tabBar()->setContextMenuPolicy(Qt::CustomContextMenu);
    tabBar()->installEventFilter(this);
    auto *add = new QToolButton(this);
    add->setIcon(icon(QStringLiteral("plus")));
    add->setToolTip(tr("New SQL page (Ctrl+T)"));
    add->setAccessibleName(tr("New SQL page"));
    setCornerWidget(add, Qt::TopRightCorner);
    connect(add, &QToolButton::clicked, this, &DocumentTabs::newPageRequested);
    connect(this, &QTabWidget::tabCloseRequested, this, [this](int index) { Q_EMIT closeRequested(widget(index)); });
    connect(tabBar(), &QTabBar::tabMoved, this, &DocumentTabs::orderChanged);
    connect(tabBar(), &QTabBar::tabBarDoubleClicked, this, [this](int index) {
        if (index < 0)
            Q_EMIT newPageRequested();
        else
            Q_EMIT renameRequested(widget(index));
    });
    connect(tabBar(), &QTabBar::customContextMenuRequested, this, &DocumentTabs::showMenu);
}

void DocumentTabs::setTitle(QWidget *page, const QString &title, bool modified, const QString &tooltip)
{
    const int index = indexOf(page);
    if (index < 0)
        return;
    // An ampersand would be taken for a mnemonic.
    QString shown = title.size() > longest_title ? title.left(longest_title - 1) + QChar(0x2026) : title;
    shown.replace(QLatin1Char('&'), QStringLiteral("&&"));
    setTabText(index, modified ? QStringLiteral("● ") + shown : shown);
    setTabToolTip(index, tooltip);
}

void DocumentTabs::step(int way)
{
    if (count() > 1)
        setCurrentIndex((currentIndex() + way + count()) % count());
}

bool DocumentTabs::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() == QEvent::MouseButtonRelease) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        const int index = mouse->button() == Qt::MiddleButton ? tabBar()->tabAt(mouse->pos()) : -1;
        if (index >= 0) {
            Q_EMIT closeRequested(widget(index));
            return true;
        }
    }
    return QTabWidget::eventFilter(watched, event);
}

void DocumentTabs::showMenu(const QPoint &at)
{
    const int index = tabBar()->tabAt(at);
    if (index < 0)
        return;
    QWidget *page = widget(index);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Close"), this, [this, page] { Q_EMIT closeRequested(page); });
    menu->addAction(tr("Close others"), this, [this, page] { closeAll(page); })->setEnabled(count() > 1);
    menu->addAction(tr("Close all"), this, [this] { closeAll(nullptr); });
    menu->addSeparator();
    menu->addAction(icon(QStringLiteral("edit")), tr("Rename…"), this, [this, page] { Q_EMIT renameRequested(page); });
    menu->popup(tabBar()->mapToGlobal(at));
}

void DocumentTabs::closeAll(QWidget *except)
{
    QList<QWidget *> pages;
    for (int i = 0; i < count(); ++i)
        pages << widget(i);
    for (QWidget *page : pages) {
        if (page != except)
            Q_EMIT closeRequested(page);
    }
}

} // namespace howdah::ui
