// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QPointer>

#include "ui/actions/action_registry.h"
#include "ui/actions/palette_source.h"

namespace howdah::ui {

QString ActionSource::title() const
{
    return QCoreApplication::translate("ActionSource", "Action");
}

QString ActionSource::signHint() const
{
    return QCoreApplication::translate("ActionSource", "commands");
}

QList<PaletteItem> ActionSource::items()
{
    registry_.refreshEnabled();
    QList<PaletteItem> items;
    const QList<QAction *> actions = registry_.all();
    for (QAction *action : actions) {
        if (!action->isVisible())
            continue;
        const ActionSpec spec = ActionRegistry::specOf(action);
        PaletteItem item;
        item.id = spec.id;
        // The action's own text, not the spec's: "Show browser" may have become "Hide browser".
        item.title = action->text().remove(QLatin1Char('&'));
        item.path = ActionRegistry::menuTitle(spec.menu);
        item.icon = spec.icon;
        item.shortcut = action->shortcut().toString(QKeySequence::NativeText);
        item.enabled = action->isEnabled();
        item.disabled_reason = registry_.disabledReason(action);
        item.chosen = [pointer = QPointer<QAction>(action)] {
            if (pointer)
                pointer->trigger();
        };
        items.append(std::move(item));
    }
    return items;
}

} // namespace howdah::ui
