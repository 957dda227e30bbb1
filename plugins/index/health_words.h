// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

#include "core/index/health/health.h"
#include "ui/base/tone.h"

namespace howdah::index_tool {

/// How the health tab says what it shows.
class HealthWords
{
    Q_DECLARE_TR_FUNCTIONS(howdah::index_tool::HealthWords)
public:
    static QString qt(const std::string &text) { return QString::fromStdString(text); }
    static QString bytes(std::int64_t bytes);
    static QString count(std::int64_t count);
    static QString severity(index_health::Severity severity);
    static ui::Tone tone(index_health::Severity severity);
    static QString rule(const std::string &name);    ///< "Duplicate"
    static QString meaning(const std::string &name); ///< a sentence
    static QString use(index_health::Use use);       ///< "unused"
    static QString useMeaning(index_health::Use use);
    static ui::Tone tone(index_health::Use use);
    static QString evidence(const index_health::Evidence &evidence); ///< its value
    static QString evidenceName(const std::string &name);            ///< "kept index"
};

} // namespace howdah::index_tool
