// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/base/human.h"
#include "core/index/health/rule.h"

namespace howdah::index_health {

namespace {

constexpr double page_header = 24, btree_special = 16, line_pointer = 4, index_tuple_header = 8, tid_bytes = 6;
constexpr double internal_fill = 0.7;
constexpr std::int64_t least_bytes = 512 * 1024;
constexpr double least_share = 0.4;
constexpr std::int64_t much_bytes = std::int64_t{100} << 20, very_much_bytes = std::int64_t{1} << 30;

double aligned(double bytes)
{
    return std::ceil(bytes / 8) * 8;
}

double fillfactorOf(const IndexFacts &index)
{
    const std::size_t at = index.options.find("fillfactor=");
    const double factor = at == std::string::npos ? 0 : std::strtod(index.options.c_str() + at + 11, nullptr);
    return (factor >= 10 && factor <= 100 ? factor : 90) / 100;
}

const ColumnFacts *statisticsOf(const TableFacts &table, const PartFacts &part)
{
    if (part.attnum == 0)
        return part.statistics ? &*part.statistics : nullptr;
    const auto column = table.columns.find(part.attnum);
    return column == table.columns.end() ? nullptr : &column->second;
}

bool deduplicates(const Facts &facts, const IndexFacts &index)
{
    if (index.parts.size() != index.keys || index.options.find("deduplicate_items=off") != std::string::npos ||
        index.options.find("deduplicate_items=false") != std::string::npos)
        return false;
    return std::all_of(index.parts.begin(), index.parts.end(), [&](const PartFacts &part) {
        const OpclassFacts *opclass = facts.opclass(part.opclass);
        const CollationFacts *collation = facts.collation(part.collation);
        return opclass != nullptr && opclass->deduplicates && (part.collation == 0 || collation == nullptr || collation->deterministic);
    });
}

/// What statistics tell of an index's entries.
struct Entries {
    double rows = 0, distinct = 0, null_rows = 0; ///< distinct keys among the rows that are not null
    double width = 0;                             ///< of the values, without the header
};

std::optional<Entries> entriesOf(const TableFacts &table, const IndexFacts &index)
{
    Entries entries;
    entries.rows = index.tuples > 0 ? index.tuples : index.predicate.empty() ? table.rows : -1;
    if (entries.rows <= 0)
        return {};
    double distinct = 1, not_null = 1;
    for (std::size_t i = 0; i < index.parts.size(); ++i) {
        const ColumnFacts *column = statisticsOf(table, index.parts[i]);
        if (column == nullptr || !column->width || *column->width > 1000)
            return {};
        const double alignment = std::fmod(*column->width, 8) == 0 ? 8 : std::fmod(*column->width, 4) == 0 ? 4 : 1;
        entries.width = std::ceil(entries.width / alignment) * alignment + *column->width * (1 - column->null_fraction);
        if (i >= index.keys)
            continue;
        not_null *= 1 - column->null_fraction;
        // Unknown counts as all different: then deduplication is hoped for least.
        distinct *= column->distinct == 0 ? entries.rows : column->distinct > 0 ? column->distinct : -column->distinct * std::max(table.rows, 1.0);
    }
    entries.null_rows = index.keys == 1 ? entries.rows * (1 - not_null) : 0;
    const double rest = std::max(entries.rows - entries.null_rows, 0.0);
    entries.distinct = index.unique ? rest : std::clamp(distinct, 1.0, std::max(rest, 1.0));
    return entries;
}

/// Bytes on leaf pages, line pointers included, of `groups` keys with so many rows each.
double leafBytes(double groups, double rows_each, double key, bool deduplicated, double most_posting)
{
    if (!deduplicated || rows_each < 1.5)
        return groups * rows_each * (key + line_pointer);
    const double each_holds = std::max(1.0, std::floor((most_posting - key) / tid_bytes));
    const double tuples = std::ceil(rows_each / each_holds);
    return groups * tuples * (line_pointer + aligned(key + tid_bytes * rows_each / tuples));
}

void judge(RuleInput &in, const TableFacts &table, const IndexFacts &index, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    const auto measured = facts.measured.find(index.oid);
    const bool is_measured = measured != facts.measured.end() && measured->second.leaf_density.has_value();
    double expected = 0;
    if (is_measured) {
        const MeasuredFacts &seen = measured->second;
        expected = std::ceil(static_cast<double>(seen.leaf_pages) * *seen.leaf_density / 100 / fillfactorOf(index)) + static_cast<double>(seen.internal_pages) + 1;
    } else if (const auto pages = expectedPages(facts, table, index)) {
        expected = *pages;
    } else {
        return;
    }
    const double wasted = static_cast<double>(index.pages) - expected;
    const auto bytes = static_cast<std::int64_t>(wasted * static_cast<double>(facts.block_bytes));
    const double share = wasted / static_cast<double>(std::max<std::int64_t>(index.pages, 1));
    if (bytes < least_bytes || share < least_share)
        return;
    Draft draft = draftOf(in, "bloated", bytes >= very_much_bytes ? Severity::Serious : bytes >= much_bytes ? Severity::Warning : Severity::Info, index);
    Finding &finding = draft.finding;
    finding.size_won_bytes = bytes;
    finding.message = index.name + (is_measured ? " is " : " is about ") + shareText(share) + " empty: " + human::bytes(finding.size_bytes) +
                      " where " + human::bytes(finding.size_bytes - bytes) + " would do";
    finding.why = std::string(is_measured ? "Measured on its pages. " : "Estimated from the statistics of its columns; measuring reads the index. ") +
                  "Pages that deletes and updates have emptied are used again only for keys of the same place; a rebuild packs them.";
    finding.evidence = {{"measured", is_measured}, {"pages", index.pages}, {"expected_pages", static_cast<std::int64_t>(expected)}, {"tuples", index.tuples}};
    if (is_measured) {
        const MeasuredFacts &seen = measured->second;
        finding.evidence.insert(finding.evidence.end(), {{"avg_leaf_density", *seen.leaf_density}, {"leaf_fragmentation", seen.leaf_fragmentation},
                                                         {"empty_pages", seen.empty_pages}, {"deleted_pages", seen.deleted_pages}});
    }
    draft.mends.push_back(reindex(index));
    out.push_back(std::move(draft));
}

} // namespace

std::optional<double> expectedPages(const Facts &facts, const TableFacts &table, const IndexFacts &index)
{
    if (index.access_method != "btree")
        return {};
    const auto entries = entriesOf(table, index);
    if (!entries)
        return {};
    const auto block = static_cast<double>(facts.block_bytes);
    const double usable = block - page_header - btree_special;
    const double key = aligned(index_tuple_header + entries->width);
    const double null_key = aligned(index_tuple_header + 4) + (index.parts.size() == 1 ? 0 : aligned(entries->width));
    const bool deduplicated = deduplicates(facts, index);
    // What a build packs into one posting list: a tenth of a page.
    const double most_posting = std::floor(block / 10 / 8) * 8 - line_pointer;
    const double rest = entries->rows - entries->null_rows;
    double bytes = leafBytes(entries->distinct, rest / entries->distinct, key, deduplicated, most_posting);
    if (entries->null_rows > 0)
        bytes += leafBytes(1, entries->null_rows, null_key, deduplicated, most_posting);
    const double capacity = usable * fillfactorOf(index) - key - line_pointer; // less the high key
    if (capacity <= 0)
        return {};
    const double leaves = std::max(1.0, std::ceil(bytes / capacity));
    const double fanout = std::max(2.0, usable * internal_fill / (key + line_pointer));
    return leaves + (leaves > 1 ? std::ceil(leaves / (fanout - 1)) : 0) + 1;
}

void ruleBloated(RuleInput &in, std::vector<Draft> &out)
{
    for (const IndexFacts &index : in.facts.indexes) {
        if (index.access_method == "btree" && index.kind == 'i' && index.isUsable() && index.pages * in.facts.block_bytes >= least_bytes)
            judge(in, *in.facts.table(index.table), index, out);
    }
}

} // namespace howdah::index_health
