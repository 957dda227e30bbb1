// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QList>
#include <QString>
#include <QStringView>

namespace howdah::ui {

/// A text made ready once for many searches. `head` is what it is called, `tail` where it stands ("public", "Query");
/// letters found in the tail count, but less.
class FuzzyText
{
public:
    FuzzyText() = default;
    explicit FuzzyText(const QString &head, const QString &tail = {});

    [[nodiscard]] qsizetype headSize() const { return head_size_; }

private:
    friend class FuzzyPattern;
    friend class FuzzySearch;

    QString text_;             ///< head, a separator, tail
    QString folded_;           ///< the same in lower case, unit by unit
    qsizetype head_size_ = 0;
    quint64 letters_ = 0;      ///< which letters occur, so that most texts are left out without looking
};

/// What somebody has typed: terms separated by blanks, each of which must occur as a subsequence, in any case.
/// Word starts ("ea" in "Explain Analyze", "uid" in "user_id"), letters in a row and equal case raise the score.
/// Time is linear in the text.
class FuzzyPattern
{
public:
    explicit FuzzyPattern(QStringView typed);

    [[nodiscard]] bool isEmpty() const { return terms_.isEmpty(); }
    /// The higher the better; nothing when some term does not occur. Only to be compared under one pattern.
    [[nodiscard]] std::optional<int> score(const FuzzyText &text) const;
    /// Matched places in UTF-16 units, ascending; those of the tail count on from headSize() + 1.
    [[nodiscard]] std::vector<int> positions(const FuzzyText &text) const;
    /// Whether everything that this pattern matches was matched by `earlier` too ("ord" after "or").
    [[nodiscard]] bool narrows(const FuzzyPattern &earlier) const;

private:
    friend class FuzzySearch;
    struct Term {
        QString text;
        QString folded;
        quint64 letters = 0;
    };
    QList<Term> terms_;
};

} // namespace howdah::ui
