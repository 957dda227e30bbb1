// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/complete.h"

#include <array>

#include "core/complete/collector.h"
#include "core/complete/signature.h"

namespace howdah::complete {

const char *kindName(Kind kind)
{
    static constexpr std::array names{"keyword", "schema", "table", "partitioned table", "view", "materialized view", "foreign table", "sequence", "cte", "alias",
                                      "column", "join", "function", "procedure", "type", "setting", "value", "role", "extension", "index", "constraint", "list", "word"};
    static_assert(names.size() == static_cast<std::size_t>(Kind::Word) + 1);
    return names[static_cast<std::size_t>(kind)];
}

std::string useKey(Kind kind, std::string_view label)
{
    // Kinds of relations change (a table becomes a partitioned one), and a name is chosen for its name.
    std::string key = kind >= Kind::Table && kind <= Kind::Sequence ? "relation" : kindName(kind);
    key += ' ';
    key += label;
    return key;
}

std::string useKey(const Candidate &candidate)
{
    if (candidate.kind == Kind::Join || candidate.kind == Kind::List)
        return {};
    std::string_view label = candidate.label;
    if (candidate.kind == Kind::Column)
        label = label.substr(label.rfind('.') + 1); // "o.id", where id alone is ambiguous
    return useKey(candidate.kind, label);
}

Completion complete(const Snapshot &snapshot, const Request &request)
{
    const Statement statement = statementWords(request.text, request.cursor, request.standard_conforming_strings);
    Completion completion;
    completion.replaced = {{statement.replaced.begin.value + statement.base}, {statement.replaced.end.value + statement.base}};
    completion.typed = statement.typed;
    completion.signature = signatureAt(statement, snapshot);
    if (statement.silent)
        return completion;
    const Place place = placeOf(statement, snapshot, request.text);
    Collector collector(statement, snapshot, place, request);
    collector.collect();
    completion.candidates = collector.take();
    return completion;
}

} // namespace howdah::complete
