// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/index/health/facts.h"

#include "core/sql/quote.h"

namespace howdah::index_health {

namespace {

template <typename Map, typename Value> const Value *lookUp(const Map &map, Oid oid, const std::vector<Value> &values)
{
    const auto found = map.find(oid);
    return found == map.end() ? nullptr : &values[found->second];
}

} // namespace

const TableFacts *Facts::table(Oid oid) const
{
    return lookUp(table_at_, oid, tables);
}

TableFacts *Facts::table(Oid oid)
{
    const auto found = table_at_.find(oid);
    return found == table_at_.end() ? nullptr : &tables[found->second];
}

const IndexFacts *Facts::index(Oid oid) const
{
    return lookUp(index_at_, oid, indexes);
}

const OpclassFacts *Facts::opclass(Oid oid) const
{
    const auto found = opclasses.find(oid);
    return found == opclasses.end() ? nullptr : &found->second;
}

const CollationFacts *Facts::collation(Oid oid) const
{
    const auto found = collations.find(oid);
    return found == collations.end() ? nullptr : &found->second;
}

std::int64_t Facts::bytesOf(const IndexFacts &index) const
{
    std::int64_t bytes = index.pages * block_bytes;
    for (const std::size_t part : index.attached)
        bytes += bytesOf(indexes[part]);
    return bytes;
}

std::int64_t Facts::scansOf(const IndexFacts &index) const
{
    std::int64_t scans = index.scans + index.replica_scans;
    for (const std::size_t part : index.attached)
        scans += scansOf(indexes[part]);
    return scans;
}

void Facts::buildLookups()
{
    table_at_.clear();
    index_at_.clear();
    for (std::size_t i = 0; i < tables.size(); ++i) {
        tables[i].indexes.clear();
        table_at_.emplace(tables[i].oid, i);
    }
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        indexes[i].attached.clear();
        index_at_.emplace(indexes[i].oid, i);
        if (TableFacts *owner = table(indexes[i].table))
            owner->indexes.push_back(i);
    }
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        if (const auto parent = index_at_.find(indexes[i].parent); indexes[i].parent != 0 && parent != index_at_.end())
            indexes[parent->second].attached.push_back(i);
    }
}

std::string partName(const TableFacts &table, const PartFacts &part)
{
    if (part.attnum == 0)
        return part.expression;
    const auto column = table.columns.find(part.attnum);
    return column == table.columns.end() ? "?" : sql::quoteIdentifier(column->second.name);
}

std::string keyText(const TableFacts &table, const IndexFacts &index)
{
    std::string text = "(";
    for (std::size_t i = 0; i < index.keys; ++i) {
        text += (i == 0 ? "" : ", ") + partName(table, index.parts[i]);
        if ((index.parts[i].options & 1) != 0)
            text += " DESC";
    }
    text += ")";
    for (std::size_t i = index.keys; i < index.parts.size(); ++i)
        text += (i == index.keys ? " INCLUDE (" : ", ") + partName(table, index.parts[i]);
    if (index.parts.size() > index.keys)
        text += ")";
    return text;
}

} // namespace howdah::index_health
