// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/health_models.h"

#include <algorithm>

#include "core/index/health/facts.h"
#include "plugins/index/health_words.h"
#include "plugins/index/keyed_columns.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using index_health::Finding;
using index_health::IndexFacts;

namespace {

/// "schema.table", without public.
QString tableText(const std::string &schema, const std::string &name)
{
    return HealthWords::qt(schema == "public" ? name : schema + "." + name);
}

QString bytesOrNothing(std::int64_t bytes)
{
    return bytes > 0 ? HealthWords::bytes(bytes) : QString();
}

} // namespace

std::vector<KeyedColumn<FindingRow>> findingColumns()
{
    using W = HealthWords;
    std::vector<KeyedColumn<FindingRow>> all;
    auto severity = column<FindingRow>("severity", W::tr("Severity"), W::tr("How much it matters"), 84, [](const FindingRow &row) { return W::severity(row.finding().severity); });
    severity.tone = [](const FindingRow &row) { return W::tone(row.finding().severity); };
    severity.sort = [](const FindingRow &row) {
        // Within a severity by what is to be won.
        return QVariant(static_cast<double>(row.finding().severity) * 1e15 + static_cast<double>(row.finding().size_won_bytes));
    };
    all.push_back(std::move(severity));
    auto rule = column<FindingRow>("rule", W::tr("Finding"), W::tr("What is wrong"), 164, [](const FindingRow &row) { return W::rule(row.finding().rule); });
    rule.full_text = [](const FindingRow &row) { return W::meaning(row.finding().rule); };
    all.push_back(std::move(rule));
    auto index = column<FindingRow>("index", W::tr("Index or table"), W::tr("The index it is about; the table, where there is no index"), 180, [](const FindingRow &row) {
        const Finding &f = row.finding();
        return f.index_name.empty() ? tableText(f.schema, f.table_name) : W::qt(f.schema == "public" ? f.index_name : f.schema + "." + f.index_name);
    });
    index.full_text = [](const FindingRow &row) { return W::qt(row.finding().message); };
    all.push_back(std::move(index));
    auto table = column<FindingRow>("table", W::tr("Table"), W::tr("The table of the index"), 140, [](const FindingRow &row) { return tableText(row.finding().schema, row.finding().table_name); });
    table.hidden = true;
    all.push_back(std::move(table));
    auto size = number<FindingRow>("size", W::tr("Size"), W::tr("Of the index, as it is"), 80, [](const FindingRow &row) { return bytesOrNothing(row.finding().size_bytes); },
                                   [](const FindingRow &row) { return QVariant(static_cast<qlonglong>(row.finding().size_bytes)); });
    size.hidden = true;
    all.push_back(std::move(size));
    all.push_back(number<FindingRow>("won", W::tr("Gives back"), W::tr("What the change gives back to the disk"), 92, [](const FindingRow &row) { return bytesOrNothing(row.finding().size_won_bytes); },
                                     [](const FindingRow &row) { return QVariant(static_cast<qlonglong>(row.finding().size_won_bytes)); }));
    auto message = column<FindingRow>("message", W::tr("In a sentence"), W::tr("With the figures that matter"), 420, [](const FindingRow &row) { return W::qt(row.finding().message); });
    message.hidden = true;
    all.push_back(std::move(message));
    return all;
}

std::vector<KeyedColumn<IndexRow>> indexColumns()
{
    using W = HealthWords;
    std::vector<KeyedColumn<IndexRow>> all;
    auto name = column<IndexRow>("index", W::tr("Index"), W::tr("The index"), 240, [](const IndexRow &row) {
        return W::qt(row.index().schema == "public" ? row.index().name : row.index().schema + "." + row.index().name);
    });
    name.full_text = [](const IndexRow &row) { return indexText(row); };
    all.push_back(std::move(name));
    all.push_back(column<IndexRow>("table", W::tr("Table"), W::tr("The table of the index"), 104, [](const IndexRow &row) { return tableText(row.table().schema, row.table().name); }));
    auto use = column<IndexRow>("use", W::tr("Use"), W::tr("As its scans tell, against the writes of its table"), 96, [](const IndexRow &row) { return W::use(index_health::useOf(row.report->facts, row.index())); });
    use.tone = [](const IndexRow &row) { return W::tone(index_health::useOf(row.report->facts, row.index())); };
    use.full_text = [](const IndexRow &row) { return W::useMeaning(index_health::useOf(row.report->facts, row.index())); };
    all.push_back(std::move(use));
    all.push_back(number<IndexRow>("size", W::tr("Size"), W::tr("On disk, as it is"), 74, [](const IndexRow &row) { return W::bytes(row.report->facts.bytesOf(row.index())); },
                                   [](const IndexRow &row) { return QVariant(static_cast<qlonglong>(row.report->facts.bytesOf(row.index()))); }));
    all.push_back(number<IndexRow>("scans", W::tr("Scans"), W::tr("Since the statistics began, on the standbys that were asked too"), 74, [](const IndexRow &row) { return W::count(row.report->facts.scansOf(row.index())); },
                                   [](const IndexRow &row) { return QVariant(static_cast<qlonglong>(row.report->facts.scansOf(row.index()))); }));
    auto method = column<IndexRow>("method", W::tr("Method"), W::tr("Access method"), 70, [](const IndexRow &row) { return W::qt(row.index().access_method); });
    method.hidden = true;
    all.push_back(std::move(method));
    auto columns = column<IndexRow>("columns", W::tr("Columns"), W::tr("Keys, and what is included"), 200, [](const IndexRow &row) { return W::qt(index_health::keyText(row.table(), row.index())); });
    columns.hidden = true;
    all.push_back(std::move(columns));
    auto last = column<IndexRow>("last_scan", W::tr("Last scan"), W::tr("Known from PostgreSQL 16 on"), 150, [](const IndexRow &row) { return W::qt(row.index().last_scan.value_or("")); });
    last.hidden = true;
    all.push_back(std::move(last));
    return all;
}

QString findingKey(const FindingRow &row)
{
    const Finding &f = row.finding();
    QString key = QStringLiteral("%1/%2/%3").arg(HealthWords::qt(f.rule)).arg(f.table).arg(f.index);
    // A table may lack indexes for several foreign keys.
    if (f.index == 0 && !f.evidence.empty())
        key += QLatin1Char('/') + HealthWords::evidence(f.evidence.front());
    return key;
}

QString indexKey(const IndexRow &row)
{
    return QString::number(row.index().oid);
}

std::vector<FindingRow> findingRows(const SharedReport &report)
{
    std::vector<FindingRow> rows;
    for (std::size_t i = 0; i < report->findings.size(); ++i)
        rows.push_back({report, i});
    return rows;
}

std::vector<IndexRow> indexRows(const SharedReport &report, std::size_t most)
{
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < report->facts.indexes.size(); ++i) {
        if (report->facts.indexes[i].kind == 'i')
            order.push_back(i);
    }
    const auto larger = [&](std::size_t a, std::size_t b) {
        const IndexFacts &x = report->facts.indexes[a], &y = report->facts.indexes[b];
        return x.pages != y.pages ? x.pages > y.pages : x.oid < y.oid;
    };
    const std::size_t count = std::min(most, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), larger);
    std::vector<IndexRow> rows;
    for (std::size_t i = 0; i < count; ++i)
        rows.push_back({report, order[i]});
    return rows;
}

namespace {

QString describe(const IndexRow &row, const QStringList &findings)
{
    using W = HealthWords;
    const IndexFacts &index = row.index();
    const auto use = index_health::useOf(row.report->facts, index);
    QString text = QStringLiteral("%1 %2\n%3\n%4, %5")
                       .arg(W::qt(index.name), W::qt(index_health::keyText(row.table(), index)), W::tr("%1 index of %2").arg(W::qt(index.access_method), tableText(row.table().schema, row.table().name)),
                            W::bytes(row.report->facts.bytesOf(index)), W::tr("%1, %2 scans").arg(W::use(use), W::count(row.report->facts.scansOf(index))));
    for (const QString &finding : findings)
        text += QLatin1Char('\n') + finding;
    return text;
}

} // namespace

QString indexText(const IndexRow &row)
{
    QStringList findings;
    for (const Finding &finding : row.report->findings) {
        if (finding.index == row.index().oid)
            findings << HealthWords::rule(finding.rule);
    }
    return describe(row, findings);
}

std::vector<TreemapView::Group> tilesOf(const std::vector<IndexRow> &rows)
{
    std::vector<TreemapView::Group> groups;
    QHash<quint32, std::size_t> at;
    QHash<quint32, QStringList> findings;
    if (!rows.empty()) {
        for (const Finding &finding : rows.front().report->findings)
            findings[finding.index] << HealthWords::rule(finding.rule);
    }
    for (const IndexRow &row : rows) {
        const IndexFacts &index = row.index();
        const auto found = at.constFind(index.table);
        if (found == at.cend()) {
            at.insert(index.table, groups.size());
            groups.push_back({tableText(row.table().schema, row.table().name), {}});
        }
        const auto use = index_health::useOf(row.report->facts, index);
        TreemapView::Tile tile;
        tile.id = index.oid;
        tile.name = HealthWords::qt(index.name);
        tile.figure = HealthWords::bytes(row.report->facts.bytesOf(index));
        tile.state = HealthWords::use(use);
        tile.tone = HealthWords::tone(use);
        tile.weight = static_cast<double>(row.report->facts.bytesOf(index));
        tile.tooltip = describe(row, findings.value(index.oid));
        groups[at.value(index.table)].tiles.push_back(std::move(tile));
    }
    return groups;
}

} // namespace howdah::index_tool
