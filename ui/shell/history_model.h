// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QAbstractListModel>

#include "core/workspace/statement_history.h"

namespace howdah::ui {

/// Records of the history, the latest first; more are fetched when the view comes to the end.
class HistoryModel : public QAbstractListModel
{
    Q_OBJECT
public:
    static constexpr int page_size = 200;
    using QAbstractListModel::QAbstractListModel;

    void replace(std::vector<workspace::StatementRecord> records);
    void append(std::vector<workspace::StatementRecord> records);
    [[nodiscard]] const workspace::StatementRecord &at(int row) const { return records_[static_cast<std::size_t>(row)]; }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

    [[nodiscard]] static QString when(std::int64_t at_ms);
    /// "3 rows · 12 ms · shop", "failed: column … does not exist · shop".
    [[nodiscard]] static QString outcome(const workspace::StatementRecord &record);

Q_SIGNALS:
    void moreWanted(qint64 before_id);

private:
    std::vector<workspace::StatementRecord> records_;
    bool more_ = false;
    bool asked_ = false;
};

} // namespace howdah::ui
