// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdio>
#include <cstring>

#include <QApplication>
#include <QFileInfo>

#include "core/base/process.h"
#include "ui/base/translations.h"
#include "ui/settings/settings.h"
#include "ui/shell/main_window.h"
#include "ui/shell/quit_signals.h"
#include "ui/shell/turn_watchdog.h"

namespace {

constexpr const char *usage = R"(Usage: howdah [--demo | CONNINFO | URI] [FILE…]

  --demo      start the embedded demo server and connect to it
  CONNINFO    libpq keywords ("host=db dbname=shop") or a postgresql:// URI
  FILE        SQL, or a plan that EXPLAIN, psql or auto_explain printed
  --version   print the version
  --help      print this

HOWDAH_HOME     folder for settings, kept texts and the demo server
HOWDAH_TIMING   1: print how long the start took, and turns of the event loop over 100 ms
)";

bool isConninfo(const QString &argument)
{
    return argument.startsWith(QLatin1String("postgresql://")) || argument.startsWith(QLatin1String("postgres://")) ||
           (argument.contains(QLatin1Char('=')) && !QFileInfo::exists(argument));
}

/// False when the program has nothing more to do.
bool readArguments(int argc, char **argv, howdah::ui::WindowTarget &target)
{
    for (int i = 1; i < argc; ++i) {
        const QString argument = QString::fromLocal8Bit(argv[i]);
        if (argument == QLatin1String("--demo")) {
            target.demo = true;
        } else if (argument == QLatin1String("--version")) {
            std::puts("howdah " HOWDAH_VERSION);
            return false;
        } else if (argument == QLatin1String("--help") || argument == QLatin1String("-h")) {
            std::fputs(usage, stdout);
            return false;
        } else if (isConninfo(argument)) {
            target.conninfo = argument;
            // The list of processes shows arguments to everybody; a password may stand in this one.
            std::memset(argv[i], '*', std::strlen(argv[i]));
        } else {
            target.files << argument;
        }
    }
    return true;
}

} // namespace

int main(int argc, char **argv)
{
    // Passwords live in memory for as long as their sessions do.
    howdah::forbidCoreDumps();
    howdah::ui::WindowTarget target;
    if (!readArguments(argc, argv, target))
        return 0;
    QCoreApplication::setApplicationName(QStringLiteral("Howdah"));
    QCoreApplication::setApplicationVersion(QStringLiteral(HOWDAH_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("howdah"));
    QApplication application(argc, argv);
    howdah::ui::installTranslations();
    howdah::ui::applyTheme(application, howdah::ui::Settings::instance().themeToApply());

    howdah::ui::MainWindow window(target);
    if (qEnvironmentVariableIntValue("HOWDAH_TIMING") != 0) {
        howdah::ui::TurnWatchdog::install();
        QObject::connect(&window, &howdah::ui::MainWindow::painted, &application, [] {
            std::fprintf(stderr, "first paint %.0f ms after the process began\n", howdah::processAgeMs());
        });
    }
    const howdah::ui::QuitSignals quit;
    QObject::connect(&quit, &howdah::ui::QuitSignals::asked, &window, &howdah::ui::MainWindow::closeNow);
    window.show();
    return QApplication::exec();
}
