// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/quit_signals.h"

#include <atomic>
#include <csignal>
#include <cstdint>

#include <QSocketNotifier>

#include <sys/eventfd.h>
#include <unistd.h>

namespace howdah::ui {

namespace {

std::atomic<int> bell{-1};
constexpr int signals_heard[] = {SIGTERM, SIGHUP, SIGINT};

// Only what signal-safety(7) allows.
void heard(int)
{
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(bell.load(), &one, sizeof one);
}

void install(void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    for (const int number : signals_heard)
        sigaction(number, &action, nullptr);
}

} // namespace

QuitSignals::QuitSignals(QObject *parent) : QObject(parent)
{
    bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    auto *notifier = new QSocketNotifier(bell.load(), QSocketNotifier::Read, this);
    connect(notifier, &QSocketNotifier::activated, this, [this] {
        std::uint64_t count = 0;
        if (read(bell.load(), &count, sizeof count) > 0)
            Q_EMIT asked();
    });
    install(heard);
}

QuitSignals::~QuitSignals()
{
    install(SIG_DFL);
    close(bell.exchange(-1));
}

} // namespace howdah::ui
