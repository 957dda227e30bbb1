// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/lint_snapshot.h"

#include <algorithm>
#include <vector>

#include <QPointer>

#include "core/migration/effects_facts.h"
#include "core/migration/lint_facts.h"
#include "ui/base/bridge.h"
#include "ui/shell/link.h"

namespace howdah::ui {

namespace {

struct Facts {
    std::shared_ptr<const migration::SchemaFacts> schema;
    std::shared_ptr<const migration::LintFacts> lint;
};

/// One catalog's; kept for as long as somebody has the catalog.
struct Entry {
    std::weak_ptr<const pg::Catalog> catalog;
    Facts facts;
    bool reading = false;
    std::vector<std::function<void(const Facts &)>> waiting;
};

std::vector<std::shared_ptr<Entry>> &entries()
{
    static std::vector<std::shared_ptr<Entry>> all; // GUI thread only
    return all;
}

std::shared_ptr<Entry> entryOf(const std::shared_ptr<const pg::Catalog> &catalog)
{
    auto &all = entries();
    all.erase(std::remove_if(all.begin(), all.end(), [](const std::shared_ptr<Entry> &entry) { return entry->catalog.expired(); }), all.end());
    const auto found = std::find_if(all.begin(), all.end(), [&](const std::shared_ptr<Entry> &entry) { return entry->catalog.lock() == catalog; });
    if (found != all.end())
        return *found;
    all.push_back(std::make_shared<Entry>());
    all.back()->catalog = catalog;
    return all.back();
}

Facts readFacts(pg::Connection &connection)
{
    Facts facts;
    if (auto schema = migration::readSchemaFacts(connection))
        facts.schema = std::make_shared<const migration::SchemaFacts>(std::move(*schema));
    if (auto lint = migration::readLintFacts(connection))
        facts.lint = std::make_shared<const migration::LintFacts>(std::move(*lint));
    return facts;
}

} // namespace

void askLintKnowledge(const Link &link, QObject *receiver, std::function<void(LintKnowledge)> ready)
{
    LintKnowledge known;
    known.catalog = link.catalog();
    if (link.facts())
        known.major = std::clamp(link.facts()->major(), 13, 18);
    if (!known.catalog)
        return;
    const std::shared_ptr<Entry> entry = entryOf(known.catalog);
    known.facts = entry->facts.schema;
    known.lint_facts = entry->facts.lint;
    ready(known);
    if (known.facts || !link.metadataSession())
        return;
    const QPointer<QObject> guard(receiver);
    entry->waiting.push_back([guard, known, ready = std::move(ready)](const Facts &facts) mutable {
        known.facts = facts.schema;
        known.lint_facts = facts.lint;
        if (guard)
            ready(known);
    });
    if (std::exchange(entry->reading, true))
        return;
    const auto done = onGui<Facts>(QCoreApplication::instance(), [entry](const Facts &facts) {
        entry->reading = false;
        entry->facts = facts;
        for (const auto &waiting : std::exchange(entry->waiting, {}))
            waiting(facts);
    });
    link.metadataSession()->post([done](pg::Connection &connection) { done(readFacts(connection)); }, [done](const Error &) { done({}); });
}

} // namespace howdah::ui
