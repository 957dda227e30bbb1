// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/finding_details.h"

#include <algorithm>

#include <QPushButton>

#include "core/index/health/facts.h"
#include "plugins/index/health_words.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using index_health::Finding;

FindingDetails::FindingDetails(QWidget *parent) : DetailsPanel(tr("Choose a finding or an index to see why it is named, and what would be run."), parent) { }

void FindingDetails::showFinding(const FindingRow &row)
{
    using W = HealthWords;
    const Finding &f = row.finding();
    const QString name = W::qt(f.index_name.empty() ? f.table_name : f.index_name);
    begin(W::rule(f.rule) + QStringLiteral(": ") + name, W::severity(f.severity), W::tone(f.severity), W::qt(f.message), W::qt(f.why));
    addFact(tr("table"), W::qt(f.schema + "." + f.table_name));
    if (f.size_bytes > 0)
        addFact(tr("size"), W::bytes(f.size_bytes));
    if (f.size_won_bytes > 0)
        addFact(tr("gives back"), W::bytes(f.size_won_bytes));
    for (const index_health::Evidence &evidence : f.evidence)
        addFact(W::evidenceName(evidence.name), W::evidence(evidence));
    QString undo = W::qt(index_health::undoOf(f.script));
    if (undo.isEmpty() && !f.script.steps.empty())
        undo = W::qt(f.script.steps.front().no_undo_reason);
    setStatements(W::qt(index_health::sqlOf(f.script)), undo);
}

void FindingDetails::showFindings(const std::vector<FindingRow> &rows)
{
    using W = HealthWords;
    std::vector<const Finding *> findings;
    std::int64_t won = 0;
    QHash<quint32, std::int64_t> by_index;
    for (const FindingRow &row : rows) {
        findings.push_back(&row.finding());
        if (row.finding().index != 0)
            by_index[row.finding().index] = std::max(by_index.value(row.finding().index), row.finding().size_won_bytes);
    }
    for (const std::int64_t bytes : std::as_const(by_index))
        won += bytes;
    const migration::ChangeScript script = index_health::combined(findings);
    begin(tr("%1 findings").arg(rows.size()), tr("%1 steps").arg(script.steps.size()), Tone::Accent, won > 0 ? tr("They give back %1 in all.").arg(W::bytes(won)) : QString(),
          tr("What two of them would do twice is done once; what is dropped is not rebuilt first."));
    setStatements(W::qt(index_health::sqlOf(script)), W::qt(index_health::undoOf(script)));
}

void FindingDetails::showIndex(const IndexRow &row)
{
    using W = HealthWords;
    const index_health::Facts &facts = row.report->facts;
    const index_health::IndexFacts &index = row.index();
    const auto use = index_health::useOf(facts, index);
    begin(W::qt(index.name), W::use(use), W::tone(use), W::useMeaning(use) + QLatin1Char('.'), {});
    addFact(tr("table"), W::qt(row.table().schema + "." + row.table().name));
    addFact(tr("columns"), W::qt(index_health::keyText(row.table(), index)));
    addFact(tr("where"), W::qt(index.predicate));
    addFact(tr("method"), W::qt(index.access_method));
    addFact(tr("size"), W::bytes(facts.bytesOf(index)));
    addFact(tr("scans"), W::count(facts.scansOf(index)));
    addFact(tr("last scan"), W::qt(index.last_scan.value_or("")));
    addFact(tr("constraint"), W::qt(index.constraint));
    if (index.unique)
        addFact(tr("unique"), tr("yes"));
    if (const auto *parent = index.parent != 0 ? facts.index(index.parent) : nullptr)
        addFact(tr("part of"), W::qt(parent->name));
    for (std::size_t i = 0; i < row.report->findings.size(); ++i) {
        const Finding &finding = row.report->findings[i];
        if (finding.index != index.oid)
            continue;
        QPushButton *link = addLink(W::rule(finding.rule) + QStringLiteral(" ›"), W::qt(finding.message));
        connect(link, &QPushButton::clicked, this, [this, i] { Q_EMIT findingRequested(i); });
    }
    setStatements({}, {});
}

} // namespace howdah::index_tool
