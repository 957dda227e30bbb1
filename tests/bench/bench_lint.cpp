// SPDX-License-Identifier: GPL-3.0-or-later
// Lint against what was measured: bench_lint FOLDER [SQUAWK]. FOLDER holds locks_measured_pg13_18.json, SQUAWK is the
// program of that name (npm i squawk-cli). True and false positives and negatives of both on PostgreSQL 17, per group of
// rules and per kind of statement, what is left of ours, and the time for 1,000 statements (the goal is 200 ms).
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/subprocess.h"
#include "core/migration/effects_facts.h"
#include "core/migration/lint.h"
#include "core/migration/lint_facts.h"
#include "support/lock_oracle.h"
#include "support/test_server.h"

using namespace howdah;
using namespace howdah::migration;
using nlohmann::json;

namespace {

struct Verdict {
    std::string name, sql;
    test::MeasuredHarm harm;
    bool patient = false;   ///< CONCURRENTLY or VALIDATE: a short timeout is the trap
    bool breaks = false;    ///< code of the application, listed by hand below
    std::set<std::string> ours, alone, hasty, peer; ///< rules; alone: without the catalog; hasty: behind a short timeout
    std::set<std::string> ours_groups, alone_groups;
};

struct Count {
    int tp = 0, fp = 0, tn = 0, fn = 0;
    void take(bool truth, bool said) { ++(truth ? (said ? tp : fn) : (said ? fp : tn)); }
};

bool hasAny(const std::set<std::string> &rules, std::initializer_list<const char *> wanted)
{
    return std::any_of(wanted.begin(), wanted.end(), [&](const char *rule) { return rules.count(rule) > 0; });
}

bool starts(const std::string &text, std::initializer_list<const char *> beginnings)
{
    return std::any_of(beginnings.begin(), beginnings.end(), [&](const char *beginning) { return text.rfind(beginning, 0) == 0; });
}

bool peerBlocking(const std::set<std::string> &rules)
{
    return hasAny(rules, {"adding-field-with-default", "adding-foreign-key-constraint", "adding-not-nullable-field", "adding-required-field", "adding-serial-primary-key-field",
                          "changing-column-type", "constraint-missing-not-valid", "disallowed-unique-constraint", "require-concurrent-index-creation", "require-concurrent-reindex",
                          "ban-alter-domain-with-add-constraint", "prefer-repack"});
}

bool ourBreaking(const std::set<std::string> &rules)
{
    return hasAny(rules, {"drop-column", "drop-table", "drop-object", "drop-cascade", "rename", "set-schema", "drop-not-null", "truncate"});
}

bool peerBreaking(const std::set<std::string> &rules)
{
    return hasAny(rules, {"ban-drop-column", "ban-drop-table", "ban-drop-not-null", "ban-truncate-cascade", "renaming-column", "renaming-table"});
}

std::string familyOf(const std::string &name)
{
    if (starts(name, {"attach", "detach", "create_partition", "partitioned", "truncate_partition", "fk_to_partitioned"}))
        return "partitions";
    if (starts(name, {"add_column"}))
        return "new columns";
    if (starts(name, {"type_"}))
        return "column types";
    if (starts(name, {"set_not_null", "set_expression", "drop_identity", "set_default", "drop_default", "drop_not_null", "set_statistics", "set_attribute"}))
        return "column properties";
    if (starts(name, {"create_index", "drop_index", "reindex", "alter_index"}))
        return "indexes";
    if (starts(name, {"domain"}))
        return "domains";
    if (starts(name, {"add_", "validate", "alter_fk", "drop_fk", "drop_check", "drop_unique", "rename_constraint", "combined"}))
        return "constraints";
    if (starts(name, {"cluster", "vacuum", "refresh", "set_unlogged", "truncate", "lock_table", "set_access"}))
        return "maintenance";
    return "other";
}

/// Rules that squawk names for each of the scripts.
std::vector<std::set<std::string>> askPeer(const std::string &program, const std::vector<std::string> &scripts, const std::filesystem::path &folder)
{
    std::vector<std::set<std::string>> all(scripts.size());
    Command command{program, {"--reporter", "json", "--pg-version", "17.0"}, {}, {}, {}};
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        const auto file = folder / fmt::format("{:04}.sql", i);
        std::ofstream(file) << scripts[i] << ";\n";
        command.arguments.push_back(file.string());
    }
    const auto outcome = runCommand(command);
    const std::size_t begin = outcome ? outcome->output.find('[') : std::string::npos;
    const json report = begin == std::string::npos ? json() : json::parse(outcome->output.substr(begin, outcome->output.rfind(']') + 1 - begin), nullptr, false);
    if (!report.is_array())
        return {};
    for (const json &finding : report) {
        const auto number = std::stoul(std::filesystem::path(finding["file"].get<std::string>()).stem().string());
        all[number].insert(finding["rule_name"].get<std::string>());
    }
    return all;
}

void take(const std::string &sql, const LintOptions &options, std::set<std::string> &rules, std::set<std::string> &groups)
{
    const auto result = lint(sql, options);
    for (const LintFinding &finding : result ? result->findings : std::vector<LintFinding>()) {
        rules.insert(finding.rule->name);
        if (std::string_view(finding.rule->group) != "blocking" || finding.severity >= LintSeverity::Serious)
            groups.insert(finding.rule->group);
    }
}

std::vector<Verdict> judge(const json &oracle)
{
    std::vector<Verdict> all;
    const auto connection = test::freshConnection(17);
    for (const auto &item : oracle["statements"].items()) {
        const json &entry = item.value();
        static_cast<void>(connection->query("RESET ALL"));
        if (connection->run(oracle["fixture"].get<std::string>()).error)
            continue;
        if (const std::string setup = entry["setup"]; !setup.empty() && connection->run(setup).error)
            continue;
        pg::CatalogOptions catalog_options;
        catalog_options.with_functions = false;
        const auto catalog = pg::readCatalog(*connection, catalog_options);
        const auto facts = readSchemaFacts(*connection);
        const auto lint_facts = readLintFacts(*connection);
        Verdict verdict;
        verdict.name = item.key();
        verdict.sql = entry["stmt"];
        verdict.harm = test::measuredHarm(entry, "17", **catalog);
        if (!verdict.harm.known)
            continue;
        verdict.patient = !entry["in_transaction"].get<bool>() && verdict.sql.find("CONCURRENTLY") != std::string::npos;
        verdict.patient = verdict.patient || (starts(verdict.name, {"validate"}));
        verdict.breaks = starts(verdict.name, {"drop_column", "drop_table", "drop_view", "rename_column", "rename_table", "set_schema", "drop_not_null", "truncate"}) || verdict.name.find("drop_column") != std::string::npos;
        LintOptions options;
        std::set<std::string> ignored;
        take(verdict.sql, options, verdict.alone, verdict.alone_groups);
        options.catalog = catalog->get();
        options.facts = &*facts;
        options.lint_facts = &*lint_facts;
        take(verdict.sql, options, verdict.ours, verdict.ours_groups);
        take("SET lock_timeout = '1s'; " + verdict.sql, options, verdict.hasty, ignored);
        all.push_back(std::move(verdict));
    }
    return all;
}

using Said = std::function<bool(const Verdict &)>;

void row(const std::string &label, const std::vector<Verdict> &all, const Said &truth, const Said &ours, const Said &alone, const Said &peer, bool with_peer)
{
    Count a, b, c;
    for (const Verdict &verdict : all) {
        a.take(truth(verdict), ours(verdict));
        b.take(truth(verdict), alone(verdict));
        c.take(truth(verdict), peer(verdict));
    }
    const auto cells = [](const Count &count) { return fmt::format("{:>4} {:>4} {:>4} {:>4}", count.tp, count.fp, count.tn, count.fn); };
    fmt::print("{:<26}  {}   {}   {}\n", label, cells(a), cells(b), with_peer ? cells(c) : "");
}

void tables(const std::vector<Verdict> &all, bool with_peer)
{
    fmt::print("{:<26}  {:<19}   {:<19}   {}\n", "", "with the catalog", "script alone", with_peer ? "squawk" : "");
    fmt::print("{:<26}  {}   {}   {}\n", "", "  tp   fp   tn   fn", "  tp   fp   tn   fn", with_peer ? "  tp   fp   tn   fn" : "");
    const Said blocks = [](const Verdict &v) { return v.harm.blocks_work; };
    const Said ours = [](const Verdict &v) { return v.ours_groups.count("blocking") > 0; };
    const Said alone = [](const Verdict &v) { return v.alone_groups.count("blocking") > 0; };
    const Said peer = [](const Verdict &v) { return peerBlocking(v.peer); };
    row("work under a blocking lock", all, blocks, ours, alone, peer, with_peer);
    std::map<std::string, std::vector<Verdict>> families;
    for (const Verdict &verdict : all)
        families[familyOf(verdict.name)].push_back(verdict);
    for (const auto &[family, members] : families)
        row("  " + family, members, blocks, ours, alone, peer, with_peer);
    row("lock without lock_timeout", all, [](const Verdict &v) { return v.harm.takes_lock && !v.patient; },
        [](const Verdict &v) { return v.ours.count("lock-timeout-missing") > 0; }, [](const Verdict &v) { return v.alone.count("lock-timeout-missing") > 0; },
        [](const Verdict &v) { return v.peer.count("require-lock-timeout") > 0; }, with_peer);
    row("short timeout is the trap", all, [](const Verdict &v) { return v.patient; }, [](const Verdict &v) { return v.hasty.count("short-timeout-trap") > 0; },
        [](const Verdict &v) { return v.hasty.count("short-timeout-trap") > 0; }, [](const Verdict &) { return false; }, with_peer);
    row("breaks the application", all, [](const Verdict &v) { return v.breaks; }, [](const Verdict &v) { return ourBreaking(v.ours); }, [](const Verdict &v) { return ourBreaking(v.alone); },
        [](const Verdict &v) { return peerBreaking(v.peer); }, with_peer);
    fmt::print("\nLeft of ours with the catalog:\n");
    int left = 0;
    for (const Verdict &v : all) {
        const auto say = [&](const char *group, bool truth, bool said) {
            if (truth != said) {
                ++left;
                fmt::print("  {}, {}: {}\n    {}\n", said ? "false alarm" : "miss", group, v.name, v.sql);
            }
        };
        say("work under a blocking lock", blocks(v), ours(v));
        say("lock_timeout", v.harm.takes_lock && !v.patient, v.ours.count("lock-timeout-missing") > 0);
        say("trap", v.patient, v.hasty.count("short-timeout-trap") > 0);
        say("application", v.breaks, ourBreaking(v.ours));
    }
    fmt::print("{}", left == 0 ? "  nothing\n" : "");
}

double millisecondsOf(const std::function<void()> &work)
{
    double best = 1e9;
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        work();
        best = std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    }
    return best;
}

void speed(const json &oracle, const std::vector<Verdict> &all)
{
    std::string script;
    for (std::size_t i = 0; i < 1000; ++i)
        script += all[i % all.size()].sql + ";\n";
    LintOptions options;
    std::size_t findings = 0;
    const double alone = millisecondsOf([&] { findings = lint(script, options)->findings.size(); });
    fmt::print("\n1,000 statements ({} KB): {:.0f} ms by the script alone, {} findings\n", script.size() / 1024, alone, findings);
    const auto connection = test::freshConnection(17);
    static_cast<void>(connection->run(oracle["fixture"].get<std::string>()));
    const auto catalog = pg::readCatalog(*connection);
    const auto facts = readSchemaFacts(*connection);
    const auto lint_facts = readLintFacts(*connection);
    options.catalog = catalog->get();
    options.facts = &*facts;
    options.lint_facts = &*lint_facts;
    const double connected = millisecondsOf([&] { findings = lint(script, options)->findings.size(); });
    fmt::print("1,000 statements: {:.0f} ms with a catalog, {} findings\n", connected, findings);
}

} // namespace

int main(int count, char **arguments)
{
    if (count < 2) {
        fmt::print(stderr, "bench_lint FOLDER [SQUAWK]\n");
        return 2;
    }
    std::ifstream file(std::filesystem::path(arguments[1]) / "locks_measured_pg13_18.json");
    const json oracle = json::parse(file, nullptr, false);
    if (oracle.is_discarded()) {
        fmt::print(stderr, "There is no locks_measured_pg13_18.json in {}\n", arguments[1]);
        return 2;
    }
    std::vector<Verdict> all = judge(oracle);
    bool with_peer = count > 2;
    if (with_peer) {
        const auto folder = std::filesystem::temp_directory_path() / fmt::format("howdah-bench-lint-{}", getpid());
        std::filesystem::create_directories(folder);
        std::vector<std::string> scripts;
        for (const Verdict &verdict : all)
            scripts.push_back(verdict.sql);
        const auto answers = askPeer(arguments[2], scripts, folder);
        for (std::size_t i = 0; i < answers.size(); ++i)
            all[i].peer = answers[i];
        if (answers.empty()) {
            fmt::print(stderr, "{} gave no answer\n", arguments[2]);
            with_peer = false;
        }
        std::filesystem::remove_all(folder);
    }
    fmt::print("PostgreSQL 17, {} statements. tp: told rightly, fp: false alarm, tn: rightly silent, fn: missed\n\n", all.size());
    tables(all, with_peer);
    speed(oracle, all);
    return 0;
}
