// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <set>

#include <QWidget>

#include "core/base/error.h"
#include "core/pg/catalog.h"
#include "ui/browser/object_filter.h"
#include "ui/browser/object_node.h"
#include "ui/plugin/tool_context.h"

class QAction;
class QLabel;
class QLineEdit;
class QMenu;
class QModelIndex;
class QProgressBar;
class QStackedWidget;
class QTimer;

namespace howdah::ui {

class BrowserNote;
class Card;
class ObjectModel;
class ObjectTree;

/// The object browser: everything of one catalog snapshot as a tree, a filter over it, and what can be done with the
/// object under the cursor. It talks to no server: the shell reads the catalog and answers the signals.
class ObjectBrowser : public QWidget
{
    Q_OBJECT
public:
    explicit ObjectBrowser(QWidget *parent = nullptr);
    ~ObjectBrowser() override;

    /// Keeps what is open, the selection and the place scrolled to across snapshots of the same database. Null:
    /// nothing read yet.
    void setCatalog(std::shared_ptr<const pg::Catalog> catalog, const QString &database);
    void setLoading(bool loading);
    /// A note with "Try again" over what is shown; nullopt takes it away.
    void setFailure(const std::optional<Error> &error);
    void setDisconnected();
    /// What is selected; a group stands for its schema or relation, a column for itself with its relation's oid.
    [[nodiscard]] std::optional<CatalogObject> selected() const;
    /// The user wants to see system schemas: read the catalog with CatalogOptions::with_system_schemas then.
    [[nodiscard]] bool wantsSystemSchemas() const;
    void focusFilter();
    /// Clears the filter and selects that relation in the tree. Unknown oids change nothing.
    void reveal(std::uint32_t relation_oid);

Q_SIGNALS:
    void refreshRequested();
    void connectRequested();
    void objectSelected();
    /// Enter or a double click on a relation.
    void objectActivated(const howdah::ui::CatalogObject &object);
    /// A name to put where the editor's cursor is, quoted as needed; dragging a row gives the same text.
    void insertRequested(const QString &text);
    /// A statement the user asked for, to be shown in an editor.
    void sqlRequested(const QString &title, const QString &sql);
    /// Right before the menu shows: the shell appends the tools' entries.
    void menuRequested(const howdah::ui::CatalogObject &object, QMenu *menu);

protected:
    void paintEvent(QPaintEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void buildHead();
    void buildFailure();
    void buildViewMenu();
    void buildPages();
    void follow(ObjectTree *tree);
    /// Shows the page that fits what is known now.
    void choosePage();
    void applyOutline();
    void restoreTree(const std::set<ObjectKey> &expanded, const ObjectKey &current, bool had_current, const ObjectKey &top, int above);
    void openFirstSchema();
    void filterChanged();
    void showMatches(const ObjectMatches &matches);
    void openFirst();
    [[nodiscard]] ObjectTree *shownTree() const;
    void open(const QModelIndex &index);
    void copyName(const QModelIndex &index);
    void showMenu(ObjectTree *tree, const QModelIndex &index, const QPoint &global);
    void addRelationEntries(QMenu *menu, const CatalogOutline &outline, const ObjectNode &node);
    void addDefinitionEntries(QMenu *menu, const CatalogOutline &outline, const ObjectNode &node);
    void addNameEntries(QMenu *menu, const CatalogOutline &outline, const ObjectNode &node);
    void setBySize(bool by_size);

    QLineEdit *filter_ = nullptr;
    QTimer *filter_delay_ = nullptr;
    QMenu *view_menu_ = nullptr;
    QAction *by_size_ = nullptr;
    QAction *with_system_ = nullptr;
    QProgressBar *busy_ = nullptr;
    Card *failure_ = nullptr;
    QLabel *failure_text_ = nullptr;
    QStackedWidget *pages_ = nullptr;
    ObjectModel *model_ = nullptr;
    ObjectModel *found_model_ = nullptr;
    ObjectTree *tree_ = nullptr;
    ObjectTree *found_ = nullptr;
    QWidget *found_page_ = nullptr;
    QLabel *found_count_ = nullptr;
    BrowserNote *note_ = nullptr;
    ObjectFilter *search_ = nullptr;

    std::shared_ptr<const pg::Catalog> catalog_;
    QString database_;
    std::set<ObjectKey> expanded_;
    bool loading_ = false;
    bool disconnected_ = true;
    bool failed_ = false;
    bool refreshing_ = false; ///< the selection goes and comes back: nobody need hear of it
    bool nothing_found_ = false;
    bool open_first_ = false; ///< Enter was pressed before the search had answered
};

} // namespace howdah::ui
