// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/text_values.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/plan/keys.h"
#include "core/plan/text_lines.h"

namespace howdah::plan {

namespace {

bool eat(std::string_view &text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

void add(const TextTarget &target, std::string_view key, PropertyValue value)
{
    target.properties->emplace_back(std::string(key), std::move(value));
}

bool addNumber(const TextTarget &target, std::string_view key, std::string_view text)
{
    std::int64_t integer = 0;
    double real = 0;
    if (parseInt(text, integer))
        add(target, key, PropertyValue{integer});
    else if (parseReal(text, real))
        add(target, key, PropertyValue{real});
    else
        return false;
    return true;
}

/// "25kB", "19 kB".
bool addKilobytes(const TextTarget &target, std::string_view key, std::string_view text)
{
    if (!text.ends_with("kB"))
        return false;
    return addNumber(target, key, trimmed(text.substr(0, text.size() - 2)));
}

struct Pair {
    std::string_view key, value;
};

/// "Buckets: 1024  Batches: 1  Memory Usage: 9kB": pairs with two spaces between them. The first pair's key
/// was taken off already.
std::vector<Pair> pairsOf(std::string_view first_key, std::string_view rest)
{
    std::vector<Pair> pairs;
    std::string_view key = first_key;
    for (;;) {
        const std::size_t gap = rest.find("  ");
        pairs.push_back({key, trimmed(rest.substr(0, gap))});
        if (gap == std::string_view::npos)
            return pairs;
        rest = trimmed(rest.substr(gap));
        const std::size_t colon = rest.find(": ");
        if (colon == std::string_view::npos) {
            pairs.back().value = {};
            return pairs;
        }
        key = rest.substr(0, colon);
        rest.remove_prefix(colon + 2);
    }
}

/// "exact=16 lossy=3": words with a number each, one space between them.
std::vector<Pair> assignmentsOf(std::string_view text)
{
    std::vector<Pair> pairs;
    text = trimmed(text);
    while (!text.empty()) {
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos)
            return {};
        std::string_view rest = text.substr(equals + 1);
        const std::size_t end = std::min(rest.find(' '), rest.size());
        pairs.push_back({trimmed(text.substr(0, equals)), rest.substr(0, end)});
        text = trimmed(rest.substr(end));
    }
    return pairs;
}

void setCounter(const TextTarget &target, std::string_view key, std::int64_t value)
{
    const KeyInfo *info = findKey(key);
    if (info != nullptr && info->slot == Slot::Buffer && target.buffers != nullptr) {
        if (!*target.buffers)
            target.buffers->emplace();
        (**target.buffers).*info->buffer = value;
    } else if (info != nullptr && info->slot == Slot::Wal && target.wal != nullptr) {
        if (!*target.wal)
            target.wal->emplace();
        (**target.wal).*info->wal = value;
    } else {
        add(target, key, PropertyValue{value});
    }
}

void setIoTime(const TextTarget &target, std::string_view key, double value)
{
    const KeyInfo *info = findKey(key);
    if (info != nullptr && info->slot == Slot::Io && target.io != nullptr) {
        if (!*target.io)
            target.io->emplace();
        (**target.io).*info->io = value;
    } else {
        add(target, key, PropertyValue{value});
    }
}

/// "shared hit=8 read=2, temp read=1 written=3".
bool readBuffers(std::string_view text, const TextTarget &target)
{
    struct Word {
        std::string_view text, json;
    };
    static constexpr std::array<Word, 4> words{
        {{"hit", "Hit"}, {"read", "Read"}, {"dirtied", "Dirtied"}, {"written", "Written"}}};
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find(", "), rest.size());
        std::string_view part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 2, rest.size()));
        std::string kind;
        if (eat(part, "shared "))
            kind = "Shared ";
        else if (eat(part, "local "))
            kind = "Local ";
        else if (eat(part, "temp "))
            kind = "Temp ";
        else
            return false;
        const std::vector<Pair> pairs = assignmentsOf(part);
        if (pairs.empty())
            return false;
        for (const auto &[word, number] : pairs) {
            const auto *found = std::find_if(words.begin(), words.end(),
                                             [w = word](const Word &known) { return known.text == w; });
            std::int64_t value = 0;
            if (found == words.end() || !parseInt(number, value))
                return false;
            setCounter(target, kind + std::string(found->json) + " Blocks", value);
        }
    }
    return true;
}

/// "read=0.1 write=0.2", "shared/local read=0.1, temp read=0.3", "shared read=0.1, local write=0.2".
bool readIoTimings(std::string_view text, const TextTarget &target)
{
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find(", "), rest.size());
        std::string_view part = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 2, rest.size()));
        std::string kind;
        IoStyle style = IoStyle::Single;
        if (eat(part, "shared/local ")) {
            style = IoStyle::SharedLocal;
        } else if (eat(part, "shared ")) {
            kind = "Shared ";
            style = IoStyle::Separate;
        } else if (eat(part, "local ")) {
            kind = "Local ";
            style = IoStyle::Separate;
        } else if (eat(part, "temp ")) {
            kind = "Temp ";
            style = IoStyle::Unknown;
        }
        if (target.io_style != nullptr && style != IoStyle::Unknown)
            *target.io_style = style;
        const std::vector<Pair> pairs = assignmentsOf(part);
        if (pairs.empty())
            return false;
        for (const auto &[word, number] : pairs) {
            double value = 0;
            if ((word != "read" && word != "write") || !parseReal(number, value))
                return false;
            setIoTime(target, kind + (word == "read" ? "I/O Read Time" : "I/O Write Time"), value);
        }
    }
    return true;
}

/// "records=13 fpi=2 bytes=790 buffers full=3".
bool readWal(std::string_view text, const TextTarget &target)
{
    const std::vector<Pair> pairs = assignmentsOf(text);
    if (pairs.empty())
        return false;
    for (const auto &[word, number] : pairs) {
        std::int64_t value = 0;
        if (!parseInt(number, value))
            return false;
        if (word == "records")
            setCounter(target, "WAL Records", value);
        else if (word == "fpi")
            setCounter(target, "WAL FPI", value);
        else if (word == "bytes")
            setCounter(target, "WAL Bytes", value);
        else if (word == "buffers full")
            setCounter(target, "WAL Buffers Full", value);
        else if (word == "fpi bytes")
            setCounter(target, "WAL FPI Bytes", value);
        else
            return false;
    }
    return true;
}

/// "Memory: used=19kB  allocated=32kB" under Planning.
bool readPlanningMemory(std::string_view text, const TextTarget &target)
{
    for (const auto &[word, value] : assignmentsOf(text)) {
        if (word == "used" ? !addKilobytes(target, "Memory Used", value)
                           : word != "allocated" || !addKilobytes(target, "Memory Allocated", value))
            return false;
    }
    return true;
}

/// "quicksort  Memory: 25kB", "external merge  Disk: 1984kB".
bool readSortMethod(std::string_view text, const TextTarget &target)
{
    const std::vector<Pair> pairs = pairsOf("", text);
    add(target, "Sort Method", PropertyValue{std::string(pairs[0].value)});
    if (pairs.size() < 2)
        return true;
    if (!addKilobytes(target, "Sort Space Used", pairs[1].value))
        return false;
    add(target, "Sort Space Type", PropertyValue{std::string(pairs[1].key)});
    return true;
}

/// "3  Sort Method: quicksort  Average Memory: 27kB  Peak Memory: 27kB".
bool readSortGroups(std::string_view key, std::string_view text, const TextTarget &target)
{
    PropertyValue::Group group;
    std::vector<Property> scratch;
    const TextTarget numbers{nullptr, &scratch, nullptr, nullptr, nullptr, nullptr};
    const std::vector<Pair> pairs = pairsOf("", text);
    if (!addNumber(numbers, "Group Count", pairs[0].value))
        return false;
    group.push_back(std::move(scratch.back()));
    for (const auto &[name, value] : std::vector<Pair>(pairs.begin() + 1, pairs.end())) {
        if (name == "Sort Method" || name == "Sort Methods") {
            group.emplace_back("Sort Methods Used", PropertyValue{splitItems(value)});
            continue;
        }
        std::string_view kind = name;
        const bool average = eat(kind, "Average ");
        if (!average && !eat(kind, "Peak "))
            return false;
        std::string space = "Sort Space " + std::string(kind);
        if (group.back().first != space)
            group.emplace_back(std::move(space), PropertyValue{PropertyValue::Group{}});
        if (!addKilobytes(numbers, average ? "Average Sort Space Used" : "Peak Sort Space Used", value))
            return false;
        std::get<PropertyValue::Group>(group.back().second.value).push_back(std::move(scratch.back()));
    }
    add(target, key, PropertyValue{std::move(group)});
    return true;
}

/// "1024 (originally 512)" → 1024 and 512; without the bracket both are the same.
bool addOriginally(const TextTarget &target, std::string_view key, std::string_view text)
{
    std::string_view original = text;
    if (const std::size_t at = text.find(" (originally "); at != std::string_view::npos) {
        original = text.substr(at + 13);
        if (original.ends_with(')'))
            original.remove_suffix(1);
        text = text.substr(0, at);
    }
    return addNumber(target, key, text) && addNumber(target, "Original " + std::string(key), original);
}

/// "Buckets: …  Batches: …  Memory Usage: …" of Hash; "Planned Partitions: …  Batches: …  Memory Usage: …
/// Disk Usage: …" of HashAggregate; "Hits: …  Misses: …" of Memoize; "Storage: …  Maximum Storage: …".
bool readFigureLine(std::string_view first_key, std::string_view text, const TextTarget &target)
{
    struct Name {
        std::string_view text, json;
    };
    static constexpr std::array<Name, 7> counts{{{"Planned Partitions", "Planned Partitions"},
                                                 {"Batches", "HashAgg Batches"},
                                                 {"Hits", "Cache Hits"},
                                                 {"Misses", "Cache Misses"},
                                                 {"Evictions", "Cache Evictions"},
                                                 {"Overflows", "Cache Overflows"},
                                                 {"Worker Number", "Worker Number"}}};
    static constexpr std::array<Name, 3> sizes{{{"Memory Usage", "Peak Memory Usage"},
                                                {"Disk Usage", "Disk Usage"},
                                                {"Maximum Storage", "Maximum Storage"}}};
    const bool hash = first_key == "Buckets";
    for (const auto &[key, value] : pairsOf(first_key, text)) {
        if (key == "Buckets" || (hash && key == "Batches")) {
            if (!addOriginally(target, "Hash " + std::string(key), value))
                return false;
            // JSON's order is Hash Buckets, Original Hash Buckets: addOriginally named it "Original Hash …".
            continue;
        }
        if (key == "Storage") {
            add(target, key, PropertyValue{std::string(value)});
            continue;
        }
        const auto named = [k = key](const Name &name) { return name.text == k; };
        if (const auto *count = std::find_if(counts.begin(), counts.end(), named); count != counts.end()) {
            if (!addNumber(target, count->json, value))
                return false;
        } else if (const auto *size = std::find_if(sizes.begin(), sizes.end(), named); size != sizes.end()) {
            if (!addKilobytes(target, size->json, value))
                return false;
        } else {
            return false;
        }
    }
    return true;
}

/// Memoize from 19 on: "capacity=10 distinct keys=5 lookups=100 hit percent=95.00%".
bool readEstimates(std::string_view text, const TextTarget &target)
{
    for (auto [word, value] : assignmentsOf(text)) {
        if (value.ends_with('%'))
            value.remove_suffix(1);
        const std::string_view key = word == "capacity"        ? "Estimated Capacity"
                                     : word == "distinct keys" ? "Estimated Distinct Lookup Keys"
                                     : word == "lookups"       ? "Estimated Lookups"
                                     : word == "hit percent"   ? "Estimated Hit Percent"
                                                               : "";
        if (key.empty() || !addNumber(target, key, value))
            return false;
    }
    return true;
}

bool readHeapBlocks(std::string_view text, const TextTarget &target)
{
    for (const auto &[word, value] : assignmentsOf(text)) {
        if (word == "exact" ? !addNumber(target, "Exact Heap Blocks", value)
                            : word != "lossy" || !addNumber(target, "Lossy Heap Blocks", value))
            return false;
    }
    return true;
}

/// MERGE: "inserted=1 updated=428 deleted=72 skipped=3".
bool readTuples(std::string_view text, const TextTarget &target)
{
    for (const auto &[word, value] : assignmentsOf(text)) {
        const std::string_view key = word == "inserted"  ? "Tuples Inserted"
                                     : word == "updated" ? "Tuples Updated"
                                     : word == "deleted" ? "Tuples Deleted"
                                     : word == "skipped" ? "Tuples Skipped"
                                                         : "";
        if (key.empty() || !addNumber(target, key, value))
            return false;
    }
    return true;
}

/// "bernoulli ('10'::real) REPEATABLE ('42'::double precision)".
bool readSampling(std::string_view text, const TextTarget &target)
{
    const std::size_t open = text.find(" (");
    if (open == std::string_view::npos || !text.ends_with(')'))
        return false;
    std::string_view seed;
    std::string_view parameters = text.substr(open + 2);
    if (const std::size_t at = parameters.rfind(") REPEATABLE ("); at != std::string_view::npos) {
        seed = parameters.substr(at + 14);
        seed.remove_suffix(1);
        parameters = parameters.substr(0, at);
    } else {
        parameters.remove_suffix(1);
    }
    add(target, "Sampling Method", PropertyValue{std::string(text.substr(0, open))});
    add(target, "Sampling Parameters", PropertyValue{splitItems(parameters)});
    if (!seed.empty())
        add(target, "Repeatable Seed", PropertyValue{std::string(seed)});
    return true;
}

/// "time=0.022 ms  output=1kB  format=text".
bool readSerialization(std::string_view text, const TextTarget &target)
{
    for (std::string_view rest = text; !rest.empty();) {
        const std::size_t gap = std::min(rest.find("  "), rest.size());
        std::string_view part = trimmed(rest.substr(0, gap));
        rest = trimmed(rest.substr(gap));
        if (eat(part, "time=")) {
            if (!part.ends_with(" ms") || !addNumber(target, "Time", part.substr(0, part.size() - 3)))
                return false;
        } else if (eat(part, "output=")) {
            if (!addKilobytes(target, "Output Volume", part))
                return false;
        } else if (eat(part, "format=")) {
            add(target, "Format", PropertyValue{std::string(part)});
        } else {
            return false;
        }
    }
    return true;
}

} // namespace

PropertyValue::List splitItems(std::string_view text)
{
    PropertyValue::List items;
    std::size_t depth = 0;
    char quote = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == quote)
                quote = 0; // a doubled quote opens again at once
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if ((c == ')' || c == ']' || c == '}') && depth > 0) {
            --depth;
        } else if (c == ',' && depth == 0 && i + 1 < text.size() && text[i + 1] == ' ') {
            items.push_back(PropertyValue{std::string(text.substr(start, i - start))});
            start = i + 2;
        }
    }
    if (start < text.size())
        items.push_back(PropertyValue{std::string(text.substr(start))});
    return items;
}

std::vector<Property> readSettings(std::string_view text)
{
    std::vector<Property> settings;
    while (!text.empty()) {
        const std::size_t equals = text.find(" = '");
        if (equals == std::string_view::npos)
            break;
        std::string name(text.substr(0, equals));
        std::string value;
        std::size_t at = equals + 4;
        for (; at < text.size(); ++at) {
            if (text[at] == '\'') {
                if (at + 1 >= text.size() || text[at + 1] != '\'')
                    break;
                ++at;
            }
            value += text[at];
        }
        settings.emplace_back(std::move(name), PropertyValue{std::move(value)});
        text.remove_prefix(std::min(at + 1, text.size()));
        eat(text, ", ");
    }
    return settings;
}

bool readTrigger(std::string_view line, TriggerTime &out)
{
    if (!eat(line, "Trigger"))
        return false;
    const std::size_t colon = line.rfind(": ");
    if (colon == std::string_view::npos)
        return false;
    std::string_view who = line.substr(0, colon);
    bool calls = false;
    for (const auto &[word, number] : assignmentsOf(line.substr(colon + 2))) {
        double value = 0;
        if (!parseReal(number, value))
            return false;
        if (word == "time") {
            out.time_ms = value;
        } else if (word == "calls") {
            out.calls = value;
            calls = true;
        } else {
            return false;
        }
    }
    if (const std::size_t on = who.rfind(" on "); on != std::string_view::npos) {
        out.relation = who.substr(on + 4);
        who = who.substr(0, on);
    }
    if (const std::size_t at = who.find(" for constraint "); at != std::string_view::npos) {
        out.constraint = who.substr(at + 16);
        who = who.substr(0, at);
    }
    out.name = trimmed(who);
    return calls;
}

Property readJitLine(std::string_view key, std::string_view value)
{
    // "Options: Inlining false, Optimization false, Expressions true, Deforming true"
    // "Timing: Generation 0.5 ms (Deform 0.1 ms), Inlining 0.0 ms, …"
    if (key != "Options" && key != "Timing")
        return {std::string(key), typedValue(KeyType::Unknown, value, Written::Untyped)};
    PropertyValue::Group group;
    for (const PropertyValue &item : splitItems(value)) {
        std::string_view text = std::get<std::string>(item.value);
        std::string_view deform;
        if (const std::size_t at = text.find(" (Deform "); at != std::string_view::npos && text.ends_with(" ms)")) {
            deform = text.substr(at + 9, text.size() - at - 9 - 4);
            text = text.substr(0, at);
        }
        const std::size_t space = text.find(' ');
        const std::string name(text.substr(0, space));
        std::string_view figure = space == std::string_view::npos ? "" : text.substr(space + 1);
        if (figure.ends_with(" ms"))
            figure.remove_suffix(3);
        PropertyValue number = typedValue(KeyType::Unknown, figure, Written::Untyped);
        if (!deform.empty()) {
            PropertyValue::Group both;
            both.emplace_back("Deform", typedValue(KeyType::Unknown, deform, Written::Untyped));
            both.emplace_back("Total", std::move(number));
            number = PropertyValue{std::move(both)};
        }
        group.emplace_back(name, std::move(number));
    }
    return {std::string(key), PropertyValue{std::move(group)}};
}

bool applyTextProperty(std::string_view key, std::string_view value, const TextTarget &target)
{
    if (key == "Buffers")
        return readBuffers(value, target);
    if (key == "I/O Timings")
        return readIoTimings(value, target);
    if (key == "WAL")
        return readWal(value, target);
    if (key == "Memory" && target.node == nullptr)
        return readPlanningMemory(value, target);
    if (key == "Serialization")
        return readSerialization(value, target);
    if (key == "Sort Method")
        return readSortMethod(value, target);
    if (key == "Full-sort Groups" || key == "Pre-sorted Groups")
        return readSortGroups(key, value, target);
    if (key == "Buckets" || key == "Batches" || key == "Planned Partitions" || key == "Hits" || key == "Storage")
        return readFigureLine(key, value, target);
    if (key == "Estimates")
        return readEstimates(value, target);
    if (key == "Heap Blocks")
        return readHeapBlocks(value, target);
    if (key == "Tuples")
        return readTuples(value, target);
    if (key == "Sampling")
        return readSampling(value, target);

    const KeyInfo *info = findKey(key);
    if (info != nullptr && info->slot == Slot::Disabled && target.node != nullptr) {
        target.node->disabled = value == "true";
        return true;
    }
    if (info != nullptr && info->type == KeyType::List) {
        add(target, key, PropertyValue{splitItems(value)});
        return true;
    }
    add(target, key, typedValue(info == nullptr ? KeyType::Unknown : info->type, value, Written::Untyped));
    return true;
}

} // namespace howdah::plan
