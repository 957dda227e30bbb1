// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

#include "core/migration/effects/script.h"
#include "core/migration/effects/tree.h"

namespace howdah::migration::effects {

/// A statement of a script whose work still stands.
struct Applied {
    std::string sql;
    std::size_t number = 0;    ///< its place in the order of all statements, from 1
    Place place;
    bool until_commit = false; ///< SET LOCAL
};

/// The transaction that a script is in, as the server sees it: which of the statements so far still count after ROLLBACK,
/// ROLLBACK TO SAVEPOINT and the end of SET LOCAL, and whether an error has made it deaf.
class ScriptTransaction
{
public:
    /// What BEGIN, COMMIT, SAVEPOINT and their like do.
    struct Outcome {
        std::size_t undone = 0;  ///< statements that no longer count
        std::string note;
        std::string error, sqlstate;
    };

    [[nodiscard]] bool open() const { return open_; }
    [[nodiscard]] bool aborted() const { return aborted_; }
    [[nodiscard]] const std::vector<Applied> &standing() const { return standing_; }
    void applied(Applied statement) { standing_.push_back(std::move(statement)); }
    void failed() { aborted_ = open_; }
    /// A TransactionStmt. `half_done`: something failed and may have left traces.
    Outcome take(const Node &statement);
    /// ROLLBACK, ROLLBACK TO and COMMIT are heard by a transaction that has failed.
    [[nodiscard]] static bool endsFailure(const Node &statement);

private:
    struct Savepoint {
        std::string name;
        std::size_t standing = 0;
    };
    std::vector<Savepoint>::iterator savepoint(const std::string &name);
    void truncate(std::size_t to, Outcome &outcome);
    void begin();
    void end(const Node &statement, bool keeps, Outcome &outcome);

    std::vector<Applied> standing_;
    std::vector<Savepoint> savepoints_;
    std::size_t begun_ = 0;
    bool open_ = false, aborted_ = false;
};

} // namespace howdah::migration::effects
