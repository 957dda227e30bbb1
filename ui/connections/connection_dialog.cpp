// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/connection_dialog.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>

#include "ui/base/banner.h"
#include "ui/connections/connection_form.h"
#include "ui/connections/connection_list.h"
#include "ui/connections/connection_test.h"

namespace howdah::ui {

ConnectionDialog::~ConnectionDialog()
{
    finishRemove();
}

void ConnectionDialog::editNew(const QString &conninfo)
{
    workspace::SavedConnection fresh;
    QString password;
    fresh.conninfo = conninfo.toStdString();
    loading_ = true;
    list_->setCurrentIndex({});
    list_->clearSelection();
    loading_ = false;
    form_->load(fresh);
    pages_->setCurrentWidget(form_page_);
    test_->clear();
    form_->setKeychain(store_->keychain(), store_->keychainProblem());
    refreshButtons();
    form_->focusName();
}

void ConnectionDialog::select(const QString &id)
{
    search_->clear();
    if (const QModelIndex index = connections_->indexOf(id); index.isValid())
        list_->setCurrentIndex(index);
}

void ConnectionDialog::listChanged()
{
    const QString id = connections_->id(list_->currentIndex());
    loading_ = true;
    connections_->setConnections(store_->all());
    list_->setCurrentIndex(connections_->indexOf(id));
    loading_ = false;
    refreshButtons();
}

void ConnectionDialog::showCurrent()
{
    if (loading_)
        return;
    const QModelIndex index = list_->currentIndex();
    if (!index.isValid())
        return;
    if (form_->isModified() && pages_->currentWidget() == form_page_ && form_->id() != connections_->id(index)) {
        // Nothing typed is lost by a click in the list: it can be brought back.
        const workspace::SavedConnection draft = form_->saved();
        const QString password = form_->password().value_or(QString());
        banner_->showMessage(Tone::Warn, tr("The changes to %1 were not saved").arg(QString::fromStdString(draft.name)));
        banner_->addButton(tr("Bring them back"), [this, draft, password] {
            banner_->dismiss();
            form_->setModified(false);
            draft.id.empty() ? editNew() : select(QString::fromStdString(draft.id));
            form_->load(draft, password);
            form_->setModified(true);
            refreshButtons();
        });
    }
    test_->clear();
    const workspace::SavedConnection *saved = connections_->connection(index);
    if (saved == nullptr) {
        form_->setModified(false);
        pages_->setCurrentWidget(demo_page_);
    } else {
        form_->load(*saved);
        form_->setKeychain(store_->keychain(), store_->keychainProblem());
        pages_->setCurrentWidget(form_page_);
    }
    refreshButtons();
}

void ConnectionDialog::refreshButtons()
{
    const bool is_form = pages_->currentWidget() == form_page_;
    const bool is_saved = is_form && !form_->id().isEmpty();
    const bool is_readable = form_->problem().isEmpty();
    test_button_->setVisible(is_form);
    save_->setVisible(is_form);
    test_button_->setEnabled(is_readable && !test_->isRunning());
    save_->setEnabled(is_readable && (form_->isModified() || !is_saved));
    connect_->setEnabled(!is_form || is_readable);
    connect_->setText(is_form ? tr("Connect") : tr("Start the demo server"));
    duplicate_->setEnabled(is_saved);
    delete_->setEnabled(is_saved);
}

// What the buttons do

bool ConnectionDialog::saveForm()
{
    if (!form_->problem().isEmpty())
        return false;
    const auto saved = store_->save(form_->saved(), form_->password());
    if (!saved) {
        banner_->showMessage(Tone::Bad, tr("The connection could not be saved"), QString::fromStdString(saved.error().text()));
        return false;
    }
    const QString password = form_->password().value_or(QString());
    form_->load(*saved, password);
    form_->setKeychain(store_->keychain(), store_->keychainProblem());
    loading_ = true;
    search_->clear();
    list_->setCurrentIndex(connections_->indexOf(form_->id()));
    loading_ = false;
    refreshButtons();
    return true;
}

void ConnectionDialog::saveClicked()
{
    constexpr int seconds = 4;
    if (saveForm())
        banner_->showMessage(Tone::Good, tr("Saved"), {}, seconds);
}

void ConnectionDialog::withPassword(std::function<void(ConnectionChoice)> use)
{
    const ConnectionChoice choice = form_->choice();
    if (choice.spec.password || !choice.saved.keep_password || choice.saved.id.empty() || !store_->keychainWorks()) {
        use(choice);
        return;
    }
    store_->password(QString::fromStdString(choice.saved.id), this,
                     [choice, use = std::move(use)](const std::optional<QString> &password, const QString &) {
                         ConnectionChoice complete = choice;
                         if (password)
                             complete.spec.password = password->toStdString();
                         use(complete); // without one libpq still has .pgpass, and the window asks
                     });
}

void ConnectionDialog::connectClicked()
{
    if (pages_->currentWidget() == demo_page_) {
        accept();
        Q_EMIT demoRequested();
        return;
    }
    const bool is_unsaved = form_->isModified() || form_->id().isEmpty();
    if (!form_->problem().isEmpty() || (is_unsaved && !saveForm()))
        return;
    withPassword([this](const ConnectionChoice &choice) {
        form_->setModified(false);
        accept();
        Q_EMIT connectRequested(choice);
    });
}

void ConnectionDialog::test()
{
    if (!form_->problem().isEmpty())
        return;
    withPassword([this](const ConnectionChoice &choice) { test_->start(choice.spec); });
}

void ConnectionDialog::duplicate()
{
    const workspace::SavedConnection *saved = store_->find(form_->id());
    if (saved == nullptr)
        return;
    workspace::SavedConnection copy = *saved;
    copy.id.clear();
    copy.last_used.clear();
    copy.keep_password = false; // the password lies under the original's id
    copy.name = tr("Copy of %1").arg(QString::fromStdString(saved->name)).toStdString();
    editNew();
    form_->load(copy);
    form_->setModified(true);
    form_->setKeychain(store_->keychain(), store_->keychainProblem());
    refreshButtons();
    form_->focusName();
}

void ConnectionDialog::removeCurrent()
{
    const workspace::SavedConnection *saved = store_->find(form_->id());
    if (saved == nullptr || pages_->currentWidget() != form_page_)
        return;
    finishRemove();
    removed_id_ = QString::fromStdString(saved->id);
    removed_name_ = QString::fromStdString(saved->name);
    const int row = list_->currentIndex().row();
    form_->setModified(false);
    loading_ = true;
    connections_->hide(removed_id_);
    loading_ = false;
    if (store_->all().size() == 1)
        editNew();
    else
        list_->setCurrentIndex(connections_->index(std::clamp(row, 0, std::max(0, connections_->rowCount() - 2)), 0));
    banner_->showMessage(Tone::Neutral, tr("%1 was deleted, and its password").arg(removed_name_));
    banner_->addButton(tr("Undo"), [this] { undoRemove(); });
    remove_timer_->start();
}

void ConnectionDialog::undoRemove()
{
    remove_timer_->stop();
    banner_->dismiss();
    const QString id = std::exchange(removed_id_, QString());
    loading_ = true;
    connections_->hide({});
    loading_ = false;
    select(id);
}

void ConnectionDialog::finishRemove()
{
    if (removed_id_.isEmpty())
        return;
    remove_timer_->stop();
    const QString id = std::exchange(removed_id_, QString());
    const auto removed = store_->remove(id);
    loading_ = true;
    connections_->hide({});
    loading_ = false;
    listChanged();
    if (!removed)
        banner_->showMessage(Tone::Bad, tr("%1 could not be deleted").arg(removed_name_), QString::fromStdString(removed.error().text()));
    else if (banner_->sentence().startsWith(removed_name_))
        banner_->dismiss();
}

void ConnectionDialog::done(int result)
{
    if (result == QDialog::Rejected && form_->isModified() && pages_->currentWidget() == form_page_ && isVisible()) {
        banner_->showMessage(Tone::Warn, tr("There are changes that are not saved"));
        banner_->addButton(tr("Save"), [this] {
            banner_->dismiss();
            if (saveForm())
                reject();
        });
        banner_->addButton(tr("Discard"), [this] {
            banner_->dismiss();
            form_->setModified(false);
            reject();
        });
        form_->setModified(false); // closing a second time closes
        return;
    }
    test_->clear();
    finishRemove();
    QSettings().setValue(QStringLiteral("connections/geometry"), saveGeometry());
    QDialog::done(result);
}

void ConnectionDialog::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && test_->isRunning()) {
        test_->cancel();
        return;
    }
    QDialog::keyPressEvent(event);
}

} // namespace howdah::ui
