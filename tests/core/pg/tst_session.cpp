// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include <future>
#include <mutex>

#include "core/pg/session.h"
#include "support/show.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::pg;
using namespace std::chrono_literals;

namespace {

ConnectionSpec freshSpec()
{
    ConnectionSpec spec;
    spec.conninfo = test::freshDatabase();
    return spec;
}

RunOutcome runAndWait(Session &session, const std::string &script)
{
    std::promise<RunOutcome> done;
    session.run(script, {}, {}, [&](RunOutcome outcome) { done.set_value(std::move(outcome)); });
    return done.get_future().get();
}

} // namespace

class TestSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsInOrderAndTellsItsState()
    {
        Session session(freshSpec());
        std::mutex mutex;
        std::vector<SessionState> states;
        session.onStateChanged([&](SessionState state, TransactionState) {
            const std::lock_guard lock(mutex);
            if (states.empty() || states.back() != state)
                states.push_back(state);
        });
        std::promise<void> last;
        std::vector<std::string> order;
        session.run("CREATE TABLE t (a int)", {}, {}, [&](RunOutcome) { order.push_back("create"); });
        session.query("SELECT $1::text", {{"q"}}, [&](Result<StatementOutcome> r) { order.emplace_back(r->result->cell(0, 0).text); });
        session.post([&](Connection &connection) { order.push_back(connection.facts().role); }, [](Error) {});
        session.run("BEGIN", {}, {}, [&](RunOutcome) { last.set_value(); });
        last.get_future().wait();
        QCOMPARE(order, (std::vector<std::string>{"create", "q", "howdah"}));
        QTRY_COMPARE(session.state(), SessionState::Idle);
        QCOMPARE(session.transaction(), TransactionState::InTransaction);
        QVERIFY(session.facts());
        const std::lock_guard lock(mutex);
        QCOMPARE(states.front(), SessionState::Connecting);
    }

    void cancelStopsTheRunningScriptOnly()
    {
        Session session(freshSpec());
        std::promise<RunOutcome> first, second;
        session.run("SELECT pg_sleep(60)", {}, {}, [&](RunOutcome outcome) { first.set_value(std::move(outcome)); });
        session.run("SELECT 1", {}, {}, [&](RunOutcome outcome) { second.set_value(std::move(outcome)); });
        QTRY_COMPARE(session.state(), SessionState::Busy);
        session.cancel();
        QCOMPARE(first.get_future().get().error->kind, ErrorKind::Cancelled);
        QVERIFY(!second.get_future().get().error);
    }

    void cancelAllAnswersEverybody()
    {
        Session session(freshSpec());
        std::atomic<int> cancelled{0};
        for (int i = 0; i < 10; ++i)
            session.run("SELECT pg_sleep(60)", {}, {}, [&](RunOutcome outcome) { cancelled += outcome.error.value_or(Error{}).kind == ErrorKind::Cancelled; });
        QTRY_COMPARE(session.state(), SessionState::Busy);
        session.cancelAll();
        QTRY_COMPARE(cancelled.load(), 10);
    }

    void theEndAnswersEverybodyToo()
    {
        std::atomic<int> answers{0};
        {
            Session session(freshSpec());
            for (int i = 0; i < 5; ++i)
                session.run("SELECT pg_sleep(60)", {}, {}, [&](RunOutcome) { ++answers; });
            QTRY_COMPARE(session.state(), SessionState::Busy);
        }
        QCOMPARE(answers.load(), 5);
    }

    void aLostServerIsToldAndScriptsWaitForReconnect()
    {
        Session session(freshSpec());
        QVERIFY(!runAndWait(session, "CREATE TEMPORARY TABLE mine (a int)").error);
        QCOMPARE(runAndWait(session, "SELECT pg_terminate_backend(pg_backend_pid())").error->kind, ErrorKind::Connection);
        QTRY_COMPARE(session.state(), SessionState::Broken);
        const RunOutcome refused = runAndWait(session, "SELECT 1");
        QCOMPARE(refused.error->kind, ErrorKind::Connection);
        QVERIFY(refused.error->hint.find("Reconnect") != std::string::npos);
        std::promise<Result<ServerFacts>> connected;
        session.connect([&](Result<ServerFacts> facts) { connected.set_value(std::move(facts)); });
        QVERIFY(connected.get_future().get());
        QVERIFY(!runAndWait(session, "SELECT 1").error);
    }

    void noServer()
    {
        ConnectionSpec spec;
        spec.conninfo = "host=127.0.0.1 port=1";
        Session session(spec);
        QCOMPARE(runAndWait(session, "SELECT 1").error->kind, ErrorKind::Connection);
        QCOMPARE(session.state(), SessionState::Disconnected);
    }
};

QTEST_GUILESS_MAIN(TestSession)
#include "tst_session.moc"
