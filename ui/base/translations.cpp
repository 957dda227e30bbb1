// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/base/translations.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTranslator>

namespace howdah::ui {

void installTranslations()
{
    const QString folder = QStringLiteral(":/howdah/translations");
    auto *translator = new QTranslator(QCoreApplication::instance());
    if (translator->load(QLocale(), QStringLiteral("howdah"), QStringLiteral("_"), folder) ||
        translator->load(QStringLiteral("howdah_en"), folder))
        QCoreApplication::installTranslator(translator);
}

} // namespace howdah::ui
