// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/error.h"

namespace howdah::workspace {

/// How often each thing that completion offers was chosen, in a SQLite file: names only ("relation orders"), never
/// statements. The least used go when there are more than `most_names`. Not thread-safe; errors are of kind Io.
class CompletionUses
{
public:
    using Counts = std::unordered_map<std::string, std::uint32_t>;
    static constexpr std::int64_t most_names = 5'000;

    [[nodiscard]] static Result<std::unique_ptr<CompletionUses>> open(const std::filesystem::path &file);
    ~CompletionUses();
    /// A snapshot; shared with other threads.
    [[nodiscard]] std::shared_ptr<const Counts> counts() const;
    [[nodiscard]] Result<void> add(std::string_view name);

private:
    CompletionUses();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace howdah::workspace
