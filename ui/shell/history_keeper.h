// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include <QObject>

#include "core/workspace/statement_history.h"

namespace howdah::ui {

/// The history of statements on a thread of its own: nothing that is run waits for the disk.
class HistoryKeeper : public QObject
{
    Q_OBJECT
public:
    explicit HistoryKeeper(std::filesystem::path file, QObject *parent = nullptr);
    /// Writes what is waiting first.
    ~HistoryKeeper() override;

    /// To be called before the statement is sent; returns what end() wants.
    quint64 begin(workspace::StatementRecord record);
    void end(quint64 token, workspace::StatementRecord record);
    using Found = std::function<void(std::vector<workspace::StatementRecord>)>;
    /// `found` comes on the GUI thread, not at all when `receiver` is gone by then.
    void search(workspace::HistorySearch search, QObject *receiver, Found found);
    void remove(std::int64_t id);
    void clear();

Q_SIGNALS:
    void changed(); ///< there is something new
    void failed(const howdah::Error &error);

private:
    using Work = std::function<Result<void>(workspace::StatementHistory &)>;
    void add(Work work);
    void loop();
    void tell(const Error &error);

    std::filesystem::path file_;
    std::function<void(Error)> tell_;
    std::function<void(bool)> tell_changed_;
    std::unordered_map<quint64, std::int64_t> ids_; ///< the thread's alone
    std::string last_failure_;                      ///< the thread's alone
    quint64 next_token_ = 0;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Work> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace howdah::ui
