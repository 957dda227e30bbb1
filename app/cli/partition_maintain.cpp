// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/partition_commands.h"
#include "app/cli/partition_words.h"
#include "core/partition/create.h"
#include "core/partition/maintain.h"
#include "core/partition/partman.h"

namespace howdah::cli {

namespace {

using nlohmann::ordered_json;
using namespace partition;

struct MaintainChoice {
    std::string table, below;
    int ahead = 4;
    std::string interval, from, name;
    bool fill_gaps = false;
    std::string add, add_values, add_remainder;
    std::string attach, from_bound, to_bound, bound_values;
    bool bound_default = false;
    std::string detach, finalize, rename;
    bool drain_default = false;
    std::string split;
    std::vector<std::string> at, merge;
    std::string retention, action = "detach", schema, archive_to;
    std::string index, complete_index;
    bool unique = false, analyze = false;
    bool partman_install = false, partman_adopt = false, partman_run = false, schedule = false;
    std::vector<std::string> partman_set;
    std::string partman_version, cron = "17 * * * *";
    std::int64_t unschedule = 0;
    ApplyChoice apply;
};

Result<const Table *> partitionCalled(const Scheme &scheme, const std::string &name)
{
    if (const Table *table = scheme.find(name))
        return table;
    return fail(ErrorKind::Usage, fmt::format("{} has no partition {}", scheme.root().sqlName(), name));
}

Result<Bound> boundOf(const MaintainChoice &choice, const Key &key, const std::string &from, const std::string &to, const std::string &values, const std::string &remainder)
{
    Bound bound;
    const auto read = [&](const std::string &text, bool upper) {
        std::vector<BoundValue> all;
        for (const std::string &part : commaParts(text)) {
            BoundValue value = boundValue(part, all.size() < key.columns.size() ? key.columns[all.size()].kind : ValueKind::Other);
            if (part == "MINVALUE")
                value.kind = BoundValue::Kind::Min;
            if (part == "MAXVALUE")
                value.kind = BoundValue::Kind::Max;
            all.push_back(std::move(value));
        }
        static_cast<void>(upper);
        return all;
    };
    if (choice.bound_default)
        return bound;
    if (!values.empty()) {
        bound.kind = Bound::Kind::List;
        for (const std::string &part : commaParts(values)) {
            BoundValue value = boundValue(part, key.columns.front().kind);
            if (part == "NULL")
                value = BoundValue{BoundValue::Kind::Null, {}, {}, 0};
            bound.values.push_back(std::move(value));
        }
    } else if (!remainder.empty()) {
        const auto parts = commaParts(remainder);
        bound.kind = Bound::Kind::Hash;
        bound.modulus = parts.empty() ? 0 : std::atoi(parts[0].c_str());
        bound.remainder = parts.size() < 2 ? 0 : std::atoi(parts[1].c_str());
        if (bound.modulus < 1 || bound.remainder < 0 || bound.remainder >= bound.modulus)
            return fail(ErrorKind::Usage, "\"" + remainder + "\" is no modulus and remainder", "--add-remainder 8,3");
    } else {
        bound.kind = Bound::Kind::Range;
        bound.lower = read(from, false);
        bound.upper = read(to, true);
        if (bound.lower.size() != key.columns.size() || bound.upper.size() != key.columns.size())
            return fail(ErrorKind::Usage, "A range has a value from and a value to for each column of the key");
    }
    const bool fits = (bound.kind == Bound::Kind::Range) == (key.strategy == Strategy::Range) && (bound.kind == Bound::Kind::List) == (key.strategy == Strategy::List);
    if (!fits)
        return fail(ErrorKind::Usage, fmt::format("The table is partitioned by {}", key.definition), "Bounds must be of that kind.");
    return bound;
}

Result<ChangeScript> addOne(pg::Connection &connection, const Scheme &scheme, const Table &parent, const MaintainChoice &choice)
{
    std::string from, to;
    if (!choice.add.empty()) {
        const auto parts = commaParts(choice.add);
        if (parts.size() != 2)
            return fail(ErrorKind::Usage, "\"" + choice.add + "\" is no range", "--add '2026-01-01,2026-02-01'");
        from = parts[0];
        to = parts[1];
    }
    const auto bound = boundOf(choice, *parent.key, from, to, choice.add_values, choice.add_remainder);
    if (!bound)
        return tl::unexpected(bound.error());
    return addPartitions(connection, scheme, parent, {{parent.schema, choice.name, *bound}});
}

Result<std::map<std::string, std::string>> settingsOf(const std::vector<std::string> &assignments)
{
    std::map<std::string, std::string> settings;
    for (const std::string &one : assignments) {
        const std::size_t equals = one.find('=');
        if (equals == std::string::npos || equals == 0)
            return fail(ErrorKind::Usage, "\"" + one + "\" is no setting", "--partman-set premake=8");
        settings[one.substr(0, equals)] = one.substr(equals + 1);
    }
    return settings;
}

Result<ChangeScript> partmanScript(pg::Connection &connection, const Scheme &scheme, const MaintainChoice &choice)
{
    const auto state = partmanState(connection);
    if (!state)
        return tl::unexpected(state.error());
    const auto settings = settingsOf(choice.partman_set);
    if (!settings)
        return tl::unexpected(settings.error());
    if (choice.partman_install)
        return installPartman(*state, choice.schema.empty() ? "partman" : choice.schema, choice.partman_version);
    if (choice.unschedule != 0)
        return unscheduleMaintenance(scheme, choice.unschedule);
    if (choice.partman_adopt) {
        auto interval = choice.interval.empty() ? Result<Interval>(usualInterval(scheme, scheme.root()).value_or(Interval())) : parseInterval(choice.interval);
        if (!interval)
            return tl::unexpected(interval.error());
        if (interval->empty())
            return fail(ErrorKind::Usage, "The partitions have no common interval", "Say one: --interval '1 month'.");
        return adoptPartman(*state, scheme, *interval, *settings);
    }
    if (choice.partman_run)
        return runPartman(scheme);
    return configurePartman(scheme, *settings);
}

Result<ChangeScript> scriptOf(pg::Connection &connection, const Scheme &scheme, const MaintainChoice &choice)
{
    std::optional<Interval> interval;
    if (!choice.interval.empty()) {
        auto read = parseInterval(choice.interval);
        if (!read)
            return tl::unexpected(read.error());
        interval = *read;
    }
    const Table *parent = &scheme.root();
    if (!choice.below.empty()) {
        const auto found = partitionCalled(scheme, choice.below);
        if (!found)
            return tl::unexpected(found.error());
        parent = *found;
    }
    const auto with = [&](const std::string &name, const auto &make) -> Result<ChangeScript> {
        const auto table = partitionCalled(scheme, name);
        if (!table)
            return tl::unexpected(table.error());
        return make(**table);
    };
    if (choice.partman_install || choice.partman_adopt || choice.partman_run || choice.unschedule != 0 || !choice.partman_set.empty())
        return partmanScript(connection, scheme, choice);
    if (!choice.add.empty() || !choice.add_values.empty() || !choice.add_remainder.empty())
        return addOne(connection, scheme, *parent, choice);
    if (!choice.attach.empty()) {
        const auto bound = boundOf(choice, *parent->key, choice.from_bound, choice.to_bound, choice.bound_values, choice.add_remainder);
        if (!bound)
            return tl::unexpected(bound.error());
        return attach(connection, scheme, *parent, choice.attach, *bound);
    }
    if (!choice.detach.empty())
        return with(choice.detach, [&](const Table &table) { return detach(scheme, table); });
    if (!choice.finalize.empty())
        return with(choice.finalize, [&](const Table &table) { return finalizeDetach(scheme, table); });
    if (!choice.rename.empty())
        return with(choice.rename, [&](const Table &table) { return rename(scheme, table, choice.name); });
    if (choice.drain_default)
        return drainDefault(connection, scheme, *parent, interval);
    if (!choice.split.empty())
        return with(choice.split, [&](const Table &table) { return split(connection, scheme, table, choice.at, interval); });
    if (!choice.merge.empty()) {
        std::vector<const Table *> tables;
        for (const std::string &name : choice.merge) {
            const auto table = partitionCalled(scheme, name);
            if (!table)
                return tl::unexpected(table.error());
            tables.push_back(*table);
        }
        return merge(connection, scheme, tables, choice.name);
    }
    if (!choice.retention.empty()) {
        const auto keep = parseInterval(choice.retention);
        if (!keep)
            return tl::unexpected(keep.error());
        return retention(connection, scheme, *parent,
                         {*keep, choice.action == "drop" ? RetentionAction::Drop : choice.action == "archive" ? RetentionAction::Archive : RetentionAction::Detach, choice.schema, choice.from});
    }
    if (!choice.index.empty())
        return createIndex(scheme, choice.name, choice.index, choice.unique);
    if (!choice.complete_index.empty()) {
        for (const Table &table : scheme.tables) {
            for (const TreeIndex &index : table.indexes) {
                if (index.name == choice.complete_index && table.relkind == 'p')
                    return completeIndex(scheme, table, index);
            }
        }
        return fail(ErrorKind::Usage, fmt::format("{} has no index {}", scheme.root().sqlName(), choice.complete_index));
    }
    if (choice.analyze)
        return analyzeParents(scheme);
    return premake(connection, scheme, *parent, {choice.ahead, interval, choice.from, choice.fill_gaps});
}

int maintain(const Context &context, const MaintainChoice &choice)
{
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto scheme = inspect(**connection, choice.table);
    if (!scheme)
        return failed(context, scheme.error());
    std::optional<Schedule> schedule;
    if (choice.schedule) {
        const auto state = partmanState(**connection);
        if (!state)
            return failed(context, state.error());
        schedule = scheduleMaintenance(*state, *scheme, (*connection)->facts().database, choice.cron);
        if (!schedule->script) {
            if (context.json)
                output().write(ordered_json{{"table", scheme->root().sqlName()}, {"schedule", {{"means", schedule->means}, {"text", schedule->text}}}, {"applied", false}}.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
            else
                output().write("-- By " + schedule->means + "\n" + schedule->text);
            return exit_ok;
        }
    }
    const auto script = schedule ? Result<ChangeScript>(*schedule->script) : scriptOf(**connection, *scheme, choice);
    if (!script)
        return failed(context, script.error());
    const auto commands = choice.action == "archive" && !choice.retention.empty() ? archiveCommands(*script, choice.archive_to.empty() ? "." : choice.archive_to) : std::vector<std::string>();
    const int code = showAndApply(context, **connection, *script, choice.apply, [&](void *document) {
        auto &json = *static_cast<ordered_json *>(document);
        json["table"] = scheme->root().sqlName();
        if (schedule)
            json["schedule"] = {{"means", schedule->means}, {"text", schedule->text}};
        if (!commands.empty())
            json["archive"] = commands;
    });
    if (!context.json) {
        for (const std::string &command : commands)
            output().write(command + "\n");
    }
    return code;
}

struct CreateChoice {
    CreateWish wish;
    std::string by = "range", interval;
    std::vector<std::string> values;
    ApplyChoice apply;
};

int create(const Context &context, const CreateChoice &choice)
{
    CreateWish wish = choice.wish;
    wish.by = strategyCalled(choice.by);
    for (const std::string &list : choice.values)
        wish.lists.push_back(commaParts(list));
    if (!choice.interval.empty()) {
        const auto interval = parseInterval(choice.interval);
        if (!interval)
            return failed(context, interval.error());
        wish.interval = *interval;
    }
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    const auto script = createPartitioned(**connection, wish);
    if (!script)
        return failed(context, script.error());
    return showAndApply(context, **connection, *script, choice.apply, [&](void *document) { (*static_cast<ordered_json *>(document))["table"] = wish.table; });
}

} // namespace

Action declarePartitionMaintain(CLI::App &options)
{
    const auto c = std::make_shared<MaintainChoice>();
    options.add_option("table", c->table, "Partitioned table")->type_name("TABLE")->required();
    options.add_option("--below", c->below, "Work on this partition's own partitions")->type_name("PART");
    options.add_option("--ahead", c->ahead, "Partitions beyond now")->type_name("N")->check(CLI::Range(0, 10'000));
    options.add_option("--interval", c->interval, "Of new partitions")->type_name("INTERVAL");
    options.add_option("--from", c->from, "Count from this value of the key")->type_name("VALUE");
    options.add_option("--name", c->name, "Of what is made")->type_name("NAME");
    options.add_flag("--fill-gaps", c->fill_gaps, "Also what is missing in between");
    options.add_option("--add", c->add, "A range")->type_name("FROM,TO");
    options.add_option("--add-values", c->add_values, "A list")->type_name("A,B");
    options.add_option("--add-remainder", c->add_remainder, "Of a hash")->type_name("M,R");
    options.add_option("--attach", c->attach, "A table that is there")->type_name("TABLE");
    options.add_option("--from-bound", c->from_bound, "Its range")->type_name("VALUE");
    options.add_option("--to-bound", c->to_bound, "Its range")->type_name("VALUE");
    options.add_option("--bound-values", c->bound_values, "Its list")->type_name("A,B");
    options.add_flag("--default", c->bound_default, "It becomes the default");
    options.add_option("--detach", c->detach, "A partition")->type_name("PART");
    options.add_option("--finalize", c->finalize, "A detach that was broken off")->type_name("PART");
    options.add_option("--rename", c->rename, "A partition, to --name")->type_name("PART");
    options.add_flag("--drain-default", c->drain_default, "Rows of the default into partitions of their own");
    options.add_option("--split", c->split, "A partition")->type_name("PART");
    options.add_option("--at", c->at, "Where, or which values leave")->type_name("VALUE");
    options.add_option("--merge", c->merge, "Partitions into one")->type_name("PART");
    options.add_option("--retention", c->retention, "What is older")->type_name("INTERVAL");
    options.add_option("--action", c->action, "What happens to it")->check(CLI::IsMember({"detach", "archive", "drop"}));
    options.add_option("--schema", c->schema, "Where detached tables go, or pg_partman")->type_name("NAME");
    options.add_option("--archive-to", c->archive_to, "For the lines of pg_dump")->type_name("DIR");
    options.add_option("--index", c->index, "Definition from the columns on")->type_name("TEXT");
    options.add_flag("--unique", c->unique, "A unique index");
    options.add_option("--complete-index", c->complete_index, "An invalid one")->type_name("NAME");
    options.add_flag("--analyze", c->analyze, "The table as a whole");
    options.add_flag("--partman-install", c->partman_install, "Into a schema of its own");
    options.add_flag("--partman-adopt", c->partman_adopt, "pg_partman keeps the table");
    options.add_flag("--partman-run", c->partman_run, "Its maintenance now");
    options.add_option("--partman-set", c->partman_set, "In part_config")->type_name("NAME=VALUE");
    options.add_option("--partman-version", c->partman_version, "To install, in place of the default")->type_name("VERSION");
    options.add_flag("--schedule", c->schedule, "Maintenance from time to time");
    options.add_option("--cron", c->cron, "When, as cron writes it")->type_name("TEXT");
    options.add_option("--unschedule", c->unschedule, "A job of pg_cron")->type_name("JOB");
    addApplyOptions(options, c->apply);
    return [c](const Context &context) { return maintain(context, *c); };
}

Action declarePartitionCreate(CLI::App &options)
{
    const auto c = std::make_shared<CreateChoice>();
    options.add_option("table", c->wish.table, "Name of the table")->type_name("NAME")->required();
    options.add_option("--columns", c->wish.columns, "As in CREATE TABLE")->type_name("TEXT");
    options.add_option("--like", c->wish.like, "A table that it is like")->type_name("TABLE");
    options.add_option("--by", c->by, "Strategy")->check(CLI::IsMember({"range", "list", "hash"}));
    options.add_option("--key", c->wish.key, "Column to partition by")->type_name("COLUMN")->required();
    options.add_option("--interval", c->interval, "Of a range")->type_name("INTERVAL");
    options.add_option("--from", c->wish.from, "Where ranges begin")->type_name("VALUE");
    options.add_option("--ahead", c->wish.ahead, "Ranges beyond the first")->type_name("N")->check(CLI::Range(0, 10'000));
    options.add_option("--modulus", c->wish.modulus, "Of a hash")->type_name("N")->check(CLI::Range(1, 10'000));
    options.add_option("--values", c->values, "Of a list, once a partition")->type_name("A,B");
    options.add_flag("--default", c->wish.with_default, "A default partition");
    addApplyOptions(options, c->apply);
    return [c](const Context &context) { return create(context, *c); };
}

} // namespace howdah::cli
