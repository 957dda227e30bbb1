// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/explain_effects.h"

#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>

#include "core/sql/parser.h"
#include "core/sql/quote.h"

namespace howdah::plan {

namespace {

/// PostgreSQL's own functions that are not undone; nextval() and setval() are found in the plan.
constexpr std::array lasting_functions = std::to_array<std::string_view>({
    "lo_export",
    "pg_advisory_lock",
    "pg_advisory_lock_shared",
    "pg_advisory_unlock",
    "pg_advisory_unlock_all",
    "pg_advisory_unlock_shared",
    "pg_cancel_backend",
    "pg_copy_logical_replication_slot",
    "pg_copy_physical_replication_slot",
    "pg_create_logical_replication_slot",
    "pg_create_physical_replication_slot",
    "pg_create_restore_point",
    "pg_drop_replication_slot",
    "pg_log_backend_memory_contexts",
    "pg_logical_emit_message",
    "pg_logical_slot_get_binary_changes",
    "pg_logical_slot_get_changes",
    "pg_promote",
    "pg_reload_conf",
    "pg_replication_slot_advance",
    "pg_rotate_logfile",
    "pg_stat_reset",
    "pg_stat_reset_replication_slot",
    "pg_stat_reset_shared",
    "pg_stat_reset_single_function_counters",
    "pg_stat_reset_single_table_counters",
    "pg_stat_reset_slru",
    "pg_stat_reset_subscription_stats",
    "pg_switch_wal",
    "pg_terminate_backend",
    "pg_try_advisory_lock",
    "pg_try_advisory_lock_shared",
    "pg_wal_replay_pause",
    "pg_wal_replay_resume",
});

/// Collects "funcname":[{"String":{"sval":…}}, …] without a tree in memory and without recursion.
class FunctionReader : public nlohmann::json_sax<nlohmann::json>
{
public:
    std::set<CalledFunction> found;

    bool key(string_t &name) override
    {
        if (name == "funcname") {
            reading_ = true;
            parts_.clear();
        }
        value_ = name == "sval" || name == "str";
        return true;
    }
    bool string(string_t &text) override
    {
        if (reading_ && value_)
            parts_.push_back(text);
        return true;
    }
    bool end_array() override
    {
        if (reading_ && !parts_.empty())
            found.insert({parts_.size() > 1 ? parts_[parts_.size() - 2] : "", parts_.back()});
        reading_ = false;
        return true;
    }
    bool start_object(std::size_t) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t &) override { return true; }
    bool binary(binary_t &) override { return true; }
    bool parse_error(std::size_t, const std::string &, const nlohmann::detail::exception &) override { return false; }

private:
    std::vector<std::string> parts_;
    bool reading_ = false, value_ = false;
};

/// An array literal for a text[] parameter.
template <typename Names> std::string textArray(const Names &names)
{
    std::string text;
    for (const auto &name : names) {
        text += text.empty() ? "{\"" : ",\"";
        for (const char c : std::string_view(name)) {
            if (c == '"' || c == '\\')
                text += '\\';
            text += c;
        }
        text += '"';
    }
    return text.empty() ? "{}" : text + "}";
}

} // namespace

std::vector<CalledFunction> calledFunctions(std::string_view statement)
{
    const auto tree = sql::parseTree(statement);
    FunctionReader reader;
    if (!tree || !nlohmann::json::sax_parse(*tree, &reader))
        return {};
    return {reader.found.begin(), reader.found.end()};
}

Result<OutsideEffects> outsideEffects(pg::Connection &connection, const std::vector<CalledFunction> &functions)
{
    OutsideEffects effects;
    if (functions.empty())
        return effects;
    std::set<std::string> names, schemas;
    for (const CalledFunction &function : functions) {
        names.insert(function.name);
        if (!function.schema.empty())
            schemas.insert(function.schema);
    }
    auto rows = connection.query("SELECT DISTINCT n.nspname, p.proname FROM pg_catalog.pg_proc p "
                                 "JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
                                 "WHERE p.provolatile = 'v' AND p.proname = ANY ($1::text[]) "
                                 "AND (n.nspname <> 'pg_catalog' OR p.proname = ANY ($2::text[])) "
                                 "AND (pg_catalog.pg_function_is_visible(p.oid) OR n.nspname = ANY ($3::text[])) "
                                 "ORDER BY 1, 2",
                                 {textArray(names), textArray(lasting_functions), textArray(schemas)});
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (std::int64_t row = 0; row < rows->result->rowCount(); ++row) {
        const std::string_view schema = rows->result->cell(row, 0).text;
        const std::string_view name = rows->result->cell(row, 1).text;
        if (schema == "pg_catalog")
            effects.lasting_functions.push_back(std::string(name) + "()");
        else
            effects.volatile_functions.push_back(sql::quoteQualified(schema, name) + "()");
    }
    return effects;
}

std::vector<std::string> sequencesIn(std::string_view plan_json)
{
    std::set<std::string> found;
    for (const std::string_view call : {"nextval(", "setval("}) {
        for (std::size_t at = plan_json.find(call); at != std::string_view::npos; at = plan_json.find(call, at + 1)) {
            std::string_view argument = plan_json.substr(at + call.size());
            std::string name;
            if (const std::size_t end = argument.find("'::regclass"); argument.starts_with('\'') && end != std::string_view::npos)
                name = argument.substr(1, end - 1);
            // JSON writes the quotes of a quoted name as \".
            name.erase(std::remove(name.begin(), name.end(), '\\'), name.end());
            found.insert(std::move(name));
        }
    }
    return {found.begin(), found.end()};
}

} // namespace howdah::plan
