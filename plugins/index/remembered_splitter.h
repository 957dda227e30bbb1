// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSplitter>

#include "ui/settings/settings.h"

namespace howdah::index_tool {

/// Two widgets with a handle between them, whose place is remembered.
inline QSplitter *rememberedSplitter(Qt::Orientation orientation, const QString &key, const QList<int> &sizes, QWidget *first, QWidget *second)
{
    auto *splitter = new QSplitter(orientation);
    splitter->addWidget(first);
    splitter->addWidget(second);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes(sizes);
    splitter->restoreState(ui::Settings::instance().remembered(key).toByteArray());
    QObject::connect(splitter, &QSplitter::splitterMoved, splitter, [splitter, key] { ui::Settings::instance().remember(key, splitter->saveState()); });
    return splitter;
}

} // namespace howdah::index_tool
