// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/connection_dialog.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QScopedValueRollback>
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
    fresh.conninfo = conninfo.toStdString();
    {
        const QScopedValueRollback quiet(loading_, true);
        list_->setCurrentIndex({});
        list_->clearSelection();
    }
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
    {
        const QScopedValueRollback quiet(loading_, true);
        connections_->setConnections(store_->all());
    }
    markCurrent();
    refreshButtons();
}

void ConnectionDialog::markCurrent()
{
    const QScopedValueRollback quiet(loading_, true);
    const QString id = pages_->currentWidget() == demo_page_ ? ConnectionList::demo_id : form_->id();
    list_->setCurrentIndex(id.isEmpty() ? QModelIndex() : connections_->indexOf(id));
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
    form_->markSaved(*saved);
    form_->setKeychain(store_->keychain(), store_->keychainProblem());
    search_->clear();
    markCurrent();
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
    if (choice.spec.password || !choice.saved.keep_password || choice.saved.id.empty() ||
        store_->keychain() == ConnectionStore::Keychain::Missing) {
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
    {
        const QScopedValueRollback quiet(loading_, true);
        connections_->hide(removed_id_);
    }
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
    {
        const QScopedValueRollback quiet(loading_, true);
        connections_->hide({});
    }
    select(id);
}

void ConnectionDialog::finishRemove()
{
    if (removed_id_.isEmpty() || store_.isNull())
        return;
    remove_timer_->stop();
    const QString id = std::exchange(removed_id_, QString());
    const auto removed = store_->remove(id);
    {
        const QScopedValueRollback quiet(loading_, true);
        connections_->hide({});
    }
    markCurrent();
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
    const bool is_enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if ((is_enter || event->key() == Qt::Key_Down) && search_->hasFocus()) {
        if (!list_->currentIndex().isValid())
            list_->setCurrentIndex(connections_->index(0, 0));
        list_->setFocus(Qt::OtherFocusReason);
        return; // Enter there connects; here it only goes there
    }
    QDialog::keyPressEvent(event);
}

} // namespace howdah::ui
