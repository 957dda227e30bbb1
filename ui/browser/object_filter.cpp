// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_filter.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>

#include <QRegularExpression>

#include "ui/base/bridge.h"

namespace howdah::ui {

namespace {

constexpr std::uint32_t no_owner = 0xffffffff;
constexpr std::size_t most_words = 16;

std::string folded(std::string_view text)
{
    if (std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
        std::string lower(text);
        for (char &c : lower) {
            if (c >= 'A' && c <= 'Z')
                c = static_cast<char>(c - 'A' + 'a');
        }
        return lower;
    }
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toCaseFolded().toStdString();
}

/// 0: the name itself; 1: begins with it; 2: a part between underscores begins with it; 3: elsewhere.
std::uint32_t closeness(std::string_view name, std::string_view word, std::size_t at)
{
    if (at == 0)
        return name.size() == word.size() ? 0 : 1;
    return name[at - 1] == '_' ? 2 : 3;
}

std::uint32_t kindRank(NodeKind kind)
{
    switch (kind) {
    case NodeKind::Schema:
    case NodeKind::Relation: return 0;
    case NodeKind::Function: return 1;
    case NodeKind::Column: return 2;
    default: return 3;
    }
}

struct Scored {
    std::uint64_t score;
    ObjectMatch match;
};

} // namespace

/// All names in lower case, one behind the other.
struct ObjectFilter::Names {
    struct Entry {
        ObjectMatch match;
        std::uint32_t owner = no_owner; ///< entry of the relation or schema it is in
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
    };
    std::vector<Entry> entries;
    std::string text;

    std::uint32_t add(NodeKind kind, std::size_t index, std::size_t item, std::uint32_t owner, std::string_view name)
    {
        const std::string lower = folded(name);
        entries.push_back({{kind, static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(item)}, owner,
                           static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(lower.size())});
        text += lower;
        return static_cast<std::uint32_t>(entries.size() - 1);
    }
    [[nodiscard]] std::string_view name(const Entry &entry) const
    {
        return std::string_view(text).substr(entry.begin, entry.size);
    }
};

/// What the worker keeps between searches.
struct ObjectFilter::Shared {
    std::atomic<int> current{0};
    std::shared_ptr<const CatalogOutline> outline; ///< of `names`; touched by the worker alone, as `names`
    std::shared_ptr<const Names> names;
};

ObjectFilter::ObjectFilter(QObject *parent) : QObject(parent), shared_(std::make_shared<Shared>())
{
    pool_.setMaxThreadCount(1);
}

ObjectFilter::~ObjectFilter()
{
    ++shared_->current;
    pool_.clear();
    pool_.waitForDone();
}

void ObjectFilter::setOutline(std::shared_ptr<const CatalogOutline> outline)
{
    ++shared_->current;
    outline_ = std::move(outline);
    if (!outline_)
        pool_.start([shared = shared_] {
            shared->outline.reset();
            shared->names.reset();
        });
}

QStringList ObjectFilter::wordsOf(const QString &text)
{
    static const QRegularExpression between(QStringLiteral("[\\s.]+"));
    return text.toCaseFolded().split(between, Qt::SkipEmptyParts).mid(0, most_words);
}

void ObjectFilter::clear()
{
    ++shared_->current;
}

void ObjectFilter::search(const QString &text)
{
    const int mine = ++shared_->current;
    const QStringList words = wordsOf(text);
    if (!outline_ || words.isEmpty())
        return;
    const std::function<void(ObjectMatches)> answer = [this, mine](const ObjectMatches &matches) {
        if (shared_->current == mine)
            Q_EMIT found(matches);
    };
    const auto tell = onGui(this, answer);
    pool_.start([shared = shared_, outline = outline_, words, mine, tell] {
        const auto begin = std::chrono::steady_clock::now();
        if (shared->outline != outline) {
            const auto names = namesOf(*outline, shared->current, mine);
            if (!names)
                return;
            shared->outline = outline;
            shared->names = names;
        }
        ObjectMatches matches = match(*shared->names, words, shared->current, mine);
        if (shared->current != mine)
            return;
        matches.duration_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        tell(std::move(matches));
    });
}

std::shared_ptr<const ObjectFilter::Names> ObjectFilter::namesOf(const CatalogOutline &outline,
                                                                 const std::atomic<int> &current, int mine)
{
    const pg::Catalog &catalog = outline.catalog();
    auto names = std::make_shared<Names>();
    std::unordered_map<std::string_view, std::uint32_t> schemas;
    for (const SchemaOutline &schema : outline.schemas()) {
        const std::string &name = catalog.schemas[schema.schema].name;
        schemas.emplace(name, names->add(NodeKind::Schema, schema.schema, 0, no_owner, name));
    }
    for (std::size_t i = 0; i < catalog.relations.size(); ++i) {
        const pg::CatalogRelation &relation = catalog.relations[i];
        const auto schema = schemas.find(relation.schema);
        if (schema == schemas.end())
            continue;
        const std::uint32_t owner = names->add(NodeKind::Relation, i, 0, schema->second, relation.name);
        // A partition has its parent's columns: found once is enough.
        const std::size_t own_columns = outline.parent(relation) != nullptr ? 0 : relation.columns.size();
        for (std::size_t item = 0; item < own_columns; ++item)
            names->add(NodeKind::Column, i, item, owner, relation.columns[item].name);
        for (std::size_t item = 0; item < relation.indexes.size(); ++item)
            names->add(NodeKind::Index, i, item, owner, relation.indexes[item].name);
        if (i % 1024 == 0 && current != mine)
            return nullptr;
    }
    for (std::size_t i = 0; i < catalog.functions.size(); ++i) {
        if (const auto schema = schemas.find(catalog.functions[i].schema); schema != schemas.end())
            names->add(NodeKind::Function, i, 0, schema->second, catalog.functions[i].name);
    }
    return names;
}

ObjectMatches ObjectFilter::match(const Names &names, const QStringList &words, const std::atomic<int> &current, int mine)
{
    std::vector<std::string> wanted;
    for (const QString &word : words)
        wanted.push_back(word.toStdString());
    const std::uint32_t all = (1U << wanted.size()) - 1;
    std::vector<Scored> scored;
    for (std::size_t i = 0; i < names.entries.size(); ++i) {
        if (i % 4096 == 0 && current != mine)
            return {};
        const Names::Entry &entry = names.entries[i];
        const std::string_view name = names.name(entry);
        std::uint32_t seen = 0;
        std::uint32_t close = 3;
        for (std::size_t w = 0; w < wanted.size(); ++w) {
            if (const std::size_t at = name.find(wanted[w]); at != std::string_view::npos) {
                seen |= 1U << w;
                close = std::min(close, closeness(name, wanted[w], at));
            }
        }
        if (seen == 0)
            continue;
        const auto own = static_cast<std::uint64_t>(wanted.size()) - static_cast<std::uint64_t>(std::popcount(seen));
        for (std::uint32_t above = entry.owner; seen != all && above != no_owner; above = names.entries[above].owner) {
            for (std::size_t w = 0; w < wanted.size(); ++w) {
                if (names.name(names.entries[above]).find(wanted[w]) != std::string_view::npos)
                    seen |= 1U << w;
            }
        }
        if (seen == all)
            scored.push_back({(std::uint64_t{close} << 56) | (std::uint64_t{kindRank(entry.match.kind)} << 52) | (own << 44) |
                                  (std::uint64_t{std::min(entry.size, 255U)} << 32) | i,
                              entry.match});
    }
    ObjectMatches matches;
    matches.words = words;
    matches.total = scored.size();
    const std::size_t kept = std::min(scored.size(), most);
    std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(kept), scored.end(),
                      [](const Scored &a, const Scored &b) { return a.score < b.score; });
    for (std::size_t i = 0; i < kept; ++i)
        matches.best.push_back(scored[i].match);
    return matches;
}

} // namespace howdah::ui
