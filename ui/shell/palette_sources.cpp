// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/palette_sources.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QObject>
#include <QTimer>

#include "core/demo/shop.h"
#include "ui/actions/action_registry.h"
#include "ui/actions/command_palette.h"
#include "ui/settings/settings.h"
#include "ui/shell/history_keeper.h"
#include "ui/shell/link.h"
#include "ui/shell/links.h"
#include "ui/shell/main_window.h"
#include "ui/shell/object_pages.h"
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
        for (const Pages::Open &open : window_.pages()->open()) {
            const auto *sql = qobject_cast<SqlPage *>(open.page);
            const QString file = sql != nullptr ? sql->file() : QString();
            PaletteItem item;
            item.id = file.isEmpty() ? open.title : file;
            item.title = open.title;
            item.path = !file.isEmpty() ? QFileInfo(file).path() : sql != nullptr ? sql->connectionName() : QString();
            item.icon = open.icon_name;
            item.chosen = [this, guard = QPointer<QWidget>(open.page)] {
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

/// Relations, functions, types' worth of names: everything of the catalog that has a page.
class Objects final : public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::Objects)
public:
    explicit Objects(MainWindow &window) : window_(window) { }
    QString title() const override { return tr("Object"); }
    QChar sign() const override { return QLatin1Char('@'); }
    QString signHint() const override { return tr("objects"); }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        const auto link = window_.currentLink();
        const auto catalog = !link ? nullptr : link->catalog() ? link->catalog() : link->names();
        if (!catalog)
            return items;
        items.reserve(static_cast<qsizetype>(catalog->relations.size() + catalog->functions.size()));
        const auto add = [&](const char *of_catalog, std::uint32_t oid, const std::string &schema, const std::string &name, const QString &icon_name) {
            PaletteItem item;
            item.id = QString::number(oid);
            item.title = QString::fromStdString(name);
            item.path = QString::fromStdString(schema);
            item.icon = icon_name;
            item.chosen = [this, ref = ddl::ObjectRef{of_catalog, oid, {}, {}}] { openObjectPage(window_, ref); };
            items << std::move(item);
        };
        for (const pg::CatalogRelation &relation : catalog->relations)
            add("pg_class", relation.oid, relation.schema, relation.name,
                relation.kind == 'v'   ? QStringLiteral("view")
                : relation.kind == 'm' ? QStringLiteral("matview")
                : relation.kind == 'S' ? QStringLiteral("sequence")
                                       : QStringLiteral("table"));
        for (const pg::CatalogFunction &function : catalog->functions)
            add("pg_proc", function.oid, function.schema, function.name, QStringLiteral("function"));
        for (const pg::CatalogSchema &schema : catalog->schemas)
            add("pg_namespace", schema.oid, {}, schema.name, QStringLiteral("schema"));
        return items;
    }

private:
    MainWindow &window_;
};

/// Columns of all tables, by "#" alone; the first ones of a very large catalog.
class Columns final : public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::Columns)
public:
    static constexpr qsizetype most = 50'000;
    explicit Columns(MainWindow &window) : window_(window) { }
    QString title() const override { return tr("Column"); }
    QChar sign() const override { return QLatin1Char('#'); }
    QString signHint() const override { return tr("columns"); }
    bool onlyBySign() const override { return true; }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        const auto link = window_.currentLink();
        const auto catalog = link ? link->catalog() : nullptr;
        if (!catalog)
            return items;
        for (const pg::CatalogRelation &relation : catalog->relations) {
            if (relation.is_partition)
                continue; // the same columns as its parent's
            for (const pg::CatalogColumn &column : relation.columns) {
                if (items.size() >= most)
                    return items;
                PaletteItem item;
                item.id = QStringLiteral("%1.%2").arg(relation.oid).arg(column.attnum);
                item.title = QString::fromStdString(column.name);
                item.path = QString::fromStdString(relation.schema + "." + relation.name + "  " + column.type);
                item.icon = QStringLiteral("column");
                item.chosen = [this, ref = ddl::ObjectRef{"pg_class", relation.oid, {}, {}}] { openObjectPage(window_, ref, ObjectPage::Section::Columns); };
                items << std::move(item);
            }
        }
        return items;
    }

private:
    MainWindow &window_;
};

/// What was run last, by "?" alone; read again in the background after each run, so that answering is from memory.
class RecentStatements final : public QObject, public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::RecentStatements)
public:
    static constexpr std::int64_t most = 500;
    explicit RecentStatements(MainWindow &window) : window_(window)
    {
        pause_.setSingleShot(true);
        pause_.setInterval(500);
        connect(&pause_, &QTimer::timeout, this, [this] { read(); });
        connect(window.pages()->history(), &HistoryKeeper::changed, &pause_, qOverload<>(&QTimer::start));
        pause_.start();
    }
    QString title() const override { return tr("History"); }
    QChar sign() const override { return QLatin1Char('?'); }
    QString signHint() const override { return tr("history"); }
    bool onlyBySign() const override { return true; }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        for (const workspace::StatementRecord &record : records_) {
            PaletteItem item;
            item.id = QString::number(record.id);
            const QString sql = QString::fromStdString(record.text);
            item.title = sql.left(400).simplified();
            item.path = QString::fromStdString(record.connection);
            item.icon = QStringLiteral("history");
            item.chosen = [this, sql] { window_.newSqlPage({}, sql); };
            items << std::move(item);
        }
        return items;
    }

private:
    void read()
    {
        workspace::HistorySearch search;
        search.limit = most;
        window_.pages()->history()->search(search, this, [this](std::vector<workspace::StatementRecord> found) { records_ = std::move(found); });
    }

    MainWindow &window_;
    QTimer pause_;
    std::vector<workspace::StatementRecord> records_;
};

/// The settings, by name; each opens the dialog that holds it.
class SettingNames final : public PaletteSource
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::SettingNames)
public:
    explicit SettingNames(MainWindow &window) : window_(window) { }
    QString title() const override { return tr("Setting"); }
    QChar sign() const override { return QLatin1Char(':'); }
    QString signHint() const override { return tr("settings"); }
    QList<PaletteItem> items() override
    {
        QList<PaletteItem> items;
        for (const SettingInfo &setting : Settings::all()) {
            PaletteItem item;
            item.id = setting.key;
            item.title = setting.title;
            item.path = setting.group;
            item.icon = QStringLiteral("settings");
            item.chosen = [this] {
                if (QAction *open = window_.actionRegistry()->action(QStringLiteral("settings.open")))
                    open->trigger();
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
    palette->addSource(std::make_unique<Objects>(window));
    palette->addSource(std::make_unique<Columns>(window));
    palette->addSource(std::make_unique<RecentStatements>(window));
    palette->addSource(std::make_unique<SettingNames>(window));
}

} // namespace howdah::ui
