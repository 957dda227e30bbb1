// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/page_document.h"

#include "ui/base/banner.h"
#include "ui/editor/editor_theme.h"
#include "ui/editor/parameter_bar.h"
#include "ui/editor/sql_editor.h"
#include "ui/grid/messages_pane.h"
#include "ui/shell/sql_page.h"

namespace howdah::ui {

SqlDocument::Statement PageDocument::currentStatement() const
{
    SqlEditor *editor = page_->editor();
    ByteSpan span = editor->selection();
    if (span.size() == 0)
        span = editor->currentStatement();
    const std::string text = editor->utf8();
    const std::string_view sql = span.of(text);
    Statement statement{QString::fromUtf8(sql.data(), static_cast<qsizetype>(sql.size())), span};
    if (page_->asksParameters())
        statement.parameters = page_->parameterBar()->values();
    return statement;
}

bool PageDocument::haveParameters(const Statement &statement, std::function<void()> then)
{
    return page_->haveParameters(statement.sql.toStdString(), std::move(then));
}

std::shared_ptr<pg::Session> PageDocument::session() const
{
    return page_->runner()->session();
}

void PageDocument::showPane(const QString &id, const QString &title, QWidget *widget)
{
    page_->addPane(id, title, widget);
    page_->showPane(id);
}

QWidget *PageDocument::pane(const QString &id) const
{
    return page_->pane(id);
}

bool PageDocument::runTask(const QString &title, std::function<void(pg::Connection &)> work,
                           std::function<void()> finished)
{
    if (page_->runner()->isBusy()) {
        page_->banner()->showMessage(Tone::Warn, tr("This page is still running something."),
                                     tr("Wait for it, cancel it with Esc, or open another page."), 6);
        return false;
    }
    if (!page_->link()) {
        Q_EMIT page_->connectRequested();
        return false;
    }
    Q_EMIT page_->aboutToRun();
    page_->editor()->clearErrors();
    page_->banner()->dismiss();
    return page_->runner()->runTask(title, std::move(work), std::move(finished));
}

void PageDocument::showError(const Error &error, const Statement &statement)
{
    Error placed = error;
    if (placed.position)
        placed.position->value += statement.span.begin.value;
    page_->messages()->addError(placed);
    if (placed.kind == ErrorKind::Cancelled)
        return;
    page_->markError(placed, statement.span);
    page_->showPane(QStringLiteral("messages"));
}

void PageDocument::highlight(ByteSpan span)
{
    page_->editor()->setHighlight(span.size() == 0 ? std::vector<ByteSpan>() : std::vector<ByteSpan>{span},
                                  editor_indicator::highlight);
}

} // namespace howdah::ui
