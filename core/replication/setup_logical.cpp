// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/pg/connection_spec.h"
#include "core/replication/ask.h"
#include "core/replication/replicated_tables.h"
#include "core/replication/setup_run.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

using namespace std::chrono_literals;
using sql::quoteIdentifier;
using sql::quoteLiteral;

bool isSameCluster(pg::Connection &a, pg::Connection &b)
{
    const char *const identity = "SELECT (pg_control_system()).system_identifier || '@' || EXTRACT(epoch FROM pg_postmaster_start_time())";
    const auto ours = askText(a, identity), theirs = askText(b, identity);
    return ours && theirs && *ours == *theirs;
}

std::string publicationStatement(pg::Connection &publisher, const LogicalPlan &plan)
{
    std::string text = "CREATE PUBLICATION " + quoteIdentifier(plan.publication);
    const auto super = askText(publisher, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user");
    if (plan.tables.empty() && super && *super == "t")
        return text + " FOR ALL TABLES";
    // Only a superuser may publish all tables, those to come too: without being one those that there are.
    const auto tables = tablesOf(publisher, plan);
    std::string list;
    for (const PublishedChoice &table : tables.value_or(std::vector<PublishedChoice>()))
        list += (list.empty() ? " FOR TABLE " : ", ") + sql::quoteQualified(table.schema, table.name) + (table.columns.empty() ? "" : " (" + table.columns + ")") +
                (table.where.empty() ? "" : " WHERE (" + table.where + ")");
    return text + list;
}

std::string subscriptionStatement(const LogicalPlan &plan, bool same_cluster, const std::string &password)
{
    const std::string conninfo = plan.publisher_conninfo + (password.empty() ? "" : " password=" + pg::conninfoValue(password));
    return "CREATE SUBSCRIPTION " + quoteIdentifier(plan.subscription) + " CONNECTION " + quoteLiteral(conninfo) + " PUBLICATION " + quoteIdentifier(plan.publication) +
           " WITH (slot_name = " + quoteLiteral(plan.slot) + ", create_slot = " + (same_cluster ? "false" : "true") + ", copy_data = " + (plan.copy_data ? "true" : "false") + ")";
}

/// Follows pg_subscription_rel until every relation is at r.
class InitialCopy
{
public:
    InitialCopy(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan, SetupRun &run) : a_(publisher), b_(subscriber), plan_(plan), run_(run) {}
    bool wait();

private:
    Result<bool> look();
    void estimate();
    pg::Connection &a_, &b_;
    const LogicalPlan &plan_;
    SetupRun &run_;
    std::map<std::string, double> rows_; ///< by relation, as the publisher estimates them
    double all_rows_ = 0;
    std::int64_t first_errors_ = -1;
};

void InitialCopy::estimate()
{
    const auto tables = tablesOf(a_, plan_);
    if (!tables)
        return;
    const auto facts = tableFacts(a_, *tables);
    if (!facts)
        return;
    for (const TableFacts &table : *facts) {
        const double rows = table.rows >= 0 ? static_cast<double>(table.rows) : static_cast<double>(table.bytes) / 100;
        rows_[table.sql()] = rows;
        all_rows_ += rows;
    }
}

Result<bool> InitialCopy::look()
{
    const bool progress = b_.facts().major() >= 14;
    const auto rows = ask(b_, std::string("SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS relation, r.srsubstate AS state, ") +
                                  (progress ? "COALESCE(p.tuples_processed, 0)" : "0") +
                                  " AS copied FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid JOIN pg_class c ON c.oid = r.srrelid "
                                  "JOIN pg_namespace n ON n.oid = c.relnamespace " +
                                  (progress ? "LEFT JOIN pg_stat_progress_copy p ON p.relid = r.srrelid AND p.command = 'COPY FROM' " : "") +
                                  "WHERE s.subname = $1 AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
                          {plan_.subscription});
    if (!rows)
        return tl::unexpected(rows.error());
    std::size_t ready = 0;
    double copied = 0;
    std::string now;
    for (std::size_t row = 0; row < rows->size(); ++row) {
        const std::string state = rows->string(row, "state"), relation = rows->string(row, "relation");
        const auto known = rows_.find(relation);
        const double all = known == rows_.end() ? 0 : known->second;
        ready += state == "r" ? 1 : 0;
        const bool through = state == "r" || state == "s" || state == "f";
        const auto so_far = static_cast<double>(rows->integer(row, "copied"));
        copied += through ? all : std::min(all, so_far);
        if (!through && so_far > 0)
            now += (now.empty() ? "" : "; ") + relation + (all > 0 ? fmt::format(" {:.0f} %", std::min(99.0, so_far / all * 100)) : std::string()) + ", " + human::compactCount(so_far) + " rows";
    }
    run_.figure(fmt::format("{} of {} tables", ready, rows->size()) + (now.empty() ? "" : "; " + now), all_rows_ > 0 ? copied / all_rows_ : -1);
    if (b_.facts().major() >= 15) {
        const auto errors = askText(b_, "SELECT COALESCE(sum(e.sync_error_count + e.apply_error_count), 0)::bigint FROM pg_stat_subscription_stats e WHERE e.subname = $1", {plan_.subscription});
        const std::int64_t count = errors ? std::atoll(errors->c_str()) : 0;
        if (first_errors_ < 0)
            first_errors_ = 0;
        if (count - first_errors_ >= 2)
            return fail(ErrorKind::Server, "The initial copy fails again and again (" + std::to_string(count) + " errors)",
                        "The subscriber's server log says why: rows that are there already, rights, missing columns.");
    }
    return ready == rows->size();
}

bool InitialCopy::wait()
{
    estimate();
    if (!run_.until(b_, std::chrono::hours(24 * 7), [this] { return look(); }, "The initial copy has not ended"))
        return false;
    run_.done();
    return true;
}

} // namespace

bool compareStep(SetupRun &run, pg::Connection &a, pg::Connection &b, const std::string &publication, CompareOptions options)
{
    run.begin("compare");
    options.publication = publication;
    std::size_t done = 0;
    auto comparison = compareTables(a, b, options, [&](const TableComparison &table) {
        done += table.state.empty() ? 0 : 1;
        run.figure(std::to_string(done) + " tables compared" + (table.state.empty() ? ", " + table.table + " " + human::count(table.rows_a) + " rows" : std::string()));
    });
    if (!comparison) {
        run.failed(comparison.error());
        return false;
    }
    run.outcome.comparison = std::move(*comparison);
    const Comparison &result = *run.outcome.comparison;
    std::int64_t rows = 0;
    std::string different;
    for (const TableComparison &table : result.tables) {
        rows += std::max<std::int64_t>(0, table.rows_a);
        if (table.state != "same" && table.state != "unsettled" && !(table.state == "counted" && table.rows_a == table.rows_b))
            different += (different.empty() ? "" : "\n") + table.table + ": " + table.state + (table.different_rows > 0 ? ", " + std::to_string(table.different_rows) + " rows" : "") + (table.message.empty() ? "" : ". " + table.message);
    }
    if (!result.same()) {
        Error error = fail(ErrorKind::Unsupported, "The two sides differ").value();
        error.detail = different;
        run.failed(std::move(error));
        return false;
    }
    run.outcome.proof = std::to_string(result.tables.size()) + " tables with " + human::count(rows) + " rows are the same on both sides.";
    run.done(run.outcome.proof);
    return true;
}

Result<LogicalPlan> completed(pg::Connection &publisher, LogicalPlan plan)
{
    auto way = wayOf(plan.publisher_conninfo, publisher.facts());
    if (!way)
        return tl::unexpected(way.error());
    plan.publisher_conninfo = conninfoOf(*way);
    std::string base;
    for (const char c : publisher.facts().database)
        base += std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '_';
    if (plan.publication.empty())
        plan.publication = base + "_pub";
    if (plan.subscription.empty())
        plan.subscription = base + "_sub";
    if (plan.slot.empty()) {
        for (const char c : plan.subscription)
            plan.slot += std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::tolower(static_cast<unsigned char>(c))) : '_';
    }
    return plan;
}

std::vector<SetupStep> logicalSteps(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan)
{
    StepList steps;
    const bool same_cluster = isSameCluster(publisher, subscriber);
    steps.add("publication", "Publish the tables", StepKind::Statement, "publisher", publicationStatement(publisher, plan), "DROP PUBLICATION " + quoteIdentifier(plan.publication),
        "Takes SHARE UPDATE EXCLUSIVE on each table for a moment; reads and writes go on.");
    if (same_cluster)
        steps.add("slot", "Create the slot first", StepKind::Statement, "publisher", "SELECT pg_create_logical_replication_slot(" + quoteLiteral(plan.slot) + ", 'pgoutput')",
            "SELECT pg_drop_replication_slot(" + quoteLiteral(plan.slot) + ")", "Within one server CREATE SUBSCRIPTION would wait for itself for ever, making the slot.");
    steps.add("subscription", "Subscribe", StepKind::Statement, "subscriber", subscriptionStatement(plan, same_cluster, plan.password.empty() ? "" : "…"), "DROP SUBSCRIPTION " + quoteIdentifier(plan.subscription),
        plan.password.empty() ? "" : "The server keeps the connection with its password in pg_subscription, which only superusers read.");
    if (plan.copy_data)
        steps.add("initial_copy", "Follow the initial copy", StepKind::Wait, "subscriber", "SELECT srrelid::regclass, srsubstate FROM pg_subscription_rel", {}, "Every table must come to state r.");
    steps.add("compare", "Compare both sides", StepKind::Wait, "subscriber", "Row counts and an ordered hash of each table, in chunks by the primary key.");
    return steps.take();
}

SetupOutcome setUpLogical(pg::Connection &publisher, pg::Connection &subscriber, const LogicalPlan &plan, const CompareOptions &comparing, const SetupProgress &progress)
{
    const pg::CancelScope scope(publisher.canceller()), other(subscriber.canceller());
    SetupRun run(logicalSteps(publisher, subscriber, plan), progress);
    auto checks = preflightLogical(publisher, subscriber, plan);
    if (!checks) {
        run.outcome.error = checks.error();
        return run.close();
    }
    run.outcome.checks = std::move(*checks);
    if (!mayBegin(run.outcome.checks)) {
        run.outcome.error = preflightFailed(run.outcome.checks);
        return run.close();
    }
    run.begin("publication");
    if (!run.statement(publisher, true))
        return run.close();
    const bool same_cluster = run.has("slot");
    if (same_cluster) {
        run.begin("slot");
        if (!run.statement(publisher, false))
            return run.close();
    }
    run.begin("subscription");
    // Making a slot is not allowed within a transaction block.
    if (!run.statement(subscriber, same_cluster, plan.password.empty() ? std::string() : subscriptionStatement(plan, same_cluster, plan.password)))
        return run.close();
    if (plan.copy_data) {
        run.begin("initial_copy");
        if (!InitialCopy(publisher, subscriber, plan, run).wait())
            return run.close();
    }
    run.outcome.proven = compareStep(run, publisher, subscriber, plan.publication, comparing);
    return run.close();
}

} // namespace howdah::replication
