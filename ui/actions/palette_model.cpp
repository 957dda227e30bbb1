// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/actions/palette_model.h"

#include <algorithm>
#include <utility>

namespace howdah::ui {

namespace {

// A recent choice wins over one that matches a little better, never over one that matches much better.
constexpr int recent_points = 12;
constexpr int disabled_points = -10;

} // namespace

void PaletteModel::clear()
{
    beginResetModel();
    entries_.clear();
    kinds_.clear();
    matched_.clear();
    rows_.clear();
    typed_.clear();
    scope_ = {};
    pattern_ = FuzzyPattern(QStringView());
    endResetModel();
}

QString PaletteModel::keyOf(const Entry &entry) const
{
    return kinds_.at(entry.kind) + QLatin1Char('/') + entry.item.id;
}

void PaletteModel::addItems(const QString &kind, const QList<PaletteItem> &items, QChar sign, bool only_by_sign)
{
    const int place = static_cast<int>(kinds_.size());
    kinds_.append(kind);
    entries_.reserve(entries_.size() + static_cast<std::size_t>(items.size()));
    for (const PaletteItem &item : items) {
        entries_.push_back({item, FuzzyText(item.title, item.path), place, sign, only_by_sign, -1});
        if (!recent_.isEmpty())
            entries_.back().recent = recent_.value(keyOf(entries_.back()), -1);
    }
    search(false);
}

void PaletteModel::setRecent(const QStringList &keys)
{
    recent_.clear();
    for (const QString &key : keys)
        recent_.insert(key, static_cast<int>(recent_.size()));
    for (Entry &entry : entries_)
        entry.recent = recent_.value(keyOf(entry), -1);
    search(false);
}

void PaletteModel::setScope(QChar sign)
{
    scope_changed_ = scope_changed_ || sign != scope_;
    scope_ = sign;
}

void PaletteModel::setTyped(const QString &typed)
{
    FuzzyPattern pattern(typed);
    const bool narrower = !std::exchange(scope_changed_, false) && !pattern_.isEmpty() && pattern.narrows(pattern_);
    typed_ = typed;
    pattern_ = std::move(pattern);
    search(narrower);
}

void PaletteModel::search(bool among_matched)
{
    beginResetModel();
    if (pattern_.isEmpty()) {
        listUnsearched();
        endResetModel();
        return;
    }
    struct Hit {
        int entry;
        int score;
    };
    std::vector<Hit> hits;
    const auto look = [&](int i) {
        const Entry &entry = entries_[static_cast<std::size_t>(i)];
        if (!inScope(entry))
            return;
        if (const auto score = pattern_.score(entry.text))
            hits.push_back({i, *score + (entry.recent >= 0 ? recent_points : 0)
                                   + (entry.item.enabled ? 0 : disabled_points)});
    };
    if (among_matched) {
        for (const int i : std::as_const(matched_))
            look(i);
    } else {
        for (int i = 0; i < static_cast<int>(entries_.size()); ++i)
            look(i);
    }
    const auto shown = std::min(hits.size(), static_cast<std::size_t>(shown_at_most));
    std::partial_sort(hits.begin(), hits.begin() + static_cast<std::ptrdiff_t>(shown), hits.end(),
                      [](const Hit &a, const Hit &b) {
                          return a.score > b.score || (a.score == b.score && a.entry < b.entry);
                      });
    matched_.clear();
    matched_.reserve(static_cast<qsizetype>(hits.size()));
    for (const Hit &hit : hits)
        matched_.append(hit.entry);
    rows_ = matched_.first(static_cast<qsizetype>(shown));
    endResetModel();
}

/// Nothing is typed: recent choices, then everything in the order of the sources.
void PaletteModel::listUnsearched()
{
    matched_.clear();
    rows_.clear();
    const int count = static_cast<int>(entries_.size());
    matched_.reserve(count);
    for (int i = 0; i < count; ++i) {
        if (!inScope(entries_[static_cast<std::size_t>(i)]))
            continue;
        matched_.append(i);
        if (entries_[static_cast<std::size_t>(i)].recent >= 0)
            rows_.append(i);
    }
    std::sort(rows_.begin(), rows_.end(), [this](int a, int b) {
        return entries_[static_cast<std::size_t>(a)].recent < entries_[static_cast<std::size_t>(b)].recent;
    });
    for (int i = 0; i < count && rows_.size() < shown_at_most; ++i) {
        if (entries_[static_cast<std::size_t>(i)].recent < 0 && inScope(entries_[static_cast<std::size_t>(i)]))
            rows_.append(i);
    }
}

const PaletteItem &PaletteModel::item(int row) const
{
    return entries_[static_cast<std::size_t>(rows_.at(row))].item;
}

QString PaletteModel::key(int row) const
{
    return keyOf(entries_[static_cast<std::size_t>(rows_.at(row))]);
}

int PaletteModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

QList<int> PaletteModel::positions(const Entry &entry, bool in_path) const
{
    QList<int> found;
    const int head = static_cast<int>(entry.text.headSize());
    for (const int at : pattern_.positions(entry.text)) {
        if (in_path && at > head)
            found.append(at - head - 1);
        else if (!in_path && at < head)
            found.append(at);
    }
    return found;
}

QVariant PaletteModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rows_.size())
        return {};
    const Entry &entry = entries_[static_cast<std::size_t>(rows_.at(index.row()))];
    switch (role) {
    case Qt::DisplayRole: return entry.item.title;
    case PathRole: return entry.item.path;
    case IconRole: return entry.item.icon;
    case ShortcutRole: return entry.item.shortcut;
    case KindRole: return kinds_.at(entry.kind);
    case EnabledRole: return entry.item.enabled;
    case ReasonRole: return entry.item.disabled_reason;
    case PositionsRole: return QVariant::fromValue(positions(entry, false));
    case PathPositionsRole: return QVariant::fromValue(positions(entry, true));
    case RecentRole: return pattern_.isEmpty() && entry.recent >= 0;
    case Qt::AccessibleTextRole:
        return QStringList{entry.item.title, entry.item.path, entry.item.shortcut, entry.item.disabled_reason}
            .join(QStringLiteral(", "));
    default: return {};
    }
}

/// Disabled items stay selectable, so that the reason can be read.
Qt::ItemFlags PaletteModel::flags(const QModelIndex &index) const
{
    return index.isValid() ? Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren : Qt::NoItemFlags;
}

} // namespace howdah::ui
