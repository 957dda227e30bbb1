// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QActionGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/base/card.h"
#include "ui/base/palette.h"
#include "ui/base/theme_notifier.h"
#include "ui/browser/browser_note.h"
#include "ui/browser/object_browser.h"
#include "ui/browser/object_model.h"
#include "ui/browser/object_tree.h"

namespace howdah::ui {

namespace {
constexpr int filter_delay_ms = 60; ///< long enough to skip the letters of one quick word
constexpr int busy_height = 2;
} // namespace

ObjectBrowser::ObjectBrowser(QWidget *parent)
    : QWidget(parent), filter_(new QLineEdit(this)), filter_delay_(new QTimer(this)), busy_(new QProgressBar(this)),
      failure_(new Card(this)), pages_(new QStackedWidget(this)), model_(new ObjectModel(this)),
      found_model_(new ObjectModel(this)), search_(new ObjectFilter(this))
{
    setAccessibleName(tr("Object browser"));
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, spacing::control, 0, 0);
    layout->setSpacing(spacing::unit);
    auto *head = new QHBoxLayout;
    head->setContentsMargins(spacing::control, 0, spacing::control, 0);
    head->setSpacing(spacing::unit);
    buildViewMenu();
    buildHead();
    auto *more = new QToolButton(this);
    more->setIcon(icon(QStringLiteral("more")));
    more->setToolTip(tr("Order, system schemas, refresh"));
    more->setAccessibleName(tr("Browser options"));
    more->setPopupMode(QToolButton::InstantPopup);
    more->setMenu(view_menu_);
    head->addWidget(filter_, 1);
    head->addWidget(more);
    layout->addLayout(head);

    busy_->setTextVisible(false);
    busy_->setFixedHeight(busy_height);
    busy_->setAccessibleName(tr("Reading the catalog"));
    QSizePolicy keep = busy_->sizePolicy();
    keep.setRetainSizeWhenHidden(true); // or the tree would jump with every refresh
    busy_->setSizePolicy(keep);
    busy_->setStyleSheet(QStringLiteral("QProgressBar { min-height: 2px; max-height: 2px; background: transparent; }"));
    busy_->hide();
    layout->addWidget(busy_);
    buildFailure();
    auto *failure_margin = new QHBoxLayout;
    failure_margin->setContentsMargins(spacing::control, 0, spacing::control, 0);
    failure_margin->addWidget(failure_);
    layout->addLayout(failure_margin);
    buildPages();
    layout->addWidget(pages_, 1);
    setFocusProxy(tree_);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, qOverload<>(&QWidget::update));
    choosePage();
}

void ObjectBrowser::buildHead()
{
    filter_->setPlaceholderText(tr("Filter objects"));
    filter_->setAccessibleName(tr("Filter objects"));
    filter_->setToolTip(tr("Words of a name or its path: \"public ord\" or \"orders.user\". Down goes to the matches, Enter "
                           "opens the first, Esc clears."));
    filter_->setClearButtonEnabled(true);
    filter_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    filter_->installEventFilter(this);
    filter_delay_->setSingleShot(true);
    filter_delay_->setInterval(filter_delay_ms);
    connect(filter_delay_, &QTimer::timeout, this, &ObjectBrowser::filterChanged);
    connect(filter_, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (text.trimmed().isEmpty())
            filterChanged();
        else
            filter_delay_->start();
    });
    connect(search_, &ObjectFilter::found, this, &ObjectBrowser::showMatches);
}

void ObjectBrowser::buildViewMenu()
{
    view_menu_ = new QMenu(this);
    const QSettings settings;
    auto *order = new QActionGroup(this);
    QAction *by_name = order->addAction(tr("Sort by name"));
    by_size_ = order->addAction(tr("Sort by size"));
    for (QAction *action : {by_name, by_size_})
        action->setCheckable(true);
    const bool starts_by_size = settings.value(QStringLiteral("browser/bySize"), false).toBool();
    (starts_by_size ? by_size_ : by_name)->setChecked(true);
    for (ObjectModel *model : {model_, found_model_})
        model->setOrder(starts_by_size ? ObjectOrder::Size : ObjectOrder::Name);
    connect(by_size_, &QAction::toggled, this, &ObjectBrowser::setBySize);
    with_system_ = new QAction(tr("Show system schemas"), this);
    with_system_->setCheckable(true);
    with_system_->setChecked(settings.value(QStringLiteral("browser/withSystemSchemas"), false).toBool());
    connect(with_system_, &QAction::toggled, this, [this](bool on) {
        QSettings().setValue(QStringLiteral("browser/withSystemSchemas"), on);
        if (catalog_)
            applyOutline();
        const auto is_system = [](const pg::CatalogSchema &schema) { return schema.is_system; };
        if (on && catalog_ && std::none_of(catalog_->schemas.begin(), catalog_->schemas.end(), is_system))
            Q_EMIT refreshRequested();
    });
    view_menu_->addActions({by_name, by_size_});
    view_menu_->addSeparator();
    view_menu_->addAction(with_system_);
    view_menu_->addAction(tr("Collapse all"), this, [this] {
        tree_->collapseAll();
        expanded_.clear();
        tree_->expand(model_->index(0, 0));
    });
    view_menu_->addSeparator();
    view_menu_->addAction(icon(QStringLiteral("refresh")), tr("Refresh"), this, &ObjectBrowser::refreshRequested);
}

void ObjectBrowser::buildFailure()
{
    failure_->setEdge(Tone::Bad);
    auto *title = new QLabel(tr("The catalog could not be read"), failure_);
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title->setFont(bold);
    title->setWordWrap(true);
    failure_text_ = new QLabel(failure_);
    failure_text_->setWordWrap(true);
    failure_text_->setTextFormat(Qt::PlainText);
    failure_text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *again = new QPushButton(tr("Try again"), failure_);
    connect(again, &QPushButton::clicked, this, &ObjectBrowser::refreshRequested);
    failure_->body()->addWidget(title);
    failure_->body()->addWidget(failure_text_);
    failure_->body()->addSpacing(spacing::unit);
    failure_->body()->addWidget(again, 0, Qt::AlignLeft);
    failure_->hide();
}

void ObjectBrowser::buildPages()
{
    tree_ = new ObjectTree(model_, pages_);
    tree_->setObjectName(QStringLiteral("tree"));
    tree_->setAccessibleName(tr("Objects"));
    tree_->setRootIsDecorated(false);
    found_page_ = new QWidget(pages_);
    found_ = new ObjectTree(found_model_, found_page_);
    found_->setObjectName(QStringLiteral("found"));
    found_->setAccessibleName(tr("Objects found"));
    found_count_ = new QLabel(found_page_);
    found_count_->setProperty("role", QStringLiteral("dim"));
    found_count_->setWordWrap(true);
    found_count_->setContentsMargins(spacing::card, spacing::unit, spacing::card, spacing::control);
    auto *layout = new QVBoxLayout(found_page_);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(found_, 1);
    layout->addWidget(found_count_);
    note_ = new BrowserNote(pages_);
    connect(note_, &BrowserNote::clicked, this, [this] {
        if (disconnected_)
            Q_EMIT connectRequested();
        else if (catalog_)
            filter_->clear();
        else
            Q_EMIT refreshRequested();
    });
    for (QWidget *page : {static_cast<QWidget *>(tree_), found_page_, static_cast<QWidget *>(note_)})
        pages_->addWidget(page);
    follow(tree_);
    follow(found_);
    connect(tree_, &QTreeView::expanded, this, [this](const QModelIndex &index) { expanded_.insert(model_->key(index)); });
    connect(tree_, &QTreeView::collapsed, this, [this](const QModelIndex &index) { expanded_.erase(model_->key(index)); });
}

void ObjectBrowser::follow(ObjectTree *tree)
{
    connect(tree, &ObjectTree::opened, this, &ObjectBrowser::open);
    connect(tree, &ObjectTree::copyWanted, this, &ObjectBrowser::copyName);
    connect(tree, &ObjectTree::menuWanted, this,
            [this, tree](const QModelIndex &index, const QPoint &global) { showMenu(tree, index, global); });
    connect(tree, &ObjectTree::leftUpwards, this, &ObjectBrowser::focusFilter);
    connect(tree, &ObjectTree::escaped, this, [this] { filter_->clear(); });
    connect(tree->selectionModel(), &QItemSelectionModel::currentChanged, this, [this, tree](const QModelIndex &current) {
        if (!refreshing_ && tree == shownTree() && current.isValid())
            Q_EMIT objectSelected();
    });
}

} // namespace howdah::ui
