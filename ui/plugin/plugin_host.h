// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QSet>
#include <QString>
#include <QStringList>

#include "ui/plugin/tool_plugin.h"

namespace howdah::ui {

/// Finds and starts the tools. One that cannot be loaded or that fails is left out and listed in failures(); it
/// never takes the window down. Tools live until the host is destroyed, which must come before the context goes and
/// after the pages that the tools have made.
class PluginHost : public QObject
{
    Q_OBJECT
public:
    struct Failure {
        QString file;   ///< with its folder
        QString reason;
    };

    explicit PluginHost(ToolContext &context, QObject *parent = nullptr);
    ~PluginHost() override;

    /// Where tools are looked for, the first folder wins where a file name repeats: HOWDAH_TOOLS (several, separated
    /// by ':') alone when it is set, else <folder of the program>/tools and <…>/../lib*/howdah/tools.
    [[nodiscard]] static QStringList folders();

    /// To be called once, after the first paint. One tool a turn of the event loop, so that the window stays alive;
    /// loaded() comes at the end. Later calls do nothing.
    void loadAll();
    [[nodiscard]] bool isLoaded() const { return finished_; }
    [[nodiscard]] QList<ToolPlugin *> tools() const { return tools_; } ///< by info().order, then by name
    [[nodiscard]] ToolPlugin *tool(const QString &id) const;           ///< null when there is none
    [[nodiscard]] QList<Failure> failures() const { return failures_; }

Q_SIGNALS:
    void toolLoaded(howdah::ui::ToolPlugin *tool);
    void loaded();

private:
    void loadNext();
    void loadFile(const QString &file);
    void accept(QObject *instance, const QJsonObject &meta_data, const QString &file);
    void start(ToolPlugin *tool, const QString &file);
    void fail(const QString &file, const QString &reason);

    ToolContext &context_;
    QStringList waiting_;
    QList<ToolPlugin *> tools_;
    QList<QPointer<QObject>> instances_; ///< in order of loading; destroyed in the reverse order
    QSet<QString> ids_;
    QList<Failure> failures_;
    bool begun_ = false;
    bool finished_ = false;
};

} // namespace howdah::ui
