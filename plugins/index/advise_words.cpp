// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/advise_words.h"

#include <cmath>
#include <string_view>

#include <QDateTime>
#include <QLocale>

#include "core/base/human.h"

namespace howdah::index_tool {

using index::Proof;
using ui::Tone;

QString AdviseWords::bytes(double bytes)
{
    return qt(human::bytes(static_cast<std::int64_t>(bytes)));
}

QString AdviseWords::cost(double cost)
{
    return qt(cost < 10 ? human::compactCount(std::round(cost * 10) / 10) : cost < 100'000 ? human::count(std::llround(cost)) : human::compactCount(cost));
}

QString AdviseWords::share(double part, double whole)
{
    if (whole <= 0)
        return {};
    const double percent = 100 * part / whole;
    return percent < 9.95 ? QStringLiteral("%1 %").arg(percent, 0, 'f', 1) : QStringLiteral("%1 %").arg(std::lround(percent));
}

QString AdviseWords::duration(double ms)
{
    return qt(human::duration(ms));
}

QString AdviseWords::change(double before, double after)
{
    if (before <= 0 || after <= 0)
        return {};
    if (after > before * 0.98 && after < before * 1.02)
        return tr("same");
    return after < before ? tr("%1 less").arg(qt(human::factor(before / after))) : tr("%1 more").arg(qt(human::factor(after / before)));
}

Tone AdviseWords::changeTone(double before, double after)
{
    return after < before * 0.9 ? Tone::Good : after > before * 1.02 ? Tone::Bad : Tone::Neutral;
}

QString AdviseWords::proof(Proof proof)
{
    switch (proof) {
    case Proof::Estimated: return tr("estimated");
    case Proof::Probe: return tr("probe");
    case Proof::WhatIf: return tr("what-if");
    case Proof::Sample: return tr("measured on a sample");
    case Proof::Copy: break;
    }
    return tr("measured on a copy");
}

QString AdviseWords::shortProof(Proof proof)
{
    return proof == Proof::Sample || proof == Proof::Copy ? tr("measured") : AdviseWords::proof(proof);
}

QString AdviseWords::proofMeaning(Proof proof)
{
    switch (proof) {
    case Proof::Estimated: return tr("Worked out from statistics and the plan without it. Measure on samples to be sure.");
    case Proof::Probe: return tr("The table was looked at, range by range: how many block ranges a BRIN index would leave to be read.");
    case Proof::WhatIf: return tr("The planner planned the queries with a hypothetical index (HypoPG), and took it.");
    case Proof::Sample: return tr("Really built on a sample of the table, and used there.");
    case Proof::Copy: break;
    }
    return tr("Really built on a copy of the whole table, and used there.");
}

Tone AdviseWords::proofTone(Proof proof)
{
    switch (proof) {
    case Proof::Estimated: return Tone::Warn;
    case Proof::Probe:
    case Proof::WhatIf: return Tone::Accent;
    case Proof::Sample:
    case Proof::Copy: break;
    }
    return Tone::Good;
}

QString AdviseWords::step(const char *step)
{
    const std::string_view name(step);
    if (name == "reading")
        return tr("Reading tables, indexes and statistics");
    if (name == "planning")
        return tr("Planning the queries as they are");
    if (name == "choosing")
        return tr("Looking for the best set");
    if (name == "measuring")
        return tr("Building on samples and running queries");
    return qt(std::string(name));
}

QString AdviseWords::size(const index::AdvisedIndex &index)
{
    return index.candidate.size_measured ? bytes(static_cast<double>(index.size_bytes)) : tr("~ %1").arg(bytes(static_cast<double>(index.size_bytes)));
}

QString AdviseWords::verdict(const std::string &verdict)
{
    if (verdict == "helped")
        return tr("helped");
    if (verdict == "partly")
        return tr("partly");
    if (verdict.empty())
        return tr("not looked at");
    return tr("did not help");
}

Tone AdviseWords::verdictTone(const std::string &verdict)
{
    return verdict == "helped" ? Tone::Good : verdict == "partly" ? Tone::Warn : verdict.empty() ? Tone::Neutral : Tone::Bad;
}

QString AdviseWords::time(std::int64_t at_ms)
{
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(at_ms), QLocale::ShortFormat);
}

QString AdviseWords::shortDdl(const std::string &ddl)
{
    const std::size_t on = ddl.find(" ON ");
    std::string text = on == std::string::npos ? ddl : ddl.substr(on + 4);
    if (text.starts_with("public."))
        text.erase(0, 7);
    if (const std::size_t btree = text.find(" USING btree"); btree != std::string::npos)
        text.erase(btree, std::string_view(" USING btree").size());
    return qt(text);
}

} // namespace howdah::index_tool
