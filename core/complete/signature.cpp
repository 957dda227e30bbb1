// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/complete/signature.h"

#include <algorithm>

#include "core/complete/scope.h"

namespace howdah::complete {

namespace {

constexpr std::size_t most_signatures = 24;

/// OUT arguments are not given in a call.
std::vector<std::string> argumentsOf(const pg::CatalogFunction &function)
{
    std::vector<std::string> arguments;
    for (std::string &part : splitList(function.arguments)) {
        if (function.kind == 'p' || !part.starts_with("OUT "))
            arguments.push_back(std::move(part));
    }
    return arguments;
}

bool isVariadic(const Signature &signature)
{
    return !signature.arguments.empty() && signature.arguments.back().starts_with("VARIADIC ");
}

} // namespace

std::optional<SignatureHelp> signatureAt(const Statement &statement, const Snapshot &snapshot)
{
    // Outwards from the cursor to the first parenthesis that a function's name is before.
    SignatureHelp help;
    std::size_t separator = statement.hole;
    bool named_known = false;
    for (std::size_t i = statement.hole; i-- > 0;) {
        const Word &word = statement.at(i);
        if ((word.isText(")") || word.isText("]")) && word.match != nowhere && word.match < i) {
            i = word.match;
            continue;
        }
        if (word.isText(",")) {
            ++help.argument;
            if (!named_known)
                separator = i;
            named_known = true;
            continue;
        }
        if (!word.isText("("))
            continue;
        if (!named_known)
            separator = i;
        const Word &name = statement.before(i);
        const auto &functions = snapshot.functionsNamed(name.name);
        const Word &before = statement.before(i, 2);
        const bool definition = before.is("function") || before.is("procedure") || before.is("into") || before.is("table") || before.is("as") || before.is("with");
        if (functions.empty() || definition) {
            if (name.name.empty() || name.is("and") || name.is("or") || name.is("not")) { // a parenthesis of an expression
                help.argument = 0;
                named_known = false;
                continue;
            }
            return std::nullopt;
        }
        const std::string schema = before.isText(".") ? statement.before(i, 3).name : std::string();
        for (const auto *function : functions) {
            if ((schema.empty() || function->schema == schema) && help.signatures.size() < most_signatures)
                help.signatures.push_back({function->name, argumentsOf(*function), function->result, function->comment});
        }
        if (help.signatures.empty())
            return std::nullopt;
        std::ranges::stable_partition(help.signatures, [&](const Signature &signature) { return signature.arguments.size() > help.argument || isVariadic(signature) || help.argument == 0; });
        if (separator + 2 < statement.words.size() && (statement.at(separator + 2).isText("=>") || statement.at(separator + 2).isText(":=")))
            help.argument_name = statement.at(separator + 1).name;
        help.open = {statement.at(i).span.begin.value + statement.base};
        return help;
    }
    return std::nullopt;
}

} // namespace howdah::complete
