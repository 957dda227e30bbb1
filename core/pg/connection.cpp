// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/connection.h"

#include <map>

#include "core/pg/statement_run.h"
#include "core/sql/copy_data.h"
#include "core/sql/lexer.h"
#include "core/sql/read_only_gate.h"
#include "core/sql/transaction_block.h"

namespace howdah::pg {

namespace {

Error cancelled(std::string detail)
{
    Error error;
    error.kind = ErrorKind::Cancelled;
    error.message = "Cancelled";
    error.detail = std::move(detail);
    return error;
}

/// What can be told before anything is sent.
std::optional<Error> unsendable(const sql::StatementSpan &statement, std::string_view script, bool read_only)
{
    Error error;
    error.kind = ErrorKind::Unsupported;
    const std::string_view text = statement.text.of(script);
    if (statement.psql_command) {
        error.position = statement.text.begin;
        error.message = std::string(text.substr(0, text.find_first_of(" \t\r\n"))) + " is a command of psql, not SQL";
        error.detail = "The server does not know it. It was not sent.";
        error.hint = "Remove the line, or run this script with psql.";
        return error;
    }
    if (read_only) {
        if (const std::string why = sql::undoesReadOnly(text); !why.empty()) {
            error.position = statement.text.begin;
            error.message = "The connection is read-only, and this statement would undo that: " + why;
            error.detail = "It was not sent.";
            error.hint = "Connect without read-only if changes are meant.";
            return error;
        }
    }
    if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
        error.position = ByteOffset{statement.text.begin.value + nul};
        error.message = "The statement holds a NUL character, which PostgreSQL cannot store in text";
        error.detail = "It was not sent.";
        return error;
    }
    return {};
}

/// Which of these statements the data are for: the one COPY … FROM STDIN on the line before them.
std::optional<std::size_t> taker(const std::vector<sql::StatementSpan> &statements, std::string_view script, ByteOffset data)
{
    std::optional<std::size_t> found;
    for (std::size_t i = statements.size(); i-- > 0;) {
        const ByteSpan between{statements[i].text.end, data};
        const std::string_view line = between.of(script);
        if (line.empty() || line.find('\n') != line.size() - 1)
            break;
        if (!sql::copiesFromClient(statements[i].text.of(script)))
            continue;
        if (found) // each takes data of its own, and the first of them come first
            return std::nullopt;
        found = i;
    }
    return found;
}

/// Keeps run_notice right on every way out.
class NoticeTarget
{
public:
    NoticeTarget(Connection::Impl &impl, const std::function<void(const Notice &)> &target) : impl_(impl)
    {
        impl_.run_notice = &target;
    }
    ~NoticeTarget() { impl_.run_notice = nullptr; }
    NoticeTarget(const NoticeTarget &) = delete;
    NoticeTarget &operator=(const NoticeTarget &) = delete;

private:
    Connection::Impl &impl_;
};

} // namespace

Connection::Connection() : impl_(std::make_unique<Impl>()) {}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(const ConnectionSpec &spec, const Canceller &canceller)
{
    std::unique_ptr<Connection> connection(new Connection);
    connection->impl_->spec = spec;
    connection->impl_->canceller = canceller;
    if (auto opened = connection->reconnect(); !opened)
        return tl::unexpected(std::move(opened.error()));
    return connection;
}

Result<void> Connection::reconnect()
{
    const CancelScope scope(impl_->canceller);
    if (auto connected = impl_->connect(); !connected)
        return connected;
    impl_->readFacts();
    const auto facts = query("SELECT current_user, current_database(), pg_is_in_recovery(), "
                             "current_setting('default_transaction_read_only'), "
                             "(SELECT backend_start FROM pg_stat_get_activity(pg_backend_pid()))");
    if (!facts) {
        impl_->conn.reset();
        return tl::unexpected(facts.error());
    }
    const RowStore &row = *facts->result;
    impl_->facts.role = row.cell(0, 0).text;
    impl_->facts.database = row.cell(0, 1).text;
    impl_->facts.in_recovery = row.cell(0, 2).text == "t";
    impl_->facts.read_only = row.cell(0, 3).text == "on";
    impl_->facts.backend_start = row.cell(0, 4).text;
    return {};
}

/// Texts are UTF-8 on our side, whatever a script sets (dumps begin with SET client_encoding). An SQL_ASCII server
/// knows no encodings: asked for UTF-8 it would refuse to send any other bytes it holds.
void Connection::Impl::keepEncoding()
{
    const std::string wanted = facts.server_encoding == "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
    const char *present = PQparameterStatus(conn.get(), "client_encoding");
    // A failed transaction takes no SET; its end brings the encoding of its beginning back.
    if (present == nullptr || present == wanted || PQtransactionStatus(conn.get()) == PQTRANS_INERROR)
        return;
    const std::string found = present;
    const StatementOutcome set = StatementRun(*this, {}, {}).execute(0, {}, "SET client_encoding = '" + wanted + "'");
    if (!set.error && found != "UTF8")
        deliver({"WARNING", "", "client_encoding is " + wanted + " again", "It had been set to " + found + ".",
                 "Scripts are sent as UTF-8 here, so the setting is not needed.", ""});
}

std::optional<Error> Connection::Impl::beginFor(std::string_view statement, ByteOffset at)
{
    const sql::BlockRule rule = sql::blockRule(statement);
    if (rule.role == sql::BlockRole::Control)
        return {};
    const TransactionState state = transactionOf(conn.get());
    if (rule.role == sql::BlockRole::Outside && state == TransactionState::InTransaction) {
        // Sent, it would only make the open transaction fail.
        Error error;
        error.kind = ErrorKind::Unsupported;
        error.message = rule.command + " cannot run inside a transaction block";
        error.detail = "It was not sent, and the open transaction is as it was.";
        error.hint = "Commit or roll back first.";
        error.position = at;
        return error;
    }
    if (state != TransactionState::Idle)
        return {};
    if (rule.role == sql::BlockRole::Outside) {
        deliver({"WARNING", "", rule.command + " cannot run inside a transaction block, so no BEGIN was sent before it",
                 "It takes effect at once and cannot be rolled back.", "", ""});
        return {};
    }
    return StatementRun(*this, {}, {}).execute(0, {}, "BEGIN").error;
}

Result<std::string> Connection::endTransaction(bool commit)
{
    return query(commit ? "COMMIT" : "ROLLBACK").map([](const StatementOutcome &outcome) { return outcome.command_tag; });
}

const ServerFacts &Connection::facts() const
{
    return impl_->facts;
}

bool Connection::alive() const
{
    return impl_->conn && !impl_->canceller.isAbandoned() && PQstatus(impl_->conn.get()) == CONNECTION_OK;
}

TransactionState transactionOf(const PGconn *conn)
{
    switch (PQtransactionStatus(conn)) {
    case PQTRANS_IDLE:
        return TransactionState::Idle;
    case PQTRANS_ACTIVE:
        return TransactionState::Active;
    case PQTRANS_INTRANS:
        return TransactionState::InTransaction;
    case PQTRANS_INERROR:
        return TransactionState::InFailedTransaction;
    default:
        return TransactionState::Unknown;
    }
}

TransactionState Connection::transaction() const
{
    return transactionOf(impl_->conn.get());
}

const Canceller &Connection::canceller() const
{
    return impl_->canceller;
}

void Connection::onNotice(std::function<void(const Notice &)> callback)
{
    impl_->notice = std::move(callback);
}

Result<StatementOutcome> Connection::query(std::string_view sql, const std::vector<Parameter> &parameters)
{
    if (!alive())
        return tl::unexpected(lostConnection(""));
    const CancelScope scope(impl_->canceller);
    if (impl_->canceller.requested())
        return tl::unexpected(cancelled("The statement was not sent."));
    impl_->keepEncoding();
    RunOptions options;
    options.parameters = parameters;
    const RunObserver nobody;
    const ByteSpan span{ByteOffset{0}, ByteOffset{sql.size()}};
    StatementOutcome outcome = StatementRun(*impl_, options, nobody).execute(0, span, sql);
    if (outcome.error)
        return tl::unexpected(std::move(*outcome.error));
    // A request that the server was too fast for: rows that came after it were dropped, and the whole result is promised.
    if (outcome.result && impl_->canceller.requested())
        return tl::unexpected(cancelled("The statement had come to its end before it could be cancelled."));
    return outcome;
}

RunOutcome Connection::run(std::string_view script, const RunOptions &options, const RunObserver &observer)
{
    const auto begin = Clock::now();
    RunOutcome whole;
    const CancelScope scope(impl_->canceller);
    const NoticeTarget notices(*impl_, observer.notice);
    std::vector<sql::StatementSpan> statements;
    std::map<std::size_t, std::string_view> copy_data; // by the statement that takes them
    for (const sql::StatementSpan &statement : sql::splitStatements(script, !impl_->conn || impl_->standardConformingStrings())) {
        const std::optional<std::string_view> data = sql::copyDataOf(statement, script);
        if (const auto copy = data ? taker(statements, script, statement.text.begin) : std::nullopt)
            copy_data.emplace(*copy, *data);
        else if (statement.text.size() > 0)
            statements.push_back(statement);
    }
    if (!options.parameters.empty() && statements.size() != 1) {
        whole.error = fail(ErrorKind::Usage, "Parameters can be bound to a single statement only").value();
        whole.not_started = statements.size();
        return whole;
    }
    for (std::size_t i = 0; i < statements.size(); ++i) {
        if (!alive() || impl_->canceller.requested()) {
            if (!whole.error)
                whole.error = alive() ? cancelled("The statements from here on were not sent.") : lostConnection("");
            whole.not_started = statements.size() - i;
            break;
        }
        const ByteSpan span = statements[i].text;
        if (observer.statementStarted)
            observer.statementStarted(i, span);
        StatementOutcome outcome;
        if (auto refused = unsendable(statements[i], script, impl_->spec.read_only)) {
            outcome.index = i;
            outcome.span = span;
            outcome.error = std::move(refused);
            outcome.transaction = transaction();
        } else {
            impl_->keepEncoding();
            auto unfit = options.begin_transactions ? impl_->beginFor(span.of(script), span.begin) : std::nullopt;
            if (unfit) {
                outcome.index = i;
                outcome.span = span;
                outcome.error = std::move(unfit);
                outcome.transaction = alive() ? transaction() : TransactionState::Unknown;
            } else {
                StatementRun run(*impl_, options, observer);
                if (const auto data = copy_data.find(i); data != copy_data.end())
                    run.setCopyData(data->second);
                outcome = run.execute(i, span, span.of(script));
            }
        }
        if (outcome.error && !whole.error)
            whole.error = outcome.error;
        whole.statements.push_back(std::move(outcome));
        if (observer.statementFinished)
            observer.statementFinished(whole.statements.back());
        if (whole.statements.back().error && options.stop_on_error) {
            whole.not_started = statements.size() - i - 1;
            break;
        }
    }
    whole.duration_ms = millisecondsSince(begin);
    return whole;
}

} // namespace howdah::pg
