// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/health_words.h"

#include "core/base/human.h"

namespace howdah::index_tool {

using index_health::Severity;
using index_health::Use;
using ui::Tone;

QString HealthWords::bytes(std::int64_t bytes)
{
    return qt(human::bytes(bytes));
}

QString HealthWords::count(std::int64_t count)
{
    return qt(human::count(count));
}

QString HealthWords::severity(Severity severity)
{
    switch (severity) {
    case Severity::Serious: return tr("serious");
    case Severity::Warning: return tr("warning");
    case Severity::Info: break;
    }
    return tr("note");
}

Tone HealthWords::tone(Severity severity)
{
    return severity == Severity::Serious ? Tone::Bad : severity == Severity::Warning ? Tone::Warn : Tone::Accent;
}

QString HealthWords::rule(const std::string &name)
{
    for (const index_health::HealthRule &rule : index_health::healthRules()) {
        if (rule.name == name)
            return qt(std::string(rule.title));
    }
    return qt(name);
}

QString HealthWords::meaning(const std::string &name)
{
    for (const index_health::HealthRule &rule : index_health::healthRules()) {
        if (rule.name == name)
            return qt(std::string(rule.meaning));
    }
    return {};
}

QString HealthWords::use(Use use)
{
    switch (use) {
    case Use::Used: return tr("used");
    case Use::Rare: return tr("rarely used");
    case Use::Unused: return tr("unused");
    case Use::Needed: return tr("enforces");
    case Use::Unknown: break;
    }
    return tr("unknown");
}

QString HealthWords::useMeaning(Use use)
{
    switch (use) {
    case Use::Used: return tr("Scanned, and more than once for a thousand writes of its table");
    case Use::Rare: return tr("Scanned less than once for a thousand writes of its table");
    case Use::Unused: return tr("Not scanned since the statistics began");
    case Use::Needed: return tr("Hardly scanned, but it keeps values unique or rows in place");
    case Use::Unknown: break;
    }
    return tr("The server counts no scans (track_counts is off)");
}

Tone HealthWords::tone(Use use)
{
    switch (use) {
    case Use::Used: return Tone::Good;
    case Use::Rare: return Tone::Warn;
    case Use::Unused: return Tone::Bad;
    case Use::Needed: return Tone::Accent;
    case Use::Unknown: break;
    }
    return Tone::Neutral;
}

QString HealthWords::evidence(const index_health::Evidence &evidence)
{
    if (const auto *flag = std::get_if<bool>(&evidence.value))
        return *flag ? tr("yes") : tr("no");
    if (const auto *number = std::get_if<std::int64_t>(&evidence.value))
        return evidence.name.ends_with("bytes") ? bytes(*number) : count(*number);
    if (const auto *number = std::get_if<double>(&evidence.value)) {
        if (evidence.name.ends_with("age_s"))
            return qt(human::duration(*number * 1000));
        return *number == static_cast<double>(static_cast<std::int64_t>(*number)) ? count(static_cast<std::int64_t>(*number)) : QString::number(*number, 'g', 3);
    }
    return qt(std::get<std::string>(evidence.value));
}

QString HealthWords::evidenceName(const std::string &name)
{
    // PostgreSQL's own words; underscores read badly.
    std::string text = name.ends_with("_age_s") ? name.substr(0, name.size() - 2) : name.ends_with("_bytes") ? name.substr(0, name.size() - 6) : name;
    for (char &c : text)
        c = c == '_' ? ' ' : c;
    return qt(text);
}

} // namespace howdah::index_tool
