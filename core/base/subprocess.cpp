// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/subprocess.h"

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <grp.h>
#include <mutex>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace howdah {

namespace {

/// Everything the child needs, made before fork(): between fork and exec only async-signal-safe calls are allowed.
struct Prepared {
    std::vector<std::string> strings;
    std::vector<char *> argv;
    std::vector<std::string> environment_strings;
    std::vector<char *> envp;
    uid_t uid = 0;
    gid_t gid = 0;
    bool change_account = false;
};

Prepared prepare(const Command &command)
{
    Prepared prepared;
    prepared.strings.push_back(command.program.string());
    prepared.strings.insert(prepared.strings.end(), command.arguments.begin(), command.arguments.end());
    for (std::string &text : prepared.strings)
        prepared.argv.push_back(text.data());
    prepared.argv.push_back(nullptr);

    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        if (!command.environment.contains(text.substr(0, text.find('='))))
            prepared.environment_strings.push_back(text);
    }
    for (const auto &[name, value] : command.environment)
        prepared.environment_strings.push_back(name + "=" + value);
    for (std::string &text : prepared.environment_strings)
        prepared.envp.push_back(text.data());
    prepared.envp.push_back(nullptr);

    if (geteuid() == 0 && !command.account.empty()) {
        if (const passwd *account = getpwnam(command.account.c_str())) {
            prepared.uid = account->pw_uid;
            prepared.gid = account->pw_gid;
            prepared.change_account = true;
        }
    }
    return prepared;
}

[[noreturn]] void becomeProgram(const Command &command, const Prepared &prepared, int output, pid_t parent)
{
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    if (command.new_session)
        setsid();
    if (prepared.change_account
        && (setgroups(1, &prepared.gid) != 0 || setgid(prepared.gid) != 0 || setuid(prepared.uid) != 0))
        _exit(126);
    // After setuid(), which clears it. The parent may have died before the call: then leave at once.
    if (command.dies_with_parent) {
        prctl(PR_SET_PDEATHSIG, SIGQUIT);
        if (getppid() != parent)
            _exit(126);
    }
    // A server must not work in a folder that its account cannot enter.
    if (chdir("/") != 0)
        _exit(126);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    signal(SIGPIPE, SIG_DFL);
    execve(prepared.argv[0], prepared.argv.data(), prepared.envp.data());
    _exit(127);
}

tl::unexpected<Error> systemFailure(const std::string &what)
{
    return fail(ErrorKind::Io, what + ": " + std::strerror(errno));
}

/// A thread that never ends, because the kernel's "parent" of PR_SET_PDEATHSIG is the thread that forked: a server
/// started on a worker would go with that worker.
class LastingThread
{
public:
    static void run(const std::function<void()> &work)
    {
        static auto *const thread = new LastingThread; // for ever: it must outlive every static object
        std::unique_lock lock(thread->mutex_);
        thread->changed_.wait(lock, [] { return thread->work_ == nullptr; });
        thread->work_ = &work;
        thread->changed_.notify_all();
        thread->changed_.wait(lock, [&work] { return thread->work_ != &work; });
    }

private:
    LastingThread()
    {
        std::thread([this] { loop(); }).detach();
    }
    [[noreturn]] void loop()
    {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return work_ != nullptr; });
            (*work_)();
            work_ = nullptr;
            changed_.notify_all();
        }
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    const std::function<void()> *work_ = nullptr;
};

int exitCode(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

Result<pid_t> startCommand(const Command &command)
{
    const Prepared prepared = prepare(command);
    const char *file = command.output.empty() ? "/dev/null" : command.output.c_str();
    const int output = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output < 0)
        return systemFailure("Cannot write " + command.output.string());
    const pid_t parent = getpid();
    pid_t child = -1;
    int failure = 0;
    const auto start = [&] {
        child = fork();
        if (child == 0)
            becomeProgram(command, prepared, output, parent);
        failure = errno;
    };
    if (command.dies_with_parent)
        LastingThread::run(start);
    else
        start();
    close(output);
    errno = failure;
    if (child < 0)
        return systemFailure("Cannot start " + command.program.string());
    return child;
}

Result<CommandOutcome> runCommand(const Command &command)
{
    const Prepared prepared = prepare(command);
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return systemFailure("Cannot make a pipe");
    const pid_t parent = getpid();
    const pid_t child = fork();
    if (child == 0)
        becomeProgram(command, prepared, ends[1], parent);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return systemFailure("Cannot start " + command.program.string());
    }
    CommandOutcome outcome;
    char buffer[4096];
    for (;;) {
        const ssize_t size = read(ends[0], buffer, sizeof buffer);
        if (size > 0)
            outcome.output.append(buffer, static_cast<std::size_t>(size));
        else if (size == 0 || errno != EINTR)
            break;
    }
    close(ends[0]);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.exit_code = exitCode(status);
    if (outcome.exit_code == 127 && outcome.output.empty())
        return fail(ErrorKind::Io, "Cannot start " + command.program.string());
    return outcome;
}

std::string serviceAccount()
{
    if (geteuid() != 0)
        return {};
    return getpwnam("postgres") != nullptr ? "postgres" : "nobody";
}

Result<void> giveToServiceAccount(const std::filesystem::path &folder)
{
    const std::string account = serviceAccount();
    if (account.empty())
        return {};
    const passwd *entry = getpwnam(account.c_str());
    if (entry == nullptr)
        return fail(ErrorKind::Io, "There is no account " + account + " to run a server as");
    const auto give = [entry](const std::filesystem::path &path) {
        return lchown(path.c_str(), entry->pw_uid, entry->pw_gid) == 0;
    };
    if (!give(folder))
        return systemFailure("Cannot give " + folder.string() + " to " + account);
    std::error_code error;
    for (const auto &item : std::filesystem::recursive_directory_iterator(folder, error)) {
        if (!give(item.path()))
            return systemFailure("Cannot give " + item.path().string() + " to " + account);
    }
    return {};
}

} // namespace howdah
