// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <QtTest>

// How Qt Test shows values of the standard library when a comparison fails.

namespace QTest {

template <> inline char *toString(const std::string &text)
{
    return qstrdup(text.c_str());
}

template <> inline char *toString(const std::string_view &text)
{
    return qstrdup(std::string(text).c_str());
}

template <> inline char *toString(const std::vector<std::string> &list)
{
    std::string all;
    for (const std::string &text : list)
        all += text + " | ";
    return qstrdup(all.c_str());
}

} // namespace QTest
