// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include "app/cli/terminal.h"

namespace howdah::cli {

namespace {

std::array<int, 2> signals{-1, -1}; ///< a pipe: a signal handler may do little more than write to it
std::atomic<int> working{0};
std::atomic<int> received{0};

void pass(int number)
{
    const int kept = errno;
    const auto byte = static_cast<unsigned char>(number);
    [[maybe_unused]] const ssize_t written = write(signals[1], &byte, 1);
    errno = kept;
}

void tell(const char *text)
{
    if (stderrIsTerminal())
        [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, std::char_traits<char>::length(text));
}

void listen(const pg::Canceller &canceller)
{
    for (;;) {
        unsigned char number = 0;
        if (read(signals[0], &number, 1) != 1)
            continue;
        const int before = received.exchange(number);
        if (before != 0 || working.load() == 0)
            _exit(128 + number);
        tell("\nCancelling on the server; Ctrl+C again quits at once.\n");
        canceller.cancel();
    }
}

} // namespace

void catchInterrupts(const pg::Canceller &canceller)
{
    if (pipe2(signals.data(), O_CLOEXEC) != 0)
        return;
    std::thread(listen, canceller).detach();
    struct sigaction action{};
    action.sa_handler = pass;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

Work::Work(const pg::Canceller &canceller) : scope_(canceller)
{
    ++working;
}

Work::~Work()
{
    --working;
}

int interruptedBy()
{
    const int number = received.load();
    return number == 0 ? 0 : 128 + number;
}

} // namespace howdah::cli
