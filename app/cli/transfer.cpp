// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/connect.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/interrupt.h"
#include "app/cli/output.h"
#include "app/cli/parameter_values.h"
#include "app/cli/terminal.h"
#include "core/base/human.h"
#include "core/transfer/export.h"
#include "core/transfer/import.h"

namespace howdah::cli {

const char *const export_manual = R"(howdah-cli export [SQL | -f FILE | --table NAME] -o FILE [options]

Writes the rows of one query or table straight to a file; nothing is loaded, so the
size does not matter. The file appears whole or not at all.

  -o, --output FILE    where to; its ending chooses the format
      --format WORD    csv, text, binary (as COPY writes them), json, jsonl, xlsx,
                       insert, markdown
  -f, --file FILE      read the query from a file; "-" is standard input
      --table NAME     all rows of a table or view
      --delimiter C    of CSV (,)
      --null TEXT      what NULL is written as, in CSV
      --no-header      no names of columns
      --insert-into T  the table that INSERT statements name
  -v, --set NAME=VALUE the value of :name or $1 in the query
      --json           {"rows", "bytes", "duration_ms", "file", "notes"}

  howdah-cli export -d demo --table orders -o orders.xlsx
  howdah-cli export -d demo 'SELECT * FROM users' -o users.jsonl
)";

const char *const import_manual = R"(howdah-cli import FILE --table NAME [options]

Reads a CSV file into a table by COPY, in one transaction: all or nothing. What the
file looks like (delimiter, header, types of the columns) is found out and can be
said. An error names the line of the file.

      --table NAME     where to, as written in SQL ("public.people")
      --create         make the table first, with the types that were guessed
      --columns LIST   columns of the table for those of the file, in its order; an
                       empty name leaves one out ("id,,name")
      --delimiter C, --quote C, --no-header, --header
                       what the file looks like, where the guess is wrong
      --null TEXT      what stands for NULL, apart from nothing at all
      --skip-bad-rows  leave rows out that the server refuses, and list them
      --preview        only tell what would be done, with the first rows
      --json           {"rows", "bytes", "duration_ms", "bad_rows": [{line, text,
                       reason, sqlstate}]}; of --preview {"dialect", "columns", "rows",
                       "estimated_rows", "sql"}

Exit code: 0 all well, 1 rows were left out, 2 wrong usage, 3 no connection, 4 the
server refused.

  howdah-cli import people.csv --table people --create -d demo
)";

namespace {

using nlohmann::ordered_json;

std::string printed(const ordered_json &document)
{
    return document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

/// "1.2 MB · 30 000 rows" on the terminal, replaced as it goes on.
class Progress
{
public:
    void show(std::int64_t rows, std::int64_t bytes, std::int64_t of_bytes)
    {
        if (!stderrIsTerminal())
            return;
        const std::string share = of_bytes > 0 ? fmt::format(" · {:.0f} %", 100.0 * static_cast<double>(bytes) / static_cast<double>(of_bytes)) : "";
        fmt::print(stderr, "\r{} · {} rows{}   ", human::bytes(bytes), human::count(rows), share);
        shown_ = true;
    }
    ~Progress()
    {
        if (shown_)
            fmt::print(stderr, "\r\x1b[K");
    }

private:
    bool shown_ = false;
};

struct ExportChoice {
    std::string sql, file, table, output, format, delimiter = ",", insert_into;
    transfer::ExportOptions options;
    bool no_header = false;
    std::vector<std::string> set;
};

int exportRows(const Context &context, ExportChoice choice)
{
    if (choice.output.empty())
        return failed(context, fail(ErrorKind::Usage, "There is no file to write to", "Name one with -o.").value());
    if (!choice.table.empty() && (!choice.sql.empty() || !choice.file.empty()))
        return failed(context, fail(ErrorKind::Usage, "Either a query or a table can be exported, not both").value());
    Input query;
    if (!choice.table.empty()) {
        query.text = "TABLE " + choice.table;
    } else {
        auto read = readSql(choice.sql, choice.file);
        if (!read)
            return failed(context, read.error());
        query = std::move(*read);
    }
    choice.options.format = transfer::formatOfFile(choice.output);
    if (!choice.format.empty()) {
        const auto named = transfer::formatNamed(choice.format);
        if (!named)
            return failed(context, fail(ErrorKind::Usage, choice.format + " is no format of files", "See howdah-cli help export.").value());
        choice.options.format = *named;
    }
    if (choice.delimiter.size() != 1 && choice.delimiter != "\\t")
        return failed(context, fail(ErrorKind::Usage, "A delimiter is one character").value());
    choice.options.delimiter = choice.delimiter == "\\t" ? '\t' : choice.delimiter.front();
    choice.options.header = !choice.no_header;
    choice.options.table = !choice.insert_into.empty() ? choice.insert_into : choice.table.empty() ? "table_name" : choice.table;
    choice.options.values = parameterValues(choice.set);
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    Progress progress;
    const auto done = transfer::exportQuery(**connection, query.text, choice.output, choice.options,
                                            [&progress](std::int64_t rows, std::int64_t bytes) { progress.show(rows, bytes, 0); });
    if (!done) {
        const int code = failed(context, done.error(), query);
        return done.error().kind == ErrorKind::Cancelled && interruptedBy() != 0 ? interruptedBy() : code;
    }
    if (context.json) {
        output().write(printed({{"rows", done->rows}, {"bytes", done->bytes}, {"duration_ms", done->duration_ms}, {"file", choice.output}, {"notes", done->notes}}));
    } else {
        for (const std::string &note : done->notes)
            printNote(note);
        printNote(fmt::format("{} rows, {}, written to {} in {}.", human::count(done->rows), human::bytes(done->bytes), choice.output, human::duration(done->duration_ms)));
    }
    return exit_ok;
}

struct ImportChoice {
    transfer::ImportPlan plan;
    std::string file, columns, delimiter, quote;
    bool header = false, no_header = false, preview = false;
};

char characterOf(const std::string &text)
{
    return text == "\\t" ? '\t' : text.front();
}

std::vector<std::string> listed(const std::string &list)
{
    std::vector<std::string> names(1);
    for (const char c : list) {
        if (c == ',')
            names.emplace_back();
        else
            names.back() += c;
    }
    return names;
}

ordered_json previewJson(const transfer::ImportPreview &preview, const transfer::ImportPlan &plan)
{
    ordered_json document{{"dialect", {{"delimiter", std::string(1, plan.dialect.delimiter)}, {"quote", std::string(1, plan.dialect.quote)}, {"header", plan.dialect.header}}},
                          {"estimated_rows", preview.estimated_rows},
                          {"warnings", preview.warnings},
                          {"columns", ordered_json::array()},
                          {"rows", ordered_json::array()},
                          {"sql", ordered_json::array()}};
    for (const transfer::ImportColumn &column : plan.columns)
        document["columns"].push_back({{"name", column.name}, {"type", column.type}});
    for (std::size_t i = 0; i < std::min<std::size_t>(preview.rows.size(), 10); ++i) {
        ordered_json row = ordered_json::array();
        for (const transfer::CsvField &field : preview.rows[i])
            row.push_back(field.text.empty() && !field.quoted ? ordered_json() : ordered_json(field.text));
        document["rows"].push_back(std::move(row));
    }
    for (const migration::ChangeStep &step : transfer::importScript(plan).steps)
        document["sql"].push_back(step.sql);
    document["sql"].push_back(transfer::importSql(plan));
    return document;
}

int importRows(const Context &context, ImportChoice choice)
{
    transfer::ImportPlan &plan = choice.plan;
    if (plan.table.empty())
        return failed(context, fail(ErrorKind::Usage, "There is no table to import into", "Name one with --table.").value());
    if (choice.delimiter.size() > 1 && choice.delimiter != "\\t")
        return failed(context, fail(ErrorKind::Usage, "A delimiter is one character").value());
    plan.file = choice.file;
    auto preview = transfer::previewCsv(plan.file);
    if (!preview)
        return failed(context, preview.error());
    transfer::CsvDialect dialect = preview->dialect;
    if (!choice.delimiter.empty())
        dialect.delimiter = characterOf(choice.delimiter);
    if (!choice.quote.empty())
        dialect.quote = dialect.escape = choice.quote.front();
    if (choice.header || choice.no_header)
        dialect.header = choice.header;
    preview = transfer::previewCsv(plan.file, &dialect);
    if (!preview)
        return failed(context, preview.error());
    plan.dialect = dialect;
    plan.columns = preview->columns;
    if (!choice.columns.empty()) {
        const std::vector<std::string> names = listed(choice.columns);
        if (names.size() != plan.columns.size())
            return failed(context, fail(ErrorKind::Usage, fmt::format("The file has {} columns, --columns names {}", plan.columns.size(), names.size())).value());
        for (std::size_t i = 0; i < names.size(); ++i)
            plan.columns[i].name = names[i];
    }
    for (const std::string &warning : preview->warnings)
        printNote("WARNING: " + warning);
    if (choice.preview) {
        const ordered_json document = previewJson(*preview, plan);
        if (context.json) {
            output().write(printed(document));
        } else {
            for (const auto &sql : document["sql"])
                output().write(sql.get<std::string>() + ";\n");
            printNote(fmt::format("about {} rows", human::count(preview->estimated_rows)));
        }
        return exit_ok;
    }
    const Work work(context.canceller);
    const auto connection = connect(context);
    if (!connection)
        return failed(context, connection.error());
    Progress progress;
    const auto done = transfer::importCsv(**connection, plan, [&](std::int64_t bytes, std::int64_t rows) { progress.show(rows, bytes, preview->file_bytes); });
    if (!done) {
        const int code = failed(context, done.error());
        return done.error().kind == ErrorKind::Cancelled && interruptedBy() != 0 ? interruptedBy() : code;
    }
    if (context.json) {
        ordered_json document{{"rows", done->rows}, {"bytes", done->bytes}, {"duration_ms", done->duration_ms}, {"bad_rows", ordered_json::array()}};
        for (const transfer::BadRow &bad : done->bad_rows)
            document["bad_rows"].push_back({{"line", bad.line}, {"text", bad.text}, {"reason", bad.reason}, {"sqlstate", bad.sqlstate}});
        output().write(printed(document));
    } else {
        for (const transfer::BadRow &bad : done->bad_rows)
            output().write(printable(fmt::format("{}:{}: {}: {}", choice.file, bad.line, bad.reason, bad.text)) + "\n");
        printNote(fmt::format("{} rows imported into {} in {}{}.", human::count(done->rows), plan.table, human::duration(done->duration_ms),
                              done->bad_rows.empty() ? "" : fmt::format(", {} left out", done->bad_rows.size())));
    }
    return done->bad_rows.empty() ? exit_ok : exit_findings;
}

} // namespace

Action declareExport(CLI::App &options)
{
    const auto choice = std::make_shared<ExportChoice>();
    options.add_option("sql", choice->sql, "The query");
    options.add_option("-f,--file", choice->file, "Read the query from FILE; - is standard input")->type_name("FILE");
    options.add_option("--table", choice->table, "All rows of a table or view")->type_name("NAME");
    options.add_option("-o,--output", choice->output, "Where to")->type_name("FILE");
    options.add_option("--format", choice->format, "csv, text, binary, json, jsonl, xlsx, insert, markdown")->type_name("WORD");
    options.add_option("--delimiter", choice->delimiter, "Of CSV")->type_name("C");
    options.add_option("--null", choice->options.null_text, "What NULL is written as, in CSV")->type_name("TEXT");
    options.add_flag("--no-header", choice->no_header, "No names of columns");
    options.add_option("--insert-into", choice->insert_into, "The table that INSERT statements name")->type_name("TABLE");
    options.add_option("-v,--set", choice->set, "The value of :NAME or $N in the query")->type_name("NAME=VALUE")->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return [choice](const Context &context) { return exportRows(context, *choice); };
}

Action declareImport(CLI::App &options)
{
    const auto choice = std::make_shared<ImportChoice>();
    options.add_option("file", choice->file, "A CSV file")->type_name("FILE")->required();
    options.add_option("--table", choice->plan.table, "Where to")->type_name("NAME");
    options.add_flag("--create", choice->plan.create, "Make the table first");
    options.add_option("--columns", choice->columns, "Columns of the table, in the file's order")->type_name("LIST");
    options.add_option("--delimiter", choice->delimiter, "Between fields")->type_name("C");
    options.add_option("--quote", choice->quote, "Around fields")->type_name("C");
    options.add_flag("--header", choice->header, "The first row holds names");
    options.add_flag("--no-header", choice->no_header, "The first row holds values");
    options.add_option("--null", choice->plan.null_text, "What stands for NULL")->type_name("TEXT");
    options.add_flag("--skip-bad-rows", choice->plan.skip_bad_rows, "Leave rows out that the server refuses");
    options.add_flag("--preview", choice->preview, "Only tell what would be done");
    return [choice](const Context &context) { return importRows(context, *choice); };
}

} // namespace howdah::cli
