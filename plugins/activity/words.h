// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

#include "core/activity/activity.h"
#include "ui/base/tone.h"

namespace howdah::activity_tool {

/// How the page says what it shows.
class Words
{
    Q_DECLARE_TR_FUNCTIONS(howdah::activity_tool::Words)
public:
    static QString qt(const std::string &text) { return QString::fromStdString(text); }
    /// "" where there is none.
    static QString age(double milliseconds);
    static QString count(std::int64_t value); ///< "" below 0
    static QString state(const activity::Backend &backend);
    static ui::Tone tone(const activity::Backend &backend);
    static QString wait(const activity::Backend &backend);        ///< "Lock: transactionid"
    static QString blockedBy(const activity::Backend &backend);   ///< "4411, 4412"
    static QString who(const activity::Backend &backend);         ///< "ann@shop"
    static QString waiting(const activity::Backend &backend);     ///< "waits 3 min", "waits at most 3 min"
    static QString oneLine(const std::string &query);
    static QString rate(double per_second);                       ///< "1.2 k/s"
    static QString bytesRate(double per_second);                  ///< "4 MB/s"
    static QString share(double of_one);                          ///< "99.7 %"
};

} // namespace howdah::activity_tool
