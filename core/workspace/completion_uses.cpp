// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace/completion_uses.h"

#include "core/base/sqlite.h"

namespace howdah::workspace {

namespace {

constexpr int schema_version = 1;
constexpr const char *schema = "CREATE TABLE IF NOT EXISTS used (name TEXT PRIMARY KEY, times INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;";
constexpr std::size_t most_name_bytes = 200;

} // namespace

struct CompletionUses::Impl {
    sqlite::Database database;
    sqlite::Statement add, trim;
    std::shared_ptr<const Counts> counts;
};

CompletionUses::CompletionUses() = default;
CompletionUses::~CompletionUses() = default;

Result<std::unique_ptr<CompletionUses>> CompletionUses::open(const std::filesystem::path &file)
{
    auto database = sqlite::Database::open(file, schema_version, schema, "The counts of completion");
    if (!database)
        return tl::unexpected(database.error());
    auto add = database->prepare("INSERT INTO used VALUES (?1, 1, unixepoch()) ON CONFLICT (name) DO UPDATE SET times = times + 1, last = unixepoch()");
    auto trim = database->prepare("DELETE FROM used WHERE name IN (SELECT name FROM used ORDER BY times DESC, last DESC LIMIT -1 OFFSET ?1)");
    auto all = database->prepare("SELECT name, times FROM used");
    if (!add || !trim || !all)
        return tl::unexpected((!add ? add : !trim ? trim : all).error());
    if (auto trimmed = trim->bind(1, most_names).run(); !trimmed)
        return tl::unexpected(trimmed.error());
    Counts counts;
    for (;;) {
        const auto row = all->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            break;
        counts.emplace(all->text(0), static_cast<std::uint32_t>(all->integer(1)));
    }
    all->reset();
    std::unique_ptr<CompletionUses> uses(new CompletionUses);
    uses->impl_ = std::make_unique<Impl>(Impl{std::move(*database), std::move(*add), std::move(*trim), std::make_shared<const Counts>(std::move(counts))});
    return uses;
}

std::shared_ptr<const CompletionUses::Counts> CompletionUses::counts() const
{
    return impl_->counts;
}

Result<void> CompletionUses::add(std::string_view name)
{
    if (name.empty() || name.size() > most_name_bytes)
        return {};
    // A new snapshot: the one before may be in use on another thread.
    auto counts = std::make_shared<Counts>(*impl_->counts);
    ++(*counts)[std::string(name)];
    impl_->counts = std::move(counts);
    return impl_->add.bind(1, name).run();
}

} // namespace howdah::workspace
