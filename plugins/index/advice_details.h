// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/index/why.h"
#include "plugins/index/advice_models.h"
#include "plugins/index/details_panel.h"

namespace howdah::index_tool {

/// An advised index, a query, a remark or the answer to "why not?", in full.
class AdviceDetails : public DetailsPanel
{
    Q_OBJECT
public:
    explicit AdviceDetails(QWidget *parent = nullptr);
    void showIndex(const AdvisedRow &row);
    void showQuery(const QueryRow &row);
    void showRemark(const Remark &remark);
    void showWhy(const index::Why &why);
    void showRefusal(const QString &ddl, const Error &error);

Q_SIGNALS:
    void queryRequested(std::size_t at); ///< of Advice::queries: to be shown
    void plansRequested(std::size_t at); ///< of Advice::queries: its plans before and after
    void indexRequested(std::size_t at); ///< of Advice::indexes
};

} // namespace howdah::index_tool
