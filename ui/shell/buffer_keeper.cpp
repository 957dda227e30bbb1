// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/buffer_keeper.h"

#include <utility>

#include "ui/base/bridge.h"

namespace howdah::ui {

BufferKeeper::BufferKeeper(std::filesystem::path file, QObject *parent)
    : QObject(parent), file_(std::move(file)),
      tell_(onGui<Error>(this, [this](const Error &error) { Q_EMIT failed(error); })), thread_([this] { work(); })
{
}

BufferKeeper::~BufferKeeper()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void BufferKeeper::load(std::function<void(std::vector<workspace::Buffer>)> loaded)
{
    {
        const std::lock_guard lock(mutex_);
        load_ = onGui<std::vector<workspace::Buffer>>(this, std::move(loaded));
    }
    wake_.notify_one();
}

void BufferKeeper::save(workspace::Buffer buffer)
{
    {
        const std::lock_guard lock(mutex_);
        waiting_[buffer.id] = std::move(buffer);
    }
    wake_.notify_one();
}

void BufferKeeper::remove(const std::string &id)
{
    {
        const std::lock_guard lock(mutex_);
        waiting_[id] = std::nullopt;
    }
    wake_.notify_one();
}

void BufferKeeper::tell(const Error &error)
{
    if (error.message != last_failure_)
        tell_(error);
    last_failure_ = error.message;
}

void BufferKeeper::work()
{
    auto opened = workspace::BufferJournal::open(file_);
    if (opened)
        journal_ = std::move(*opened);
    else
        tell(opened.error());
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || load_ || !waiting_.empty(); });
        auto batch = std::exchange(waiting_, {});
        auto load = std::exchange(load_, nullptr);
        const bool last = stopping_;
        lock.unlock();
        if (load) {
            std::vector<workspace::Buffer> buffers;
            if (journal_) {
                if (auto read = journal_->load())
                    buffers = std::move(*read);
                else
                    tell(read.error());
            }
            load(std::move(buffers));
        }
        write(std::move(batch));
        if (last)
            return;
        lock.lock();
    }
}

void BufferKeeper::write(std::map<std::string, std::optional<workspace::Buffer>> batch)
{
    if (!journal_)
        return;
    for (const auto &[id, buffer] : batch) {
        const Result<void> done = buffer ? journal_->save(*buffer) : journal_->remove(id);
        if (!done)
            tell(done.error());
        else
            last_failure_.clear();
    }
}

} // namespace howdah::ui
