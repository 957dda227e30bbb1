// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/history_keeper.h"

#include <utility>

#include "ui/base/bridge.h"

namespace howdah::ui {

HistoryKeeper::HistoryKeeper(std::filesystem::path file, QObject *parent)
    : QObject(parent), file_(std::move(file)), tell_(onGui<Error>(this, [this](const Error &error) { Q_EMIT failed(error); })),
      tell_changed_(onGui<bool>(this, [this](bool) { Q_EMIT changed(); })), thread_([this] { loop(); })
{
}

HistoryKeeper::~HistoryKeeper()
{
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void HistoryKeeper::add(Work work)
{
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(work));
    }
    wake_.notify_one();
}

quint64 HistoryKeeper::begin(workspace::StatementRecord record)
{
    const quint64 token = ++next_token_;
    add([this, token, record = std::move(record)](workspace::StatementHistory &history) -> Result<void> {
        const auto id = history.begin(record);
        if (!id)
            return tl::unexpected(id.error());
        ids_[token] = *id;
        tell_changed_(true);
        return {};
    });
    return token;
}

void HistoryKeeper::end(quint64 token, workspace::StatementRecord record)
{
    add([this, token, record = std::move(record)](workspace::StatementHistory &history) -> Result<void> {
        const auto id = ids_.find(token);
        if (id == ids_.end())
            return {};
        auto ended = history.end(id->second, record);
        ids_.erase(id);
        tell_changed_(true);
        return ended;
    });
}

void HistoryKeeper::search(workspace::HistorySearch search, QObject *receiver, Found found)
{
    const auto answer = onGui(receiver, std::move(found));
    add([search = std::move(search), answer](workspace::StatementHistory &history) -> Result<void> {
        auto records = history.search(search);
        if (!records)
            return tl::unexpected(records.error());
        answer(std::move(*records));
        return {};
    });
}

void HistoryKeeper::remove(std::int64_t id)
{
    add([this, id](workspace::StatementHistory &history) {
        tell_changed_(true);
        return history.remove(id);
    });
}

void HistoryKeeper::clear()
{
    add([this](workspace::StatementHistory &history) {
        tell_changed_(true);
        return history.clear();
    });
}

void HistoryKeeper::tell(const Error &error)
{
    if (error.message != last_failure_)
        tell_(error);
    last_failure_ = error.message;
}

void HistoryKeeper::loop()
{
    auto history = workspace::StatementHistory::open(file_);
    if (!history)
        tell(history.error());
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty())
            return;
        const Work work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        if (history) {
            if (const auto done = work(**history); !done)
                tell(done.error());
        }
        lock.lock();
    }
}

} // namespace howdah::ui
