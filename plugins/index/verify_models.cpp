// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/verify_models.h"

#include <algorithm>
#include <cmath>

#include "core/base/human.h"
#include "core/workload/workload.h"
#include "plugins/index/advise_words.h"
#include "plugins/index/keyed_columns.h"

namespace howdah::index_tool {

using namespace howdah::ui;
using W = AdviseWords;

namespace {

QString verdictOf(const BuiltRow &row)
{
    if (!row.judged)
        return W::tr("not looked at");
    if (row.judged->gone)
        return W::tr("gone");
    return row.judged->helped ? W::tr("helps") : W::tr("does not help");
}

Tone toneOf(const BuiltRow &row)
{
    return !row.judged || row.judged->gone ? Tone::Neutral : row.judged->helped ? Tone::Good : Tone::Bad;
}

bool isThere(const BuiltRow &row)
{
    return row.judged && !row.judged->gone;
}

} // namespace

std::pair<double, double> FaredRow::figures() const
{
    if (after == nullptr)
        return {0, 0};
    const bool same = std::abs(before().cost - after->cost) <= 0.01 * before().cost;
    if (before().ms && after->ms && !same)
        return {*before().ms, *after->ms};
    return {before().cost, after->cost};
}

QString FaredRow::change() const
{
    if (after == nullptr)
        return {};
    return std::abs(before().cost - after->cost) <= 0.01 * before().cost ? W::tr("same plan") : W::change(figures().first, figures().second);
}

Tone FaredRow::tone() const
{
    return W::changeTone(figures().first, figures().second);
}

std::vector<KeyedColumn<AppliedRow>> appliedColumns()
{
    std::vector<KeyedColumn<AppliedRow>> all;
    all.push_back(column<AppliedRow>("built", W::tr("Built"), W::tr("When the script ended"), 170, [](const AppliedRow &row) { return W::time(row.applied->at_ms); }));
    all.back().sort = [](const AppliedRow &row) { return QVariant(static_cast<qlonglong>(row.applied->at_ms)); };
    auto verdict = column<AppliedRow>("verdict", W::tr("Verdict"), W::tr("Of the last look"), 110, [](const AppliedRow &row) { return W::verdict(row.applied->verdict); });
    verdict.tone = [](const AppliedRow &row) { return W::verdictTone(row.applied->verdict); };
    all.push_back(std::move(verdict));
    auto indexes = column<AppliedRow>("indexes", W::tr("Indexes"), W::tr("Those that were built"), 300, [](const AppliedRow &row) {
        QStringList names;
        for (const index::BuiltIndex &one : row.applied->indexes)
            names << W::shortDdl(one.ddl);
        return names.join(QStringLiteral(", "));
    });
    all.push_back(std::move(indexes));
    auto looked = column<AppliedRow>("looked", W::tr("Looked at"), W::tr("When its queries were last asked again"), 170, [](const AppliedRow &row) { return row.applied->looked_ms > 0 ? W::time(row.applied->looked_ms) : QString(); });
    looked.hidden = true;
    all.push_back(std::move(looked));
    return all;
}

std::vector<KeyedColumn<BuiltRow>> builtColumns()
{
    std::vector<KeyedColumn<BuiltRow>> all;
    auto ddl = column<BuiltRow>("index", W::tr("Index"), W::tr("As it was built"), 240, [](const BuiltRow &row) { return W::shortDdl(row.built().ddl); });
    ddl.full_text = [](const BuiltRow &row) { return row.judged ? W::qt(row.judged->reason) : W::qt(row.built().ddl); };
    all.push_back(std::move(ddl));
    auto verdict = column<BuiltRow>("verdict", W::tr("Verdict"), W::tr("Whether it helps, by its queries and by the server's counts"), 110, verdictOf);
    verdict.tone = toneOf;
    all.push_back(std::move(verdict));
    all.push_back(number<BuiltRow>("scans", W::tr("Scans"), W::tr("That the server has counted (idx_scan)"), 74, [](const BuiltRow &row) { return isThere(row) ? W::qt(human::count(row.judged->now.scans)) : QString(); },
                                   [](const BuiltRow &row) { return QVariant(static_cast<qlonglong>(isThere(row) ? row.judged->now.scans : -1)); }));
    all.push_back(number<BuiltRow>("size", W::tr("Size"), W::tr("On disk, as it is"), 74, [](const BuiltRow &row) { return isThere(row) ? W::bytes(static_cast<double>(row.judged->now.size_bytes)) : QString(); },
                                   [](const BuiltRow &row) { return QVariant(static_cast<qlonglong>(isThere(row) ? row.judged->now.size_bytes : -1)); }));
    all.push_back(number<BuiltRow>("expected", W::tr("Expected"), W::tr("The size that the advice gave it"), 92, [](const BuiltRow &row) { return W::bytes(static_cast<double>(row.built().size_bytes)); },
                                   [](const BuiltRow &row) { return QVariant(static_cast<qlonglong>(row.built().size_bytes)); }));
    auto proof = column<BuiltRow>("proof", W::tr("Proof"), W::tr("Now it is applied and measured; before, it was this"), 130, [](const BuiltRow &row) { return isThere(row) ? W::tr("applied and measured") : W::qt(row.built().proof); });
    proof.hidden = true;
    all.push_back(std::move(proof));
    return all;
}

std::vector<KeyedColumn<FaredRow>> faredColumns()
{
    std::vector<KeyedColumn<FaredRow>> all;
    auto text = column<FaredRow>("statement", W::tr("Statement"), W::tr("The same text, before and after"), 260, [](const FaredRow &row) { return W::qt(workload::oneLine(row.before().text, 400)); });
    text.full_text = [](const FaredRow &row) { return W::qt(row.before().text.substr(0, 3000)); };
    all.push_back(std::move(text));
    auto change = column<FaredRow>("change", W::tr("Change"), W::tr("Of its time where it was run, else of its cost"), 96, [](const FaredRow &row) { return row.change(); });
    change.tone = [](const FaredRow &row) { return row.tone(); };
    change.sort = [](const FaredRow &row) { return QVariant(row.figures().first - row.figures().second); };
    all.push_back(std::move(change));
    all.push_back(number<FaredRow>("ms_before", W::tr("Time before"), W::tr("The quicker of two runs"), 104, [](const FaredRow &row) { return row.before().ms ? W::duration(*row.before().ms) : QString(); },
                                   [](const FaredRow &row) { return QVariant(row.before().ms.value_or(-1)); }));
    all.push_back(number<FaredRow>("ms_after", W::tr("Time now"), W::tr("The quicker of two runs, when it was last asked"), 88, [](const FaredRow &row) { return row.after != nullptr && row.after->ms ? W::duration(*row.after->ms) : QString(); },
                                   [](const FaredRow &row) { return QVariant(row.after != nullptr ? row.after->ms.value_or(-1) : -1); }));
    all.push_back(number<FaredRow>("cost_before", W::tr("Cost before"), W::tr("In the planner's units"), 104, [](const FaredRow &row) { return W::cost(row.before().cost); }, [](const FaredRow &row) { return QVariant(row.before().cost); }));
    all.push_back(number<FaredRow>("cost_after", W::tr("Cost now"), W::tr("In the planner's units"), 88, [](const FaredRow &row) { return row.after != nullptr ? W::cost(row.after->cost) : QString(); },
                                   [](const FaredRow &row) { return QVariant(row.after != nullptr ? row.after->cost : -1); }));
    return all;
}

QString appliedKey(const AppliedRow &row)
{
    return QString::number(row.applied->id);
}

QString builtKey(const BuiltRow &row)
{
    return QString::number(row.applied->id) + QLatin1Char('/') + QString::number(row.at);
}

QString faredKey(const FaredRow &row)
{
    return QString::number(row.applied->id) + QLatin1Char('/') + QString::number(row.at);
}

std::vector<BuiltRow> builtRows(const SharedApplied &applied, const index::Look *look)
{
    std::vector<BuiltRow> rows;
    for (std::size_t i = 0; applied && i < applied->indexes.size(); ++i) {
        BuiltRow row{applied, i, {}};
        if (look != nullptr && i < look->indexes.size())
            row.judged = look->indexes[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<FaredRow> faredRows(const SharedApplied &applied)
{
    std::vector<FaredRow> rows;
    for (std::size_t i = 0; applied && i < applied->before.size(); ++i) {
        FaredRow row{applied, i, nullptr};
        const auto found = std::find_if(applied->after.begin(), applied->after.end(), [&](const index::QueryState &one) { return one.text == applied->before[i].text; });
        if (found != applied->after.end())
            row.after = &*found;
        rows.push_back(row);
    }
    return rows;
}

} // namespace howdah::index_tool
