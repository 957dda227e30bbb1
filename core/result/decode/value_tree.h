// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace howdah::result::decode {

/// A value of many parts as a flat tree: a node's children follow it, each before its own next sibling. Names and values
/// are parts of the text that was read, which has to live on.
struct TreeNode {
    enum class Kind : std::uint8_t { Object, Array, Text, Number, Word, Element, Attribute, Comment };
    Kind kind = Kind::Text;
    std::uint32_t parent = 0;      ///< the root is its own
    std::uint32_t children = 0;
    std::uint32_t place = 0;       ///< among its siblings
    std::uint32_t end = 0;         ///< the node behind its whole subtree
    std::string_view name;         ///< of a member as written, without quotes; of an element
    std::string_view value;        ///< of a leaf as written, without quotes
};

struct Tree {
    std::vector<TreeNode> nodes;   ///< [0] is the root
    bool complete = true;          ///< false: there were more nodes than are kept
    [[nodiscard]] std::vector<std::uint32_t> childrenOf(std::uint32_t node) const;
};

struct TreeBounds {
    std::size_t nodes = 2'000'000;
    std::size_t depth = 500;
};

/// nullopt for what is no JSON, or nested deeper than the bound.
[[nodiscard]] std::optional<Tree> readJson(std::string_view text, TreeBounds bounds = {});
/// Elements, attributes and text of XML; processing instructions and document types are skipped, entities stay as written.
[[nodiscard]] std::optional<Tree> readXml(std::string_view text, TreeBounds bounds = {});
/// The elements of a PostgreSQL array as it is printed ("{1,NULL,\"a b\",{…}}", with bounds before it or not).
[[nodiscard]] std::optional<Tree> readArray(std::string_view text, char delimiter = ',', TreeBounds bounds = {});

/// Where a node is: "$.items[3].name" as a jsonpath, "/order/item[2]/@id" as an XPath, "[2][1]" for arrays (which count from 1).
[[nodiscard]] std::string pathOf(const Tree &tree, std::uint32_t node);
/// Escapes of JSON strings, of XML and of array elements undone.
[[nodiscard]] std::string unescapeJson(std::string_view text);
[[nodiscard]] std::string unescapeXml(std::string_view text);
[[nodiscard]] std::string unescapeArray(std::string_view text);

} // namespace howdah::result::decode
