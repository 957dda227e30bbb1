// SPDX-License-Identifier: GPL-3.0-or-later
// A password never leaves describe() and withoutPassword(), and what they give back can be read again.
#include <cstdint>
#include <string>

#include "core/pg/connection_spec.h"
#include "invariant.h"

using namespace howdah;
using namespace howdah::pg;

namespace {

/// No blank, no quote, no percent sign: it means the same in every place of a conninfo.
constexpr const char *secret = "qZ7xV9kW";

bool leaks(const std::string &text)
{
    return text.find(secret) != std::string::npos;
}

/// The fuzzer's text stands before and behind a password that we put there.
void checkSecrets(const std::string &text)
{
    const std::string half = text.substr(0, text.size() / 2), rest = text.substr(text.size() / 2);
    if (leaks(text))
        return;
    for (const std::string &conninfo : {half + " password=" + secret + " " + rest, half + "password='" + secret + "'" + rest,
                                        "postgresql://" + half + ":" + secret + "@" + rest,
                                        "postgresql://" + half + "?password=" + secret + "&" + rest}) {
        const auto keywords = describe(conninfo);
        // Where the text before it opens a quote, the "password" is another keyword's value: not ours to judge.
        bool elsewhere = false;
        for (const auto &[keyword, value] : keywords ? *keywords : std::map<std::string, std::string>()) {
            INVARIANT(keyword != "password" && keyword != "sslpassword" && keyword != "oauth_client_secret");
            elsewhere = elsewhere || leaks(value);
        }
        INVARIANT(elsewhere || !leaks(withoutPassword(conninfo)));
        INVARIANT(keywords || withoutPassword(conninfo).empty());
        INVARIANT(keywords || !leaks(keywords.error().text()));
    }
}

void checkRoundTrip(const std::string &text)
{
    const auto keywords = describe(text);
    if (!keywords)
        return;
    const auto again = describe(withoutPassword(text));
    INVARIANT(again);
    INVARIANT(*again == *keywords);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    // A conninfo is a C string for libpq.
    const std::string text(reinterpret_cast<const char *>(data), size);
    if (text.find('\0') != std::string::npos)
        return 0;
    checkRoundTrip(text);
    checkSecrets(text);
    return 0;
}
