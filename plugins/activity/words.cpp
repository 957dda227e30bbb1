// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/words.h"

#include <cmath>

#include "core/base/human.h"

namespace howdah::activity_tool {

using activity::Backend;
using ui::Tone;

QString Words::age(double milliseconds)
{
    if (milliseconds < 0)
        return {};
    // Tenths of a millisecond are nothing to be read in a table that moves every second.
    if (milliseconds < 1000)
        return QStringLiteral("< 1 s");
    if (milliseconds < 60'000)
        return tr("%1 s").arg(static_cast<int>(milliseconds / 1000));
    return qt(human::duration(std::floor(milliseconds / 1000) * 1000));
}

QString Words::count(std::int64_t value)
{
    return value < 0 ? QString() : qt(human::count(value));
}

QString Words::state(const Backend &backend)
{
    if (backend.isWaitingForLock())
        return tr("waits for lock");
    if (backend.state == "idle in transaction (aborted)")
        return tr("idle in failed transaction");
    if (!backend.state.empty())
        return qt(backend.state);
    return backend.isClient() ? tr("hidden") : tr("background");
}

Tone Words::tone(const Backend &backend)
{
    if (backend.isWaitingForLock() || backend.state == "idle in transaction (aborted)")
        return Tone::Bad;
    if (backend.isIdleInTransaction())
        return Tone::Warn;
    if (backend.state == "active")
        return backend.isClient() ? Tone::Good : Tone::Accent;
    return Tone::Neutral;
}

QString Words::wait(const Backend &backend)
{
    // An idle client "waits" for its client, and a background process for work: nothing to look at.
    if (backend.wait_event_type.empty() || backend.wait_event_type == "Activity" || backend.wait_event == "ClientRead")
        return {};
    return qt(backend.wait_event_type + ": " + backend.wait_event);
}

QString Words::blockedBy(const Backend &backend)
{
    QStringList pids;
    for (const int pid : backend.blocked_by)
        pids << (pid == 0 ? tr("prepared transaction") : QString::number(pid));
    return pids.join(QStringLiteral(", "));
}

QString Words::who(const Backend &backend)
{
    if (backend.user.empty())
        return qt(backend.backend_type);
    return backend.database.empty() ? qt(backend.user) : qt(backend.user + "@" + backend.database);
}

QString Words::waiting(const Backend &backend)
{
    if (backend.wait_ms < 0)
        return tr("waits");
    return backend.wait_seen ? tr("waits %1").arg(age(backend.wait_ms)) : tr("waits at most %1").arg(age(backend.wait_ms));
}

QString Words::oneLine(const std::string &query)
{
    return qt(query).simplified();
}

QString Words::rate(double per_second)
{
    return tr("%1/s").arg(per_second > 0 && per_second < 10 ? QString::number(per_second, 'f', 1)
                                                           : qt(human::compactCount(per_second)));
}

QString Words::bytesRate(double per_second)
{
    return tr("%1/s").arg(qt(human::bytes(std::llround(per_second))));
}

QString Words::share(double of_one)
{
    const double percent = of_one * 100;
    const bool whole = percent >= 99.95 || percent <= 0;
    return tr("%1 %").arg(QString::number(percent, 'f', whole ? 0 : 1));
}

} // namespace howdah::activity_tool
