// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/replication/tables.h"

#include <cmath>
#include <map>
#include <set>

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStackedWidget>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "core/sql/quote.h"
#include "plugins/replication/words.h"
#include "ui/base/empty_state.h"
#include "ui/base/palette.h"
#include "ui/table/table_view.h"

namespace howdah::replication_tool {

using namespace howdah::ui;
using namespace howdah::replication;

namespace {

constexpr int ShareRole = ToneRole + 1;

/// The figure with a thin bar under it: how much of what it may is used.
class ShareDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const double share = index.data(ShareRole).toDouble();
        if (!index.data(ShareRole).isValid() || share < 0)
            return;
        const QRectF rail(option.rect.left() + 8, option.rect.bottom() - 5, option.rect.width() - 16, 3);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(colors().line);
        painter->drawRoundedRect(rail, 1.5, 1.5);
        painter->setBrush(share >= 0.85 ? colors().bad : share >= 0.5 ? colors().warn : colors().good);
        painter->drawRoundedRect(QRectF(rail.left(), rail.top(), std::max(2.0, rail.width() * std::min(1.0, share)), rail.height()), 1.5, 1.5);
        painter->restore();
    }
};

class SlotsModel : public KeyedModel<SlotRow>
{
public:
    using KeyedModel<SlotRow>::KeyedModel;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override
    {
        if (role == ShareRole && index.isValid())
            return row(index.row()).share < 0 ? QVariant() : QVariant(row(index.row()).share);
        return KeyedModel<SlotRow>::data(index, role);
    }
};

template <typename Row> KeyedColumn<Row> column(const char *id, const QString &title, const QString &tooltip, int width, std::function<QString(const Row &)> text)
{
    KeyedColumn<Row> made;
    made.id = QString::fromLatin1(id);
    made.title = title;
    made.tooltip = tooltip;
    made.width = width;
    made.text = std::move(text);
    return made;
}

Tone statusTone(const Slot &slot)
{
    if (slot.wal_status == "lost" || slot.wal_status == "unreserved" || !slot.invalidation_reason.empty())
        return Tone::Bad;
    return slot.active ? Tone::Good : Tone::Warn;
}

std::vector<KeyedColumn<SlotRow>> slotColumns()
{
    const auto text = column<SlotRow>;
    std::vector<KeyedColumn<SlotRow>> all;
    all.push_back(text("name", SlotsView::tr("Slot"), {}, 120, [](const SlotRow &r) { return qt(r.slot.name); }));
    all.push_back(text("node", SlotsView::tr("Node"), {}, 104, [](const SlotRow &r) { return r.node; }));
    all.push_back(text("type", SlotsView::tr("Type"), {}, 74, [](const SlotRow &r) { return qt(r.slot.type); }));
    all.push_back(text("active", SlotsView::tr("Used"), SlotsView::tr("Whether a receiver is connected, and else for how long not (from 17)"), 84, [](const SlotRow &r) {
        return r.slot.active ? SlotsView::tr("yes") : r.slot.inactive_ms >= 0 ? SlotsView::tr("no, %1").arg(timeText(r.slot.inactive_ms)) : SlotsView::tr("no");
    }));
    all.push_back(text("wal_status", SlotsView::tr("WAL status"), SlotsView::tr("reserved and extended are good; unreserved is lost with the next checkpoint"), 104,
                       [](const SlotRow &r) { return r.slot.wal_status.empty() ? SlotsView::tr("reserves nothing") : qt(r.slot.wal_status); }));
    all.back().tone = [](const SlotRow &r) { return statusTone(r.slot); };
    all.push_back(text("retained", SlotsView::tr("Retained"), SlotsView::tr("WAL that is kept for it; the bar is the share of max_slot_wal_keep_size, or of the disk"), 84,
                       [](const SlotRow &r) { return bytesText(r.slot.retained_bytes); }));
    all.back().right = true;
    all.back().sort = [](const SlotRow &r) { return QVariant::fromValue(static_cast<qlonglong>(r.slot.retained_bytes)); };
    all.push_back(text("cap", SlotsView::tr("May retain"), SlotsView::tr("max_slot_wal_keep_size"), 98, [](const SlotRow &r) { return r.cap_bytes < 0 ? SlotsView::tr("no limit") : bytesText(r.cap_bytes); }));
    all.back().right = true;
    all.push_back(text("end", SlotsView::tr("As things go"), SlotsView::tr("When it is lost or the disk is full, at the present rate"), 160, [](const SlotRow &r) { return r.end; }));
    all.back().sort = [](const SlotRow &r) { return QVariant(r.end_s < 0 ? 1e18 : r.end_s); };
    return all;
}

std::vector<KeyedColumn<PublicationRow>> publicationColumns()
{
    const auto text = column<PublicationRow>;
    std::vector<KeyedColumn<PublicationRow>> all;
    all.push_back(text("name", LogicalView::tr("Publication"), {}, 180, [](const PublicationRow &r) { return qt(r.publication.name); }));
    all.push_back(text("node", LogicalView::tr("Node"), {}, 140, [](const PublicationRow &r) { return r.node; }));
    all.push_back(text("tables", LogicalView::tr("Tables"), {}, 120, [](const PublicationRow &r) {
        return r.publication.all_tables ? LogicalView::tr("all, %1").arg(r.tables) : QString::number(r.tables);
    }));
    all.back().right = true;
    all.push_back(text("identity", LogicalView::tr("Identity"), LogicalView::tr("Tables whose rows cannot be told apart: UPDATE and DELETE of them fail"), 150, [](const PublicationRow &r) {
        return r.without_identity == 0 ? LogicalView::tr("all have one") : LogicalView::tr("%n without", nullptr, r.without_identity);
    }));
    all.back().tone = [](const PublicationRow &r) { return r.without_identity == 0 ? Tone::Good : Tone::Bad; };
    all.push_back(text("publishes", LogicalView::tr("Publishes"), {}, 260, [](const PublicationRow &r) {
        QStringList kinds;
        const Publication &p = r.publication;
        for (const auto &[is, kind] : {std::pair{p.inserts, "insert"}, {p.updates, "update"}, {p.deletes, "delete"}, {p.truncates, "truncate"}}) {
            if (is)
                kinds << QString::fromLatin1(kind);
        }
        return kinds.join(QStringLiteral(", "));
    }));
    return all;
}

std::vector<KeyedColumn<SubscriptionRow>> subscriptionColumns()
{
    const auto text = column<SubscriptionRow>;
    std::vector<KeyedColumn<SubscriptionRow>> all;
    all.push_back(text("name", LogicalView::tr("Subscription"), {}, 150, [](const SubscriptionRow &r) { return qt(r.subscription.name); }));
    all.push_back(text("node", LogicalView::tr("Node"), {}, 106, [](const SubscriptionRow &r) { return r.node; }));
    all.push_back(text("state", LogicalView::tr("State"), {}, 96, [](const SubscriptionRow &r) {
        return !r.subscription.enabled ? LogicalView::tr("disabled") : r.subscription.worker_pid == 0 ? LogicalView::tr("no worker") : LogicalView::tr("applies");
    }));
    all.back().tone = [](const SubscriptionRow &r) { return r.subscription.enabled && r.subscription.worker_pid != 0 ? Tone::Good : Tone::Bad; };
    all.push_back(text("tables", LogicalView::tr("Tables"), LogicalView::tr("i to begin, d being copied, f and s catching up, r ready"), 110, [](const SubscriptionRow &r) { return r.states; }));
    all.push_back(text("errors", LogicalView::tr("Errors"), LogicalView::tr("Of applying and of copying (from 15)"), 72, [](const SubscriptionRow &r) {
        return r.subscription.apply_errors < 0 ? QString() : QString::number(r.subscription.apply_errors + r.subscription.sync_errors);
    }));
    all.back().right = true;
    all.push_back(text("message", LogicalView::tr("Last message"), {}, 118, [](const SubscriptionRow &r) { return timeText(r.subscription.receipt_age_ms); }));
    all.back().right = true;
    all.push_back(text("copy", LogicalView::tr("Being copied"), {}, 300, [](const SubscriptionRow &r) { return r.progress; }));
    return all;
}

QString stateWords(const QString &state)
{
    return state == QLatin1String("i")   ? RelationsView::tr("to begin")
           : state == QLatin1String("d") ? RelationsView::tr("being copied")
           : state == QLatin1String("f") ? RelationsView::tr("copied")
           : state == QLatin1String("s") ? RelationsView::tr("catching up")
                                         : RelationsView::tr("ready");
}

std::vector<KeyedColumn<TableRow>> tableColumns()
{
    const auto text = column<TableRow>;
    std::vector<KeyedColumn<TableRow>> all;
    all.push_back(text("table", RelationsView::tr("Table"), {}, 174, [](const TableRow &r) { return r.table; }));
    all.push_back(text("subscription", RelationsView::tr("Subscription"), {}, 124, [](const TableRow &r) { return r.subscription; }));
    all.push_back(text("node", RelationsView::tr("Node"), {}, 104, [](const TableRow &r) { return r.node; }));
    all.push_back(text("state", RelationsView::tr("State"), RelationsView::tr("srsubstate of pg_subscription_rel"), 112, [](const TableRow &r) { return stateWords(r.state); }));
    all.back().tone = [](const TableRow &r) { return r.state == QLatin1String("r") ? Tone::Good : Tone::Warn; };
    // What is not ready stands above, in the order in which it goes on.
    all.back().sort = [](const TableRow &r) { return QVariant(QStringLiteral("idfsr").indexOf(r.state)); };
    all.push_back(text("since", RelationsView::tr("For"), RelationsView::tr("Seen in that state for so long"), 70, [](const TableRow &r) { return timeText(r.since_ms); }));
    all.back().right = true;
    all.push_back(text("rows", RelationsView::tr("Rows"), RelationsView::tr("Copied so far (from 14)"), 80, [](const TableRow &r) { return r.copied_rows < 0 ? QString() : qt(human::count(r.copied_rows)); }));
    all.back().right = true;
    all.push_back(text("columns", RelationsView::tr("Columns"), {}, 140, [](const TableRow &r) { return r.columns; }));
    return all;
}

template <typename Row> TableView *tableOf(const QString &name, KeyedModel<Row> *model, const QString &key, QWidget *parent)
{
    auto *table = new TableView(name, model, key, parent);
    QStringList ids;
    QList<int> widths;
    QList<bool> hidden;
    for (const KeyedColumn<Row> &column : model->columns()) {
        ids << column.id;
        widths << column.width;
        hidden << column.hidden;
    }
    table->setColumns(ids, widths, hidden, static_cast<int>(ids.size()) - 1);
    table->sortAtFirst(0, Qt::AscendingOrder);
    return table;
}

SlotRow slotRow(const Overview &overview, const Node &node, const Slot &slot)
{
    SlotRow row;
    row.key = qt(node.name + "/" + slot.name);
    row.node = qt(node.name);
    row.slot = slot;
    row.cap_bytes = node.settings.max_slot_wal_keep_bytes;
    if (const SlotForecast *forecast = overview.forecast.slot(node.name, slot.name)) {
        row.end = qt(forecast->words);
        row.end_s = forecast->seconds.value_or(-1);
        if (forecast->room_bytes >= 0 && slot.retained_bytes >= 0)
            row.share = static_cast<double>(slot.retained_bytes) / std::max(1.0, static_cast<double>(slot.retained_bytes + forecast->room_bytes));
    }
    return row;
}

} // namespace

SlotsView::SlotsView(QWidget *parent)
    : QWidget(parent),
      empty_(new EmptyState(QStringLiteral("replication"), tr("No replication slots"),
                            tr("A slot keeps the WAL that a standby or subscriber has not got yet. Without one, a standby that was away for long must be copied anew."))),
      model_(new SlotsModel(slotColumns(), [](const SlotRow &row) { return row.key; }, this)),
      table_(tableOf(tr("Replication slots"), model_, QStringLiteral("replication/slots"), this)), stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    table_->setItemDelegateForColumn(5, new ShareDelegate(table_));
    stack_->addWidget(empty_);
    stack_->addWidget(table_);
}

void SlotsView::setOverview(const Overview &overview)
{
    std::vector<SlotRow> rows;
    std::set<std::string> servers;
    for (const auto &node : overview.nodes) {
        if (!node->sampled || !servers.insert(node->instance).second)
            continue;
        for (const Slot &slot : node->slots)
            rows.push_back(slotRow(overview, *node, slot));
    }
    model_->setRows(std::move(rows));
    stack_->setCurrentIndex(model_->rowCount() > 0 ? 1 : 0);
}

LogicalView::LogicalView(QWidget *parent)
    : QWidget(parent),
      empty_(new EmptyState(QStringLiteral("replication"), tr("No logical replication"),
                            tr("A publication names tables whose changes others may take, row by row, between different versions too; a subscription takes them."))),
      publications_(new KeyedModel<PublicationRow>(publicationColumns(), [](const PublicationRow &row) { return row.key; }, this)),
      subscriptions_(new KeyedModel<SubscriptionRow>(subscriptionColumns(), [](const SubscriptionRow &row) { return row.key; }, this)), stack_(new QStackedWidget(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(stack_);
    stack_->addWidget(empty_);
    auto *both = new QWidget;
    stack_->addWidget(both);
    auto *layout = new QVBoxLayout(both);
    layout->setContentsMargins(0, spacing::unit, 0, 0);
    layout->setSpacing(spacing::unit);
    auto *publications = tableOf(tr("Publications"), publications_, QStringLiteral("replication/publications"), this);
    publications->setEmptyText(tr("Nothing is published by the databases looked at"));
    auto *subscriptions = tableOf(tr("Subscriptions"), subscriptions_, QStringLiteral("replication/subscriptions"), this);
    subscriptions->setEmptyText(tr("Nothing is subscribed to by the servers looked at"));
    layout->addWidget(publications, 1);
    layout->addWidget(subscriptions, 1);
}

void LogicalView::setOverview(const Overview &overview)
{
    std::vector<PublicationRow> publications;
    std::vector<SubscriptionRow> subscriptions;
    for (const auto &node : overview.nodes) {
        for (const Publication &publication : node->publications) {
            PublicationRow row;
            row.key = qt(node->name + "/" + publication.name);
            row.node = qt(node->name);
            row.publication = publication;
            for (const ReplicatedTable &table : node->published) {
                if (("," + table.owner + ",").find("," + publication.name + ",") == std::string::npos)
                    continue;
                ++row.tables;
                row.without_identity += table.has_identity || !table.updates ? 0 : 1;
            }
            publications.push_back(std::move(row));
        }
        for (const Subscription &subscription : node->subscriptions) {
            SubscriptionRow row;
            row.key = qt(node->name + "/" + subscription.database + "/" + subscription.name);
            row.node = qt(node->name);
            row.subscription = subscription;
            QStringList states;
            for (const auto &[state, count] : subscription.relations)
                states << QStringLiteral("%1 %2").arg(count).arg(qt(state));
            row.states = subscription.in_this_database ? states.join(QStringLiteral(", ")) : tr("in database %1").arg(qt(subscription.database));
            QStringList copying;
            for (const CopyingRelation &one : node->copying) {
                if (one.subscription == subscription.oid)
                    copying << (one.copied_rows >= 0 ? tr("%1: %2 rows").arg(qt(one.relation), qt(human::count(one.copied_rows))) : qt(one.relation));
            }
            row.progress = copying.mid(0, 5).join(QStringLiteral(", "));
            subscriptions.push_back(std::move(row));
        }
    }
    publications_->setRows(std::move(publications));
    subscriptions_->setRows(std::move(subscriptions));
    stack_->setCurrentIndex(publications_->rowCount() + subscriptions_->rowCount() > 0 ? 1 : 0);
}

RelationsView::RelationsView(QWidget *parent)
    : QWidget(parent), model_(new KeyedModel<TableRow>(tableColumns(), [](const TableRow &row) { return row.key; }, this)),
      table_(tableOf(tr("Tables of subscriptions"), model_, QStringLiteral("replication/tables"), this)), stack_(new QStackedWidget(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(stack_);
    table_->sortAtFirst(3, Qt::AscendingOrder);
    stack_->addWidget(new EmptyState(QStringLiteral("table"), tr("No table is subscribed to"),
                                     tr("The tables of a subscription stand here, each with the state of its initial copy. Look at the subscriber too to see them.")));
    stack_->addWidget(table_);
}

void RelationsView::setOverview(const Overview &overview)
{
    std::vector<TableRow> rows;
    for (const auto &node : overview.nodes) {
        std::map<QString, const CopyingRelation *> copying; // by subscription and table
        for (const CopyingRelation &one : node->copying)
            copying[QStringLiteral("%1/%2").arg(one.subscription).arg(qt(one.relation))] = &one;
        for (const Subscription &subscription : node->subscriptions) {
            if (!subscription.in_this_database)
                continue;
            const QString owner = QString::number(subscription.oid);
            for (const ReplicatedTable &table : node->subscribed) {
                if (!qt(table.owner).split(QLatin1Char(',')).contains(owner))
                    continue;
                TableRow row;
                row.table = qt(sql::quoteQualified(table.schema, table.name));
                row.key = qt(node->name) + QLatin1Char('/') + owner + QLatin1Char('/') + row.table;
                row.node = qt(node->name);
                row.subscription = qt(subscription.name);
                row.state = QStringLiteral("r");
                QStringList columns;
                for (const QString &line : qt(table.columns).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
                    columns << line.section(QLatin1Char('\t'), 0, 0);
                row.columns = columns.join(QStringLiteral(", "));
                if (const auto found = copying.find(owner + QLatin1Char('/') + row.table); found != copying.end()) {
                    row.state = qt(found->second->state);
                    row.copied_rows = found->second->copied_rows;
                    row.since_ms = found->second->since_ms;
                }
                rows.push_back(std::move(row));
            }
        }
    }
    model_->setRows(std::move(rows));
    stack_->setCurrentIndex(model_->rowCount() > 0 ? 1 : 0);
}

} // namespace howdah::replication_tool
