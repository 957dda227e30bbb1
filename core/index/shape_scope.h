// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "core/index/shape.h"

namespace howdah::index::shapes {

using Json = nlohmann::json;

/// A column of a table of the statement.
struct Origin {
    int use = -1;
    int attnum = 0;
};

/// Something in FROM.
struct Source {
    std::string alias;
    int use = -1;                                        ///< -1: derived
    std::vector<std::pair<std::string, Origin>> outputs; ///< of a derived one
};
using Outputs = std::vector<std::pair<std::string, Origin>>;

struct Scope {
    const Scope *parent = nullptr;
    std::vector<Source> sources;
    std::map<std::string, Outputs> ctes;
};

/// A part of an expression, and what it stands on.
struct Expr {
    std::string text;         ///< with columns unqualified; "" where it could not be written
    int use = -1;             ///< the one table whose columns are in it; -1: none
    bool mixed = false;       ///< columns of several tables
    bool column = false;      ///< a plain column
    int attnum = 0;
    std::vector<int> attnums;
    bool constant = true;     ///< neither columns nor parameters nor subqueries
    int parameter = 0;        ///< it is a bare $n
    bool has_parameters = false, has_subquery = false;
    bool is_string = false;
    bool writable = true;
    std::string string_value;
};

/// Walks one statement.
class Walk
{
public:
    Walk(const Facts &facts, Shape &shape) : facts_(facts), shape_(shape) {}

    Outputs statement(const Json &node, const Scope *parent, int depth);
    /// Notes columns, functions and subqueries of it on the way.
    Expr expression(const Json &node, const Scope &scope, int depth);

private:
    Outputs select(const Json &node, const Scope *parent, int depth, bool exists = false);
    void insert(const Json &node, const Scope *parent, int depth);
    void change(const Json &node, const Scope *parent, int depth, WriteKind kind);
    void with(const Json &node, Scope &scope, int depth);
    void from(const Json &item, Scope &scope, int depth);
    void fromTable(const Json &range, Scope &scope, int depth);
    int target(const Json &range, Scope &scope);
    Outputs view(const TableFacts &table, int depth);
    void targets(const Json &node, const Scope &scope, bool exists, int depth, Outputs &outputs);
    void orders(const Json &node, const Scope &scope, int depth);
    void minMax(const Json &node, const Scope &scope, int depth);
    void window(const Json &definition, const Scope &scope, int depth);
    void addSort(std::vector<SortTerm> terms, int use, bool limited, bool grouping);
    bool sortTerms(const Json &list, const Json &target_list, const Scope &scope, int depth, std::vector<SortTerm> &terms, int &use);

    // conditions
    void condition(const Json &node, const Scope &scope, int depth, std::vector<std::pair<int, Term>> &terms);
    void apply(const Json &node, const Scope &scope, int depth);
    void comparison(const Json &node, const Scope &scope, int depth, std::vector<std::pair<int, Term>> &terms);
    void term(const Expr &left, const std::string &op, const Expr &right, bool list, std::vector<std::pair<int, Term>> &terms);
    void anyOf(const Json &args, const Scope &scope, int depth, std::vector<std::pair<int, Term>> &terms);
    void subLink(const Json &link, const Scope &scope, int depth, std::vector<std::pair<int, Term>> *terms);
    void rewrite(const char *kind, std::string message);

    // expressions
    Origin resolve(const Json &fields, const Scope &scope);
    Expr call(const Json &node, const Scope &scope, int depth);
    Expr cast(const Json &node, const Scope &scope, int depth);
    Expr operation(const Json &node, const Scope &scope, int depth);
    void noteColumn(const Origin &origin);

    const Facts &facts_;
    Shape &shape_;
    int view_depth_ = 0;
};

[[nodiscard]] std::string stringOf(const Json &node); ///< of {"String":{"sval":…}}
[[nodiscard]] std::vector<std::string> namesOf(const Json &list);
/// Key and value of a node of one member; an empty key where it is none.
[[nodiscard]] std::pair<std::string, const Json *> onlyMember(const Json &node);
/// A key of an index: a column as it is, an expression in parentheses.
[[nodiscard]] std::string keyText(const Expr &expression);

inline constexpr int deepest_walk = 400;

} // namespace howdah::index::shapes
