// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/plan/plan_history_models.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QDateTime>
#include <QLocale>

#include "core/base/human.h"
#include "ui/base/palette.h"
#include "ui/base/tone.h"

namespace howdah::plan_tool {

using namespace howdah::ui;

namespace {

QString timeText(std::int64_t at_ms)
{
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(at_ms), QLocale::ShortFormat);
}

QString durationText(const std::optional<double> &ms)
{
    return ms ? QString::fromStdString(human::duration(*ms)) : QString();
}

QString of(const std::string &text)
{
    return QString::fromStdString(text);
}

} // namespace

void HistoryQueryModel::setQueries(std::vector<plan::HistoryQuery> queries)
{
    beginResetModel();
    queries_ = std::move(queries);
    endResetModel();
}

int HistoryQueryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(queries_.size());
}

int HistoryQueryModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant HistoryQueryModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const plan::HistoryQuery &each = query(index.row());
    const bool text = role == Qt::DisplayRole, sort = role == sort_role;
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((index.column() == Statement ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() == Statement)
        return of(each.statement).left(2'000);
    if (role == Qt::ForegroundRole && index.column() == Flips && each.flips > 0)
        return toneInk(Tone::Warn);
    if (!text && !sort)
        return {};
    switch (index.column()) {
    case Statement:
        return of(each.statement).simplified().left(300);
    case Runs:
        return static_cast<qint64>(each.runs);
    case Shapes:
        return static_cast<qint64>(each.shapes);
    case Flips:
        return sort || each.flips > 0 ? QVariant(static_cast<qint64>(each.flips)) : QVariant();
    case Last:
        return sort ? QVariant(static_cast<qint64>(each.last_at_ms)) : QVariant(timeText(each.last_at_ms));
    case Took:
        return sort ? QVariant(each.last_execution_ms.value_or(-1)) : QVariant(durationText(each.last_execution_ms));
    case Best:
        return sort ? QVariant(each.best_execution_ms.value_or(-1)) : QVariant(durationText(each.best_execution_ms));
    default:
        return {};
    }
}

QVariant HistoryQueryModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const std::array<QString, ColumnCount> titles{tr("Statement"), tr("Runs"), tr("Shapes"), tr("Flips"), tr("Last"), tr("Took"), tr("Best")};
    const std::array<QString, ColumnCount> tips{tr("As it ran last; constants do not tell statements apart"), tr("Plans that were kept"),
                                                tr("Different plans among them"), tr("How often the plan changed from one run to the next"),
                                                tr("When it was explained last"), tr("Execution time of the last run"),
                                                tr("The shortest execution time")};
    if (role == Qt::DisplayRole)
        return titles[static_cast<std::size_t>(section)];
    if (role == Qt::ToolTipRole)
        return tips[static_cast<std::size_t>(section)];
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((section == Statement ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    return {};
}

void HistoryRunModel::setRuns(std::vector<plan::HistoryEntry> runs)
{
    beginResetModel();
    runs_ = std::move(runs);
    shapes_.assign(runs_.size(), 0);
    std::vector<std::uint64_t> known;
    for (std::size_t i = runs_.size(); i-- > 0;) {
        const auto found = std::find(known.begin(), known.end(), runs_[i].shape);
        shapes_[i] = static_cast<int>(found - known.begin()) + 1;
        if (found == known.end())
            known.push_back(runs_[i].shape);
    }
    endResetModel();
}

int HistoryRunModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(runs_.size());
}

int HistoryRunModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant HistoryRunModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const plan::HistoryEntry &each = run(index.row());
    const bool figure = index.column() == Execution || index.column() == Planning || index.column() == Cost;
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((figure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ForegroundRole && index.column() == Shape && each.flip)
        return toneInk(Tone::Warn);
    if (role == Qt::ToolTipRole && index.column() == Shape && each.flip)
        return tr("The run before it on that server had another plan");
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Time:
        return timeText(each.at_ms);
    case Shape: {
        const int number = shapes_[static_cast<std::size_t>(index.row())];
        return each.flip ? tr("plan %1, flipped").arg(number) : tr("plan %1").arg(number);
    }
    case Execution:
        return each.execution_ms ? durationText(each.execution_ms) : tr("not run");
    case Planning:
        return durationText(each.planning_ms);
    case Cost:
        return QString::fromStdString(human::count(std::llround(each.total_cost)));
    case Parameters: {
        QStringList values;
        for (const std::string &value : each.parameters)
            values << of(value);
        return values.join(QStringLiteral(", "));
    }
    case Server:
        return of(each.server);
    default:
        return {};
    }
}

QVariant HistoryRunModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const std::array<QString, ColumnCount> titles{tr("Run"), tr("Plan"), tr("Execution"), tr("Planning"), tr("Cost"), tr("Values"), tr("Server")};
    const bool figure = section == Execution || section == Planning || section == Cost;
    if (role == Qt::DisplayRole)
        return titles[static_cast<std::size_t>(section)];
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>((figure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

} // namespace howdah::plan_tool
