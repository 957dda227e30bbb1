// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/complete.h"

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
#include "app/cli/table.h"
#include "app/cli/terminal.h"

namespace howdah::cli {

const char *const complete_manual = R"(howdah-cli complete [options] FILE|-

Tells what may stand at a place of a SQL text, the likeliest first, as the editor
offers it: columns of what is in scope, relations, whole join conditions from
foreign keys, functions, settings, types, keywords. With -d the database's catalog
is read once; without it only what every server has is known. Nothing of the text
is sent to the server.

      --at OFFSET      bytes from the beginning; the end of the text by default
      --limit N        at most so many (50)
      --json           {"typed", "replaced": {begin, end}, "candidates": [{kind,
                       label, insert, detail, score, caret_back}], "signature"}

  echo 'SELECT * FROM orders o JOIN ' | howdah-cli complete - --at 28 -d demo
)";

namespace {

using nlohmann::ordered_json;

struct CompleteChoice {
    std::string file = "-";
    std::optional<std::size_t> at;
    std::size_t limit = 50;
};

ordered_json signatureJson(const complete::SignatureHelp &help)
{
    ordered_json signatures = ordered_json::array();
    for (const auto &signature : help.signatures)
        signatures.push_back({{"name", signature.name}, {"arguments", signature.arguments}, {"result", signature.result}, {"comment", signature.comment}});
    return {{"signatures", signatures}, {"argument", help.argument}, {"argument_name", help.argument_name}, {"open", help.open.value}};
}

void printJson(const complete::Completion &completion)
{
    ordered_json document{{"typed", completion.typed},
                          {"replaced", {{"begin", completion.replaced.begin.value}, {"end", completion.replaced.end.value}}},
                          {"candidates", ordered_json::array()}};
    for (const auto &candidate : completion.candidates) {
        document["candidates"].push_back({{"kind", complete::kindName(candidate.kind)},
                                          {"label", candidate.label},
                                          {"insert", candidate.insert},
                                          {"detail", candidate.detail},
                                          {"score", candidate.score},
                                          {"caret_back", candidate.caret_back}});
    }
    document["signature"] = completion.signature ? signatureJson(*completion.signature) : ordered_json();
    output().write(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
}

void printTable(const complete::Completion &completion)
{
    std::vector<TableColumn> columns{{"Kind"}, {"Name"}, {"Detail"}};
    std::vector<TableRow> rows;
    for (const auto &candidate : completion.candidates)
        rows.push_back({{complete::kindName(candidate.kind)}, {printable(candidate.label)}, {printable(candidate.detail)}});
    measure(columns, rows);
    output().write(tableHead(columns, stdoutHasColors()));
    for (const TableRow &row : rows)
        appendRow(output().buffer(), columns, row, stdoutHasColors());
}

int complete(const Context &context, const CompleteChoice &choice)
{
    const auto input = readInput(choice.file);
    if (!input)
        return failed(context, input.error());
    std::shared_ptr<const pg::Catalog> catalog;
    if (!context.dbname.empty()) {
        const Work work(context.canceller);
        const auto connection = connect(context);
        if (!connection)
            return failed(context, connection.error());
        pg::CatalogOptions options;
        options.with_words = true;
        auto read = pg::readCatalog(**connection, options);
        if (!read)
            return failed(context, read.error());
        catalog = std::move(*read);
    }
    const std::size_t at = choice.at.value_or(input->text.size());
    if (at > input->text.size())
        return failed(context, fail(ErrorKind::Usage, fmt::format("The text has {} bytes, and {} is past its end", input->text.size(), at)).value());
    complete::Request request;
    request.text = input->text;
    request.cursor = {at};
    request.limit = choice.limit;
    request.with_words = catalog == nullptr;
    const auto completion = complete::complete(*complete::Snapshot::of(catalog), request);
    if (context.json)
        printJson(completion);
    else
        printTable(completion);
    return exit_ok;
}

} // namespace

Action declareComplete(CLI::App &options)
{
    const auto choice = std::make_shared<CompleteChoice>();
    options.add_option("file", choice->file, "SQL; - is standard input")->type_name("FILE");
    options.add_option("--at", choice->at, "Bytes from the beginning of the text")->type_name("OFFSET");
    options.add_option("--limit", choice->limit, "At most so many")->type_name("N")->check(CLI::Range(1, 10000));
    return [choice](const Context &context) { return complete(context, *choice); };
}

} // namespace howdah::cli
