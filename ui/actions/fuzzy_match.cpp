// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions/fuzzy_match.h"

#include <algorithm>

namespace howdah::ui {

namespace {

constexpr QChar separator(0x1f);

namespace points {
constexpr int letter = 16;
constexpr int in_a_row = 14;
constexpr int word_start = 12;
constexpr int text_start = 8;
constexpr int same_case = 1;
constexpr int whole_head = 30;
constexpr int longest_gap = 10; ///< a gap costs a point a letter, but no more than this
constexpr int in_tail = -9;
} // namespace points

/// Each letter and digit has a bit of its own, everything else shares the rest.
quint64 bitOf(char16_t unit)
{
    if (unit >= u'a' && unit <= u'z')
        return 1ULL << (unit - u'a');
    if (unit >= u'0' && unit <= u'9')
        return 1ULL << (26 + (unit - u'0'));
    return 1ULL << (36 + unit % 28);
}

QString fold(QStringView text)
{
    QString folded(text.size(), Qt::Uninitialized);
    std::transform(text.cbegin(), text.cend(), folded.begin(), [](QChar unit) { return unit.toLower(); });
    return folded;
}

quint64 lettersOf(const QString &folded)
{
    quint64 letters = 0;
    for (const QChar unit : folded)
        letters |= bitOf(unit.unicode());
    return letters;
}

bool startsWord(const QString &text, qsizetype at)
{
    if (at == 0)
        return true;
    const QChar before = text.at(at - 1);
    const QChar here = text.at(at);
    if (!before.isLetterOrNumber())
        return here.isLetterOrNumber();
    return (before.isLower() && here.isUpper()) || (before.isLetter() && here.isDigit());
}

} // namespace

/// Looks for one term in one text in three ways, each linear, and keeps the best.
class FuzzySearch
{
public:
    FuzzySearch(const FuzzyPattern::Term &term, const FuzzyText &text)
        : term_(term), text_(text), size_(term.folded.size())
    {
    }

    bool run()
    {
        if (!forwards())
            return false;
        keepIfBetter();
        if (size_ > 1) {
            tighten();
            keepIfBetter();
        }
        if (inOnePiece())
            keepIfBetter();
        if (wordByWord())
            keepIfBetter();
        return true;
    }

    [[nodiscard]] int score() const { return best_; }
    [[nodiscard]] const std::vector<int> &positions() const { return best_places_; }

private:
    [[nodiscard]] QChar wanted(qsizetype i) const { return term_.folded.at(i); }

    bool forwards()
    {
        places_.clear();
        qsizetype from = 0;
        for (qsizetype i = 0; i < size_; ++i) {
            const qsizetype at = text_.folded_.indexOf(wanted(i), from);
            if (at < 0)
                return false;
            places_.push_back(static_cast<int>(at));
            from = at + 1;
        }
        return true;
    }

    /// From the last place back, so that "run" in "rename run" is the word and not three letters of two.
    void tighten()
    {
        int at = places_.back();
        for (qsizetype i = size_ - 1; i >= 0; --i, --at) {
            while (text_.folded_.at(at) != wanted(i))
                --at;
            places_[static_cast<std::size_t>(i)] = at;
        }
    }

    bool inOnePiece()
    {
        qsizetype found = -1;
        for (qsizetype at = text_.folded_.indexOf(term_.folded); at >= 0;
             at = text_.folded_.indexOf(term_.folded, at + 1)) {
            const bool start = startsWord(text_.text_, at);
            if (found < 0 || start)
                found = at;
            if (start)
                break;
        }
        if (found < 0)
            return false;
        for (qsizetype i = 0; i < size_; ++i)
            places_[static_cast<std::size_t>(i)] = static_cast<int>(found + i);
        return true;
    }

    /// The letter that follows, else the next start of a word, else the next one at all.
    bool wordByWord()
    {
        qsizetype from = 0;
        for (qsizetype i = 0; i < size_; ++i) {
            qsizetype at = i > 0 && from < text_.folded_.size() && text_.folded_.at(from) == wanted(i) ? from : -1;
            qsizetype first = -1;
            for (qsizetype next = from; at < 0; ++next) {
                next = text_.folded_.indexOf(wanted(i), next);
                if (next < 0)
                    break;
                if (first < 0)
                    first = next;
                if (startsWord(text_.text_, next))
                    at = next;
            }
            if (at < 0)
                at = first;
            if (at < 0)
                return false;
            places_[static_cast<std::size_t>(i)] = static_cast<int>(at);
            from = at + 1;
        }
        return true;
    }

    void keepIfBetter()
    {
        const int points = rate();
        if (!best_places_.empty() && points <= best_)
            return;
        best_ = points;
        best_places_ = places_;
    }

    [[nodiscard]] int rate() const
    {
        int sum = 0;
        for (std::size_t i = 0; i < places_.size(); ++i) {
            const int at = places_[i];
            sum += points::letter;
            if (at > text_.head_size_)
                sum += points::in_tail;
            if (i > 0 && places_[i - 1] == at - 1)
                sum += points::in_a_row;
            else
                sum -= std::min(i > 0 ? at - places_[i - 1] - 1 : at, points::longest_gap);
            if (startsWord(text_.text_, at))
                sum += at == 0 ? points::word_start + points::text_start : points::word_start;
            if (text_.text_.at(at) == term_.text.at(static_cast<qsizetype>(i)))
                sum += points::same_case;
        }
        if (places_.front() == 0 && size_ == text_.head_size_)
            sum += points::whole_head;
        return sum;
    }

    const FuzzyPattern::Term &term_;
    const FuzzyText &text_;
    qsizetype size_;
    std::vector<int> places_;
    std::vector<int> best_places_;
    int best_ = 0;
};

FuzzyText::FuzzyText(const QString &head, const QString &tail)
    : text_(tail.isEmpty() ? head : head + separator + tail), folded_(fold(text_)), head_size_(head.size()),
      letters_(lettersOf(folded_))
{
}

FuzzyPattern::FuzzyPattern(QStringView typed)
{
    const auto words = typed.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    for (const QStringView word : words) {
        const QString folded = fold(word);
        terms_.append({word.toString(), folded, lettersOf(folded)});
    }
}

std::optional<int> FuzzyPattern::score(const FuzzyText &text) const
{
    for (const Term &term : terms_) {
        if ((term.letters & ~text.letters_) != 0)
            return {};
    }
    int sum = 0;
    for (const Term &term : terms_) {
        FuzzySearch search(term, text);
        if (!search.run())
            return {};
        sum += search.score();
    }
    // Of two texts that match alike the shorter one is meant.
    return sum - static_cast<int>(std::min<qsizetype>(text.head_size_, 64) / 4);
}

std::vector<int> FuzzyPattern::positions(const FuzzyText &text) const
{
    std::vector<int> all;
    for (const Term &term : terms_) {
        FuzzySearch search(term, text);
        if (search.run())
            all.insert(all.end(), search.positions().begin(), search.positions().end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

bool FuzzyPattern::narrows(const FuzzyPattern &earlier) const
{
    if (earlier.terms_.size() > terms_.size())
        return false;
    for (qsizetype i = 0; i < earlier.terms_.size(); ++i) {
        if (!terms_.at(i).folded.startsWith(earlier.terms_.at(i).folded))
            return false;
    }
    return true;
}

} // namespace howdah::ui
