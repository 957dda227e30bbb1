// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/migration/effects.h"

#include <algorithm>
#include <map>

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
#include "core/migration/schema_clone.h"
#include "core/migration/trace.h"

namespace howdah::cli {

const char *const effects_manual = R"(howdah-cli effects [options] FILE|-

Tells what each statement of a script does before it runs: the locks it takes on
every relation it touches, what it rewrites, scans and builds, what it breaks in an
application, whether it may run in a transaction and about how long it takes. With
-d the catalog of that database is asked; nothing in it is changed. Without -d the
answer is about the relations that the script names.

BEGIN, COMMIT, ROLLBACK and savepoints of the script are followed: what it rolls back
is there again for the statements behind, and after an error its transaction is deaf.

      --pg N           for a server of that major version (13 to 18); the
                       connection's otherwise, else 17
      --calibrate      measure the speed of that server first, on a temporary table in
                       a transaction that is rolled back (about half a second), so
                       that durations are its own
      --measure        run the script too, and show what the server did beside what
                       was expected; needs -d. Without a further choice it runs on a
                       scratch server of the same major version on this machine, with
                       the schema of the given database and no rows, gone afterwards
      --scratch          the same in a new database of the given server, dropped
                         afterwards (CREATEDB needed); both need pg_dump
      --in-place         in the given database, in a transaction that is rolled back;
                         locks are really held meanwhile, and statements that cannot
                         run in a transaction are left out
      --json           {"statements": [{sql, line, in_transaction, locks, rewrites,
                       scans, builds, breaks, duration_ms, errors, notes, reasons,
                       measured, disagreements}]}

Exit code: 0 all well, 1 errors in the script or disagreements, 2 wrong usage,
3 no connection, 4 the server refused.

  howdah-cli effects -d demo change.sql
  howdah-cli effects -d demo --measure change.sql
  echo 'ALTER TABLE orders ADD COLUMN note text' | howdah-cli effects -d demo --json -
)";

namespace {

using nlohmann::ordered_json;
using migration::StatementEffects;
using migration::TracedStatement;

struct EffectsChoice {
    std::string file;
    int major = 0;
    bool measure = false, scratch = false, in_place = false, calibrate = false;
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

struct Measured {
    std::string place;
    std::vector<TracedStatement> statements;
};

struct Known {
    pg::ConnectionSpec spec;
    std::unique_ptr<pg::Connection> connection;
    std::shared_ptr<const pg::Catalog> catalog;
    migration::SchemaFacts facts;
};

Result<Known> ask(const Context &context, bool calibrate)
{
    Known known;
    auto connection = connect(context, &known.spec);
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
    if (calibrate) {
        auto speeds = migration::measureWorkSpeeds(*known.connection);
        if (!speeds)
            return tl::unexpected(speeds.error());
        known.facts.speeds = *speeds;
    }
    return known;
}

Result<Measured> measured(const EffectsChoice &choice, const Known &known, const std::string &script)
{
    Measured all;
    if (choice.in_place) {
        auto traced = migration::trace(*known.connection, script);
        if (!traced)
            return tl::unexpected(traced.error());
        all.statements = std::move(*traced);
        all.place = "the database itself";
        return all;
    }
    using migration::SchemaClone;
    const auto clone = choice.scratch ? SchemaClone::onScratchDatabase(*known.connection, known.spec) : SchemaClone::onScratchServer(*known.connection, known.spec);
    if (!clone)
        return tl::unexpected(clone.error());
    migration::TraceOptions options;
    options.outside_transaction = options.commit = options.empty = true;
    options.connect = [&clone] { return (*clone)->connectAgain(); };
    auto traced = migration::trace((*clone)->connection(), script, options);
    all.place = (*clone)->place();
    if (auto removed = (*clone)->remove(); !removed)
        printNote(all.place + " could not be removed: " + removed.error().text());
    if (!traced)
        return tl::unexpected(traced.error());
    all.statements = std::move(*traced);
    return all;
}

ordered_json speedsJson(const migration::WorkSpeeds &speeds)
{
    const auto one = [](const migration::WorkSpeed &speed) { return ordered_json{{"rows_per_s", speed.rows_per_s}, {"bytes_per_s", speed.bytes_per_s}}; };
    return {{"verifying", one(speeds.verifying)}, {"rewriting", one(speeds.rewriting)}, {"building", one(speeds.building)}};
}

int print(const Context &context, const Known &known, const std::string &script, const std::vector<StatementEffects> &all, const Measured *measured)
{
    const std::vector<TracedStatement> *traced = measured == nullptr ? nullptr : &measured->statements;
    bool findings = false;
    ordered_json document{{"statements", ordered_json::array()}};
    if (known.facts.speeds)
        document["speeds"] = speedsJson(*known.facts.speeds);
    if (measured != nullptr)
        document["measured_on"] = measured->place;
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
            item["measured"]["locks_known"] = one->locks_known || one->watched;
            item["measured"]["watched"] = one->watched;
            item["measured"]["notices"] = one->notices;
            item["measured"]["held_before"] = one->held_before;
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
    if (choice.scratch && choice.in_place)
        return failed(context, fail(ErrorKind::Usage, "--scratch and --in-place exclude each other", "See howdah-cli help effects").value());
    if ((choice.measure || choice.calibrate) && context.dbname.empty())
        return failed(context, fail(ErrorKind::Usage, choice.measure ? "--measure needs a connection" : "--calibrate needs a connection", "Name it with -d").value());
    const auto script = readInput(choice.file);
    if (!script)
        return failed(context, script.error());
    const Work work(context.canceller);
    Known known;
    if (!context.dbname.empty()) {
        auto asked = ask(context, choice.calibrate);
        if (!asked)
            return failed(context, asked.error());
        known = std::move(*asked);
    }
    const int major = choice.major != 0 ? choice.major : known.connection ? known.connection->facts().major() : 17;
    const auto all = migration::effectsOf(script->text, major, known.catalog.get(), known.connection ? &known.facts : nullptr);
    if (!all)
        return failed(context, all.error());
    if (!choice.measure)
        return print(context, known, script->text, *all, nullptr);
    const auto traced = measured(choice, known, script->text);
    if (!traced)
        return failed(context, traced.error());
    return print(context, known, script->text, *all, &*traced);
}

} // namespace

Action declareEffects(CLI::App &options)
{
    const auto choice = std::make_shared<EffectsChoice>();
    options.add_option("file", choice->file, "SQL script, - for standard input")->type_name("FILE")->required();
    options.add_option("--pg", choice->major, "Major version of the server")->type_name("N")->check(CLI::Range(13, 18));
    options.add_flag("--calibrate", choice->calibrate, "Measure the server's speed first");
    options.add_flag("--measure", choice->measure, "Run the script too and compare");
    options.add_flag("--scratch", choice->scratch, "Measure on a new database with the same schema, dropped afterwards");
    options.add_flag("--in-place", choice->in_place, "Measure in a transaction that is rolled back");
    return [choice](const Context &context) { return effects(context, *choice); };
}

} // namespace howdah::cli
