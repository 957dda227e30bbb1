// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/to_json.h"

#include <nlohmann/json.hpp>

#include "core/migration/script_json.h"

namespace howdah::index {

namespace {

using Json = nlohmann::ordered_json;

Json measuredJson(const Measured &measured)
{
    Json object{{"used", measured.used},         {"sample_rows", measured.sample_rows},         {"whole_table", measured.whole},
                {"ms_before", measured.ms_before}, {"ms_after", {measured.ms_after_least, measured.ms_after_most}}, {"size_bytes", {measured.bytes_least, measured.bytes_most}},
                {"build_ms", measured.build_ms},   {"write_factor", measured.write_factor}};
    if (measured.recall)
        object["recall"] = *measured.recall;
    if (!measured.note.empty())
        object["note"] = measured.note;
    return object;
}

Json indexJson(const AdvisedIndex &index)
{
    Json object{{"ddl", index.ddl},
                {"name", index.name},
                {"table", index.table},
                {"method", index.candidate.method},
                {"keys", Json::array()},
                {"size_bytes", index.size_bytes},
                {"size_measured", index.candidate.size_measured},
                {"benefit", index.benefit},
                {"write_cost", index.write_cost},
                {"queries", index.queries},
                {"proof", proofName(index.proof)},
                {"reason", index.reason}};
    for (const IndexKey &key : index.candidate.keys)
        object["keys"].push_back(key.text());
    if (!index.candidate.include.empty())
        object["include"] = index.candidate.include;
    if (!index.candidate.predicate.empty())
        object["predicate"] = index.candidate.predicate;
    if (index.candidate.pretended_bytes > 0)
        object["hypothetical_bytes"] = index.candidate.pretended_bytes;
    if (index.unique_values)
        object["unique_values"] = true;
    if (index.measured)
        object["measured"] = measuredJson(*index.measured);
    return object;
}

Json queryJson(const AdvisedQuery &query, std::size_t number)
{
    Json object{{"query", number},
                {"text", query.statement.text},
                {"fingerprint", query.statement.fingerprint},
                {"weight", query.statement.weight},
                {"cost_before", query.cost_before},
                {"cost_after", query.cost_after},
                {"indexes", query.indexes}};
    if (query.statement.total_ms > 0)
        object["total_ms"] = query.statement.total_ms;
    if (!query.values.empty())
        object["values"] = query.values;
    return object;
}

} // namespace

std::string toJson(const Advice &advice)
{
    Json document{{"indexes", Json::array()}, {"queries", Json::array()}, {"cost_before", advice.cost_before}, {"cost_after", advice.cost_after}, {"write_cost", advice.write_cost},
                  {"whatif_calls", advice.whatif_calls}, {"elapsed_ms", advice.elapsed_ms}, {"candidates", advice.candidates}, {"what_if", advice.what_if}, {"complete", advice.complete},
                  {"rewrites", Json::array()}, {"problems", Json::array()}, {"redundant", Json::array()}, {"foreign_keys", Json::array()}, {"frontier", Json::array()}, {"notes", advice.notes}};
    for (const AdvisedIndex &index : advice.indexes)
        document["indexes"].push_back(indexJson(index));
    for (std::size_t i = 0; i < advice.queries.size(); ++i) {
        document["queries"].push_back(queryJson(advice.queries[i], i));
        for (const Rewrite &rewrite : advice.queries[i].rewrites)
            document["rewrites"].push_back({{"query", i}, {"kind", rewrite.kind}, {"message", rewrite.message}});
    }
    for (const workload::Problem &problem : advice.problems) {
        Json object{{"statement", problem.statement}, {"message", problem.message}};
        if (problem.line > 0)
            object["line"] = problem.line;
        document["problems"].push_back(std::move(object));
    }
    for (const Advice::Redundant &one : advice.redundant)
        document["redundant"].push_back({{"index", one.name}, {"ddl", one.ddl}, {"reason", one.reason}, {"size_bytes", one.size_bytes}});
    for (const Advice::MissingKey &key : advice.foreign_keys)
        document["foreign_keys"].push_back({{"table", key.table}, {"constraint", key.constraint}, {"ddl", key.ddl}});
    for (const Advice::Point &point : advice.frontier)
        document["frontier"].push_back({{"size_bytes", point.bytes}, {"cost", point.cost}, {"indexes", point.ddl}});
    document["script"] = Json::parse(migration::toJson(scriptOf(advice)), nullptr, false);
    return document.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace howdah::index
