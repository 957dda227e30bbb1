// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QObject>
#include <QPointer>

#include "core/demo/demo_server.h"
#include "ui/connections/connection_store.h"
#include "ui/shell/link.h"

class QWidget;

namespace howdah::ui {

class ConnectionDialog;
class DemoStarter;

/// The servers that the window works with, and every way to one: a saved connection, a conninfo, the demo server;
/// with the questions that come on the way (password, keychain).
class Links : public QObject
{
    Q_OBJECT
public:
    explicit Links(QWidget *window);
    ~Links() override;

    [[nodiscard]] ConnectionStore *store() const { return store_; }
    [[nodiscard]] const std::vector<std::shared_ptr<Link>> &all() const { return links_; }
    [[nodiscard]] std::shared_ptr<Link> find(const QString &title) const;

    /// The link for that choice: one that is open already, else a new one, which is then being opened.
    std::shared_ptr<Link> open(const ConnectionChoice &choice);
    void openSaved(const QString &id);
    void openConninfo(const QString &conninfo);
    void openDemo();
    void cancelDemo();
    [[nodiscard]] bool isStartingDemo() const;
    /// Stops the demo server where this window started it; lasts a moment at most.
    void stopDemo();
    void close(const std::shared_ptr<Link> &link);

    /// Shows the connection manager; `link` is what to select in it.
    void showManager(const Link *link = nullptr);

Q_SIGNALS:
    void opening(const std::shared_ptr<howdah::ui::Link> &link); ///< the user wants to work with it from now on
    void changed(howdah::ui::Link *link);                        ///< its state, name or colour
    void catalogChanged(howdah::ui::Link *link);
    void failed(const std::shared_ptr<howdah::ui::Link> &link, const howdah::Error &error);
    void closed(howdah::ui::Link *link);
    void demoProgress(const QString &what, double fraction, double seconds_left);
    void demoEnded();                                            ///< ready, failed or cancelled
    void demoFailed(const howdah::Error &error);

private:
    void onFailed(const std::shared_ptr<Link> &link, const Error &error);
    void askPassword(const std::shared_ptr<Link> &link, const Error &error);

    QWidget *window_;
    ConnectionStore *store_;
    DemoStarter *demo_;
    std::vector<std::shared_ptr<Link>> links_;
    QPointer<ConnectionDialog> dialog_;
};

} // namespace howdah::ui
