// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "core/partition/conditions.h"

namespace howdah::partition {

namespace {

constexpr std::size_t longest_name = 63; // NAMEDATALEN - 1

/// Forms in which people write times into names, the more exact before those that are parts of them.
using Form = std::string (*)(const CivilTime &);
constexpr std::int64_t second = 1'000'000;

const std::array<Form, 14> forms{
    [](const CivilTime &t) { return fmt::format("{:04}{:02}{:02}_{:02}{:02}{:02}", t.year, t.month, t.day, t.micros / second / 3600, t.micros / second / 60 % 60, t.micros / second % 60); },
    [](const CivilTime &t) { return fmt::format("{:04}_{:02}_{:02}_{:02}{:02}", t.year, t.month, t.day, t.micros / second / 3600, t.micros / second / 60 % 60); },
    [](const CivilTime &t) { return fmt::format("{:04}{:02}{:02}_{:02}{:02}", t.year, t.month, t.day, t.micros / second / 3600, t.micros / second / 60 % 60); },
    [](const CivilTime &t) { return fmt::format("{:04}_{:02}_{:02}_{:02}", t.year, t.month, t.day, t.micros / second / 3600); },
    [](const CivilTime &t) { return fmt::format("{:04}{:02}{:02}_{:02}", t.year, t.month, t.day, t.micros / second / 3600); },
    [](const CivilTime &t) { return fmt::format("{:04}{:02}{:02}{:02}", t.year, t.month, t.day, t.micros / second / 3600); },
    [](const CivilTime &t) { return fmt::format("{:04}_{:02}_{:02}", t.year, t.month, t.day); },
    [](const CivilTime &t) { return fmt::format("{:04}-{:02}-{:02}", t.year, t.month, t.day); },
    [](const CivilTime &t) { return fmt::format("{:04}{:02}{:02}", t.year, t.month, t.day); },
    [](const CivilTime &t) { return fmt::format("y{:04}m{:02}", t.year, t.month); },
    [](const CivilTime &t) { return fmt::format("{:04}_{:02}", t.year, t.month); },
    [](const CivilTime &t) { return fmt::format("{:04}-{:02}", t.year, t.month); },
    [](const CivilTime &t) { return fmt::format("{:04}{:02}", t.year, t.month); },
    [](const CivilTime &t) { return fmt::format("{:04}", t.year); },
};

/// Whether a name written with `form` would be the same for two partitions that follow each other.
bool tells(Form form, const CivilTime &one, const CivilTime &next)
{
    return form(one) != form(next);
}

std::optional<std::string> likeSibling(const Table &sibling, ValueKind kind, const Bound &bound)
{
    const BoundValue &old_lower = sibling.bound.lower.front();
    const BoundValue &new_lower = bound.lower.front();
    if (isTime(kind)) {
        const auto before = parseTime(old_lower.text), now = parseTime(new_lower.text);
        if (!before || !now)
            return {};
        for (const Form form : forms) {
            const std::string piece = form(*before);
            const std::size_t at = sibling.name.rfind(piece);
            if (at == std::string::npos || !tells(form, *before, *now))
                continue;
            std::string name = sibling.name;
            return name.replace(at, piece.size(), form(*now));
        }
        return {};
    }
    const std::size_t at = old_lower.text.empty() ? std::string::npos : sibling.name.rfind(old_lower.text);
    if (at == std::string::npos || at == 0 || (sibling.name[at - 1] >= '0' && sibling.name[at - 1] <= '9'))
        return {};
    std::string name = sibling.name;
    return name.replace(at, old_lower.text.size(), new_lower.text);
}

std::string wordOf(const BoundValue &value)
{
    if (value.kind == BoundValue::Kind::Null)
        return "null";
    std::string word;
    for (const char c : value.text)
        word += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ? c : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : '_';
    return word.substr(0, 24);
}

std::string endWord(const BoundValue &value, ValueKind kind)
{
    if (value.kind == BoundValue::Kind::Min)
        return "min";
    if (const auto time = isTime(kind) ? parseTime(value.text) : std::nullopt)
        return time->micros == 0 ? forms[8](*time) : forms[0](*time);
    return wordOf(value);
}

bool isTaken(const Scheme &scheme, const std::string &schema, const std::string &name)
{
    return std::any_of(scheme.tables.begin(), scheme.tables.end(), [&](const Table &table) { return table.schema == schema && table.name == name; });
}

} // namespace

std::string fittedName(const std::string &base, const std::string &suffix)
{
    std::size_t keep = std::min(base.size(), longest_name - std::min(suffix.size(), longest_name));
    while (keep > 0 && keep < base.size() && (static_cast<unsigned char>(base[keep]) & 0xC0U) == 0x80U)
        --keep; // not within a character
    return base.substr(0, keep) + suffix;
}

std::string freshPartitionName(const std::string &base, const Key &key, const Bound &bound)
{
    switch (bound.kind) {
    case Bound::Kind::Range: return fittedName(base, "_p" + endWord(bound.lower.front(), key.columns.front().kind));
    case Bound::Kind::List: return fittedName(base, "_" + wordOf(bound.values.front()));
    case Bound::Kind::Hash: return fittedName(base, fmt::format("_h{}", bound.remainder));
    case Bound::Kind::Default: break;
    }
    return fittedName(base, "_default");
}

std::string partitionName(const Scheme &scheme, const Table &parent, const Bound &bound)
{
    std::string name;
    if (bound.kind == Bound::Kind::Range && bound.lower.front().kind == BoundValue::Kind::Value) {
        for (auto child = parent.children.rbegin(); child != parent.children.rend() && name.empty(); ++child) {
            const Table &sibling = scheme.tables[*child];
            if (sibling.bound.kind == Bound::Kind::Range && sibling.bound.lower.front().kind == BoundValue::Kind::Value)
                name = likeSibling(sibling, parent.key->columns.front().kind, bound).value_or("");
        }
    }
    if (name.empty() || name.size() > longest_name)
        name = freshPartitionName(parent.name, *parent.key, bound);
    std::string free = name;
    for (int number = 2; isTaken(scheme, parent.schema, free); ++number)
        free = fittedName(name, fmt::format("_{}", number));
    return free;
}

} // namespace howdah::partition
