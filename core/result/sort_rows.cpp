// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/sort_rows.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <langinfo.h>
#include <limits>
#include <locale.h>
#include <numeric>
#include <string>

#include "core/result/sort_key.h"

namespace howdah::result {

namespace {

constexpr std::int64_t most_collated_rows = 2'000'000;
constexpr std::size_t collated_bytes = 160; ///< of a value; what differs only behind them is sorted by bytes
constexpr std::int64_t stop_mask = 0xffff;  ///< asks whether to stop that often

using Parse = std::optional<std::int64_t> (*)(std::string_view);

Parse parserOf(ValueKind kind)
{
    switch (kind) {
    case ValueKind::Integer: return integerKey;
    case ValueKind::Float:
    case ValueKind::Numeric: return floatKey;
    case ValueKind::Money: return moneyKey;
    case ValueKind::Date:
    case ValueKind::Timestamp: return timestampKey;
    case ValueKind::Time: return timeKey;
    case ValueKind::Interval: return intervalKey;
    default: return nullptr;
    }
}

/// Keys beside the rows they belong to, and the rows that are NULL.
template <typename Row> struct Keyed {
    std::vector<std::uint64_t> keys;
    std::vector<Row> rows;
    std::vector<Row> nulls;
};

std::uint64_t ascending(std::int64_t key)
{
    return static_cast<std::uint64_t>(key) ^ (std::uint64_t{1} << 63);
}

/// The first eight bytes as a number that sorts as they do.
std::uint64_t prefixKey(std::string_view text)
{
    std::array<unsigned char, 8> bytes{};
    std::memcpy(bytes.data(), text.data(), std::min<std::size_t>(text.size(), bytes.size()));
    return std::accumulate(bytes.begin(), bytes.end(), std::uint64_t{0}, [](std::uint64_t sum, unsigned char byte) { return sum << 8 | byte; });
}

/// Stable radix sort, one pass a byte; bytes that are the same everywhere cost nothing.
template <typename Row> bool radixSort(Keyed<Row> &keyed, const std::stop_token &stop)
{
    const std::size_t size = keyed.keys.size();
    std::vector<std::array<std::size_t, 256>> counts(8);
    for (const std::uint64_t key : keyed.keys) {
        for (unsigned byte = 0; byte < 8; ++byte)
            ++counts[byte][key >> (8 * byte) & 255];
    }
    std::vector<std::uint64_t> keys;
    std::vector<Row> rows;
    for (unsigned byte = 0; byte < 8; ++byte) {
        auto &count = counts[byte];
        if (std::any_of(count.begin(), count.end(), [size](std::size_t n) { return n == size; }))
            continue;
        if (stop.stop_requested())
            return false;
        keys.resize(size);
        rows.resize(size);
        std::exclusive_scan(count.begin(), count.end(), count.begin(), std::size_t{0});
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t to = count[keyed.keys[i] >> (8 * byte) & 255]++;
            keys[to] = keyed.keys[i];
            rows[to] = keyed.rows[i];
        }
        keys.swap(keyed.keys);
        rows.swap(keyed.rows);
    }
    return true;
}

/// Puts rows whose keys are equal into their real order, unless the key says all there is to say.
template <typename Row, typename Before, typename Decided>
bool sortEqualKeys(Keyed<Row> &keyed, const Before &before, const Decided &decided, const std::stop_token &stop)
{
    for (std::size_t begin = 0; begin < keyed.keys.size();) {
        std::size_t end = begin + 1;
        while (end < keyed.keys.size() && keyed.keys[end] == keyed.keys[begin])
            ++end;
        if (end - begin > 1 && !decided(keyed.keys[begin])) {
            if (stop.stop_requested())
                return false;
            const auto at = [&](std::size_t i) { return keyed.rows.begin() + static_cast<std::ptrdiff_t>(i); };
            std::stable_sort(at(begin), at(end), before);
        }
        begin = end;
    }
    return true;
}

/// The texts of a column as bytes that sort as people expect.
class Texts
{
public:
    Texts(const RowSource &source, std::size_t column, std::int64_t rows, const std::stop_token &stop) : source_(source), column_(column)
    {
        if (rows <= most_collated_rows)
            collate(rows, stop);
    }
    ~Texts()
    {
        if (locale_ != nullptr)
            freelocale(locale_);
    }
    Texts(const Texts &) = delete;
    Texts &operator=(const Texts &) = delete;

    [[nodiscard]] std::string_view key(std::int64_t row) const
    {
        if (ends_.empty())
            return source_.cell(row, column_).text;
        const auto at = static_cast<std::size_t>(row);
        return std::string_view(arena_).substr(ends_[at], ends_[at + 1] - ends_[at]);
    }
    [[nodiscard]] int compare(std::int64_t a, std::int64_t b) const
    {
        const int order = key(a).compare(key(b));
        return order != 0 || ends_.empty() ? order : source_.cell(a, column_).text.compare(source_.cell(b, column_).text);
    }

private:
    void collate(std::int64_t rows, const std::stop_token &stop)
    {
        locale_ = newlocale(LC_COLLATE_MASK | LC_CTYPE_MASK, "", nullptr);
        if (locale_ == nullptr)
            return;
        const char *name = nl_langinfo_l(NL_LOCALE_NAME(LC_COLLATE), locale_);
        if (name == nullptr || std::strcmp(name, "C") == 0 || std::strcmp(name, "POSIX") == 0)
            return;
        std::vector<std::size_t> ends{0};
        ends.reserve(static_cast<std::size_t>(rows) + 1);
        std::string value;
        for (std::int64_t row = 0; row < rows; ++row) {
            if ((row & stop_mask) == 0 && stop.stop_requested())
                return;
            const pg::Cell cell = source_.cell(row, column_);
            value.assign(cell.text.substr(0, collated_bytes));
            const std::size_t old = arena_.size();
            std::size_t room = value.size() * 4 + 16;
            arena_.resize(old + room);
            std::size_t needed = strxfrm_l(arena_.data() + old, value.c_str(), room, locale_);
            if (needed >= room) {
                room = needed + 1;
                arena_.resize(old + room);
                needed = strxfrm_l(arena_.data() + old, value.c_str(), room, locale_);
            }
            arena_.resize(old + needed);
            ends.push_back(arena_.size());
        }
        ends_ = std::move(ends);
    }

    const RowSource &source_;
    std::size_t column_;
    locale_t locale_ = nullptr;
    std::string arena_;
    std::vector<std::size_t> ends_; ///< empty: sorted by bytes
};

enum class Collected : std::uint8_t { Yes, NotThatType, Stopped };

template <typename Row, typename KeyOf>
Collected collect(Keyed<Row> &keyed, const RowSource &source, std::int64_t rows, SortKey sort, const std::stop_token &stop,
                  const KeyOf &key_of)
{
    keyed = {};
    keyed.keys.reserve(static_cast<std::size_t>(rows));
    keyed.rows.reserve(static_cast<std::size_t>(rows));
    for (std::int64_t row = 0; row < rows; ++row) {
        if ((row & stop_mask) == 0 && stop.stop_requested())
            return Collected::Stopped;
        const pg::Cell cell = source.cell(row, sort.column);
        if (cell.is_null) {
            keyed.nulls.push_back(static_cast<Row>(row));
            continue;
        }
        const std::optional<std::uint64_t> key = key_of(row, cell.text);
        if (!key)
            return Collected::NotThatType;
        keyed.keys.push_back(sort.descending ? ~*key : *key);
        keyed.rows.push_back(static_cast<Row>(row));
    }
    return Collected::Yes;
}

template <typename Row>
std::shared_ptr<const RowOrder> finish(Keyed<Row> &&keyed)
{
    std::vector<std::uint64_t>().swap(keyed.keys);
    keyed.rows.insert(keyed.rows.end(), keyed.nulls.begin(), keyed.nulls.end());
    return std::make_shared<const RowOrder>(std::move(keyed.rows));
}

template <typename Row>
std::shared_ptr<const RowOrder> sortAs(const RowSource &source, std::int64_t rows, SortKey sort, const std::stop_token &stop)
{
    const ValueKind kind = valueKind(source.columns()[sort.column].type_oid);
    Keyed<Row> keyed;
    if (const Parse parse = parserOf(kind); parse != nullptr) {
        const auto key_of = [parse](std::int64_t, std::string_view text) -> std::optional<std::uint64_t> {
            const auto key = parse(text);
            return key ? std::optional(ascending(*key)) : std::nullopt;
        };
        const Collected collected = collect(keyed, source, rows, sort, stop, key_of);
        if (collected == Collected::Stopped || (collected == Collected::Yes && !radixSort(keyed, stop)))
            return nullptr;
        const auto before = [&](Row a, Row b) {
            const int order = compareDecimals(source.cell(a, sort.column).text, source.cell(b, sort.column).text);
            return sort.descending ? order > 0 : order < 0;
        };
        const auto undecided = [](std::uint64_t) { return false; };
        if (collected == Collected::Yes && kind == ValueKind::Numeric && !sortEqualKeys(keyed, before, undecided, stop))
            return nullptr;
        if (collected == Collected::Yes)
            return finish(std::move(keyed));
    }
    const Texts texts(source, sort.column, rows, stop);
    const auto key_of = [&](std::int64_t row, std::string_view) { return std::optional(prefixKey(texts.key(row))); };
    if (collect(keyed, source, rows, sort, stop, key_of) != Collected::Yes || !radixSort(keyed, stop))
        return nullptr;
    const auto before = [&](Row a, Row b) {
        const int order = texts.compare(a, b);
        return sort.descending ? order > 0 : order < 0;
    };
    // Values hold no zero byte: a key that ends in one is a whole value.
    const auto whole = [&](std::uint64_t key) { return ((sort.descending ? ~key : key) & 255) == 0; };
    return sortEqualKeys(keyed, before, whole, stop) ? finish(std::move(keyed)) : nullptr;
}

} // namespace

std::shared_ptr<const RowOrder> sortRows(const RowSource &source, std::int64_t rows, SortKey key, std::stop_token stop)
{
    if (rows <= std::int64_t{std::numeric_limits<std::uint32_t>::max()})
        return sortAs<std::uint32_t>(source, rows, key, stop);
    return sortAs<std::int64_t>(source, rows, key, stop);
}

} // namespace howdah::result
