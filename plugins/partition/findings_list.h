// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/partition/check.h"

class QVBoxLayout;

namespace howdah::partition_tool {

/// What is wrong with a partitioned table, a card each, with the button that shows the script which mends it.
class FindingsList : public QWidget
{
    Q_OBJECT
public:
    explicit FindingsList(QWidget *parent = nullptr);
    void setFindings(std::vector<partition::Finding> findings, bool may_change);
    [[nodiscard]] const std::vector<partition::Finding> &findings() const { return findings_; }

Q_SIGNALS:
    void fixRequested(std::size_t finding);

private:
    [[nodiscard]] QWidget *makeCard(std::size_t index, bool may_change);

    std::vector<partition::Finding> findings_;
    QVBoxLayout *cards_ = nullptr;
};

} // namespace howdah::partition_tool
