// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects.h"

#include <algorithm>
#include <map>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/base/subprocess.h"
#include "core/cluster/local_cluster.h"
#include "core/demo/demo_server.h"
#include "core/migration/trace.h"
#include "core/sql/quote.h"

namespace howdah::cli {

const char *const effects_manual = R"(howdah-cli effects [options] FILE|-

Tells what each statement of a script does before it runs: the locks it takes on
every relation it touches, what it rewrites, scans and builds, what it breaks in an
application, whether it may run in a transaction and about how long it takes. With
-d the catalog of that database is asked; nothing in it is changed. Without -d the
answer is about the relations that the script names.

      --pg N           for a server of that major version (13 to 18); the
                       connection's otherwise, else 17
      --measure        run the script too, and show what the server did beside what
                       was expected; needs -d and one of:
      --scratch          on a new database with the schema of the given one, without
                         its rows, dropped afterwards (CREATEDB and pg_dump needed)
      --in-place         in the given database, in a transaction that is rolled back;
                         locks are really held meanwhile, and statements that cannot
                         run in a transaction are left out
      --json           {"statements": [{sql, line, in_transaction, locks, rewrites,
                       scans, builds, breaks, duration_ms, errors, notes, reasons,
                       measured, disagreements}]}

Exit code: 0 all well, 1 errors in the script or disagreements, 2 wrong usage,
3 no connection, 4 the server refused.

  howdah-cli effects -d demo change.sql
  echo 'ALTER TABLE orders ADD COLUMN note text' | howdah-cli effects -d demo --json -
)";

namespace {

using nlohmann::ordered_json;
using migration::StatementEffects;
using migration::TracedStatement;

struct EffectsChoice {
    std::string file;
    int major = 0;
    bool measure = false, scratch = false, in_place = false;
};

ordered_json effectsJson(const StatementEffects &effects, const std::string &script)
{
    ordered_json out{{"sql", effects.sql},         {"line", effects.line},     {"in_transaction", effects.in_transaction}, {"locks", ordered_json::object()},
                     {"rewrites", effects.rewrites}, {"scans", effects.scans}, {"builds", effects.builds},                 {"breaks", effects.breaks}};
    for (const auto &[relation, lock] : effects.locks)
        out["locks"][relation] = lock;
    if (effects.duration_ms)
        out["duration_ms"] = {{"low", effects.duration_ms->low}, {"high", effects.duration_ms->high}};
    out["errors"] = ordered_json::array();
    for (const Error &error : effects.errors)
        out["errors"].push_back(errorJson(error, script));
    out["notes"] = effects.notes;
    out["reasons"] = ordered_json::array();
    for (const auto &reason : effects.reasons)
        out["reasons"].push_back({{"subject", reason.subject}, {"rule", reason.rule}, {"lock", reason.lock}, {"reason", reason.reason}, {"source", reason.source}});
    return out;
}

/// "AccessExclusiveLock" as the documentation writes it, and what it keeps waiting.
std::string lockWords(const std::string &mode)
{
    std::string words;
    for (const char c : mode.substr(0, mode.size() - 4)) {
        if (c >= 'A' && c <= 'Z' && !words.empty())
            words += ' ';
        words += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    const bool reads = mode == "AccessExclusiveLock";
    const bool writes = reads || mode == "ExclusiveLock" || mode == "ShareRowExclusiveLock" || mode == "ShareLock";
    return words + (reads ? " – reads and writes wait" : writes ? " – writes wait" : "");
}

void line(std::string &out, const char *head, const std::string &text)
{
    std::size_t at = 0;
    do { // wrapped at blanks, to 100 columns
        std::size_t size = std::min<std::size_t>(86, text.size() - at);
        if (at + size < text.size()) {
            const std::size_t blank = text.rfind(' ', at + size);
            size = blank != std::string::npos && blank > at ? blank - at : size;
        }
        out += fmt::format("  {:<10}  {}\n", at == 0 ? head : "", text.substr(at, size));
        at += size;
        while (at < text.size() && text[at] == ' ')
            ++at;
    } while (at < text.size());
}

void lines(std::string &out, const char *head, const std::vector<std::string> &texts)
{
    for (const std::string &text : texts)
        line(out, &text == &texts.front() ? head : "", printable(text));
}

void appendBlock(std::string &out, const StatementEffects &effects, const TracedStatement *traced, const std::vector<std::string> &differences, bool colored)
{
    std::string first = printable(effects.sql);
    out += inked(fmt::format("{}: {}", effects.line, clipped(first, 94)), Ink::Bold, colored) + "\n";
    for (const auto &[relation, lock] : effects.locks) {
        const Ink ink = lock == "AccessExclusiveLock" ? Ink::Red : lockWords(lock).find("wait") != std::string::npos ? Ink::Yellow : Ink::Green;
        out += fmt::format("  {:<10}  {}  {}\n", relation == effects.locks.begin()->first ? "locks" : "", padded(printable(relation), 32), inked(lockWords(lock), ink, colored));
    }
    if (effects.locks.empty() && effects.errors.empty())
        line(out, "locks", "none on tables");
    lines(out, "rewrites", effects.rewrites);
    lines(out, "scans", effects.scans);
    lines(out, "builds", effects.builds);
    if (!effects.in_transaction)
        line(out, "", "cannot run in a transaction block");
    if (effects.duration_ms)
        line(out, "takes", fmt::format("{} to {}", human::duration(effects.duration_ms->low), human::duration(effects.duration_ms->high)));
    lines(out, "breaks", effects.breaks);
    for (const auto &reason : effects.reasons) {
        if (!reason.reason.empty())
            line(out, &reason == &effects.reasons.front() ? "why" : "", printable(reason.subject.empty() ? reason.reason : reason.subject + ": " + reason.reason));
    }
    lines(out, "note", effects.notes);
    for (const Error &error : effects.errors)
        line(out, "error", printable(error.text()));
    if (traced != nullptr) {
        const bool agreed = differences.empty() && traced->was_run;
        line(out, "measured", !traced->was_run ? "not run" : agreed ? "as expected, in " + human::duration(traced->duration_ms) : "differs");
        lines(out, "", differences);
    }
    out += "\n";
}

/// The same server, another database.
std::string otherDatabase(const std::string &where, const std::string &database)
{
    if (where == "demo")
        return demo::status().conninfo + " dbname=" + pg::conninfoValue(database);
    if (where.find("://") == std::string::npos)
        return (where.find('=') == std::string::npos ? "" : where + " ") + "dbname=" + pg::conninfoValue(database);
    const auto keywords = pg::describe(where);
    std::string conninfo;
    for (const auto &[key, value] : keywords ? *keywords : std::map<std::string, std::string>()) {
        if (key != "dbname")
            conninfo += key + "=" + pg::conninfoValue(value) + " ";
    }
    return conninfo + "dbname=" + pg::conninfoValue(database);
}

std::string plainConninfo(const std::string &where)
{
    if (where == "demo")
        return demo::status().conninfo;
    return where.find('=') == std::string::npos && where.find("://") == std::string::npos && !where.empty() ? "dbname=" + pg::conninfoValue(where) : where;
}

/// pg_dump of the server's version or newer.
Result<std::string> schemaOf(const std::string &conninfo, int major)
{
    std::filesystem::path program;
    for (const cluster::Installation &installation : cluster::findInstallations()) {
        const auto candidate = installation.bin / "pg_dump";
        if (installation.major >= major && std::filesystem::exists(candidate) && (program.empty() || installation.major == major))
            program = candidate;
    }
    if (program.empty())
        return fail(ErrorKind::Io, fmt::format("There is no pg_dump of PostgreSQL {} or newer here", major), "Install it, or use --in-place");
    const auto dumped = runCommand({program, {"--schema-only", "--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions", "-d", conninfo}, {}, {}, {}});
    if (!dumped)
        return tl::unexpected(dumped.error());
    if (dumped->exit_code != 0)
        return fail(ErrorKind::Io, "pg_dump failed: " + dumped->output);
    std::string sql; // psql's own commands, \restrict among them, are left out
    for (std::size_t at = 0; at < dumped->output.size();) {
        const std::size_t end = std::min(dumped->output.find('\n', at), dumped->output.size() - 1) + 1;
        if (dumped->output[at] != '\\')
            sql += dumped->output.substr(at, end - at);
        at = end;
    }
    return sql;
}

/// A database that is dropped again however the measurement ends.
class ScratchDatabase
{
public:
    explicit ScratchDatabase(pg::Connection &owner) : owner_(owner) {}
    ~ScratchDatabase()
    {
        connection.reset();
        const pg::CancelShield shield(owner_.canceller());
        if (!name.empty() && owner_.alive() && !owner_.query("DROP DATABASE " + sql::quoteIdentifier(name)))
            printNote("The database " + name + " could not be dropped.");
    }
    ScratchDatabase(const ScratchDatabase &) = delete;
    ScratchDatabase &operator=(const ScratchDatabase &) = delete;

    Result<void> make(const Context &context)
    {
        const auto schema = schemaOf(plainConninfo(context.dbname), owner_.facts().major());
        if (!schema)
            return tl::unexpected(schema.error());
        const std::string wanted = fmt::format("howdah_scratch_{}", getpid());
        if (auto made = owner_.query("CREATE DATABASE " + wanted + " TEMPLATE template0"); !made)
            return tl::unexpected(made.error());
        name = wanted;
        Context there = context;
        there.dbname = otherDatabase(context.dbname, name);
        auto opened = connect(there);
        if (!opened)
            return tl::unexpected(opened.error());
        connection = std::move(*opened);
        const auto path = owner_.query("SELECT current_setting('search_path')");
        if (const auto loaded = connection->run(*schema); loaded.error)
            return tl::unexpected(*loaded.error);
        if (path) // the dump empties it
            static_cast<void>(connection->query("SET search_path = " + std::string(path->result->cell(0, 0).text)));
        return {};
    }

    std::unique_ptr<pg::Connection> connection;
    std::string name;

private:
    pg::Connection &owner_;
};

Result<std::vector<TracedStatement>> measured(const Context &context, const EffectsChoice &choice, pg::Connection &connection, const std::string &script)
{
    if (choice.in_place)
        return migration::trace(connection, script);
    ScratchDatabase scratch(connection);
    if (auto made = scratch.make(context); !made)
        return tl::unexpected(made.error());
    migration::TraceOptions options;
    options.outside_transaction = options.commit = true;
    return migration::trace(*scratch.connection, script, options);
}

struct Known {
    std::unique_ptr<pg::Connection> connection;
    std::shared_ptr<const pg::Catalog> catalog;
    migration::SchemaFacts facts;
};

Result<Known> ask(const Context &context)
{
    Known known;
    auto connection = connect(context);
    if (!connection)
        return tl::unexpected(connection.error());
    known.connection = std::move(*connection);
    pg::CatalogOptions options;
    options.with_functions = false;
    auto catalog = pg::readCatalog(*known.connection, options);
    if (!catalog)
        return tl::unexpected(catalog.error());
    known.catalog = *catalog;
    auto facts = migration::readSchemaFacts(*known.connection);
    if (!facts)
        return tl::unexpected(facts.error());
    known.facts = std::move(*facts);
    return known;
}

int print(const Context &context, const std::string &script, const std::vector<StatementEffects> &all, const std::vector<TracedStatement> *traced)
{
    bool findings = false;
    ordered_json document{{"statements", ordered_json::array()}};
    for (std::size_t i = 0; i < all.size(); ++i) {
        const TracedStatement *one = traced != nullptr && i < traced->size() ? &(*traced)[i] : nullptr;
        const auto differences = one == nullptr ? std::vector<std::string>() : migration::disagreements(all[i], *one);
        findings = findings || !all[i].errors.empty() || !differences.empty();
        if (!context.json) {
            appendBlock(output().buffer(), all[i], one, differences, stdoutHasColors());
            output().settle();
            continue;
        }
        ordered_json item = effectsJson(all[i], script);
        if (one != nullptr) {
            item["measured"] = effectsJson(one->measured, script);
            item["measured"]["was_run"] = one->was_run;
            item["measured"]["locks_known"] = one->locks_known;
            item["measured"]["notices"] = one->notices;
            item["measured"]["took_ms"] = one->duration_ms;
            item["disagreements"] = differences;
        }
        document["statements"].push_back(std::move(item));
    }
    if (context.json)
        output().write(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    return findings ? exit_findings : exit_ok;
}

int effects(const Context &context, const EffectsChoice &choice)
{
    if (choice.measure && choice.scratch == choice.in_place)
        return failed(context, fail(ErrorKind::Usage, "--measure needs --scratch or --in-place", "See howdah-cli help effects").value());
    if (choice.measure && context.dbname.empty())
        return failed(context, fail(ErrorKind::Usage, "--measure needs a connection", "Name it with -d").value());
    const auto script = readInput(choice.file);
    if (!script)
        return failed(context, script.error());
    const Work work(context.canceller);
    Known known;
    if (!context.dbname.empty()) {
        auto asked = ask(context);
        if (!asked)
            return failed(context, asked.error());
        known = std::move(*asked);
    }
    const int major = choice.major != 0 ? choice.major : known.connection ? known.connection->facts().major() : 17;
    const auto all = migration::effectsOf(script->text, major, known.catalog.get(), known.connection ? &known.facts : nullptr);
    if (!all)
        return failed(context, all.error());
    if (!choice.measure)
        return print(context, script->text, *all, nullptr);
    const auto traced = measured(context, choice, *known.connection, script->text);
    if (!traced)
        return failed(context, traced.error());
    return print(context, script->text, *all, &*traced);
}

} // namespace

Action declareEffects(CLI::App &options)
{
    const auto choice = std::make_shared<EffectsChoice>();
    options.add_option("file", choice->file, "SQL script, - for standard input")->type_name("FILE")->required();
    options.add_option("--pg", choice->major, "Major version of the server")->type_name("N")->check(CLI::Range(13, 18));
    options.add_flag("--measure", choice->measure, "Run the script too and compare");
    options.add_flag("--scratch", choice->scratch, "Measure on a new database with the same schema, dropped afterwards");
    options.add_flag("--in-place", choice->in_place, "Measure in a transaction that is rolled back");
    return [choice](const Context &context) { return effects(context, *choice); };
}

} // namespace howdah::cli
