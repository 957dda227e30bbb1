// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/plan/keys.h"

#include <charconv>
#include <cmath>
#include <deque>
#include <string>
#include <unordered_map>

namespace howdah::plan {

namespace {

constexpr KeyInfo buffer(std::string_view key, std::int64_t Buffers::*field)
{
    return {key, KeyType::Int, Slot::Buffer, field, nullptr, nullptr};
}
constexpr KeyInfo io(std::string_view key, double IoTimes::*field)
{
    return {key, KeyType::Real, Slot::Io, nullptr, field, nullptr};
}
constexpr KeyInfo wal(std::string_view key, std::int64_t WalUsage::*field)
{
    return {key, KeyType::Int, Slot::Wal, nullptr, nullptr, field};
}

// "Inlining" and "Optimization" are booleans under Options and times under Timing, so they are not here: an
// unquoted or untyped value shows which it is.
constexpr KeyInfo table[] = {
    KeyInfo{"Node Type", KeyType::Text, Slot::NodeType},
    KeyInfo{"Parent Relationship", KeyType::Text, Slot::ParentRelationship},
    KeyInfo{"Subplan Name", KeyType::Text, Slot::SubplanName},
    KeyInfo{"Strategy", KeyType::Text, Slot::Strategy},
    KeyInfo{"Partial Mode", KeyType::Text, Slot::PartialMode},
    KeyInfo{"Operation", KeyType::Text, Slot::Operation},
    KeyInfo{"Join Type", KeyType::Text, Slot::JoinType},
    KeyInfo{"Scan Direction", KeyType::Text, Slot::ScanDirection},
    KeyInfo{"Command", KeyType::Text, Slot::Command},
    KeyInfo{"Custom Plan Provider", KeyType::Text, Slot::CustomPlanProvider},
    KeyInfo{"Parallel Aware", KeyType::Bool, Slot::ParallelAware},
    KeyInfo{"Async Capable", KeyType::Bool, Slot::AsyncCapable},
    KeyInfo{"Disabled", KeyType::Bool, Slot::Disabled},
    KeyInfo{"Schema", KeyType::Text, Slot::Schema},
    KeyInfo{"Relation Name", KeyType::Text, Slot::RelationName},
    KeyInfo{"Alias", KeyType::Text, Slot::Alias},
    KeyInfo{"Index Name", KeyType::Text, Slot::IndexName},
    KeyInfo{"Function Name", KeyType::Text, Slot::FunctionName},
    KeyInfo{"CTE Name", KeyType::Text, Slot::CteName},
    KeyInfo{"Tuplestore Name", KeyType::Text, Slot::TuplestoreName},
    KeyInfo{"Table Function Name", KeyType::Text, Slot::TableFunctionName},
    KeyInfo{"Startup Cost", KeyType::Real, Slot::StartupCost},
    KeyInfo{"Total Cost", KeyType::Real, Slot::TotalCost},
    KeyInfo{"Plan Rows", KeyType::Real, Slot::PlanRows},
    KeyInfo{"Plan Width", KeyType::Int, Slot::PlanWidth},
    KeyInfo{"Actual Startup Time", KeyType::Real, Slot::ActualStartupTime},
    KeyInfo{"Actual Total Time", KeyType::Real, Slot::ActualTotalTime},
    KeyInfo{"Actual Rows", KeyType::Real, Slot::ActualRows},
    KeyInfo{"Actual Loops", KeyType::Real, Slot::ActualLoops},
    buffer("Shared Hit Blocks", &Buffers::shared_hit),
    buffer("Shared Read Blocks", &Buffers::shared_read),
    buffer("Shared Dirtied Blocks", &Buffers::shared_dirtied),
    buffer("Shared Written Blocks", &Buffers::shared_written),
    buffer("Local Hit Blocks", &Buffers::local_hit),
    buffer("Local Read Blocks", &Buffers::local_read),
    buffer("Local Dirtied Blocks", &Buffers::local_dirtied),
    buffer("Local Written Blocks", &Buffers::local_written),
    buffer("Temp Read Blocks", &Buffers::temp_read),
    buffer("Temp Written Blocks", &Buffers::temp_written),
    io("I/O Read Time", &IoTimes::shared_read_ms),
    io("I/O Write Time", &IoTimes::shared_write_ms),
    io("Shared I/O Read Time", &IoTimes::shared_read_ms),
    io("Shared I/O Write Time", &IoTimes::shared_write_ms),
    io("Local I/O Read Time", &IoTimes::local_read_ms),
    io("Local I/O Write Time", &IoTimes::local_write_ms),
    io("Temp I/O Read Time", &IoTimes::temp_read_ms),
    io("Temp I/O Write Time", &IoTimes::temp_write_ms),
    wal("WAL Records", &WalUsage::records),
    wal("WAL FPI", &WalUsage::fpi),
    wal("WAL Bytes", &WalUsage::bytes),
    wal("WAL Buffers Full", &WalUsage::buffers_full),
    KeyInfo{"Workers", KeyType::Groups, Slot::Workers},
    KeyInfo{"Worker Number", KeyType::Int, Slot::WorkerNumber},
    KeyInfo{"Plans", KeyType::Groups, Slot::Plans},
    KeyInfo{"Output", KeyType::List},
    KeyInfo{"Sort Key", KeyType::List},
    KeyInfo{"Presorted Key", KeyType::List},
    KeyInfo{"Group Key", KeyType::List},
    KeyInfo{"Conflict Arbiter Indexes", KeyType::List},
    KeyInfo{"Params Evaluated", KeyType::List},
    KeyInfo{"Sampling Parameters", KeyType::List},
    KeyInfo{"Sort Methods Used", KeyType::List},
    KeyInfo{"Grouping Sets", KeyType::Groups},
    KeyInfo{"Group Keys", KeyType::Groups},
    KeyInfo{"Hash Keys", KeyType::Groups},
    KeyInfo{"Target Tables", KeyType::Groups},
    KeyInfo{"Full-sort Groups", KeyType::Groups},
    KeyInfo{"Pre-sorted Groups", KeyType::Groups},
    KeyInfo{"Sort Space Memory", KeyType::Groups},
    KeyInfo{"Sort Space Disk", KeyType::Groups},
    KeyInfo{"Triggers", KeyType::Groups},
    KeyInfo{"JIT", KeyType::Groups},
    KeyInfo{"Options", KeyType::Groups},
    KeyInfo{"Timing", KeyType::Groups},
    KeyInfo{"Planning", KeyType::Groups},
    KeyInfo{"Serialization", KeyType::Groups},
    KeyInfo{"Settings", KeyType::Groups},
    KeyInfo{"Plan", KeyType::Groups},
    KeyInfo{"Index Cond", KeyType::Text},
    KeyInfo{"Order By", KeyType::Text},
    KeyInfo{"Recheck Cond", KeyType::Text},
    KeyInfo{"Filter", KeyType::Text},
    KeyInfo{"Join Filter", KeyType::Text},
    KeyInfo{"Hash Cond", KeyType::Text},
    KeyInfo{"Merge Cond", KeyType::Text},
    KeyInfo{"TID Cond", KeyType::Text},
    KeyInfo{"One-Time Filter", KeyType::Text},
    KeyInfo{"Run Condition", KeyType::Text},
    KeyInfo{"Conflict Filter", KeyType::Text},
    KeyInfo{"Function Call", KeyType::Text},
    KeyInfo{"Table Function Call", KeyType::Text},
    KeyInfo{"Remote SQL", KeyType::Text},
    KeyInfo{"Relations", KeyType::Text},
    KeyInfo{"Cache Key", KeyType::Text},
    KeyInfo{"Cache Mode", KeyType::Text},
    KeyInfo{"Window", KeyType::Text},
    KeyInfo{"Sampling Method", KeyType::Text},
    KeyInfo{"Repeatable Seed", KeyType::Text},
    KeyInfo{"Sort Method", KeyType::Text},
    KeyInfo{"Sort Space Type", KeyType::Text},
    KeyInfo{"Storage", KeyType::Text},
    KeyInfo{"Conflict Resolution", KeyType::Text},
    KeyInfo{"Replaces", KeyType::Text},
    KeyInfo{"Query Text", KeyType::Text},
    KeyInfo{"Query Parameters", KeyType::Text},
    KeyInfo{"Trigger Name", KeyType::Text},
    KeyInfo{"Constraint Name", KeyType::Text},
    KeyInfo{"Relation", KeyType::Text},
    KeyInfo{"Format", KeyType::Text},
    KeyInfo{"Foreign File", KeyType::Text},
    KeyInfo{"Foreign Program", KeyType::Text},
    KeyInfo{"extParam", KeyType::Text},
    KeyInfo{"allParam", KeyType::Text},
    KeyInfo{"Command Type", KeyType::Text},
    KeyInfo{"Flags", KeyType::Text},
    KeyInfo{"Subplans Needing Rewind", KeyType::Text},
    KeyInfo{"Relation OIDs", KeyType::Text},
    KeyInfo{"Executor Parameter Types", KeyType::Text},
    KeyInfo{"Parse Location", KeyType::Text},
    KeyInfo{"Unprunable RTIs", KeyType::Text},
    KeyInfo{"Result RTIs", KeyType::Text},
    KeyInfo{"Eref", KeyType::Text},
    KeyInfo{"Kind", KeyType::Text},
    KeyInfo{"Relation Kind", KeyType::Text},
    KeyInfo{"Relation Lock Mode", KeyType::Text},
    KeyInfo{"Inner Unique", KeyType::Bool},
    KeyInfo{"Single Copy", KeyType::Bool},
    KeyInfo{"Parallel Safe", KeyType::Bool},
    KeyInfo{"Rows Removed by Filter", KeyType::Int},
    KeyInfo{"Rows Removed by Join Filter", KeyType::Int},
    KeyInfo{"Rows Removed by Index Recheck", KeyType::Int},
    KeyInfo{"Rows Removed by Conflict Filter", KeyType::Int},
    KeyInfo{"Sort Space Used", KeyType::Int},
    KeyInfo{"Group Count", KeyType::Int},
    KeyInfo{"Average Sort Space Used", KeyType::Int},
    KeyInfo{"Peak Sort Space Used", KeyType::Int},
    KeyInfo{"Hash Buckets", KeyType::Int},
    KeyInfo{"Original Hash Buckets", KeyType::Int},
    KeyInfo{"Hash Batches", KeyType::Int},
    KeyInfo{"Original Hash Batches", KeyType::Int},
    KeyInfo{"Peak Memory Usage", KeyType::Int},
    KeyInfo{"Planned Partitions", KeyType::Int},
    KeyInfo{"HashAgg Batches", KeyType::Int},
    KeyInfo{"Disk Usage", KeyType::Int},
    KeyInfo{"Cache Hits", KeyType::Int},
    KeyInfo{"Cache Misses", KeyType::Int},
    KeyInfo{"Cache Evictions", KeyType::Int},
    KeyInfo{"Cache Overflows", KeyType::Int},
    KeyInfo{"Maximum Storage", KeyType::Int},
    KeyInfo{"Heap Fetches", KeyType::Int},
    KeyInfo{"Index Searches", KeyType::Int},
    KeyInfo{"Exact Heap Blocks", KeyType::Int},
    KeyInfo{"Lossy Heap Blocks", KeyType::Int},
    KeyInfo{"Workers Planned", KeyType::Int},
    KeyInfo{"Workers Launched", KeyType::Int},
    KeyInfo{"Subplans Removed", KeyType::Int},
    KeyInfo{"Tuples Inserted", KeyType::Int},
    KeyInfo{"Tuples Updated", KeyType::Int},
    KeyInfo{"Tuples Deleted", KeyType::Int},
    KeyInfo{"Tuples Skipped", KeyType::Int},
    KeyInfo{"Conflicting Tuples", KeyType::Int},
    KeyInfo{"Batch Size", KeyType::Int},
    KeyInfo{"Query Identifier", KeyType::Int},
    KeyInfo{"Memory Used", KeyType::Int},
    KeyInfo{"Memory Allocated", KeyType::Int},
    KeyInfo{"Functions", KeyType::Int},
    KeyInfo{"Output Volume", KeyType::Int},
    KeyInfo{"Foreign File Size", KeyType::Int},
    KeyInfo{"Plan Node ID", KeyType::Int},
    KeyInfo{"Disabled Nodes", KeyType::Int},
    KeyInfo{"Scan RTI", KeyType::Int},
    KeyInfo{"Estimated Capacity", KeyType::Int},
    KeyInfo{"Estimated Distinct Lookup Keys", KeyType::Int},
    KeyInfo{"Estimated Lookups", KeyType::Int},
    KeyInfo{"Calls", KeyType::Real},
    KeyInfo{"Time", KeyType::Real},
    KeyInfo{"Planning Time", KeyType::Real},
    KeyInfo{"Execution Time", KeyType::Real},
    KeyInfo{"Total Runtime", KeyType::Real},
    KeyInfo{"Generation", KeyType::Real},
    KeyInfo{"Deform", KeyType::Real},
    KeyInfo{"Total", KeyType::Real},
    KeyInfo{"Emission", KeyType::Real},
    KeyInfo{"Estimated Hit Percent", KeyType::Real},
};

using Index = std::unordered_map<std::string_view, const KeyInfo *>;

const Index &index()
{
    static const Index built = [] {
        Index map;
        map.reserve(std::size(table) * 2);
        for (const KeyInfo &info : table)
            map.emplace(info.key, &info);
        return map;
    }();
    return built;
}

/// By XML tag; owns the tags.
struct TagIndex {
    std::deque<std::string> tags;
    Index by_tag;
};
const TagIndex &tagIndex()
{
    static const TagIndex built = [] {
        TagIndex all;
        for (const KeyInfo &info : table) {
            std::string &tag = all.tags.emplace_back(info.key);
            for (char &c : tag) {
                if (c == ' ' || c == '/')
                    c = '-';
            }
            all.by_tag.emplace(tag, &info);
        }
        return all;
    }();
    return built;
}

bool isDecimal(std::string_view text)
{
    std::size_t digits = 0;
    std::size_t points = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c >= '0' && c <= '9')
            ++digits;
        else if (c == '.' && digits > 0)
            ++points;
        else if (c != '-' || i != 0)
            return false;
    }
    return digits > 0 && points == 1;
}

/// "0", "-17": what printing the number again would give back exactly.
bool isCanonicalInt(std::string_view text)
{
    if (text.starts_with('-'))
        text.remove_prefix(1);
    if (text.empty() || text.size() > 18 || (text[0] == '0' && text.size() > 1))
        return false;
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

PropertyValue text(std::string_view value)
{
    return PropertyValue{std::string(value)};
}

} // namespace

const KeyInfo *findKey(std::string_view key)
{
    const Index &map = index();
    const auto found = map.find(key);
    return found == map.end() ? nullptr : found->second;
}

const KeyInfo *findXmlTag(std::string_view tag)
{
    const Index &map = tagIndex().by_tag;
    const auto found = map.find(tag);
    return found == map.end() ? nullptr : found->second;
}

bool parseReal(std::string_view value, double &out)
{
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
    return error == std::errc() && end == value.data() + value.size() && std::isfinite(out);
}

bool parseInt(std::string_view value, std::int64_t &out)
{
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), out);
    return error == std::errc() && end == value.data() + value.size();
}

PropertyValue typedValue(KeyType type, std::string_view value, Written written)
{
    std::int64_t integer = 0;
    double real = 0;
    switch (type) {
    case KeyType::Text:
    case KeyType::List:
        return text(value);
    case KeyType::Bool:
        if (value == "true" || value == "false")
            return PropertyValue{value == "true"};
        return text(value);
    case KeyType::Int:
        if (parseInt(value, integer))
            return PropertyValue{integer};
        [[fallthrough]];
    case KeyType::Real:
        if (parseReal(value, real))
            return PropertyValue{real};
        return text(value);
    case KeyType::Unknown:
    case KeyType::Groups:
        break;
    }
    if (isCanonicalInt(value) && parseInt(value, integer))
        return PropertyValue{integer};
    if (value == "true" || value == "false")
        return PropertyValue{value == "true"};
    if (written == Written::Bare ? parseReal(value, real)
                                 : written == Written::Untyped && isDecimal(value) && parseReal(value, real))
        return PropertyValue{real};
    return text(value);
}

} // namespace howdah::plan
