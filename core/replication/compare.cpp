// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/compare.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "core/replication/ask.h"
#include "core/replication/compare_table.h"

namespace howdah::replication {

namespace {

using Clock = std::chrono::steady_clock;

/// Both sides must write values alike, whatever their databases and roles have set.
const char *const same_words =
    "SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC'; SET extra_float_digits = 3; "
    "SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET search_path = pg_catalog";

/// The sessions have their own settings again afterwards.
class SameWords
{
public:
    SameWords(pg::Connection &a, pg::Connection &b) : a_(a), b_(b) {}
    ~SameWords()
    {
        for (pg::Connection *server : {&a_, &b_}) {
            const pg::CancelShield shield(server->canceller());
            if (server->alive())
                static_cast<void>(server->run("RESET DateStyle; RESET IntervalStyle; RESET TimeZone; RESET extra_float_digits; "
                                              "RESET bytea_output; RESET lc_monetary; RESET search_path"));
        }
    }
    SameWords(const SameWords &) = delete;
    SameWords &operator=(const SameWords &) = delete;

private:
    pg::Connection &a_, &b_;
};

/// Tables of the publication with their filters and column lists, from 15.
Result<std::vector<PublishedChoice>> publishedTables(pg::Connection &a, const std::string &publication)
{
    const bool fifteen = a.facts().major() >= 15;
    const auto rows = ask(a,
                          fifteen ? "SELECT t.schemaname, t.tablename, (SELECT string_agg(quote_ident(n), ', ') FROM unnest(t.attnames) n) AS columns, t.rowfilter "
                                    "FROM pg_publication_tables t WHERE t.pubname = $1 ORDER BY 1, 2"
                                  : "SELECT t.schemaname, t.tablename, NULL AS columns, NULL AS rowfilter FROM pg_publication_tables t WHERE t.pubname = $1 ORDER BY 1, 2",
                          {publication});
    if (!rows)
        return tl::unexpected(rows.error());
    if (rows->size() == 0)
        return fail(ErrorKind::Usage, "There is no publication " + publication + " with tables in this database");
    std::vector<PublishedChoice> tables;
    for (std::size_t row = 0; row < rows->size(); ++row)
        tables.push_back({rows->string(row, "schemaname"), rows->string(row, "tablename"), rows->string(row, "columns"), rows->string(row, "rowfilter")});
    return tables;
}

Result<std::vector<PublishedChoice>> commonTables(pg::Connection &a, pg::Connection &b)
{
    std::set<std::pair<std::string, std::string>> names;
    for (pg::Connection *server : {&a, &b}) {
        const auto tables = tablesOf(*server, {});
        if (!tables)
            return tl::unexpected(tables.error());
        for (const PublishedChoice &table : *tables)
            names.emplace(table.schema, table.name);
    }
    std::vector<PublishedChoice> all;
    for (const auto &[schema, name] : names)
        all.push_back({schema, name, {}, {}});
    return all;
}

} // namespace

bool Comparison::same() const
{
    return std::all_of(tables.begin(), tables.end(), [](const TableComparison &table) {
        return table.state == "same" || table.state == "unsettled" || (table.state == "counted" && table.rows_a == table.rows_b);
    });
}

Result<Comparison> compareTables(pg::Connection &a, pg::Connection &b, const CompareOptions &options,
                                 const std::function<void(const TableComparison &)> &progress)
{
    const auto begin = Clock::now();
    const pg::CancelScope scope(a.canceller());
    for (pg::Connection *server : {&a, &b}) {
        if (auto set = server->run(same_words); set.error)
            return tl::unexpected(*set.error);
    }
    const SameWords words(a, b);
    auto tables = !options.tables.empty()        ? Result<std::vector<PublishedChoice>>(options.tables)
                  : !options.publication.empty() ? publishedTables(a, options.publication)
                                                 : commonTables(a, b);
    if (!tables)
        return tl::unexpected(tables.error());
    const auto ours = tableFacts(a, *tables), theirs = tableFacts(b, *tables);
    if (!ours || !theirs)
        return tl::unexpected(ours ? theirs.error() : ours.error());
    Comparison comparison;
    for (std::size_t i = 0; i < tables->size(); ++i) {
        if (a.canceller().requested())
            return fail(ErrorKind::Cancelled, "Cancelled");
        comparison.tables.push_back(compareTable(a, b, options, (*tables)[i], (*ours)[i], (*theirs)[i], progress));
        if (progress)
            progress(comparison.tables.back());
        if (!a.alive() || !b.alive())
            return fail(ErrorKind::Connection, "A connection was lost while " + comparison.tables.back().table + " was compared");
    }
    comparison.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    return comparison;
}

} // namespace howdah::replication
