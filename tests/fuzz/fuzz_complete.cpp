// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever the text and wherever the cursor: completion answers, with spans that lie in the text. The first two bytes
// choose the cursor.
#include <cstdint>
#include <string>

#include "core/complete/complete.h"
#include "invariant.h"

using namespace howdah;

namespace {

std::shared_ptr<const pg::Catalog> shop()
{
    const auto catalog = std::make_shared<pg::Catalog>();
    catalog->schemas.push_back({1, "public", "owner", false});
    catalog->schemas.push_back({2, "stock", "owner", false});
    catalog->search_path = {"public"};
    std::uint32_t oid = 100;
    for (const char *name : {"orders", "customers", "order_items", "Mixed Case"}) {
        pg::CatalogRelation relation;
        relation.oid = oid++;
        relation.schema = oid % 2 == 0 ? "public" : "stock";
        relation.name = name;
        for (std::int16_t number = 1; number < 5; ++number) {
            pg::CatalogColumn column;
            column.name = number == 1 ? "id" : std::string(name) + "_" + std::to_string(number);
            column.type = "bigint";
            column.attnum = number;
            relation.columns.push_back(std::move(column));
        }
        pg::CatalogConstraint key;
        key.name = "key";
        key.type = 'f';
        key.columns = {2, 9};
        key.referenced_columns = {1, 1};
        key.referenced_oid = 100;
        relation.constraints.push_back(std::move(key));
        catalog->relations.push_back(std::move(relation));
    }
    catalog->buildLookups();
    return catalog;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    if (size < 2)
        return 0;
    static const auto snapshot = complete::Snapshot::of(shop());
    const std::string_view text(reinterpret_cast<const char *>(data) + 2, size - 2);
    complete::Request request;
    request.text = text;
    request.cursor = {(std::size_t{data[0]} * 256 + data[1]) % (text.size() + 1)};
    request.with_words = true;
    const auto completion = complete::complete(*snapshot, request);
    INVARIANT(completion.replaced.begin <= completion.replaced.end);
    INVARIANT(completion.replaced.end.value <= text.size());
    INVARIANT(completion.candidates.size() <= request.limit);
    for (const auto &candidate : completion.candidates) {
        INVARIANT(!candidate.insert.empty());
        INVARIANT(candidate.caret_back <= candidate.insert.size());
        for (const auto byte : candidate.matched)
            INVARIANT(byte < candidate.label.size());
    }
    if (completion.signature) {
        INVARIANT(!completion.signature->signatures.empty());
        INVARIANT(completion.signature->open.value < text.size());
    }
    return 0;
}
