// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugins/index/advice_job.h"

#include <chrono>

#include <QFile>

#include "core/index/shape.h"
#include "core/sql/quote.h"

namespace howdah::index_tool {

namespace {

constexpr auto telling_pause = std::chrono::milliseconds(150);

/// What does not name the relation goes; the others' weights stay.
void keepNaming(workload::Workload &load, const std::string &schema, const std::string &relation)
{
    const std::string bare = sql::quoteIdentifier(relation), qualified = sql::quoteQualified(schema, relation);
    std::erase_if(load.statements, [&](const workload::Statement &statement) {
        const auto names = index::relationNames(statement.text);
        return !names || (names->count(bare) == 0 && names->count(qualified) == 0);
    });
    load.problems.clear();
    load.weight = 0;
    for (const workload::Statement &statement : load.statements)
        load.weight += statement.weight;
}

} // namespace

Result<workload::Workload> readWish(pg::Connection &connection, const AdviceWish &wish)
{
    workload::Workload load;
    if (wish.source == WorkloadSource::Kept) {
        auto kept = workload::keptWorkload(connection);
        if (!kept)
            return kept;
        load = std::move(*kept);
    } else if (wish.source == WorkloadSource::Statements) {
        load = workload::readWorkload(wish.text);
    } else {
        QFile file(wish.file);
        if (!file.open(QIODevice::ReadOnly))
            return fail(ErrorKind::Io, "\"" + wish.file.toStdString() + "\" cannot be read: " + file.errorString().toStdString());
        load = workload::readWorkload(file.readAll().toStdString());
    }
    if (!wish.relation.isEmpty())
        keepNaming(load, wish.schema.toStdString(), wish.relation.toStdString());
    return load;
}

Result<Advised> adviseOn(pg::Connection &connection, const AdviceWish &wish, const StopFlag &stop, const std::function<void(SoFar)> &tell)
{
    auto load = readWish(connection, wish);
    if (!load)
        return tl::unexpected(load.error());
    auto told = std::chrono::steady_clock::now() - telling_pause;
    std::string step;
    const auto progress = [&](const index::AdviseProgress &now) {
        if (step != now.step || std::chrono::steady_clock::now() - told > telling_pause) {
            step = now.step;
            told = std::chrono::steady_clock::now();
            tell({now.step, now.cost, now.cost_before, now.best_bytes, now.calls, now.best == nullptr ? std::vector<std::string>() : *now.best});
        }
        return !stop->load();
    };
    auto advice = index::advise(connection, *load, wish.options, progress);
    if (!advice)
        return tl::unexpected(advice.error());
    return Advised{std::make_shared<const workload::Workload>(std::move(*load)), std::make_shared<const index::Advice>(std::move(*advice))};
}

Result<Advised> priceOn(pg::Connection &connection, const Advised &base, index::AdviseOptions options, const std::vector<std::string> &ddl)
{
    options.measure = false;
    options.only = std::set<std::string>(ddl.begin(), ddl.end());
    // Nothing is a choice, too; an empty list would be none.
    if (options.only.empty())
        options.only.insert("");
    auto advice = index::advise(connection, *base.load, options);
    if (!advice)
        return tl::unexpected(advice.error());
    return Advised{base.load, std::make_shared<const index::Advice>(std::move(*advice))};
}

} // namespace howdah::index_tool
