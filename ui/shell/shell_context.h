// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plugin/tool_context.h"

namespace howdah::ui {

class MainWindow;

/// The window as tools see it.
class ShellContext : public ToolContext
{
    Q_OBJECT
public:
    explicit ShellContext(MainWindow *window) : window_(window) { }

    [[nodiscard]] bool isConnected() const override;
    [[nodiscard]] bool isReadOnly() const override;
    [[nodiscard]] std::shared_ptr<pg::Session> newSession() override;
    [[nodiscard]] std::shared_ptr<pg::Session> metadataSession() const override;
    [[nodiscard]] std::shared_ptr<const pg::Catalog> catalog() const override;
    [[nodiscard]] SqlDocument *currentDocument() const override;
    SqlDocument *openSql(const QString &title, const QString &sql) override;
    void openPage(const QString &id, const QString &title, const QString &icon, QWidget *page) override;
    QAction *registerAction(const ActionSpec &spec, std::function<void()> triggered) override;
    void showStatus(const QString &text) override;
    void reportError(const QString &what, const Error &error) override;
    void offer(const QString &sentence, const QString &button, std::function<void()> chosen) override;
    void offerChangeScript(const migration::ChangeScript &script,
                           std::function<void(const migration::ChangeOutcome &)> finished) override;

private:
    MainWindow *window_;
};

} // namespace howdah::ui
