// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/activity/monitor.h"

#include "core/activity/probes.h"
#include "core/activity/reader.h"

namespace howdah::activity {

class Monitor::Shared
{
public:
    explicit Shared(std::shared_ptr<series::SeriesStore> store) : reader(std::move(store)) {}
    Reader reader; ///< only within the sampler's callbacks, which come one at a time
};

Monitor::Monitor(std::shared_ptr<pg::Session> session)
    : session_(std::move(session)), sampler_(std::make_unique<series::Sampler>(session_, probes())),
      shared_(std::make_shared<Shared>(sampler_->series()))
{
}

Monitor::~Monitor()
{
    stop();
}

void Monitor::start(std::function<void(std::shared_ptr<const Activity>)> sampled,
                    std::function<void(series::SamplerState, const Error &)> state_changed)
{
    series::Sampler::Observer observer;
    observer.sampled = [shared = shared_, sampled = std::move(sampled)](const std::shared_ptr<const series::Sample> &sample) {
        sampled(shared->reader.read(*sample));
    };
    observer.stateChanged = std::move(state_changed);
    stop();
    watch_ = sampler_->observe(std::move(observer));
}

void Monitor::stop()
{
    watch_.reset();
}

} // namespace howdah::activity
