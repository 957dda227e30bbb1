// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/settings/settings.h"

#include <algorithm>
#include <filesystem>

#include <QSettings>

#include "core/base/paths.h"

namespace howdah::ui {

namespace {

const QString theme_key = QStringLiteral("appearance/theme");
const QString font_size_key = QStringLiteral("editor/font_size");
const QString max_rows_key = QStringLiteral("results/max_rows");
const QString stop_on_error_key = QStringLiteral("query/stop_on_error");
const QString result_memory_key = QStringLiteral("results/memory_mb");
const QString format_keywords_key = QStringLiteral("format/keywords");
const QString format_width_key = QStringLiteral("format/width");
const QString format_indent_key = QStringLiteral("format/indent");
const QString complete_key = QStringLiteral("editor/complete_while_typing");
const QString lint_key = QStringLiteral("editor/lint_while_typing");
const QString restore_tabs_key = QStringLiteral("window/restore_tabs");
const QString idle_transaction_key = QStringLiteral("safety/idle_transaction_s");
const QString keep_plans_key = QStringLiteral("plans/keep");
const QString watch_clipboard_key = QStringLiteral("plans/watch_clipboard");
const QString what_if_runs_key = QStringLiteral("plans/what_if_runs");
const QString what_if_build_key = QStringLiteral("plans/what_if_build_mb");
const QString confirm_key = QStringLiteral("safety/confirm_on_production");

SettingInfo number(const QString &key, const QString &group, const QString &title, const QString &explanation,
                   int standard, int low, int high, int step, const QString &unit)
{
    SettingInfo info{key, group, title, explanation, standard, low, high, step, unit, {}, {}};
    return info;
}

SettingInfo choice(const QString &key, const QString &group, const QString &title, const QString &explanation,
                   const QStringList &values, const QStringList &titles)
{
    return {key, group, title, explanation, values.front(), 0, 0, 1, {}, values, titles};
}

SettingInfo yesOrNo(const QString &key, const QString &group, const QString &title, const QString &explanation,
                    bool standard)
{
    return {key, group, title, explanation, standard, 0, 0, 1, {}, {}, {}};
}

std::vector<SettingInfo> makeAll()
{
    using S = Settings;
    const QString appearance = S::tr("Appearance");
    const QString queries = S::tr("Queries and results");
    const QString formatting = S::tr("Formatting");
    const QString plans = S::tr("Plans");
    const QString safety = S::tr("Safety");
    return {
        choice(theme_key, appearance, S::tr("Theme"), S::tr("Light, dark, or whatever the desktop prefers."),
               {QStringLiteral("system"), QStringLiteral("light"), QStringLiteral("dark")},
               {S::tr("Like the desktop"), S::tr("Light"), S::tr("Dark")}),
        number(font_size_key, appearance, S::tr("Editor text size"), S::tr("Of SQL in editors and plans."), 12, 8, 32, 1,
               S::tr(" px")),
        yesOrNo(restore_tabs_key, appearance, S::tr("Open the last tabs again"),
                S::tr("Tabs and their text come back when the window opens. Text is kept after a crash in any case."), true),
        yesOrNo(complete_key, queries, S::tr("Offer completion while typing"),
                S::tr("After two letters or a dot, and the arguments of functions. Ctrl+Space asks for it in any case."), true),
        yesOrNo(lint_key, queries, S::tr("Mark what is dangerous in DDL"),
                S::tr("Locks that make others wait, and other traps, are underlined; the pointer over them shows the locks and what to write instead."), true),
        number(max_rows_key, queries, S::tr("Rows of a result at most"),
               S::tr("A query that returns more is stopped there, and the page says so."), 1'000'000, 100, 100'000'000,
               100'000, S::tr(" rows")),
        number(result_memory_key, queries, S::tr("Memory for a result"),
               S::tr("What does not fit goes to a temporary file; scrolling stays possible."), 256, 16, 65'536, 64,
               S::tr(" MB")),
        yesOrNo(stop_on_error_key, queries, S::tr("Stop a script at its first error"),
                S::tr("Otherwise the statements after it run as well."), true),
        choice(format_keywords_key, formatting, S::tr("Keywords"), S::tr("SELECT, FROM … when SQL is formatted."),
               {QStringLiteral("upper"), QStringLiteral("lower"), QStringLiteral("keep")},
               {S::tr("In capitals"), S::tr("In small letters"), S::tr("As written")}),
        number(format_width_key, formatting, S::tr("Width of a line"), S::tr("Lists and conditions break past it."), 100, 40, 400, 10,
               S::tr(" columns")),
        number(format_indent_key, formatting, S::tr("Indentation"), S::tr("Of everything that belongs to the line above."), 4, 1, 8, 1,
               S::tr(" blanks")),
        yesOrNo(keep_plans_key, plans, S::tr("Keep the plans that are explained"),
                S::tr("In a file of yours, so that a plan can be compared with the ones before it."), true),
        yesOrNo(watch_clipboard_key, plans, S::tr("Watch the clipboard for plans"),
                S::tr("A plan that another program copies is offered to be opened."), false),
        number(what_if_runs_key, plans, S::tr("Runs of what is tried"),
               S::tr("Of each side; the first counts as cold, of the others the median is compared."), 3, 1, 100, 1, {}),
        number(what_if_build_key, plans, S::tr("Build indexes to try them"),
               S::tr("For tables up to this size where HypoPG is not installed. Writes to the table wait until it is rolled back; 0 never builds."),
               0, 0, 1'000'000, 64, S::tr(" MB")),
        yesOrNo(confirm_key, safety, S::tr("Ask before changes on production"),
                S::tr("Changes on production are confirmed; what drops, empties or changes every row wants a name typed."), true),
        number(idle_transaction_key, safety, S::tr("Remind of an idle transaction after"),
               S::tr("A page with an open transaction that runs nothing says so loudly: it holds locks and hinders VACUUM."), 60, 5,
               86'400, 15, S::tr(" s")),
    };
}

const SettingInfo *infoOf(const QString &key)
{
    const auto &all = Settings::all();
    return &*std::find_if(all.begin(), all.end(), [&key](const SettingInfo &info) { return info.key == key; });
}

QString userFile()
{
    return QString::fromStdString((paths::config() / "settings.ini").string());
}

} // namespace

Settings &Settings::instance()
{
    static Settings settings(userFile());
    return settings;
}

Settings::Settings(const QString &file, QObject *parent)
    : QObject(parent), file_(new QSettings(file, QSettings::IniFormat, this))
{
}

Settings::~Settings() = default;

const std::vector<SettingInfo> &Settings::all()
{
    static const std::vector<SettingInfo> infos = makeAll();
    return infos;
}

Setting<QString> Settings::theme() { return {infoOf(theme_key)}; }
Setting<int> Settings::editorFontSize() { return {infoOf(font_size_key)}; }
Setting<bool> Settings::completeWhileTyping() { return {infoOf(complete_key)}; }
Setting<bool> Settings::lintWhileTyping() { return {infoOf(lint_key)}; }
Setting<int> Settings::maxRows() { return {infoOf(max_rows_key)}; }
Setting<bool> Settings::stopOnError() { return {infoOf(stop_on_error_key)}; }
Setting<int> Settings::resultMemory() { return {infoOf(result_memory_key)}; }
Setting<bool> Settings::restoreTabs() { return {infoOf(restore_tabs_key)}; }
Setting<QString> Settings::formatKeywords() { return {infoOf(format_keywords_key)}; }
Setting<int> Settings::formatWidth() { return {infoOf(format_width_key)}; }
Setting<int> Settings::formatIndent() { return {infoOf(format_indent_key)}; }
Setting<int> Settings::idleTransaction() { return {infoOf(idle_transaction_key)}; }
Setting<bool> Settings::keepPlans() { return {infoOf(keep_plans_key)}; }
Setting<bool> Settings::watchClipboard() { return {infoOf(watch_clipboard_key)}; }
Setting<int> Settings::whatIfRuns() { return {infoOf(what_if_runs_key)}; }
Setting<int> Settings::whatIfBuild() { return {infoOf(what_if_build_key)}; }
Setting<bool> Settings::confirmOnProduction() { return {infoOf(confirm_key)}; }

/// An INI file holds nothing but texts, so each type reads its own.
QVariant Settings::accepted(const SettingInfo &info, const QVariant &value)
{
    switch (info.standard.typeId()) {
    case QMetaType::Bool: {
        const QString text = value.toString();
        if (text == QStringLiteral("true") || text == QStringLiteral("false"))
            return text == QStringLiteral("true");
        return {};
    }
    case QMetaType::Int: {
        bool whole = false;
        const int number = value.toString().toInt(&whole);
        return whole && number >= info.low && number <= info.high ? QVariant(number) : QVariant();
    }
    default: {
        const QString text = value.toString();
        return info.choices.isEmpty() || info.choices.contains(text) ? QVariant(text) : QVariant();
    }
    }
}

QVariant Settings::value(const SettingInfo &info) const
{
    if (!file_->contains(info.key))
        return info.standard;
    const QVariant kept = accepted(info, file_->value(info.key));
    return kept.isValid() ? kept : info.standard;
}

bool Settings::setValue(const SettingInfo &info, const QVariant &to)
{
    const QVariant kept = accepted(info, to);
    if (!kept.isValid())
        return false;
    const QVariant before = value(info);
    // A default that is not written down follows the product when that gets a better one.
    if (kept == info.standard)
        file_->remove(info.key);
    else
        file_->setValue(info.key, kept);
    file_->sync();
    if (kept != before)
        Q_EMIT changed(info.key);
    return true;
}

void Settings::restore(const SettingInfo &info)
{
    setValue(info, info.standard);
}

bool Settings::isStandard(const SettingInfo &info) const
{
    return value(info) == info.standard;
}

Theme Settings::themeToApply() const
{
    const QString wanted = get(theme());
    return wanted == QStringLiteral("dark") ? Theme::Dark : wanted == QStringLiteral("light") ? Theme::Light : Theme::System;
}

QVariant Settings::remembered(const QString &key) const
{
    return file_->value(QStringLiteral("remembered/") + key);
}

void Settings::remember(const QString &key, const QVariant &value)
{
    file_->setValue(QStringLiteral("remembered/") + key, value);
}

} // namespace howdah::ui
