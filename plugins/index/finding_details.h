// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/index/details_panel.h"
#include "plugins/index/health_models.h"

namespace howdah::index_tool {

/// A finding or an index in full: why, by which evidence, which statements would change it and which bring it back.
class FindingDetails : public DetailsPanel
{
    Q_OBJECT
public:
    explicit FindingDetails(QWidget *parent = nullptr);
    void showFinding(const FindingRow &row);
    void showIndex(const IndexRow &row);
    /// Several findings: their sum.
    void showFindings(const std::vector<FindingRow> &rows);

Q_SIGNALS:
    void findingRequested(std::size_t at); ///< of the report, from an index's facts
};

} // namespace howdah::index_tool
