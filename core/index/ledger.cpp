// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/ledger.h"

#include <chrono>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "core/base/paths.h"
#include "core/base/sqlite.h"
#include "core/pg/connection.h"

namespace howdah::index {

namespace fs = std::filesystem;

namespace {

using Json = nlohmann::ordered_json;

constexpr int schema_version = 1;
const char *const tables = "CREATE TABLE IF NOT EXISTS applied (id INTEGER PRIMARY KEY, server TEXT NOT NULL, at_ms INTEGER NOT NULL, looked_ms INTEGER NOT NULL, document TEXT NOT NULL);"
                           "CREATE INDEX IF NOT EXISTS applied_server ON applied (server, at_ms);";

Json stateJson(const QueryState &state)
{
    Json object{{"fingerprint", state.fingerprint}, {"text", state.text}, {"weight", state.weight}, {"cost", state.cost}, {"plan", state.plan}, {"indexes", state.indexes}};
    if (state.ms)
        object["ms"] = *state.ms;
    if (!state.not_run.empty())
        object["not_run"] = state.not_run;
    return object;
}

QueryState stateOf(const Json &object)
{
    QueryState state;
    state.fingerprint = object.value("fingerprint", "");
    state.text = object.value("text", "");
    state.weight = object.value("weight", 1.0);
    state.cost = object.value("cost", 0.0);
    state.plan = object.value("plan", "");
    state.not_run = object.value("not_run", "");
    state.indexes = object.value("indexes", std::vector<std::string>());
    if (object.contains("ms"))
        state.ms = object.value("ms", 0.0);
    return state;
}

std::string documentOf(const Applied &applied)
{
    Json document{{"run", applied.run}, {"verdict", applied.verdict}, {"indexes", Json::array()}, {"before", Json::array()}, {"after", Json::array()}};
    for (const BuiltIndex &one : applied.indexes)
        document["indexes"].push_back({{"name", one.name}, {"table", one.table}, {"ddl", one.ddl}, {"method", one.method}, {"proof", one.proof}, {"size_bytes", one.size_bytes}, {"benefit", one.benefit}, {"write_cost", one.write_cost}, {"parts", one.parts}});
    for (const QueryState &one : applied.before)
        document["before"].push_back(stateJson(one));
    for (const QueryState &one : applied.after)
        document["after"].push_back(stateJson(one));
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What another version wrote otherwise is left empty.
void readDocument(const std::string &text, Applied &applied)
{
    const Json document = Json::parse(text, nullptr, false);
    if (!document.is_object())
        return;
    applied.run = document.value("run", false);
    applied.verdict = document.value("verdict", "");
    for (const Json &one : document.value("indexes", Json::array()))
        applied.indexes.push_back({one.value("name", ""), one.value("table", ""), one.value("ddl", ""), one.value("method", ""), one.value("proof", ""), one.value("size_bytes", std::int64_t{0}), one.value("benefit", 0.0), one.value("write_cost", 0.0), one.value("parts", std::vector<std::string>())});
    for (const Json &one : document.value("before", Json::array()))
        applied.before.push_back(stateOf(one));
    for (const Json &one : document.value("after", Json::array()))
        applied.after.push_back(stateOf(one));
}

} // namespace

std::int64_t nowMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string serverName(const pg::Connection &connection)
{
    const pg::ServerFacts &facts = connection.facts();
    return facts.host + ":" + facts.port + "/" + facts.database;
}

struct Ledger::Impl {
    sqlite::Database database;

    Result<std::vector<Applied>> rows(sqlite::Statement &statement) const
    {
        std::vector<Applied> found;
        for (;;) {
            const auto row = statement.step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                return found;
            Applied one;
            one.id = statement.integer(0);
            one.server = statement.text(1);
            one.at_ms = statement.integer(2);
            one.looked_ms = statement.integer(3);
            readDocument(statement.text(4), one);
            found.push_back(std::move(one));
        }
    }
};

Ledger::Ledger() = default;
Ledger::~Ledger() = default;

fs::path Ledger::defaultFile()
{
    const char *chosen = std::getenv("HOWDAH_INDEX_LEDGER");
    return chosen != nullptr && *chosen != '\0' ? fs::path(chosen) : paths::data() / "indexes.sqlite";
}

Result<std::unique_ptr<Ledger>> Ledger::open(const fs::path &file)
{
    auto database = sqlite::Database::open(file, schema_version, tables, "The record of built indexes");
    if (!database)
        return tl::unexpected(database.error());
    std::unique_ptr<Ledger> ledger(new Ledger);
    ledger->impl_.reset(new Impl{std::move(*database)});
    return ledger;
}

Result<std::int64_t> Ledger::record(const Applied &applied)
{
    auto statement = impl_->database.prepare(applied.id == 0 ? "INSERT INTO applied (server, at_ms, looked_ms, document) VALUES (?1, ?2, ?3, ?4)"
                                                             : "UPDATE applied SET server = ?1, at_ms = ?2, looked_ms = ?3, document = ?4 WHERE id = ?5");
    if (!statement)
        return tl::unexpected(statement.error());
    const std::string document = documentOf(applied);
    statement->bind(1, applied.server).bind(2, applied.at_ms).bind(3, applied.looked_ms).bind(4, document);
    if (applied.id != 0)
        statement->bind(5, applied.id);
    if (auto done = statement->run(); !done)
        return tl::unexpected(done.error());
    return applied.id == 0 ? impl_->database.lastRowId() : applied.id;
}

Result<std::vector<Applied>> Ledger::applied(const std::string &server, std::int64_t count)
{
    auto statement = impl_->database.prepare("SELECT id, server, at_ms, looked_ms, document FROM applied WHERE server = ? ORDER BY at_ms DESC, id DESC LIMIT ?");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(1, server).bind(2, count);
    return impl_->rows(*statement);
}

Result<std::vector<Applied>> Ledger::due(const std::string &server, std::int64_t now_ms)
{
    auto statement = impl_->database.prepare("SELECT id, server, at_ms, looked_ms, document FROM applied WHERE server = ?1 AND at_ms <= ?2 AND looked_ms < at_ms + ?3 ORDER BY at_ms LIMIT 50");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(1, server).bind(2, now_ms - reminder_ms).bind(3, reminder_ms);
    return impl_->rows(*statement);
}

Result<void> Ledger::remove(std::int64_t id)
{
    auto statement = impl_->database.prepare("DELETE FROM applied WHERE id = ?");
    if (!statement)
        return tl::unexpected(statement.error());
    statement->bind(1, id);
    return statement->run();
}

} // namespace howdah::index
