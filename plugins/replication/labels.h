// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

#include "ui/base/palette.h"

namespace howdah::replication_tool {

/// Words that wrap and can be copied; `role` as the palette's style knows it.
[[nodiscard]] inline QLabel *wrapped(const QString &text, const char *role = nullptr)
{
    auto *label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    if (role != nullptr)
        label->setProperty("role", QString::fromLatin1(role));
    return label;
}

/// The same as the head of a card.
[[nodiscard]] inline QLabel *heading(const QString &text)
{
    QLabel *label = wrapped(text);
    QFont bold = ui::textFont();
    bold.setWeight(QFont::DemiBold);
    label->setFont(bold);
    return label;
}

} // namespace howdah::replication_tool
