// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QMainWindow>
#include <QStringList>

#include "ui/plugin/tool_context.h"

class QSplitter;
class QStackedWidget;

namespace howdah::ui {

class ActionRegistry;
class Banner;
class CommandPalette;
class EmptyState;
class Link;
class Links;
class ObjectBrowser;
class Pages;
class DocumentTabs;
class PluginHost;
class ShellContext;
class SqlPage;
class StatusStrip;
class TaskProgress;
class TitleBar;
class ToolRail;

/// What to open at the start.
struct WindowTarget {
    bool demo = false;
    QString conninfo;
    QStringList files; ///< SQL goes into pages, plans to the tool that reads them
};

/// The window: puts the parts together and carries news from one to the other. What the parts do is theirs.
class MainWindow : public QMainWindow
{
    Q_OBJECT
public:
    explicit MainWindow(WindowTarget target = {}, QWidget *parent = nullptr);
    ~MainWindow() override;

    [[nodiscard]] ActionRegistry *actionRegistry() const { return actions_; }
    [[nodiscard]] Pages *pages() const { return pages_; }
    [[nodiscard]] Links *links() const { return links_; }
    [[nodiscard]] ObjectBrowser *browser() const { return browser_; }
    [[nodiscard]] StatusStrip *status() const { return status_; }
    [[nodiscard]] TitleBar *titleBar() const { return title_; }
    [[nodiscard]] PluginHost *tools() const { return tools_; }
    [[nodiscard]] ToolRail *rail() const { return rail_; }
    [[nodiscard]] CommandPalette *commandPalette() const { return palette_; }
    [[nodiscard]] Banner *banner() const { return banner_; }

    /// The server that the page in front works with, else the one used last; null when there is none.
    [[nodiscard]] std::shared_ptr<Link> currentLink() const;
    SqlPage *newSqlPage(const QString &title = {}, const QString &text = {});
    void openFiles(const QStringList &paths);
    void openTool(const QString &id);
    void showHistory();
    void setBrowserVisible(bool visible);
    [[nodiscard]] bool isBrowserVisible() const;
    void reportError(const QString &what, const Error &error);
    /// A sentence with a button, for a while.
    void offer(const QString &sentence, const QString &button, std::function<void()> chosen);
    void applySettings();
    /// Closes without asking: the session of the desktop ends. Texts are kept.
    void closeNow();
    /// Tabs are back and tools are loaded.
    [[nodiscard]] bool isReady() const { return ready_; }

Q_SIGNALS:
    void painted(); ///< for the first time
    void ready();
    void currentLinkChanged();

protected:
    bool event(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void build();
    QWidget *buildDocuments();
    void connectBrowser();
    void connectLinks();
    void connectPages();
    void connectTools();
    void afterFirstPaint();
    void openTarget();
    void becomeReady();
    void onOpening(const std::shared_ptr<Link> &link);
    void onLinkFailed(const std::shared_ptr<Link> &link, const Error &error);
    void onCurrentPageChanged();
    void refreshLink();
    void refreshServer();
    void refreshBrowser();
    void refreshStatus();
    void fillConnectionMenu();
    void adopt(SqlPage *page);
    void showDemoProgress(const QString &what, double fraction, double seconds_left);
    void rememberLayout() const;
    void restoreLayout();
    [[nodiscard]] QStringList whatClosingLoses() const;
    void cancelThenClose();
    void finishClosing();

    WindowTarget target_;
    ActionRegistry *actions_ = nullptr;
    Links *links_ = nullptr;
    Pages *pages_ = nullptr;
    std::unique_ptr<ShellContext> context_;
    PluginHost *tools_ = nullptr;
    CommandPalette *palette_ = nullptr;
    TitleBar *title_ = nullptr;
    ToolRail *rail_ = nullptr;
    QSplitter *splitter_ = nullptr;
    ObjectBrowser *browser_ = nullptr;
    QStackedWidget *documents_ = nullptr;
    DocumentTabs *tabs_ = nullptr;
    EmptyState *welcome_ = nullptr;
    Banner *banner_ = nullptr;
    TaskProgress *progress_ = nullptr;
    StatusStrip *status_ = nullptr;
    std::weak_ptr<Link> last_link_;
    Link *shown_link_ = nullptr; ///< whose catalog the browser shows
    bool painted_ = false;
    bool restored_ = false;
    bool ready_ = false;
    bool closing_ = false;
};

} // namespace howdah::ui
