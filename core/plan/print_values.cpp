// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/print_values.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "core/plan/keys.h"

namespace howdah::plan {

namespace {

using Group = PropertyValue::Group;
using List = PropertyValue::List;

/// The keys of one line, taken from the list as they are used.
class Keys {
public:
    explicit Keys(const std::vector<Property> &properties) : properties_(properties), used_(properties.size())
    {
    }

    [[nodiscard]] const PropertyValue *take(std::string_view key)
    {
        for (std::size_t i = 0; i < properties_.size(); ++i) {
            if (!used_[i] && properties_[i].first == key) {
                used_[i] = true;
                return &properties_[i].second;
            }
        }
        return nullptr;
    }
    [[nodiscard]] std::string taken(std::string_view key)
    {
        const PropertyValue *value = take(key);
        return value == nullptr ? std::string() : scalarText(*value);
    }
    [[nodiscard]] bool isUsed(std::size_t index) const { return used_[index]; }
    void use(std::size_t index) { used_[index] = true; }

private:
    const std::vector<Property> &properties_;
    std::vector<bool> used_;
};

bool isZero(const PropertyValue &value)
{
    if (const auto *integer = std::get_if<std::int64_t>(&value.value))
        return *integer == 0;
    if (const auto *real = std::get_if<double>(&value.value))
        return *real == 0;
    const auto *flag = std::get_if<bool>(&value.value);
    return flag != nullptr && !*flag;
}

/// Keys that EXPLAIN's TEXT leaves out when they are zero or false.
bool omittedWhenZero(std::string_view key)
{
    static constexpr std::array keys{"Rows Removed by Filter",
                                     "Rows Removed by Join Filter",
                                     "Rows Removed by Index Recheck",
                                     "Rows Removed by Conflict Filter",
                                     "Subplans Removed",
                                     "Inner Unique",
                                     "Single Copy"};
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

std::string sortLine(Keys &keys, const PropertyValue &method)
{
    std::string text = "Sort Method: " + scalarText(method);
    const std::string used = keys.taken("Sort Space Used");
    const std::string type = keys.taken("Sort Space Type");
    return used.empty() ? text : text + "  " + type + ": " + used + "kB";
}

std::string sortGroupsLine(std::string_view key, const PropertyValue &value)
{
    const auto *group = std::get_if<Group>(&value.value);
    if (group == nullptr)
        return std::string(key) + ": " + scalarText(value);
    std::string text;
    for (const auto &[name, part] : *group) {
        if (name == "Group Count") {
            text = fmt::format("{}: {}", key, scalarText(part));
        } else if (name == "Sort Methods Used") {
            const auto *list = std::get_if<List>(&part.value);
            text += list != nullptr && list->size() > 1 ? "  Sort Methods: " : "  Sort Method: ";
            text += listText(part);
        } else if (const auto *space = std::get_if<Group>(&part.value); space != nullptr) {
            const std::string kind = name.substr(name.rfind(' ') + 1);
            for (const auto &[which, amount] : *space)
                text += fmt::format("  {} {}: {}kB", which.substr(0, which.find(' ')), kind,
                                    scalarText(amount));
        }
    }
    return text;
}

std::string withOriginal(std::string_view name, const std::string &now, const std::string &original,
                         bool both)
{
    return both ? fmt::format("{}: {} (originally {})", name, now, original)
                : fmt::format("{}: {}", name, now);
}

std::string hashLine(Keys &keys, const PropertyValue &buckets)
{
    const std::string now = scalarText(buckets);
    const std::string original = keys.taken("Original Hash Buckets");
    const std::string batches = keys.taken("Hash Batches");
    const std::string original_batches = keys.taken("Original Hash Batches");
    const bool both = (!original.empty() && original != now)
                      || (!original_batches.empty() && original_batches != batches);
    return fmt::format("{}  {}  Memory Usage: {}kB", withOriginal("Buckets", now, original, both),
                       withOriginal("Batches", batches, original_batches, both),
                       keys.taken("Peak Memory Usage"));
}

std::string hashAggLine(Keys &keys, std::string partitions, std::string batches)
{
    std::string text;
    if (partitions.empty())
        partitions = keys.taken("Planned Partitions");
    if (!partitions.empty() && partitions != "0")
        text = "Planned Partitions: " + partitions;
    if (batches.empty())
        batches = keys.taken("HashAgg Batches");
    const std::string memory = keys.taken("Peak Memory Usage");
    const std::string disk = keys.taken("Disk Usage");
    if (!batches.empty()) {
        text += fmt::format("{}Batches: {}  Memory Usage: {}kB", text.empty() ? "" : "  ", batches, memory);
        if (!disk.empty() && disk != "0")
            text += fmt::format("  Disk Usage: {}kB", disk);
    }
    return text;
}

std::string memoizeLine(Keys &keys, const PropertyValue &hits)
{
    return fmt::format("Hits: {}  Misses: {}  Evictions: {}  Overflows: {}  Memory Usage: {}kB",
                       scalarText(hits), keys.taken("Cache Misses"), keys.taken("Cache Evictions"),
                       keys.taken("Cache Overflows"), keys.taken("Peak Memory Usage"));
}

std::string assignments(std::string_view head,
                        const std::vector<std::pair<std::string_view, const PropertyValue *>> &parts)
{
    std::string text;
    for (const auto &[name, value] : parts) {
        if (value != nullptr && !isZero(*value))
            text += fmt::format(" {}={}", name, scalarText(*value));
    }
    return text.empty() ? std::string() : std::string(head) + text;
}

std::string samplingLine(Keys &keys, const PropertyValue &method)
{
    std::string text = "Sampling: " + scalarText(method);
    if (const PropertyValue *parameters = keys.take("Sampling Parameters"))
        text += " (" + listText(*parameters) + ")";
    if (const PropertyValue *seed = keys.take("Repeatable Seed"))
        text += " REPEATABLE (" + scalarText(*seed) + ")";
    return text;
}

void groupingSetLines(const PropertyValue &sets, std::vector<PropertyLine> &out)
{
    const auto *list = std::get_if<List>(&sets.value);
    if (list == nullptr)
        return;
    for (const PropertyValue &set : *list) {
        const auto *group = std::get_if<Group>(&set.value);
        if (group == nullptr)
            continue;
        int depth = 0;
        for (const auto &[key, value] : *group) {
            if (key == "Sort Key") {
                out.push_back({"Sort Key: " + listText(value), 0});
                depth = 1;
                continue;
            }
            const std::string name = key.ends_with('s') ? key.substr(0, key.size() - 1) : key;
            if (const auto *items = std::get_if<List>(&value.value)) {
                for (const PropertyValue &item : *items) {
                    const std::string keys = listText(item);
                    out.push_back({name + ": " + (keys.empty() ? "()" : keys), depth});
                }
            }
        }
    }
}

/// Whatever has no line of its own in EXPLAIN: "key: value", groups with their
/// keys one step further in.
void plainLines(const std::string &key, const PropertyValue &value, int depth, std::vector<PropertyLine> &out)
{
    constexpr int deepest = 40;
    if (const auto *group = std::get_if<Group>(&value.value); group != nullptr && depth < deepest) {
        out.push_back({key + ":", depth});
        for (const auto &[name, inner] : *group)
            plainLines(name, inner, depth + 1, out);
        return;
    }
    if (const auto *list = std::get_if<List>(&value.value);
        list != nullptr && !list->empty() && depth < deepest
        && std::holds_alternative<Group>(list->front().value)) {
        for (const PropertyValue &item : *list)
            plainLines(key, item, depth, out);
        return;
    }
    out.push_back({key + ": " + listText(value), depth});
}

/// Lines that several keys share; the first key found prints the whole line.
bool sharedLine(Keys &keys, const Property &property, std::vector<PropertyLine> &out)
{
    const auto &[key, value] = property;
    const auto line = [&out](std::string text) {
        if (!text.empty())
            out.push_back({std::move(text), 0});
        return true;
    };
    if (key == "Sort Method")
        return line(sortLine(keys, value));
    if (key == "Full-sort Groups" || key == "Pre-sorted Groups")
        return line(sortGroupsLine(key, value));
    if (key == "Hash Buckets")
        return line(hashLine(keys, value));
    if (key == "Planned Partitions")
        return line(hashAggLine(keys, scalarText(value), {}));
    if (key == "HashAgg Batches")
        return line(hashAggLine(keys, {}, scalarText(value)));
    if (key == "Cache Hits")
        return line(memoizeLine(keys, value));
    if (key == "Storage") {
        const std::string most = keys.taken("Maximum Storage");
        return line("Storage: " + scalarText(value)
                    + (most.empty() ? "" : "  Maximum Storage: " + most + "kB"));
    }
    if (key == "Exact Heap Blocks" || key == "Lossy Heap Blocks") {
        const bool exact = key == "Exact Heap Blocks";
        const PropertyValue *other = keys.take(exact ? "Lossy Heap Blocks" : "Exact Heap Blocks");
        return line(assignments("Heap Blocks:",
                                {{"exact", exact ? &value : other}, {"lossy", exact ? other : &value}}));
    }
    if (key == "Tuples Inserted" || key == "Tuples Updated" || key == "Tuples Deleted"
        || key == "Tuples Skipped") {
        if (key == "Tuples Inserted") { // ON CONFLICT has two lines of its own,
                                        // MERGE one for all
            if (const PropertyValue *conflicting = keys.take("Conflicting Tuples")) {
                out.push_back({"Tuples Inserted: " + scalarText(value), 0});
                return line("Conflicting Tuples: " + scalarText(*conflicting));
            }
        }
        const auto of = [&](std::string_view name) { return key == name ? &value : keys.take(name); };
        const PropertyValue *inserted = of("Tuples Inserted");
        const PropertyValue *updated = of("Tuples Updated");
        const PropertyValue *deleted = of("Tuples Deleted");
        return line(assignments("Tuples:", {{"inserted", inserted},
                                            {"updated", updated},
                                            {"deleted", deleted},
                                            {"skipped", of("Tuples Skipped")}}));
    }
    if (key == "Sampling Method")
        return line(samplingLine(keys, value));
    if (key == "Memory Used")
        return line(fmt::format("Memory: used={}kB  allocated={}kB", scalarText(value),
                                keys.taken("Memory Allocated")));
    return false;
}

std::string bufferPart(std::string_view kind, std::array<std::int64_t, 4> counts)
{
    static constexpr std::array names{"hit", "read", "dirtied", "written"};
    std::string text;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] > 0)
            text += fmt::format(" {}={}", names[i], counts[i]);
    }
    return text.empty() ? text : std::string(kind) + text;
}

std::string ioPart(std::string_view kind, double read, double write)
{
    std::string text;
    if (read > 0)
        text += fmt::format(" read={:.3f}", read);
    if (write > 0)
        text += fmt::format(" write={:.3f}", write);
    return text.empty() ? text : (kind.empty() ? text.substr(1) : std::string(kind) + text);
}

void addJoined(std::string_view head, const std::vector<std::string> &parts, std::vector<PropertyLine> &out)
{
    std::string text;
    for (const std::string &part : parts) {
        if (!part.empty())
            text += (text.empty() ? "" : ", ") + part;
    }
    if (!text.empty())
        out.push_back({std::string(head) + text, 0});
}

} // namespace

KeyedCounter countInto(const Property &property, Node &counters)
{
    const KeyInfo *info = findKey(property.first);
    if (info == nullptr)
        return KeyedCounter::No;
    const auto *whole = std::get_if<std::int64_t>(&property.second.value);
    const auto *real = std::get_if<double>(&property.second.value);
    const double number = real != nullptr ? *real : whole != nullptr ? static_cast<double>(*whole) : 0;
    if (info->slot == Slot::Buffer && whole != nullptr) {
        if (!counters.buffers)
            counters.buffers.emplace();
        (*counters.buffers).*info->buffer = *whole;
        return KeyedCounter::Buffer;
    }
    if (info->slot == Slot::Io) {
        if (!counters.io)
            counters.io.emplace();
        (*counters.io).*info->io = number;
        return KeyedCounter::Io;
    }
    if (info->slot == Slot::Wal && whole != nullptr) {
        if (!counters.wal)
            counters.wal.emplace();
        (*counters.wal).*info->wal = *whole;
        return KeyedCounter::Wal;
    }
    return KeyedCounter::No;
}

std::string scalarText(const PropertyValue &value)
{
    if (const auto *text = std::get_if<std::string>(&value.value))
        return *text;
    if (const auto *integer = std::get_if<std::int64_t>(&value.value))
        return std::to_string(*integer);
    if (const auto *real = std::get_if<double>(&value.value))
        return fmt::format("{}", *real);
    if (const auto *flag = std::get_if<bool>(&value.value))
        return *flag ? "true" : "false";
    return {};
}

std::string listText(const PropertyValue &value)
{
    const auto *list = std::get_if<List>(&value.value);
    if (list == nullptr)
        return scalarText(value);
    std::string text;
    for (const PropertyValue &item : *list)
        text += (text.empty() ? "" : ", ") + scalarText(item);
    return text;
}

std::vector<PropertyLine> counterLines(const std::optional<Buffers> &buffers,
                                       const std::optional<IoTimes> &io, const std::optional<WalUsage> &wal,
                                       IoStyle style)
{
    std::vector<PropertyLine> out;
    if (buffers) {
        const Buffers &b = *buffers;
        addJoined("Buffers: ",
                  {bufferPart("shared", {b.shared_hit, b.shared_read, b.shared_dirtied, b.shared_written}),
                   bufferPart("local", {b.local_hit, b.local_read, b.local_dirtied, b.local_written}),
                   bufferPart("temp", {0, b.temp_read, 0, b.temp_written})},
                  out);
    }
    if (io) {
        const std::string_view shared = style == IoStyle::Separate      ? "shared"
                                        : style == IoStyle::SharedLocal ? "shared/local"
                                                                        : "";
        addJoined("I/O Timings: ",
                  {ioPart(shared, io->shared_read_ms, io->shared_write_ms),
                   ioPart("local", io->local_read_ms, io->local_write_ms),
                   ioPart("temp", io->temp_read_ms, io->temp_write_ms)},
                  out);
    }
    if (wal) {
        std::string text;
        const auto add = [&text](std::string_view name, std::int64_t count) {
            if (count > 0)
                text += fmt::format(" {}={}", name, count);
        };
        add("records", wal->records);
        add("fpi", wal->fpi);
        add("bytes", wal->bytes);
        add("buffers full", wal->buffers_full);
        if (!text.empty())
            out.push_back({"WAL:" + text, 0});
    }
    return out;
}

std::vector<PropertyLine> propertyLines(const std::vector<Property> &properties)
{
    std::vector<PropertyLine> out;
    Keys keys(properties);
    for (std::size_t i = 0; i < properties.size(); ++i) {
        if (keys.isUsed(i))
            continue;
        keys.use(i);
        const auto &[key, value] = properties[i];
        // Real zeros were printed: see keepPrintedZeros() in text_finish.cpp.
        const bool omitted = omittedWhenZero(key) && isZero(value) && !std::holds_alternative<double>(value.value);
        if (sharedLine(keys, properties[i], out) || omitted)
            continue;
        if (key == "Grouping Sets")
            groupingSetLines(value, out);
        else
            plainLines(key, value, 0, out);
    }
    return out;
}

std::string actualFigures(const std::optional<double> &startup_ms, const std::optional<double> &total_ms,
                          const std::optional<double> &rows, const std::optional<double> &loops,
                          bool fractional_rows)
{
    std::string text = "actual ";
    if (total_ms)
        text += fmt::format("time={:.3f}..{:.3f} ", startup_ms.value_or(0), *total_ms);
    return text
           + fmt::format("rows={:.{}f} loops={:.0f}", rows.value_or(0), fractional_rows ? 2 : 0,
                         loops.value_or(0));
}

std::string figures(const Node &node, bool fractional_rows)
{
    std::string text;
    if (node.total_cost)
        text = fmt::format("  (cost={:.2f}..{:.2f} rows={:.0f} width={})", node.startup_cost.value_or(0),
                           *node.total_cost, node.plan_rows.value_or(0), node.plan_width.value_or(0));
    if (node.never_executed)
        return text + (text.empty() ? "  " : " ") + "(never executed)";
    if (!node.loops)
        return text;
    return text + (text.empty() ? "  (" : " (")
           + actualFigures(node.actual_startup_ms, node.actual_total_ms, node.actual_rows, node.loops,
                           fractional_rows)
           + ")";
}

} // namespace howdah::plan
