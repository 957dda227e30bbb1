// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/object_browser.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QProgressBar>
#include <QScopedValueRollback>
#include <QSettings>
#include <QStackedWidget>
#include <QTimer>

#include "core/base/human.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/browser/browser_note.h"
#include "ui/browser/object_face.h"
#include "ui/browser/object_model.h"
#include "ui/browser/object_sql.h"
#include "ui/browser/object_tree.h"

namespace howdah::ui {

namespace {

/// Lets go of something large on another thread: freeing a snapshot of 100,000 tables takes longer than a frame.
template <typename T> void releaseElsewhere(std::shared_ptr<T> &&held)
{
    if (held)
        QThreadPool::globalInstance()->start([held = std::move(held)]() mutable { held.reset(); });
}

} // namespace

ObjectBrowser::~ObjectBrowser()
{
    filter_->removeEventFilter(this);
}

void ObjectBrowser::setCatalog(std::shared_ptr<const pg::Catalog> catalog, const QString &database)
{
    if (catalog && catalog == catalog_ && database == database_)
        return;
    if (database != database_) {
        expanded_.clear();
        filter_->clear();
    }
    database_ = database;
    disconnected_ = false;
    releaseElsewhere(std::exchange(catalog_, std::move(catalog)));
    applyOutline();
}

void ObjectBrowser::applyOutline()
{
    const std::set<ObjectKey> expanded = expanded_;
    const bool had_current = tree_->currentIndex().isValid();
    const ObjectKey current = model_->key(tree_->currentIndex());
    int above = 0;
    const ObjectKey top = model_->key(tree_->topIndex(&above));
    const bool is_first = model_->outline() == nullptr;
    const auto before = selected();

    std::shared_ptr<const CatalogOutline> outline;
    if (catalog_)
        outline = std::make_shared<CatalogOutline>(catalog_, database_, with_system_->isChecked());
    auto old = model_->outline();
    model_->showOutline(outline);
    search_->setOutline(outline);
    releaseElsewhere(std::move(old));
    choosePage();
    if (!outline)
        found_model_->showMatches(nullptr, {});
    else if (is_first && expanded.empty())
        openFirstSchema();
    else
        restoreTree(expanded, current, had_current, top, above);
    if (outline && !filter_->text().isEmpty())
        filterChanged();
    const auto after = selected();
    if (before.has_value() != after.has_value() || (before && (before->oid != after->oid || before->name != after->name)))
        Q_EMIT objectSelected();
}

void ObjectBrowser::restoreTree(const std::set<ObjectKey> &expanded, const ObjectKey &current, bool had_current, const ObjectKey &top,
                                int above)
{
    const QScopedValueRollback quiet(refreshing_, true);
    for (const ObjectKey &key : expanded) {
        if (const QModelIndex index = model_->find(key); index.isValid())
            tree_->expand(index);
    }
    tree_->expand(model_->index(0, 0));
    tree_->doItemsLayout();
    if (had_current)
        tree_->setCurrentIndex(model_->find(current));
    tree_->scrollToTop(model_->find(top), above);
}

void ObjectBrowser::openFirstSchema()
{
    const QModelIndex database = model_->index(0, 0);
    tree_->expand(database);
    const QModelIndex schema = model_->index(0, 0, database);
    const ObjectNode *node = model_->node(schema);
    if (node == nullptr || node->kind != NodeKind::Schema)
        return;
    tree_->expand(schema);
    tree_->expand(model_->index(0, 0, schema));
}

void ObjectBrowser::setLoading(bool loading)
{
    loading_ = loading;
    if (loading)
        disconnected_ = false;
    busy_->setRange(0, loading ? 0 : 1);
    busy_->setVisible(loading);
    choosePage();
}

void ObjectBrowser::setFailure(const std::optional<Error> &error)
{
    failed_ = error.has_value();
    failure_->setVisible(failed_);
    if (error) {
        failure_text_->setText(QString::fromStdString(error->text()));
        failure_->setAccessibleName(tr("The catalog could not be read") + QStringLiteral(": ") + failure_text_->text());
    }
    choosePage();
}

void ObjectBrowser::setDisconnected()
{
    if (disconnected_ && !catalog_ && !failed_)
        return;
    disconnected_ = true;
    loading_ = false;
    busy_->hide();
    filter_->clear();
    expanded_.clear();
    database_.clear();
    releaseElsewhere(std::exchange(catalog_, nullptr));
    setFailure(std::nullopt);
    applyOutline();
}

std::optional<CatalogObject> ObjectBrowser::selected() const
{
    const ObjectTree *tree = shownTree();
    return tree->objects()->object(tree->currentIndex());
}

bool ObjectBrowser::wantsSystemSchemas() const
{
    return with_system_->isChecked();
}

void ObjectBrowser::focusFilter()
{
    filter_->setFocus(Qt::ShortcutFocusReason);
    filter_->selectAll();
}

void ObjectBrowser::reveal(std::uint32_t relation_oid)
{
    const QModelIndex index = model_->findRelation(relation_oid);
    if (!index.isValid())
        return;
    filter_->clear();
    for (QModelIndex above = index.parent(); above.isValid(); above = above.parent())
        tree_->expand(above);
    tree_->setCurrentIndex(index);
    tree_->scrollTo(index, QAbstractItemView::PositionAtCenter);
}

ObjectTree *ObjectBrowser::shownTree() const
{
    return filter_->text().trimmed().isEmpty() ? tree_ : found_;
}

void ObjectBrowser::choosePage()
{
    filter_->setEnabled(catalog_ != nullptr);
    if (disconnected_) {
        note_->say(QStringLiteral("disconnect"), tr("Not connected"),
                   tr("Connect to a server and its schemas, tables and functions are listed here."), tr("Connect"));
    } else if (!catalog_) {
        note_->say(QStringLiteral("database"), loading_ ? tr("Reading the catalog") : tr("Nothing read yet"),
                   loading_ ? tr("Schemas, tables and functions will be here in a moment.")
                            : tr("The catalog of this database has not been read."),
                   loading_ || failed_ ? QString() : tr("Read now"));
    } else if (nothing_found_ && shownTree() == found_) {
        note_->say(QStringLiteral("search"), tr("Nothing found"),
                   tr("No schema, table, column, index or function has all of these words in its name or path."), tr("Clear filter"));
    }
    if (!catalog_ || (nothing_found_ && shownTree() == found_))
        pages_->setCurrentWidget(note_);
    else
        pages_->setCurrentWidget(shownTree() == tree_ ? static_cast<QWidget *>(tree_) : found_page_);
}

// The filter

void ObjectBrowser::filterChanged()
{
    filter_delay_->stop();
    if (filter_->text().trimmed().isEmpty()) {
        search_->clear();
        open_first_ = false;
        nothing_found_ = false;
        found_model_->showMatches(nullptr, {});
        choosePage();
        Q_EMIT objectSelected();
        return;
    }
    search_->search(filter_->text());
}

void ObjectBrowser::showMatches(const ObjectMatches &matches)
{
    found_model_->showMatches(model_->outline(), matches);
    nothing_found_ = matches.best.empty();
    found_count_->setVisible(matches.total > matches.best.size());
    found_count_->setText(tr("The best %1 of %2: type more to narrow it down")
                              .arg(QString::fromStdString(human::count(static_cast<std::int64_t>(matches.best.size()))),
                                   QString::fromStdString(human::count(static_cast<std::int64_t>(matches.total)))));
    if (!matches.best.empty())
        found_->setCurrentIndex(found_model_->index(0, 0));
    choosePage();
    openFirst();
}

void ObjectBrowser::openFirst()
{
    if (std::exchange(open_first_, false) && found_->currentIndex().isValid())
        open(found_->currentIndex());
}

bool ObjectBrowser::eventFilter(QObject *watched, QEvent *event)
{
    if (watched != filter_ || event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    ObjectTree *tree = shownTree();
    switch (static_cast<QKeyEvent *>(event)->key()) {
    case Qt::Key_Escape:
        if (filter_->text().isEmpty())
            tree_->setFocus(Qt::OtherFocusReason);
        filter_->clear();
        return true;
    case Qt::Key_Down:
        if (pages_->currentWidget() == note_)
            return true;
        if (!tree->currentIndex().isValid())
            tree->setCurrentIndex(tree->model()->index(0, 0));
        tree->setFocus(Qt::OtherFocusReason);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (tree != found_)
            return true;
        open_first_ = true;
        if (found_model_->words() == ObjectFilter::wordsOf(filter_->text()))
            openFirst();
        else
            filterChanged(); // whoever types fast gets what was typed, not what was found before
        return true;
    default: return false;
    }
}

// What is done with an object

void ObjectBrowser::open(const QModelIndex &index)
{
    ObjectTree *tree = shownTree();
    const ObjectNode &node = *tree->objects()->node(index);
    const CatalogOutline &outline = *tree->objects()->outline();
    switch (node.kind) {
    case NodeKind::Relation: Q_EMIT objectActivated(catalogObject(outline, node)); return;
    case NodeKind::Column: Q_EMIT insertRequested(QString::fromStdString(nameInSql(outline, node))); return;
    case NodeKind::Index:
    case NodeKind::Constraint:
        Q_EMIT sqlRequested(nameOf(outline, node), QString::fromStdString(definition(outline, node)));
        return;
    case NodeKind::Function:
        if (const std::string query = definitionQuery(outline, node); !query.empty())
            Q_EMIT sqlRequested(nameOf(outline, node), QString::fromStdString(query));
        return;
    default: break;
    }
    if (node.found && node.kind == NodeKind::Schema) {
        ObjectKey key;
        key.kind = NodeKind::Schema;
        key.schema = outline.catalog().schemas[node.index].name;
        filter_->clear();
        const QModelIndex schema = model_->find(key);
        tree_->setCurrentIndex(schema);
        tree_->expand(schema);
        tree_->scrollTo(schema, QAbstractItemView::PositionAtTop);
    } else if (tree->isExpanded(index) && (index.parent().isValid() || tree == found_)) {
        tree->collapse(index);
    } else {
        tree->expand(index);
    }
}

void ObjectBrowser::copyName(const QModelIndex &index)
{
    const ObjectModel &model = *shownTree()->objects();
    if (const std::string name = nameInSql(*model.outline(), *model.node(index)); !name.empty())
        QGuiApplication::clipboard()->setText(QString::fromStdString(name));
}

void ObjectBrowser::setBySize(bool by_size)
{
    QSettings().setValue(QStringLiteral("browser/bySize"), by_size);
    const ObjectOrder order = by_size ? ObjectOrder::Size : ObjectOrder::Name;
    found_model_->setOrder(order);
    if (order == model_->order())
        return;
    const std::set<ObjectKey> expanded = expanded_;
    const bool had_current = tree_->currentIndex().isValid();
    const ObjectKey current = model_->key(tree_->currentIndex());
    int above = 0;
    const ObjectKey top = model_->key(tree_->topIndex(&above));
    model_->setOrder(order);
    if (model_->outline())
        restoreTree(expanded, current, had_current, top, above);
}

void ObjectBrowser::paintEvent(QPaintEvent *)
{
    QPainter(this).fillRect(rect(), colors().panel2);
}

} // namespace howdah::ui
