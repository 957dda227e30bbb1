// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/transfer/export.h"

namespace howdah::transfer {

/// Takes rows one by one and makes a file of them.
class RowSink
{
public:
    RowSink() = default;
    virtual ~RowSink() = default;
    RowSink(const RowSink &) = delete;
    RowSink &operator=(const RowSink &) = delete;
    [[nodiscard]] virtual Result<void> begin(const std::vector<pg::Column> &columns) = 0;
    [[nodiscard]] virtual Result<void> row(const std::vector<pg::Cell> &cells) = 0;
    /// The file is there afterwards. Without it nothing is left behind.
    [[nodiscard]] virtual Result<void> end() = 0;
    [[nodiscard]] virtual std::int64_t bytes() const = 0;
    [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
};

[[nodiscard]] std::unique_ptr<RowSink> makeTextSink(const std::filesystem::path &file, const ExportOptions &options);
[[nodiscard]] std::unique_ptr<RowSink> makeXlsxSink(const std::filesystem::path &file, const ExportOptions &options);

} // namespace howdah::transfer
