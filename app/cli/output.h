// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace howdah::cli {

/// Standard output in large pieces. When its reader has gone (head, less), broken() says so and everything further is
/// dropped; any other failure is kept for the end.
class Output
{
public:
    Output() = default;
    ~Output() { flush(); }
    Output(const Output &) = delete;
    Output &operator=(const Output &) = delete;

    void write(std::string_view text)
    {
        buffer_ += text;
        if (buffer_.size() >= piece)
            flush();
    }
    /// For writers that append themselves; call settle() now and then.
    [[nodiscard]] std::string &buffer() { return buffer_; }
    void settle()
    {
        if (buffer_.size() >= piece)
            flush();
    }
    void flush();
    [[nodiscard]] bool broken() const { return failure_ != 0; }
    /// errno of the first failure; EPIPE when the reader has gone.
    [[nodiscard]] int failure() const { return failure_; }

private:
    static constexpr std::size_t piece = 64 * 1024;
    std::string buffer_;
    int failure_ = 0;
};

/// The only one.
[[nodiscard]] Output &output();

} // namespace howdah::cli
