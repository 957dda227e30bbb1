// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <vector>

#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QVariant>

#include "ui/base/palette.h"

class QSettings;

namespace howdah::ui {

/// What the settings dialog shows of a setting, and what a stored value must look like.
struct SettingInfo {
    QString key;             ///< "editor/font_size": group and name in the INI file
    QString group;           ///< heading in the dialog
    QString title;
    QString explanation;     ///< one sentence: what it changes
    QVariant standard;       ///< the default; its type is the setting's type (bool, int, QString)
    int low = 0;             ///< whole numbers: the range …
    int high = 0;
    int step = 1;
    QString unit;            ///< … and what stands behind the number: " px", " MB"
    QStringList choices;     ///< texts: the values allowed …
    QStringList choice_titles; ///< … and how the dialog names them
};

/// One typed setting. T is bool, int or QString.
template <typename T>
struct Setting {
    const SettingInfo *info;
};

/// All settings, kept in settings.ini in the user's configuration folder (core/base/paths.h). A value that is missing,
/// of another type or out of range reads as the default. GUI thread only.
class Settings : public QObject
{
    Q_OBJECT
public:
    /// The ones of this user; the file is opened on the first call.
    [[nodiscard]] static Settings &instance();
    explicit Settings(const QString &file, QObject *parent = nullptr);
    ~Settings() override;

    [[nodiscard]] static Setting<QString> theme();          ///< "system", "light", "dark"
    [[nodiscard]] static Setting<int> editorFontSize();     ///< px
    [[nodiscard]] static Setting<bool> completeWhileTyping();
    [[nodiscard]] static Setting<bool> lintWhileTyping();
    [[nodiscard]] static Setting<int> maxRows();            ///< of one result
    [[nodiscard]] static Setting<bool> stopOnError();       ///< of a script
    [[nodiscard]] static Setting<int> resultMemory();       ///< MB of one result, the rest goes to a temporary file
    [[nodiscard]] static Setting<bool> restoreTabs();
    [[nodiscard]] static Setting<QString> formatKeywords(); ///< "upper", "lower", "keep"
    [[nodiscard]] static Setting<int> formatWidth();        ///< columns
    [[nodiscard]] static Setting<int> formatIndent();       ///< blanks
    [[nodiscard]] static Setting<bool> confirmOnProduction();
    [[nodiscard]] static Setting<int> idleTransaction();    ///< seconds until a page says so loudly
    [[nodiscard]] static Setting<bool> keepPlans();         ///< in the history of plans
    [[nodiscard]] static Setting<bool> watchClipboard();    ///< for plans
    [[nodiscard]] static Setting<int> whatIfRuns();         ///< of each side
    [[nodiscard]] static Setting<int> whatIfBuild();        ///< MB of a table up to which an index is built to be tried; 0 never
    [[nodiscard]] static const std::vector<SettingInfo> &all(); ///< as the dialog lists them

    template <typename T>
    [[nodiscard]] T get(Setting<T> setting) const { return value(*setting.info).template value<T>(); }
    template <typename T>
    void set(Setting<T> setting, const T &to) { setValue(*setting.info, QVariant::fromValue(to)); }

    [[nodiscard]] QVariant value(const SettingInfo &info) const;
    /// Refused (false) when it is out of range. Kept at once; setting the default removes the entry.
    bool setValue(const SettingInfo &info, const QVariant &value);
    void restore(const SettingInfo &info);
    [[nodiscard]] bool isStandard(const SettingInfo &info) const;
    /// Whether `value` could be kept; the value as the setting's type, or an invalid one.
    [[nodiscard]] static QVariant accepted(const SettingInfo &info, const QVariant &value);
    /// theme() as applyTheme() takes it.
    [[nodiscard]] Theme themeToApply() const;

    /// Remembered without being a setting: window geometry, splitters, the palette's recent choices. Use a group of
    /// your own ("window/geometry").
    [[nodiscard]] QVariant remembered(const QString &key) const;
    void remember(const QString &key, const QVariant &value);

Q_SIGNALS:
    void changed(const QString &key);

private:
    QSettings *file_;
};

} // namespace howdah::ui
