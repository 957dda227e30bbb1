// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/judged_details.h"

#include <QPushButton>

#include "core/base/human.h"
#include "plugins/index/advise_words.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using W = AdviseWords;

JudgedDetails::JudgedDetails(QWidget *parent) : DetailsPanel(tr("Choose an index to see what it did, or a query to see its plans before and after."), parent) { }

void JudgedDetails::showIndex(const BuiltRow &row)
{
    const index::BuiltIndex &built = row.built();
    const bool looked = row.judged.has_value(), there = looked && !row.judged->gone;
    const QString pill = !looked ? tr("not looked at") : row.judged->gone ? tr("gone") : row.judged->helped ? tr("helps") : tr("does not help");
    begin(W::shortDdl(built.ddl), pill, !there ? Tone::Neutral : row.judged->helped ? Tone::Good : Tone::Bad,
          looked ? W::qt(row.judged->reason) : tr("Look again to ask its queries and the server's counts."), {});
    const bool droppable = there && !row.judged->drop_sql.empty();
    setCaption(droppable ? tr("THE WAY OUT") : tr("AS IT WAS BUILT"));
    setStatements(droppable ? W::qt(row.judged->drop_sql) + QLatin1Char(';') : W::qt(built.ddl) + QLatin1Char(';'), droppable ? W::qt(row.judged->now.definition) + QLatin1Char(';') : QString());
    addFact(tr("name"), W::qt(built.name));
    addFact(tr("proof"), there ? tr("applied and measured; before: %1").arg(W::qt(built.proof)) : W::qt(built.proof));
    addFact(tr("expected size"), W::bytes(static_cast<double>(built.size_bytes)));
    if (there) {
        addFact(tr("size"), W::bytes(static_cast<double>(row.judged->now.size_bytes)));
        addFact(tr("scans"), W::qt(human::count(row.judged->now.scans)));
        addFact(tr("valid"), row.judged->now.valid ? tr("yes") : tr("no"));
    }
    addFact(tr("built"), W::time(row.applied->at_ms));
}

void JudgedDetails::showQuery(const FaredRow &row)
{
    const index::QueryState &before = row.before();
    QString message;
    QString pill;
    Tone tone = Tone::Neutral;
    if (row.after == nullptr) {
        message = tr("It was not asked again, or cannot be planned any more.");
    } else {
        const bool timed = before.ms && row.after->ms;
        const double from = timed ? *before.ms : before.cost, to = timed ? *row.after->ms : row.after->cost;
        message = timed ? tr("%1 → %2 for one execution.").arg(W::duration(from), W::duration(to)) : tr("Cost %1 → %2 for one execution.").arg(W::cost(from), W::cost(to));
        pill = row.change();
        tone = row.tone();
    }
    begin(tr("Query %1").arg(row.at + 1), pill.isEmpty() ? tr("unknown") : pill, tone, message, before.not_run.empty() ? QString() : tr("Not run: %1").arg(W::qt(before.not_run)));
    setCaption(tr("THE STATEMENT"));
    setStatements(W::qt(before.text), {});
    if (row.after != nullptr) {
        QPushButton *plans = addLink(tr("Plans before and after ›"), tr("Both plans side by side, and what differs in them (Return in the list)"));
        connect(plans, &QPushButton::clicked, this, [this, at = row.at] { Q_EMIT plansRequested(at); });
        QStringList names;
        for (const std::string &name : row.after->indexes)
            names << W::qt(name);
        addFact(tr("indexes now"), names.join(QStringLiteral(", ")));
    }
    addFact(tr("weight"), W::cost(before.weight));
    addFact(tr("cost"), row.after != nullptr ? tr("%1 → %2").arg(W::cost(before.cost), W::cost(row.after->cost)) : W::cost(before.cost));
}

} // namespace howdah::index_tool
