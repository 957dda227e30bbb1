// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <thread>

#include "core/base/human.h"
#include "core/replication/ask.h"
#include "core/replication/replicated_tables.h"
#include "core/replication/setup_run.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

using namespace std::chrono_literals;
using sql::quoteIdentifier;
using sql::quoteLiteral;

const char *const written_rows = "SELECT COALESCE(sum(s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::bigint FROM pg_publication_tables t "
                                 "JOIN pg_stat_user_tables s ON s.schemaname = t.schemaname AND s.relname = t.tablename WHERE t.pubname = $1";
const char *const writers = "SELECT string_agg(DISTINCT COALESCE(NULLIF(a.application_name, ''), a.usename), ', ') FROM pg_stat_activity a "
                            "WHERE a.datname = current_database() AND a.backend_type = 'client backend' AND a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()";

class CutOver
{
public:
    CutOver(pg::Connection &publisher, pg::Connection &subscriber, const CutOverPlan &plan, const CompareOptions &comparing, std::vector<SetupStep> steps, const SetupProgress &progress)
        : a_(publisher), b_(subscriber), plan_(plan), comparing_(comparing), run_(std::move(steps), progress) {}
    SetupOutcome run();

private:
    bool writesHaveStopped();
    bool lsnReached();
    bool setSequences();
    bool dropSubscription();
    pg::Connection &a_, &b_;
    const CutOverPlan &plan_;
    const CompareOptions &comparing_;
    SetupRun run_;
};

bool CutOver::writesHaveStopped()
{
    run_.begin("writes_stopped");
    const auto before = askText(a_, written_rows, {plan_.publication});
    if (!before) {
        run_.failed(before.error());
        return false;
    }
    // Statistics of a session come up to a second late.
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(plan_.quiet_s);
    std::string who;
    while (std::chrono::steady_clock::now() < end && who.empty()) {
        const auto seen = askText(a_, writers);
        who = seen ? *seen : std::string();
        std::this_thread::sleep_for(100ms);
    }
    const auto after = askText(a_, written_rows, {plan_.publication});
    if (!after) {
        run_.failed(after.error());
        return false;
    }
    if (!who.empty() || *after != *before) {
        run_.failed(fail(ErrorKind::Unsupported,
                         "The publisher is still written to" + (who.empty() ? ": " + std::to_string(std::atoll(after->c_str()) - std::atoll(before->c_str())) + " rows in the last seconds" : ", by " + who),
                         "Stop the application, or refuse its writes: ALTER DATABASE " + quoteIdentifier(a_.facts().database) + " SET default_transaction_read_only = on, and end its sessions.").value());
        return false;
    }
    run_.done("nobody has written for " + human::duration(plan_.quiet_s * 1000));
    return true;
}

bool CutOver::lsnReached()
{
    run_.begin("lsn_reached");
    const auto lsn = askText(a_, "SELECT pg_current_wal_flush_lsn()");
    if (!lsn) {
        run_.failed(lsn.error());
        return false;
    }
    const auto reached = [&]() -> Result<bool> {
        const auto rows = ask(a_, "SELECT confirmed_flush_lsn AS lsn, confirmed_flush_lsn >= $2::pg_lsn AS reached FROM pg_replication_slots WHERE slot_name = $1", {plan_.slot, *lsn});
        if (!rows)
            return tl::unexpected(rows.error());
        if (rows->size() == 0)
            return fail(ErrorKind::Unsupported, "The slot " + plan_.slot + " is not there any more");
        run_.figure(rows->string(0, "lsn") + " of " + *lsn);
        return rows->flag(0, "reached");
    };
    if (!run_.until(a_, std::chrono::milliseconds(static_cast<std::int64_t>(plan_.reach_s * 1000)), reached, "The subscriber has not reached " + *lsn))
        return false;
    run_.done("the subscriber has " + *lsn);
    return true;
}

/// Their values are those of this moment, not of when the steps were shown.
bool CutOver::setSequences()
{
    if (!run_.has("sequences"))
        return true;
    run_.begin("sequences");
    const auto statements = sequenceStatements(a_);
    if (!statements) {
        run_.failed(statements.error());
        return false;
    }
    std::size_t set = 0;
    std::string missing;
    for (const std::string &statement : *statements) {
        auto ran = b_.query(statement);
        if (!ran && ran.error().sqlstate == "42P01") {
            missing += (missing.empty() ? "; not there: " : ", ") + statement.substr(0, statement.find(','));
            continue;
        }
        if (!ran) {
            run_.failed(ran.error());
            return false;
        }
        ++set;
    }
    run_.done(std::to_string(set) + " sequences set" + missing);
    return true;
}

bool CutOver::dropSubscription()
{
    run_.begin("drop_subscription");
    if (!run_.statement(b_, false))
        return false;
    run_.begin("slot_gone");
    const bool gone = run_.until(a_, 20s, [&]() -> Result<bool> {
        const auto count = askText(a_, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1", {plan_.slot});
        if (!count)
            return tl::unexpected(count.error());
        return *count == "0";
    }, "The slot " + plan_.slot + " is still there and keeps WAL: drop it with pg_drop_replication_slot");
    if (!gone)
        return false;
    run_.done("slot " + plan_.slot + " is gone");
    if (!run_.has("drop_publication"))
        return true;
    run_.begin("drop_publication");
    return run_.statement(a_, true);
}

SetupOutcome CutOver::run()
{
    run_.outcome.proven = writesHaveStopped() && lsnReached() && compareStep(run_, a_, b_, plan_.publication, comparing_) && setSequences() && dropSubscription();
    return run_.close();
}

} // namespace

Result<CutOverPlan> completed(pg::Connection &publisher, pg::Connection &subscriber, CutOverPlan plan)
{
    const auto rows = ask(subscriber, "SELECT subname, subslotname, array_to_string(subpublications, ',') AS publications FROM pg_subscription "
                                      "WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND ($1 = '' OR subname = $1)",
                          {plan.subscription});
    if (!rows)
        return tl::unexpected(rows.error());
    if (rows->size() != 1)
        return fail(ErrorKind::Usage, rows->size() == 0 ? "There is no such subscription in the subscriber's database" : "There are several subscriptions; name one");
    plan.subscription = rows->string(0, "subname");
    plan.slot = rows->string(0, "subslotname");
    plan.publication = rows->string(0, "publications");
    if (plan.publication.find(',') != std::string::npos)
        return fail(ErrorKind::Unsupported, "The subscription has several publications (" + plan.publication + ")", "Move them one by one: ALTER SUBSCRIPTION … DROP PUBLICATION.");
    if (plan.slot.empty())
        return fail(ErrorKind::Unsupported, "The subscription has no slot");
    const auto slot = askText(publisher, "SELECT count(*) FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()", {plan.slot});
    if (!slot)
        return tl::unexpected(slot.error());
    if (*slot != "1")
        return fail(ErrorKind::Usage, "The publisher's database has no slot " + plan.slot, "Connect to the database that publishes.");
    return plan;
}

Result<std::vector<SetupStep>> cutOverSteps(pg::Connection &publisher, pg::Connection &, const CutOverPlan &plan)
{
    StepList steps;
    steps.add("writes_stopped", "Nobody may write any more", StepKind::Wait, "publisher", writers, {}, "The counters of the published tables must stand still for " + human::duration(plan.quiet_s * 1000) + ".");
    steps.add("lsn_reached", "The subscriber must have everything", StepKind::Wait, "publisher",
        "SELECT confirmed_flush_lsn >= pg_current_wal_flush_lsn() FROM pg_replication_slots WHERE slot_name = " + quoteLiteral(plan.slot));
    steps.add("compare", "Compare both sides", StepKind::Wait, "subscriber", "Row counts and an ordered hash of each table, in chunks by the primary key.");
    const auto sequences = sequenceStatements(publisher);
    if (!sequences)
        return tl::unexpected(sequences.error());
    if (!sequences->empty()) {
        std::string text;
        for (const std::string &statement : *sequences)
            text += (text.empty() ? "" : ";\n") + statement;
        steps.add("sequences", "Set the sequences", StepKind::Statement, "subscriber", text, {}, "With the values that the publisher has by then.");
    }
    steps.add("drop_subscription", "End the subscription", StepKind::Statement, "subscriber", "DROP SUBSCRIPTION " + quoteIdentifier(plan.subscription), {}, "Its slot on the publisher goes with it. From here on the two sides are apart for good.");
    steps.add("slot_gone", "The slot must be gone", StepKind::Wait, "publisher", "SELECT count(*) = 0 FROM pg_replication_slots WHERE slot_name = " + quoteLiteral(plan.slot));
    if (plan.drop_publication)
        steps.add("drop_publication", "Drop the publication", StepKind::Statement, "publisher", "DROP PUBLICATION " + quoteIdentifier(plan.publication));
    return steps.take();
}

SetupOutcome cutOver(pg::Connection &publisher, pg::Connection &subscriber, const CutOverPlan &plan, const CompareOptions &comparing, const SetupProgress &progress)
{
    const pg::CancelScope scope(publisher.canceller()), other(subscriber.canceller());
    auto steps = cutOverSteps(publisher, subscriber, plan);
    if (!steps) {
        SetupOutcome outcome;
        outcome.error = steps.error();
        return outcome;
    }
    return CutOver(publisher, subscriber, plan, comparing, std::move(*steps), progress).run();
}

} // namespace howdah::replication
