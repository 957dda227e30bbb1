// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/transfer_entries.h"

#include <QMenu>

#include "core/result/statement_relation.h"
#include "core/sql/quote.h"
#include "ui/base/banner.h"
#include "ui/base/palette.h"
#include "ui/editor/parameter_bar.h"
#include "ui/grid/grid_model.h"
#include "ui/grid/grid_view.h"
#include "ui/grid/result_grid.h"
#include "ui/grid/results_pane.h"
#include "ui/shell/link.h"
#include "ui/shell/main_window.h"
#include "ui/shell/sql_page.h"
#include "ui/transfer/export_dialog.h"
#include "ui/transfer/import_dialog.h"

namespace howdah::ui {

namespace {

QString nameOf(const CatalogObject &object)
{
    return QString::fromStdString(sql::quoteQualified(object.schema.toStdString(), object.name.toStdString()));
}

bool hasRows(const CatalogObject &object)
{
    for (const char *kind : {"table", "partitioned table", "view", "materialized view", "foreign table"}) {
        if (object.kind == QLatin1String(kind))
            return true;
    }
    return false;
}

void exportObject(MainWindow &window, const CatalogObject &object)
{
    const auto link = window.currentLink();
    if (!link)
        return;
    ExportSubject subject;
    subject.title = object.name;
    subject.statement = QStringLiteral("TABLE %1").arg(nameOf(object));
    subject.table = nameOf(object).toStdString();
    auto *dialog = new ExportDialog(std::move(subject), link->newSession(), &window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

} // namespace

void addTransferEntries(MainWindow &window, const CatalogObject &object, QMenu *menu)
{
    const auto link = window.currentLink();
    if (!link)
        return;
    MainWindow *owner = &window;
    if (hasRows(object))
        menu->addAction(icon(QStringLiteral("export")), MainWindow::tr("Export…"), owner, [owner, object] { exportObject(*owner, object); });
    if (link->isReadOnly())
        return;
    if (object.kind.contains(QLatin1String("table")))
        menu->addAction(icon(QStringLiteral("import")), MainWindow::tr("Import CSV…"), owner, [owner, name = nameOf(object)] { importFile(*owner, name); });
    else if (object.kind == QLatin1String("schema"))
        menu->addAction(icon(QStringLiteral("import")), MainWindow::tr("Import CSV as a new table…"), owner, [owner, object] {
            importFile(*owner, QString::fromStdString(sql::quoteIdentifier(object.name.toStdString())) + QStringLiteral(".new_table"));
        });
}

void exportResult(SqlPage &page)
{
    ResultGrid *grid = page.results()->currentGrid();
    ExportSubject subject;
    subject.title = MainWindow::tr("result");
    subject.statement = page.results()->currentSql();
    if (subject.statement.endsWith(QChar(0x2026)))
        subject.statement.clear(); // cut: only what is loaded can be written
    subject.values = page.asksParameters() ? page.parameterBar()->values() : sql::ParameterValues();
    if (grid != nullptr) {
        subject.rows = grid->model()->rows();
        subject.columns = grid->view()->shownColumns();
        subject.rows_are_all = !page.results()->isCurrentTruncated();
    } else if (subject.statement.isEmpty()) {
        subject.statement = page.document()->currentStatement().sql;
    }
    const std::string relation = result::relationOf(subject.statement.toStdString());
    if (!relation.empty()) {
        subject.table = relation;
        subject.title = QString::fromStdString(relation);
    }
    // The page's own session: its temporary tables and its transaction are what the statement sees.
    auto *dialog = new ExportDialog(std::move(subject), page.runner()->isBusy() ? nullptr : page.runner()->session(), &page);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void importFile(MainWindow &window, const QString &table)
{
    const auto link = window.currentLink();
    if (!link || link->isReadOnly())
        return;
    auto *dialog = new ImportDialog(link->newSession(), link->catalog(), table, &window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    if (link->isProduction() && link->facts())
        dialog->setConfirmName(QString::fromStdString(link->facts()->database));
    QObject::connect(dialog, &ImportDialog::ended, link.get(), [link](bool imported) {
        if (imported)
            link->refreshCatalog();
    });
    dialog->open();
}

} // namespace howdah::ui
