// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/advice_details.h"

#include <algorithm>

#include <QPushButton>

#include "core/workload/workload.h"
#include "plugins/index/advise_words.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using W = AdviseWords;

namespace {

constexpr std::size_t most_links = 5;

QString timesOf(const index::Measured &measured)
{
    QString after = W::duration(measured.ms_after_least);
    if (measured.ms_after_most > measured.ms_after_least * 1.05)
        after = AdviceDetails::tr("%1 to %2").arg(after, W::duration(measured.ms_after_most));
    return QStringLiteral("%1 → %2").arg(W::duration(measured.ms_before), after);
}

QString sizesOf(const index::Measured &measured)
{
    return measured.bytes_most > measured.bytes_least * 1.05 ? AdviceDetails::tr("%1 to %2").arg(W::bytes(measured.bytes_least), W::bytes(measured.bytes_most)) : W::bytes(measured.bytes_most);
}

bool hasPlans(const QueryRow &row)
{
    const bool planned = !row.query().plan_before.empty() && !row.query().plan_after.empty();
    return planned || (row.measured() != nullptr && !row.measured()->plan_after.empty());
}

} // namespace

AdviceDetails::AdviceDetails(QWidget *parent) : DetailsPanel(tr("Choose an index to see why it is what it is, or a query to see what becomes of it."), parent) { }

void AdviceDetails::showIndex(const AdvisedRow &row)
{
    const index::AdvisedIndex &one = row.advised();
    begin(W::shortDdl(one.ddl), W::proof(one.proof), W::proofTone(one.proof), W::qt(one.reason), W::proofMeaning(one.proof));
    setCaption(tr("WHAT WOULD RUN"));
    QString sql = W::qt(one.partitioned ? one.ddl : one.concurrent_ddl) + QLatin1Char(';');
    if (one.partitioned)
        sql += QLatin1Char('\n') + tr("-- on the parent alone, then each of its %1 parts concurrently").arg(one.parts.size());
    setStatements(sql, QStringLiteral("DROP INDEX %1%2;").arg(one.partitioned ? QString() : QStringLiteral("CONCURRENTLY "), W::qt(one.name)));
    addFact(tr("method"), W::qt(one.candidate.method));
    addFact(tr("size"), one.candidate.size_measured ? tr("%1, measured").arg(one.measured ? sizesOf(*one.measured) : W::size(one)) : tr("%1, estimated").arg(W::size(one)));
    if (one.candidate.pretended_bytes > 0)
        addFact(tr("HypoPG's size"), W::bytes(static_cast<double>(one.candidate.pretended_bytes)));
    addFact(tr("saves"), tr("%1 of the workload's cost").arg(W::share(one.benefit, row.advice->cost_before)));
    addFact(tr("upkeep"), one.write_cost > 0 ? tr("%1 of cost, for the writes of the workload").arg(W::cost(one.write_cost)) : tr("the workload does not write to its table"));
    if (one.measured) {
        const index::Measured &measured = *one.measured;
        addFact(tr("sample"), measured.whole ? tr("all %1 rows").arg(W::cost(measured.sample_rows)) : tr("%1 rows").arg(W::cost(measured.sample_rows)));
        addFact(tr("used there"), measured.used ? tr("yes") : tr("no: the planner left it"));
        if (measured.ms_before > 0)
            addFact(tr("time"), timesOf(measured));
        addFact(tr("build"), tr("about %1").arg(W::duration(measured.build_ms)));
        addFact(tr("writes"), tr("%1 times the WAL of an insert").arg(measured.write_factor, 0, 'f', 2));
        if (measured.recall)
            addFact(tr("recall"), tr("%1 of the nearest are found").arg(W::share(*measured.recall, 1)));
        addFact(tr("note"), W::qt(measured.note));
    }
    if (one.unique_values)
        addFact(tr("unique"), tr("no value occurs twice: it could be UNIQUE"));
    for (std::size_t i = 0; i < std::min(most_links, one.queries.size()); ++i) {
        const QueryRow query{row.advice, one.queries[i]};
        QPushButton *link = addLink(tr("Query %1: %2 ›").arg(query.at + 1).arg(W::change(query.query().cost_before, query.query().cost_after)), W::qt(query.query().statement.text.substr(0, 1000)));
        connect(link, &QPushButton::clicked, this, [this, at = query.at] { Q_EMIT queryRequested(at); });
    }
    if (one.queries.size() > most_links)
        addFact(tr("serves"), tr("%n query(ies)", nullptr, static_cast<int>(one.queries.size())));
}

void AdviceDetails::showQuery(const QueryRow &row)
{
    const index::AdvisedQuery &query = row.query();
    QStringList rewrites;
    for (const index::Rewrite &rewrite : query.rewrites)
        rewrites << W::qt(rewrite.message);
    QString message = tr("Cost %1 → %2 for one execution.").arg(W::cost(query.cost_before), W::cost(query.cost_after));
    if (query.indexes.empty())
        message += QLatin1Char(' ') + tr("None of these indexes serves it.");
    begin(tr("Query %1").arg(row.at + 1), W::change(query.cost_before, query.cost_after), W::changeTone(query.cost_before, query.cost_after), message, rewrites.join(QStringLiteral("\n\n")));
    setCaption(tr("THE STATEMENT"));
    setStatements(W::qt(query.statement.text), {});
    if (hasPlans(row)) {
        QPushButton *plans = addLink(tr("Plans before and after ›"), tr("Both plans side by side, and what differs in them (Return in the list)"));
        connect(plans, &QPushButton::clicked, this, [this, at = row.at] { Q_EMIT plansRequested(at); });
    }
    for (const std::size_t one : query.indexes) {
        QPushButton *link = addLink(W::shortDdl(row.advice->indexes[one].ddl) + QStringLiteral(" ›"), W::qt(row.advice->indexes[one].ddl));
        connect(link, &QPushButton::clicked, this, [this, one] { Q_EMIT indexRequested(one); });
    }
    addFact(tr("weight"), W::cost(query.statement.weight));
    if (query.statement.total_ms > 0)
        addFact(tr("time in all"), W::duration(query.statement.total_ms));
    if (row.measured() != nullptr)
        addFact(tr("measured"), timesOf(*row.measured()));
    addFact(tr("values"), W::qt(query.values));
}

void AdviceDetails::showRemark(const Remark &remark)
{
    begin(remark.about.isEmpty() ? tr("Of the whole") : remark.about, remarkKind(remark.kind), remarkTone(remark.kind), remark.text, {});
    setCaption(tr("WHAT WOULD RUN"));
    setStatements(remark.sql.isEmpty() ? QString() : remark.sql + QLatin1Char(';'), {});
}

void AdviceDetails::showWhy(const index::Why &why)
{
    QStringList reasons;
    for (const std::string &reason : why.reasons)
        reasons << W::qt(reason);
    const QString first = reasons.isEmpty() ? QString() : reasons.takeFirst();
    begin(W::shortDdl(why.ddl), why.helps ? tr("it helps") : tr("it does not help"), why.helps ? Tone::Good : Tone::Warn, first, reasons.join(QLatin1Char('\n')));
    setCaption(tr("AS IT WAS UNDERSTOOD"));
    setStatements(W::qt(why.ddl) + QLatin1Char(';'), {});
    addFact(tr("proof"), W::proof(why.proof));
    addFact(tr("size"), tr("~ %1").arg(W::bytes(static_cast<double>(why.size_bytes))));
    addFact(tr("workload"), tr("cost %1 → %2").arg(W::cost(why.cost_before), W::cost(why.cost_after)));
    addFact(tr("upkeep"), why.write_cost > 0 ? W::cost(why.write_cost) : tr("none"));
    addFact(tr("served by"), W::qt(why.served_by.starts_with("public.") ? why.served_by.substr(7) : why.served_by));
    std::size_t shown = 0;
    for (const index::Why::Query &query : why.queries) {
        if (++shown > 8)
            break;
        const QString name = query.used ? tr("would use it") : tr("would not");
        addFact(name, W::qt(workload::oneLine(query.text, 90)) + QLatin1Char('\n') + (query.used ? tr("cost %1 → %2").arg(W::cost(query.cost_before), W::cost(query.cost_after)) : W::qt(query.reason)));
    }
}

void AdviceDetails::showRefusal(const QString &ddl, const Error &error)
{
    begin(ddl.simplified().left(80), tr("not judged"), Tone::Bad, W::qt(error.message), W::qt(error.hint.empty() ? error.detail : error.hint));
    setStatements({}, {});
}

} // namespace howdah::index_tool
