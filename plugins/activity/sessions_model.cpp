// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/activity/sessions_model.h"

#include "core/base/human.h"
#include "plugins/activity/words.h"

namespace howdah::activity_tool {

namespace {

using activity::Backend;
using ui::KeyedColumn;
using ui::Tone;

QString tr(const char *text)
{
    return Words::tr(text);
}

QString qt(const std::string &text)
{
    return Words::qt(text);
}

KeyedColumn<Backend> column(const char *id, const QString &title, const QString &tooltip, int width,
                            std::function<QString(const Backend &)> text)
{
    KeyedColumn<Backend> made;
    made.id = QString::fromLatin1(id);
    made.title = title;
    made.tooltip = tooltip;
    made.width = width;
    made.text = std::move(text);
    return made;
}

KeyedColumn<Backend> number(const char *id, const QString &title, const QString &tooltip, int width,
                            std::function<QString(const Backend &)> text, std::function<QVariant(const Backend &)> sort)
{
    KeyedColumn<Backend> made = column(id, title, tooltip, width, std::move(text));
    made.sort = std::move(sort);
    made.right = true;
    return made;
}

/// Those who wait, then those who hold locks and do nothing, then those who work; each the longest first.
QVariant attention(const Backend &backend)
{
    constexpr double longer_than_any_age = 1e13;
    const double rank = backend.isWaitingForLock()      ? 0
                        : backend.isIdleInTransaction() ? 1
                        : backend.state == "active"     ? 2
                        : backend.isClient()            ? 3
                                                        : 4;
    return rank * longer_than_any_age - backend.state_age_ms;
}

} // namespace

std::vector<KeyedColumn<Backend>> sessionColumns()
{
    std::vector<KeyedColumn<Backend>> all;
    all.push_back(number("pid", tr("PID"), tr("The process on the server"), 70, [](const Backend &b) { return QString::number(b.pid); },
                         [](const Backend &b) { return b.pid; }));
    all.push_back(column("state", tr("State"), tr("What the session does; sorted by what needs attention first"), 152, &Words::state));
    all.back().tone = &Words::tone;
    all.back().sort = &attention;
    all.push_back(number("since", tr("Since"), tr("How long it has been in this state"), 86,
                         [](const Backend &b) { return Words::age(b.state_age_ms); }, [](const Backend &b) { return b.state_age_ms; }));
    all.push_back(column("who", tr("Who"), tr("Role and database, or the kind of background process"), 120, &Words::who));
    all.push_back(column("query", tr("Statement"), tr("The one that runs, or the last one"), 300,
                         [](const Backend &b) { return Words::oneLine(b.query); }));
    all.back().full_text = [](const Backend &b) { return qt(b.query).left(600); };
    all.push_back(number("transaction", tr("Transaction"), tr("How long its transaction has been open"), 108,
                         [](const Backend &b) { return Words::age(b.transaction_age_ms); },
                         [](const Backend &b) { return b.transaction_age_ms; }));
    all.push_back(column("waits", tr("Waits for"), tr("Wait event: what it waits for at this moment; empty while it computes"), 140,
                         &Words::wait));
    all.push_back(column("blocked_by", tr("Blocked by"), tr("Processes that hold the lock, or stand before it in the queue"), 104,
                         &Words::blockedBy));
    all.push_back(column("application", tr("Application"), tr("application_name, as the client has set it"), 108,
                         [](const Backend &b) { return qt(b.application); }));
    all.push_back(column("client", tr("Client"), tr("Where it connects from"), 100, [](const Backend &b) { return qt(b.client); }));
    all.back().hidden = true;
    all.push_back(number("xmin_age", tr("xmin age"), tr("Transactions since the oldest row version that VACUUM must keep for it"), 86,
                         [](const Backend &b) { return Words::count(b.xmin_age); },
                         [](const Backend &b) { return QVariant::fromValue(static_cast<qlonglong>(b.xmin_age)); }));
    all.back().hidden = true;
    all.push_back(column("type", tr("Backend type"), tr("Client, or which process of the server"), 120,
                         [](const Backend &b) { return qt(b.backend_type); }));
    all.back().hidden = true;
    all.push_back(column("query_id", tr("Query ID"), tr("The same for statements that differ in their constants only; from PostgreSQL 14"), 150,
                         [](const Backend &b) { return qt(b.query_id); }));
    all.back().hidden = true;
    return all;
}

QString sessionKey(const Backend &backend)
{
    return QString::number(backend.pid) + QLatin1Char('/') + qt(backend.started);
}

std::vector<KeyedColumn<Holder>> holderColumns()
{
    const auto text = [](const char *id, const QString &title, const QString &tooltip, int width, std::function<QString(const Holder &)> of) {
        KeyedColumn<Holder> made;
        made.id = QString::fromLatin1(id);
        made.title = title;
        made.tooltip = tooltip;
        made.width = width;
        made.text = std::move(of);
        return made;
    };
    std::vector<KeyedColumn<Holder>> all;
    all.push_back(text("what", tr("What"), tr("A session, a prepared transaction or a replication slot"), 230, [](const Holder &h) { return h.what; }));
    all.push_back(text("state", tr("State"), {}, 170, [](const Holder &h) { return h.state; }));
    all.back().tone = [](const Holder &h) { return h.tone; };
    all.push_back(text("age", tr("Open for"), tr("Since its transaction began, or was prepared"), 116, [](const Holder &h) { return Words::age(h.age_ms); }));
    all.back().sort = [](const Holder &h) { return h.age_ms; };
    all.back().right = true;
    all.push_back(text("xmin_age", tr("xmin age"), tr("Transactions since the oldest row version that VACUUM must keep for it"), 100,
                       [](const Holder &h) { return Words::count(h.xmin_age); }));
    all.back().sort = [](const Holder &h) { return QVariant::fromValue(static_cast<qlonglong>(h.xmin_age)); };
    all.back().right = true;
    all.push_back(text("effect", tr("What it keeps"), {}, 420, [](const Holder &h) { return h.effect; }));
    return all;
}

namespace {

Holder holderOf(const Backend &backend)
{
    Holder holder;
    holder.key = sessionKey(backend);
    holder.pid = backend.pid;
    holder.what = QString::number(backend.pid) + QStringLiteral(" · ") + Words::who(backend);
    holder.state = Words::state(backend);
    holder.tone = Words::tone(backend);
    holder.age_ms = backend.transaction_age_ms;
    holder.xmin_age = backend.xmin_age;
    if (backend.xid_age >= 0 && backend.xmin_age >= 0)
        holder.effect = tr("Its locks, and row versions from VACUUM");
    else if (backend.xid_age >= 0)
        holder.effect = tr("What it has written stays locked for others");
    else if (backend.xmin_age >= 0)
        holder.effect = tr("Row versions that VACUUM cannot remove");
    else
        holder.effect = tr("Nothing but locks that it may have taken");
    return holder;
}

Holder holderOf(const activity::PreparedTransaction &transaction)
{
    Holder holder;
    holder.kind = Holder::Kind::Prepared;
    holder.key = QStringLiteral("prepared/") + qt(transaction.gid);
    holder.what = qt(transaction.gid);
    holder.state = tr("prepared transaction");
    holder.tone = Tone::Warn;
    holder.age_ms = transaction.age_ms;
    holder.xmin_age = transaction.xid_age;
    holder.effect = tr("Its locks, until COMMIT PREPARED or ROLLBACK PREPARED by %1").arg(qt(transaction.owner));
    return holder;
}

Holder holderOf(const activity::ReplicationSlot &slot)
{
    Holder holder;
    holder.kind = Holder::Kind::Slot;
    holder.key = QStringLiteral("slot/") + qt(slot.name);
    holder.what = qt(slot.name);
    holder.state = slot.active ? tr("%1 slot, in use").arg(qt(slot.type)) : tr("%1 slot, unused").arg(qt(slot.type));
    holder.tone = slot.active ? Tone::Neutral : Tone::Warn;
    holder.xmin_age = std::max(slot.xmin_age, slot.catalog_xmin_age);
    QStringList keeps;
    if (slot.xmin_age >= 0)
        keeps << tr("row versions from VACUUM");
    else if (slot.catalog_xmin_age >= 0)
        keeps << tr("row versions of catalogs from VACUUM");
    if (slot.retained_bytes > 0)
        keeps << tr("%1 of WAL").arg(qt(human::bytes(slot.retained_bytes)));
    holder.effect = keeps.join(QStringLiteral(", "));
    if (!holder.effect.isEmpty())
        holder.effect[0] = holder.effect[0].toUpper();
    holder.pid = slot.active_pid;
    return holder;
}

} // namespace

std::vector<Holder> holdersOf(const activity::Activity &now, double least_ms)
{
    std::vector<Holder> holders;
    for (const Backend &backend : now.backends) {
        if (!backend.is_own && backend.transaction_age_ms >= least_ms)
            holders.push_back(holderOf(backend));
    }
    for (const activity::PreparedTransaction &transaction : now.prepared)
        holders.push_back(holderOf(transaction));
    for (const activity::ReplicationSlot &slot : now.slots)
        holders.push_back(holderOf(slot));
    return holders;
}

} // namespace howdah::activity_tool
