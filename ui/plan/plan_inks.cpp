// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_inks.h"

#include <algorithm>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

using Ranges = QList<QTextLayout::FormatRange>;

constexpr qsizetype most_columns = 4'000; // of a line; nobody reads on

void ink(Ranges &ranges, qsizetype from, qsizetype to, const QColor &color)
{
    if (to <= from)
        return;
    QTextLayout::FormatRange range;
    range.start = static_cast<int>(from);
    range.length = static_cast<int>(to - from);
    range.format.setForeground(color);
    ranges << range;
}

/// Offset behind the string that opens at `at`, doubled quotes being part of it.
qsizetype stringEnd(const QString &line, qsizetype at, QChar quote, bool escapes)
{
    for (qsizetype i = at + 1; i < line.size(); ++i) {
        if (escapes && line.at(i) == QLatin1Char('\\'))
            ++i;
        else if (line.at(i) == quote)
            return i + 1;
    }
    return line.size();
}

void inkLiterals(Ranges &ranges, const QString &line, qsizetype from)
{
    const qsizetype end = std::min(line.size(), most_columns);
    for (qsizetype at = line.indexOf(QLatin1Char('\''), from); at >= 0 && at < end; at = line.indexOf(QLatin1Char('\''), at)) {
        const qsizetype after = stringEnd(line, at, QLatin1Char('\''), false);
        ink(ranges, at, after, colors().good_ink);
        at = after;
    }
}

/// "->  Hash Left Join on t  (cost=…) (actual …)".
void inkHead(Ranges &ranges, const QString &line, qsizetype from)
{
    const Colors &c = colors();
    const qsizetype figures = line.indexOf(QStringLiteral("  ("), from);
    const qsizetype end = figures < 0 ? line.size() : figures;
    qsizetype label = end;
    for (const QString &word : {QStringLiteral(" using "), QStringLiteral(" on ")}) {
        const qsizetype at = line.indexOf(word, from);
        if (at >= 0 && at < label)
            label = at;
    }
    ink(ranges, from, label, c.accent_ink);
    if (figures < 0)
        return;
    const qsizetype cost = line.indexOf(QStringLiteral("(cost="), figures);
    if (cost >= 0)
        ink(ranges, cost, line.indexOf(QLatin1Char(')'), cost) + 1, c.dim);
    const qsizetype never = line.indexOf(QStringLiteral("(never executed)"), figures);
    if (never >= 0)
        ink(ranges, never, line.size(), c.dim);
}

bool isCostly(const QString &line, qsizetype from, qsizetype colon)
{
    const QStringView key = QStringView(line).mid(from, colon - from);
    const QStringView value = QStringView(line).mid(colon + 1);
    if (key.startsWith(QStringLiteral("Rows Removed")) || key == QStringLiteral("Disabled"))
        return true;
    if (key == QStringLiteral("Heap Fetches"))
        return value.trimmed() != QStringLiteral("0");
    if (key == QStringLiteral("Buffers"))
        return value.contains(QStringLiteral("temp"));
    return value.contains(QStringLiteral("Disk: ")) || value.contains(QStringLiteral("Disk Usage: ")) || value.contains(QStringLiteral("lossy="));
}

} // namespace

Ranges planTextInks(const QString &line)
{
    const Colors &c = colors();
    Ranges ranges;
    qsizetype from = 0;
    while (from < line.size() && line.at(from) == QLatin1Char(' '))
        ++from;
    if (from == line.size())
        return ranges;
    const QStringView text = QStringView(line).mid(from);
    if (text.startsWith(QStringLiteral("->"))) {
        ink(ranges, from, from + 2, c.dim);
        inkHead(ranges, line, from + 4);
        return ranges;
    }
    const qsizetype colon = line.indexOf(QLatin1Char(':'), from);
    if (line.contains(QStringLiteral("  (cost=")) || line.contains(QStringLiteral("  (actual "))) {
        inkHead(ranges, line, from);
    } else if (colon > 0 && (colon + 1 == line.size() || line.at(colon + 1) == QLatin1Char(' '))) {
        const bool costly = isCostly(line, from, colon);
        ink(ranges, from, colon + 1, costly ? c.warn_ink : c.dim);
        if (costly)
            ink(ranges, colon + 1, line.size(), c.warn_ink);
        else
            inkLiterals(ranges, line, colon);
    } else if (text.startsWith(QStringLiteral("CTE ")) || text.startsWith(QStringLiteral("InitPlan ")) || text.startsWith(QStringLiteral("SubPlan "))) {
        ink(ranges, from, line.size(), c.accent_ink);
    } else if (from == 0) {
        inkHead(ranges, line, 0); // the root without its figures
    }
    return ranges;
}

Ranges jsonInks(const QString &line)
{
    const Colors &c = colors();
    Ranges ranges;
    const qsizetype end = std::min(line.size(), most_columns);
    for (qsizetype at = 0; at < end;) {
        if (line.at(at) == QLatin1Char('"')) {
            const qsizetype after = stringEnd(line, at, QLatin1Char('"'), true);
            qsizetype next = after;
            while (next < line.size() && line.at(next) == QLatin1Char(' '))
                ++next;
            const bool key = next < line.size() && line.at(next) == QLatin1Char(':');
            ink(ranges, at, after, key ? c.accent_ink : c.good_ink);
            at = after;
        } else if (line.at(at).isLetter()) {
            qsizetype after = at;
            while (after < end && line.at(after).isLetter())
                ++after;
            ink(ranges, at, after, c.warn_ink); // true, false, null
            at = after;
        } else {
            ++at;
        }
    }
    return ranges;
}

} // namespace howdah::ui
