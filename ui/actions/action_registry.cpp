// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions/action_registry.h"

#include <exception>
#include <utility>

#include <QWidget>

#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

constexpr const char *spec_property = "howdah.spec";

/// The name, its shortcut beside it and, on a line of its own, what it does.
QString toolTipOf(const ActionSpec &spec)
{
    QString name = spec.text;
    name.remove(QLatin1Char('&'));
    QString text = QStringLiteral("<b>%1</b>").arg(name.toHtmlEscaped());
    if (!spec.shortcut.isEmpty())
        text += QStringLiteral("&nbsp;&nbsp;%1").arg(spec.shortcut.toString(QKeySequence::NativeText).toHtmlEscaped());
    if (!spec.tooltip.isEmpty())
        text += QStringLiteral("<br>%1").arg(spec.tooltip.toHtmlEscaped());
    return text;
}

bool isEnabled(const ActionSpec &spec)
{
    return !spec.enabled || spec.enabled();
}

} // namespace

ActionRegistry::ActionRegistry(QWidget *window) : QObject(window), window_(window) { }

bool ActionRegistry::isAcceptable(const ActionSpec &spec) const
{
    if (spec.id.isEmpty() || by_id_.contains(spec.id)) {
        qWarning("Action \"%s\" (%s) is refused: its id is empty or taken", qUtf8Printable(spec.id),
                 qUtf8Printable(spec.text));
        return false;
    }
    if (spec.shortcut.isEmpty())
        return true;
    for (const QAction *other : actions_) {
        const QKeySequence taken = other->shortcut();
        // A shortcut that begins a longer one would make the longer one ambiguous.
        if (!taken.isEmpty() && (taken.matches(spec.shortcut) != QKeySequence::NoMatch
                                 || spec.shortcut.matches(taken) != QKeySequence::NoMatch)) {
            qWarning("Action \"%s\" is refused: its shortcut %s belongs to \"%s\"", qUtf8Printable(spec.id),
                     qUtf8Printable(spec.shortcut.toString()), qUtf8Printable(specOf(other).id));
            return false;
        }
    }
    return true;
}

QAction *ActionRegistry::add(const ActionSpec &spec, std::function<void()> triggered)
{
    if (!isAcceptable(spec))
        return nullptr;
    auto *action = new QAction(spec.text, this);
    action->setObjectName(spec.id);
    // Buttons set the text hard against the icon.
    action->setIconText(QLatin1Char(' ') + spec.text);
    if (!spec.icon.isEmpty())
        action->setIcon(icon(spec.icon));
    action->setShortcut(spec.shortcut);
    action->setShortcutContext(Qt::WindowShortcut);
    action->setToolTip(toolTipOf(spec));
    action->setStatusTip(spec.tooltip);
    // Else a mac-like heuristic moves "Settings…" and "About" by their texts.
    action->setMenuRole(QAction::NoRole);
    action->setProperty(spec_property, QVariant::fromValue(spec));
    action->setEnabled(isEnabled(spec));
    connect(action, &QAction::triggered, this,
            [this, action, run_it = std::move(triggered)] { run(action, run_it); });
    actions_.append(action);
    by_id_.insert(spec.id, action);
    window_->addAction(action);
    Q_EMIT added(action);
    return action;
}

/// The state may have changed since it was last asked for; the answer of now decides.
void ActionRegistry::run(QAction *action, const std::function<void()> &triggered)
{
    const ActionSpec spec = specOf(action);
    if (!isEnabled(spec)) {
        action->setEnabled(false);
        return;
    }
    if (!triggered)
        return;
    try {
        triggered();
    } catch (const std::exception &error) {
        qWarning("Action \"%s\" failed: %s", qUtf8Printable(spec.id), error.what());
        Q_EMIT failed(action, QString::fromUtf8(error.what()));
    } catch (...) {
        qWarning("Action \"%s\" failed", qUtf8Printable(spec.id));
        Q_EMIT failed(action, tr("unknown exception"));
    }
}

QAction *ActionRegistry::action(const QString &id) const
{
    return by_id_.value(id);
}

QList<QAction *> ActionRegistry::all() const
{
    return actions_;
}

QList<QAction *> ActionRegistry::inMenu(const QString &menu) const
{
    QList<QAction *> found;
    for (QAction *action : actions_) {
        if (specOf(action).menu == menu)
            found.append(action);
    }
    return found;
}

QList<QAction *> ActionRegistry::onSqlToolbar() const
{
    QList<QAction *> found;
    for (QAction *action : actions_) {
        if (specOf(action).on_sql_toolbar)
            found.append(action);
    }
    return found;
}

void ActionRegistry::refreshEnabled()
{
    for (QAction *action : actions_)
        action->setEnabled(isEnabled(specOf(action)));
}

void ActionRegistry::setDisabledReason(std::function<QString(const ActionSpec &)> reason)
{
    reason_ = std::move(reason);
}

QString ActionRegistry::disabledReason(const QAction *action) const
{
    if (action->isEnabled())
        return {};
    const QString reason = reason_ ? reason_(specOf(action)) : QString();
    return reason.isEmpty() ? tr("Not available now") : reason;
}

ActionSpec ActionRegistry::specOf(const QAction *action)
{
    return action != nullptr ? action->property(spec_property).value<ActionSpec>() : ActionSpec();
}

QString ActionRegistry::menuTitle(const QString &menu)
{
    const std::pair<QLatin1StringView, QString> titles[] = {
        {QLatin1StringView("file"), tr("File")}, {QLatin1StringView("edit"), tr("Edit")},
        {QLatin1StringView("query"), tr("Query")}, {QLatin1StringView("view"), tr("View")},
        {QLatin1StringView("tools"), tr("Tools")}, {QLatin1StringView("help"), tr("Help")}};
    for (const auto &[id, title] : titles) {
        if (menu == id)
            return title;
    }
    return menu;
}

} // namespace howdah::ui
