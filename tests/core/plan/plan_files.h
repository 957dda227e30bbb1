// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include <QDir>
#include <QString>
#include <QStringList>
#include <QTest>

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
