// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "plugins/index/details_panel.h"
#include "plugins/index/verify_models.h"

namespace howdah::index_tool {

/// An index that was built, or a query before and after, in full.
class JudgedDetails : public DetailsPanel
{
    Q_OBJECT
public:
    explicit JudgedDetails(QWidget *parent = nullptr);
    void showIndex(const BuiltRow &row);
    void showQuery(const FaredRow &row);

Q_SIGNALS:
    void plansRequested(std::size_t at); ///< of Applied::before
};

} // namespace howdah::index_tool
