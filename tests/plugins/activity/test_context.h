// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include <QString>

#include "core/migration/change_script.h"
#include "ui/plugin/tool_context.h"

namespace howdah::test {

/// A window's context for one tool: real sessions of a real server, everything else recorded. A change script that is
/// offered is kept, and run on `runOffered()`.
class TestContext : public ui::ToolContext
{
public:
    explicit TestContext(const std::string &conninfo)
    {
        spec_.conninfo = conninfo;
        metadata_ = conninfo.empty() ? nullptr : std::make_shared<pg::Session>(spec_);
    }
    [[nodiscard]] bool isConnected() const override { return metadata_ != nullptr; }
    [[nodiscard]] bool isReadOnly() const override { return read_only; }
    [[nodiscard]] std::shared_ptr<pg::Session> newSession() override { return std::make_shared<pg::Session>(spec_); }
    [[nodiscard]] std::shared_ptr<pg::Session> metadataSession() const override { return metadata_; }
    [[nodiscard]] std::shared_ptr<const pg::Catalog> catalog() const override { return catalog_read; }
    [[nodiscard]] ui::SqlDocument *currentDocument() const override { return nullptr; }
    ui::SqlDocument *openSql(const QString &, const QString &sql) override
    {
        opened = sql;
        return nullptr;
    }
    void openPage(const QString &, const QString &, const QString &, QWidget *) override { }
    QAction *registerAction(const ui::ActionSpec &, std::function<void()>) override { return nullptr; }
    void showStatus(const QString &text) override { status = text; }
    void reportError(const QString &what, const Error &) override { status = what; }
    void offerChangeScript(const migration::ChangeScript &script,
                           std::function<void(const migration::ChangeOutcome &)> finished) override
    {
        offered = script;
        finished_ = std::move(finished);
    }
    migration::ChangeOutcome runOffered()
    {
        const auto connection = pg::Connection::open(spec_);
        auto outcome = migration::runChangeScript(**connection, offered);
        if (finished_)
            finished_(outcome);
        return outcome;
    }
    void switchTo(const std::string &conninfo)
    {
        spec_.conninfo = conninfo;
        metadata_ = conninfo.empty() ? nullptr : std::make_shared<pg::Session>(spec_);
        Q_EMIT connectionChanged();
    }

    bool read_only = false;
    std::shared_ptr<const pg::Catalog> catalog_read; ///< none unless a test gives one
    QString opened;
    QString status;
    migration::ChangeScript offered;

private:
    pg::ConnectionSpec spec_;
    std::shared_ptr<pg::Session> metadata_;
    std::function<void(const migration::ChangeOutcome &)> finished_;
};

} // namespace howdah::test
