// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include <QString>

#include "core/base/human.h"
#include "core/replication/alerts.h"
#include "ui/base/tone.h"

namespace howdah::replication_tool {

[[nodiscard]] inline QString qt(const std::string &text)
{
    return QString::fromStdString(text);
}

/// "" below 0.
[[nodiscard]] inline QString bytesText(std::int64_t bytes)
{
    return bytes < 0 ? QString() : qt(human::bytes(bytes));
}

[[nodiscard]] inline QString timeText(double milliseconds)
{
    return milliseconds < 0 ? QString() : qt(human::duration(milliseconds));
}

[[nodiscard]] inline ui::Tone toneOf(replication::LinkState state)
{
    return state == replication::LinkState::Good ? ui::Tone::Good : state == replication::LinkState::Behind ? ui::Tone::Warn : ui::Tone::Bad;
}

[[nodiscard]] inline ui::Tone toneOf(replication::Severity severity)
{
    return severity == replication::Severity::Critical ? ui::Tone::Bad : severity == replication::Severity::Warning ? ui::Tone::Warn : ui::Tone::Accent;
}

} // namespace howdah::replication_tool
