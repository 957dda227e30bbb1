// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/terminal.h"
#include "core/ddl/ddl.h"
#include "core/ddl/dependencies.h"

namespace howdah::cli {

const char *const ddl_manual = R"manual(howdah-cli ddl [options] NAME...

Writes what makes an object again, as the server's own pg_dump writes it: a table
with its defaults, keys, indexes, owned sequences, statistics, rules, triggers,
policies, comments and privileges; views, sequences, functions, types, schemas,
extensions, event triggers, publications, subscriptions, foreign servers, roles,
operators with their classes and families, casts, collations, conversions,
languages, transforms, and what full text search is made of.

NAME is a name, with its schema or without: orders, shop.orders, "f(integer)",
"audit on orders". Where several objects are called so, all of them are written;
--kind narrows it down.

  -k, --kind KIND      table, view, materialized view, index, sequence, function,
                       type, schema, role, trigger, policy, publication …
      --no-owner       without ALTER … OWNER TO
      --no-privileges  without GRANT and REVOKE
      --no-comments    without COMMENT ON
      --json           objects with their statements in an array

  howdah-cli ddl -d demo orders
  howdah-cli ddl -d demo -k schema public --json
)manual";

const char *const depends_manual = R"(howdah-cli depends [options] NAME...

Shows what an object needs and what needs it, as two trees: views on their tables,
foreign keys, triggers, owned sequences, partitions, policies, publications,
functions. Functions whose body is a string are found by the name in their source
and marked "named in its text": the server does not know of them.

  -k, --kind KIND      as for "ddl"
      --depth N        levels to follow (6)
      --limit N        objects each way (1000)
      --json           objects with "needs" and "needed_by": depth-first lists with
                       depth and parent (the place in the list, -1: the object)

  howdah-cli depends -d demo orders
)";

namespace {

using nlohmann::ordered_json;

struct ObjectChoice {
    std::vector<std::string> names;
    std::string kind;
    ddl::DdlOptions ddl;
    bool no_owner = false;
    bool no_privileges = false;
    bool no_comments = false;
    ddl::DependencyOptions dependencies;
};

ordered_json jsonOf(const ddl::ObjectRef &object)
{
    return {{"kind", object.kind}, {"identity", object.identity}, {"oid", object.oid}, {"catalog", object.catalog}};
}

ordered_json jsonOf(const ddl::DependencyTree &tree)
{
    ordered_json nodes = ordered_json::array();
    for (const ddl::DependencyNode &node : tree.nodes) {
        ordered_json one = jsonOf(node.object);
        one["reason"] = ddl::reasonName(node.reason);
        if (!node.detail.empty())
            one["detail"] = node.detail;
        one["depth"] = node.depth;
        one["parent"] = node.parent;
        if (node.repeated)
            one["repeated"] = true;
        nodes.push_back(std::move(one));
    }
    return {{"truncated", tree.truncated}, {"nodes", std::move(nodes)}};
}

std::string dump(const ordered_json &json)
{
    return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// Finds each name and calls `each` with what is called so.
template <typename Each> int forObjects(const Context &context, const ObjectChoice &choice, Each each)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    for (const std::string &name : choice.names) {
        const auto found = ddl::findObjects(**connection, name, choice.kind);
        if (!found)
            return failed(context, found.error());
        for (const ddl::ObjectRef &object : *found) {
            if (const auto done = each(**connection, object); !done)
                return failed(context, done.error());
        }
    }
    return exit_ok;
}

int writeDdl(const Context &context, const ObjectChoice &choice)
{
    ordered_json all = ordered_json::array();
    ddl::DdlOptions options;
    options.with_owner = !choice.no_owner;
    options.with_privileges = !choice.no_privileges;
    options.with_comments = !choice.no_comments;
    bool first = true;
    const int code = forObjects(context, choice, [&](pg::Connection &connection, const ddl::ObjectRef &object) -> Result<void> {
        const auto written = ddl::ddlOf(connection, object, options);
        if (!written)
            return tl::unexpected(written.error());
        if (context.json) {
            ordered_json one = jsonOf(object);
            one["notes"] = written->notes;
            one["statements"] = written->statements;
            all.push_back(std::move(one));
            return {};
        }
        output().write(fmt::format("{}-- {}: {}\n\n{}", first ? "" : "\n", object.kind, object.identity, written->text()));
        first = false;
        return {};
    });
    if (code == exit_ok && context.json)
        output().write(dump({{"objects", std::move(all)}}));
    return code;
}

std::string reasonText(const ddl::DependencyNode &node)
{
    std::string text;
    switch (node.reason) {
    case ddl::DependencyReason::ForeignKey: text = "foreign key"; break;
    case ddl::DependencyReason::Inherits: text = "inherits"; break;
    case ddl::DependencyReason::Extension: text = "extension"; break;
    case ddl::DependencyReason::Named: text = "named in its text"; break;
    default: break;
    }
    if (!node.detail.empty())
        text += (text.empty() ? "" : ": ") + node.detail;
    if (node.repeated)
        text += text.empty() ? "see above" : "; see above";
    return text;
}

void printTree(const char *title, const ddl::DependencyTree &tree)
{
    output().write(fmt::format("{}{}\n", title, tree.nodes.empty() ? ": nothing" : ":"));
    for (const ddl::DependencyNode &node : tree.nodes) {
        const std::string reason = reasonText(node);
        output().write(fmt::format("  {:{}}{} {}{}\n", "", 2 * node.depth, printable(node.object.kind), printable(node.object.identity), reason.empty() ? "" : "  (" + printable(reason) + ")"));
    }
    if (tree.truncated)
        output().write("  … there is more; --limit shows it\n");
}

int showDependencies(const Context &context, const ObjectChoice &choice)
{
    ordered_json all = ordered_json::array();
    const int code = forObjects(context, choice, [&](pg::Connection &connection, const ddl::ObjectRef &object) -> Result<void> {
        const auto found = ddl::dependenciesOf(connection, object, choice.dependencies);
        if (!found)
            return tl::unexpected(found.error());
        if (context.json) {
            ordered_json one = jsonOf(object);
            one["needs"] = jsonOf(found->needs);
            one["needed_by"] = jsonOf(found->needed_by);
            all.push_back(std::move(one));
            return {};
        }
        output().write(fmt::format("{} {}\n", printable(object.kind), printable(object.identity)));
        printTree("Needs", found->needs);
        printTree("Needed by", found->needed_by);
        return {};
    });
    if (code == exit_ok && context.json)
        output().write(dump({{"objects", std::move(all)}}));
    return code;
}

std::shared_ptr<ObjectChoice> declareNames(CLI::App &options)
{
    auto choice = std::make_shared<ObjectChoice>();
    options.add_option("name", choice->names, "Objects, with their schema or without")->required()->type_name("NAME");
    options.add_option("-k,--kind", choice->kind, "Only objects of that kind")->type_name("KIND");
    return choice;
}

} // namespace

Action declareDdl(CLI::App &options)
{
    const auto choice = declareNames(options);
    options.add_flag("--no-owner", choice->no_owner, "Without ALTER … OWNER TO");
    options.add_flag("--no-privileges", choice->no_privileges, "Without GRANT and REVOKE");
    options.add_flag("--no-comments", choice->no_comments, "Without COMMENT ON");
    return [choice](const Context &context) { return writeDdl(context, *choice); };
}

Action declareDepends(CLI::App &options)
{
    const auto choice = declareNames(options);
    options.add_option("--depth", choice->dependencies.max_depth, "Levels to follow")->type_name("N")->check(CLI::Range(1, 50));
    options.add_option("--limit", choice->dependencies.max_nodes, "Objects each way")->type_name("N");
    return [choice](const Context &context) { return showDependencies(context, *choice); };
}

} // namespace howdah::cli
