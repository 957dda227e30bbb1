// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/activity/end_backend.h"

#include <algorithm>

#include "core/base/human.h"
#include "core/sql/quote.h"

namespace howdah::activity {

namespace {

std::string who(const Backend &backend)
{
    std::string text = backend.user.empty() ? backend.backend_type : backend.user;
    if (!backend.database.empty())
        text += (backend.user.empty() ? " in " : "@") + backend.database;
    if (!backend.application.empty())
        text += " (" + backend.application + ")";
    return text;
}

bool isIdle(const Backend &backend)
{
    return backend.state == "idle" || backend.isIdleInTransaction();
}

/// What its transaction loses.
std::string rolledBack(const Backend &backend, Ending ending)
{
    if (backend.transaction_age_ms < 0)
        return ending == Ending::Terminate ? "No transaction is open, so nothing is rolled back; temporary tables, settings and "
                                             "advisory locks of the session go."
                                           : "No transaction is open.";
    const std::string open = "Its transaction, open for " + human::duration(backend.transaction_age_ms) + ", ";
    if (backend.xid_age < 0)
        return open + "has written nothing so far, so nothing is lost.";
    if (ending == Ending::Cancel)
        return open + "has written: unless the client has set a savepoint, all of it can then only be rolled back.";
    return open + "is rolled back with everything it has written. That is quick, and leaves dead rows for VACUUM.";
}

std::string special(const Backend &backend, Ending ending)
{
    if (backend.preventsWraparound())
        return "This autovacuum runs to prevent transaction ID wraparound. It starts again by itself, from the beginning; ended "
               "again and again it leads to a server that takes no more writes.";
    if (backend.isAutovacuum())
        return "This autovacuum is interrupted and comes again with the next round, from the beginning; until then dead rows stay.";
    if (backend.backend_type == "walsender")
        return "This is a WAL sender: a standby, a subscriber or a backup gets its data here. It connects again by itself, a backup "
               "does not; synchronous commits may wait meanwhile.";
    if (backend.backend_type.starts_with("logical replication"))
        return "This worker applies a subscription's changes; it is started again by itself.";
    if (ending == Ending::Terminate && backend.backend_type == "client backend")
        return "The client sees a lost connection and must connect again.";
    return {};
}

const BlockingNode *nodeOf(const Activity &activity, int pid)
{
    const auto found = std::find_if(activity.blocking.begin(), activity.blocking.end(), [pid](const BlockingNode &node) { return node.pid == pid; });
    return found == activity.blocking.end() ? nullptr : &*found;
}

std::string join(const std::vector<std::string> &sentences)
{
    std::string text;
    for (const std::string &sentence : sentences) {
        if (!sentence.empty())
            text += (text.empty() ? "" : " ") + sentence;
    }
    return text;
}

std::string identity(const Backend &backend)
{
    return "pid = " + std::to_string(backend.pid) + " AND backend_start = " + sql::quoteLiteral(backend.started);
}

migration::ChangeStep stepFor(const Activity &activity, const Backend &backend, Ending ending)
{
    const std::string pid = std::to_string(backend.pid);
    migration::ChangeStep step;
    step.title = (ending == Ending::Cancel ? "Cancel the statement of " : "Terminate ") + pid + ", " + who(backend);
    // From 14 on the server waits until the session has gone; a lock timeout has no say in it.
    const bool waits = activity.server && activity.server->major() >= 14;
    step.sql = ending == Ending::Cancel ? "SELECT pg_cancel_backend(" + pid + ")"
               : waits                  ? "SELECT pg_terminate_backend(" + pid + ", 5000)"
                                        : "SELECT pg_terminate_backend(" + pid + ")";
    step.in_transaction = false;
    step.check_before = "SELECT count(*) = 1 FROM pg_stat_activity WHERE " + identity(backend);
    if (ending == Ending::Terminate && waits)
        step.check_after = "SELECT count(*) = 0 FROM pg_stat_activity WHERE " + identity(backend);
    step.no_undo_reason = ending == Ending::Cancel ? "What the statement has done is gone." : "The session and its open transaction are gone for good.";
    step.note = consequence(activity, backend, ending);
    return step;
}

} // namespace

const Backend &target(const Activity &activity, const Backend &backend)
{
    if (backend.backend_type == "parallel worker" && backend.leader_pid != 0) {
        if (const Backend *leader = activity.find(backend.leader_pid))
            return *leader;
    }
    return backend;
}

std::string consequence(const Activity &activity, const Backend &backend, Ending ending)
{
    const Backend &hit = target(activity, backend);
    std::vector<std::string> sentences;
    if (&hit != &backend)
        sentences.push_back(std::to_string(backend.pid) + " is a parallel worker of " + std::to_string(hit.pid) +
                            ": ending one fails the whole statement, so its leader is asked.");
    if (ending == Ending::Cancel) {
        if (hit.isIdleInTransaction())
            sentences.push_back("It runs nothing, so a cancel does nothing: its transaction and its locks stay. Only terminating ends them.");
        else if (isIdle(hit))
            sentences.push_back("It runs nothing, so a cancel does nothing.");
        else
            sentences.push_back("The statement that it runs" +
                                (hit.query_age_ms >= 0 ? ", for " + human::duration(hit.query_age_ms) + " now," : std::string()) +
                                " ends with an error; the session stays.");
    }
    sentences.push_back(special(hit, ending));
    if (hit.isClient() && !(ending == Ending::Cancel && isIdle(hit)))
        sentences.push_back(rolledBack(hit, ending));
    if (const BlockingNode *node = nodeOf(activity, hit.pid); node != nullptr && node->waiting_below > 0)
        sentences.push_back(node->waiting_below == 1 ? "1 waiter is held up by it." : std::to_string(node->waiting_below) + " waiters are held up by it.");
    if (hit.is_superuser)
        sentences.push_back("It is a superuser's session: only a superuser may do this.");
    return join(sentences);
}

std::string refusal(const Activity &activity, const Backend &backend, Ending ending)
{
    const Backend &hit = target(activity, backend);
    if (hit.is_own)
        return "This is the session that this page looks through.";
    if (&hit == &backend && backend.backend_type == "parallel worker")
        return "This is a parallel worker; its leader is to be ended, and has gone.";
    if (hit.is_superuser && activity.server && !activity.server->is_superuser)
        return "This is a superuser's session, which only a superuser may end.";
    const bool ends = hit.isClient() || hit.isAutovacuum() || hit.backend_type == "walsender" || hit.backend_type.starts_with("logical replication");
    if (!ends)
        return "This is a process of the server itself (" + hit.backend_type + ").";
    if (ending == Ending::Cancel && hit.isClient() && isIdle(hit))
        return hit.isIdleInTransaction() ? "It runs nothing; only terminating ends its transaction." : "It runs nothing.";
    return {};
}

migration::ChangeScript endScript(const Activity &activity, const std::vector<int> &pids, Ending ending)
{
    migration::ChangeScript script;
    std::vector<int> done;
    for (const int pid : pids) {
        const Backend *backend = activity.find(pid);
        if (backend == nullptr || !refusal(activity, *backend, ending).empty())
            continue;
        const Backend &hit = target(activity, *backend);
        if (std::find(done.begin(), done.end(), hit.pid) != done.end())
            continue;
        done.push_back(hit.pid);
        script.steps.push_back(stepFor(activity, hit, ending));
        if (&hit != backend)
            script.steps.back().note = consequence(activity, *backend, ending);
    }
    script.danger = true;
    const std::string count = std::to_string(script.steps.size());
    const bool one = script.steps.size() == 1;
    if (ending == Ending::Cancel)
        script.title = one ? "Cancel 1 statement" : "Cancel " + count + " statements";
    else
        script.title = one ? "Terminate 1 session" : "Terminate " + count + " sessions";
    script.reason = "Each step makes sure first that the process is still the session that was seen. What is ended cannot be brought back.";
    return script;
}

std::vector<int> rootBlockers(const Activity &activity)
{
    std::vector<int> pids;
    for (const BlockingNode &node : activity.blocking) {
        if (node.depth == 0 && node.pid != 0 && node.waiting_below > 0)
            pids.push_back(node.pid);
    }
    return pids;
}

} // namespace howdah::activity
