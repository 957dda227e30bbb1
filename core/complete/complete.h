// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/text_offset.h"
#include "core/complete/snapshot.h"

namespace howdah::complete {

enum class Kind : std::uint8_t {
    Keyword, Schema, Table, PartitionedTable, View, MaterializedView, ForeignTable, Sequence, Cte, Alias, Column, Join, Function, Procedure, Type,
    Setting, Value, Role, Extension, Index, Constraint, List, Word
};
/// "table", "column" …, for programs.
[[nodiscard]] const char *kindName(Kind kind);

/// One thing that may stand at the cursor.
struct Candidate {
    Kind kind = Kind::Word;
    std::string label;                  ///< what is shown
    std::string insert;                 ///< what takes the place of the replaced span, quoted where it must be
    std::string detail;                 ///< type, signature, relation, schema
    int score = 0;
    std::size_t caret_back = 0;         ///< bytes from the end of the inserted text back to where the cursor goes
    std::vector<std::uint16_t> matched; ///< bytes of the label that what was typed matched
};

/// One way to call a function.
struct Signature {
    std::string name;
    std::vector<std::string> arguments; ///< "name type DEFAULT …", as PostgreSQL prints them
    std::string result;
    std::string comment;
};

/// For the call that the cursor is in.
struct SignatureHelp {
    std::vector<Signature> signatures;  ///< those that have enough arguments first
    std::size_t argument = 0;           ///< the one that the cursor is in, from 0
    std::string argument_name;          ///< of "name => …", else ""
    ByteOffset open;                    ///< of the parenthesis
};

struct Completion {
    std::vector<Candidate> candidates;  ///< the best first
    ByteSpan replaced;
    std::string typed;
    std::optional<SignatureHelp> signature;
};

/// How often a thing was chosen, by useKey().
using UseCounts = std::unordered_map<std::string, std::uint32_t>;
[[nodiscard]] std::string useKey(Kind kind, std::string_view label);
/// Of what was chosen; "" for joins and lists, which are pieces of a statement rather than names.
[[nodiscard]] std::string useKey(const Candidate &candidate);

struct Request {
    std::string_view text;              ///< the whole buffer
    ByteOffset cursor;
    const UseCounts *uses = nullptr;
    std::size_t limit = 200;
    bool with_words = false;            ///< words of the buffer too, for want of a catalog
    bool standard_conforming_strings = true;
};

/// Never fails, whatever the text is; nothing is offered in comments and literals. Runs on any thread.
[[nodiscard]] Completion complete(const Snapshot &snapshot, const Request &request);

} // namespace howdah::complete
