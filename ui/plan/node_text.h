// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QCoreApplication>
#include <QString>

#include "core/plan/metrics.h"
#include "core/plan/model.h"
#include "ui/base/tone.h"

namespace howdah::ui {

/// What the view says about nodes, in words. No state: a node and its figures in, texts out.
class NodeText
{
    Q_DECLARE_TR_FUNCTIONS(howdah::ui::NodeText)
public:
    struct Said {
        QString text;
        Tone tone = Tone::Neutral;
    };
    struct Property {
        QString name, value;
        bool is_code = false; ///< expressions and names: monospaced
        QString derivation = {}; ///< how the figure came about; "" for what the plan just says
    };
    struct Group {
        QString title;
        std::vector<Property> properties;
    };

    /// "Seq Scan on orders o": in lists, tooltips and for screen readers.
    [[nodiscard]] static QString name(const plan::Node &node);
    /// "InitPlan 1", "CTE c": the name of a subplan without what it returns.
    [[nodiscard]] static QString subplan(const plan::Node &node);
    /// The second line of a card: what it works on, or the condition or key that it is about.
    [[nodiscard]] static QString detail(const plan::Node &node);
    /// "740 → 8 900 rows", "~740 rows".
    [[nodiscard]] static QString rows(const plan::Node &node, const plan::NodeMetrics &metrics);
    /// "exact", "↑ 12×", "↓ 3.1×"; empty where nothing can be said.
    [[nodiscard]] static Said estimate(const plan::NodeMetrics &metrics);
    /// The one thing worth a warning on the card: spills, many rows removed, missing workers …; often empty.
    [[nodiscard]] static Said remark(const plan::Plan &plan, const plan::Metrics &metrics, plan::NodeId id);
    /// All that is known of the node.
    [[nodiscard]] static std::vector<Group> properties(const plan::Plan &plan, const plan::Metrics &metrics,
                                                       plan::NodeId id);
    /// The same as plain text, to copy.
    [[nodiscard]] static QString plainText(const plan::Plan &plan, const plan::Metrics &metrics, plan::NodeId id);
    /// One sentence for screen readers and tooltips.
    [[nodiscard]] static QString summary(const plan::Plan &plan, const plan::Metrics &metrics, plan::NodeId id);

    [[nodiscard]] static QString duration(double ms);
    [[nodiscard]] static QString percent(double share);
    [[nodiscard]] static QString count(double value);
    [[nodiscard]] static QString rowCount(double value); ///< "1 row", "8 900 rows"
    [[nodiscard]] static QString blocks(std::int64_t count); ///< "41 MB (5 248)"
};

/// Tone of a share of the whole time or cost.
[[nodiscard]] Tone shareTone(double share);
/// Tone of an estimate that is wrong by this factor.
[[nodiscard]] Tone factorTone(const plan::NodeMetrics &metrics);

} // namespace howdah::ui
