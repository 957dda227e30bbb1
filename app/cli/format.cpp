// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sql/format.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/cli/commands.h"
#include "app/cli/error_report.h"
#include "app/cli/exit_code.h"
#include "app/cli/input.h"
#include "app/cli/output.h"

namespace howdah::cli {

const char *const format_manual = R"(howdah-cli format [options] FILE|-

Lays SQL out anew and prints it. Only blanks, line breaks and the case of keywords
change: each statement's parse tree is compared before and after, and a statement
for which that cannot be shown (it does not parse, for example) is left as it is
and named. Comments, names, texts and function bodies are never touched.

      --keywords CASE  upper (the default), lower or keep
      --width N        columns that lists and conditions may take (100)
      --indent N       blanks a level (4)
      --leading-commas commas at the begin of lines
      --check          print nothing; exit code 1 when the file would change
      --write          put the result into the file
      --json           {"text", "statements", "changed", "kept": [{sql, error}]}

Exit code: 0 all well, 1 the file would change (--check) or statements were left as
they are, 2 wrong usage.

  howdah-cli format --write migrations/0042.sql
  git diff --name-only | xargs -n 1 howdah-cli format --check
)";

namespace {

using nlohmann::ordered_json;

struct FormatChoice {
    std::string file = "-";
    std::string keywords = "upper";
    sql::FormatOptions options;
    bool check = false, write = false;
};

bool writeFile(const std::string &file, const std::string &text)
{
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream.write(text.data(), static_cast<std::streamsize>(text.size()));
    stream.close();
    return !stream.fail();
}

int format(const Context &context, FormatChoice choice)
{
    if (choice.write && choice.file == "-")
        return failed(context, fail(ErrorKind::Usage, "There is no file to write to", "Name one instead of -.").value());
    choice.options.keywords = choice.keywords == "lower" ? sql::KeywordCase::Lower
        : choice.keywords == "keep"                       ? sql::KeywordCase::Keep
                                                          : sql::KeywordCase::Upper;
    const auto input = readInput(choice.file);
    if (!input)
        return failed(context, input.error());
    const sql::Formatted formatted = sql::format(input->text, choice.options);
    const bool changed = formatted.text != input->text;
    if (choice.write && changed && !writeFile(choice.file, formatted.text))
        return failed(context, fail(ErrorKind::Io, fmt::format("{} could not be written: {}", choice.file, std::strerror(errno))).value(), *input);
    for (const auto &kept : formatted.kept) {
        Error error = kept.reason;
        error.position = ByteOffset{kept.span.begin.value + (error.position ? error.position->value : 0)};
        printError(error, *input);
    }
    if (context.json) {
        ordered_json document{{"statements", formatted.statements}, {"changed", changed}, {"kept", ordered_json::array()}};
        if (!choice.check)
            document["text"] = formatted.text;
        for (const auto &kept : formatted.kept)
            document["kept"].push_back({{"sql", kept.span.of(input->text)}, {"error", errorJson(kept.reason, kept.span.of(input->text))}});
        output().write(document.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
    } else if (!choice.check && !choice.write) {
        output().write(formatted.text);
    }
    return (choice.check && changed) || !formatted.kept.empty() ? exit_findings : exit_ok;
}

} // namespace

Action declareFormat(CLI::App &options)
{
    const auto choice = std::make_shared<FormatChoice>();
    options.add_option("file", choice->file, "SQL; - is standard input")->type_name("FILE");
    options.add_option("--keywords", choice->keywords, "upper, lower or keep")->type_name("CASE")->check(CLI::IsMember({"upper", "lower", "keep"}));
    options.add_option("--width", choice->options.width, "Columns that lists and conditions may take")->type_name("N")->check(CLI::Range(20, 1000));
    options.add_option("--indent", choice->options.indent, "Blanks a level")->type_name("N")->check(CLI::Range(0, 16));
    options.add_flag("--leading-commas", choice->options.leading_commas, "Commas at the begin of lines");
    options.add_flag("--check", choice->check, "Exit code 1 when the file would change");
    options.add_flag("--write", choice->write, "Put the result into the file");
    return [choice](const Context &context) { return format(context, *choice); };
}

} // namespace howdah::cli
