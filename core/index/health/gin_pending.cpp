// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>

#include "core/base/human.h"
#include "core/index/health/rule.h"
#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

constexpr std::int64_t least_pages = 32, many_pages = 256;
constexpr double notable_share = 0.05;

/// gin_pending_list_limit of the index, or of the server.
std::int64_t limitBytes(const Facts &facts, const IndexFacts &index)
{
    const std::size_t at = index.options.find("gin_pending_list_limit=");
    const std::int64_t own = at == std::string::npos ? 0 : std::strtoll(index.options.c_str() + at + 23, nullptr, 10);
    return (own > 0 ? own : facts.pending_list_limit_kb) * 1024;
}

} // namespace

void ruleGinPending(RuleInput &in, std::vector<Draft> &out)
{
    const Facts &facts = in.facts;
    for (const auto &[oid, measured] : facts.measured) {
        const IndexFacts *index = facts.index(oid);
        if (index == nullptr || !measured.pending_pages || *measured.pending_pages < least_pages)
            continue;
        const std::int64_t pending = *measured.pending_pages;
        const double share = static_cast<double>(pending) / static_cast<double>(std::max<std::int64_t>(index->pages, 1));
        if (pending < many_pages && share < notable_share)
            continue;
        Draft draft = draftOf(in, "gin-pending-list", pending >= many_pages ? Severity::Warning : Severity::Info, *index);
        Finding &finding = draft.finding;
        finding.message = "Every search of " + index->name + " reads its pending list too: " + countText(pending) + " pages with " +
                          countText(measured.pending_tuples) + " entries, in no order";
        finding.why = "With fastupdate new entries are kept in a list until it passes gin_pending_list_limit (" + human::bytes(limitBytes(facts, *index)) +
                      " here) or a vacuum comes; whoever writes then pays for all of it. Moving them now takes that away; a smaller limit or "
                      "fastupdate = off keeps it away, at a price for each write.";
        finding.evidence = {{"pending_pages", pending}, {"pending_tuples", measured.pending_tuples}, {"limit_bytes", limitBytes(facts, *index)},
                            {"index_pages", index->pages}, {"scans", index->scans}};
        Mend mend;
        mend.step = stepOf("Empty the pending list of " + index->name,
                           "SELECT gin_clean_pending_list(" + sql::quoteLiteral(qualified(*index)) + "::regclass)", "ROW EXCLUSIVE", true);
        mend.step.check_before = "SELECT to_regclass(" + sql::quoteLiteral(qualified(*index)) + ") IS NOT NULL";
        mend.step.no_undo_reason = "The entries are the same, in their places; there is nothing to go back to.";
        mend.step.note = "Writes to the table go on; it reads and writes the index.";
        draft.mends.push_back(std::move(mend));
        out.push_back(std::move(draft));
    }
}

} // namespace howdah::index_health
