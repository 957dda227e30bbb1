// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "core/pg/row_store.h"

namespace howdah::result {

/// Rows that can be read by number from any thread, without locks, while their count grows.
class RowSource
{
public:
    RowSource() = default;
    virtual ~RowSource() = default;
    RowSource(const RowSource &) = delete;
    RowSource &operator=(const RowSource &) = delete;
    [[nodiscard]] virtual const std::vector<pg::Column> &columns() const = 0;
    [[nodiscard]] virtual std::int64_t rowCount() const = 0;
    /// Precondition as RowStore::cell(). The text lives as long as the source.
    [[nodiscard]] virtual pg::Cell cell(std::int64_t row, std::size_t column) const = 0;
};

/// The rows of a store; keeps it alive.
class StoreRows final : public RowSource
{
public:
    explicit StoreRows(std::shared_ptr<const pg::RowStore> store) : store_(std::move(store)) { }
    [[nodiscard]] const std::vector<pg::Column> &columns() const override { return store_->columns(); }
    [[nodiscard]] std::int64_t rowCount() const override { return store_->rowCount(); }
    [[nodiscard]] pg::Cell cell(std::int64_t row, std::size_t column) const override { return store_->cell(row, column); }

private:
    std::shared_ptr<const pg::RowStore> store_;
};

/// Rows in another order than the server's: the i-th row shown is row [i] of the source. Immutable once made.
class RowOrder
{
public:
    explicit RowOrder(std::vector<std::uint32_t> rows) : narrow_(std::move(rows)) { }
    explicit RowOrder(std::vector<std::int64_t> rows) : wide_(std::move(rows)) { }
    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(narrow_.size() + wide_.size()); }
    [[nodiscard]] std::int64_t operator[](std::int64_t shown) const
    {
        const auto at = static_cast<std::size_t>(shown);
        return wide_.empty() ? narrow_[at] : wide_[at];
    }

private:
    std::vector<std::uint32_t> narrow_; ///< sources below 2^32 rows
    std::vector<std::int64_t> wide_;
};

/// What a view shows of a source. Row numbers are those shown. Cheap to copy to another thread.
struct RowView {
    std::shared_ptr<const RowSource> source;
    std::shared_ptr<const RowOrder> order; ///< null: the server's order

    [[nodiscard]] std::int64_t rowCount() const { return order ? order->size() : source ? source->rowCount() : 0; }
    [[nodiscard]] std::int64_t sourceRow(std::int64_t shown) const { return order ? (*order)[shown] : shown; }
    [[nodiscard]] pg::Cell cell(std::int64_t shown, std::size_t column) const
    {
        return source->cell(sourceRow(shown), column);
    }
};

} // namespace howdah::result
