// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/main_window.h"

#include <algorithm>

#include <QApplication>
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QVBoxLayout>

#include "ui/actions/action_registry.h"
#include "ui/actions/command_palette.h"
#include "ui/base/banner.h"
#include "ui/base/desktop_theme.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/task_progress.h"
#include "ui/base/theme_notifier.h"
#include "ui/browser/object_browser.h"
#include "ui/editor/completion_session.h"
#include "ui/editor/lint_marks.h"
#include "ui/editor/sql_editor.h"
#include "ui/plugin/plugin_host.h"
#include "ui/settings/settings.h"
#include "ui/shell/document_tabs.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/object_pages.h"
#include "ui/shell/pages.h"
#include "ui/shell/palette_sources.h"
#include "ui/shell/shell_context.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/status_strip.h"
#include "ui/shell/title_bar.h"
#include "ui/shell/transaction_question.h"
#include "ui/shell/transfer_entries.h"
#include "ui/shell/tool_rail.h"
#include "ui/shell/window_actions.h"

namespace howdah::ui {

namespace {

const QString sql_tool = QStringLiteral("sql");
const QString settings_tool = QStringLiteral("settings");
constexpr int browser_width = 260;

} // namespace

MainWindow::MainWindow(WindowTarget target, QWidget *parent)
    : QMainWindow(parent), target_(std::move(target)), actions_(new ActionRegistry(this)), links_(new Links(this)),
      context_(std::make_unique<ShellContext>(this))
{
    setWindowTitle(tr("Howdah"));
    setWindowIcon(icon(QStringLiteral("howdah")));
    setAcceptDrops(true);
    build();
    WindowActions::addAll(*this);
    actions_->setDisabledReason([this](const ActionSpec &) {
        return pages_->currentSql() == nullptr ? tr("No SQL page is in front")
               : currentLink() == nullptr      ? tr("Not connected")
                                               : tr("Not possible right now");
    });
    tools_ = new PluginHost(*context_, this);
    palette_ = new CommandPalette(this);
    addPaletteSources(*this);
    connectBrowser();
    connectLinks();
    connectPages();
    connectTools();
    WindowActions::fillMenus(*this);
    restoreLayout();
    connect(&Settings::instance(), &Settings::changed, this, &MainWindow::applySettings);
    onCurrentPageChanged();
}

MainWindow::~MainWindow()
{
    // Pages and tools hold the context; they go first, and nobody listens to what they say while they go.
    disconnect(qApp, nullptr, actions_, nullptr);
    tabs_->disconnect();
    pages_->disconnect(this);
    links_->disconnect(this);
    delete centralWidget();
    delete tools_;
}

void MainWindow::build()
{
    auto *central = new QWidget(this);
    auto *outer = new QVBoxLayout(central);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    title_ = new TitleBar(central);
    outer->addWidget(title_);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    rail_ = new ToolRail(central);
    rail_->addTool(sql_tool, tr("SQL"), tr("Write and run SQL"), QStringLiteral("sql"), 0);
    rail_->addTool(QStringLiteral("history"), tr("History"), tr("What was run, with its time and outcome"),
                   QStringLiteral("history"), 1000);
    rail_->addTool(settings_tool, tr("Settings"), tr("How Howdah looks and behaves"), QStringLiteral("settings"), 1001);
    middle->addWidget(rail_);
    splitter_ = new QSplitter(Qt::Horizontal, central);
    browser_ = new ObjectBrowser(splitter_);
    splitter_->addWidget(browser_);
    splitter_->addWidget(buildDocuments());
    splitter_->setStretchFactor(1, 1);
    splitter_->setCollapsible(1, false);
    splitter_->setSizes({browser_width, 1000});
    middle->addWidget(splitter_, 1);
    outer->addLayout(middle, 1);
    outer->addWidget(hairline(central));
    status_ = new StatusStrip(central);
    outer->addWidget(status_);
    setCentralWidget(central);
    connect(rail_, &ToolRail::chosen, this, &MainWindow::openTool);
}

QWidget *MainWindow::buildDocuments()
{
    auto *area = new QWidget(splitter_);
    auto *layout = new QVBoxLayout(area);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    progress_ = new TaskProgress(area);
    progress_->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    progress_->hide();
    layout->addWidget(progress_);
    banner_ = new Banner(area);
    layout->addWidget(banner_);
    documents_ = new QStackedWidget(area);
    tabs_ = new DocumentTabs(documents_);
    welcome_ = new EmptyState(QStringLiteral("database"), tr("Work with a PostgreSQL server"),
                              tr("Connect to a server of yours, or look around on the demo server: a shop with a million "
                                 "orders, in the state in which people really find databases."),
                              documents_);
    welcome_->addButton(tr("Connect…"), QStringLiteral("connect"), [this] { links_->showManager(); });
    welcome_->addButton(tr("Start the demo server"), QStringLiteral("demo"), [this] { links_->openDemo(); });
    welcome_->addButton(tr("New SQL page"), QStringLiteral("sql"), [this] { newSqlPage(); });
    documents_->addWidget(welcome_);
    documents_->addWidget(tabs_);
    layout->addWidget(documents_, 1);
    pages_ = new Pages(tabs_, actions_, this);
    connect(progress_, &TaskProgress::cancelRequested, links_, &Links::cancelDemo);
    return area;
}

void MainWindow::connectBrowser()
{
    connect(browser_, &ObjectBrowser::refreshRequested, this, [this] {
        const auto link = currentLink();
        if (!link)
            return;
        link->setSystemSchemas(browser_->wantsSystemSchemas());
        link->state() == Link::State::Open ? link->refreshCatalog() : link->open();
    });
    connect(browser_, &ObjectBrowser::connectRequested, this, [this] { links_->showManager(); });
    connect(browser_, &ObjectBrowser::sqlRequested, this,
            [this](const QString &title, const QString &sql) { newSqlPage(title, sql); });
    connect(browser_, &ObjectBrowser::insertRequested, this, [this](const QString &text) {
        insertIntoEditor(*this, text);
    });
    connect(browser_, &ObjectBrowser::objectActivated, this,
            [this](const CatalogObject &object) {
                if (const auto ref = objectRef(object))
                    openObjectPage(*this, *ref);
            });
    connect(browser_, &ObjectBrowser::menuRequested, this, [this](const CatalogObject &object, QMenu *menu) {
        addObjectEntries(*this, object, menu);
        addTransferEntries(*this, object, menu);
        addToolEntries(*this, object, menu);
    });
}

void MainWindow::connectLinks()
{
    connect(links_, &Links::opening, this, &MainWindow::onOpening);
    connect(links_, &Links::changed, this, [this] { refreshLink(); });
    connect(links_, &Links::catalogChanged, this, [this](Link *link) {
        if (currentLink().get() == link) {
            refreshBrowser();
            Q_EMIT context_->catalogChanged();
        }
    });
    connect(links_, &Links::failed, this, &MainWindow::onLinkFailed);
    connect(links_, &Links::closed, this, [this](Link *link) {
        for (SqlPage *page : pages_->sqlPages()) {
            if (page->link().get() == link)
                page->setLink(nullptr);
        }
        refreshLink();
    });
    connect(links_, &Links::demoProgress, this, &MainWindow::showDemoProgress);
    connect(links_, &Links::demoEnded, progress_, &QWidget::hide);
    connect(links_, &Links::demoFailed, this,
            [this](const Error &error) { reportError(tr("The demo server could not be started."), error); });
    connect(title_->connectionMenu(), &QMenu::aboutToShow, this, &MainWindow::fillConnectionMenu);
    connect(title_, &TitleBar::commandsRequested, this, [this] { palette_->popUp(); });
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, &MainWindow::refreshLink);
}

void MainWindow::connectPages()
{
    connect(pages_, &Pages::currentChanged, this, &MainWindow::onCurrentPageChanged);
    connect(pages_, &Pages::statusChanged, this, [this](SqlPage *page) {
        if (page == pages_->currentSql())
            refreshStatus();
    });
    connect(pages_, &Pages::sqlPageAdded, this, &MainWindow::adopt);
    connect(pages_, &Pages::connectRequested, this, [this] { links_->showManager(); });
    connect(pages_, &Pages::ddlFinished, this, [](SqlPage *page) {
        if (page->link())
            page->link()->refreshCatalog();
    });
    connect(pages_, &Pages::failed, this, [this](const QString &what, const QString &why) {
        banner_->showMessage(Tone::Bad, what, why);
    });
    connect(tabs_, &DocumentTabs::newPageRequested, this, [this] { newSqlPage(); });
    // What some actions do depends on where the focus is.
    connect(qApp, &QApplication::focusChanged, actions_, &ActionRegistry::refreshEnabled);
}

void MainWindow::connectTools()
{
    connect(tools_, &PluginHost::toolLoaded, this, [this](ToolPlugin *tool) {
        const ToolInfo info = tool->info();
        rail_->addTool(info.id, info.name, info.description, info.icon, info.order);
    });
    connect(tools_, &PluginHost::loaded, this, [this] {
        for (const PluginHost::Failure &failure : tools_->failures())
            banner_->showMessage(Tone::Warn, tr("A tool could not be loaded: %1").arg(failure.file), failure.reason);
        WindowActions::fillMenus(*this);
        becomeReady();
    });
}

bool MainWindow::event(QEvent *event)
{
    const bool done = QMainWindow::event(event);
    if (event->type() == QEvent::Paint && !painted_) {
        painted_ = true;
        // After this turn: what is on the screen first is what the user sees first.
        QTimer::singleShot(0, this, &MainWindow::afterFirstPaint);
    }
    return done;
}

void MainWindow::afterFirstPaint()
{
    Q_EMIT painted();
    const auto restored = [this] {
        restored_ = true;
        onCurrentPageChanged();
        openTarget();
        becomeReady();
    };
    if (Settings::instance().get(Settings::restoreTabs()))
        pages_->restore(restored);
    else
        restored();
    tools_->loadAll();
    new DesktopTheme(this); // asks the bus, which may take its time
}

void MainWindow::openTarget()
{
    if (target_.demo)
        links_->openDemo();
    else if (!target_.conninfo.isEmpty())
        links_->openConninfo(target_.conninfo);
}

void MainWindow::becomeReady()
{
    if (ready_ || !restored_ || !tools_->isLoaded())
        return;
    ready_ = true;
    openFiles(target_.files);
    Q_EMIT ready();
}

std::shared_ptr<Link> MainWindow::currentLink() const
{
    if (const SqlPage *page = pages_->currentSql(); page != nullptr && page->link())
        return page->link();
    return last_link_.lock();
}

SqlPage *MainWindow::newSqlPage(const QString &title, const QString &text)
{
    return pages_->newSql(title, text, currentLink());
}

void MainWindow::openFiles(const QStringList &paths)
{
    for (const QString &path : paths) {
        if (!openWithTool(*this, path))
            pages_->openFile(path, currentLink());
    }
}

void MainWindow::setBrowserVisible(bool visible)
{
    browser_->setVisible(visible);
}

bool MainWindow::isBrowserVisible() const
{
    return !browser_->isHidden();
}

void MainWindow::reportError(const QString &what, const Error &error)
{
    if (error.kind == ErrorKind::Cancelled)
        status_->showMessage(tr("Cancelled"));
    else
        banner_->showMessage(Tone::Bad, what, QString::fromStdString(error.text()));
}

void MainWindow::offer(const QString &sentence, const QString &button, std::function<void()> chosen)
{
    constexpr int seconds = 12;
    banner_->showMessage(Tone::Neutral, sentence, {}, seconds);
    banner_->addButton(button, [this, chosen = std::move(chosen)] {
        banner_->dismiss();
        chosen();
    });
}

void MainWindow::showDemoProgress(const QString &what, double fraction, double seconds_left)
{
    progress_->setProgress(what, fraction, seconds_left);
    progress_->show();
}

void MainWindow::rememberLayout() const
{
    Settings &settings = Settings::instance();
    settings.remember(QStringLiteral("window/geometry"), saveGeometry());
    settings.remember(QStringLiteral("window/splitter"), splitter_->saveState());
    settings.remember(QStringLiteral("window/browser"), isBrowserVisible());
    settings.remember(QStringLiteral("palette/recent"), palette_->recent());
    if (const SqlPage *page = pages_->currentSql())
        settings.remember(QStringLiteral("window/page_splitter"), page->splitterState());
}

void MainWindow::restoreLayout()
{
    const Settings &settings = Settings::instance();
    if (!restoreGeometry(settings.remembered(QStringLiteral("window/geometry")).toByteArray()))
        resize(1280, 800);
    splitter_->restoreState(settings.remembered(QStringLiteral("window/splitter")).toByteArray());
    const QVariant browser = settings.remembered(QStringLiteral("window/browser"));
    setBrowserVisible(!browser.isValid() || browser.toBool());
    palette_->setRecent(settings.remembered(QStringLiteral("palette/recent")).toStringList());
}

void MainWindow::applySettings()
{
    const Settings &settings = Settings::instance();
    pg::RowStoreLimits limits;
    limits.max_rows = settings.get(Settings::maxRows());
    limits.memory_bytes = std::int64_t{settings.get(Settings::resultMemory())} * 1024 * 1024;
    for (SqlPage *page : pages_->sqlPages()) {
        page->setLimits(limits);
        page->setStopOnError(settings.get(Settings::stopOnError()));
        page->setConfirmOnProduction(settings.get(Settings::confirmOnProduction()));
        page->setIdleTransactionLimit(settings.get(Settings::idleTransaction()));
        page->setFontSize(settings.get(Settings::editorFontSize()));
        page->editor()->completion()->setAutomatic(settings.get(Settings::completeWhileTyping()));
        LintMarks::of(*page->editor())->setEnabled(settings.get(Settings::lintWhileTyping()));
    }
    if (currentTheme() != settings.themeToApply())
        applyTheme(*qApp, settings.themeToApply());
}

QStringList MainWindow::whatClosingLoses() const
{
    QStringList losses;
    for (const SqlPage *page : pages_->sqlPages()) {
        if (page->runner()->isBusy())
            losses << tr("“%1” is still running: the statement is cancelled.").arg(page->title());
    }
    return losses;
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    const QStringList losses = closing_ ? QStringList() : whatClosingLoses();
    const bool open = !closing_ && losses.isEmpty() &&
                      std::ranges::any_of(pages_->sqlPages(), [](const SqlPage *page) { return page->runner()->hasOpenTransaction(); });
    if (open) {
        event->ignore();
        askAboutTransactions(this, pages_->sqlPages(), tr("Close Howdah"), [this] { close(); });
        return;
    }
    if (losses.isEmpty()) {
        finishClosing();
        event->accept();
        return;
    }
    event->ignore();
    auto *question = new QMessageBox(QMessageBox::Warning, tr("Close Howdah"), losses.join(QLatin1Char('\n')),
                                     QMessageBox::Cancel, this);
    question->setAttribute(Qt::WA_DeleteOnClose);
    question->setInformativeText(tr("Texts of all pages are kept and come back the next time."));
    // A cancelled statement may leave a transaction open, which is asked about then.
    QPushButton *yes = question->addButton(tr("Cancel statements and close"), QMessageBox::DestructiveRole);
    connect(yes, &QPushButton::clicked, this, [this] { cancelThenClose(); });
    question->open();
}

void MainWindow::cancelThenClose()
{
    constexpr int pause_ms = 50, patience_ms = 5'000;
    auto *wait = new QTimer(this);
    auto turns = std::make_shared<int>(0);
    for (SqlPage *page : pages_->sqlPages())
        page->runner()->cancel();
    connect(wait, &QTimer::timeout, this, [this, wait, turns] {
        const bool busy = std::ranges::any_of(pages_->sqlPages(), [](const SqlPage *page) { return page->runner()->isBusy(); });
        if (busy && ++*turns < patience_ms / pause_ms)
            return;
        wait->stop();
        wait->deleteLater();
        busy ? closeNow() : static_cast<void>(close());
    });
    wait->start(pause_ms);
}

void MainWindow::closeNow()
{
    closing_ = true;
    close();
}

void MainWindow::finishClosing()
{
    rememberLayout();
    pages_->keepAll();
    links_->cancelDemo();
    links_->stopDemo();
}

void MainWindow::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent *event)
{
    QStringList paths;
    for (const QUrl &url : event->mimeData()->urls()) {
        if (url.isLocalFile())
            paths << url.toLocalFile();
    }
    openFiles(paths);
}

} // namespace howdah::ui
