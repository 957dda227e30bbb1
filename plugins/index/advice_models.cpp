// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/advice_models.h"

#include <algorithm>
#include <set>

#include "core/workload/workload.h"
#include "plugins/index/advise_words.h"
#include "plugins/index/keyed_columns.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using W = AdviseWords;

namespace {

QString statementLine(const workload::Statement &statement)
{
    return W::qt(workload::oneLine(statement.text, 400));
}

QString timeAfter(const index::Measured &measured)
{
    const QString least = W::duration(measured.ms_after_least);
    return measured.ms_after_most > measured.ms_after_least * 1.2 ? W::tr("%1 to %2").arg(least, W::duration(measured.ms_after_most)) : least;
}

double meanMs(const workload::Statement &statement)
{
    return statement.total_ms > 0 && statement.weight > 0 ? statement.total_ms / statement.weight : 0;
}

} // namespace

const index::Measured *QueryRow::measured() const
{
    for (const std::size_t one : query().indexes) {
        const auto &found = advice->indexes[one].measured;
        if (found && found->query == at && found->ms_before > 0)
            return &*found;
    }
    return nullptr;
}

std::vector<KeyedColumn<AdvisedRow>> advisedColumns()
{
    std::vector<KeyedColumn<AdvisedRow>> all;
    auto ddl = column<AdvisedRow>("index", W::tr("Index"), W::tr("Its table, its columns in their order, what it includes and where it holds"), 260,
                                  [](const AdvisedRow &row) { return W::shortDdl(row.advised().ddl); });
    ddl.full_text = [](const AdvisedRow &row) { return W::qt(row.advised().ddl); };
    all.push_back(std::move(ddl));
    auto proof = column<AdvisedRow>("proof", W::tr("Proof"), W::tr("How well it is known that it helps"), 96, [](const AdvisedRow &row) { return W::shortProof(row.advised().proof); });
    proof.tone = [](const AdvisedRow &row) { return W::proofTone(row.advised().proof); };
    proof.sort = [](const AdvisedRow &row) { return QVariant(static_cast<int>(row.advised().proof)); };
    proof.full_text = [](const AdvisedRow &row) { return W::proofMeaning(row.advised().proof); };
    all.push_back(std::move(proof));
    all.push_back(column<AdvisedRow>("method", W::tr("Method"), W::tr("Access method"), 72, [](const AdvisedRow &row) { return W::qt(row.advised().candidate.method); }));
    all.push_back(number<AdvisedRow>("size", W::tr("Size"), W::tr("As it would be when it was built; ~ is an estimate"), 84, [](const AdvisedRow &row) { return W::size(row.advised()); },
                                     [](const AdvisedRow &row) { return QVariant(static_cast<qlonglong>(row.advised().size_bytes)); }));
    all.push_back(number<AdvisedRow>("benefit", W::tr("Saves"), W::tr("What the workload would cost more without it, of what it costs as it is"), 70,
                                     [](const AdvisedRow &row) { return W::share(row.advised().benefit, row.advice->cost_before); }, [](const AdvisedRow &row) { return QVariant(row.advised().benefit); }));
    all.push_back(number<AdvisedRow>("write_cost", W::tr("Upkeep"), W::tr("What the workload's own writes cost more, in the planner's units"), 74,
                                     [](const AdvisedRow &row) { return row.advised().write_cost > 0 ? W::cost(row.advised().write_cost) : QStringLiteral("–"); },
                                     [](const AdvisedRow &row) { return QVariant(row.advised().write_cost); }));
    auto served = number<AdvisedRow>("queries", W::tr("Queries"), W::tr("Queries that would be slower without it"), 78, [](const AdvisedRow &row) { return QString::number(row.advised().queries.size()); },
                                     [](const AdvisedRow &row) { return QVariant(static_cast<qlonglong>(row.advised().queries.size())); });
    served.hidden = true;
    all.push_back(std::move(served));
    auto hypothetical = number<AdvisedRow>("hypothetical", W::tr("HypoPG's size"), W::tr("What HypoPG says of its size: often two or three times as much"), 100,
                                           [](const AdvisedRow &row) { return row.advised().candidate.pretended_bytes > 0 ? W::bytes(static_cast<double>(row.advised().candidate.pretended_bytes)) : QString(); },
                                           [](const AdvisedRow &row) { return QVariant(static_cast<qlonglong>(row.advised().candidate.pretended_bytes)); });
    hypothetical.hidden = true;
    all.push_back(std::move(hypothetical));
    auto name = column<AdvisedRow>("name", W::tr("Name"), W::tr("That it would be given"), 200, [](const AdvisedRow &row) { return W::qt(row.advised().name); });
    name.hidden = true;
    all.push_back(std::move(name));
    return all;
}

std::vector<KeyedColumn<QueryRow>> queryColumns()
{
    std::vector<KeyedColumn<QueryRow>> all;
    auto text = column<QueryRow>("statement", W::tr("Statement"), W::tr("As it was first seen"), 280, [](const QueryRow &row) { return statementLine(row.query().statement); });
    text.full_text = [](const QueryRow &row) { return W::qt(row.query().statement.text.substr(0, 3000)); };
    all.push_back(std::move(text));
    auto change = column<QueryRow>("change", W::tr("Change"), W::tr("Of its cost, one execution"), 96, [](const QueryRow &row) { return W::change(row.query().cost_before, row.query().cost_after); });
    change.tone = [](const QueryRow &row) { return W::changeTone(row.query().cost_before, row.query().cost_after); };
    change.sort = [](const QueryRow &row) { return QVariant((row.query().cost_before - row.query().cost_after) * row.query().statement.weight); };
    all.push_back(std::move(change));
    all.push_back(number<QueryRow>("before", W::tr("Cost"), W::tr("Of one execution with the indexes that are there, in the planner's units"), 72, [](const QueryRow &row) { return W::cost(row.query().cost_before); },
                                   [](const QueryRow &row) { return QVariant(row.query().cost_before); }));
    all.push_back(number<QueryRow>("after", W::tr("New cost"), W::tr("Of one execution with these indexes"), 86, [](const QueryRow &row) { return W::cost(row.query().cost_after); },
                                   [](const QueryRow &row) { return QVariant(row.query().cost_after); }));
    auto time = number<QueryRow>("time", W::tr("Time"), W::tr("Of one execution: measured on a sample and extended to the table, else the mean that the source tells"), 80,
                                 [](const QueryRow &row) {
                                     const index::Measured *measured = row.measured();
                                     const double ms = measured != nullptr ? measured->ms_before : meanMs(row.query().statement);
                                     return ms > 0 ? W::duration(ms) : QString();
                                 },
                                 [](const QueryRow &row) { return QVariant(row.measured() != nullptr ? row.measured()->ms_before : meanMs(row.query().statement)); });
    all.push_back(std::move(time));
    all.push_back(number<QueryRow>("new_time", W::tr("New time"), W::tr("Measured on a sample with the index, and extended to the table: known where it was measured"), 92,
                                   [](const QueryRow &row) { return row.measured() != nullptr ? timeAfter(*row.measured()) : QString(); },
                                   [](const QueryRow &row) { return QVariant(row.measured() != nullptr ? row.measured()->ms_after_most : 0.0); }));
    auto calls = number<QueryRow>("calls", W::tr("Weight"), W::tr("How often it runs, as far as that is known"), 74,
                                  [](const QueryRow &row) { return W::cost(row.query().statement.weight); }, [](const QueryRow &row) { return QVariant(row.query().statement.weight); });
    all.push_back(std::move(calls));
    auto served = column<QueryRow>("indexes", W::tr("Indexes"), W::tr("Those of the set that serve it"), 180, [](const QueryRow &row) {
        QStringList names;
        for (const std::size_t one : row.query().indexes)
            names << W::qt(row.advice->indexes[one].name);
        return names.join(QStringLiteral(", "));
    });
    served.hidden = true;
    all.push_back(std::move(served));
    return all;
}

QString remarkKind(Remark::Kind kind)
{
    switch (kind) {
    case Remark::Kind::Note: return W::tr("note");
    case Remark::Kind::Problem: return W::tr("left out");
    case Remark::Kind::Rewrite: return W::tr("rewrite");
    case Remark::Kind::Redundant: return W::tr("redundant");
    case Remark::Kind::ForeignKey: break;
    }
    return W::tr("foreign key");
}

Tone remarkTone(Remark::Kind kind)
{
    return kind == Remark::Kind::Problem ? Tone::Warn : kind == Remark::Kind::Note ? Tone::Neutral : Tone::Accent;
}

std::vector<KeyedColumn<Remark>> remarkColumns()
{
    std::vector<KeyedColumn<Remark>> all;
    auto kind = column<Remark>("kind", W::tr("Kind"), W::tr("What kind of remark it is"), 96, [](const Remark &row) { return remarkKind(row.kind); });
    kind.tone = [](const Remark &row) { return remarkTone(row.kind); };
    all.push_back(std::move(kind));
    all.push_back(column<Remark>("text", W::tr("Remark"), W::tr("What is said"), 360, [](const Remark &row) { return row.text; }));
    all.push_back(column<Remark>("about", W::tr("About"), W::tr("The statement or index it is about"), 200, [](const Remark &row) { return row.about; }));
    return all;
}

QString advisedKey(const AdvisedRow &row)
{
    return W::qt(row.advised().nameless_ddl);
}

QString queryKey(const QueryRow &row)
{
    return QString::number(row.at);
}

QString remarkKey(const Remark &row)
{
    return QString::number(static_cast<int>(row.kind)) + row.about + QLatin1Char('\n') + row.text;
}

std::vector<AdvisedRow> advisedRows(const SharedAdvice &advice)
{
    std::vector<AdvisedRow> rows;
    for (std::size_t i = 0; advice && i < advice->indexes.size(); ++i)
        rows.push_back({advice, i});
    return rows;
}

std::vector<QueryRow> queryRows(const SharedAdvice &advice, std::size_t most)
{
    std::vector<QueryRow> rows;
    for (std::size_t i = 0; advice && i < advice->queries.size(); ++i)
        rows.push_back({advice, i});
    if (rows.size() > most) {
        const auto weighty = [](const QueryRow &a, const QueryRow &b) { return a.query().cost_before * a.query().statement.weight > b.query().cost_before * b.query().statement.weight; };
        std::nth_element(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(most), rows.end(), weighty);
        rows.resize(most);
        std::sort(rows.begin(), rows.end(), [](const QueryRow &a, const QueryRow &b) { return a.at < b.at; });
    }
    return rows;
}

std::vector<Remark> remarksOf(const index::Advice &advice, std::size_t most)
{
    std::vector<Remark> remarks;
    std::set<QString> known;
    const auto add = [&](Remark remark) {
        if (remarks.size() < most && known.insert(remarkKey(remark)).second)
            remarks.push_back(std::move(remark));
    };
    for (const std::string &note : advice.notes)
        add({Remark::Kind::Note, {}, W::qt(note), {}});
    for (const auto &one : advice.redundant)
        add({Remark::Kind::Redundant, W::qt(one.name), W::qt(one.reason), W::qt(one.ddl)});
    for (const index::AdvisedQuery &query : advice.queries) {
        for (const index::Rewrite &rewrite : query.rewrites)
            add({Remark::Kind::Rewrite, statementLine(query.statement), W::qt(rewrite.message), {}});
    }
    for (const auto &key : advice.foreign_keys)
        add({Remark::Kind::ForeignKey, W::qt(key.table), W::tr("Foreign key %1 has no index on this side; the workload gives no reason for one, but deleting what it refers to reads the whole table.").arg(W::qt(key.constraint)), W::qt(key.ddl)});
    for (const workload::Problem &problem : advice.problems)
        add({Remark::Kind::Problem, W::qt(problem.statement), problem.line > 0 ? W::tr("Line %1: %2").arg(problem.line).arg(W::qt(problem.message)) : W::qt(problem.message), {}});
    return remarks;
}

} // namespace howdah::index_tool
