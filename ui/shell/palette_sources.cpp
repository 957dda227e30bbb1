// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/palette_sources.h"

#include <QCoreApplication>
#include <QFileInfo>

#include "core/demo/shop.h"
#include "ui/actions/action_registry.h"
#include "ui/actions/command_palette.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/pages.h"
#include "ui/shell/sql_page.h"
#include "ui/shell/window_actions.h"

namespace howdah::ui {

namespace {

class OpenPages final : public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::OpenPages)
public:
    explicit OpenPages(MainWindow &window) : window_(window) { }
    QString title() const override { return tr("Open page"); }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        for (SqlPage *page : window_.pages()->sqlPages()) {
            PaletteItem item;
            item.id = page->file().isEmpty() ? page->title() : page->file();
            item.title = page->title();
            item.path = page->file().isEmpty() ? page->connectionName() : QFileInfo(page->file()).path();
            item.icon = QStringLiteral("sql");
            item.chosen = [this, guard = QPointer<SqlPage>(page)] {
                if (guard)
                    window_.pages()->show(guard);
            };
            items << item;
        }
        return items;
    }

private:
    MainWindow &window_;
};

class Relations final : public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::Relations)
public:
    explicit Relations(MainWindow &window) : window_(window) { }
    QString title() const override { return tr("Relation"); }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        const auto link = window_.currentLink();
        const auto catalog = link ? link->catalog() : nullptr;
        if (!catalog)
            return items;
        items.reserve(static_cast<qsizetype>(catalog->relations.size()));
        for (const pg::CatalogRelation &relation : catalog->relations) {
            PaletteItem item;
            item.id = QString::number(relation.oid);
            item.title = QString::fromStdString(relation.name);
            item.path = QString::fromStdString(relation.schema);
            item.icon = relation.kind == 'v'   ? QStringLiteral("view")
                        : relation.kind == 'm' ? QStringLiteral("matview")
                        : relation.kind == 'S' ? QStringLiteral("sequence")
                                               : QStringLiteral("table");
            item.chosen = [this, object = CatalogObject{QStringLiteral("table"), item.path, item.title, relation.oid}] {
                openRelation(window_, object);
            };
            items << std::move(item);
        }
        return items;
    }

private:
    MainWindow &window_;
};

class SavedConnections final : public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::SavedConnections)
public:
    explicit SavedConnections(MainWindow &window) : window_(window) { }
    QString title() const override { return tr("Connection"); }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        for (const auto &saved : window_.links()->store()->all()) {
            PaletteItem item;
            item.id = QString::fromStdString(saved.id);
            item.title = tr("Connect to %1").arg(QString::fromStdString(saved.name));
            item.path = QString::fromStdString(saved.environment);
            item.icon = QStringLiteral("connect");
            item.chosen = [this, id = item.id] { window_.links()->openSaved(id); };
            items << item;
        }
        return items;
    }

private:
    MainWindow &window_;
};

/// The shop's named queries, while the window works with the demo server.
class DemoQueries final : public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::DemoQueries)
public:
    explicit DemoQueries(MainWindow &window) : window_(window) { }
    QString title() const override { return tr("Demo query"); }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        const auto link = window_.currentLink();
        if (!link || link->choice().saved.id != "demo")
            return items;
        if (!read_) {
            if (auto workload = demo::readWorkload())
                queries_ = std::move(*workload);
            read_ = true;
        }
        for (const demo::WorkloadQuery &query : queries_) {
            PaletteItem item;
            item.id = QString::fromStdString(query.name);
            item.title = QString(item.id).replace(QLatin1Char('_'), QLatin1Char(' '));
            item.path = QString::fromStdString(query.interesting);
            item.icon = QStringLiteral("demo");
            item.chosen = [this, name = item.title, sql = QString::fromStdString(query.sql)] {
                window_.newSqlPage(name, sql);
            };
            items << item;
        }
        return items;
    }

private:
    MainWindow &window_;
    std::vector<demo::WorkloadQuery> queries_;
    bool read_ = false;
};

} // namespace

void addPaletteSources(MainWindow &window)
{
    CommandPalette *palette = window.commandPalette();
    palette->addSource(std::make_unique<ActionSource>(*window.actionRegistry()));
    palette->addSource(std::make_unique<OpenPages>(window));
    palette->addSource(std::make_unique<SavedConnections>(window));
    palette->addSource(std::make_unique<DemoQueries>(window));
    palette->addSource(std::make_unique<Relations>(window));
}

} // namespace howdah::ui
