// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/throttle.h"

#include <array>
#include <charconv>
#include <cmath>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/human.h"

namespace howdah::migration {

namespace {

using Member = std::variant<double Throttle::*, std::int64_t Throttle::*, int Throttle::*, std::string Throttle::*>;

struct Field {
    std::string_view name;
    Member member;
};

const std::array<Field, 12> &fields()
{
    static const std::array<Field, 12> all{{{"batch_ms", &Throttle::batch_ms},
                                            {"rows_per_second", &Throttle::rows_per_second},
                                            {"replica_lag_s", &Throttle::replica_lag_s},
                                            {"replica_lag_bytes", &Throttle::replica_lag_bytes},
                                            {"wal_bytes_per_second", &Throttle::wal_bytes_per_second},
                                            {"slot_bytes", &Throttle::slot_bytes},
                                            {"oldest_transaction_s", &Throttle::oldest_transaction_s},
                                            {"autovacuum_s", &Throttle::autovacuum_s},
                                            {"waiting_sessions", &Throttle::waiting_sessions},
                                            {"latency_ms", &Throttle::latency_ms},
                                            {"latency_sql", &Throttle::latency_sql},
                                            {"window", &Throttle::window}}};
    return all;
}

std::optional<int> minuteOf(std::string_view text)
{
    int hour = 0;
    int minute = 0;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || text.size() - colon != 3)
        return {};
    const auto [hour_end, hour_error] = std::from_chars(text.data(), text.data() + colon, hour);
    const auto [minute_end, minute_error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), minute);
    if (hour_error != std::errc() || minute_error != std::errc() || hour_end != text.data() + colon || minute_end != text.data() + text.size())
        return {};
    if (hour < 0 || hour > 24 || minute < 0 || minute > 59)
        return {};
    return hour * 60 + minute;
}

struct Window {
    int begin = 0;
    int end = 0;
    [[nodiscard]] bool holds(int minute) const { return begin <= end ? minute >= begin && minute < end : minute >= begin || minute < end; }
};

std::optional<Window> windowOf(std::string_view text)
{
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos)
        return {};
    const auto begin = minuteOf(text.substr(0, dash));
    const auto end = minuteOf(text.substr(dash + 1));
    if (!begin || !end)
        return {};
    return Window{*begin, *end};
}

/// A number with a unit of bytes, or "off".
std::optional<double> numberOf(std::string_view text)
{
    if (text == "off" || text == "none")
        return 0;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || !std::isfinite(number) || number < 0)
        return {};
    std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    while (unit.starts_with(' '))
        unit.remove_prefix(1);
    if (unit.empty())
        return number;
    int power = 0;
    for (const std::string_view known : {"kB", "MB", "GB", "TB"}) {
        ++power;
        if (unit == known)
            return number * std::pow(1024, power);
    }
    return {};
}

std::string agree(const Throttle &throttle)
{
    if (throttle.batch_ms < 1)
        return "batch_ms must be 1 or more";
    if (!throttle.window.empty() && !windowOf(throttle.window))
        return "window must be like 22:00-06:00";
    return {};
}

std::string seconds(double value)
{
    return human::duration(value * 1000);
}

using Reason = std::optional<std::string>;

Reason replicaReason(const Throttle &t, const Load &load)
{
    if (t.replica_lag_s > 0 && load.replica_lag_s > t.replica_lag_s)
        return fmt::format("Replica {} is {} behind (limit {})", load.replica, seconds(load.replica_lag_s), seconds(t.replica_lag_s));
    if (t.replica_lag_bytes > 0 && load.replica_lag_bytes > t.replica_lag_bytes)
        return fmt::format("Replica {} is {} behind (limit {})", load.replica, human::bytes(load.replica_lag_bytes), human::bytes(t.replica_lag_bytes));
    return {};
}

Reason walReason(const Throttle &t, const Load &load)
{
    if (t.wal_bytes_per_second > 0 && load.wal_bytes_per_second > static_cast<double>(t.wal_bytes_per_second))
        return fmt::format("The server writes {}/s of WAL (limit {}/s)", human::bytes(std::llround(load.wal_bytes_per_second)), human::bytes(t.wal_bytes_per_second));
    if (t.slot_bytes > 0 && load.slot_in_danger)
        return fmt::format("Slot {} is about to lose WAL that it needs", load.slot);
    if (t.slot_bytes > 0 && load.slot_bytes > t.slot_bytes)
        return fmt::format("Slot {} keeps {} of WAL (limit {})", load.slot, human::bytes(load.slot_bytes), human::bytes(t.slot_bytes));
    return {};
}

Reason sessionReason(const Throttle &t, const Load &load)
{
    if (t.oldest_transaction_s > 0 && load.oldest_transaction_s > t.oldest_transaction_s)
        return fmt::format("{} has been open for {}, so that dead rows cannot be removed (limit {})", load.oldest_transaction, seconds(load.oldest_transaction_s), seconds(t.oldest_transaction_s));
    if (t.autovacuum_s > 0 && load.autovacuum_s > 0 && load.autovacuum_s < t.autovacuum_s)
        return fmt::format("An autovacuum works on the table since {} (waited for up to {})", seconds(load.autovacuum_s), seconds(t.autovacuum_s));
    if (t.waiting_sessions > 0 && load.waiting_sessions > t.waiting_sessions)
        return fmt::format("{} sessions wait for locks (limit {})", load.waiting_sessions, t.waiting_sessions);
    if (t.latency_ms > 0 && load.latency_ms > t.latency_ms)
        return fmt::format("The probe took {} (limit {})", human::duration(load.latency_ms), human::duration(t.latency_ms));
    return {};
}

} // namespace

std::string toJson(const Throttle &throttle)
{
    nlohmann::ordered_json document;
    for (const Field &field : fields())
        std::visit([&](auto member) { document[std::string(field.name)] = throttle.*member; }, field.member);
    return document.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Result<Throttle> readThrottle(std::string_view json, Throttle base)
{
    const auto document = nlohmann::json::parse(json, nullptr, false);
    if (!document.is_object())
        return fail(ErrorKind::Parse, "Throttle limits must be a JSON object");
    for (const Field &field : fields()) {
        const auto at = document.find(field.name);
        if (at == document.end() || at->is_null())
            continue;
        bool fits = false;
        std::visit(
            [&]<typename Value>(Value Throttle::*member) {
                if constexpr (std::is_same_v<Value, std::string>)
                    fits = at->is_string();
                else
                    fits = at->is_number() && at->template get<double>() >= 0;
                if (fits)
                    base.*member = at->template get<Value>();
            },
            field.member);
        if (!fits)
            return fail(ErrorKind::Parse, fmt::format("Throttle limit {} has a wrong value", field.name));
    }
    if (const std::string problem = agree(base); !problem.empty())
        return fail(ErrorKind::Parse, "Throttle limit " + problem);
    return base;
}

Result<void> setThrottle(Throttle &throttle, std::string_view assignment)
{
    const std::size_t equals = assignment.find('=');
    const std::string_view name = assignment.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : assignment.substr(equals + 1);
    std::string known;
    for (const Field &field : fields()) {
        known += (known.empty() ? "" : ", ") + std::string(field.name);
        if (field.name != name || equals == std::string_view::npos)
            continue;
        Throttle wanted = throttle;
        bool fits = true;
        std::visit(
            [&]<typename Value>(Value Throttle::*member) {
                if constexpr (std::is_same_v<Value, std::string>) {
                    wanted.*member = value == "off" ? std::string_view() : value;
                } else {
                    const auto number = numberOf(value);
                    fits = number.has_value();
                    wanted.*member = static_cast<Value>(number.value_or(0));
                }
            },
            field.member);
        const std::string problem = fits ? agree(wanted) : fmt::format("\"{}\" is no value of {}", value, name);
        if (!problem.empty())
            return fail(ErrorKind::Usage, problem, "A number, with kB, MB or GB where it counts bytes, or off.");
        throttle = std::move(wanted);
        return {};
    }
    return fail(ErrorKind::Usage, fmt::format("\"{}\" is no throttle limit", assignment), "NAME=VALUE with one of: " + known);
}

std::optional<std::string> reasonToWait(const Throttle &throttle, const Load &load)
{
    if (const auto window = windowOf(throttle.window); window && !window->holds(load.minute_of_day))
        return fmt::format("It is {:02}:{:02} on the server, outside of the window {}", load.minute_of_day / 60, load.minute_of_day % 60, throttle.window);
    for (const auto reason : {replicaReason, walReason, sessionReason}) {
        if (auto found = reason(throttle, load))
            return found;
    }
    return {};
}

} // namespace howdah::migration
