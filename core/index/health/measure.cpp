// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/index/health/rule.h"
#include "core/pg/catalog_row.h"
#include "core/pg/connection.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

constexpr std::int64_t least_bytes = 512 * 1024;
constexpr std::int64_t default_pages_per_range = 128;
constexpr std::int64_t light_pieces = 32, light_pages = 4, thorough_pieces = 60, pages_by_tid_list = 16;
constexpr std::int64_t few_ranges = 4;
constexpr std::size_t light_indexes = 100;
constexpr int tid_range_scans_since = 140000;

std::int64_t pagesPerRange(const IndexFacts &index)
{
    const std::size_t at = index.options.find("pages_per_range=");
    const std::int64_t own = at == std::string::npos ? 0 : std::strtoll(index.options.c_str() + at + 16, nullptr, 10);
    return own > 0 ? own : default_pages_per_range;
}

/// Reads pieces of a table as a BRIN index summarises them, and asks how many of them a search for a value that is in
/// another piece would have to read.
class BrinProbe
{
public:
    BrinProbe(const Facts &facts, const TableFacts &table, const IndexFacts &index, bool thoroughly) : facts_(facts), table_(table)
    {
        const std::int64_t range = pagesPerRange(index);
        pages_ = thoroughly ? range : std::min(range, light_pages);
        if (facts.version_num < tid_range_scans_since)
            pages_ = std::min(pages_, pages_by_tid_list);
        // Whole ranges where they are read whole, else pieces from anywhere.
        const std::int64_t step = thoroughly ? range : pages_;
        const std::int64_t places = std::max<std::int64_t>(table.pages / step, 1);
        const std::int64_t count = std::min(places, thoroughly ? thorough_pieces : light_pieces);
        for (std::int64_t i = 0; i < count; ++i)
            starts_.push_back(places * i / count * step);
    }

    [[nodiscard]] std::int64_t pieces() const { return static_cast<std::int64_t>(starts_.size()); }
    [[nodiscard]] std::int64_t pagesOfPiece() const { return pages_; }

    [[nodiscard]] std::string sql(const PartFacts &part) const
    {
        const std::string column = partName(table_, part);
        std::string pieces;
        for (std::size_t i = 0; i < starts_.size(); ++i) {
            pieces += fmt::format("{}SELECT {} AS n, (array_agg(v ORDER BY v))[1] AS lo, (array_agg(v ORDER BY v DESC))[1] AS hi, "
                                  "(array_agg(v ORDER BY v))[(1 + count(*) / 2)::int] AS mid FROM (SELECT {} AS v FROM ONLY {} WHERE {} AND {} IS NOT NULL) s",
                                  i == 0 ? "" : " UNION ALL ", i, column, qualified(table_), place(starts_[i]), column);
        }
        return "WITH piece AS MATERIALIZED (" + pieces + ") SELECT avg(CASE WHEN p.lo <= q.mid AND q.mid <= p.hi THEN 1.0 ELSE 0.0 END) "
               "FROM piece p, piece q WHERE p.n <> q.n AND p.lo IS NOT NULL AND q.mid IS NOT NULL";
    }

private:
    [[nodiscard]] std::string place(std::int64_t start) const
    {
        if (facts_.version_num >= tid_range_scans_since)
            return fmt::format("ctid >= '({},0)'::tid AND ctid < '({},0)'::tid", start, start + pages_);
        const double each = table_.rows > 0 ? table_.rows / static_cast<double>(table_.pages) : 100;
        const auto rows = std::clamp<std::int64_t>(static_cast<std::int64_t>(each * 1.3) + 5, 1, 290);
        std::string list;
        for (std::int64_t page = start; page < start + pages_; ++page) {
            for (std::int64_t row = 1; row <= rows; ++row)
                list += fmt::format("{}\"({},{})\"", list.empty() ? "" : ",", page, row);
        }
        return "ctid = ANY ('{" + list + "}'::tid[])";
    }

    const Facts &facts_;
    const TableFacts &table_;
    std::int64_t pages_ = 0;
    std::vector<std::int64_t> starts_;
};

class Measurement
{
public:
    Measurement(pg::Connection &connection, Facts &facts, bool thoroughly, std::int64_t most_bytes)
        : connection_(connection), facts_(facts), thoroughly_(thoroughly), budget_(most_bytes) {}

    Result<void> run()
    {
        auto done = pendingLists();
        if (done)
            done = brins();
        if (done && thoroughly_)
            done = btrees();
        return done;
    }

private:
    /// What keeps all of the measuring from going on; anything else costs one index its figures.
    [[nodiscard]] static bool ends(const Error &error) { return error.kind == ErrorKind::Cancelled || error.kind == ErrorKind::Connection; }

    [[nodiscard]] std::vector<const IndexFacts *> of(std::string_view method) const
    {
        std::vector<const IndexFacts *> list;
        for (const IndexFacts &index : facts_.indexes) {
            if (index.access_method == method && index.kind == 'i' && index.isUsable())
                list.push_back(&index);
        }
        std::sort(list.begin(), list.end(), [](const IndexFacts *a, const IndexFacts *b) { return a->pages != b->pages ? a->pages > b->pages : a->oid < b->oid; });
        return list;
    }

    [[nodiscard]] std::string function(const char *name) const { return sql::quoteQualified(facts_.pgstattuple_schema, name); }

    void noteOnce(const std::string &note)
    {
        if (std::find(facts_.notes.begin(), facts_.notes.end(), note) == facts_.notes.end())
            facts_.notes.push_back(note);
    }

    /// Only the first page of each is read.
    Result<void> pendingLists()
    {
        const auto indexes = of("gin");
        if (indexes.empty())
            return {};
        if (facts_.pgstattuple_schema.empty())
            return pendingListsOnDisk(indexes);
        for (const IndexFacts *index : indexes) {
            const auto read = connection_.query("SELECT pending_pages, pending_tuples FROM " + function("pgstatginindex") + "($1::oid::regclass)", {std::to_string(index->oid)});
            if (!read && ends(read.error()))
                return tl::unexpected(read.error());
            if (!read) {
                noteOnce("The pending lists of GIN indexes were not all looked at: " + read.error().message + ".");
                if (read.error().sqlstate == "42501")
                    return {};
                continue;
            }
            pg::CatalogRow row(*read->result, 0);
            MeasuredFacts &measured = facts_.measured[index->oid];
            measured.pending_pages = row.number<std::int64_t>();
            measured.pending_tuples = row.number<std::int64_t>();
        }
        return {};
    }

    /// Without the extension a superuser can read the same page of the file, as the last checkpoint wrote it: after the
    /// header of 24 bytes two block numbers and a size, then the number of pages and, in 8 bytes, of rows.
    Result<void> pendingListsOnDisk(const std::vector<const IndexFacts *> &indexes)
    {
        noteOnce("The extension pgstattuple is not installed: the pending lists of GIN indexes are told as the last checkpoint left them, to superusers.");
        if (!connection_.facts().is_superuser)
            return {};
        for (const IndexFacts *index : indexes) {
            const auto read = connection_.query("SELECT get_byte(m, 0) + get_byte(m, 1) * 256 + get_byte(m, 2) * 65536 + get_byte(m, 3)::bigint * 16777216, "
                                                "get_byte(m, 4) + get_byte(m, 5) * 256 + get_byte(m, 6) * 65536 + get_byte(m, 7)::bigint * 16777216 "
                                                "FROM pg_read_binary_file(pg_relation_filepath($1::oid::regclass), 36, 12, true) m WHERE length(m) = 12", {std::to_string(index->oid)});
            if (!read && ends(read.error()))
                return tl::unexpected(read.error());
            if (!read)
                return {};
            if (read->result->rowCount() != 1)
                continue;
            pg::CatalogRow row(*read->result, 0);
            const auto pages = row.number<std::int64_t>();
            const auto tuples = row.number<std::int64_t>();
            // A list of more pages than the index has is none: another order of bytes.
            if (pages > index->pages)
                continue;
            MeasuredFacts &measured = facts_.measured[index->oid];
            measured.pending_pages = pages;
            measured.pending_tuples = tuples;
        }
        return {};
    }

    Result<void> brins()
    {
        std::size_t looked_at = 0;
        for (const IndexFacts *index : of("brin")) {
            const TableFacts &table = *facts_.table(index->table);
            // One range is read whole whatever it holds.
            if (table.pages <= pagesPerRange(*index))
                continue;
            const BrinProbe probe(facts_, table, *index, thoroughly_ && table.pages >= few_ranges * pagesPerRange(*index));
            const std::int64_t bytes = probe.pieces() * probe.pagesOfPiece() * facts_.block_bytes;
            if (thoroughly_ ? bytes > budget_ : ++looked_at > light_indexes) {
                noteOnce("Not all BRIN indexes were probed.");
                break;
            }
            budget_ -= thoroughly_ ? bytes : 0;
            if (auto done = probeParts(*index, probe); !done)
                return done;
        }
        return {};
    }

    Result<void> probeParts(const IndexFacts &index, const BrinProbe &probe)
    {
        std::optional<double> best;
        for (const PartFacts &part : index.parts) {
            const OpclassFacts *opclass = facts_.opclass(part.opclass);
            // Other classes keep no bounds; functions of an expression are not run here.
            if (part.attnum == 0 || opclass == nullptr || opclass->name.find("minmax") == std::string::npos)
                return {};
            const auto overlap = inTransaction(probe.sql(part));
            if (!overlap && ends(overlap.error()))
                return tl::unexpected(overlap.error());
            if (!overlap) {
                noteOnce("The BRIN index " + index.name + " was not probed: " + overlap.error().message + ".");
                return {};
            }
            if (*overlap && (!best || **overlap < *best))
                best = *overlap;
        }
        MeasuredFacts &measured = facts_.measured[index.oid];
        measured.brin_overlap = best;
        measured.brin_pieces = probe.pieces();
        measured.brin_piece_pages = probe.pagesOfPiece();
        return {};
    }

    Result<std::optional<double>> inTransaction(const std::string &sql)
    {
        auto begun = connection_.query("BEGIN READ ONLY");
        if (!begun)
            return tl::unexpected(begun.error());
        std::optional<double> value;
        auto read = connection_.query(thoroughly_ ? "SET LOCAL statement_timeout = '60s'" : "SET LOCAL statement_timeout = '2s'");
        if (read)
            read = connection_.query(sql);
        if (read && read->result && read->result->rowCount() == 1) {
            pg::CatalogRow row(*read->result, 0);
            if (const auto text = row.optionalText())
                value = std::strtod(text->c_str(), nullptr);
        }
        if (connection_.alive()) {
            const pg::CancelShield shield(connection_.canceller());
            if (auto ended = connection_.query("ROLLBACK"); !ended && read)
                return tl::unexpected(ended.error());
        }
        if (!read)
            return tl::unexpected(read.error());
        return value;
    }

    Result<void> btrees()
    {
        if (facts_.pgstattuple_schema.empty()) {
            noteOnce("B-trees were estimated, not measured: the extension pgstattuple is not installed.");
            return {};
        }
        for (const IndexFacts *index : of("btree")) {
            const std::int64_t bytes = index->pages * facts_.block_bytes;
            if (bytes < least_bytes)
                break;
            if (bytes > budget_) {
                noteOnce("B-trees beyond " + human::bytes(budget_) + " in all were estimated, not measured.");
                continue;
            }
            const auto read = connection_.query("SELECT avg_leaf_density, leaf_fragmentation, leaf_pages, internal_pages, empty_pages, deleted_pages FROM " +
                                                function("pgstatindex") + "($1::oid::regclass)", {std::to_string(index->oid)});
            if (!read && ends(read.error()))
                return tl::unexpected(read.error());
            if (!read) {
                noteOnce("B-trees were not all measured: " + read.error().message + ".");
                if (read.error().sqlstate == "42501")
                    return {};
                continue;
            }
            budget_ -= bytes;
            pg::CatalogRow row(*read->result, 0);
            MeasuredFacts &measured = facts_.measured[index->oid];
            measured.leaf_density = row.number<double>();
            measured.leaf_fragmentation = row.number<double>();
            measured.leaf_pages = row.number<std::int64_t>();
            measured.internal_pages = row.number<std::int64_t>();
            measured.empty_pages = row.number<std::int64_t>();
            measured.deleted_pages = row.number<std::int64_t>();
        }
        return {};
    }

    pg::Connection &connection_;
    Facts &facts_;
    bool thoroughly_;
    std::int64_t budget_;
};

} // namespace

Result<void> measure(pg::Connection &connection, Facts &facts, bool thoroughly, std::int64_t most_bytes)
{
    // An error would end the user's own transaction.
    if (connection.transaction() != pg::TransactionState::Idle) {
        facts.notes.push_back("Nothing was measured: a transaction is open on this connection.");
        return {};
    }
    return Measurement(connection, facts, thoroughly, most_bytes).run();
}

} // namespace howdah::index_health
