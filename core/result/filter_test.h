// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/filter_rows.h"
#include "core/result/find_cells.h"
#include "core/result/pattern.h"

namespace howdah::result {

/// One condition with its operands read as its column's type.
class RowFilter::Test
{
public:
    [[nodiscard]] static Result<Test> make(const Condition &condition, const pg::Column &column);
    [[nodiscard]] std::size_t column() const { return condition_.column; }
    [[nodiscard]] bool matches(const pg::Cell &cell) const;

private:
    using Parse = std::optional<std::int64_t> (*)(std::string_view);
    /// All keys from low to high are this operand: a day is many moments.
    struct Operand {
        std::string text;
        std::int64_t low = 0;
        std::int64_t high = 0;
        bool decimal = false; ///< equal keys are decided by its digits
    };

    [[nodiscard]] Result<void> readOperands(const pg::Column &column);
    [[nodiscard]] std::optional<Operand> operandOf(const std::string &text, bool has_zone) const;
    /// -1, 0, 1; nullopt: the cell is no value of the type.
    [[nodiscard]] std::optional<int> compare(const pg::Cell &cell, const Operand &operand) const;
    [[nodiscard]] bool isOneOf(const pg::Cell &cell) const;

    Condition condition_;
    ValueKind kind_ = ValueKind::Text;
    Parse parse_ = nullptr; ///< null: compared as text
    bool by_clock_ = false; ///< time zones of cells are left out
    std::vector<Operand> operands_;
    TextMatcher matcher_;
    Pattern pattern_;
};

} // namespace howdah::result
