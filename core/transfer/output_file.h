// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/error.h"

namespace howdah::transfer {

/// A file that appears whole or not at all: written as "FILE.part" beside it and renamed at the end; taken away again
/// when that does not come to pass. "/dev/stdout" and other things that are no plain files are written directly.
class OutputFile
{
public:
    explicit OutputFile(std::filesystem::path path);
    ~OutputFile();
    OutputFile(const OutputFile &) = delete;
    OutputFile &operator=(const OutputFile &) = delete;

    [[nodiscard]] Result<void> open();
    /// False after a failure, which failure() tells.
    bool write(std::string_view text);
    [[nodiscard]] Result<void> commit();
    [[nodiscard]] std::int64_t bytes() const { return bytes_; }
    [[nodiscard]] Error failure() const;
    /// Where it is written now, for libraries that write by themselves.
    [[nodiscard]] const std::filesystem::path &part() const { return part_; }

private:
    bool flush();

    std::filesystem::path path_, part_;
    std::string buffer_;
    std::int64_t bytes_ = 0;
    int file_ = -1;
    int errno_ = 0;
    bool direct_ = false;
    bool committed_ = false;
};

} // namespace howdah::transfer
