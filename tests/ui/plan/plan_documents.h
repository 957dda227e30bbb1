// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "ui/plan/plan_document.h"

namespace howdah::test {

/// Null when nothing could be read.
inline std::shared_ptr<const ui::PlanDocument> documentOf(std::string source)
{
    auto document = ui::readPlanDocument(std::move(source));
    return document ? *document : nullptr;
}

/// From tests/data/plans.
inline std::shared_ptr<const ui::PlanDocument> documentFrom(const char *name)
{
    std::ifstream file(std::string(HOWDAH_TEST_DATA "/plans/") + name, std::ios::binary);
    return documentOf({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
}

/// An Append over that many like scans.
inline std::string manyPartitions(int count)
{
    std::string text = "Append  (cost=0.00..99999.00 rows=100000 width=4) (actual time=0.010..900.000 rows=100000 loops=1)\n";
    for (int i = 0; i < count; ++i)
        text += fmt::format("  ->  Seq Scan on p{0}  (cost=0.00..10.00 rows=10 width=4) (actual time=0.001..0.0{1:02} rows=10 "
                            "loops=1)\n        Filter: (id > {0})\n", i, i % 90 + 1);
    return text + "Execution Time: 900.000 ms\n";
}

} // namespace howdah::test
