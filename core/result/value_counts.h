// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace howdah::result {

/// A hash of bytes; good in all of its 64 bits.
[[nodiscard]] std::uint64_t hashOf(std::string_view bytes, std::uint64_t seed = 0);

/// Counts different values in bounded memory: exactly as long as there are no more than `bound` of them. Beyond, rare
/// values are forgotten (lossy counting), so that counts may be too small by error(), and how many different ones there
/// were is estimated (HyperLogLog with 2^14 registers, 0.8 % off).
class ValueCounts
{
public:
    struct Entry {
        std::uint64_t hash = 0;
        std::int64_t row = -1;      ///< the first row that had it
        std::uint32_t count = 0;    ///< 0: a free place
        std::uint32_t missed = 0;   ///< it may have occurred so often before
    };
    explicit ValueCounts(std::size_t bound);
    /// `same(row)` tells whether that earlier row has the very value.
    template <typename Same> void add(std::uint64_t hash, std::int64_t row, const Same &same)
    {
        estimate(hash);
        std::size_t at = placeOf(hash);
        while (entries_[at].count != 0) {
            Entry &entry = entries_[at];
            if (entry.hash == hash && same(entry.row)) {
                entry.count += entry.count < UINT32_MAX ? 1 : 0;
                return;
            }
            at = (at + 1) & mask_;
        }
        insert(at, {hash, row, 1, dropped_});
    }
    [[nodiscard]] bool exact() const { return dropped_ == 0; }
    [[nodiscard]] std::int64_t distinct() const;
    [[nodiscard]] std::int64_t error() const { return dropped_; }
    /// Those with the highest counts, highest first; among equals the one that came first.
    [[nodiscard]] std::vector<Entry> frequent(std::size_t most) const;

private:
    [[nodiscard]] std::size_t placeOf(std::uint64_t hash) const { return static_cast<std::size_t>(hash) & mask_; }
    void estimate(std::uint64_t hash)
    {
        const std::size_t at = hash >> 50; // 14 bits
        const auto rank = static_cast<std::uint8_t>(__builtin_clzll(hash << 14 | std::uint64_t{1} << 13) + 1);
        if (rank > registers_[at])
            registers_[at] = rank;
    }
    void insert(std::size_t at, const Entry &entry);
    void grow();
    void forgetRare();
    void refill(const std::vector<Entry> &old);

    std::vector<Entry> entries_;
    std::vector<std::uint8_t> registers_;
    std::size_t mask_;
    std::size_t used_ = 0;
    std::size_t bound_;
    std::uint32_t dropped_ = 0; ///< values with no more occurrences than that may have been forgotten
};

} // namespace howdah::result
