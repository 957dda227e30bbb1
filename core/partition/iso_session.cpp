// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/iso_session.h"

#include "core/sql/quote.h"

namespace howdah::partition {

IsoSession::IsoSession(pg::Connection &connection) : connection_(connection), own_(connection.transaction() == pg::TransactionState::Idle)
{
    const auto send = [&](const std::string &sql) {
        if (failure_)
            return;
        if (auto sent = connection.query(sql); !sent)
            failure_ = sent.error();
    };
    if (own_) {
        send("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    } else if (const auto before = connection.query("SELECT current_setting('DateStyle'), current_setting('IntervalStyle')")) {
        date_style_ = before->result->cell(0, 0).text;
        interval_style_ = before->result->cell(0, 1).text;
    } else {
        failure_ = before.error();
    }
    send("SET LOCAL DateStyle = 'ISO, YMD'");
    send("SET LOCAL IntervalStyle = 'postgres'");
}

IsoSession::~IsoSession()
{
    if (!connection_.alive())
        return;
    const pg::CancelShield shield(connection_.canceller());
    if (own_) {
        static_cast<void>(connection_.endTransaction(false));
        return;
    }
    if (date_style_.empty() || connection_.transaction() != pg::TransactionState::InTransaction)
        return;
    static_cast<void>(connection_.query("SET LOCAL DateStyle = " + sql::quoteLiteral(date_style_)));
    static_cast<void>(connection_.query("SET LOCAL IntervalStyle = " + sql::quoteLiteral(interval_style_)));
}

} // namespace howdah::partition
