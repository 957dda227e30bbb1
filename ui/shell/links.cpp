// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/links.h"

#include <algorithm>

#include <QTimer>
#include <QWidget>

#include "ui/connections/connection_dialog.h"
#include "ui/connections/password_prompt.h"
#include "ui/demo/demo_starter.h"

namespace howdah::ui {

namespace {

const std::string demo_id = "demo";

ConnectionChoice choiceOf(const workspace::SavedConnection &saved)
{
    ConnectionChoice choice;
    choice.saved = saved;
    choice.spec = workspace::specOf(saved);
    return choice;
}

} // namespace

Links::Links(QWidget *window)
    : QObject(window), window_(window), store_(new ConnectionStore(this)), demo_(new DemoStarter(this))
{
    connect(demo_, &DemoStarter::progress, this, &Links::demoProgress);
    connect(demo_, &DemoStarter::ready, this, [this](const demo::DemoStatus &status) {
        Q_EMIT demoEnded();
        workspace::SavedConnection saved;
        saved.id = demo_id;
        saved.name = tr("Demo shop").toStdString();
        saved.conninfo = status.conninfo;
        open(choiceOf(saved));
    });
    connect(demo_, &DemoStarter::failed, this, [this](const Error &error) {
        Q_EMIT demoEnded();
        if (error.kind != ErrorKind::Cancelled)
            Q_EMIT demoFailed(error);
    });
    connect(store_, &ConnectionStore::changed, this, [this] {
        for (const auto &saved : store_->all()) {
            for (const auto &link : links_) {
                if (!saved.id.empty() && link->choice().saved.id == saved.id)
                    link->setSaved(saved);
            }
        }
    });
}

Links::~Links() = default;

std::shared_ptr<Link> Links::find(const QString &title) const
{
    const auto found = std::find_if(links_.begin(), links_.end(), [&](const auto &link) { return link->title() == title; });
    return found == links_.end() ? nullptr : *found;
}

std::shared_ptr<Link> Links::open(const ConnectionChoice &choice)
{
    const auto same = std::find_if(links_.begin(), links_.end(), [&](const std::shared_ptr<Link> &link) {
        return link->choice().saved.id == choice.saved.id && link->choice().spec.conninfo == choice.spec.conninfo &&
               link->choice().spec.read_only == choice.spec.read_only && link->choice().spec.ssh == choice.spec.ssh &&
               link->choice().spec.settings == choice.spec.settings;
    });
    std::shared_ptr<Link> link;
    if (same != links_.end()) {
        link = *same;
        if (choice.spec.password)
            link->setPassword(QString::fromStdString(*choice.spec.password));
    } else {
        link = std::make_shared<Link>(choice);
        links_.push_back(link);
        Link *raw = link.get();
        connect(raw, &Link::stateChanged, this, [this, raw] {
            if (raw->state() == Link::State::Open && !raw->choice().saved.id.empty() &&
                raw->choice().saved.id != demo_id)
                store_->touch(QString::fromStdString(raw->choice().saved.id));
            Q_EMIT changed(raw);
        });
        connect(raw, &Link::catalogChanged, this, [this, raw] { Q_EMIT catalogChanged(raw); });
        connect(raw, &Link::failed, this, [this, weak = std::weak_ptr<Link>(link)](const Error &error) {
            if (const auto failed_link = weak.lock())
                onFailed(failed_link, error);
        });
    }
    Q_EMIT opening(link);
    if (link->state() == Link::State::Closed || link->state() == Link::State::Failed)
        link->open();
    return link;
}

void Links::openSaved(const QString &id)
{
    const auto all = store_->all();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const auto &saved) { return saved.id == id.toStdString(); });
    if (found == all.end())
        return;
    const ConnectionChoice choice = choiceOf(*found);
    if (!found->keep_password) {
        open(choice);
        return;
    }
    store_->password(id, this, [this, choice](const std::optional<QString> &password, const QString &) {
        // Without one libpq still tries .pgpass, and asks us when the server insists.
        ConnectionChoice complete = choice;
        if (password)
            complete.spec.password = password->toStdString();
        open(complete);
    });
}

void Links::openConninfo(const QString &conninfo)
{
    ConnectionChoice choice;
    choice.saved.conninfo = pg::withoutPassword(conninfo.toStdString());
    choice.spec.conninfo = conninfo.toStdString();
    open(choice);
}

void Links::openDemo()
{
    demo_->start();
}

void Links::cancelDemo()
{
    demo_->cancel();
}

bool Links::isStartingDemo() const
{
    return demo_->isStarting();
}

void Links::stopDemo()
{
    demo_->stopIfStartedHere();
}

void Links::close(const std::shared_ptr<Link> &link)
{
    const auto keep = link; // the caller's reference may be the one that is erased
    keep->close();
    links_.erase(std::remove(links_.begin(), links_.end(), keep), links_.end());
    Q_EMIT closed(keep.get());
}

void Links::onFailed(const std::shared_ptr<Link> &link, const Error &error)
{
    if (wantsPassword(error))
        askPassword(link, error);
    else
        Q_EMIT failed(link, error);
}

void Links::askPassword(const std::shared_ptr<Link> &link, const Error &error)
{
    auto *prompt = new PasswordPrompt(link->title(), QString::fromStdString(error.message), window_);
    prompt->setAttribute(Qt::WA_DeleteOnClose);
    const bool is_saved = !link->choice().saved.id.empty();
    prompt->setCanKeep(is_saved && store_->keychainWorks(),
                       is_saved ? store_->keychainProblem() : tr("Only passwords of saved connections are kept."));
    connect(prompt, &PasswordPrompt::entered, this, [this, link](const QString &password, bool keep) {
        link->setPassword(password);
        if (keep && !link->choice().saved.id.empty()) {
            workspace::SavedConnection saved = link->choice().saved;
            saved.keep_password = true;
            store_->save(saved, password);
        }
        link->open();
    });
    connect(prompt, &QDialog::rejected, this, [this, link, error] { Q_EMIT failed(link, error); });
    prompt->open();
}

void Links::showManager(const Link *link)
{
    if (dialog_.isNull()) {
        dialog_ = new ConnectionDialog(store_, window_);
        dialog_->setAttribute(Qt::WA_DeleteOnClose);
        connect(dialog_, &ConnectionDialog::connectRequested, this,
                [this](const ConnectionChoice &choice) { open(choice); });
        connect(dialog_, &ConnectionDialog::demoRequested, this, &Links::openDemo);
    }
    if (link != nullptr && !link->choice().saved.id.empty())
        dialog_->select(QString::fromStdString(link->choice().saved.id));
    else if (link != nullptr)
        dialog_->editNew(QString::fromStdString(link->choice().saved.conninfo));
    // Made in one turn and shown in the next: both at once can be felt.
    QTimer::singleShot(0, dialog_, [dialog = dialog_] {
        dialog->open();
        dialog->raise();
    });
}

} // namespace howdah::ui
