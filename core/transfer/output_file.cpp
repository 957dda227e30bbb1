// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/transfer/output_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace howdah::transfer {

namespace {

constexpr std::size_t piece = 256 * 1024;

} // namespace

OutputFile::OutputFile(std::filesystem::path path) : path_(std::move(path))
{
    struct stat found {};
    direct_ = ::stat(path_.c_str(), &found) == 0 && !S_ISREG(found.st_mode);
    part_ = direct_ ? path_ : std::filesystem::path(path_.string() + ".part");
}

OutputFile::~OutputFile()
{
    if (file_ >= 0)
        ::close(file_);
    if (!committed_ && !direct_ && file_ >= 0)
        ::unlink(part_.c_str());
}

Result<void> OutputFile::open()
{
    file_ = ::open(part_.c_str(), O_WRONLY | (direct_ ? 0 : O_CREAT | O_TRUNC) | O_CLOEXEC, 0666);
    if (file_ >= 0)
        return {};
    errno_ = errno;
    return tl::unexpected(failure());
}

Error OutputFile::failure() const
{
    Error error;
    error.kind = ErrorKind::Io;
    error.message = path_.string() + " could not be written: " + std::strerror(errno_);
    error.detail = "The file is as it was before.";
    error.hint = errno_ == ENOSPC ? "Make room, or choose another place." : "Choose a folder that you may write to.";
    return error;
}

bool OutputFile::write(std::string_view text)
{
    bytes_ += static_cast<std::int64_t>(text.size());
    buffer_ += text;
    return buffer_.size() < piece || flush();
}

bool OutputFile::flush()
{
    std::string_view left = buffer_;
    while (!left.empty() && errno_ == 0) {
        const ssize_t done = ::write(file_, left.data(), left.size());
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            errno_ = errno;
        else
            left.remove_prefix(static_cast<std::size_t>(done));
    }
    buffer_.clear();
    return errno_ == 0;
}

Result<void> OutputFile::commit()
{
    flush();
    if (errno_ == 0 && !direct_ && ::fsync(file_) != 0)
        errno_ = errno;
    if (errno_ == 0 && !direct_ && ::rename(part_.c_str(), path_.c_str()) != 0)
        errno_ = errno;
    if (errno_ != 0)
        return tl::unexpected(failure());
    struct stat found {};
    if (!direct_ && ::stat(path_.c_str(), &found) == 0)
        bytes_ = found.st_size;
    committed_ = true;
    return {};
}

} // namespace howdah::transfer
