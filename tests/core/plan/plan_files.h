// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include <QDir>
#include <QString>
#include <QStringList>
#include <QTest>

#include "core/plan/keys.h"
#include "core/plan/model.h"

namespace howdah::plan::test {

inline std::string content(const QString &path)
{
    std::ifstream file(path.toStdString(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline QString dataPath(const QString &name)
{
    return QStringLiteral(HOWDAH_TEST_DATA "/plans/") + name;
}

/// Paths of the files in tests/data/plans/<folder>/<version> whose names match.
inline QStringList files(const QString &folder, const QString &pattern)
{
    QStringList paths;
    const QDir top(dataPath(folder));
    for (const QString &version : top.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        const QDir dir(top.filePath(version));
        for (const QString &name : dir.entryList({pattern}, QDir::Files))
            paths += dir.filePath(name);
    }
    return paths;
}

inline QString rowName(const QString &path)
{
    return path.section(QLatin1Char('/'), -2);
}

/// Drops what differs from run to run: times, memory, blocks, which worker did what.
inline void forgetMeasured(std::vector<Property> &properties)
{
    std::erase_if(properties, [](const Property &p) {
        for (const char *word : {"Space Used", "Memory", "Storage", "Batches", "Disk Usage", "Heap Blocks", "Buckets",
                                 "Groups", "Time", "Output Volume", "Removed", "Cache ", "Heap Fetches", "Searches"}) {
            if (p.first.find(word) != std::string::npos && p.first != "Subplans Removed")
                return true;
        }
        const KeyInfo *info = findKey(p.first);
        return info != nullptr && (info->slot == Slot::Buffer || info->slot == Slot::Io || info->slot == Slot::Wal);
    });
}
inline void forgetMeasured(Plan &plan)
{
    for (Node &node : plan.nodes) {
        node.actual_startup_ms = node.actual_total_ms = std::nullopt;
        // What the runs before wrote changed the costs.
        node.startup_cost = node.total_cost = node.plan_rows = std::nullopt;
        // Which process takes which rows is chance.
        if (node.parent != no_node)
            node.actual_rows = node.loops = std::nullopt;
        node.buffers.reset();
        node.io.reset();
        node.wal.reset();
        node.workers.clear();
        forgetMeasured(node.properties);
    }
    plan.planning_ms = plan.execution_ms = std::nullopt;
    plan.planning_buffers.reset();
    plan.planning_io.reset();
    plan.planning.clear();
    forgetMeasured(plan.serialization);
    plan.io_style = IoStyle::Unknown;
    for (TriggerTime &trigger : plan.triggers) {
        trigger.time_ms.reset();
        const std::size_t digits = trigger.name.find_last_not_of("0123456789") + 1;
        trigger.name.resize(digits); // constraint triggers are named by their OID
    }
}

/// For messages: which field of which node differs.
inline QString firstDifference(const Plan &a, const Plan &b)
{
    if (a.nodes.size() != b.nodes.size())
        return QStringLiteral("%1 and %2 nodes").arg(a.nodes.size()).arg(b.nodes.size());
    for (std::size_t i = 0; i < a.nodes.size(); ++i) {
        const Node &x = a.nodes[i];
        const Node &y = b.nodes[i];
        if (x == y)
            continue;
        QString text = QStringLiteral("node %1 (%2): ").arg(i).arg(QString::fromStdString(x.label()));
        if (x.properties != y.properties) {
            for (std::size_t p = 0; p < std::max(x.properties.size(), y.properties.size()); ++p) {
                const bool both = p < x.properties.size() && p < y.properties.size();
                if (both && x.properties[p] == y.properties[p])
                    continue;
                text += QStringLiteral("property %1 / %2; ")
                            .arg(QString::fromStdString(p < x.properties.size() ? x.properties[p].first : "-"),
                                 QString::fromStdString(p < y.properties.size() ? y.properties[p].first : "-"));
                break;
            }
        }
        if (x.children != y.children)
            text += QStringLiteral("children; ");
        if (x.node_type != y.node_type)
            text += QStringLiteral("type; ");
        if (x.parent_relationship != y.parent_relationship)
            text += QStringLiteral("relationship; ");
        if (x.subplan_name != y.subplan_name)
            text += QStringLiteral("subplan; ");
        if (x.relation_name != y.relation_name || x.alias != y.alias || x.schema != y.schema)
            text += QStringLiteral("relation; ");
        if (x.actual_rows != y.actual_rows || x.loops != y.loops)
            text += QStringLiteral("actual; ");
        if (x.extra_lines != y.extra_lines)
            text += QStringLiteral("extra lines; ");
        if (x.workers != y.workers)
            text += QStringLiteral("workers; ");
        return text;
    }
    QString text = QStringLiteral("plan level: ");
    if (a.triggers != b.triggers)
        text += QStringLiteral("triggers ");
    if (a.settings != b.settings)
        text += QStringLiteral("settings ");
    if (a.properties != b.properties)
        text += QStringLiteral("properties ");
    if (a.planning != b.planning)
        text += QStringLiteral("planning ");
    if (a.serialization != b.serialization)
        text += QStringLiteral("serialization ");
    if (a.extra_lines != b.extra_lines)
        text += QStringLiteral("extra lines ");
    return text;
}

/// The one plan of an input; fails the test when there is none.
inline Plan onlyPlan(const std::string &input)
{
    Result<ReadResult> result = read(input);
    if (!result) {
        QTest::qFail(result.error().message.c_str(), __FILE__, __LINE__);
        return {};
    }
    return result->plans.empty() ? Plan() : result->plans.front();
}

} // namespace howdah::plan::test
