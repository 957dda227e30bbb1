// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QDialog>
#include <QPointer>

#include "ui/connections/connection_store.h"

class QLineEdit;
class QListView;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTimer;

namespace howdah::ui {

class Banner;
class ConnectionForm;
class ConnectionList;
class ConnectionTest;

/// The connection manager: the list on the left, one connection on the right, and what can be done with it. Not
/// modal by itself; show it with open() or show().
class ConnectionDialog : public QDialog
{
    Q_OBJECT
public:
    explicit ConnectionDialog(ConnectionStore *store, QWidget *parent = nullptr);
    ~ConnectionDialog() override;

    /// An empty form, or one filled from a conninfo or URI (a password in it goes into its own field).
    void editNew(const QString &conninfo = {});
    /// Selects a saved connection; "demo" is the demo server. Unknown ids change nothing.
    void select(const QString &id);

Q_SIGNALS:
    /// The connection has been saved before. The password is in the spec where one is known.
    void connectRequested(const howdah::ui::ConnectionChoice &choice);
    void demoRequested();

protected:
    void done(int result) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    QWidget *buildList();
    QWidget *buildPages();
    QWidget *buildButtons();
    void addShortcuts();
    void listChanged();
    /// Marks in the list what the right side shows, without loading it again.
    void markCurrent();
    void showCurrent();
    /// False when the user's changes could not be saved; a banner tells then.
    bool saveForm();
    void saveClicked();
    void connectClicked();
    void duplicate();
    void removeCurrent();
    void undoRemove();
    void finishRemove();
    void test();
    /// Calls `use` with the choice in the form, its password looked up in the keychain where it lies there.
    void withPassword(std::function<void(ConnectionChoice)> use);
    void refreshButtons();

    QPointer<ConnectionStore> store_; ///< the window's; it may go first
    ConnectionList *connections_;
    QSplitter *splitter_ = nullptr;
    QLineEdit *search_ = nullptr;
    QListView *list_ = nullptr;
    QStackedWidget *pages_ = nullptr;
    ConnectionForm *form_ = nullptr;
    QWidget *form_page_ = nullptr;
    QWidget *demo_page_ = nullptr;
    Banner *banner_ = nullptr;
    ConnectionTest *test_ = nullptr;
    QPushButton *test_button_ = nullptr;
    QPushButton *save_ = nullptr;
    QPushButton *connect_ = nullptr;
    QPushButton *duplicate_ = nullptr;
    QPushButton *delete_ = nullptr;
    QTimer *remove_timer_ = nullptr;
    QString removed_id_;     ///< hidden from the list until the undo has gone
    QString removed_name_;
    bool loading_ = false;
};

} // namespace howdah::ui
