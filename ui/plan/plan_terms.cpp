// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plan/plan_terms.h"

#include <algorithm>
#include <string_view>

namespace howdah::ui {

namespace {

struct Term {
    std::string_view name;
    const char *text;
};

// Texts are marked here and translated where they are asked for.
#define TERM(text) QT_TRANSLATE_NOOP("howdah::ui::PlanTerms", text)

constexpr Term nodes[] = {
    {"Seq Scan", TERM("Reads the whole table from beginning to end and keeps the rows that pass the filter. Right for small "
                      "tables or when most rows are wanted.")},
    {"Index Scan", TERM("Finds row positions in an index and fetches each row from the table; rows come in the index's order.")},
    {"Index Only Scan", TERM("Answers from the index alone. Pages that are not marked all-visible still need a look at the "
                             "table: the heap fetches. VACUUM marks them.")},
    {"Bitmap Heap Scan", TERM("Visits the table's pages that a bitmap names, in their order on disk, each once.")},
    {"Bitmap Index Scan", TERM("Collects positions of matching rows from an index into a bitmap, for a Bitmap Heap Scan.")},
    {"BitmapAnd", TERM("Keeps positions that all of the bitmaps below have in common.")},
    {"BitmapOr", TERM("Joins the bitmaps below: positions that any of them has.")},
    {"Tid Scan", TERM("Fetches rows by their physical position (ctid).")},
    {"Tid Range Scan", TERM("Reads a range of the table's pages by physical position (ctid).")},
    {"Sample Scan", TERM("Reads a part of the table, as TABLESAMPLE asks.")},
    {"Nested Loop", TERM("For every row of its first input it runs the second one again. Good with few outer rows and a fast "
                         "inner lookup, costly when the outer rows are underestimated.")},
    {"Hash Join", TERM("Loads its second input into a hash table, then looks up every row of the first.")},
    {"Merge Join", TERM("Walks two inputs in the order of the join key, side by side.")},
    {"Hash", TERM("Builds the hash table of a join. More than one batch means it did not fit into work_mem × hash_mem_multiplier "
                  "and went to disk.")},
    {"Sort", TERM("Sorts all of its input before it gives the first row. What does not fit into work_mem goes to disk.")},
    {"Incremental Sort", TERM("Its input is sorted by a part of the keys already; it sorts one group of equal keys after the other.")},
    {"Aggregate", TERM("Computes aggregates: plain over all rows, sorted over rows that come grouped, or hashed in a table of groups.")},
    {"Group", TERM("Makes one row of every run of equal rows in sorted input.")},
    {"Unique", TERM("Drops repeated rows of sorted input.")},
    {"WindowAgg", TERM("Computes window functions over input sorted by their partitions.")},
    {"Limit", TERM("Stops its input as soon as enough rows came, after skipping those of OFFSET.")},
    {"Materialize", TERM("Keeps its input in memory, or on disk beyond work_mem, so that it can be read again cheaply.")},
    {"Memoize", TERM("Remembers results of its input by the parameters, so that repeated lookups need not run again.")},
    {"Gather", TERM("Starts worker processes that run what is below, and collects their rows in any order.")},
    {"Gather Merge", TERM("Starts worker processes that run what is below, and merges their rows, keeping the order.")},
    {"Append", TERM("Gives the rows of its inputs one after the other: UNION ALL and partitions.")},
    {"Merge Append", TERM("Merges sorted inputs into one sorted output.")},
    {"Recursive Union", TERM("Runs the recursive part of WITH RECURSIVE again until it gives no new rows.")},
    {"CTE Scan", TERM("Reads the result of a WITH query, which is computed once and kept.")},
    {"WorkTable Scan", TERM("Reads the rows that the previous round of a recursive query gave.")},
    {"Subquery Scan", TERM("Passes on the rows of a subquery that could not be merged into the query around it.")},
    {"Function Scan", TERM("Calls a function that returns a set of rows. The planner only guesses how many.")},
    {"Table Function Scan", TERM("Makes rows of XMLTABLE or JSON_TABLE.")},
    {"Values Scan", TERM("Gives the rows of a VALUES list.")},
    {"Named Tuplestore Scan", TERM("Reads a trigger's transition table.")},
    {"Foreign Scan", TERM("Asks another server or source through its foreign data wrapper. Conditions that cannot be sent there are "
                          "checked here.")},
    {"Custom Scan", TERM("A kind of node that an extension brings.")},
    {"Result", TERM("Computes values without reading a table, or checks a condition once before anything else runs.")},
    {"ProjectSet", TERM("Calls functions that return sets in the select list.")},
    {"SetOp", TERM("INTERSECT or EXCEPT over its input.")},
    {"LockRows", TERM("Locks every row for SELECT … FOR UPDATE or FOR SHARE.")},
    {"ModifyTable", TERM("Inserts, updates, deletes or merges rows; the time of BEFORE triggers is in it, that of AFTER triggers is not.")},
};

constexpr Term terms[] = {
    {"Actual Loops", TERM("How often the node ran. EXPLAIN prints times and rows as averages per loop; multiplied they are the whole.")},
    {"Loops", TERM("How often the node ran. EXPLAIN prints times and rows as averages per loop; multiplied they are the whole.")},
    {"Alone", TERM("Wall time in this node itself, without what is below it; parallel processes counted as waited for, not summed.")},
    {"Share", TERM("The node's own part of the execution time, or of the cost when nothing was executed.")},
    {"With below", TERM("Wall time of the node with everything below it.")},
    {"Rows", TERM("Rows that came out of the node, over all loops.")},
    {"Estimate", TERM("Actual rows against those expected, per loop. The planner chose by what it expected.")},
    {"Cost", TERM("What the planner expected, in units of a sequential page read; not milliseconds.")},
    {"Hit", TERM("Blocks (8 kB) found in shared or local buffers, by this node alone.")},
    {"Read", TERM("Blocks (8 kB) that had to be read from outside the buffers, by this node alone; the system's cache may have had them.")},
    {"Temp", TERM("Blocks of temporary files read and written: what did not fit into work_mem.")},
    {"I/O", TERM("Time spent waiting for reads and writes (track_io_timing), with what is below; summed over processes.")},
    {"Rows Removed by Filter", TERM("Rows that were read and then thrown away by the filter. Many of them call for an index or an earlier filter.")},
    {"Rows Removed by Join Filter", TERM("Pairs that were joined and then thrown away by a condition.")},
    {"Rows Removed by Index Recheck", TERM("Rows that the index or a lossy bitmap let through and the table's row did not confirm.")},
    {"Heap Fetches", TERM("Rows for which an index-only scan had to look into the table, since the page was not marked all-visible. VACUUM helps.")},
    {"Exact Heap Blocks", TERM("Pages for which the bitmap knew the single rows.")},
    {"Lossy Heap Blocks", TERM("Pages for which the bitmap only knew that some row matches, for want of work_mem: all rows there were checked again.")},
    {"Sort Method", TERM("quicksort is in memory, top-N heapsort keeps the first few, external merge used the disk.")},
    {"Sort Space Used", TERM("Memory or disk that the sort took.")},
    {"Hash Batches", TERM("Parts the hash table was cut into. One is all in memory; more went to disk.")},
    {"Hash Buckets", TERM("Slots of the hash table.")},
    {"Original Hash Batches", TERM("Batches that were planned; more were needed when rows were underestimated.")},
    {"Peak Memory Usage", TERM("The most memory that the node took.")},
    {"Disk Usage", TERM("Temporary files that the node wrote, for want of work_mem.")},
    {"Workers Planned", TERM("Worker processes that the planner asked for.")},
    {"Workers Launched", TERM("Worker processes that could be started; fewer when max_parallel_workers were busy.")},
    {"Index Cond", TERM("The condition that the index itself answers.")},
    {"Filter", TERM("A condition checked on every row after it was read.")},
    {"Recheck Cond", TERM("The index's condition, checked again where the bitmap is lossy or the index inexact.")},
    {"Join Filter", TERM("A condition of the join that is checked on every pair.")},
    {"Hash Cond", TERM("The equality that the hash table is looked up by.")},
    {"Merge Cond", TERM("The equality that the sorted inputs are matched by.")},
    {"One-Time Filter", TERM("A condition without columns, checked once: false, and nothing below runs.")},
    {"Cache Hits", TERM("Lookups that Memoize could answer from its memory.")},
    {"Cache Misses", TERM("Lookups for which the input had to run.")},
    {"Cache Evictions", TERM("Results that were dropped from the memory to make room; they may have to be computed again.")},
    {"Cache Overflows", TERM("Results too large for the memory at once.")},
    {"Subplans Removed", TERM("Partitions that were left out at the start of execution.")},
    {"Inner Unique", TERM("The inner side has at most one match, so the search for more stops at the first.")},
    {"Presorted Key", TERM("Keys by which the input came sorted already.")},
    {"Full-sort Groups", TERM("Groups of rows sorted by all keys at once.")},
    {"Index Searches", TERM("How often the index was descended into from its root.")},
    {"Run Condition", TERM("Lets a window function stop as soon as the outer filter can no longer be true.")},
    {"Single Copy", TERM("The plan below runs in one process only.")},
    {"Conflict Resolution", TERM("What INSERT … ON CONFLICT does with a row that is there already.")},
};

#undef TERM

template <std::size_t Count>
const char *find(const Term (&table)[Count], std::string_view name)
{
    const auto *found = std::find_if(std::begin(table), std::end(table), [name](const Term &each) { return each.name == name; });
    return found == std::end(table) ? nullptr : found->text;
}

} // namespace

QString PlanTerms::node(const plan::Node &node)
{
    const char *text = find(nodes, node.node_type);
    return text == nullptr ? QString() : tr(text);
}

QString PlanTerms::term(const QString &name)
{
    const std::string wanted = name.toStdString();
    const char *text = find(terms, wanted);
    return text == nullptr ? QString() : tr(text);
}

} // namespace howdah::ui
