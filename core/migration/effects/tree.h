// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/base/error.h"

namespace howdah::migration::effects {

/// A node of libpg_query's parse tree, read by field names. Absent fields read as empty, false and 0, as protobuf has
/// it. A view: the tree that it was taken from must live.
class Node
{
public:
    Node() = default;
    explicit Node(const nlohmann::json &value);

    [[nodiscard]] bool exists() const { return body_ != nullptr; }
    /// "RangeVar"; "" where the field has only one possible type and the tree leaves the name out.
    [[nodiscard]] const std::string &kind() const { return kind_; }
    [[nodiscard]] bool is(std::string_view kind) const { return kind_ == kind; }
    [[nodiscard]] Node get(const char *field) const;
    [[nodiscard]] std::vector<Node> list(const char *field) const;
    [[nodiscard]] std::string text(const char *field) const;
    [[nodiscard]] bool flag(const char *field) const;
    [[nodiscard]] std::int64_t number(const char *field) const;
    [[nodiscard]] const nlohmann::json *body() const { return body_; }

    /// Of a String node, or of an A_Const: its value as text ("" for NULL).
    [[nodiscard]] std::string value() const;
    /// The values of a list of String nodes.
    [[nodiscard]] std::vector<std::string> names(const char *field) const;

private:
    const nlohmann::json *body_ = nullptr;
    std::string kind_;
};

/// A parsed statement. PostgreSQL 18's syntax that the grammar at hand lacks is parsed as its nearest relative and
/// marked: Constraint nodes carry "howdah_virtual", "howdah_not_enforced" or "howdah_not_null" (the column).
struct Tree {
    std::shared_ptr<nlohmann::json> document; ///< the statement's wrapped node
    bool alters_enforcement = false;          ///< ALTER CONSTRAINT … ENFORCED
    [[nodiscard]] Node root() const { return document ? Node(*document) : Node(); }
};

/// Positions in errors count in `statement`.
[[nodiscard]] Result<Tree> parseStatement(std::string_view statement, int major);
/// The expression of "CHECK (…)" as pg_get_constraintdef writes it; null when unreadable.
[[nodiscard]] std::shared_ptr<nlohmann::json> parseCheck(const std::string &definition);
/// The TypeName of a type as format_type writes it; null when unreadable.
[[nodiscard]] std::shared_ptr<nlohmann::json> parseType(const std::string &type);

/// Calls for every node below, itself included.
template <typename Visit> void walk(const nlohmann::json &value, const Visit &visit)
{
    std::vector<const nlohmann::json *> open{&value};
    while (!open.empty()) {
        const nlohmann::json *next = open.back();
        open.pop_back();
        if (next->is_object()) {
            for (auto item = next->begin(); item != next->end(); ++item) {
                if (item->is_object())
                    visit(item.key(), *item);
                if (item->is_structured())
                    open.push_back(&*item);
            }
        } else if (next->is_array()) {
            for (const auto &item : *next)
                open.push_back(&item);
        }
    }
}

} // namespace howdah::migration::effects
