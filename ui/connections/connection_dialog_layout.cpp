// SPDX-License-Identifier: GPL-3.0-or-later
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QScopedValueRollback>
#include <QScrollArea>
#include <QSettings>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/base/banner.h"
#include "ui/base/empty_state.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/connections/connection_dialog.h"
#include "ui/connections/connection_form.h"
#include "ui/connections/connection_list.h"
#include "ui/connections/connection_test.h"

namespace howdah::ui {

namespace {
constexpr int undo_ms = 8000;
constexpr int list_width = 270;
} // namespace

ConnectionDialog::ConnectionDialog(ConnectionStore *store, QWidget *parent)
    : QDialog(parent), store_(store), connections_(new ConnectionList(this)), remove_timer_(new QTimer(this))
{
    setWindowTitle(tr("Connections"));
    resize(920, 720);
    restoreGeometry(QSettings().value(QStringLiteral("connections/geometry")).toByteArray());
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    splitter_ = new QSplitter(Qt::Horizontal, this);
    splitter_->setHandleWidth(1);
    splitter_->setChildrenCollapsible(false);
    layout->addWidget(splitter_);
    splitter_->addWidget(buildList());
    auto *right = new QWidget(splitter_);
    auto *column = new QVBoxLayout(right);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildPages(), 1);
    column->addWidget(buildButtons());
    splitter_->addWidget(right);
    splitter_->setStretchFactor(1, 1);
    splitter_->setSizes({list_width, 650});
    remove_timer_->setSingleShot(true);
    remove_timer_->setInterval(undo_ms);
    connect(remove_timer_, &QTimer::timeout, this, &ConnectionDialog::finishRemove);
    connect(store_, &ConnectionStore::changed, this, &ConnectionDialog::listChanged);
    connect(store_, &ConnectionStore::keychainChanged, this,
            [this] { form_->setKeychain(store_->keychain(), store_->keychainProblem()); });
    connect(store_, &ConnectionStore::keychainFailed, this, [this](const QString &, const QString &error) {
        banner_->showMessage(Tone::Warn, tr("The connection is saved, its password is not"), error);
    });
    addShortcuts();
    connections_->setConnections(store_->all());
    if (store_->loadError())
        banner_->showMessage(Tone::Bad, tr("Saved connections could not be read"), QString::fromStdString(store_->loadError()->text()));
    if (store_->all().empty())
        editNew();
    else {
        list_->setCurrentIndex(connections_->index(0, 0));
        list_->setFocus(Qt::OtherFocusReason);
    }
}

QWidget *ConnectionDialog::buildList()
{
    auto *side = new QFrame(splitter_);
    side->setProperty("role", QStringLiteral("panel2"));
    side->setMinimumWidth(200);
    auto *layout = new QVBoxLayout(side);
    layout->setContentsMargins(0, spacing::card, 0, spacing::control);
    layout->setSpacing(spacing::control);
    search_ = new QLineEdit(side);
    search_->setPlaceholderText(tr("Search connections"));
    search_->setAccessibleName(tr("Search connections"));
    search_->setClearButtonEnabled(true);
    search_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    list_ = new QListView(side);
    list_->setObjectName(QStringLiteral("connections"));
    list_->setModel(connections_);
    list_->setItemDelegate(new ConnectionDelegate(list_));
    list_->setAccessibleName(tr("Connections"));
    list_->setMouseTracking(true);
    list_->setUniformItemSizes(true);
    list_->setStyleSheet(QStringLiteral("QListView { background: transparent; }"));
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *search_row = new QHBoxLayout;
    search_row->setContentsMargins(spacing::card, 0, spacing::card, 0);
    search_row->addWidget(search_);
    auto *tools = new QHBoxLayout;
    tools->setContentsMargins(spacing::card, 0, spacing::card, 0);
    tools->setSpacing(spacing::unit);
    const auto tool = [&](const QString &icon_name, const QString &text, const QString &tooltip) {
        auto *button = new QPushButton(icon(icon_name), text, side);
        button->setProperty("role", QStringLiteral("flat"));
        button->setToolTip(tooltip);
        button->setAccessibleName(tooltip);
        button->setAutoDefault(false);
        tools->addWidget(button);
        return button;
    };
    QPushButton *add = tool(QStringLiteral("plus"), tr("New"), tr("New connection (Ctrl+N)"));
    tools->addStretch(1);
    duplicate_ = tool(QStringLiteral("copy"), {}, tr("Duplicate (Ctrl+D)"));
    delete_ = tool(QStringLiteral("trash"), {}, tr("Delete (Del)"));
    layout->addLayout(search_row);
    layout->addWidget(list_, 1);
    layout->addLayout(tools);

    connect(search_, &QLineEdit::textChanged, this, [this](const QString &text) {
        {
            const QScopedValueRollback quiet(loading_, true);
            connections_->setSearch(text);
        }
        markCurrent();
    });
    connect(list_->selectionModel(), &QItemSelectionModel::currentChanged, this, &ConnectionDialog::showCurrent);
    connect(list_, &QListView::doubleClicked, this, &ConnectionDialog::connectClicked);
    connect(add, &QPushButton::clicked, this, [this] { editNew(); });
    connect(duplicate_, &QPushButton::clicked, this, &ConnectionDialog::duplicate);
    connect(delete_, &QPushButton::clicked, this, &ConnectionDialog::removeCurrent);
    return side;
}

QWidget *ConnectionDialog::buildPages()
{
    pages_ = new QStackedWidget(splitter_);
    auto *scroll = new QScrollArea(pages_);
    scroll->setAccessibleName(tr("Settings of the connection"));
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setStyleSheet(QStringLiteral("QScrollArea, QScrollArea > QWidget > QWidget#page { background: transparent; }"));
    auto *page = new QWidget(scroll);
    page->setObjectName(QStringLiteral("page"));
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::page, spacing::page, spacing::page, spacing::page);
    layout->setSpacing(spacing::card);
    banner_ = new Banner(page);
    form_ = new ConnectionForm(page);
    test_ = new ConnectionTest(page);
    layout->addWidget(banner_);
    layout->addWidget(form_);
    layout->addWidget(test_);
    layout->addStretch(1);
    scroll->setWidget(page);
    form_page_ = scroll;
    auto *demo = new EmptyState(QStringLiteral("demo"), tr("A server to look around on"),
                                tr("Howdah starts a private PostgreSQL server on this machine and fills it with a shop: a million "
                                   "orders, and the flaws that real databases have. Nobody else can reach it."),
                                pages_);
    demo_page_ = demo;
    pages_->addWidget(form_page_);
    pages_->addWidget(demo_page_);
    connect(form_, &ConnectionForm::edited, this, [this] {
        form_->setKeychain(store_->keychain(), store_->keychainProblem());
        refreshButtons();
    });
    connect(test_, &ConnectionTest::started, this, &ConnectionDialog::refreshButtons);
    connect(test_, &ConnectionTest::finished, this, &ConnectionDialog::refreshButtons);
    const auto show_answer = [this, scroll] {
        QTimer::singleShot(0, test_, [this, scroll] { scroll->ensureWidgetVisible(test_); });
    };
    connect(test_, &ConnectionTest::started, this, show_answer);
    connect(test_, &ConnectionTest::finished, this, show_answer);
    return pages_;
}

QWidget *ConnectionDialog::buildButtons()
{
    auto *bar = new QWidget(splitter_);
    auto *outer = new QVBoxLayout(bar);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(hairline(bar));
    auto *layout = new QHBoxLayout;
    layout->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::card);
    layout->setSpacing(spacing::control);
    outer->addLayout(layout);
    test_button_ = new QPushButton(icon(QStringLiteral("activity")), tr("Test"), bar);
    test_button_->setObjectName(QStringLiteral("test"));
    test_button_->setToolTip(tr("Connect once and see what answers (Ctrl+T)"));
    save_ = new QPushButton(tr("Save"), bar);
    save_->setToolTip(tr("Save without connecting (Ctrl+S)"));
    auto *close = new QPushButton(tr("Close"), bar);
    connect_ = new QPushButton(tr("Connect"), bar);
    connect_->setProperty("role", QStringLiteral("primary"));
    connect_->setToolTip(tr("Save and connect (Enter)"));
    for (QPushButton *button : {test_button_, save_, close})
        button->setAutoDefault(false);
    connect_->setDefault(true);
    layout->addWidget(test_button_);
    layout->addStretch(1);
    layout->addWidget(close);
    layout->addWidget(save_);
    layout->addWidget(connect_);
    connect(test_button_, &QPushButton::clicked, this, &ConnectionDialog::test);
    connect(save_, &QPushButton::clicked, this, &ConnectionDialog::saveClicked);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    connect(connect_, &QPushButton::clicked, this, &ConnectionDialog::connectClicked);
    return bar;
}

void ConnectionDialog::addShortcuts()
{
    const auto add = [this](const QKeySequence &keys, auto action, QWidget *where, Qt::ShortcutContext context) {
        auto *shortcut = new QShortcut(keys, where);
        shortcut->setContext(context);
        connect(shortcut, &QShortcut::activated, this, action);
    };
    add(QKeySequence::New, [this] { editNew(); }, this, Qt::WindowShortcut);
    add(QKeySequence::Save, [this] { save_->isEnabled() && save_->isVisible() ? saveClicked() : void(); }, this, Qt::WindowShortcut);
    add(QKeySequence(Qt::CTRL | Qt::Key_T), [this] { test_button_->isEnabled() ? test() : void(); }, this, Qt::WindowShortcut);
    add(QKeySequence(Qt::CTRL | Qt::Key_D), [this] { duplicate(); }, this, Qt::WindowShortcut);
    add(QKeySequence::Find, [this] { search_->setFocus(Qt::ShortcutFocusReason); }, this, Qt::WindowShortcut);
    add(QKeySequence::Delete, [this] { removeCurrent(); }, list_, Qt::WidgetShortcut);
}

} // namespace howdah::ui
