// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/partition/check.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/partition/check_rules.h"
#include "core/partition/conditions.h"
#include "core/partition/iso_session.h"

namespace howdah::partition {

const char *severityName(Severity severity)
{
    return severity == Severity::Info ? "info" : severity == Severity::Warning ? "warning" : "problem";
}

void Checking::add(Finding finding, Result<migration::ChangeScript> fix)
{
    if (fix && !fix->steps.empty())
        finding.fix = std::move(*fix);
    else if (!fix)
        finding.no_fix = fix.error().message;
    findings.push_back(std::move(finding));
}

void Checking::add(Finding finding)
{
    findings.push_back(std::move(finding));
}

namespace {

std::string endWords(const std::vector<BoundValue> &end)
{
    std::string text;
    for (const BoundValue &value : end)
        text += (text.empty() ? "" : ", ") + (value.kind == BoundValue::Kind::Value ? value.text : value.sql());
    return text;
}

void checkGaps(Checking &in, const Table &parent)
{
    const auto gaps = gapsOf(in.scheme, parent);
    if (gaps.empty())
        return;
    const bool caught = in.scheme.defaultOf(parent) != nullptr;
    Finding finding{"gap", caught ? Severity::Warning : Severity::Problem, parent.sqlName(), {}, {}, {}, {}, {}};
    finding.message = fmt::format("{} gap{} between the partitions of {}", gaps.size(), gaps.size() == 1 ? "" : "s", parent.name);
    finding.detail = caught ? "Rows of such a range go to the default partition." : "Rows of such a range are refused: no partition of relation found for row.";
    for (std::size_t i = 0; i < std::min<std::size_t>(gaps.size(), 20); ++i)
        finding.evidence += fmt::format("{}{} to {}", i == 0 ? "" : "; ", endWords(gaps[i].lower), endWords(gaps[i].upper));
    PremakeOptions options;
    options.ahead = 0;
    options.fill_gaps = true;
    options.interval = usualInterval(in.scheme, parent);
    in.add(std::move(finding), premake(in.connection, in.scheme, parent, options));
}

void checkRemainders(Checking &in, const Table &parent)
{
    const auto missing = missingRemainders(in.scheme, parent);
    if (missing.empty())
        return;
    Finding finding{"hash-incomplete", Severity::Problem, parent.sqlName(), {}, {}, {}, {}, {}};
    finding.message = fmt::format("{} of {} remainders of {} have no partition", missing.size(), missing.front().first, parent.name);
    finding.detail = "One insert in so many is refused; a hash has no default partition.";
    std::vector<NewPartition> wanted;
    for (const auto &[modulus, remainder] : missing) {
        finding.evidence += fmt::format("{}{}", finding.evidence.empty() ? "remainder " : ", ", remainder);
        NewPartition partition;
        partition.bound.kind = Bound::Kind::Hash;
        partition.bound.modulus = modulus;
        partition.bound.remainder = remainder;
        wanted.push_back(std::move(partition));
    }
    in.add(std::move(finding), addPartitions(in.connection, in.scheme, parent, std::move(wanted)));
}

std::optional<Error> checkDefault(Checking &in, const Table &parent)
{
    const auto contents = defaultContents(in.connection, in.scheme, parent, in.options.read_default_bytes);
    if (!contents)
        return contents.error();
    if (!contents->has_rows)
        return {};
    std::int64_t rows = contents->null_rows + contents->other_rows;
    for (const Stray &stray : contents->strays)
        rows += stray.rows;
    Finding finding{"default-has-rows", contents->strays.empty() && contents->counted ? Severity::Info : Severity::Warning, contents->table->sqlName(), {}, {}, {}, {}, {}};
    finding.message = contents->counted ? fmt::format("{} holds {} row{}", contents->table->name, human::count(rows, ","), rows == 1 ? "" : "s") : contents->table->name + " holds rows";
    finding.detail = "A default partition is read by every query, keeps DETACH CONCURRENTLY from working, and bars a partition for a range of which it holds a row.";
    for (std::size_t i = 0; i < std::min<std::size_t>(contents->strays.size(), 20); ++i)
        finding.evidence += fmt::format("{}{}: {} rows", i == 0 ? "" : "; ", boundWords(contents->strays[i].range), contents->strays[i].rows);
    if (contents->strays.size() > 20)
        finding.evidence += fmt::format("; {} more", contents->strays.size() - 20);
    if (contents->null_rows > 0)
        finding.evidence += fmt::format("{}NULL: {} rows", finding.evidence.empty() ? "" : "; ", contents->null_rows);
    if (!contents->counted) {
        finding.evidence = human::bytes(contents->table->table_bytes);
        finding.no_fix = "It was not read from end to end; partition maintain --drain-default does.";
        in.add(std::move(finding));
        return {};
    }
    if (contents->strays.empty()) {
        finding.no_fix = "The rows fit no range.";
        in.add(std::move(finding));
        return {};
    }
    in.add(std::move(finding), drainDefault(in.connection, in.scheme, parent));
    return {};
}

std::optional<Error> checkHorizon(Checking &in, const Table &parent)
{
    const auto interval = usualInterval(in.scheme, parent);
    if (!interval || parent.key->columns.size() != 1)
        return {};
    const Table *last = nullptr;
    for (const std::size_t child : parent.children) {
        if (in.scheme.tables[child].bound.kind == Bound::Kind::Range)
            last = &in.scheme.tables[child];
    }
    if (last == nullptr || last->bound.upper.front().kind != BoundValue::Kind::Value || !last->bound.upper.front().position)
        return {};
    const auto present = presentValue(in.connection, in.scheme, parent, in.options.from);
    if (!present)
        return present.error();
    if (!*present || !(*present)->position)
        return {};
    const ValueKind kind = parent.key->columns.front().kind;
    const double left = *last->bound.upper.front().position - *(*present)->position;
    const double width = isTime(kind) ? interval->approximateMicros() : static_cast<double>(interval->step);
    if (left >= width * in.options.ahead)
        return {};
    const bool caught = in.scheme.defaultOf(parent) != nullptr;
    Finding finding{"running-out", left <= 0 ? Severity::Problem : left < width ? Severity::Warning : Severity::Info, parent.sqlName(), {}, {}, {}, {}, {}};
    if (left <= 0)
        finding.message = fmt::format("{} has no partition for now: the last one ended at {}", parent.name, last->bound.upper.front().text);
    else
        finding.message = fmt::format("{} has no partition from {} on: {} left", parent.name, last->bound.upper.front().text,
                                      isTime(kind) ? human::duration(left / 1000) : human::compactCount(left) + " values");
    // What went on for long without a new partition is history, not a table in use.
    const bool asleep = isTime(kind) && -left > width * 24;
    if (asleep)
        finding.severity = Severity::Info;
    finding.detail = caught ? "Later rows will go to the default partition, and bar their own." : "Later rows will be refused.";
    finding.evidence = fmt::format("interval {}, present {}", interval->text(), (*present)->text);
    PremakeOptions options;
    options.ahead = in.options.premake;
    options.from = in.options.from;
    in.add(std::move(finding), premake(in.connection, in.scheme, parent, options));
    return {};
}

void checkSizes(Checking &in, const Table &parent)
{
    std::vector<const Table *> filled;
    for (const std::size_t child : parent.children) {
        const Table &table = in.scheme.tables[child];
        if (table.relkind == 'r' && !table.isEmpty())
            filled.push_back(&table);
        if (table.relkind == 'r' && table.totalBytes() > in.options.oversized_bytes) {
            Finding finding{"oversized", Severity::Warning, table.sqlName(), fmt::format("{} has {}", table.name, human::bytes(table.totalBytes())), {}, {}, {}, {}};
            finding.detail = "VACUUM, index builds and a restore work on a partition at a time: smaller ones make them short.";
            finding.evidence = fmt::format("limit {}", human::bytes(in.options.oversized_bytes));
            finding.no_fix = "Split it: partition maintain --split " + table.name + " --at VALUE.";
            in.add(std::move(finding));
        }
    }
    if (filled.size() < 3)
        return;
    std::vector<std::int64_t> sizes;
    for (const Table *table : filled)
        sizes.push_back(table->totalBytes());
    std::sort(sizes.begin(), sizes.end());
    const double median = static_cast<double>(sizes[sizes.size() / 2]);
    const Table *largest = *std::max_element(filled.begin(), filled.end(), [](const Table *a, const Table *b) { return a->totalBytes() < b->totalBytes(); });
    if (largest->totalBytes() < in.options.skew_min_bytes || static_cast<double>(largest->totalBytes()) < median * in.options.skew_factor || largest->isDefault())
        return;
    Finding finding{"skewed", Severity::Warning, largest->sqlName(), {}, {}, {}, {}, {}};
    finding.message = fmt::format("{} is {} times as large as the median of its siblings", largest->name, static_cast<int>(static_cast<double>(largest->totalBytes()) / median));
    finding.detail = parent.key->strategy == Strategy::Hash ? "Few values of the key make up most of the rows: a hash cannot divide one value." : "Queries and maintenance on it take as much longer.";
    finding.evidence = fmt::format("{} against a median of {} over {} partitions that hold rows", human::bytes(largest->totalBytes()), human::bytes(static_cast<std::int64_t>(median)), filled.size());
    finding.no_fix = parent.key->strategy == Strategy::Hash ? "A key with more, and more even, values would divide it." : "Split it: partition maintain --split " + largest->name + " --at VALUE.";
    in.add(std::move(finding));
}

/// Partitions in the midst that never got a row: between others that did.
void checkEmpty(Checking &in, const Table &parent)
{
    if (!parent.key || parent.key->strategy == Strategy::Hash)
        return;
    std::size_t last_filled = 0;
    bool any = false;
    for (std::size_t i = 0; i < parent.children.size(); ++i) {
        const Table &table = in.scheme.tables[parent.children[i]];
        if (table.relkind == 'r' && !table.isEmpty() && !table.isDefault()) {
            last_filled = i;
            any = true;
        }
    }
    std::vector<const Table *> empty;
    for (std::size_t i = 0; any && i < last_filled; ++i) {
        const Table &table = in.scheme.tables[parent.children[i]];
        if (table.isEmpty() && !table.isDefault())
            empty.push_back(&table);
    }
    if (empty.empty() || parent.key->strategy == Strategy::List)
        return;
    Finding finding{"empty-partition", Severity::Info, parent.sqlName(), fmt::format("{} partition{} of {} in the past hold{} no row", empty.size(), empty.size() == 1 ? "" : "s", parent.name, empty.size() == 1 ? "s" : ""), {}, {}, {}, {}};
    finding.detail = "They cost planning and locks. It may be that rows which belonged there are missing, or went elsewhere.";
    for (std::size_t i = 0; i < std::min<std::size_t>(empty.size(), 10); ++i)
        finding.evidence += (i == 0 ? "" : ", ") + empty[i]->name;
    finding.no_fix = "Look whether rows are missing before they are dropped.";
    in.add(std::move(finding));
}

void checkCount(Checking &in)
{
    const std::size_t leaves = in.scheme.leafCount();
    if (leaves <= in.options.many_partitions)
        return;
    Finding finding{"many-partitions", Severity::Info, in.scheme.root().sqlName(), fmt::format("{} has {} partitions", in.scheme.root().name, leaves), {}, {}, {}, {}};
    finding.detail = "A query that cannot prune locks and plans each of them; every session that touches them keeps their descriptions in memory.";
    finding.no_fix = "Merge old ones (partition maintain --merge), choose a longer interval, or drop what retention allows.";
    in.add(std::move(finding));
}

} // namespace

Result<std::vector<Finding>> check(pg::Connection &connection, const Scheme &scheme, const CheckOptions &options)
{
    if (scheme.tables.empty())
        return std::vector<Finding>();
    const IsoSession session(connection);
    Checking in{connection, scheme, options, {}};
    for (const Table &parent : scheme.tables) {
        if (!parent.key)
            continue;
        if (parent.key->strategy == Strategy::Hash)
            checkRemainders(in, parent);
        if (parent.key->strategy == Strategy::Range)
            checkGaps(in, parent);
        if (parent.key->strategy != Strategy::Hash) {
            if (auto error = checkDefault(in, parent))
                return tl::unexpected(*error);
        }
        if (parent.key->strategy == Strategy::Range) {
            if (auto error = checkHorizon(in, parent))
                return tl::unexpected(*error);
        }
        checkSizes(in, parent);
        checkEmpty(in, parent);
    }
    checkCount(in);
    checkStructure(in);
    checkPartman(in);
    std::stable_sort(in.findings.begin(), in.findings.end(), [](const Finding &a, const Finding &b) { return a.severity > b.severity; });
    return std::move(in.findings);
}

} // namespace howdah::partition
