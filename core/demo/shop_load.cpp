// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "core/demo/shop.h"

namespace howdah::demo {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// One thing to run: a step's file, or one query of the workload as often as it
/// asks for.
struct Job {
    std::string name;
    std::string title;
    std::vector<std::string> scripts; ///< one after the other
    double seconds = 0;
    std::vector<std::size_t> after;
    std::string expect;
    bool is_query = false; ///< runs with the server's own memory settings, as
                           ///< users' statements do
    double path_seconds = 0; ///< its own seconds and those of the longest chain that waits for it
    enum class State : std::uint8_t { Waiting, Running, Done } state = State::Waiting;
    Clock::time_point begun;
};

constexpr double seconds_of_a_query = 0.2;

Result<std::set<std::string>> availableExtensions(const pg::ConnectionSpec &database,
                                                  const pg::Canceller &canceller)
{
    const auto connection = pg::Connection::open(database, canceller);
    if (!connection)
        return tl::unexpected(connection.error());
    const auto outcome = (*connection)->query("SELECT name FROM pg_available_extensions");
    if (!outcome)
        return tl::unexpected(outcome.error());
    std::set<std::string> names;
    for (std::int64_t i = 0; i < outcome->result->rowCount(); ++i)
        names.emplace(outcome->result->cell(i, 0).text);
    return names;
}

Job jobOf(const WorkloadQuery &query)
{
    Job job;
    job.name = query.name;
    job.title = "Running the workload";
    job.seconds = seconds_of_a_query;
    job.is_query = true;
    for (int call = 0; call < query.calls; ++call)
        job.scripts.push_back(query.sqlOfCall(call));
    return job;
}

/// Steps and queries in one list. Queries wait for every step that does not
/// itself wait for them.
Result<std::vector<Job>> planJobs(const std::vector<LoadStep> &steps,
                                  const std::vector<WorkloadQuery> &queries,
                                  const std::set<std::string> &extensions)
{
    std::vector<Job> jobs;
    for (const LoadStep &step : steps)
        jobs.push_back({step.name, step.title, {step.sql}, step.seconds, {}, step.expect, false, 0, {}, {}});
    std::vector<std::size_t> query_jobs;
    std::vector<std::size_t> before_queries;
    for (const WorkloadQuery &query : queries) {
        if (!query.needs.empty() && extensions.count(query.needs) == 0)
            continue;
        query_jobs.push_back(jobs.size());
        jobs.push_back(jobOf(query));
    }
    for (std::size_t i = 0; i < steps.size(); ++i) {
        bool waits_for_queries = false;
        for (const std::string &name : steps[i].after) {
            if (name == "workload") {
                jobs[i].after = query_jobs;
                waits_for_queries = true;
                continue;
            }
            const auto found =
                std::find_if(steps.begin(), steps.end(), [&](const LoadStep &s) { return s.name == name; });
            if (found == steps.end())
                return fail(ErrorKind::Parse,
                            "The demo step " + steps[i].name + " waits for " + name + ", which is none");
            jobs[i].after.push_back(static_cast<std::size_t>(found - steps.begin()));
        }
        if (!waits_for_queries)
            before_queries.push_back(i);
        if (!steps[i].needs.empty() && extensions.count(steps[i].needs) == 0) {
            jobs[i].scripts.clear();
            jobs[i].seconds = 0;
        }
    }
    for (const std::size_t query : query_jobs)
        jobs[query].after = before_queries;
    return jobs;
}

/// The longest chain first keeps both connections busy to the end. Relaxation
/// over the edges, once per possible length of a chain of steps; queries all
/// lie at one depth.
void findPaths(std::vector<Job> &jobs, std::size_t depth)
{
    for (Job &job : jobs)
        job.path_seconds = job.seconds;
    for (std::size_t round = 0; round < depth; ++round) {
        for (const Job &job : jobs) {
            for (const std::size_t before : job.after)
                jobs[before].path_seconds =
                    std::max(jobs[before].path_seconds, jobs[before].seconds + job.path_seconds);
        }
    }
}

class Load
{
public:
    Load(std::vector<Job> jobs, pg::ConnectionSpec database)
        : jobs_(std::move(jobs)),
          database_(std::move(database))
    {
    }

    Result<void> run(const std::function<void(const DemoProgress &)> &progress,
                     const pg::Canceller &canceller);

private:
    void work(const pg::Canceller &canceller);
    std::optional<std::size_t> takeJob();
    std::optional<Error> runJob(pg::Connection &connection, const Job &job);
    [[nodiscard]] bool settled() const;
    [[nodiscard]] DemoProgress measure() const;

    std::vector<Job> jobs_;
    pg::ConnectionSpec database_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Error> error_;
    bool stopping_ = false;
    std::size_t working_ = 0;
    double furthest_ = 0;
    Clock::time_point begun_ = Clock::now();
};

bool Load::settled() const
{
    return stopping_ || std::all_of(jobs_.begin(), jobs_.end(), [](const Job &job) {
               return job.state == Job::State::Done;
           });
}

/// The next job whose turn it is; waits while all that is left waits for the
/// other connection.
std::optional<std::size_t> Load::takeJob()
{
    std::unique_lock lock(mutex_);
    while (!settled()) {
        std::optional<std::size_t> best;
        for (std::size_t i = 0; i < jobs_.size(); ++i) {
            const bool ready = jobs_[i].state == Job::State::Waiting
                && std::all_of(jobs_[i].after.begin(), jobs_[i].after.end(),
                               [&](std::size_t before) { return jobs_[before].state == Job::State::Done; });
            if (ready && (!best || jobs_[i].path_seconds > jobs_[*best].path_seconds))
                best = i;
        }
        if (best) {
            jobs_[*best].state = Job::State::Running;
            jobs_[*best].begun = Clock::now();
            return best;
        }
        changed_.wait(lock);
    }
    return {};
}

std::optional<Error> Load::runJob(pg::Connection &connection, const Job &job)
{
    for (const std::string &script : job.scripts) {
        pg::RunOptions options;
        const pg::RunOutcome outcome = connection.run(script, options);
        if (outcome.error && outcome.error->sqlstate != job.expect) {
            Error error = *outcome.error;
            if (error.kind != ErrorKind::Cancelled)
                error.message = "Loading the demo database failed in " + job.name + ": " + error.message;
            return error;
        }
    }
    return {};
}

void Load::work(const pg::Canceller &canceller)
{
    const pg::CancelScope scope(canceller);
    auto connection = pg::Connection::open(database_, canceller);
    std::optional<Error> failure;
    if (!connection)
        failure = connection.error();
    bool as_user = true; // the settings that a connection begins with
    while (!failure) {
        const auto taken = takeJob();
        if (!taken)
            break;
        // Written by this thread alone while it is Running.
        const Job &job = jobs_[*taken];
        if (job.is_query != as_user) {
            as_user = job.is_query;
            const auto set = (*connection)->query(as_user ? "RESET work_mem" : "SET work_mem = '64MB'");
            if (!set)
                failure = set.error();
        }
        if (!failure)
            failure = runJob(**connection, job);
        if (!failure) {
            const std::lock_guard lock(mutex_);
            jobs_[*taken].state = Job::State::Done;
        }
        changed_.notify_all();
    }
    const std::lock_guard lock(mutex_);
    // The first failure tells what happened; the other connection is then merely
    // cancelled.
    if (failure && !error_)
        error_ = std::move(failure);
    if (error_)
        stopping_ = true;
    --working_;
    changed_.notify_all();
}

DemoProgress Load::measure() const
{
    DemoProgress progress;
    double done = 0;
    double total = 0;
    double longest = -1;
    for (const Job &job : jobs_) {
        total += job.seconds;
        if (job.state == Job::State::Done)
            done += job.seconds;
        if (job.state != Job::State::Running)
            continue;
        done += std::min(secondsSince(job.begun), job.seconds * 0.95);
        if (job.path_seconds > longest) {
            longest = job.path_seconds;
            progress.what = job.title;
        }
    }
    progress.fraction = done / total;
    // Before a tenth is done the guess would jump about.
    if (progress.fraction > 0.1)
        progress.seconds_left = secondsSince(begun_) * (1 - progress.fraction) / progress.fraction;
    return progress;
}

Result<void> Load::run(const std::function<void(const DemoProgress &)> &progress,
                       const pg::Canceller &canceller)
{
    // Each connection has a canceller of its own: one request can only wake one
    // of them.
    const std::array<pg::Canceller, 2> lanes;
    working_ = lanes.size();
    std::vector<std::thread> threads;
    for (const pg::Canceller &lane : lanes)
        threads.emplace_back([this, lane] { work(lane); });
    std::unique_lock lock(mutex_);
    while (working_ > 0) {
        changed_.wait_for(lock, std::chrono::milliseconds(100));
        if (canceller.requested())
            stopping_ = true;
        if (stopping_) {
            changed_.notify_all();
            for (const pg::Canceller &lane : lanes)
                lane.cancel();
        }
        DemoProgress now = measure();
        furthest_ = now.fraction = std::max(furthest_, now.fraction);
        lock.unlock();
        if (progress && !now.what.empty())
            progress(now);
        lock.lock();
    }
    lock.unlock();
    for (std::thread &thread : threads)
        thread.join();
    if (canceller.requested())
        return fail(ErrorKind::Cancelled, "Loading the demo database was cancelled");
    if (error_)
        return tl::unexpected(*error_);
    return {};
}

} // namespace

Result<void> loadShop(const pg::ConnectionSpec &database, const ShopOptions &options,
                      const std::function<void(const DemoProgress &)> &progress,
                      const pg::Canceller &canceller)
{
    const pg::CancelScope scope(canceller);
    const auto steps = readLoadSteps();
    if (!steps)
        return tl::unexpected(steps.error());
    const auto queries = readWorkload();
    if (!queries)
        return tl::unexpected(queries.error());
    pg::ConnectionSpec spec = database;
    spec.application_name = "shop";
    spec.settings["howdah.scale"] = std::to_string(options.scale);
    spec.settings["work_mem"] = "4MB"; // what RESET goes back to
    spec.settings["maintenance_work_mem"] = "256MB";
    spec.settings["synchronous_commit"] = "off";
    spec.settings["timezone"] = "UTC";
    spec.settings["pg_stat_statements.track_utility"] = "off";
    const auto extensions = availableExtensions(spec, canceller);
    if (!extensions)
        return tl::unexpected(extensions.error());
    auto jobs = planJobs(*steps, *queries, *extensions);
    if (!jobs)
        return tl::unexpected(jobs.error());
    findPaths(*jobs, steps->size() + 1);
    return Load(std::move(*jobs), spec).run(progress, canceller);
}

} // namespace howdah::demo
