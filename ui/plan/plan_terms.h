// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

#include "core/plan/model.h"

namespace howdah::ui {

/// What the words of a plan mean, each in a sentence or two, after PostgreSQL's documentation ("Using EXPLAIN",
/// "EXPLAIN", "Parallel Plans", "Resource Consumption").
class PlanTerms
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::PlanTerms)
public:
    /// What such a node does; "" for types that are not known here.
    [[nodiscard]] static QString node(const plan::Node &node);
    /// A property as EXPLAIN names it ("Rows Removed by Filter") or a word of ours ("Alone"); "" when not known.
    [[nodiscard]] static QString term(const QString &name);
};

} // namespace howdah::ui
