// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/failing_transaction.h"

#include <map>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/human.h"
#include "core/replication/ask.h"
#include "core/replication/probes.h"
#include "core/replication/repairs.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

using series::ProbeRows;
using sql::quoteLiteral;

/// So many transactions without any change (13 and 14 send those too) are passed over.
constexpr int most_empty = 200;
/// A worker that fails is started again every 5 s.
constexpr double settled_ms = 15'000;

std::string bytesOf(const std::string &hex)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

/// Big-endian, as the protocol of logical replication writes numbers.
std::uint64_t numberAt(const std::string &bytes, std::size_t at, std::size_t length)
{
    std::uint64_t number = 0;
    for (std::size_t i = at; i < std::min(bytes.size(), at + length); ++i)
        number = number << 8 | static_cast<unsigned char>(bytes[i]);
    return number;
}

struct Publications {
    std::string slot, names, origin;
};

/// What the slot would send next, put together by transaction and kind.
class SlotPeek
{
public:
    SlotPeek(pg::Connection &publisher, const Publications &source, FailingTransaction &found) : publisher_(publisher), source_(source), found_(found) {}
    ~SlotPeek()
    {
        if (copied_)
            static_cast<void>(ask(publisher_, "SELECT pg_drop_replication_slot($1)", {copy_}));
    }
    SlotPeek(const SlotPeek &) = delete;
    SlotPeek &operator=(const SlotPeek &) = delete;
    Result<void> read(Lsn applied);

private:
    Result<void> moveTo(Lsn lsn);
    Result<bool> look();
    pg::Connection &publisher_;
    const Publications &source_;
    FailingTransaction &found_;
    std::string copy_ = fmt::format("howdah_look_{}", getpid());
    bool copied_ = false;
    Lsn end_ = -1; ///< behind the transaction looked at last
};

Result<void> SlotPeek::moveTo(Lsn lsn)
{
    const auto moved = ask(publisher_, "SELECT CASE WHEN confirmed_flush_lsn < $2::pg_lsn THEN (SELECT end_lsn FROM pg_replication_slot_advance($1, $2::pg_lsn)) END "
                                       "FROM pg_replication_slots WHERE slot_name = $1::name", {copy_, lsnText(lsn)});
    if (!moved)
        return tl::unexpected(moved.error());
    return {};
}

/// True when the next transaction holds a change; false to go on behind it.
Result<bool> SlotPeek::look()
{
    // B and R are read here; changes are only counted, by relation, where they are: a transaction may hold millions.
    const auto rows = ask(publisher_,
                          "SELECT chr(get_byte(data, 0)) AS kind, max(xid::text) AS xid, count(*) AS n, encode(substr(data, 1, CASE get_byte(data, 0) WHEN 66 THEN 21 "
                          "WHEN 67 THEN 26 WHEN 82 THEN 300 WHEN 84 THEN 1 ELSE 5 END), 'hex') AS head FROM pg_logical_slot_peek_binary_changes($1, NULL, 1, "
                          "'proto_version', '1', 'publication_names', $2" + std::string(source_.origin == "none" ? ", 'origin', 'none'" : "") +
                              ") WHERE get_byte(data, 0) IN (66, 67, 68, 73, 82, 84, 85) GROUP BY 1, 4 LIMIT 2000",
                          {copy_, source_.names});
    if (!rows)
        return tl::unexpected(rows.error());
    std::map<std::uint64_t, std::string> relations;
    for (std::size_t row = 0; row < rows->size(); ++row) {
        const std::string kind = rows->string(row, "kind"), bytes = bytesOf(rows->string(row, "head"));
        if (kind == "B") {
            found_.finish_lsn = static_cast<Lsn>(numberAt(bytes, 1, 8));
            found_.xid = rows->integer(row, "xid");
        } else if (kind == "C") {
            end_ = static_cast<Lsn>(numberAt(bytes, 10, 8));
        } else if (kind == "R" && bytes.size() > 6) {
            const std::size_t zero = bytes.find('\0', 5);
            const std::size_t last = zero == std::string::npos ? zero : bytes.find('\0', zero + 1);
            if (last != std::string::npos)
                relations[numberAt(bytes, 1, 4)] = bytes.substr(5, zero - 5) + "." + bytes.substr(zero + 1, last - zero - 1);
        }
    }
    found_.changes.clear();
    for (std::size_t row = 0; row < rows->size(); ++row) {
        const std::string kind = rows->string(row, "kind"), bytes = bytesOf(rows->string(row, "head"));
        const char *word = kind == "I" ? "INSERT into " : kind == "U" ? "UPDATE of " : kind == "D" ? "DELETE from " : nullptr;
        if (word != nullptr)
            found_.changes.push_back(word + relations[numberAt(bytes, 1, 4)] + ": " + human::count(rows->integer(row, "n")));
        else if (kind == "T")
            found_.changes.emplace_back("TRUNCATE");
    }
    if (rows->size() == 0)
        return fail(ErrorKind::Unsupported, "The publisher's slot holds no transaction that is still to be applied",
                    "What fails is not a change: see the subscriber's server log.");
    return !found_.changes.empty();
}

Result<void> SlotPeek::read(Lsn applied)
{
    const auto copied = ask(publisher_, "SELECT pg_copy_logical_replication_slot($1, $2, true)", {source_.slot, copy_});
    if (!copied)
        return tl::unexpected(copied.error());
    copied_ = true;
    end_ = applied;
    for (int passed = 0; passed < most_empty; ++passed) {
        if (end_ > 0) {
            if (auto moved = moveTo(end_); !moved)
                return moved;
        }
        const auto holds = look();
        if (!holds)
            return tl::unexpected(holds.error());
        if (*holds)
            return {};
    }
    return fail(ErrorKind::Unsupported, "Only transactions without a change lie before it");
}

Result<void> readSubscription(pg::Connection &subscriber, const std::string &name, FailingTransaction &found, Publications &source)
{
    const bool sixteen = subscriber.facts().major() >= 16;
    const auto rows = ask(subscriber, std::string("SELECT oid, subname, subenabled, subslotname, (SELECT string_agg(quote_ident(p), ',') FROM unnest(subpublications) p) AS publications, ") +
                                          (sixteen ? "suborigin" : "NULL") + " AS origin FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                                          "AND ($1 = '' OR subname = $1) ORDER BY subname",
                          {name});
    if (!rows)
        return tl::unexpected(rows.error());
    if (rows->size() == 0)
        return fail(ErrorKind::Usage, name.empty() ? "This database has no subscription" : "There is no subscription " + name + " in this database");
    if (rows->size() > 1)
        return fail(ErrorKind::Usage, "This database has several subscriptions", "Name one: --subscription NAME");
    found.subscription.oid = rows->integer(0, "oid");
    found.subscription.name = rows->string(0, "subname");
    found.subscription.enabled = rows->flag(0, "subenabled");
    found.subscription.slot = source.slot = rows->string(0, "subslotname");
    source.names = rows->string(0, "publications");
    source.origin = rows->string(0, "origin");
    return {};
}

/// Up to where the subscriber has applied; -1 where this role may not know. What ends there or before is not sent again.
Lsn appliedBy(pg::Connection &subscriber, const Subscription &subscription)
{
    const auto lsn = askText(subscriber, "SELECT pg_wal_lsn_diff(remote_lsn, '0/0')::bigint FROM pg_replication_origin_status WHERE external_id = $1", {"pg_" + std::to_string(subscription.oid)});
    return lsn && !lsn->empty() ? std::atoll(lsn->c_str()) : -1;
}

/// A worker that goes on has nothing to skip: the next transaction of its slot is a good one.
Result<void> mustFail(pg::Connection &subscriber, const Subscription &subscription)
{
    const auto rows = ask(subscriber, "SELECT round(EXTRACT(epoch FROM clock_timestamp() - a.backend_start) * 1000) AS age FROM pg_stat_subscription w "
                                      "JOIN pg_stat_activity a ON a.pid = w.pid WHERE w.subid = $1 AND w.relid IS NULL", {std::to_string(subscription.oid)});
    if (!rows)
        return tl::unexpected(rows.error());
    const double age = rows->size() > 0 ? rows->number(0, "age").value_or(0) : 0;
    if (subscription.enabled && age > settled_ms)
        return fail(ErrorKind::Unsupported, "Subscription " + subscription.name + " does not fail: its worker has run for " + human::duration(age));
    return {};
}

Result<void> readLog(pg::Connection &subscriber, FailingTransaction &found)
{
    const int major = subscriber.facts().major();
    if (major < 15)
        return fail(ErrorKind::Unsupported, "Before 15 the server log does not name the transaction", "Name the publisher, whose slot does: --node CONNINFO");
    for (const series::Probe &probe : probes()) {
        if (probe.name != "apply_failures")
            continue;
        const auto rows = ask(subscriber, series::sqlOf(probe, major));
        if (!rows)
            return tl::unexpected(rows.error());
        for (std::size_t row = 0; row < rows->size() && found.finish_lsn < 0; ++row) {
            if (rows->integer(row, "subscription") == found.subscription.oid)
                found.finish_lsn = rows->integer(row, "lsn", -1);
        }
    }
    if (found.finish_lsn < 0)
        return fail(ErrorKind::Unsupported, "The server log cannot be read through this connection, or does not tell",
                    "Name the publisher, whose slot does: --node CONNINFO. Or look for \"finished at\" in the subscriber's log.");
    return {};
}

} // namespace

Result<FailingTransaction> findFailingTransaction(pg::Connection &subscriber, pg::Connection *publisher, const std::string &name)
{
    FailingTransaction found;
    Publications source;
    if (auto read = readSubscription(subscriber, name, found, source); !read)
        return tl::unexpected(read.error());
    if (auto fails = mustFail(subscriber, found.subscription); !fails)
        return tl::unexpected(fails.error());
    const int major = subscriber.facts().major();
    if (publisher == nullptr) {
        if (auto read = readLog(subscriber, found); !read)
            return tl::unexpected(read.error());
        found.source = "server log";
    } else {
        if (auto read = SlotPeek(*publisher, source, found).read(appliedBy(subscriber, found.subscription)); !read)
            return tl::unexpected(read.error());
        found.source = "publisher's slot";
    }
    found.script = repair::skipTransaction(found.subscription, found.finish_lsn, major);
    if (major < 15 && !source.slot.empty())
        found.alternative = repair::advanceSlot(source.slot, found.finish_lsn);
    return found;
}

} // namespace howdah::replication
