// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/shell_context.h"

#include "ui/actions/action_registry.h"
#include "ui/change/change_script_dialog.h"
#include "ui/shell/link.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/status_strip.h"

namespace howdah::ui {

bool ShellContext::isConnected() const
{
    const auto link = window_->currentLink();
    return link && link->state() == Link::State::Open;
}

bool ShellContext::isReadOnly() const
{
    const auto link = window_->currentLink();
    return link && link->isReadOnly();
}

std::shared_ptr<pg::Session> ShellContext::newSession()
{
    const auto link = window_->currentLink();
    return link ? link->newSession() : nullptr;
}

std::shared_ptr<pg::Session> ShellContext::metadataSession() const
{
    const auto link = window_->currentLink();
    return link ? link->metadataSession() : nullptr;
}

std::shared_ptr<const pg::Catalog> ShellContext::catalog() const
{
    const auto link = window_->currentLink();
    return link ? link->catalog() : nullptr;
}

SqlDocument *ShellContext::currentDocument() const
{
    const SqlPage *page = window_->pages()->currentSql();
    return page == nullptr ? nullptr : page->document();
}

SqlDocument *ShellContext::openSql(const QString &title, const QString &sql)
{
    return window_->newSqlPage(title, sql)->document();
}

void ShellContext::openPage(const QString &id, const QString &title, const QString &icon, QWidget *page)
{
    window_->pages()->openTool(id, title, icon, page);
}

QAction *ShellContext::registerAction(const ActionSpec &spec, std::function<void()> triggered)
{
    return window_->actionRegistry()->add(spec, std::move(triggered));
}

void ShellContext::showStatus(const QString &text)
{
    window_->status()->showMessage(text);
}

void ShellContext::reportError(const QString &what, const Error &error)
{
    window_->reportError(what, error);
}

void ShellContext::offer(const QString &sentence, const QString &button, std::function<void()> chosen)
{
    window_->offer(sentence, button, std::move(chosen));
}

void ShellContext::offerChangeScript(const migration::ChangeScript &script,
                                     std::function<void(const migration::ChangeOutcome &)> finished)
{
    const auto link = window_->currentLink();
    if (!link) {
        Error error;
        error.message = tr("There is no connection to change anything on.").toStdString();
        window_->reportError(QString::fromStdString(script.title), error);
        return;
    }
    // On production the database's name has to be typed before anything runs.
    const QString confirm = link->isProduction() && link->facts() ? QString::fromStdString(link->facts()->database)
                                                                  : QString();
    auto *dialog = new ChangeScriptDialog(script, link->newSession(), link->target(), link->isReadOnly(), confirm, window_);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ChangeScriptDialog::finished, link.get(),
            [link, finished = std::move(finished)](const migration::ChangeOutcome &outcome) {
                link->refreshCatalog();
                if (finished)
                    finished(outcome);
            });
    dialog->open();
}

} // namespace howdah::ui
