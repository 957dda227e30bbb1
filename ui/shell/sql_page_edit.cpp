// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edit/row_edit.h"
#include "ui/base/banner.h"
#include "ui/change/change_script_dialog.h"
#include "ui/grid/grid_editing.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/shell/link.h"
#include "ui/shell/sql_page.h"

// Editing rows of a result: the page asks the server whether they can be edited, and applies what was changed.

namespace howdah::ui {

void SqlPage::editResult()
{
    QPointer<ResultGrid> grid = results_->currentGrid();
    if (!grid || !link() || runner_->isBusy() || grid->isRunning())
        return;
    if (grid->editing() != nullptr) {
        grid->endEditing();
        return;
    }
    if (link()->isReadOnly()) {
        banner_->showMessage(Tone::Neutral, tr("This connection is read-only."), tr("Rows can be edited on a connection that may write."), 6);
        return;
    }
    if (grid->model()->columnCount() == 0)
        return;
    using Answer = Result<edit::EditableTable>;
    const auto answer = std::make_shared<Answer>(fail(ErrorKind::Unsupported, "Not asked"));
    runner_->runTask(
        tr("Looking for the key"),
        [answer, columns = grid->model()->rows().source->columns()](pg::Connection &connection) {
            *answer = edit::editableTable(connection, columns);
        },
        [this, answer, grid] {
            if (!grid)
                return;
            if (!*answer) {
                banner_->showMessage(Tone::Neutral, tr("These rows cannot be edited."), QString::fromStdString(answer->error().message + ". " + answer->error().hint), 10);
                return;
            }
            grid->beginEditing(**answer);
        });
}

void SqlPage::applyEdits(ResultGrid *grid)
{
    if (grid->editing() == nullptr || !link() || runner_->isBusy())
        return;
    const QPointer<ResultGrid> guard(grid);
    // The page's own session: what it has locked is no obstacle, what it does not see is not changed.
    const QString confirm = link()->isProduction() && link()->facts() ? QString::fromStdString(link()->facts()->database) : QString();
    auto *dialog = new ChangeScriptDialog(grid->editing()->script(), runner_->session(), link()->target(), link()->isReadOnly(), confirm, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ChangeScriptDialog::finished, this, [this, guard](const migration::ChangeOutcome &outcome) {
        if (!outcome.done() || !guard || guard->editing() == nullptr)
            return;
        guard->endEditing();
        banner_->showMessage(Tone::Good, tr("The changes were applied."), tr("The rows shown are those read before."));
        const QString sql = results_->currentSql();
        if (sql.isEmpty() || sql.endsWith(QChar(0x2026)))
            return; // cut: a part must not be run in place of the whole
        banner_->addButton(tr("Read them again"), [this, sql] {
            banner_->dismiss();
            if (link() && !runner_->isBusy())
                start(sql.toStdString(), ByteOffset{0}, tr("Read again"), true);
        });
    });
    dialog->open();
}

} // namespace howdah::ui
