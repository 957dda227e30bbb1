// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/human.h"
#include "core/base/subprocess.h"
#include "core/pg/password_verifier.h"
#include "core/replication/ask.h"
#include "core/replication/canary_run.h"
#include "core/replication/lost_standby.h"
#include "core/replication/setup_run.h"
#include "core/replication/standby_commands.h"
#include "core/replication/standby_files.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using sql::quoteIdentifier;
using sql::quoteLiteral;

class StreamingSetup
{
public:
    StreamingSetup(pg::Connection &primary, const StreamingPlan &plan, const SetupProgress &progress)
        : primary_(primary), plan_(plan), run_(streamingSteps(primary, plan), progress) {}
    SetupOutcome run();

private:
    bool makeRole();
    bool copy();
    bool waitForCopy(pid_t child, const fs::path &log);
    bool configure();
    bool start();
    bool prove();
    void stopStandby();
    void dropSlot();
    void closeRebuild();
    std::unique_ptr<pg::Connection> connectStandby();

    pg::Connection &primary_;
    const StreamingPlan &plan_;
    SetupRun run_;
    OldStandby old_{primary_, plan_, run_};
    bool slot_made_ = false, started_ = false;
};

bool StreamingSetup::makeRole()
{
    if (!run_.has("role"))
        return true;
    run_.begin("role");
    if (plan_.role_password.empty())
        return run_.statement(primary_, true);
    const auto verifier = pg::passwordVerifier(plan_.role, plan_.role_password);
    if (!verifier) {
        run_.failed(verifier.error());
        return false;
    }
    return run_.statement(primary_, true, "CREATE ROLE " + quoteIdentifier(plan_.role) + " LOGIN REPLICATION PASSWORD " + quoteLiteral(*verifier));
}

/// The server itself counts what it has sent; pg_basebackup's own percentages are the same figures.
bool StreamingSetup::waitForCopy(pid_t child, const fs::path &log)
{
    const auto began = std::chrono::steady_clock::now();
    int status = 0;
    for (bool told = false;;) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child || (ended < 0 && errno == ECHILD))
            break;
        if (primary_.canceller().requested() && !told) {
            kill(child, SIGTERM);
            told = true;
        }
        const auto rows = ask(primary_, "SELECT p.phase, p.backup_streamed AS done, p.backup_total AS total FROM pg_stat_progress_basebackup p "
                                        "JOIN pg_stat_replication r ON r.pid = p.pid WHERE r.application_name = $1 LIMIT 1",
                              {plan_.application_name});
        if (rows && rows->size() > 0) {
            const auto done = rows->integer(0, "done"), total = rows->integer(0, "total");
            if (total > 0) {
                const double part = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
                const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
                std::string text = fmt::format("{:.0f} %, {} of {}", part * 100, human::bytes(done), human::bytes(total));
                if (seconds > 1 && done > 0)
                    text += fmt::format(", {}/s", human::bytes(static_cast<std::int64_t>(static_cast<double>(done) / seconds)));
                run_.figure(text, part);
            } else {
                run_.figure(rows->string(0, "phase"));
            }
        }
        std::this_thread::sleep_for(100ms);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    if (primary_.canceller().requested()) {
        run_.failed(fail(ErrorKind::Cancelled, "Cancelled").value());
    } else {
        Error error = fail(ErrorKind::Io, "pg_basebackup has failed").value();
        error.detail = tailOf(log);
        run_.failed(std::move(error));
    }
    return false;
}

bool StreamingSetup::copy()
{
    run_.begin("base_backup");
    std::error_code error;
    fs::create_directories(plan_.target, error);
    if (!error)
        fs::permissions(plan_.target, fs::perms::owner_all, error);
    if (error) {
        run_.failed(fail(ErrorKind::Io, "Cannot make " + plan_.target.string() + ": " + error.message()).value());
        return false;
    }
    if (auto given = giveToServiceAccount(plan_.target); !given) {
        run_.failed(given.error());
        return false;
    }
    Command command = baseBackup(plan_, primary_.facts());
    command.account = serviceAccount();
    if (!plan_.password.empty())
        command.environment["PGPASSWORD"] = plan_.password;
    const fs::path log = fs::temp_directory_path() / fmt::format("{}-{}.log", plan_.slot, getpid());
    command.output = log;
    const auto child = startCommand(command);
    if (!child) {
        run_.failed(child.error());
        return false;
    }
    const bool copied = waitForCopy(*child, log);
    fs::remove(log, error);
    const auto slot = askText(primary_, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1", {plan_.slot});
    slot_made_ = slot && *slot == "1";
    if (copied)
        run_.done("copied");
    else if (slot_made_)
        dropSlot();
    return copied;
}

/// Made by -C for a copy that did not come to be: it would keep WAL for nobody.
void StreamingSetup::dropSlot()
{
    const pg::CancelShield shield(primary_.canceller());
    for (int tries = 0; tries < 50; ++tries) {
        const auto dropped = ask(primary_, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND NOT active", {plan_.slot});
        const auto left = askText(primary_, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1", {plan_.slot});
        if (left && *left == "0")
            return;
        std::this_thread::sleep_for(100ms);
    }
}

bool StreamingSetup::configure()
{
    run_.begin("configure");
    std::error_code error;
    if (!fs::exists(plan_.target / "standby.signal", error)) {
        run_.failed(fail(ErrorKind::Io, "There is no standby.signal in " + plan_.target.string() + ": started so, it would be a second primary",
                         "It was not started.").value());
        return false;
    }
    if (auto restored = plan_.rebuild ? old_.restoreConfiguration() : Result<void>(); !restored) {
        run_.failed(restored.error());
        return false;
    }
    if (auto written = writeStandbyFiles(primary_, plan_); !written) {
        run_.failed(written.error());
        return false;
    }
    run_.done("standby.signal is there");
    return true;
}

bool StreamingSetup::start()
{
    run_.begin("start");
    Command command = serverCommand(plan_, "start");
    started_ = true; // or half so
    command.account = serviceAccount();
    const auto outcome = runCommand(command);
    if (!outcome || outcome->exit_code != 0) {
        Error error = outcome ? fail(ErrorKind::Io, "The standby did not start").value() : outcome.error();
        error.detail = tailOf(plan_.target / "startup.log");
        if (error.detail.empty() && outcome)
            error.detail = outcome->output;
        run_.failed(std::move(error));
        return false;
    }
    run_.done();
    return true;
}

void StreamingSetup::stopStandby()
{
    Command command = serverCommand(plan_, "stop");
    command.account = serviceAccount();
    static_cast<void>(runCommand(command));
}

std::unique_ptr<pg::Connection> StreamingSetup::connectStandby()
{
    const auto sockets = askText(primary_, "SELECT split_part(setting, ',', 1) FROM pg_settings WHERE name = 'unix_socket_directories'");
    pg::ConnectionSpec spec;
    if (!plan_.password.empty())
        spec.password = plan_.password;
    std::string folder = sockets ? *sockets : std::string();
    if (folder.size() > 1 && folder.front() == '"')
        folder = folder.substr(1, folder.size() - 2);
    std::optional<Error> first;
    for (const std::string &host : {folder, std::string("127.0.0.1")}) {
        if (host.empty())
            continue;
        std::map<std::string, std::string> way{{"host", host}, {"port", std::to_string(plan_.port)}, {"user", primary_.facts().role}, {"dbname", primary_.facts().database}};
        spec.conninfo = conninfoOf(way);
        auto connection = pg::Connection::open(spec, primary_.canceller());
        if (connection) {
            run_.outcome.standby_conninfo = spec.conninfo;
            return std::move(*connection);
        }
        if (!first)
            first = connection.error();
    }
    run_.failed(first.value_or(fail(ErrorKind::Connection, "The standby cannot be reached").value()));
    return {};
}

bool StreamingSetup::prove()
{
    run_.begin("prove_recovery");
    const auto standby = connectStandby();
    if (!standby)
        return false;
    const auto recovering = askText(*standby, "SELECT pg_is_in_recovery()");
    if (!recovering || *recovering != "t") {
        stopStandby();
        Error error = fail(ErrorKind::Unsupported, "This is a second primary, not a standby: it takes writes", "It was stopped at once.").value();
        run_.failed(std::move(error));
        return false;
    }
    run_.done("pg_is_in_recovery() = true");
    run_.begin("prove_streaming");
    const bool streams = run_.until(primary_, 60s, [&]() -> Result<bool> {
        const auto state = askText(primary_, "SELECT r.state FROM pg_stat_replication r JOIN pg_replication_slots s ON s.active_pid = r.pid WHERE s.slot_name = $1", {plan_.slot});
        if (!state)
            return tl::unexpected(state.error());
        if (!state->empty())
            run_.figure(*state);
        return *state == "streaming";
    }, "The standby did not come to stream within 60 s");
    if (!streams)
        return false;
    run_.done("streaming through slot " + plan_.slot);
    return runStreamingCanary(run_, primary_, *standby, 60);
}

/// Proven, the old directory may go; else it is put back, and the slot made for the new one goes.
void StreamingSetup::closeRebuild()
{
    if (!run_.outcome.proven) {
        if (started_)
            stopStandby();
        if (old_.isKept())
            dropSlot();
        old_.putBack();
    } else if (old_.removeOld() && !run_.has("remove_old")) {
        run_.outcome.proof += " The old directory is kept as " + plan_.aside.string() + ".";
    }
}

SetupOutcome StreamingSetup::run()
{
    auto checks = preflightStreaming(primary_, nullptr, plan_);
    if (!checks) {
        run_.outcome.error = checks.error();
        return run_.close();
    }
    run_.outcome.checks = std::move(*checks);
    if (!mayBegin(run_.outcome.checks)) {
        run_.outcome.error = preflightFailed(run_.outcome.checks);
        return run_.close();
    }
    if (plan_.target.empty()) {
        run_.outcome.error = fail(ErrorKind::Usage, "On another host the commands are run by hand", "They are shown with --dry-run. Give a target to make the standby on this machine.").value();
        return run_.close();
    }
    const bool rewinds = plan_.rebuild && plan_.method == "rewind";
    run_.outcome.proven = makeRole() && (!plan_.rebuild || old_.setAside()) && (rewinds ? old_.rewind() : copy()) && configure() && start() && prove();
    if (plan_.rebuild)
        closeRebuild();
    return run_.close();
}

} // namespace

SetupOutcome setUpStreaming(pg::Connection &primary, const StreamingPlan &plan, const SetupProgress &progress)
{
    const pg::CancelScope scope(primary.canceller());
    return StreamingSetup(primary, plan, progress).run();
}

} // namespace howdah::replication
