// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/activity/activity.h"
#include "ui/table/keyed_model.h"

namespace howdah::activity_tool {

using SessionsModel = ui::KeyedModel<activity::Backend>;

/// The columns of the sessions table.
[[nodiscard]] std::vector<ui::KeyedColumn<activity::Backend>> sessionColumns();
/// pid and start: what makes it this session.
[[nodiscard]] QString sessionKey(const activity::Backend &backend);

/// Something that keeps old row versions or holds up others: a long transaction, a prepared one, a slot.
struct Holder {
    enum class Kind { Session, Prepared, Slot };
    Kind kind = Kind::Session;
    QString key;
    QString what;          ///< "4411 · ann@shop", the gid, the slot's name
    QString state;
    ui::Tone tone = ui::Tone::Neutral;
    double age_ms = -1;
    std::int64_t xmin_age = -1;
    QString effect;        ///< what it keeps others from
    int pid = 0;
};
using HoldersModel = ui::KeyedModel<Holder>;

[[nodiscard]] std::vector<ui::KeyedColumn<Holder>> holderColumns();
/// Transactions open for at least `least_ms`, all prepared ones and the slots read.
[[nodiscard]] std::vector<Holder> holdersOf(const activity::Activity &now, double least_ms);

} // namespace howdah::activity_tool
