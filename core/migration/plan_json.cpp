// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/plan_json.h"

#include <nlohmann/json.hpp>

#include "core/migration/script_json.h"

namespace howdah::migration {

namespace {

using nlohmann::ordered_json;

ordered_json errorOf(const Error &error)
{
    ordered_json out{{"message", error.message}};
    if (!error.sqlstate.empty())
        out["sqlstate"] = error.sqlstate;
    if (!error.detail.empty())
        out["detail"] = error.detail;
    if (!error.hint.empty())
        out["hint"] = error.hint;
    if (error.position)
        out["position"] = error.position->value;
    return out;
}

ordered_json effectsOfStatement(const StatementEffects &effects)
{
    ordered_json out{{"sql", effects.sql}, {"in_transaction", effects.in_transaction}, {"locks", ordered_json::object()}, {"rewrites", effects.rewrites},
                     {"scans", effects.scans}, {"builds", effects.builds}, {"breaks", effects.breaks}};
    for (const auto &[relation, lock] : effects.locks)
        out["locks"][relation] = lock;
    if (effects.duration_ms)
        out["duration_ms"] = {{"low", effects.duration_ms->low}, {"high", effects.duration_ms->high}};
    out["errors"] = ordered_json::array();
    for (const Error &error : effects.errors)
        out["errors"].push_back(errorOf(error));
    return out;
}

} // namespace

ordered_json planJson(const MigrationPlan &plan)
{
    ordered_json out{{"server_version", plan.major}, {"complete", plan.complete()}, {"wanted", ordered_json::array()}};
    ordered_json errors = ordered_json::array();
    for (const WantedChange &change : plan.wanted) {
        ordered_json one{{"sql", change.sql}, {"line", change.line}, {"approach", approachName(change.approach)}};
        if (!change.recipe.empty())
            one["recipe"] = change.recipe;
        one["reason"] = change.reason;
        one["notes"] = change.notes;
        one["naive"] = effectsOfStatement(change.naive);
        one["steps"] = change.steps;
        one["errors"] = ordered_json::array();
        for (const Error &error : change.errors) {
            one["errors"].push_back(errorOf(error));
            errors.push_back(errorOf(error));
        }
        out["wanted"].push_back(std::move(one));
    }
    out["script"] = scriptJson(plan.script);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        ordered_json effects = ordered_json::array();
        for (const StatementEffects &one : plan.steps[i].effects)
            effects.push_back(effectsOfStatement(one));
        out["script"]["steps"][i]["effects"] = std::move(effects);
        out["script"]["steps"][i]["wanted"] = plan.steps[i].wanted;
    }
    out["errors"] = std::move(errors);
    return out;
}

} // namespace howdah::migration
