// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/size.h"

#include <algorithm>
#include <cmath>

#include "core/pg/connection.h"
#include "core/sql/quote.h"

namespace howdah::index {

namespace {

constexpr double page = 8192, page_header = 24, btree_special = 16, item_pointer = 4, heap_pointer = 6;

double aligned(double bytes, double to = 8)
{
    return std::ceil(bytes / to) * to;
}

double alignmentOf(char align)
{
    return align == 'd' ? 8 : align == 'i' ? 4 : align == 's' ? 2 : 1;
}

/// A key or included column of the index.
struct Part {
    double width = 8;
    double align = 1;
    double distinct = 0;
    double null_fraction = 0;
    bool packs = false;
    std::vector<double> widths; ///< of single values, where they differ
};

/// Bytes that a value of variable length takes in an index, from its text.
double storedWidth(const std::string &text, const std::string &type)
{
    if (type != "numeric")
        return static_cast<double>(text.size()) + (text.size() < 127 ? 1 : 4);
    // Digits in groups of four, from the point to either side; groups of zeros at the ends are not stored.
    const std::size_t begin = text.find_first_of("0123456789");
    if (begin == std::string::npos)
        return 3;
    const std::size_t point = std::min(text.find('.'), text.size());
    std::string whole = text.substr(begin, point - begin), part = point < text.size() ? text.substr(point + 1) : "";
    while (whole.size() % 4 != 0)
        whole.insert(0, "0");
    while (part.size() % 4 != 0)
        part += '0';
    std::string digits = whole + part;
    while (digits.size() >= 4 && digits.ends_with("0000"))
        digits.resize(digits.size() - 4);
    while (digits.starts_with("0000"))
        digits.erase(0, 4);
    return 3 + static_cast<double>(digits.size()) / 2;
}

Part partOf(std::size_t table, const std::string &expression, int attnum, const Facts &facts, const Expressions &expressions, const std::string &operator_class)
{
    Part part;
    const ColumnFacts *value = valueFacts(table, expression, attnum, facts, expressions);
    if (value == nullptr)
        return part;
    part.width = value->width;
    // Short values of variable length carry one byte of length and stand anywhere.
    part.align = value->length > 0 ? alignmentOf(value->align) : value->width < 127 ? 1 : alignmentOf(value->align);
    const bool text = value->category == 'S' || value->type_name == "numeric";
    for (std::size_t i = 0; text && value->length < 0 && value->type_name != "character" && i < value->histogram.size(); ++i)
        part.widths.push_back(storedWidth(value->histogram[i], value->type_name));
    part.distinct = value->distinct;
    part.null_fraction = value->null_fraction;
    const ClassFacts *one = operator_class.empty() ? facts.methods.byDefault("btree", value->type) : facts.methods.named("btree", operator_class);
    part.packs = one != nullptr && one->equal_image && value->deterministic;
    return part;
}

struct Layout {
    double tuple = 16;     ///< bytes of one entry, header and padding with it
    double key_tuple = 16; ///< without what is included
    double distinct = 1;
    double nulls = 0;      ///< of a single key: they are equal to each other
    bool packs = true;
};

/// The mean of an entry's bytes, each padded by itself: a mean width, padded, can be eight bytes off.
double meanTuple(const std::vector<Part> &parts)
{
    std::size_t samples = 1;
    double any_null = 0;
    for (const Part &part : parts) {
        samples = std::max(samples, part.widths.size());
        any_null = 1 - (1 - any_null) * (1 - part.null_fraction);
    }
    double sum = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        double data = 0, data_with_nulls = 0;
        for (std::size_t k = 0; k < parts.size(); ++k) {
            const Part &part = parts[k];
            const double width = part.widths.empty() ? part.width : part.widths[(i * (2 * k + 1)) % part.widths.size()];
            data = aligned(data, part.align) + width;
            data_with_nulls = aligned(data_with_nulls, part.align) + (part.null_fraction > 0 ? 0 : width);
        }
        // Entries with a null carry a bitmap, and not the value.
        sum += (1 - any_null) * aligned(8 + data) + any_null * aligned(16 + data_with_nulls);
    }
    return sum / static_cast<double>(samples);
}

Layout layoutOf(const Candidate &candidate, const Facts &facts, const Expressions &expressions, double rows)
{
    Layout layout;
    std::vector<Part> parts;
    bool unknown = false;
    for (const IndexKey &key : candidate.keys) {
        Part part = partOf(candidate.table, key.expression, key.attnum, facts, expressions, key.operator_class);
        layout.packs = layout.packs && part.packs;
        unknown = unknown || part.distinct <= 0;
        layout.distinct *= std::max(1.0, part.distinct + (part.null_fraction > 0 ? 1 : 0));
        // Nulls of a single key are equal to each other, and counted apart.
        if (candidate.keys.size() == 1) {
            layout.nulls = part.null_fraction;
            part.null_fraction = 0;
        }
        parts.push_back(std::move(part));
    }
    if (unknown)
        layout.distinct = rows;
    if (candidate.distinct > 0)
        layout.distinct = candidate.distinct * (candidate.predicate.empty() ? 1.0 : candidate.rows_fraction);
    layout.distinct = std::clamp(layout.distinct, 1.0, rows);
    layout.key_tuple = meanTuple(parts);
    for (const std::string &name : candidate.include) {
        for (const ColumnFacts &column : facts.tables[candidate.table].columns) {
            if (sql::quoteIdentifier(column.name) == name)
                parts.push_back(partOf(candidate.table, name, column.attnum, facts, expressions, {}));
        }
    }
    layout.tuple = meanTuple(parts);
    layout.packs = layout.packs && candidate.include.empty();
    return layout;
}

/// Bytes on leaf pages of `rows` entries that share one key, packed into posting lists of up to a tenth of a page.
double postingBytes(double count, double key_tuple)
{
    constexpr double largest = 808;
    if (count < 2)
        return count * (key_tuple + item_pointer);
    const double most = std::max(2.0, std::floor((largest - key_tuple) / heap_pointer));
    const double full = std::floor(count / most);
    const double rest = count - full * most;
    double bytes = full * (aligned(key_tuple + most * heap_pointer) + item_pointer);
    if (rest >= 2)
        bytes += aligned(key_tuple + rest * heap_pointer) + item_pointer;
    else
        bytes += rest * (key_tuple + item_pointer);
    return bytes;
}

/// Values that lie anywhere come 0, 1, 2 … times each: the mean of Poisson's distribution, not its middle, is packed.
double spreadBytes(double rows, double values, double key_tuple)
{
    const double mean = rows / std::max(1.0, values);
    if (mean > 20)
        return values * postingBytes(mean, key_tuple);
    if (rows <= values * 1.0001)
        return rows * (key_tuple + item_pointer);
    // Of values that occur at all, conditioned on at least one.
    const auto conditioned = [](double lambda) { return lambda / (1 - std::exp(-lambda)); };
    double low = 1e-6, high = mean;
    for (int i = 0; i < 60; ++i) {
        const double middle = (low + high) / 2;
        (conditioned(middle) < mean ? low : high) = middle;
    }
    const double lambda = (low + high) / 2;
    double chance = std::exp(-lambda), bytes = 0;
    const double once = 1 - chance;
    for (int count = 1; count < 80; ++count) {
        chance *= lambda / count;
        bytes += chance / once * postingBytes(count, key_tuple);
    }
    return values * bytes;
}

double btreeBytes(const Candidate &candidate, const Facts &facts, const Expressions &expressions, double rows)
{
    const Layout layout = layoutOf(candidate, facts, expressions, rows);
    double bytes = 0;
    if (!layout.packs) {
        bytes = rows * ((1 - layout.nulls) * (layout.tuple + item_pointer) + layout.nulls * (16 + item_pointer));
    } else {
        double left = rows, values = layout.distinct;
        // Frequent values of a single key are known one by one.
        if (candidate.keys.size() == 1) {
            const ColumnFacts *value = valueFacts(candidate.table, candidate.keys.front().expression, candidate.keys.front().attnum, facts, expressions);
            const bool whole = candidate.predicate.empty();
            for (std::size_t i = 0; whole && value != nullptr && i < value->common_frequencies.size(); ++i) {
                const double count = rows * value->common_frequencies[i];
                bytes += postingBytes(count, layout.key_tuple);
                left -= count;
                values -= 1;
            }
            const double nulls = rows * layout.nulls;
            if (whole && nulls > 1) {
                bytes += postingBytes(nulls, 16);
                left -= nulls;
                values -= 1;
            }
            // A predicate on the key itself leaves it one value.
            if (!whole && candidate.predicate.starts_with(candidate.keys.front().expression + " = "))
                values = 1;
        }
        if (left > 0)
            bytes += spreadBytes(left, std::clamp(values, 1.0, left), layout.key_tuple);
    }
    // A page is filled to nine tenths; its first entry repeats the upper bound.
    const double entry = std::max(layout.tuple + item_pointer, layout.packs && rows / std::max(1.0, layout.distinct) > 20 ? 800.0 : 0.0);
    double room = page - page_header - btree_special - 0.1 * page - (layout.key_tuple + item_pointer);
    // What does not fit a page goes to the next.
    room = entry < 400 ? std::floor(room / (layout.tuple + item_pointer)) * (layout.tuple + item_pointer) : room - (entry > 700 ? entry * 0.35 : 0);
    if (layout.packs && layout.distinct < rows * 0.99 && entry < 400)
        room = page - page_header - btree_special - 0.1 * page - (layout.key_tuple + item_pointer);
    double leaves = std::max(1.0, std::ceil(bytes / room));
    double total = 1 + leaves;
    const double fan_out = std::max(8.0, std::floor((page - page_header - btree_special - 0.3 * page) / (layout.key_tuple + item_pointer)));
    while (leaves > 1) {
        leaves = std::ceil(leaves / fan_out);
        total += leaves;
    }
    return total * page;
}

double hashBytes(double rows)
{
    // 20 bytes an entry; buckets for three quarters of a page each, doubled in four steps.
    const double wanted = std::max(2.0, std::ceil(rows / 307));
    double buckets = std::exp2(std::floor(std::log2(wanted)));
    if (wanted > buckets)
        buckets += std::ceil((wanted - buckets) / (buckets / 4)) * (buckets / 4);
    return (buckets * 1.08 + 4) * page;
}

double ginBytes(const Candidate &candidate, const Facts &facts, const Expressions &expressions, double rows)
{
    const IndexKey &key = candidate.keys.front();
    const ColumnFacts *value = valueFacts(candidate.table, key.expression, key.attnum, facts, expressions);
    const double entries = rows * candidate.elements;
    const double key_width = key.operator_class.find("trgm") != std::string::npos || key.operator_class.find("path") != std::string::npos ? 4
                             : value != nullptr && value->elements > 0 ? std::max(4.0, value->width / std::max(1.0, value->elements))
                                                                       : 10;
    const double keys = std::min(entries, 60 * std::sqrt(entries));
    return std::max(2.0, std::ceil((entries * 2.6 + keys * (aligned(8 + key_width) + item_pointer)) / (page * 0.85))) * page;
}

double gistBytes(const Candidate &candidate, const Facts &facts, const Expressions &expressions, double rows)
{
    const IndexKey &key = candidate.keys.front();
    const ColumnFacts *value = valueFacts(candidate.table, key.expression, key.attnum, facts, expressions);
    const ClassFacts *one = key.operator_class.empty() && value != nullptr ? facts.methods.byDefault(candidate.method, value->type) : facts.methods.named(candidate.method, key.operator_class);
    const double width = one != nullptr && one->length > 0 ? one->length : value != nullptr ? value->width : 16;
    const double tuple = aligned(8 + width) + item_pointer;
    const double per_page = std::max(2.0, std::floor((page - page_header - 16) * 0.72 / tuple));
    return std::max(2.0, std::ceil(rows / per_page) * (1 + 1 / per_page) + 1) * page;
}

double vectorBytes(const Candidate &candidate, const Facts &facts, const Expressions &expressions, double rows)
{
    const IndexKey &key = candidate.keys.front();
    const ColumnFacts *value = valueFacts(candidate.table, key.expression, key.attnum, facts, expressions);
    const double width = value != nullptr ? value->width : 512;
    if (candidate.method == "ivfflat")
        return std::ceil(rows * (aligned(width + 8) + item_pointer) / (page * 0.95)) * page;
    // An element, and 2m neighbours on the ground floor with one level above in sixteen.
    const double entry = aligned(width + 76) + item_pointer + aligned(8 + (32 + 1.1) * heap_pointer) + item_pointer;
    return std::ceil(rows / std::max(1.0, std::floor((page - page_header - 8) / entry))) * page;
}

} // namespace

void countDistinct(pg::Connection &connection, Candidate &candidate, const Facts &facts)
{
    const TableFacts &table = facts.tables[candidate.table];
    if (candidate.method != "btree" || candidate.keys.size() < 2 || !candidate.include.empty() || table.rows < 1000 || (table.kind != 'r' && table.kind != 'm'))
        return;
    std::string keys;
    for (const IndexKey &key : candidate.keys)
        keys += (keys.empty() ? "" : ", ") + key.expression;
    const double percent = std::clamp(2'000'000 / table.rows, 0.001, 100.0);
    const auto counted = connection.query("WITH g AS (SELECT count(*) AS c FROM (SELECT " + keys + " FROM " + table.quoted() + " TABLESAMPLE BERNOULLI (" + std::to_string(percent)
                                          + ") REPEATABLE (1) LIMIT 30000) s GROUP BY " + keys + ") SELECT coalesce(sum(c), 0), count(*), count(*) FILTER (WHERE c = 1) FROM g");
    if (!counted) {
        if (connection.transaction() == pg::TransactionState::InFailedTransaction)
            static_cast<void>(connection.query("ROLLBACK TO SAVEPOINT howdah_advice"));
        return;
    }
    const auto number = [&](std::size_t column) { return std::strtod(std::string(counted->result->cell(0, column).text).c_str(), nullptr); };
    const double n = number(0), d = number(1), once = number(2);
    if (n < 100)
        return;
    // As ANALYZE extends it (Duj1).
    const double denominator = n - once + once * n / table.rows;
    candidate.distinct = std::clamp(denominator > 0 ? n * d / denominator : table.rows, d, table.rows);
}

std::int64_t estimatedBytes(const Candidate &candidate, const Facts &facts, const Expressions &expressions)
{
    const TableFacts &table = facts.tables[candidate.table];
    const double rows = std::max(1.0, table.rows * candidate.rows_fraction);
    double bytes = 0;
    if (candidate.method == "hash")
        bytes = hashBytes(rows);
    else if (candidate.method == "gin")
        bytes = ginBytes(candidate, facts, expressions, rows);
    else if (candidate.method == "gist" || candidate.method == "spgist")
        bytes = gistBytes(candidate, facts, expressions, rows);
    else if (candidate.method == "hnsw" || candidate.method == "ivfflat")
        bytes = vectorBytes(candidate, facts, expressions, rows);
    else if (candidate.method == "brin") {
        const std::size_t equals = candidate.options.find('=');
        const double range = equals == std::string::npos ? 128 : std::max(1.0, std::strtod(candidate.options.c_str() + equals + 1, nullptr));
        bytes = (2 + std::ceil(table.pages / range / 180)) * page;
    } else
        bytes = btreeBytes(candidate, facts, expressions, rows);
    return static_cast<std::int64_t>(bytes);
}

double writeCost(const Candidate &candidate, const Facts &facts, const Expressions &expressions)
{
    const PlannerCosts &costs = facts.costs;
    const double rows = std::max(2.0, facts.tables[candidate.table].rows * candidate.rows_fraction);
    const double pages = static_cast<double>(candidate.size_bytes > 0 ? candidate.size_bytes : estimatedBytes(candidate, facts, expressions)) / page;
    // Down the tree, a page made dirty and written to the log, and later written back: as B-trees were measured, an insert
    // with one more of them takes 1.4 times the time. What does not fit the cache is read first.
    const double cached = std::min(1.0, costs.cache_pages / std::max(1.0, pages));
    double one = std::log2(rows) * costs.cpu_operator * 2 + 0.25 + (1 - cached) * costs.random_page;
    if (candidate.method == "gin")
        one = 0.2 + candidate.elements * 0.12;
    else if (candidate.method == "gist" || candidate.method == "spgist")
        one *= 2.5;
    else if (candidate.method == "brin")
        one = 0.005;
    else if (candidate.method == "hnsw")
        one = 200;
    else if (candidate.method == "ivfflat")
        one *= 4;
    return one * (candidate.predicate.empty() ? 1.0 : std::min(1.0, candidate.rows_fraction) + 0.02);
}

} // namespace howdah::index
