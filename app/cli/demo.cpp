// SPDX-License-Identifier: GPL-3.0-or-later
#include <cmath>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/demo/demo_server.h"

namespace howdah::cli {

const char *const demo_manual = R"(howdah-cli demo start|stop|status|reset [options]

The demo server is a private PostgreSQL of yours with a database of a shop (a million
orders), in the state in which people really find databases. Nobody else can reach it.

  start                start it; the first time this makes and loads it, about a minute
  stop                 stop it; its data stays
  status               whether it is there and runs: exit code 0 when it is ready, else 1
  reset                stop it and remove all of it

      --scale X        with start, where the shop has to be loaded: 1 is a million orders
      --json           status, folder, version and conninfo as an object

Every command takes -d demo to work on it. Ctrl+C while it loads leaves nothing half done.
)";

namespace {

std::string bar(double fraction, int width)
{
    const int full = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * width));
    std::string text;
    for (int i = 0; i < width; ++i)
        text += i < full ? "█" : "░";
    return text;
}

/// One line that is drawn anew on a terminal; elsewhere a line for each new step.
class ProgressLine
{
public:
    void show(const demo::DemoProgress &progress)
    {
        const std::string left = progress.seconds_left >= 0 ? human::duration(progress.seconds_left * 1000) + " left" : "";
        if (stderrIsTerminal()) {
            const std::string line = fmt::format("{} {:3.0f} %  {}  {}", bar(progress.fraction, 24), progress.fraction * 100, padded(progress.what, 28), left);
            std::fprintf(stderr, "\r%s\x1B[K", line.c_str());
            drawn_ = true;
        } else if (progress.what != last_) {
            std::fprintf(stderr, "%3.0f %%  %s\n", progress.fraction * 100, progress.what.c_str());
        }
        last_ = progress.what;
    }
    ~ProgressLine()
    {
        if (drawn_)
            std::fputs("\r\x1B[K", stderr);
    }

private:
    std::string last_;
    bool drawn_ = false;
};

void printStatus(const Context &context, const demo::DemoStatus &status)
{
    if (context.json) {
        nlohmann::ordered_json document{{"exists", status.exists}, {"running", status.running}, {"loaded", status.loaded}, {"folder", status.folder}};
        if (!status.version.empty())
            document["version"] = status.version;
        if (!status.conninfo.empty())
            document["conninfo"] = status.conninfo;
        output().write(document.dump(2) + "\n");
        return;
    }
    output().write(fmt::format("The demo server {}.\n", !status.exists    ? "does not exist yet"
                                                        : !status.running ? "is stopped"
                                                        : status.loaded   ? "is running"
                                                                          : "is running, but its shop is not loaded completely"));
    if (!status.version.empty())
        output().write("PostgreSQL " + status.version + "\n");
    if (!status.folder.empty() && status.exists)
        output().write("Folder:  " + status.folder + "\n");
    if (!status.conninfo.empty())
        output().write("Connect: " + status.conninfo + "\n");
}

int start(const Context &context, double scale)
{
    Result<demo::DemoStatus> status = fail(ErrorKind::Usage, "not started");
    {
        const Work work(context.canceller);
        ProgressLine line;
        demo::DemoOptions options;
        options.scale = scale;
        status = demo::start([&line](const demo::DemoProgress &progress) { line.show(progress); }, context.canceller, options);
    }
    if (!status)
        return failed(context, status.error());
    printStatus(context, *status);
    return exit_ok;
}

int afterwards(const Context &context, const Result<void> &done)
{
    if (!done)
        return failed(context, done.error());
    printStatus(context, demo::status());
    return exit_ok;
}

} // namespace

Action declareDemo(CLI::App &options)
{
    const auto what = std::make_shared<std::string>();
    const auto scale = std::make_shared<double>(1);
    options.add_option("action", *what, "start, stop, status or reset")->required()->check(CLI::IsMember({"start", "stop", "status", "reset"}));
    options.add_option("--scale", *scale, "Size of the shop where it has to be loaded; 1 is a million orders")->type_name("X")->check(CLI::Range(0.001, 100.0));
    return [what, scale](const Context &context) {
        if (*what == "start")
            return start(context, *scale);
        if (*what == "stop")
            return afterwards(context, demo::stop());
        if (*what == "reset")
            return afterwards(context, demo::reset());
        const demo::DemoStatus status = demo::status();
        printStatus(context, status);
        return static_cast<int>(status.running && status.loaded ? exit_ok : exit_findings);
    };
}

} // namespace howdah::cli
