// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/history_model.h"

#include <QDateTime>
#include <QLocale>

#include "core/base/human.h"

namespace howdah::ui {

void HistoryModel::replace(std::vector<workspace::StatementRecord> records)
{
    beginResetModel();
    more_ = records.size() == std::size_t{page_size};
    asked_ = false;
    records_ = std::move(records);
    endResetModel();
}

void HistoryModel::append(std::vector<workspace::StatementRecord> records)
{
    more_ = records.size() == std::size_t{page_size};
    asked_ = false;
    if (records.empty())
        return;
    const int first = rowCount();
    beginInsertRows({}, first, first + static_cast<int>(records.size()) - 1);
    records_.insert(records_.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
    endInsertRows();
}

int HistoryModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(records_.size());
}

bool HistoryModel::canFetchMore(const QModelIndex &parent) const
{
    return !parent.isValid() && more_ && !asked_;
}

void HistoryModel::fetchMore(const QModelIndex &parent)
{
    if (!canFetchMore(parent) || records_.empty())
        return;
    asked_ = true;
    Q_EMIT moreWanted(records_.back().id);
}

QString HistoryModel::when(std::int64_t at_ms)
{
    const QDateTime at = QDateTime::fromMSecsSinceEpoch(at_ms);
    const QDate today = QDate::currentDate();
    if (at.date() == today)
        return at.toString(QStringLiteral("HH:mm:ss"));
    if (at.date() == today.addDays(-1))
        return tr("yesterday %1").arg(at.toString(QStringLiteral("HH:mm")));
    return at.toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString HistoryModel::outcome(const workspace::StatementRecord &record)
{
    QStringList words;
    if (record.sqlstate == "57014")
        words << tr("cancelled");
    else if (!record.sqlstate.empty() || !record.message.empty())
        words << tr("failed: %1").arg(QString::fromStdString(record.message));
    else if (record.duration_ms)
        words << (record.rows == 1 ? tr("1 row") : tr("%1 rows").arg(QString::fromStdString(human::count(record.rows))));
    else
        words << tr("no end known");
    if (record.duration_ms)
        words << QString::fromStdString(human::duration(*record.duration_ms));
    if (!record.connection.empty())
        words << QString::fromStdString(record.connection);
    return words.join(QStringLiteral(" · "));
}

QVariant HistoryModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const workspace::StatementRecord &record = at(index.row());
    constexpr std::size_t shown_bytes = 400; // a script of megabytes is one line here
    switch (role) {
    case Qt::DisplayRole:
        return QString::fromUtf8(record.text.data(), static_cast<qsizetype>(std::min(record.text.size(), shown_bytes)))
            .simplified();
    case Qt::ToolTipRole:
        return QString::fromStdString(record.text).left(2'000);
    case Qt::AccessibleTextRole:
        return data(index, Qt::DisplayRole).toString() + QStringLiteral(", ") + outcome(record);
    default:
        return {};
    }
}

} // namespace howdah::ui
