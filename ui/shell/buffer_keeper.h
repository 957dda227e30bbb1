// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <QObject>

#include "core/workspace/buffers.h"

namespace howdah::ui {

/// Writes editors' contents to the journal on a thread of its own, so that neither a crash nor SIGKILL loses what was
/// typed and no disk makes typing wait. Of several saves of one buffer the newest is written.
class BufferKeeper : public QObject
{
    Q_OBJECT
public:
    explicit BufferKeeper(std::filesystem::path file, QObject *parent = nullptr);
    /// Writes what is waiting first.
    ~BufferKeeper() override;

    /// Buffers of the last time, in the order of their tabs; `loaded` comes on the GUI thread.
    void load(std::function<void(std::vector<workspace::Buffer>)> loaded);
    void save(workspace::Buffer buffer);
    void remove(const std::string &id);

Q_SIGNALS:
    void failed(const howdah::Error &error); ///< once per kind of failure, not once per key

private:
    void work();
    void write(std::map<std::string, std::optional<workspace::Buffer>> batch);
    void tell(const Error &error);

    std::filesystem::path file_;
    std::unique_ptr<workspace::BufferJournal> journal_; ///< the thread's alone
    std::string last_failure_;                          ///< the thread's alone
    std::function<void(Error)> tell_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::map<std::string, std::optional<workspace::Buffer>> waiting_; ///< nullopt: remove
    std::function<void(std::vector<workspace::Buffer>)> load_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace howdah::ui
