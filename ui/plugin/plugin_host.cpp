// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plugin/plugin_host.h"

#include <algorithm>
#include <exception>

#include <QCoreApplication>
#include <QDir>
#include <QPluginLoader>

#include "ui/plugin/tool_context.h"

namespace howdah::ui {

namespace {

/// Static tools are part of the program itself; they come before the files.
const QString static_prefix = QStringLiteral("static:");

bool isTool(const QJsonObject &meta_data)
{
    return meta_data.value(QLatin1StringView("IID")).toString() == QLatin1StringView(HOWDAH_TOOL_PLUGIN_IID);
}

QStringList installedFolders(const QDir &program)
{
    QStringList found;
    QDir prefix(program.filePath(QStringLiteral("..")));
    const QStringList libraries = prefix.entryList({QStringLiteral("lib*")}, QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
    for (const QString &library : libraries) {
        found << prefix.filePath(library + QStringLiteral("/howdah/tools"));
        // Debian's libraries live in a folder for each architecture.
        const QDir below(prefix.filePath(library));
        for (const QString &triplet : below.entryList({QStringLiteral("*-linux-gnu*")}, QDir::Dirs, QDir::Name))
            found << below.filePath(triplet + QStringLiteral("/howdah/tools"));
    }
    return found;
}

/// Paths of all tools, each file name once.
QStringList toolFiles(const QStringList &folders)
{
    QStringList files;
    QSet<QString> names;
    for (const QString &folder : folders) {
        const QDir dir(folder);
        for (const QString &name : dir.entryList({QStringLiteral("*.so")}, QDir::Files, QDir::Name)) {
            if (names.contains(name))
                continue;
            names.insert(name);
            files << QDir::cleanPath(dir.absoluteFilePath(name));
        }
    }
    return files;
}

} // namespace

PluginHost::PluginHost(ToolContext &context, QObject *parent) : QObject(parent), context_(context) { }

PluginHost::~PluginHost()
{
    // Left to the end of the process they would outlive the application and the context.
    for (auto instance = instances_.crbegin(); instance != instances_.crend(); ++instance)
        delete instance->data();
}

QStringList PluginHost::folders()
{
    const QString own = qEnvironmentVariable("HOWDAH_TOOLS");
    if (!own.isEmpty())
        return own.split(QLatin1Char(':'), Qt::SkipEmptyParts);
    const QDir program(QCoreApplication::applicationDirPath());
    return QStringList{program.filePath(QStringLiteral("tools"))} + installedFolders(program);
}

void PluginHost::loadAll()
{
    if (begun_)
        return;
    begun_ = true;
    const auto static_plugins = QPluginLoader::staticPlugins();
    for (qsizetype i = 0; i < static_plugins.size(); ++i) {
        if (isTool(static_plugins.at(i).metaData()))
            waiting_ << static_prefix + QString::number(i);
    }
    waiting_ += toolFiles(folders());
    QMetaObject::invokeMethod(this, &PluginHost::loadNext, Qt::QueuedConnection);
}

void PluginHost::loadNext()
{
    if (waiting_.isEmpty()) {
        finished_ = true;
        Q_EMIT loaded();
        return;
    }
    const QString next = waiting_.takeFirst();
    if (next.startsWith(static_prefix)) {
        const QStaticPlugin plugin = QPluginLoader::staticPlugins().at(next.mid(static_prefix.size()).toInt());
        const QJsonObject meta_data = plugin.metaData();
        accept(plugin.instance(), meta_data, meta_data.value(QLatin1StringView("className")).toString());
    } else {
        loadFile(next);
    }
    QMetaObject::invokeMethod(this, &PluginHost::loadNext, Qt::QueuedConnection);
}

void PluginHost::loadFile(const QString &file)
{
    QPluginLoader loader(file);
    const QJsonObject meta_data = loader.metaData();
    if (meta_data.isEmpty()) {
        fail(file, tr("This is not a tool: %1").arg(loader.errorString()));
        return;
    }
    if (!isTool(meta_data)) {
        fail(file, tr("Made for another version of the tool interface: %1 where %2 is wanted")
                       .arg(meta_data.value(QLatin1StringView("IID")).toString(),
                            QStringLiteral(HOWDAH_TOOL_PLUGIN_IID)));
        return;
    }
    QObject *instance = nullptr;
    try {
        instance = loader.instance();
    } catch (const std::exception &error) {
        fail(file, QString::fromUtf8(error.what()));
        return;
    } catch (...) {
        fail(file, tr("Unknown exception while it was loaded"));
        return;
    }
    if (instance == nullptr)
        fail(file, loader.errorString());
    else
        accept(instance, meta_data, file);
}

void PluginHost::accept(QObject *instance, const QJsonObject &meta_data, const QString &file)
{
    auto *tool = qobject_cast<ToolPlugin *>(instance);
    if (tool == nullptr) {
        fail(file, tr("%1 does not implement the tool interface")
                       .arg(meta_data.value(QLatin1StringView("className")).toString()));
        return;
    }
    // Kept even when it fails from here on: actions that it has registered by then may refer to it.
    instances_.append(instance);
    try {
        start(tool, file);
    } catch (const std::exception &error) {
        fail(file, QString::fromUtf8(error.what()));
    } catch (...) {
        fail(file, tr("Unknown exception while it was initialised"));
    }
}

/// May throw what the tool throws.
void PluginHost::start(ToolPlugin *tool, const QString &file)
{
    const ToolInfo info = tool->info();
    if (info.id.isEmpty() || ids_.contains(info.id)) {
        fail(file, tr("A tool with the id \"%1\" is there already").arg(info.id));
        return;
    }
    tool->initialize(context_);
    ids_.insert(info.id);
    const auto before = [&info](ToolPlugin *other) {
        const ToolInfo there = other->info();
        return there.order < info.order || (there.order == info.order && there.name.localeAwareCompare(info.name) <= 0);
    };
    tools_.insert(std::find_if_not(tools_.cbegin(), tools_.cend(), before), tool);
    Q_EMIT toolLoaded(tool);
}

void PluginHost::fail(const QString &file, const QString &reason)
{
    qWarning("Tool %s is left out: %s", qUtf8Printable(file), qUtf8Printable(reason));
    failures_.append({file, reason});
}

ToolPlugin *PluginHost::tool(const QString &id) const
{
    const auto found = std::find_if(tools_.cbegin(), tools_.cend(), [&id](const ToolPlugin *one) { return one->info().id == id; });
    return found != tools_.cend() ? *found : nullptr;
}

} // namespace howdah::ui
