// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>
#include <utility>

#include <QObject>
#include <QThreadPool>

#include "ui/base/bridge.h"

namespace howdah::ui {

/// Work off the GUI thread of which only the newest request counts: starting again, cancel() and the end of this
/// object ask the one before to stop, and its answer is dropped. `work` must keep alive what it reads.
class LatestJob : public QObject
{
public:
    explicit LatestJob(QObject *parent = nullptr) : QObject(parent) { }
    ~LatestJob() override { stop_.request_stop(); }

    template <typename Answer>
    void start(std::function<Answer(std::stop_token)> work, std::function<void(Answer)> done)
    {
        cancel();
        running_ = true;
        stop_ = std::stop_source();
        auto answer = onGui(this, std::function<void(Answer)>([this, request = request_, done = std::move(done)](Answer given) {
            if (request != request_)
                return;
            running_ = false;
            done(std::move(given));
        }));
        QThreadPool::globalInstance()->start([work = std::move(work), answer = std::move(answer), token = stop_.get_token()] {
            if (!token.stop_requested())
                answer(work(token));
        });
    }
    void cancel()
    {
        stop_.request_stop();
        ++request_;
        running_ = false;
    }
    [[nodiscard]] bool running() const { return running_; }

private:
    std::stop_source stop_;
    quint64 request_ = 0;
    bool running_ = false;
};

} // namespace howdah::ui
