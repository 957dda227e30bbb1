// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "core/partition/convert_facts.h"

// For core/partition alone.

namespace howdah::partition {

/// Triggers that do what a foreign key did, where the columns that it points at are unique in fact but no longer by an
/// index: MATCH SIMPLE, the key's own actions. A row that is referred to is locked FOR KEY SHARE, as the constraint does.
class ForeignKeyTriggers
{
public:
    /// `parent` and `child` as they are called when the triggers are made.
    ForeignKeyTriggers(const OldForeignKey &key, std::string schema, std::string parent, std::string child);
    [[nodiscard]] std::string create() const;
    [[nodiscard]] std::string drop() const;

private:
    [[nodiscard]] std::string childFunction() const;
    [[nodiscard]] std::string parentFunction() const;
    [[nodiscard]] std::string action(char letter, bool on_delete) const;

    const OldForeignKey &key_;
    std::string parent_, child_;
    std::string child_function_, parent_function_, child_trigger_, parent_trigger_;
};

} // namespace howdah::partition
