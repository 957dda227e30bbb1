// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/result/pattern.h"

#include <limits>
#include <locale.h>
#include <regex.h>
#include <string>

namespace howdah::result {

namespace {

constexpr std::size_t most_characters = 1'000;
constexpr long most_repeats = 1'000; ///< the library unrolls a{m,n}: nested ones would take all memory

locale_t unicodeLocale()
{
    static const locale_t locale = newlocale(LC_CTYPE_MASK | LC_COLLATE_MASK, "C.UTF-8", nullptr);
    return locale;
}

/// The library asks the thread's locale what a character is, when it compiles and when it runs.
class InUnicode
{
public:
    InUnicode() : before_(unicodeLocale() != nullptr ? uselocale(unicodeLocale()) : nullptr) { }
    ~InUnicode()
    {
        if (before_ != nullptr)
            uselocale(before_);
    }
    InUnicode(const InUnicode &) = delete;
    InUnicode &operator=(const InUnicode &) = delete;

private:
    locale_t before_;
};

/// \d and \D, which POSIX lacks, and refusals of what runs away.
Result<std::string> translated(std::string_view text)
{
    if (text.size() > most_characters)
        return fail(ErrorKind::Usage, "The pattern is too long");
    std::string out;
    long repeats = 1;
    bool in_brackets = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_brackets) {
            in_brackets = c != ']';
            if (c == '\\' && i + 1 < text.size() && text[i + 1] == 'd') {
                out += "0-9";
                ++i;
                continue;
            }
        } else if (c == '\\' && i + 1 < text.size()) {
            const char next = text[++i];
            if (next >= '1' && next <= '9')
                return fail(ErrorKind::Usage, "References back to a group are not supported");
            if (next == 'd' || next == 'D')
                out += next == 'd' ? "[0-9]" : "[^0-9]";
            else if (next == 't' || next == 'n')
                out += next == 't' ? '\t' : '\n';
            else
                out.append({'\\', next});
            continue;
        } else if (c == '[') {
            in_brackets = true;
            out += c;
            if (i + 1 < text.size() && text[i + 1] == '^')
                out += text[++i];
            if (i + 1 < text.size() && text[i + 1] == ']')
                out += text[++i];
            continue;
        } else if (c == '{') {
            long most = 0, number = 0;
            for (std::size_t k = i + 1; k < text.size() && text[k] != '}'; ++k) {
                number = text[k] >= '0' && text[k] <= '9' ? std::min(number * 10 + (text[k] - '0'), most_repeats + 1) : 0;
                most = std::max(most, number);
            }
            repeats *= std::max(1L, most);
            if (repeats > most_repeats)
                return fail(ErrorKind::Usage, "The pattern repeats too often");
        }
        out += c;
    }
    return out;
}

} // namespace

struct Pattern::Impl {
    regex_t compiled{};
    bool made = false;
    ~Impl()
    {
        if (made)
            regfree(&compiled);
    }
};

Result<Pattern> Pattern::make(std::string_view text, bool match_case)
{
    auto posix = translated(text);
    if (!posix)
        return tl::unexpected(posix.error());
    auto impl = std::make_shared<Impl>();
    const InUnicode in_unicode;
    const int failed = regcomp(&impl->compiled, posix->c_str(), REG_EXTENDED | REG_NOSUB | (match_case ? 0 : REG_ICASE));
    if (failed != 0) {
        char reason[200];
        regerror(failed, &impl->compiled, reason, sizeof reason);
        return fail(ErrorKind::Usage, std::string("Not a regular expression: ") + reason);
    }
    impl->made = true;
    Pattern pattern;
    pattern.impl_ = std::move(impl);
    return pattern;
}

bool Pattern::matches(std::string_view text) const
{
    constexpr auto longest = static_cast<std::size_t>(std::numeric_limits<regoff_t>::max() / 8);
    if (!impl_ || text.size() > longest)
        return false;
    const InUnicode in_unicode;
    regmatch_t whole{0, static_cast<regoff_t>(text.size())};
    return regexec(&impl_->compiled, text.data(), 0, &whole, REG_STARTEND) == 0;
}

} // namespace howdah::result
