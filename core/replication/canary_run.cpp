// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/canary_run.h"

#include <set>

#include "core/base/human.h"
#include "core/replication/ask.h"
#include "core/replication/canary.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

using Clock = std::chrono::steady_clock;
using sql::quoteIdentifier;
using sql::quoteLiteral;

std::string tableOf(const CanaryPlan &plan)
{
    return sql::quoteQualified("public", plan.name);
}

std::string afterText(Clock::time_point began)
{
    return human::duration(std::chrono::duration<double, std::milli>(Clock::now() - began).count());
}

std::chrono::milliseconds patience(double seconds)
{
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

Result<CanaryPlan> completedStreaming(pg::Connection &upstream, pg::Connection &downstream, CanaryPlan plan)
{
    const char *const identity = "SELECT system_identifier FROM pg_control_system()";
    const auto ours = askText(upstream, identity), theirs = askText(downstream, identity);
    if (ours && theirs && *ours != *theirs)
        return fail(ErrorKind::Usage, "The standby is of another database cluster", "It has system identifier " + *theirs + ", this server " + *ours + ".");
    plan.name = canaryName();
    return plan;
}

/// Tables that are published and not subscribed to.
Result<std::vector<std::string>> notTaken(pg::Connection &publisher, pg::Connection &subscriber, const std::string &subscription, const std::string &publications)
{
    const auto taken = ask(subscriber, "SELECT n.nspname || '.' || c.relname AS name FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid "
                                       "JOIN pg_class c ON c.oid = r.srrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE s.subname = $1", {subscription});
    const auto published = ask(publisher, "SELECT DISTINCT schemaname || '.' || tablename AS name FROM pg_publication_tables WHERE pubname = ANY ($1::name[])", {publications});
    if (!taken || !published)
        return tl::unexpected(taken ? published.error() : taken.error());
    std::set<std::string> have;
    for (std::size_t row = 0; row < taken->size(); ++row)
        have.insert(taken->string(row, "name"));
    std::vector<std::string> missing;
    for (std::size_t row = 0; row < published->size(); ++row) {
        if (!have.contains(published->string(row, "name")))
            missing.push_back(published->string(row, "name"));
    }
    return missing;
}

Result<CanaryPlan> completedLogical(pg::Connection &publisher, pg::Connection &subscriber, CanaryPlan plan)
{
    const auto rows = ask(subscriber, "SELECT subname, subslotname, subenabled, subpublications::text AS publications FROM pg_subscription "
                                      "WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND ($1 = '' OR subname = $1)", {plan.subscription});
    if (!rows)
        return tl::unexpected(rows.error());
    if (rows->size() != 1)
        return fail(ErrorKind::Usage, rows->size() > 1 ? "There are several subscriptions; name one"
                                                       : "The other end is neither a standby nor has it such a subscription in this database");
    plan.logical = true;
    plan.subscription = rows->string(0, "subname");
    if (!rows->flag(0, "subenabled"))
        return fail(ErrorKind::Unsupported, "The subscription " + plan.subscription + " is disabled", "A canary would not be read: enable it first.");
    const auto slot = askText(publisher, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()", {rows->string(0, "subslotname")});
    if (!slot)
        return tl::unexpected(slot.error());
    if (*slot != "1")
        return fail(ErrorKind::Usage, "The publisher's database has no slot " + rows->string(0, "subslotname"), "Connect to the database that publishes.");
    const std::string publications = rows->string(0, "publications");
    const auto missing = notTaken(publisher, subscriber, plan.subscription, publications);
    if (!missing)
        return tl::unexpected(missing.error());
    if (!missing->empty())
        return fail(ErrorKind::Unsupported, "The subscription has not taken over all tables of its publications: " + missing->front() + (missing->size() > 1 ? " and others" : ""),
                    "Refresh it first; a canary would take them over without their rows.");
    const auto which = ask(publisher, "SELECT pubname, puballtables AS everything FROM pg_publication WHERE pubname = ANY ($1::name[]) AND pubinsert ORDER BY puballtables DESC, pubname LIMIT 1", {publications});
    if (!which)
        return tl::unexpected(which.error());
    if (which->size() == 0)
        return fail(ErrorKind::Unsupported, "No publication of the subscription publishes INSERT");
    plan.publication = which->flag(0, "everything") ? std::string() : which->string(0, "pubname");
    plan.name = canaryName();
    return plan;
}

std::vector<SetupStep> logicalCanarySteps(const CanaryPlan &plan)
{
    StepList steps;
    const std::string table = tableOf(plan), subscription = quoteIdentifier(plan.subscription);
    const std::string make = "CREATE TABLE " + table + " (token text PRIMARY KEY)", drop = "DROP TABLE IF EXISTS " + table;
    const std::string refresh = "ALTER SUBSCRIPTION " + subscription + " REFRESH PUBLICATION WITH (copy_data = false)";
    steps.add("canary_there", "Make the canary's table there", StepKind::Statement, "subscriber", make, drop);
    steps.add("canary_here", "Make it here", StepKind::Statement, "publisher", make, drop);
    if (!plan.publication.empty())
        steps.add("canary_publish", "Publish it", StepKind::Statement, "publisher", "ALTER PUBLICATION " + quoteIdentifier(plan.publication) + " ADD TABLE " + table, {},
                  "It leaves the publication when it is dropped.");
    steps.add("canary_subscribe", "Take it over", StepKind::Statement, "subscriber", refresh, {}, "Every other published table is taken over already: nothing else changes.");
    steps.add("canary_write", "Write a canary", StepKind::Statement, "publisher", "INSERT INTO " + table + " VALUES (" + quoteLiteral(plan.name) + ")");
    steps.add("canary_read", "Read the canary on the subscriber", StepKind::Wait, "subscriber", "SELECT token FROM " + table);
    steps.add("canary_remove", "Remove it here", StepKind::Statement, "publisher", drop);
    steps.add("canary_forget", "Forget it there", StepKind::Statement, "subscriber", refresh);
    steps.add("canary_remove_there", "Remove it there", StepKind::Statement, "subscriber", drop);
    return steps.take();
}

class LogicalCanary
{
public:
    LogicalCanary(pg::Connection &publisher, pg::Connection &subscriber, const CanaryPlan &plan, SetupRun &run) : a_(publisher), b_(subscriber), plan_(plan), run_(run) {}
    bool send();
    void remove();

private:
    bool step(const char *id, pg::Connection &server, bool in_transaction = true);
    pg::Connection &a_, &b_;
    const CanaryPlan &plan_;
    SetupRun &run_;
};

bool LogicalCanary::step(const char *id, pg::Connection &server, bool in_transaction)
{
    run_.begin(id);
    return run_.statement(server, in_transaction);
}

bool LogicalCanary::send()
{
    if (!step("canary_there", b_) || !step("canary_here", a_) || (run_.has("canary_publish") && !step("canary_publish", a_)) || !step("canary_subscribe", b_, false) ||
        !step("canary_write", a_))
        return false;
    const auto began = Clock::now();
    run_.begin("canary_read");
    const bool read = run_.until(b_, patience(plan_.patience_s), [&]() -> Result<bool> {
        const auto token = askText(b_, "SELECT token FROM " + tableOf(plan_));
        if (!token)
            return tl::unexpected(token.error());
        return *token == plan_.name;
    }, "The canary was not read on the subscriber within " + human::duration(plan_.patience_s * 1000));
    if (!read)
        return false;
    run_.outcome.proof = "The row \"" + plan_.name + "\" that was written on the publisher was read on the subscriber within " + afterText(began) + ".";
    run_.done(run_.outcome.proof);
    return true;
}

/// What could not be removed is said, but what was proven stays proven.
void LogicalCanary::remove()
{
    const pg::CancelShield here(a_.canceller()), there(b_.canceller());
    const bool told = run_.outcome.error.has_value();
    const bool removed = step("canary_remove", a_) && step("canary_forget", b_, false) && step("canary_remove_there", b_);
    if (removed)
        run_.tookBack("The canary's table has been removed from both sides.");
    else if (!told)
        run_.outcome.error->message = "The canary's table could not be removed: " + run_.outcome.error->message;
}

} // namespace

const Place *canarySource(const Topology &topology, const Link &link)
{
    const auto isLooked = [&topology](int index) {
        const Place &place = topology.places[static_cast<std::size_t>(index)];
        return place.node && place.node->sampled && !place.node->isLost();
    };
    if (link.upstream < 0 || link.downstream < 0 || !isLooked(link.downstream))
        return nullptr;
    int at = link.upstream;
    // No more steps than there are places: what is seen of a change of roles may go in a ring.
    for (std::size_t step = 0; step < topology.places.size() && topology.places[static_cast<std::size_t>(at)].role == Role::Standby; ++step) {
        for (const Link &above : topology.links) {
            if (above.kind == LinkKind::Streaming && above.downstream == at)
                at = above.upstream;
        }
    }
    return isLooked(at) && topology.places[static_cast<std::size_t>(at)].node->isWritable() ? &topology.places[static_cast<std::size_t>(at)] : nullptr;
}

void addStreamingCanary(StepList &steps, const std::string &name)
{
    steps.add("canary_write", "Write a canary", StepKind::Statement, "primary", canaryStatement(name), {}, "Where no table may be made: a restore point of that name.");
    steps.add("canary_read", "Read the canary on the standby", StepKind::Wait, "standby", "SELECT token FROM " + quoteIdentifier(name));
    steps.add("canary_remove", "Remove the canary", StepKind::Statement, "primary", "DROP TABLE " + quoteIdentifier(name));
}

bool runStreamingCanary(SetupRun &run, pg::Connection &primary, pg::Connection &standby, double patience_s)
{
    run.begin("canary_write");
    Canary canary = canaryOf(run.step().text);
    auto written = writeCanary(primary, canary);
    if (!written) {
        run.failed(written.error());
        return false;
    }
    const auto began = Clock::now();
    run.done(canary.table.empty() ? "restore point at " + canary.lsn : "written by " + canary.lsn);
    run.begin("canary_read");
    const bool read = run.until(primary, patience(patience_s), [&] { return readCanary(standby, canary); },
                                "The canary was not read on the standby within " + human::duration(patience_s * 1000));
    if (read) {
        run.outcome.proof = (canary.table.empty() ? "The restore point " + canary.token + " at " + canary.lsn + " was replayed on the standby"
                                                  : "The row \"" + canary.token + "\" that was written on the primary was read on the standby") +
                            " within " + afterText(began) + ".";
        run.done(run.outcome.proof);
    }
    run.begin("canary_remove");
    {
        const pg::CancelShield shield(primary.canceller());
        static_cast<void>(removeCanary(primary, canary));
    }
    run.done();
    return read;
}

Result<CanaryPlan> completed(pg::Connection &upstream, pg::Connection &downstream, CanaryPlan plan)
{
    const auto here = askText(upstream, "SELECT pg_is_in_recovery()"), there = askText(downstream, "SELECT pg_is_in_recovery()");
    if (!here || !there)
        return tl::unexpected(here ? there.error() : here.error());
    if (*here == "t")
        return fail(ErrorKind::Usage, "This end is a standby: it takes no writes", "Connect to the primary that all of them follow.");
    return *there == "t" ? completedStreaming(upstream, downstream, std::move(plan)) : completedLogical(upstream, downstream, std::move(plan));
}

std::vector<SetupStep> canarySteps(const CanaryPlan &plan)
{
    if (plan.logical)
        return logicalCanarySteps(plan);
    StepList steps;
    addStreamingCanary(steps, plan.name);
    return steps.take();
}

SetupOutcome sendCanary(pg::Connection &upstream, pg::Connection &downstream, const CanaryPlan &plan, const SetupProgress &progress)
{
    const pg::CancelScope scope(upstream.canceller()), other(downstream.canceller());
    SetupRun run(canarySteps(plan), progress);
    if (!plan.logical) {
        run.outcome.proven = runStreamingCanary(run, upstream, downstream, plan.patience_s);
        run.tookBack("The canary has been removed.");
        return run.close();
    }
    // A synchronous standby that is missing must not hold it up.
    static_cast<void>(upstream.run("SET synchronous_commit = local"));
    LogicalCanary canary(upstream, downstream, plan, run);
    run.outcome.proven = canary.send();
    canary.remove();
    static_cast<void>(upstream.run("RESET synchronous_commit"));
    return run.close();
}

} // namespace howdah::replication
