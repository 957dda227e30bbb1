// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plugin/tool_context.h"

namespace howdah::ui {

class SqlPage;

/// A SQL page as tools see it.
class PageDocument : public SqlDocument
{
    Q_OBJECT
public:
    explicit PageDocument(SqlPage *page) : page_(page) { }

    [[nodiscard]] Statement currentStatement() const override;
    [[nodiscard]] std::shared_ptr<pg::Session> session() const override;
    bool haveParameters(const Statement &statement, std::function<void()> then) override;
    void showPane(const QString &id, const QString &title, QWidget *widget) override;
    [[nodiscard]] QWidget *pane(const QString &id) const override;
    bool runTask(const QString &title, std::function<void(pg::Connection &)> work,
                 std::function<void()> finished) override;
    void showError(const Error &error, const Statement &statement) override;
    void highlight(ByteSpan span) override;

private:
    SqlPage *page_;
};

} // namespace howdah::ui
