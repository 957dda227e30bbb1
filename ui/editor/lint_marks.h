// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <QObject>
#include <QTimer>

#include "core/migration/lint.h"

namespace howdah::pg {
class Catalog;
} // namespace howdah::pg

namespace howdah::ui {

class LatestJob;
class LintTip;
class SqlEditor;

/// What lint knows of the database that a page works with, as it was last read. Parts may be null.
struct LintKnowledge {
    std::shared_ptr<const pg::Catalog> catalog;
    std::shared_ptr<const migration::SchemaFacts> facts;
    std::shared_ptr<const migration::LintFacts> lint_facts;
    int major = 17;
};

/// What lint finds in the DDL of an editor's text: squiggles, and a card with the locks and the fix where the pointer
/// rests. Worked out on another thread a moment after the last key, from what is in memory: no statement goes to a
/// server. Owned by its editor.
class LintMarks : public QObject
{
    Q_OBJECT
public:
    explicit LintMarks(SqlEditor &editor);
    ~LintMarks() override;
    /// The one of that editor; null before it was made.
    [[nodiscard]] static LintMarks *of(const SqlEditor &editor);

    void setKnowledge(LintKnowledge knowledge);
    void setEnabled(bool enabled);
    [[nodiscard]] bool isEnabled() const { return enabled_; }
    [[nodiscard]] const std::vector<migration::LintFinding> &findings() const { return findings_; }
    /// To the next finding behind the cursor, from the last one to the first; its card opens. False when there is none.
    bool goToNext();
    [[nodiscard]] LintTip *tip() const { return tip_; }
    /// Opens the card of the findings at a place; closes it where there is none.
    void showAt(std::size_t position);

Q_SIGNALS:
    void changed(); ///< the findings

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Answer;
    void start();
    void accept(const Answer &answer);
    void paint();
    void clear();
    void suppress(const migration::LintFinding &finding);

    SqlEditor &editor_;
    LintTip *tip_ = nullptr; ///< the editor's, made when first wanted
    LatestJob *job_;
    QTimer pause_, leave_;
    LintKnowledge knowledge_;
    std::vector<migration::LintFinding> findings_;
    quint64 revision_ = 0; ///< grows with every edit
    bool fresh_ = false;   ///< findings_ belong to the text as it is
    bool enabled_ = true;
};

/// Whether a text holds statements that lint is about; one pass over its tokens.
[[nodiscard]] bool holdsDdl(std::string_view text);

} // namespace howdah::ui
