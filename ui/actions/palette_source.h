// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QList>
#include <QString>

namespace howdah::ui {

class ActionRegistry;

/// One thing that the command palette can find.
struct PaletteItem {
    QString id;          ///< stable over runs: recent choices are remembered by it; unique within the source
    QString title;       ///< "Explain analyze", "orders"
    QString path;        ///< where it stands: "Query", "public"; dim, found as well
    QString icon;        ///< file name in resources/icons without ".svg"
    QString shortcut;    ///< as it is shown, "" for none
    bool enabled = true;
    QString disabled_reason; ///< why not, when it is not enabled
    std::function<void()> chosen;
};

/// Where items come from: actions, tables, tabs, connections. Asked on the GUI thread each time the palette opens,
/// one source a turn of the event loop, so items() must answer from memory.
class PaletteSource
{
public:
    virtual ~PaletteSource() = default;
    /// What an item of it is, as said at the right of a row: "Table", "Open tab".
    [[nodiscard]] virtual QString title() const = 0;
    [[nodiscard]] virtual QList<PaletteItem> items() = 0;
    /// Typed first, it leaves only the sources with the same sign: "@", "#" …; null for none.
    [[nodiscard]] virtual QChar sign() const { return {}; }
    /// What the sign's hint calls them: "objects". Sources with one sign have one word.
    [[nodiscard]] virtual QString signHint() const { return {}; }
    /// Too many to stand among the others: asked for only when the sign is typed.
    [[nodiscard]] virtual bool onlyBySign() const { return false; }
};

/// The actions of the window, with the menu as their path.
class ActionSource final : public PaletteSource
{
public:
    explicit ActionSource(ActionRegistry &registry) : registry_(registry) { }
    [[nodiscard]] QString title() const override;
    [[nodiscard]] QList<PaletteItem> items() override;
    [[nodiscard]] QChar sign() const override { return QLatin1Char('>'); }
    [[nodiscard]] QString signHint() const override;

private:
    ActionRegistry &registry_;
};

} // namespace howdah::ui
