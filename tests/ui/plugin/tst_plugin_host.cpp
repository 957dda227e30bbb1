// SPDX-License-Identifier: GPL-3.0-or-later
// The tools of this test are linked into it.
#define QT_STATICPLUGIN
#include "ui/plugin/plugin_host.h"

#include <stdexcept>

#include <QAction>
#include <QDir>
#include <QFile>
#include <QLibraryInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "ui/plugin/tool_context.h"

using namespace howdah;
using namespace howdah::ui;

namespace {

/// Records what tools do with it.
class RecordingContext : public ToolContext
{
public:
    [[nodiscard]] bool isConnected() const override { return false; }
    [[nodiscard]] bool isReadOnly() const override { return false; }
    [[nodiscard]] std::shared_ptr<pg::Session> newSession() override { return {}; }
    [[nodiscard]] std::shared_ptr<pg::Session> metadataSession() const override { return {}; }
    [[nodiscard]] std::shared_ptr<const pg::Catalog> catalog() const override { return {}; }
    [[nodiscard]] SqlDocument *currentDocument() const override { return nullptr; }
    SqlDocument *openSql(const QString &, const QString &) override { return nullptr; }
    void openPage(const QString &, const QString &, const QString &, QWidget *) override { }
    QAction *registerAction(const ActionSpec &spec, std::function<void()>) override
    {
        registered << spec.id;
        return nullptr;
    }
    void showStatus(const QString &) override { }
    void reportError(const QString &, const Error &) override { }
    void offerChangeScript(const migration::ChangeScript &,
                           std::function<void(const migration::ChangeOutcome &)>) override { }

    QStringList registered;
};

int alive = 0;

class Tool : public QObject, public ToolPlugin
{
public:
    explicit Tool(ToolInfo info) : info_(std::move(info)) { ++alive; }
    ~Tool() override { --alive; }
    Tool(const Tool &) = delete;
    Tool &operator=(const Tool &) = delete;
    [[nodiscard]] ToolInfo info() const override { return info_; }
    void initialize(ToolContext &context) override
    {
        ActionSpec spec;
        spec.id = info_.id + QStringLiteral(".open");
        context.registerAction(spec, [] {});
    }
    [[nodiscard]] QWidget *createPage(const CatalogObject *, QWidget *) override { return nullptr; }
    [[nodiscard]] QList<QAction *> objectActions(const CatalogObject &, QObject *) override { return {}; }

private:
    ToolInfo info_;
};

ToolInfo toolInfo(const char *id, int order)
{
    ToolInfo info;
    info.id = QString::fromLatin1(id);
    info.name = info.id;
    info.order = order;
    return info;
}

} // namespace

class LateTool : public Tool
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID)
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    LateTool() : Tool(toolInfo("late", 50)) { }
};

class EarlyTool : public Tool
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID)
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    EarlyTool() : Tool(toolInfo("early", 10)) { }
};

class ThrowingTool : public Tool
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID)
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    ThrowingTool() : Tool(toolInfo("throwing", 1)) { }
    void initialize(ToolContext &context) override
    {
        Tool::initialize(context);
        throw std::runtime_error("no licence to work");
    }
};

class TwinTool : public Tool
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID HOWDAH_TOOL_PLUGIN_IID)
    Q_INTERFACES(howdah::ui::ToolPlugin)
public:
    TwinTool() : Tool(toolInfo("late", 5)) { }
};

class PluginHostTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void init();
    void loadsInOrderAndLeavesOutWhatFails();
    void oneToolATurn();
    void filesThatAreNoToolsAreReported();
    void foldersFollowTheVariable();
    void toolsEndWithTheHost();

private:
    QTemporaryDir folder_;
};

void PluginHostTest::init()
{
    qputenv("HOWDAH_TOOLS", folder_.path().toUtf8());
    QTest::failOnWarning(QRegularExpression(QStringLiteral("^QObject")));
}

void PluginHostTest::loadsInOrderAndLeavesOutWhatFails()
{
    RecordingContext context;
    PluginHost host(context);
    QSignalSpy loaded(&host, &PluginHost::loaded);
    QSignalSpy tool_loaded(&host, &PluginHost::toolLoaded);
    host.loadAll();
    host.loadAll();
    QVERIFY(loaded.wait());
    QVERIFY(host.isLoaded());
    QCOMPARE(loaded.size(), 1);
    QCOMPARE(tool_loaded.size(), 2);
    QCOMPARE(host.tools().size(), 2);
    QCOMPARE(host.tools().at(0)->info().id, QStringLiteral("early"));
    // Of the two that call themselves "late" the first one found stays.
    QCOMPARE(host.tools().at(1)->info().order, 50);
    QCOMPARE(host.tool(QStringLiteral("late")), host.tools().at(1));
    QVERIFY(host.tool(QStringLiteral("throwing")) == nullptr);
    QCOMPARE(host.failures().size(), 2);
    QStringList reasons;
    for (const PluginHost::Failure &failure : host.failures())
        reasons << failure.file + QStringLiteral(": ") + failure.reason;
    reasons.sort();
    QVERIFY2(reasons.at(0).contains(QStringLiteral("no licence to work")), qPrintable(reasons.at(0)));
    QVERIFY2(reasons.at(1).contains(QStringLiteral("\"late\"")), qPrintable(reasons.at(1)));
    QVERIFY(context.registered.contains(QStringLiteral("early.open")));
}

void PluginHostTest::oneToolATurn()
{
    RecordingContext context;
    PluginHost host(context);
    QSignalSpy loaded(&host, &PluginHost::loaded);
    // Between two tools other events must have had their turn.
    QStringList events;
    connect(&host, &PluginHost::toolLoaded, &host, [&](ToolPlugin *tool) {
        events << tool->info().id;
        QMetaObject::invokeMethod(&host, [&events] { events << QStringLiteral("turn"); }, Qt::QueuedConnection);
    });
    host.loadAll();
    QVERIFY(context.registered.isEmpty());
    QVERIFY(loaded.wait());
    QCOMPARE(events, (QStringList{QStringLiteral("late"), QStringLiteral("turn"), QStringLiteral("early"),
                                  QStringLiteral("turn")}));
}

void PluginHostTest::filesThatAreNoToolsAreReported()
{
    QTemporaryDir folder;
    QFile junk(folder.filePath(QStringLiteral("junk.so")));
    QVERIFY(junk.open(QIODevice::WriteOnly));
    junk.write("#!/bin/sh\necho not a library\n");
    junk.close();
    const QDir platforms(QLibraryInfo::path(QLibraryInfo::PluginsPath) + QStringLiteral("/platforms"));
    const QString foreign = platforms.filePath(QStringLiteral("libqoffscreen.so"));
    QVERIFY(QFile::copy(foreign, folder.filePath(QStringLiteral("foreign.so"))));
    QVERIFY(QFile::copy(foreign, folder.filePath(QStringLiteral("notes.txt"))));
    qputenv("HOWDAH_TOOLS", folder.path().toUtf8());

    RecordingContext context;
    PluginHost host(context);
    QSignalSpy loaded(&host, &PluginHost::loaded);
    host.loadAll();
    QVERIFY(loaded.wait());
    QCOMPARE(host.tools().size(), 2);
    QCOMPARE(host.failures().size(), 4);
    QVERIFY(host.failures().at(2).file.endsWith(QStringLiteral("/foreign.so")));
    QVERIFY(host.failures().at(2).reason.contains(QStringLiteral(HOWDAH_TOOL_PLUGIN_IID)));
    QVERIFY(host.failures().at(3).file.endsWith(QStringLiteral("/junk.so")));
    QVERIFY(!host.failures().at(3).reason.isEmpty());
}

void PluginHostTest::foldersFollowTheVariable()
{
    qputenv("HOWDAH_TOOLS", "/a/b:/c");
    QCOMPARE(PluginHost::folders(), (QStringList{QStringLiteral("/a/b"), QStringLiteral("/c")}));
    qunsetenv("HOWDAH_TOOLS");
    QCOMPARE(PluginHost::folders().first(), QCoreApplication::applicationDirPath() + QStringLiteral("/tools"));
}

void PluginHostTest::toolsEndWithTheHost()
{
    const int before = alive;
    {
        RecordingContext context;
        PluginHost host(context);
        QSignalSpy loaded(&host, &PluginHost::loaded);
        host.loadAll();
        QVERIFY(loaded.wait());
        QCOMPARE(alive, before + 4);
    }
    QCOMPARE(alive, before);
}

Q_IMPORT_PLUGIN(LateTool)
Q_IMPORT_PLUGIN(EarlyTool)
Q_IMPORT_PLUGIN(ThrowingTool)
Q_IMPORT_PLUGIN(TwinTool)

QTEST_MAIN(PluginHostTest)
#include "tst_plugin_host.moc"
