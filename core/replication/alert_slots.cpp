// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "core/base/human.h"
#include "core/replication/alert_rules.h"
#include "core/replication/repairs.h"

namespace howdah::replication::rule {

namespace {

bool isGone(const Slot &slot)
{
    return slot.wal_status == "lost" || !slot.invalidation_reason.empty() || slot.conflicting.value_or(false);
}

bool isFollower(const Slot &slot)
{
    return slot.synced.value_or(false);
}

std::string cap(const Node &node)
{
    return node.settings.max_slot_wal_keep_bytes < 0 ? "no max_slot_wal_keep_size"
                                                     : "max_slot_wal_keep_size " + human::bytes(node.settings.max_slot_wal_keep_bytes);
}

/// What may still be retained, from what is retained and what is left; the server rounds it up to whole segments.
double share(const Node &node, const Slot &slot)
{
    if (node.settings.max_slot_wal_keep_bytes < 0 || slot.retained_bytes < 0 || slot.safe_wal_bytes < 0)
        return 0;
    const double all = std::max<double>(static_cast<double>(node.settings.max_slot_wal_keep_bytes), static_cast<double>(slot.retained_bytes + slot.safe_wal_bytes));
    return all <= 0 ? 1 : static_cast<double>(slot.retained_bytes) / all;
}

std::string endWords(const Situation &situation, const Node &node, const Slot &slot)
{
    const SlotForecast *forecast = situation.forecast.slot(node.name, slot.name);
    if (forecast == nullptr || !forecast->seconds)
        return {};
    std::string words = forecast->words;
    words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(words[0])));
    return " " + words + " at the present rate of " + human::bytes(static_cast<std::int64_t>(forecast->rate)) + "/s.";
}

template <typename F> void eachSlot(const Situation &situation, F judge)
{
    eachServer(situation, [&judge](const Node &node) {
        for (const Slot &slot : node.slots)
            judge(node, slot);
    });
}

} // namespace

void slotLost(const Situation &situation, Alerts &alerts)
{
    eachSlot(situation, [&](const Node &node, const Slot &slot) {
        if (!isGone(slot))
            return;
        Alert &alert = add(alerts, "slot_lost", Severity::Critical, node, slot.name);
        const std::string why = !slot.invalidation_reason.empty() ? "invalidated: " + slot.invalidation_reason
                                : slot.wal_status == "lost"       ? "wal_status lost"
                                                                  : "conflicting";
        alert.title = "Slot " + slot.name + " is lost";
        alert.figure = why;
        alert.limit = cap(node);
        alert.message = slot.isPhysical() ? "The WAL that its standby still needs has been removed; the standby can never catch up."
                                          : "Changes that its subscriber has not got are gone; the slot cannot be used any more.";
        alert.action = slot.isPhysical() ? "Copy the standby anew with pg_basebackup, from a slot made anew."
                                         : "Drop the slot, and make the subscription anew with its initial copy.";
        if (!slot.active && !isFollower(slot))
            alert.script = slot.isPhysical() ? repair::remakeSlot(node, slot) : repair::dropSlot(node, slot);
    });
}

void slotUnreserved(const Situation &situation, Alerts &alerts)
{
    eachSlot(situation, [&](const Node &node, const Slot &slot) {
        if (slot.wal_status != "unreserved" || isGone(slot))
            return;
        Alert &alert = add(alerts, "slot_unreserved", Severity::Critical, node, slot.name);
        alert.title = "Slot " + slot.name + " is about to be lost";
        alert.figure = "wal_status unreserved, " + human::bytes(slot.retained_bytes) + " retained";
        alert.limit = cap(node);
        alert.message = "It needs more WAL than max_slot_wal_keep_size lets the server keep: the next checkpoint may remove it.";
        alert.action = "Start its receiver now, or raise max_slot_wal_keep_size before the next checkpoint.";
        if (node.settings.max_slot_wal_keep_bytes > 0) {
            const std::int64_t mb = 1024 * 1024;
            const std::int64_t wanted = std::max(slot.retained_bytes, node.settings.max_slot_wal_keep_bytes) * 2 / mb;
            alert.script = repair::setParameter("max_slot_wal_keep_size", fmt::format("{}MB", wanted),
                                                fmt::format("{}MB", node.settings.max_slot_wal_keep_bytes / mb),
                                                "The slot " + slot.name + " needs more WAL than may be kept.",
                                                "The disk must have room for it" +
                                                    (node.free_bytes >= 0 ? ": " + human::bytes(node.free_bytes) + " are free." : "."));
        }
    });
}

void slotRetained(const Situation &situation, Alerts &alerts)
{
    eachSlot(situation, [&](const Node &node, const Slot &slot) {
        const double part = isGone(slot) || slot.wal_status == "unreserved" ? 0 : share(node, slot);
        if (part < situation.limits.retained_warning)
            return;
        const bool bad = part >= situation.limits.retained_critical;
        Alert &alert = add(alerts, "slot_retained", bad ? Severity::Critical : Severity::Warning, node, slot.name);
        alert.title = fmt::format("Slot {} retains {:.0f} % of what it may", slot.name, part * 100);
        alert.figure = human::bytes(slot.retained_bytes) + " retained, " + human::bytes(slot.safe_wal_bytes) + " left";
        alert.limit = fmt::format("{:.0f} % of {}", (bad ? situation.limits.retained_critical : situation.limits.retained_warning) * 100, cap(node));
        alert.message = std::string(slot.active ? "Its receiver is slower than WAL is written." : "Nobody receives from it.") +
                        endWords(situation, node, slot);
        alert.action = slot.active ? "See what holds the receiver up, or raise max_slot_wal_keep_size."
                                   : "Start its receiver, or drop the slot if it is not coming back.";
        if (!slot.active && !isFollower(slot))
            alert.script = repair::dropSlot(node, slot);
    });
}

void slotInactive(const Situation &situation, Alerts &alerts)
{
    eachSlot(situation, [&](const Node &node, const Slot &slot) {
        if (slot.active || slot.temporary || isGone(slot) || isFollower(slot))
            return;
        const bool capped = node.settings.max_slot_wal_keep_bytes >= 0;
        Alert &alert = add(alerts, "slot_inactive", Severity::Warning, node, slot.name);
        alert.title = "Nobody uses slot " + slot.name;
        alert.figure = "inactive" + (slot.inactive_ms >= 0 ? " for " + human::duration(slot.inactive_ms) : std::string());
        if (slot.retained_bytes >= 0)
            alert.figure += ", " + human::bytes(slot.retained_bytes) + " retained";
        alert.limit = cap(node);
        alert.message = slot.restart_lsn < 0 ? "It was never used and reserves nothing yet."
                        : capped ? "It keeps WAL until it is lost." + endWords(situation, node, slot)
                                 : "Nothing bounds the WAL that is kept for it: in the end the disk is full and the server stops." +
                                       endWords(situation, node, slot);
        if (node.free_bytes >= 0)
            alert.message += " " + human::bytes(node.free_bytes) + " are free.";
        alert.action = "Start its receiver, or drop the slot if it is not coming back.";
        alert.script = repair::dropSlot(node, slot);
    });
}

void slotEnd(const Situation &situation, Alerts &alerts)
{
    eachSlot(situation, [&](const Node &node, const Slot &slot) {
        const SlotForecast *forecast = situation.forecast.slot(node.name, slot.name);
        // Two looks are too few to foretell a day from.
        if (isGone(slot) || forecast == nullptr || !forecast->seconds || forecast->measured_s < situation.limits.slot_end_measured_s ||
            *forecast->seconds > situation.limits.slot_end_warning_s)
            return;
        const bool bad = *forecast->seconds <= situation.limits.slot_end_critical_s;
        Alert &alert = add(alerts, "slot_end", bad ? Severity::Critical : Severity::Warning, node, slot.name);
        alert.title = (forecast->event == "disk full" ? "pg_wal fills in " : "Slot " + slot.name + " is lost in ") + human::duration(*forecast->seconds * 1000);
        alert.figure = fmt::format("{} retained, growing {}/s over {}", human::bytes(slot.retained_bytes),
                                   human::bytes(static_cast<std::int64_t>(forecast->rate)), human::duration(forecast->measured_s * 1000));
        alert.limit = human::duration((bad ? situation.limits.slot_end_critical_s : situation.limits.slot_end_warning_s) * 1000);
        alert.message = "Slot " + slot.name + " holds " + human::bytes(slot.retained_bytes) + "; " + human::bytes(forecast->room_bytes) +
                        (forecast->event == "disk full" ? " are free on the disk." : " are left to it.");
        alert.action = slot.active ? "See what holds its receiver up." : "Start its receiver, or drop the slot if it is not coming back.";
        if (!slot.active && !isFollower(slot))
            alert.script = repair::dropSlot(node, slot);
    });
}

void xminHeld(const Situation &situation, Alerts &alerts)
{
    const auto limit = static_cast<std::int64_t>(situation.limits.xmin_age);
    const auto alertOf = [&](const Node &node, const std::string &subject, const std::string &who, std::int64_t age) -> Alert & {
        Alert &alert = add(alerts, "xmin_held", Severity::Warning, node, subject);
        alert.title = who + " holds VACUUM back";
        alert.figure = human::count(age) + " transactions";
        alert.limit = human::count(limit) + " transactions";
        alert.message = "Rows deleted since then cannot be removed anywhere on this server: tables and indexes grow.";
        return alert;
    };
    eachServer(situation, [&](const Node &node) {
        for (const Slot &slot : node.slots) {
            const std::int64_t age = std::max(slot.xmin_age, slot.catalog_xmin_age);
            if (age < limit || isGone(slot))
                continue;
            Alert &alert = alertOf(node, slot.name, "Slot " + slot.name, age);
            alert.action = slot.active ? "End the old transaction on its receiver." : "Start its receiver, or drop the slot.";
            if (!slot.active && !isFollower(slot))
                alert.script = repair::dropSlot(node, slot);
        }
        for (const Sender &sender : node.senders) {
            if (sender.xmin_age < limit)
                continue;
            Alert &alert = alertOf(node, sender.application_name, "Standby " + sender.application_name, sender.xmin_age);
            alert.action = "End the oldest query on that standby, or turn hot_standby_feedback off there.";
        }
    });
}

} // namespace howdah::replication::rule
