// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>

#include <QKeySequence>
#include <QObject>
#include <QString>

#include "core/base/text_offset.h"
#include "core/migration/change_script.h"
#include "core/pg/catalog.h"
#include "core/pg/session.h"
#include "core/sql/parameters.h"

class QAction;
class QWidget;

namespace howdah::ui {

/// Something in the browser that a tool can be asked about.
struct CatalogObject {
    QString kind;      ///< "database", "schema", "table", "index", "function" …
    QString schema;
    QString name;
    std::uint32_t oid = 0;
};

/// The SQL page the user works in, as tools see it.
class SqlDocument : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    /// The statement under the cursor (or the selection), with its place in the editor's text.
    struct Statement {
        QString sql;
        ByteSpan span;
        sql::ParameterValues parameters = {}; ///< what the page knows of its :name and $1
    };
    [[nodiscard]] virtual Statement currentStatement() const = 0;
    /// The page's own work session.
    [[nodiscard]] virtual std::shared_ptr<pg::Session> session() const = 0;
    /// Whether every parameter of the statement has a value on this page (or it leaves parameters alone). Else it asks
    /// for them and calls `then` once they were given.
    virtual bool haveParameters(const Statement &statement, std::function<void()> then) = 0;
    /// Puts a widget beside Result and Messages under the editor (replacing the pane of the same id), and shows it.
    virtual void showPane(const QString &id, const QString &title, QWidget *widget) = 0;
    [[nodiscard]] virtual QWidget *pane(const QString &id) const = 0;
    /// Runs work on the page's session with its busy state, timing and cancel button; `finished` is called on
    /// the GUI thread. Refused (false, with a message to the user) while the page is busy.
    virtual bool runTask(const QString &title, std::function<void(pg::Connection &)> work,
                         std::function<void()> finished) = 0;
    /// Marks an error in the editor and shows it under Messages. Positions count from the statement's begin.
    virtual void showError(const Error &error, const Statement &statement) = 0;
    /// Tints a range of the statement, for example the clause a plan node comes from; an empty span clears.
    virtual void highlight(ByteSpan span) = 0;
};

/// How a registered action is found: palette, menus, toolbars and shortcuts are views of this registry.
struct ActionSpec {
    QString id;             ///< "plan.explain"
    QString text;           ///< "Explain"
    QString tooltip;        ///< what it does and when one wants it
    QString icon;           ///< file name in resources/icons without ".svg"
    QKeySequence shortcut;
    QString menu;           ///< "file", "edit", "query", "view", "tools", "help"
    bool on_sql_toolbar = false;
    std::function<bool()> enabled; ///< asked when menus open and after every state change; empty: always
};

/// Everything a tool may use of the window. Lives as long as the window; GUI thread only.
class ToolContext : public QObject
{
    Q_OBJECT
public:
    using QObject::QObject;
    [[nodiscard]] virtual bool isConnected() const = 0;
    [[nodiscard]] virtual bool isReadOnly() const = 0;
    /// A new session of the current connection for the tool's own work; null when there is no connection.
    [[nodiscard]] virtual std::shared_ptr<pg::Session> newSession() = 0;
    /// The session shared by browser and dashboards.
    [[nodiscard]] virtual std::shared_ptr<pg::Session> metadataSession() const = 0;
    [[nodiscard]] virtual std::shared_ptr<const pg::Catalog> catalog() const = 0; ///< null until read
    [[nodiscard]] virtual SqlDocument *currentDocument() const = 0;               ///< null when no SQL page is in front
    /// Opens a new SQL page with this text.
    virtual SqlDocument *openSql(const QString &title, const QString &sql) = 0;
    virtual void openPage(const QString &id, const QString &title, const QString &icon, QWidget *page) = 0;
    virtual QAction *registerAction(const ActionSpec &spec, std::function<void()> triggered) = 0;
    /// A short message in the status bar; errors go through reportError.
    virtual void showStatus(const QString &text) = 0;
    virtual void reportError(const QString &what, const Error &error) = 0;
    /// A sentence that goes away by itself, with a button for what could be done about it.
    virtual void offer(const QString &sentence, const QString &button, std::function<void()> chosen)
    {
        Q_UNUSED(button)
        Q_UNUSED(chosen)
        showStatus(sentence);
    }
    /// Shows every statement first; runs only after the user confirmed. `finished` gets the outcome.
    virtual void offerChangeScript(const migration::ChangeScript &script,
                                   std::function<void(const migration::ChangeOutcome &)> finished) = 0;

Q_SIGNALS:
    void connectionChanged();
    void catalogChanged();
    void currentDocumentChanged();
};

} // namespace howdah::ui
