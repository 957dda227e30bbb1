// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/script_json.h"

#include <array>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

namespace howdah::migration {

namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::array<std::pair<Phase, std::string_view>, 6> phases{{{Phase::Plain, "plain"},
                                                                    {Phase::Expand, "expand"},
                                                                    {Phase::Backfill, "backfill"},
                                                                    {Phase::Validate, "validate"},
                                                                    {Phase::Switch, "switch"},
                                                                    {Phase::Contract, "contract"}}};
constexpr std::array<std::pair<LockPolicy, std::string_view>, 2> policies{{{LockPolicy::Brief, "brief"}, {LockPolicy::Patient, "patient"}}};

void put(OrderedJson &object, const char *key, const std::string &text)
{
    if (!text.empty())
        object[key] = text;
}

OrderedJson batchesJson(const BatchWork &work)
{
    OrderedJson object{{"table", work.table}, {"key", work.key}, {"batch_sql", work.batch_sql}, {"first_rows", work.first_rows}};
    object["vacuum"] = work.vacuum;
    return object;
}

OrderedJson comparisonJson(const Comparison &comparison)
{
    OrderedJson object{{"table", comparison.table}, {"key", comparison.key}, {"left_sql", comparison.left_sql}, {"right_sql", comparison.right_sql}};
    put(object, "differences_sql", comparison.differences_sql);
    return object;
}

OrderedJson stepJson(const ChangeStep &step)
{
    OrderedJson object{{"title", step.title}, {"phase", word(step.phase)}, {"sql", step.sql}};
    put(object, "lock_level", step.lock_level);
    object["lock_policy"] = word(step.lock_policy);
    object["in_transaction"] = step.in_transaction;
    put(object, "check_before", step.check_before);
    put(object, "check_after", step.check_after);
    if (step.expected_rows)
        object["expected_rows"] = *step.expected_rows;
    put(object, "repair_sql", step.repair_sql);
    put(object, "undo_sql", step.undo_sql);
    put(object, "no_undo_reason", step.no_undo_reason);
    put(object, "note", step.note);
    if (step.batches)
        object["batches"] = batchesJson(*step.batches);
    if (step.comparison)
        object["comparison"] = comparisonJson(*step.comparison);
    return object;
}

/// Reads members of an object; the first thing that does not fit is kept, with its place.
class ObjectReader
{
public:
    ObjectReader(const Json &object, std::string place, std::optional<Error> &error) : object_(object), place_(std::move(place)), error_(error)
    {
        if (!object_.is_object())
            complain("", "must be an object");
    }

    void read(const char *key, std::string &text, bool required = false)
    {
        const Json *value = find(key, required);
        if (value != nullptr && !value->is_string())
            complain(key, "must be a text");
        else if (value != nullptr)
            text = value->get<std::string>();
    }
    void read(const char *key, bool &flag)
    {
        const Json *value = find(key, false);
        if (value != nullptr && !value->is_boolean())
            complain(key, "must be true or false");
        else if (value != nullptr)
            flag = value->get<bool>();
    }
    void read(const char *key, std::int64_t &number)
    {
        const Json *value = find(key, false);
        if (value != nullptr && !value->is_number_integer())
            complain(key, "must be a whole number");
        else if (value != nullptr)
            number = value->get<std::int64_t>();
    }
    void read(const char *key, std::vector<std::string> &texts)
    {
        for (const Json &item : list(key)) {
            if (item.is_string())
                texts.push_back(item.get<std::string>());
            else
                complain(key, "must be a list of texts");
        }
    }
    template <typename T, std::size_t size> void read(const char *key, T &value, const std::array<std::pair<T, std::string_view>, size> &words, bool required = false)
    {
        std::string text;
        read(key, text, required);
        if (text.empty())
            return;
        for (const auto &[one, name] : words) {
            if (name == text) {
                value = one;
                return;
            }
        }
        complain(key, "must not be \"" + text + "\"");
    }
    /// Empty when absent.
    const Json::array_t &list(const char *key)
    {
        static const Json::array_t none;
        const Json *value = find(key, false);
        if (value == nullptr)
            return none;
        if (value->is_array())
            return value->get_ref<const Json::array_t &>();
        complain(key, "must be a list");
        return none;
    }
    const Json *find(const char *key, bool required)
    {
        if (!object_.is_object())
            return nullptr;
        const auto at = object_.find(key);
        if (at != object_.end() && !at->is_null())
            return &*at;
        if (required)
            complain(key, "is missing");
        return nullptr;
    }
    [[nodiscard]] std::string place(const char *key) const { return place_.empty() ? key : *key == '\0' ? place_ : place_ + "." + key; }

    void complain(const char *key, const std::string &what)
    {
        if (error_)
            return;
        const std::string where = place(key);
        error_ = fail(ErrorKind::Parse, (where.empty() ? "The document" : where) + " " + what, "A change script is what \"migrate plan --json\" prints.").value();
    }

private:
    const Json &object_;
    std::string place_;
    std::optional<Error> &error_;
};

BatchWork readBatches(const Json &json, const std::string &place, std::optional<Error> &error)
{
    BatchWork work;
    ObjectReader reader(json, place, error);
    reader.read("table", work.table, true);
    reader.read("key", work.key);
    reader.read("batch_sql", work.batch_sql, true);
    reader.read("first_rows", work.first_rows);
    reader.read("vacuum", work.vacuum);
    if (work.first_rows < 1)
        reader.complain("first_rows", "must be 1 or more");
    if (!error && work.batch_sql.find("{range}") == std::string::npos)
        reader.complain("batch_sql", "does not say {range}, so that every batch would touch every row");
    return work;
}

Comparison readComparison(const Json &json, const std::string &place, std::optional<Error> &error)
{
    Comparison comparison;
    ObjectReader reader(json, place, error);
    reader.read("table", comparison.table, true);
    reader.read("key", comparison.key);
    reader.read("left_sql", comparison.left_sql, true);
    reader.read("right_sql", comparison.right_sql, true);
    reader.read("differences_sql", comparison.differences_sql);
    return comparison;
}

ChangeStep readStep(const Json &json, const std::string &place, std::optional<Error> &error)
{
    ChangeStep step;
    ObjectReader reader(json, place, error);
    reader.read("title", step.title, true);
    reader.read("sql", step.sql);
    reader.read("lock_level", step.lock_level);
    reader.read("in_transaction", step.in_transaction);
    reader.read("check_before", step.check_before);
    reader.read("check_after", step.check_after);
    if (reader.find("expected_rows", false) != nullptr)
        reader.read("expected_rows", step.expected_rows.emplace());
    reader.read("undo_sql", step.undo_sql);
    reader.read("no_undo_reason", step.no_undo_reason);
    reader.read("note", step.note);
    reader.read("repair_sql", step.repair_sql);
    reader.read("phase", step.phase, phases);
    reader.read("lock_policy", step.lock_policy, policies);
    if (const Json *batches = reader.find("batches", false))
        step.batches = readBatches(*batches, reader.place("batches"), error);
    if (const Json *comparison = reader.find("comparison", false))
        step.comparison = readComparison(*comparison, reader.place("comparison"), error);
    const int kinds = (step.sql.empty() ? 0 : 1) + (step.batches ? 1 : 0) + (step.comparison ? 1 : 0);
    if (kinds != 1)
        reader.complain("", kinds == 0 ? "has neither sql nor batches nor a comparison" : "must have one of sql, batches and comparison");
    return step;
}

ChangeScript readDocument(const Json &json, std::optional<Error> &error)
{
    ChangeScript script;
    ObjectReader reader(json, "", error);
    reader.read("title", script.title, true);
    reader.read("reason", script.reason);
    if (reader.find("steps", true) != nullptr) {
        for (const Json &step : reader.list("steps"))
            script.steps.push_back(readStep(step, "steps[" + std::to_string(script.steps.size()) + "]", error));
    }
    for (const Json &item : reader.list("deployments")) {
        Deployment deployment;
        ObjectReader inner(item, "deployments[" + std::to_string(script.deployments.size()) + "]", error);
        inner.read("before", deployment.before, phases, true);
        inner.read("what", deployment.what, true);
        script.deployments.push_back(std::move(deployment));
    }
    reader.read("fingerprint_sql", script.fingerprint_sql);
    reader.read("fingerprint", script.fingerprint);
    reader.read("all_or_nothing", script.all_or_nothing);
    reader.read("danger", script.danger);
    return script;
}

} // namespace

std::string_view word(Phase phase)
{
    return phases[static_cast<std::size_t>(phase)].second;
}

std::string_view word(LockPolicy policy)
{
    return policies[static_cast<std::size_t>(policy)].second;
}

nlohmann::ordered_json scriptJson(const ChangeScript &script)
{
    OrderedJson document{{"title", script.title}, {"reason", script.reason}, {"steps", OrderedJson::array()}};
    for (const ChangeStep &step : script.steps)
        document["steps"].push_back(stepJson(step));
    for (const Deployment &deployment : script.deployments)
        document["deployments"].push_back({{"before", word(deployment.before)}, {"what", deployment.what}});
    put(document, "fingerprint_sql", script.fingerprint_sql);
    put(document, "fingerprint", script.fingerprint);
    if (script.all_or_nothing)
        document["all_or_nothing"] = true;
    if (script.danger)
        document["danger"] = true;
    return document;
}

std::string toJson(const ChangeScript &script)
{
    return scriptJson(script).dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<ChangeScript> readScript(std::string_view json)
{
    const Json document = Json::parse(json, nullptr, false);
    if (document.is_discarded())
        return fail(ErrorKind::Parse, "This is not JSON", "A change script is what \"migrate plan --json\" prints.");
    const Json *root = &document;
    for (const char *key : {"script", "plan"}) {
        if (document.is_object() && !document.contains("steps") && document.contains(key) && document[key].is_object()) {
            root = &document[key];
            break;
        }
    }
    std::optional<Error> error;
    ChangeScript script = readDocument(*root, error);
    if (error)
        return tl::unexpected(std::move(*error));
    return script;
}

} // namespace howdah::migration
