// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/replication/compare_table.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <thread>

#include "core/base/human.h"
#include "core/replication/ask.h"
#include "core/replication/replicated_tables.h"
#include "core/sql/quote.h"

namespace howdah::replication {

namespace {

using Clock = std::chrono::steady_clock;
using sql::quoteIdentifier;

constexpr std::size_t most_differing = 10'000; ///< rows of a table that are followed one by one
constexpr std::size_t keys_a_look = 500;
constexpr auto between_looks = std::chrono::milliseconds(150);
constexpr int steady_enough = 12;              ///< both sides at rest for so many looks and not alike: nothing is on its way

/// A key as its columns' texts.
using Key = std::vector<std::string>;

struct Chunk {
    std::int64_t rows = 0;
    std::string hash;
    std::optional<Key> last;
};

class TableRun
{
public:
    TableRun(pg::Connection &a, pg::Connection &b, const CompareOptions &options, const PublishedChoice &choice, const TableFacts &ours,
             const TableFacts &theirs, const std::function<void(const TableComparison &)> &progress)
        : a_(a), b_(b), options_(options), choice_(choice), ours_(ours), theirs_(theirs), progress_(progress) {}
    TableComparison run();

private:
    enum class Verdict : std::uint8_t { Open, Same, Different };
    /// What both sides have shown for a row that differed.
    struct Suspect {
        std::vector<std::pair<std::string, Clock::time_point>> seen_a; ///< each change of its hash; "" for absent
        std::string b;
        int looks = 0, steady = 0;       ///< all, and those in a row in which neither side changed
        bool b_moved = false;
        Verdict verdict = Verdict::Open;
    };

    Result<void> prepare();
    Result<void> count();
    Result<void> compareByKey();
    Result<void> compareAsHeap();
    Result<void> settle();
    Result<void> suspectsOf(const std::optional<Key> &from, const std::optional<Key> &to);
    Result<Chunk> chunk(pg::Connection &server, const std::optional<Key> &from, const std::optional<Key> &to, bool bounded);
    Result<std::map<Key, std::string>> hashes(pg::Connection &server, const std::optional<Key> &from, const std::optional<Key> &to);
    Result<std::map<Key, std::string>> hashesOf(pg::Connection &server, const std::vector<Key> &keys);
    Result<void> look(const std::vector<Key> &keys, bool burst);
    static void see(Suspect &suspect, const std::string &a);
    static void judge(Suspect &suspect, const std::string &b);
    [[nodiscard]] bool keyOrdersAlike();
    [[nodiscard]] std::string keyList(const char *prefix = "") const;
    [[nodiscard]] std::string range(const std::optional<Key> &from, const std::optional<Key> &to, std::vector<pg::Parameter> &parameters) const;
    [[nodiscard]] std::string source(pg::Connection &server, const std::string &where) const;
    [[nodiscard]] std::string words(const Key &key) const;
    void tell() const
    {
        if (progress_)
            progress_(result_);
    }

    pg::Connection &a_, &b_;
    const CompareOptions &options_;
    const PublishedChoice &choice_;
    const TableFacts &ours_, &theirs_;
    const std::function<void(const TableComparison &)> &progress_;
    TableComparison result_;
    std::string row_;                    ///< md5 of the row's text
    std::vector<std::string> key_types_;
    std::map<Key, Suspect> suspects_;
    bool too_many_ = false;
};

std::string TableRun::keyList(const char *prefix) const
{
    std::string list;
    for (const std::string &column : ours_.key)
        list += (list.empty() ? "" : ", ") + std::string(prefix) + quoteIdentifier(column);
    return list;
}

std::string TableRun::words(const Key &key) const
{
    std::string text;
    for (std::size_t i = 0; i < key.size(); ++i)
        text += (text.empty() ? "" : ", ") + (i < ours_.key.size() ? ours_.key[i] + "=" : std::string()) + key[i];
    return text;
}

/// The row filter holds for the publisher; the subscriber has only what passed it.
std::string TableRun::source(pg::Connection &server, const std::string &where) const
{
    std::string condition = &server == &a_ && !choice_.where.empty() ? "(" + choice_.where + ")" : std::string();
    if (!where.empty())
        condition += (condition.empty() ? "" : " AND ") + where;
    return ours_.sql() + (condition.empty() ? "" : " WHERE " + condition);
}

std::string TableRun::range(const std::optional<Key> &from, const std::optional<Key> &to, std::vector<pg::Parameter> &parameters) const
{
    std::string text;
    const auto bound = [&](const std::optional<Key> &key, const char *comparison) {
        if (!key)
            return;
        std::string values;
        for (std::size_t i = 0; i < key->size(); ++i) {
            parameters.emplace_back((*key)[i]);
            values += (values.empty() ? "" : ", ") + ("$" + std::to_string(parameters.size()) + "::" + key_types_[i]);
        }
        text += (text.empty() ? "" : " AND ") + ("(" + keyList() + ") " + comparison + " (" + values + ")");
    };
    bound(from, ">");
    bound(to, "<=");
    return text;
}

/// Columns that both sides are to have alike, and the row as one text.
Result<void> TableRun::prepare()
{
    std::set<std::string> listed;
    if (!choice_.columns.empty()) {
        std::string name;
        bool quoted = false;
        for (const char c : choice_.columns + ",") {
            if (c == '"')
                quoted = !quoted;
            else if (c == ',' && !quoted)
                listed.insert(std::exchange(name, {}));
            else if (c != ' ' || quoted)
                name += c;
        }
    }
    std::string columns;
    for (const ColumnFacts &column : ours_.columns) {
        if (column.generated || (!listed.empty() && !listed.contains(column.name)))
            continue;
        if (theirs_.column(column.name) == nullptr)
            return fail(ErrorKind::Unsupported, "The column " + column.name + " is missing on the other side");
        columns += (columns.empty() ? "" : ", ") + quoteIdentifier(column.name);
    }
    row_ = "md5(ROW(" + columns + ")::text)";
    for (const std::string &key : ours_.key) {
        const ColumnFacts *other = theirs_.column(key);
        if (other == nullptr || (!listed.empty() && !listed.contains(key)))
            return fail(ErrorKind::Unsupported, "The key column " + key + " is missing on the other side");
        key_types_.push_back(ours_.column(key)->type);
    }
    return {};
}

Result<void> TableRun::count()
{
    const auto a = askText(a_, "SELECT count(*) FROM " + source(a_, {})), b = askText(b_, "SELECT count(*) FROM " + source(b_, {}));
    if (!a || !b)
        return tl::unexpected(a ? b.error() : a.error());
    result_.rows_a = std::atoll(a->c_str());
    result_.rows_b = std::atoll(b->c_str());
    return {};
}

/// Whether both servers sort the key alike, so that a range is the same rows on both.
bool TableRun::keyOrdersAlike()
{
    const char *const query = "SELECT string_agg(CASE WHEN a.attcollation = 0 THEN '' ELSE COALESCE(NULLIF(c.collcollate, ''), d.datcollate) END || '/' || "
                              "CASE WHEN a.attcollation = 0 THEN '' ELSE c.collname END, ',' ORDER BY a.attname) FROM pg_attribute a "
                              "LEFT JOIN pg_collation c ON c.oid = a.attcollation JOIN pg_database d ON d.datname = current_database() "
                              "WHERE a.attrelid = to_regclass($1) AND a.attname = ANY ($2::text[])";
    const auto a = askText(a_, query, {ours_.sql(), arrayOf(ours_.key)}), b = askText(b_, query, {ours_.sql(), arrayOf(ours_.key)});
    if (!a || !b || *a != *b)
        return false;
    // One name on two majors may be two versions of the C library's or ICU's rules; plain bytes are always the same.
    const bool has_text = a->find_first_not_of("/,") != std::string::npos;
    return !has_text || a_.facts().major() == b_.facts().major() || *a == "C/C" || *a == "C.UTF-8/default" || *a == "C/default";
}

Result<Chunk> TableRun::chunk(pg::Connection &server, const std::optional<Key> &from, const std::optional<Key> &to, bool bounded)
{
    std::vector<pg::Parameter> parameters;
    const std::string where = range(from, to, parameters);
    std::string last;
    for (const std::string &column : ours_.key)
        last += ", (array_agg(x." + quoteIdentifier(column) + "::text ORDER BY x.n DESC))[1] AS " + quoteIdentifier("last_" + column);
    const std::string inner = "SELECT " + keyList() + ", " + row_ + " AS howdah_hash, row_number() OVER (ORDER BY " + keyList() + ") AS n FROM " +
                              source(server, where) + " ORDER BY " + keyList() + (bounded ? " LIMIT " + std::to_string(options_.chunk_rows) : "");
    const auto rows = ask(server, "SELECT count(*) AS rows, md5(string_agg(x.howdah_hash, '' ORDER BY x.n)) AS hash" + last + " FROM (" + inner + ") x", parameters);
    if (!rows)
        return tl::unexpected(rows.error());
    Chunk chunk;
    chunk.rows = rows->integer(0, "rows");
    chunk.hash = rows->string(0, "hash");
    if (chunk.rows > 0) {
        chunk.last.emplace();
        for (const std::string &column : ours_.key)
            chunk.last->push_back(rows->string(0, "last_" + column));
    }
    return chunk;
}

Result<std::map<Key, std::string>> TableRun::hashes(pg::Connection &server, const std::optional<Key> &from, const std::optional<Key> &to)
{
    std::vector<pg::Parameter> parameters;
    const std::string where = range(from, to, parameters);
    const auto outcome = server.query("SELECT " + keyList() + ", " + row_ + " FROM " + source(server, where) + " ORDER BY " + keyList() +
                                          " LIMIT " + std::to_string(options_.chunk_rows * 20),
                                      parameters);
    if (!outcome)
        return tl::unexpected(outcome.error());
    std::map<Key, std::string> all;
    const std::size_t columns = ours_.key.size();
    for (std::int64_t row = 0; row < outcome->result->rowCount(); ++row) {
        Key key;
        for (std::size_t column = 0; column < columns; ++column)
            key.emplace_back(outcome->result->cell(row, column).text);
        all.emplace(std::move(key), outcome->result->cell(row, columns).text);
    }
    return all;
}

Result<std::map<Key, std::string>> TableRun::hashesOf(pg::Connection &server, const std::vector<Key> &keys)
{
    std::vector<pg::Parameter> parameters;
    std::string arrays, list;
    for (std::size_t column = 0; column < ours_.key.size(); ++column) {
        std::vector<std::string> values;
        for (const Key &key : keys)
            values.push_back(key[column]);
        parameters.emplace_back(arrayOf(values));
        arrays += (arrays.empty() ? "" : ", ") + ("$" + std::to_string(column + 1) + "::text[]");
        list += (list.empty() ? "" : ", ") + ("k.c" + std::to_string(column) + "::" + key_types_[column]);
    }
    std::string names;
    for (std::size_t column = 0; column < ours_.key.size(); ++column)
        names += (names.empty() ? "c" : ", c") + std::to_string(column);
    const auto outcome = server.query("SELECT " + keyList() + ", " + row_ + " FROM " +
                                          source(server, "(" + keyList() + ") IN (SELECT " + list + " FROM unnest(" + arrays + ") k(" + names + "))"),
                                      parameters);
    if (!outcome)
        return tl::unexpected(outcome.error());
    std::map<Key, std::string> all;
    for (std::int64_t row = 0; row < outcome->result->rowCount(); ++row) {
        Key key;
        for (std::size_t column = 0; column < ours_.key.size(); ++column)
            key.emplace_back(outcome->result->cell(row, column).text);
        all.emplace(std::move(key), outcome->result->cell(row, ours_.key.size()).text);
    }
    return all;
}

Result<void> TableRun::suspectsOf(const std::optional<Key> &from, const std::optional<Key> &to)
{
    const auto a = hashes(a_, from, to);
    if (!a)
        return tl::unexpected(a.error());
    const auto b = hashes(b_, from, to);
    if (!b)
        return tl::unexpected(b.error());
    const auto suspect = [&](const Key &key, const std::string &in_a, const std::string &in_b) {
        if (suspects_.size() >= most_differing)
            too_many_ = true;
        else
            suspects_[key] = {{{in_a, Clock::now()}}, in_b, 0, 0, false, Verdict::Open};
    };
    for (const auto &[key, hash] : *a) {
        const auto other = b->find(key);
        if (other == b->end() || other->second != hash)
            suspect(key, hash, other == b->end() ? std::string() : other->second);
    }
    for (const auto &[key, hash] : *b) {
        if (!a->contains(key))
            suspect(key, {}, hash);
    }
    return {};
}

Result<void> TableRun::compareByKey()
{
    std::optional<Key> from;
    result_.rows_a = result_.rows_b = 0;
    std::string chain_a, chain_b;
    for (;;) {
        if (a_.canceller().requested())
            return fail(ErrorKind::Cancelled, "Cancelled");
        const auto a = chunk(a_, from, {}, true);
        if (!a)
            return tl::unexpected(a.error());
        const bool at_end = a->rows < options_.chunk_rows;
        // The last range has no end, so that what b has beyond it is seen.
        const std::optional<Key> to = at_end ? std::nullopt : a->last;
        const auto b = chunk(b_, from, to, false);
        if (!b)
            return tl::unexpected(b.error());
        result_.rows_a += a->rows;
        result_.rows_b += b->rows;
        ++result_.chunks;
        if (a->hash != b->hash) {
            ++result_.chunks_differing;
            if (auto looked = suspectsOf(from, to); !looked)
                return looked;
        }
        chain_a += a->hash;
        chain_b += b->hash;
        tell();
        if (at_end)
            break;
        from = a->last;
    }
    // One figure for the whole: the hash over the chunks' hashes, made where md5 is at hand.
    const auto hash_a = askText(a_, "SELECT md5($1)", {chain_a}), hash_b = askText(a_, "SELECT md5($1)", {chain_b});
    if (hash_a && hash_b) {
        result_.hash_a = *hash_a;
        result_.hash_b = *hash_b;
    }
    return settle();
}

void TableRun::see(Suspect &suspect, const std::string &a)
{
    if (suspect.seen_a.back().first == a)
        return;
    suspect.seen_a.emplace_back(a, Clock::now());
    suspect.steady = 0;
}

/// b is right about a row when it shows what a showed a moment ago: replication only ever brings what a had. Longer ago
/// does not count: then a change was lost on the way.
void TableRun::judge(Suspect &suspect, const std::string &b)
{
    ++suspect.looks;
    const bool moved = b != suspect.b;
    suspect.steady = moved ? 0 : suspect.steady + 1;
    suspect.b_moved = suspect.b_moved || moved;
    suspect.b = b;
    const auto recent = Clock::now() - std::chrono::seconds(3);
    std::erase_if(suspect.seen_a, [&](const auto &seen) { return seen.second < recent && &seen != &suspect.seen_a.back(); });
    const bool shown = std::any_of(suspect.seen_a.begin(), suspect.seen_a.end(), [&b](const auto &seen) { return seen.first == b; });
    if (b == suspect.seen_a.back().first || (shown && moved))
        suspect.verdict = Verdict::Same;
    else if (suspect.steady >= steady_enough)
        suspect.verdict = Verdict::Different;
}

/// A row that changes hundreds of times a second is looked at in a burst, so that the state that b shows, some
/// milliseconds old, is among those seen.
Result<void> TableRun::look(const std::vector<Key> &keys, bool burst)
{
    const auto seeA = [&]() -> Result<void> {
        const auto hashes = hashesOf(a_, keys);
        if (!hashes)
            return tl::unexpected(hashes.error());
        for (const Key &key : keys) {
            const auto found = hashes->find(key);
            see(suspects_[key], found == hashes->end() ? std::string() : found->second);
        }
        return {};
    };
    const auto until = Clock::now() + std::chrono::milliseconds(burst ? 60 : 0);
    do {
        if (auto seen = seeA(); !seen)
            return seen;
    } while (Clock::now() < until);
    const auto b = hashesOf(b_, keys);
    if (!b)
        return tl::unexpected(b.error());
    if (auto seen = seeA(); !seen)
        return seen;
    for (const Key &key : keys) {
        const auto found = b->find(key);
        judge(suspects_[key], found == b->end() ? std::string() : found->second);
    }
    return {};
}

Result<void> TableRun::settle()
{
    const auto give_up = Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(options_.settle_ms));
    for (int round = 0;; ++round) {
        std::vector<Key> open;
        for (const auto &[key, suspect] : suspects_) {
            if (suspect.verdict == Verdict::Open)
                open.push_back(key);
        }
        if (open.empty() || Clock::now() > give_up)
            break;
        if (a_.canceller().requested())
            return fail(ErrorKind::Cancelled, "Cancelled");
        for (std::size_t begin = 0; begin < open.size(); begin += keys_a_look) {
            const std::size_t end = std::min(begin + keys_a_look, open.size());
            const std::vector<Key> some(open.begin() + static_cast<std::ptrdiff_t>(begin), open.begin() + static_cast<std::ptrdiff_t>(end));
            if (auto looked = look(some, round >= 2 && open.size() <= keys_a_look); !looked)
                return looked;
        }
        std::this_thread::sleep_for(between_looks);
    }
    for (const auto &[key, suspect] : suspects_) {
        if (suspect.verdict == Verdict::Same)
            continue;
        const std::string &a = suspect.seen_a.back().first;
        // One side goes on and the other stands still: what is written does not arrive.
        const bool certain = suspect.verdict == Verdict::Different || (!suspect.b_moved && suspect.looks >= steady_enough);
        (certain ? result_.different_rows : result_.unsettled_rows) += 1;
        if (certain && result_.examples.size() < options_.max_examples)
            result_.examples.push_back({suspect.b.empty() ? "missing" : a.empty() ? "extra" : "changed", words(key)});
    }
    if (result_.chunks_differing > 0 && result_.different_rows == 0 && !too_many_) {
        result_.message = std::to_string(suspects_.size()) + " rows differed at first sight, while they were being written, and " +
                          (result_.unsettled_rows == 0 ? std::string("agree.") : std::to_string(result_.unsettled_rows) + " of them change too fast to be judged.");
        // Hashes of two moments are no figure of the table.
        result_.hash_a.clear();
        result_.hash_b.clear();
    }
    return {};
}

/// Without a key that both sort alike the rows are a heap: their hashes, sorted, as one.
Result<void> TableRun::compareAsHeap()
{
    const auto heap = [&](pg::Connection &server) {
        return ask(server, "SELECT count(*) AS rows, md5(string_agg(x.h, '' ORDER BY x.h COLLATE \"C\")) AS hash FROM (SELECT " + row_ + " AS h FROM " + source(server, {}) + ") x");
    };
    const auto give_up = Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(options_.settle_ms));
    std::string before;
    for (int steady = 0;;) {
        const auto a = heap(a_), b = heap(b_);
        if (!a || !b)
            return tl::unexpected(a ? b.error() : a.error());
        ++result_.chunks;
        result_.rows_a = a->integer(0, "rows");
        result_.rows_b = b->integer(0, "rows");
        result_.hash_a = a->string(0, "hash");
        result_.hash_b = b->string(0, "hash");
        if (result_.hash_a == result_.hash_b)
            return {};
        ++result_.chunks_differing;
        const std::string now = result_.hash_a + result_.hash_b;
        steady = now == before ? steady + 1 : 0;
        before = now;
        if (steady >= 8) {
            result_.different_rows = std::max<std::int64_t>(1, std::abs(result_.rows_a - result_.rows_b));
            result_.message = "The table has no key that both sides sort alike, so which rows differ is not told.";
            return {};
        }
        if (Clock::now() > give_up) {
            result_.unsettled_rows = 1;
            return {};
        }
        std::this_thread::sleep_for(between_looks * 2);
    }
}

TableComparison TableRun::run()
{
    const auto begin = Clock::now();
    result_.table = ours_.exists ? ours_.sql() : theirs_.sql();
    const auto end = [&](const char *state) {
        result_.state = state;
        result_.duration_ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
        return result_;
    };
    if (!ours_.exists || !theirs_.exists) {
        result_.message = ours_.exists ? "It is not there on the other side." : "It is only there on the other side.";
        return end("missing");
    }
    auto done = prepare();
    const bool large = ours_.rows > options_.max_rows;
    if (done && large) {
        done = count();
        result_.message = "About " + human::count(ours_.rows) + " rows are more than the limit of " + human::count(options_.max_rows) + ": counted only.";
    } else if (done) {
        done = !ours_.key.empty() && keyOrdersAlike() ? compareByKey() : compareAsHeap();
    }
    if (!done) {
        result_.message = done.error().text();
        return end("failed");
    }
    if (large)
        return end("counted");
    if (too_many_)
        result_.message = "More than " + human::count(static_cast<std::int64_t>(most_differing)) + " rows differ.";
    return end(result_.different_rows > 0 || too_many_ ? "different" : result_.unsettled_rows > 0 ? "unsettled" : "same");
}

} // namespace

TableComparison compareTable(pg::Connection &a, pg::Connection &b, const CompareOptions &options, const PublishedChoice &choice, const TableFacts &ours,
                             const TableFacts &theirs, const std::function<void(const TableComparison &)> &progress)
{
    return TableRun(a, b, options, choice, ours, theirs, progress).run();
}

} // namespace howdah::replication
