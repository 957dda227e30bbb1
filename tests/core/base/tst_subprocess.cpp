// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <csignal>
#include <sys/wait.h>
#include <thread>

#include "core/base/subprocess.h"
#include "core/base/text_offset.h"
#include "support/show.h"

using namespace howdah;
using namespace std::chrono_literals;

class TestSubprocess : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void takesOutputAndExitCode()
    {
        const auto outcome = runCommand({"/bin/sh", {"-c", "echo out; echo err >&2; echo $HOWDAH_WORD; exit 3"}, {{"HOWDAH_WORD", "a b"}}, {}, {}});
        QVERIFY(outcome);
        QCOMPARE(outcome->exit_code, 3);
        QCOMPARE(outcome->output, std::string("out\nerr\na b\n"));
        QCOMPARE(runCommand({"/bin/sh", {"-c", "kill -9 $$"}, {}, {}, {}})->exit_code, 128 + SIGKILL);
        const auto missing = runCommand({"/nowhere/at/all", {}, {}, {}, {}});
        QVERIFY(!missing);
        QVERIFY(missing.error().message.find("/nowhere/at/all") != std::string::npos);
    }

    /// The kernel takes the thread that forked for the parent.
    void outlivesTheThreadThatStartedIt()
    {
        Command command{"/bin/sleep", {"60"}, {}, {}, {}};
        command.dies_with_parent = true;
        pid_t child = 0;
        std::thread([&] { child = startCommand(command).value_or(0); }).join();
        QVERIFY(child > 0);
        std::this_thread::sleep_for(200ms);
        int status = 0;
        QCOMPARE(waitpid(child, &status, WNOHANG), 0);
        kill(child, SIGKILL);
        QCOMPARE(waitpid(child, &status, 0), child);
    }

    void strayBytesAreWrittenOut()
    {
        QCOMPARE(validUtf8("plain ä€🙂"), std::string("plain ä€🙂"));
        QCOMPARE(validUtf8("caf\xe9 \xc3"), std::string("caf\\xE9 \\xC3"));
        QCOMPARE(validUtf8(""), std::string());
    }
};

QTEST_GUILESS_MAIN(TestSubprocess)
#include "tst_subprocess.moc"
