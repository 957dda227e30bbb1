// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include <QObject>
#include <QStringList>
#include <QThreadPool>

#include "ui/browser/catalog_outline.h"
#include "ui/browser/object_node.h"

namespace howdah::ui {

struct ObjectMatch {
    NodeKind kind = NodeKind::Relation;
    std::uint32_t index = 0;
    std::uint32_t item = 0;
};

struct ObjectMatches {
    std::vector<ObjectMatch> best; ///< the best first, at most ObjectFilter::most
    std::size_t total = 0;
    QStringList words;             ///< what was searched for, in lower case
    double duration_ms = 0;
};

/// Searches names of schemas, relations, columns (those of partitions at their parent alone), indexes and functions on a thread of its own. Every word has to
/// occur in the path of an object ("public orders user_id") and at least one in its own name.
class ObjectFilter : public QObject
{
    Q_OBJECT
public:
    static constexpr std::size_t most = 2000;

    explicit ObjectFilter(QObject *parent = nullptr);
    ~ObjectFilter() override;

    void setOutline(std::shared_ptr<const CatalogOutline> outline);
    /// Answers with found(), unless another search() or clear() comes first.
    void search(const QString &text);
    void clear();
    [[nodiscard]] static QStringList wordsOf(const QString &text);

Q_SIGNALS:
    void found(const howdah::ui::ObjectMatches &matches);

private:
    struct Names;
    struct Shared;
    static std::shared_ptr<const Names> namesOf(const CatalogOutline &outline, const std::atomic<int> &current, int mine);
    static ObjectMatches match(const Names &names, const QStringList &words, const std::atomic<int> &current, int mine);

    std::shared_ptr<const CatalogOutline> outline_;
    std::shared_ptr<Shared> shared_;
    QThreadPool pool_;
};

} // namespace howdah::ui
