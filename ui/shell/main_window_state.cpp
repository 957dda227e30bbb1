// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QMenu>
#include <QPointer>
#include <QSplitter>
#include <QStackedWidget>

#include "ui/actions/action_registry.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/browser/object_browser.h"
#include "ui/plugin/plugin_host.h"
#include "ui/settings/settings.h"
#include "ui/shell/document_tabs.h"
#include "ui/shell/history_page.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/shell_context.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/title_bar.h"
#include "ui/shell/tool_rail.h"
#include "ui/shell/transaction_question.h"
#include "ui/shell/window_actions.h"

// What the window shows of the page in front and of its server.

namespace howdah::ui {

void MainWindow::onOpening(const std::shared_ptr<Link> &link)
{
    last_link_ = link;
    banner_->dismiss();
    SqlPage *page = pages_->currentSql();
    if (page == nullptr || (page->link() && page->link() != link && !page->isBlank()))
        pages_->newSql({}, {}, link);
    else if (!page->runner()->isBusy() && !page->runner()->hasOpenTransaction())
        page->setLink(link);
    // Pages that came back from the last time know their connection by name.
    for (SqlPage *other : pages_->sqlPages()) {
        if (!other->link() && other->connectionName() == link->title())
            other->setLink(link);
    }
    refreshLink();
}

void MainWindow::onLinkFailed(const std::shared_ptr<Link> &link, const Error &error)
{
    reportError(tr("No connection to %1.").arg(link->title()), error);
    banner_->addButton(tr("Try again"), [this, link] {
        banner_->dismiss();
        link->open();
    });
    banner_->addButton(tr("Edit connection…"), [this, link] { links_->showManager(link.get()); });
    refreshLink();
}

void MainWindow::adopt(SqlPage *page)
{
    if (const auto link = links_->find(page->connectionName()); link && !page->link())
        page->setLink(link);
    page->restoreSplitter(Settings::instance().remembered(QStringLiteral("window/page_splitter")).toByteArray());
    applySettings();
}

void MainWindow::onCurrentPageChanged()
{
    documents_->setCurrentIndex(tabs_->count() > 0 ? 1 : 0);
    const QString tool = pages_->toolOf(pages_->current());
    rail_->setCurrent(tool.isEmpty() ? QStringLiteral("sql") : tool.section(QLatin1Char(':'), 0, 0));
    if (SqlPage *page = pages_->currentSql(); page != nullptr && page->link())
        last_link_ = page->link();
    refreshLink();
    Q_EMIT context_->currentDocumentChanged();
}

void MainWindow::refreshLink()
{
    const auto link = currentLink();
    title_->showLink(link.get());
    setWindowTitle(link ? tr("%1 — Howdah").arg(link->title()) : tr("Howdah"));
    refreshServer();
    refreshBrowser();
    refreshStatus();
    if (shown_link_ != link.get()) {
        shown_link_ = link.get();
        Q_EMIT currentLinkChanged();
    }
    Q_EMIT context_->connectionChanged();
}

void MainWindow::refreshServer()
{
    const auto link = currentLink();
    if (!link || link->state() == Link::State::Closed) {
        status_->setServer(tr("Not connected"), Tone::Neutral, {});
        status_->setEncoding({});
        return;
    }
    if (link->state() == Link::State::Opening) {
        status_->setServer(tr("Connecting to %1 …").arg(link->title()), Tone::Warn, {});
        return;
    }
    if (link->state() == Link::State::Failed) {
        status_->setServer(tr("No connection to %1").arg(link->title()), Tone::Bad, {});
        return;
    }
    const pg::ServerFacts &facts = *link->facts();
    const QString version = QString::fromStdString(facts.version).section(QLatin1Char(' '), 0, 0);
    QString text = tr("PostgreSQL %1 · %2 · role %3")
                       .arg(version, QString::fromStdString(facts.database), QString::fromStdString(facts.role));
    if (facts.in_recovery)
        text += tr(" · standby");
    QStringList tips{tr("PostgreSQL %1").arg(QString::fromStdString(facts.version)),
                     tr("Host %1, port %2").arg(QString::fromStdString(facts.host), QString::fromStdString(facts.port)),
                     facts.tls.empty() ? tr("Not encrypted") : QString::fromStdString(facts.tls)};
    if (facts.is_superuser)
        tips << tr("The role is a superuser");
    status_->setServer(text, Tone::Good, tips.join(QLatin1Char('\n')));
    status_->setEncoding(QString::fromStdString(facts.server_encoding));
}

void MainWindow::refreshBrowser()
{
    const auto link = currentLink();
    if (!link || link->state() == Link::State::Closed) {
        browser_->setDisconnected();
        return;
    }
    const QString database = link->facts() ? QString::fromStdString(link->facts()->database) : link->title();
    browser_->setCatalog(link->catalog() ? link->catalog() : link->names(), database);
    browser_->setLoading(link->isReadingCatalog() || link->state() == Link::State::Opening);
    browser_->setFailure(link->failure());
}

void MainWindow::refreshStatus()
{
    actions_->refreshEnabled();
    const SqlPage *page = pages_->currentSql();
    if (page == nullptr) {
        status_->setTransaction(pg::TransactionState::Unknown, false, {}, Tone::Neutral);
        status_->setTiming({});
        status_->setSummary({});
        status_->setPlace({});
        return;
    }
    const bool linked = page->link() && page->link()->state() == Link::State::Open;
    Tone tone = Tone::Neutral;
    const QString text = page->transactionText(tone);
    status_->setTransaction(page->runner()->isBusy() ? pg::TransactionState::Active : page->runner()->transaction(), linked, text, tone);
    status_->setTiming(page->timing());
    status_->setSummary(page->selectionSummary());
    status_->setPlace(page->place());
}

void MainWindow::fillConnectionMenu()
{
    QMenu *menu = title_->connectionMenu();
    menu->clear();
    const auto current = currentLink();
    SqlPage *page = pages_->currentSql();
    for (const auto &link : links_->all()) {
        QAction *entry = menu->addAction(icon(QStringLiteral("database"), link->color()), link->title());
        entry->setCheckable(true);
        entry->setChecked(link == current);
        connect(entry, &QAction::triggered, this, [this, link, page] {
            last_link_ = link;
            if (page != nullptr && page->runner()->isBusy()) {
                banner_->showMessage(Tone::Warn, tr("This page keeps its connection while it runs something."), {}, 6);
            } else if (page != nullptr && page->link() != link) {
                askAboutTransactions(this, {page}, tr("Switch connection"), [this, page = QPointer<SqlPage>(page), link] {
                    if (page)
                        page->setLink(link);
                    refreshLink();
                });
            }
            refreshLink();
        });
    }
    if (!links_->all().empty())
        menu->addSeparator();
    constexpr int recent_shown = 8;
    int shown = 0;
    for (const auto &saved : links_->store()->all()) {
        const QString name = QString::fromStdString(saved.name);
        if (links_->find(name) || ++shown > recent_shown)
            continue;
        menu->addAction(icon(QStringLiteral("connect"), environmentColor(saved)), tr("Connect to %1").arg(name), this,
                        [this, id = QString::fromStdString(saved.id)] { links_->openSaved(id); });
    }
    for (const char *id : {"connection.manage", "connection.demo", "connection.refresh", "connection.disconnect"}) {
        if (QAction *action = actions_->action(QLatin1String(id)))
            menu->addAction(action);
    }
}

void MainWindow::showHistory()
{
    const QString id = QStringLiteral("history");
    QWidget *present = pages_->tool(id);
    if (present == nullptr) {
        auto *page = new HistoryPage(pages_->history(), tabs_);
        connect(page, &HistoryPage::openRequested, this, [this](const QString &text) { newSqlPage({}, text); });
        connect(page, &HistoryPage::insertRequested, this, [this](const QString &text) {
            if (SqlPage *last = pages_->lastSql())
                pages_->show(last);
            insertIntoEditor(*this, text);
        });
        present = page;
    }
    pages_->openTool(id, tr("History"), id, present);
}

void MainWindow::openTool(const QString &id)
{
    if (id == QStringLiteral("sql")) {
        if (pages_->currentSql() != nullptr)
            return;
        SqlPage *last = pages_->lastSql();
        last == nullptr ? static_cast<void>(newSqlPage()) : pages_->show(last);
        return;
    }
    if (id == QStringLiteral("settings")) {
        rail_->setCurrent(rail_->current());
        actions_->action(QStringLiteral("settings.open"))->trigger();
        return;
    }
    if (id == QStringLiteral("history")) {
        showHistory();
        return;
    }
    ToolPlugin *tool = tools_->tool(id);
    if (tool == nullptr)
        return;
    const auto object = browser_->selected();
    const ToolInfo info = tool->info();
    QWidget *present = pages_->tool(id);
    if (present == nullptr)
        present = tool->createPage(object ? &*object : nullptr, tabs_);
    if (present != nullptr)
        pages_->openTool(id, info.name, info.icon, present);
}

} // namespace howdah::ui
