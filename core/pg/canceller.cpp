// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/pg/canceller.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace howdah::pg {

Canceller::State::State() : event(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Canceller::State::~State()
{
    if (event >= 0)
        close(event);
}

bool Canceller::State::take()
{
    eventfd_t count = 0;
    return event >= 0 && eventfd_read(event, &count) == 0 && count > 0;
}

Canceller::Canceller() : state_(std::make_shared<State>()) {}

void Canceller::cancel() const
{
    const std::lock_guard lock(state_->mutex);
    if (state_->depth == 0)
        return;
    state_->requested = true;
    if (state_->event >= 0 && state_->shields == 0)
        eventfd_write(state_->event, 1);
}

void Canceller::abandon() const
{
    state_->abandoned.store(true);
    if (state_->event >= 0)
        eventfd_write(state_->event, 1);
}

bool Canceller::isAbandoned() const
{
    return state_->abandoned.load();
}

bool Canceller::requested() const
{
    const std::lock_guard lock(state_->mutex);
    return state_->requested && state_->shields == 0;
}

CancelScope::CancelScope(const Canceller &canceller) : state_(canceller.state())
{
    const std::lock_guard lock(state_->mutex);
    if (state_->depth++ == 0) {
        state_->requested = false;
        state_->take();
    }
}

CancelScope::~CancelScope()
{
    const std::lock_guard lock(state_->mutex);
    --state_->depth;
}

CancelShield::CancelShield(const Canceller &canceller) : state_(canceller.state())
{
    const std::lock_guard lock(state_->mutex);
    ++state_->shields;
    state_->take();
}

CancelShield::~CancelShield()
{
    const std::lock_guard lock(state_->mutex);
    if (--state_->shields == 0 && state_->requested && state_->event >= 0)
        eventfd_write(state_->event, 1);
}

} // namespace howdah::pg
