// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/window_actions.h"

#include <QApplication>
#include <QFile>
#include <QFileDialog>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>

#include "core/sql/quote.h"
#include "ui/actions/action_registry.h"
#include "ui/actions/command_palette.h"
#include "ui/base/palette.h"
#include "ui/browser/object_browser.h"
#include "ui/editor/completion_session.h"
#include "ui/editor/lint_marks.h"
#include "ui/editor/find_bar.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/plugin/plugin_host.h"
#include "ui/settings/settings.h"
#include "ui/settings/settings_dialog.h"
#include "ui/shell/document_tabs.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/title_bar.h"
#include "ui/shell/transaction_question.h"
#include "ui/shell/transfer_entries.h"

namespace howdah::ui {

namespace {

/// Registers actions of one menu, a line each.
class Menu
{
public:
    Menu(MainWindow &window, QString menu) : window_(window), menu_(std::move(menu)) { }

    void add(const char *id, const QString &text, const QString &tooltip, const char *icon_name,
             const QKeySequence &shortcut, std::function<void()> run, std::function<bool()> enabled = {},
             bool on_toolbar = false) const
    {
        ActionSpec spec;
        spec.id = QLatin1String(id);
        spec.text = text;
        spec.tooltip = tooltip;
        spec.icon = QLatin1String(icon_name);
        spec.shortcut = shortcut;
        spec.menu = menu_;
        spec.enabled = std::move(enabled);
        spec.on_sql_toolbar = on_toolbar;
        window_.actionRegistry()->add(spec, std::move(run));
    }

    /// An action on the SQL page in front; off when there is none.
    void onPage(const char *id, const QString &text, const QString &tooltip, const char *icon_name,
                const QKeySequence &shortcut, std::function<void(SqlPage &)> run,
                std::function<bool(const SqlPage &)> enabled = {}, bool on_toolbar = false) const
    {
        MainWindow *window = &window_;
        add(id, text, tooltip, icon_name, shortcut,
            [window, run = std::move(run)] {
                if (SqlPage *page = window->pages()->currentSql())
                    run(*page);
            },
            [window, enabled = std::move(enabled)] {
                const SqlPage *page = window->pages()->currentSql();
                return page != nullptr && (!enabled || enabled(*page));
            },
            on_toolbar);
    }

private:
    MainWindow &window_;
    QString menu_;
};

/// The browser's session goes too, so every page of the link is asked about.
void disconnectLink(MainWindow &window)
{
    const auto link = window.currentLink();
    QList<SqlPage *> pages;
    for (SqlPage *page : window.pages()->sqlPages()) {
        if (page->link() == link)
            pages << page;
    }
    askAboutTransactions(&window, pages, WindowActions::tr("Disconnect"), [&window, link] { window.links()->close(link); });
}

/// Result grids and plans have a search of their own, with the same keys, while the focus is in them.
bool editorSearches(const SqlPage &page)
{
    const QWidget *focus = QApplication::focusWidget();
    return focus == nullptr || !page.isAncestorOf(focus) || page.findBar()->parentWidget()->isAncestorOf(focus);
}

} // namespace

void WindowActions::openFiles(MainWindow &window)
{
    auto *dialog = new QFileDialog(&window, tr("Open"), {},
                                   tr("SQL and plans (*.sql *.txt *.json *.xml *.yaml *.yml *.plan *.log);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    QObject::connect(dialog, &QFileDialog::filesSelected, &window, &MainWindow::openFiles);
    dialog->open();
}

void WindowActions::addFile(MainWindow &w)
{
    const Menu file(w, QStringLiteral("file"));
    MainWindow *window = &w;
    file.add("file.new", tr("New SQL page"), tr("An empty page on the present connection"), "plus",
             QKeySequence(Qt::CTRL | Qt::Key_T), [window] { window->newSqlPage(); });
    file.add("file.open", tr("Open…"), tr("SQL files, and plans that EXPLAIN or auto_explain printed"), "open",
             QKeySequence(Qt::CTRL | Qt::Key_O), [window] { openFiles(*window); });
    file.add("file.import", tr("Import CSV…"), tr("Read a file into a table, new or there"), "import", {},
             [window] { importFile(*window, {}); },
             [window] { return window->currentLink() && window->currentLink()->state() == Link::State::Open && !window->currentLink()->isReadOnly(); });
    file.onPage("file.save", tr("Save"), tr("Write the page to its file"), "save", QKeySequence(Qt::CTRL | Qt::Key_S),
                [window](SqlPage &page) { window->pages()->save(&page); });
    file.onPage("file.save_as", tr("Save as…"), tr("Write the page to another file"), "save",
                QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_S), [window](SqlPage &page) { window->pages()->saveAs(&page); });
    file.add("file.close", tr("Close page"), tr("Close the page in front"), "close", QKeySequence(Qt::CTRL | Qt::Key_W),
             [window] { window->pages()->close(window->pages()->current()); },
             [window] { return window->pages()->current() != nullptr; });
    file.add("file.reopen", tr("Reopen closed page"), tr("Bring back the page that was closed last"), "undo",
             QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_T), [window] { window->pages()->reopen(); },
             [window] { return window->pages()->canReopen(); });
    file.add("connection.manage", tr("Connections…"), tr("Connect to a server, add and edit connections"), "connect",
             QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_N),
             [window] { window->links()->showManager(window->currentLink().get()); });
    file.add("connection.demo", tr("Demo server"), tr("Start the shop with a million orders and connect to it"), "demo", {},
             [window] { window->links()->openDemo(); }, [window] { return !window->links()->isStartingDemo(); });
    file.add("connection.refresh", tr("Refresh objects"), tr("Read the catalog anew"), "refresh", QKeySequence(Qt::Key_F5),
             [window] { window->currentLink()->refreshCatalog(); },
             [window] { return window->currentLink() && window->currentLink()->state() == Link::State::Open; });
    file.add("connection.disconnect", tr("Disconnect"), tr("Close this connection on every page"), "disconnect", {},
             [window] { disconnectLink(*window); },
             [window] { return window->currentLink() != nullptr; });
    file.add("settings.open", tr("Settings…"), tr("How Howdah looks and behaves"), "settings",
             QKeySequence(Qt::CTRL | Qt::Key_Comma), [window] {
                 auto *dialog = new SettingsDialog(Settings::instance(), window);
                 dialog->setAttribute(Qt::WA_DeleteOnClose);
                 dialog->open();
             });
    file.add("file.quit", tr("Quit"), tr("Close Howdah; all texts come back the next time"), "",
             QKeySequence(Qt::CTRL | Qt::Key_Q), [window] { window->close(); });
}

void WindowActions::addEdit(MainWindow &w)
{
    const Menu edit(w, QStringLiteral("edit"));
    edit.onPage("edit.undo", tr("Undo"), tr("Take the last edit back (Ctrl+Z in the editor)"), "undo", {},
                [](SqlPage &page) { page.editor()->undo(); });
    edit.onPage("edit.redo", tr("Redo"), tr("Do it again (Ctrl+Shift+Z in the editor)"), "redo", {},
                [](SqlPage &page) { page.editor()->redo(); });
    edit.onPage("edit.find", tr("Find…"), tr("Find text in the editor"), "search", QKeySequence(Qt::CTRL | Qt::Key_F),
                [](SqlPage &page) { page.findBar()->open(false); }, editorSearches);
    edit.onPage("edit.replace", tr("Replace…"), tr("Find and replace, with regular expressions"), "search",
                QKeySequence(Qt::CTRL | Qt::Key_H), [](SqlPage &page) { page.findBar()->open(true); });
    edit.onPage("edit.find_next", tr("Find next"), tr("Go to the next match"), "chevron-down", QKeySequence(Qt::Key_F3),
                [](SqlPage &page) { page.findBar()->findNext(); }, editorSearches);
    edit.onPage("edit.find_previous", tr("Find previous"), tr("Go to the match before"), "chevron-up",
                QKeySequence(Qt::SHIFT | Qt::Key_F3), [](SqlPage &page) { page.findBar()->findPrevious(); }, editorSearches);
    edit.onPage("edit.comment", tr("Toggle comment"), tr("Comment the selected lines, or take the comment away"), "comment",
                QKeySequence(Qt::CTRL | Qt::Key_Slash), [](SqlPage &page) { page.editor()->toggleComment(); });
    edit.onPage("edit.duplicate", tr("Duplicate line or selection"), tr("A copy below"), "copy",
                QKeySequence(Qt::CTRL | Qt::Key_D), [](SqlPage &page) { page.editor()->duplicate(); });
    edit.onPage("edit.move_up", tr("Move lines up"), tr("Move the selected lines up"), "chevron-up",
                QKeySequence(Qt::ALT | Qt::Key_Up), [](SqlPage &page) { page.editor()->moveLines(true); });
    edit.onPage("edit.move_down", tr("Move lines down"), tr("Move the selected lines down"), "chevron-down",
                QKeySequence(Qt::ALT | Qt::Key_Down), [](SqlPage &page) { page.editor()->moveLines(false); });
    edit.onPage("edit.next_occurrence", tr("Select next occurrence"), tr("One more cursor at the next place of the word"), "plus",
                QKeySequence(Qt::CTRL | Qt::Key_L), [](SqlPage &page) { page.editor()->selectNextOccurrence(); });
    edit.onPage("edit.cursor_above", tr("Add cursor above"), tr("Type in several lines at once"), "chevron-up",
                QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_Up), [](SqlPage &page) { page.editor()->addCursor(true); });
    edit.onPage("edit.cursor_below", tr("Add cursor below"), tr("Type in several lines at once"), "chevron-down",
                QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_Down), [](SqlPage &page) { page.editor()->addCursor(false); });
    edit.onPage("edit.keywords_upper", tr("Keywords in upper case"), tr("SELECT, FROM … in the selection or the statement"),
                "format", {}, [](SqlPage &page) { page.editor()->changeKeywords(true); });
    edit.onPage("edit.keywords_lower", tr("Keywords in lower case"), tr("select, from … in the selection or the statement"),
                "format", {}, [](SqlPage &page) { page.editor()->changeKeywords(false); });
    edit.onPage("edit.format", tr("Format"), tr("Lay the selection or the statement out anew; its meaning is proved to stay"), "format",
                QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F), [](SqlPage &page) { page.format(SqlPage::Scope::Current); });
    edit.onPage("edit.format_all", tr("Format everything"), tr("Lay every statement of the page out anew"), "format", {},
                [](SqlPage &page) { page.format(SqlPage::Scope::All); });
    edit.onPage("edit.complete", tr("Complete"), tr("What may stand at the cursor: columns, tables, joins, functions, keywords"), "sql",
                QKeySequence(Qt::CTRL | Qt::Key_Space), [](SqlPage &page) { page.editor()->completion()->request(); });
    edit.onPage("edit.next_finding", tr("Next danger in DDL"), tr("Go to the next statement that makes others wait or breaks something, and show why"), "warning",
                QKeySequence(Qt::Key_F8), [](SqlPage &page) { (void)LintMarks::of(*page.editor())->goToNext(); });
    edit.onPage("edit.snippet", tr("Insert snippet…"), tr("Statements and pieces with places to fill in; or type their short name and Tab"),
                "star", QKeySequence(Qt::CTRL | Qt::Key_J), [](SqlPage &page) { page.editor()->chooseSnippet(); });
    edit.onPage("edit.save_snippet", tr("Save selection as snippet…"), tr("Keep it under a short name of your own"), "star", {},
                [](SqlPage &page) { page.editor()->saveSnippet(); },
                [](const SqlPage &page) { return page.editor()->hasSelectedText(); });
    edit.onPage("edit.go_to_line", tr("Go to line…"), tr("Jump to a line by its number"), "chevron-right",
                QKeySequence(Qt::CTRL | Qt::Key_G), [](SqlPage &page) { page.editor()->goToLine(); });
}

void WindowActions::addQuery(MainWindow &w)
{
    const Menu query(w, QStringLiteral("query"));
    const auto idle = [](const SqlPage &page) { return !page.runner()->isBusy(); };
    query.onPage("query.run", tr("Run"), tr("Run the selection, or the statement under the cursor"), "run",
                 QKeySequence(Qt::CTRL | Qt::Key_Return), [](SqlPage &page) { page.run(SqlPage::Scope::Current); }, idle, true);
    query.onPage("query.run_all", tr("Run all"), tr("Run every statement of the page, one after the other"), "run-all",
                 QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Return), [](SqlPage &page) { page.run(SqlPage::Scope::All); },
                 idle, true);
    query.onPage("query.export", tr("Export result…"), tr("Write the rows to a file: CSV, Excel, JSON, SQL …"), "export",
                 QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_E), [](SqlPage &page) { exportResult(page); },
                 [](const SqlPage &page) { return page.link() != nullptr; });
    query.onPage("query.edit_rows", tr("Edit rows"), tr("Change, add and delete rows of the result in front; every statement is shown first"), "edit",
                 QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_R), [](SqlPage &page) { page.editResult(); },
                 [](const SqlPage &page) { return page.results()->currentGrid() != nullptr; });
    const auto ending = [](const SqlPage &page) { return page.runner()->hasOpenTransaction() && !page.runner()->isBusy(); };
    query.onPage("transaction.commit", tr("Commit"), tr("Keep what the open transaction of this page has done (COMMIT)"), "check",
                 QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_C), [](SqlPage &page) { page.endTransaction(true); },
                 [ending](const SqlPage &page) {
                     return ending(page) && page.runner()->transaction() == pg::TransactionState::InTransaction;
                 }, true);
    query.onPage("transaction.rollback", tr("Roll back"), tr("Undo what the open transaction of this page has done (ROLLBACK)"), "undo",
                 QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_Z), [](SqlPage &page) { page.endTransaction(false); }, ending, true);
    query.onPage("transaction.manual", tr("Manual commit on or off"),
                 tr("Whether a BEGIN goes before what this page runs, so that you commit yourself"), "commit",
                 QKeySequence(Qt::CTRL | Qt::ALT | Qt::Key_M), [](SqlPage &page) { page.setManualCommit(!page.isManualCommit()); });
    query.onPage("query.parameters", tr("Ask for parameters"), tr("Whether values of :name and $1 are asked for on this page"), "edit", {},
                 [](SqlPage &page) { page.setAsksParameters(!page.asksParameters()); });
    query.onPage("query.cancel", tr("Cancel"), tr("Ask the server to stop what this page runs"), "stop",
                 QKeySequence(Qt::Key_Escape), [](SqlPage &page) { page.runner()->cancel(); },
                 [](const SqlPage &page) { return page.runner()->isBusy(); });
}

void WindowActions::addView(MainWindow &w)
{
    const Menu view(w, QStringLiteral("view"));
    MainWindow *window = &w;
    view.add("view.commands", tr("Commands…"), tr("Find and run any command, table or page"), "commands",
             QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_P), [window] { window->commandPalette()->popUp(); });
    view.add("view.search", tr("Go to anything…"), tr("Objects, columns, pages, history, connections, settings and commands; @ # ? : > narrow it down"), "search",
             QKeySequence(Qt::CTRL | Qt::Key_P), [window] { window->commandPalette()->popUp(); });
    view.add("view.history", tr("History"), tr("What was run, found by its words"), "history",
             QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_H), [window] { window->showHistory(); });
    view.add("view.browser", tr("Object browser"), tr("Show or hide the objects of the database"), "database",
             QKeySequence(Qt::CTRL | Qt::Key_B), [window] { window->setBrowserVisible(!window->isBrowserVisible()); });
    view.add("view.filter", tr("Filter objects"), tr("Find a table, column or function by its name"), "filter",
             QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_O), [window] {
                 window->setBrowserVisible(true);
                 window->browser()->focusFilter();
             });
    view.onPage("view.switch_focus", tr("Switch between editor and result"), tr("Move the keyboard to the other half"), "", 
                QKeySequence(Qt::Key_F6), [](SqlPage &page) {
                    QWidget *pane = page.results();
                    if (page.editor()->hasFocus() && page.results()->currentGrid() != nullptr)
                        pane = page.results()->currentGrid();
                    page.editor()->hasFocus() ? pane->setFocus() : page.editor()->setFocus();
                });
    view.add("view.next_page", tr("Next page"), tr("Go to the page on the right"), "chevron-right",
             QKeySequence(Qt::CTRL | Qt::Key_PageDown), [window] { window->findChild<DocumentTabs *>()->step(1); });
    view.add("view.previous_page", tr("Previous page"), tr("Go to the page on the left"), "chevron-left",
             QKeySequence(Qt::CTRL | Qt::Key_PageUp), [window] { window->findChild<DocumentTabs *>()->step(-1); });
    view.onPage("view.zoom_in", tr("Larger text"), tr("In the editor"), "zoom-in", QKeySequence(Qt::CTRL | Qt::Key_Plus),
                [](SqlPage &page) { page.editor()->zoomIn(); });
    view.onPage("view.zoom_out", tr("Smaller text"), tr("In the editor"), "zoom-out", QKeySequence(Qt::CTRL | Qt::Key_Minus),
                [](SqlPage &page) { page.editor()->zoomOut(); });
    view.onPage("view.split", tr("Split editor"), tr("See two places of the text beside each other"), "column",
                QKeySequence(Qt::CTRL | Qt::Key_Backslash), [](SqlPage &page) { page.setSplit(!page.isSplit()); });
    view.onPage("view.fold", tr("Fold or unfold"), tr("Hide the lines of the innermost statement or parentheses at the cursor"), "chevron-right",
                QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_BracketLeft), [](SqlPage &page) { page.editor()->toggleFold(); });
    view.onPage("view.fold_all", tr("Fold all statements"), tr("One line a statement"), "chevron-right", {},
                [](SqlPage &page) { page.editor()->foldAll(); });
    view.onPage("view.unfold_all", tr("Unfold all"), tr("Show every line"), "chevron-down",
                QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_BracketRight), [](SqlPage &page) { page.editor()->unfoldAll(); });
    const auto theme = [&view](const char *id, const QString &text, const char *icon_name, const QString &value) {
        view.add(id, text, tr("Colours of the window"), icon_name, {},
                 [value] { Settings::instance().set(Settings::theme(), value); });
    };
    theme("view.theme_light", tr("Light theme"), "sun", QStringLiteral("light"));
    theme("view.theme_dark", tr("Dark theme"), "moon", QStringLiteral("dark"));
    theme("view.theme_system", tr("Theme of the desktop"), "settings", QStringLiteral("system"));
}

void WindowActions::addHelp(MainWindow &w)
{
    const Menu help(w, QStringLiteral("help"));
    MainWindow *window = &w;
    help.add("help.about", tr("About Howdah"), tr("Version and licence"), "info", {}, [window] {
        auto *box = new QMessageBox(window);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setWindowTitle(tr("About Howdah"));
        box->setIconPixmap(icon(QStringLiteral("howdah")).pixmap(64, 64));
        box->setText(tr("Howdah %1").arg(QLatin1String(HOWDAH_VERSION)));
        box->setInformativeText(tr("A desktop workbench for PostgreSQL 13 to 18: advice with proof.\n\n"
                                   "Free software under the GNU General Public License, version 3 or later."));
        box->open();
    });
}

void WindowActions::addAll(MainWindow &window)
{
    addFile(window);
    addEdit(window);
    addQuery(window);
    addView(window);
    addHelp(window);
}

void WindowActions::fillMenus(MainWindow &window)
{
    QMenuBar *bar = window.titleBar()->menus();
    bar->clear();
    const std::pair<const char *, QString> menus[] = {{"file", tr("&File")},   {"edit", tr("&Edit")},
                                                      {"query", tr("&Query")}, {"view", tr("&View")},
                                                      {"tools", tr("&Tools")}, {"help", tr("&Help")}};
    for (const auto &[id, title] : menus) {
        const QList<QAction *> actions = window.actionRegistry()->inMenu(QLatin1String(id));
        if (actions.isEmpty())
            continue;
        QMenu *menu = bar->addMenu(title);
        menu->setToolTipsVisible(true);
        QString group;
        for (QAction *action : actions) {
            // Actions of one subject ("connection.…") stand together.
            const QString subject = ActionRegistry::specOf(action).id.section(QLatin1Char('.'), 0, 0);
            if (!group.isEmpty() && subject != group)
                menu->addSeparator();
            group = subject;
            menu->addAction(action);
        }
        QObject::connect(menu, &QMenu::aboutToShow, window.actionRegistry(), &ActionRegistry::refreshEnabled);
    }
}

void insertIntoEditor(MainWindow &window, const QString &text)
{
    SqlPage *page = window.pages()->currentSql();
    if (page == nullptr)
        page = window.newSqlPage();
    page->editor()->replaceSelectedText(text);
    page->editor()->setFocus();
}

void openRelation(MainWindow &window, const CatalogObject &object)
{
    const std::string name = sql::quoteQualified(object.schema.toStdString(), object.name.toStdString());
    SqlPage *page = window.newSqlPage(object.name, QStringLiteral("SELECT *\nFROM %1\nLIMIT 500;\n")
                                                       .arg(QString::fromStdString(name)));
    page->run(SqlPage::Scope::All);
}

void addToolEntries(MainWindow &window, const CatalogObject &object, QMenu *menu)
{
    bool first = true;
    for (ToolPlugin *tool : window.tools()->tools()) {
        const QList<QAction *> entries = tool->objectActions(object, menu);
        if (!entries.isEmpty() && first)
            menu->addSeparator();
        first = first && entries.isEmpty();
        menu->addActions(entries);
    }
}

bool openWithTool(MainWindow &window, const QString &path)
{
    constexpr qint64 head_bytes = 8192;
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const QByteArray head = file.read(head_bytes);
    for (ToolPlugin *tool : window.tools()->tools()) {
        if (tool->openFile(path, head))
            return true;
    }
    return false;
}

} // namespace howdah::ui
