// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/change/lock_words.h"

#include <QCoreApplication>

namespace howdah::ui {

namespace {

enum class Blocks { Everything, Writes, Ddl, Nothing };

struct Row {
    const char *name;
    Blocks blocks;
};

// After the conflict table in PostgreSQL's chapter "Explicit Locking".
constexpr Row rows[] = {
    {"ACCESS EXCLUSIVE", Blocks::Everything}, {"EXCLUSIVE", Blocks::Writes},
    {"SHARE ROW EXCLUSIVE", Blocks::Writes},  {"SHARE", Blocks::Writes},
    {"SHARE UPDATE EXCLUSIVE", Blocks::Ddl},  {"ROW EXCLUSIVE", Blocks::Nothing},
    {"ROW SHARE", Blocks::Nothing},           {"ACCESS SHARE", Blocks::Nothing},
};

QString tr(const char *text)
{
    return QCoreApplication::translate("LockWords", text);
}

} // namespace

LockWords lockWords(const std::string &level)
{
    if (level.empty())
        return {tr("no blocking lock"), tr("nobody waits"), Tone::Good};
    for (const Row &row : rows) {
        if (level != row.name)
            continue;
        const QString name = QString::fromLatin1(row.name);
        switch (row.blocks) {
        case Blocks::Everything: return {name, tr("blocks reads and writes"), Tone::Bad};
        case Blocks::Writes: return {name, tr("blocks writes"), Tone::Warn};
        case Blocks::Ddl: return {name, tr("reads and writes go on"), Tone::Good};
        case Blocks::Nothing: return {name, tr("reads and writes go on"), Tone::Good};
        }
    }
    return {QString::fromStdString(level), QString(), Tone::Good};
}

} // namespace howdah::ui
