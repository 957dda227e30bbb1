// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QAbstractListModel>
#include <QHash>
#include <QList>
#include <QString>
#include <QStringList>

#include "ui/actions/fuzzy_match.h"
#include "ui/actions/palette_source.h"

namespace howdah::ui {

/// The items of all sources and, as rows, the best of them for what is typed.
class PaletteModel : public QAbstractListModel
{
    Q_OBJECT
public:
    enum Role {
        PathRole = Qt::UserRole,
        IconRole,
        ShortcutRole,
        KindRole,      ///< the source's title
        EnabledRole,
        ReasonRole,
        PositionsRole, ///< QList<int>: places in the title that were matched
        PathPositionsRole,
        RecentRole     ///< bool: among the recent choices, when nothing is typed
    };
    static constexpr qsizetype shown_at_most = 200;

    using QAbstractListModel::QAbstractListModel;

    void clear();
    /// Keeps what is typed and searches again.
    void addItems(const QString &kind, const QList<PaletteItem> &items, QChar sign = {}, bool only_by_sign = false);
    /// Only items of sources with that sign; null: all but those that are found by their sign alone. Searches when the
    /// text is set next.
    void setScope(QChar sign);
    [[nodiscard]] QChar scope() const { return scope_; }
    /// Ids of recent choices, the latest first; keyed as key() says.
    void setRecent(const QStringList &keys);
    void setTyped(const QString &typed);

    [[nodiscard]] const PaletteItem &item(int row) const;
    [[nodiscard]] QString key(int row) const; ///< the source's title and the item's id
    [[nodiscard]] qsizetype matches() const { return matched_.size(); } ///< also those past shown_at_most
    [[nodiscard]] qsizetype total() const { return static_cast<qsizetype>(entries_.size()); }

    [[nodiscard]] int rowCount(const QModelIndex &parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex &index, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex &index) const override;

private:
    struct Entry {
        PaletteItem item;
        FuzzyText text;
        int kind = 0;
        QChar sign;
        bool only_by_sign = false;
        int recent = -1; ///< place among the recent choices
    };
    [[nodiscard]] QString keyOf(const Entry &entry) const;
    void search(bool among_matched);
    void listUnsearched();
    [[nodiscard]] QList<int> positions(const Entry &entry, bool in_path) const;

    [[nodiscard]] bool inScope(const Entry &entry) const { return scope_.isNull() ? !entry.only_by_sign : entry.sign == scope_; }

    QChar scope_;
    bool scope_changed_ = false;
    std::vector<Entry> entries_;
    QStringList kinds_;
    QHash<QString, int> recent_;
    QString typed_;
    FuzzyPattern pattern_{QStringView()};
    QList<int> matched_; ///< in no order
    QList<int> rows_;    ///< the best of them
};

} // namespace howdah::ui
