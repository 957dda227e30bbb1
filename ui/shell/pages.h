// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QHash>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include "core/workspace/buffers.h"
#include "ui/shell/sql_page.h"

namespace howdah::ui {

class ActionRegistry;
class BufferKeeper;
class DocumentTabs;
class HistoryKeeper;
class Link;

/// The open pages: SQL pages, whose texts are kept safe from the first key on, and the pages of tools.
class Pages : public QObject
{
    Q_OBJECT
public:
    Pages(DocumentTabs *tabs, ActionRegistry *actions, QObject *parent);
    ~Pages() override;

    /// Brings back what was open the last time; opens no connection and runs nothing.
    void restore(std::function<void()> done);
    SqlPage *newSql(const QString &title = {}, const QString &text = {}, const std::shared_ptr<Link> &link = {});
    /// The page that has the file already, or a new one; null when it cannot be read.
    SqlPage *openFile(const QString &path, const std::shared_ptr<Link> &link);
    /// Shows the page with that id, or puts the widget into a tab of that id.
    void openTool(const QString &id, const QString &title, const QString &icon_name, QWidget *page);
    [[nodiscard]] QWidget *tool(const QString &id) const { return tools_.value(id).page; }
    [[nodiscard]] QString toolOf(QWidget *page) const;

    [[nodiscard]] QWidget *current() const;
    [[nodiscard]] SqlPage *currentSql() const; ///< null when another page is in front
    [[nodiscard]] QList<SqlPage *> sqlPages() const;
    /// Every open page, SQL and tools, as its tab shows it, from left to right.
    struct Open {
        QWidget *page = nullptr;
        QString title;
        QString icon_name;
    };
    [[nodiscard]] QList<Open> open() const;
    void show(QWidget *page);

    /// Asks first where something would be lost; what is closed can be opened again with reopen().
    void close(QWidget *page);
    void reopen();
    [[nodiscard]] bool canReopen() const { return !closed_.empty(); }
    void rename(QWidget *page);
    void save(SqlPage *page);
    void saveAs(SqlPage *page);
    [[nodiscard]] HistoryKeeper *history() const { return history_.get(); }
    /// The SQL page that was in front last; null when none is open.
    [[nodiscard]] SqlPage *lastSql() const;
    /// Writes every text to the journal; for the end of the window.
    void keepAll();

Q_SIGNALS:
    void currentChanged();
    void statusChanged(howdah::ui::SqlPage *page);
    void sqlPageAdded(howdah::ui::SqlPage *page);
    void connectRequested();
    void ddlFinished(howdah::ui::SqlPage *page);
    void failed(const QString &what, const QString &why);

private:
    void add(SqlPage *page, const QString &title);
    void keep(SqlPage *page);
    void keepLater(SqlPage *page);
    void refreshTitle(SqlPage *page);
    void closeNow(QWidget *page);
    void askThenClose(SqlPage *page, const QString &what, const QString &consequence);
    [[nodiscard]] QString freeTitle() const;
    [[nodiscard]] int positionOf(QWidget *page) const;

    DocumentTabs *tabs_;
    ActionRegistry *actions_;
    std::unique_ptr<BufferKeeper> keeper_;
    std::unique_ptr<HistoryKeeper> history_;
    QPointer<SqlPage> last_sql_;
    struct Tool {
        QWidget *page = nullptr;
        QString icon_name;
    };
    QHash<QString, Tool> tools_; ///< by id
    std::vector<workspace::Buffer> closed_;
    QList<SqlPage *> unkept_;
    QTimer keep_timer_;
};

} // namespace howdah::ui
