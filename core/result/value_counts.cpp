// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/value_counts.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace howdah::result {

namespace {

constexpr std::size_t first_places = 1024;
constexpr std::size_t registers = std::size_t{1} << 14;

std::uint64_t mixed(std::uint64_t a, std::uint64_t b)
{
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

} // namespace

std::uint64_t hashOf(std::string_view bytes, std::uint64_t seed)
{
    constexpr std::uint64_t a = 0x9E3779B97F4A7C15U, b = 0xD6E8FEB86659FD93U, c = 0xA0761D6478BD642FU;
    std::uint64_t state = mixed(seed ^ a, bytes.size() ^ b);
    while (bytes.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), 8);
        state = mixed(state ^ word, c);
        bytes.remove_prefix(8);
    }
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), bytes.size());
    return mixed(mixed(state ^ word, c) ^ a, b);
}

ValueCounts::ValueCounts(std::size_t bound) : entries_(first_places), registers_(registers, 0), mask_(first_places - 1), bound_(bound)
{
}

void ValueCounts::insert(std::size_t at, const Entry &entry)
{
    entries_[at] = entry;
    ++used_;
    if (used_ > bound_)
        forgetRare();
    else if (used_ * 3 > entries_.size() * 2)
        grow();
}

void ValueCounts::refill(const std::vector<Entry> &old)
{
    used_ = 0;
    for (const Entry &entry : old) {
        if (entry.count == 0)
            continue;
        std::size_t at = placeOf(entry.hash);
        while (entries_[at].count != 0)
            at = (at + 1) & mask_;
        entries_[at] = entry;
        ++used_;
    }
}

void ValueCounts::grow()
{
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    mask_ = entries_.size() - 1;
    refill(old);
}

/// Raises the limit until at least half of the values are gone.
void ValueCounts::forgetRare()
{
    std::vector<std::uint32_t> most;
    for (const Entry &entry : entries_) {
        if (entry.count != 0)
            most.push_back(entry.count + entry.missed);
    }
    const auto middle = most.begin() + static_cast<std::ptrdiff_t>(most.size() / 2);
    std::nth_element(most.begin(), middle, most.end());
    dropped_ = std::max(dropped_, *middle);
    std::vector<Entry> old(entries_.size());
    old.swap(entries_);
    for (Entry &entry : old) {
        if (entry.count != 0 && entry.count + entry.missed <= dropped_)
            entry.count = 0;
    }
    refill(old);
}

std::int64_t ValueCounts::distinct() const
{
    if (exact())
        return static_cast<std::int64_t>(used_);
    double sum = 0;
    std::size_t zeros = 0;
    for (const std::uint8_t rank : registers_) {
        sum += std::ldexp(1.0, -rank);
        zeros += rank == 0 ? 1 : 0;
    }
    const auto m = static_cast<double>(registers);
    const double raw = 0.7213 / (1 + 1.079 / m) * m * m / sum;
    const double estimated = raw <= 2.5 * m && zeros > 0 ? m * std::log(m / static_cast<double>(zeros)) : raw;
    return std::llround(estimated);
}

std::vector<ValueCounts::Entry> ValueCounts::frequent(std::size_t most) const
{
    std::vector<Entry> found;
    std::copy_if(entries_.begin(), entries_.end(), std::back_inserter(found), [](const Entry &entry) { return entry.count != 0; });
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(most, found.size()));
    std::partial_sort(found.begin(), end, found.end(), [](const Entry &a, const Entry &b) { return a.count != b.count ? a.count > b.count : a.row < b.row; });
    found.erase(end, found.end());
    return found;
}

} // namespace howdah::result
