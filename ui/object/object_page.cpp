// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/object/object_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include "ui/base/banner.h"
#include "ui/base/bridge.h"
#include "ui/base/hairline.h"
#include "ui/base/palette.h"
#include "ui/base/pill.h"
#include "ui/base/segmented_tabs.h"
#include "ui/base/theme_notifier.h"
#include "ui/editor/sql_editor.h"
#include "ui/object/dependency_model.h"
#include "ui/object/facts_table.h"

namespace howdah::ui {

namespace {

QString text(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

QString idOf(ObjectPage::Section section)
{
    return QString::number(static_cast<int>(section));
}

QString iconFor(const std::string &kind)
{
    const std::pair<const char *, const char *> icons[] = {{"materialized view", "matview"}, {"view", "view"}, {"foreign table", "foreign-table"}, {"sequence", "sequence"},
                                                           {"index", "index-object"}, {"function", "function"}, {"procedure", "procedure"}, {"aggregate", "function"},
                                                           {"schema", "schema"}, {"trigger", "trigger"}, {"type", "type"}, {"role", "role"}, {"extension", "extension"},
                                                           {"table", "table"}, {"constraint", "constraint"}};
    for (const auto &[word, name] : icons) {
        if (kind.find(word) != std::string::npos)
            return QLatin1String(name);
    }
    return QStringLiteral("file");
}

} // namespace

ObjectPage::ObjectPage(std::shared_ptr<pg::Session> session, ddl::ObjectRef object, QWidget *parent) : QWidget(parent), session_(std::move(session)), object_(std::move(object))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    buildHead();
    banner_ = new Banner(this);
    layout->addWidget(banner_);
    pages_ = new QStackedWidget(this);
    layout->addWidget(hairline(this));
    layout->addWidget(pages_, 1);
    buildSections();
    auto *again = new QShortcut(QKeySequence(Qt::CTRL | Qt::Key_R), this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut);
    connect(again, &QShortcut::activated, this, &ObjectPage::refresh);
    refresh();
}

QString ObjectPage::title() const
{
    return details_ ? text(details_->name) : text(object_.identity);
}

void ObjectPage::buildHead()
{
    auto *head = new QWidget(this);
    auto *row = new QHBoxLayout(head);
    row->setContentsMargins(spacing::page, spacing::card, spacing::page, spacing::control);
    row->setSpacing(spacing::control);
    picture_ = new QLabel(head);
    name_ = new QLabel(text(object_.identity), head);
    name_->setFont(titleFont());
    name_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    kind_ = new Pill(text(object_.kind), Tone::Neutral, head);
    rows_ = new Pill(head);
    size_ = new Pill(head);
    rows_->hide();
    size_->hide();
    row->addWidget(picture_);
    row->addWidget(name_);
    row->addSpacing(spacing::unit);
    row->addWidget(kind_);
    row->addWidget(rows_);
    row->addWidget(size_);
    row->addStretch(1);
    relation_buttons_ = new QWidget(head);
    auto *buttons = new QHBoxLayout(relation_buttons_);
    buttons->setContentsMargins(0, 0, 0, 0);
    const auto button = [buttons](const QString &icon_name, const QString &label, const QString &tooltip) {
        auto *made = new QPushButton(icon(icon_name), label);
        made->setToolTip(tooltip);
        buttons->addWidget(made);
        return made;
    };
    connect(button(QStringLiteral("table"), tr("Rows"), tr("Select the first rows on a new SQL page")), &QPushButton::clicked, this, [this] {
        if (details_)
            Q_EMIT dataRequested(text(details_->schema), text(details_->name));
    });
    connect(button(QStringLiteral("foreign-key"), tr("Diagram"), tr("The tables that foreign keys connect with this one")), &QPushButton::clicked, this,
            [this] { Q_EMIT diagramRequested(object_.oid); });
    relation_buttons_->setVisible(false);
    row->addWidget(relation_buttons_);
    auto *again = new QPushButton(icon(QStringLiteral("refresh")), {}, head);
    again->setToolTip(tr("Read everything again (Ctrl+R)"));
    again->setAccessibleName(tr("Refresh"));
    connect(again, &QPushButton::clicked, this, &ObjectPage::refresh);
    row->addWidget(again);
    auto *column = static_cast<QVBoxLayout *>(layout());
    column->addWidget(head);
    comment_ = new QLabel(this);
    comment_->setProperty("role", QStringLiteral("dim"));
    comment_->setTextFormat(Qt::PlainText);
    comment_->setWordWrap(true);
    comment_->setContentsMargins(spacing::page, 0, spacing::page, spacing::control);
    comment_->hide();
    column->addWidget(comment_);
    auto *tab_row = new QHBoxLayout;
    tab_row->setContentsMargins(spacing::page, 0, spacing::page, spacing::control);
    tabs_ = new SegmentedTabs(SegmentedTabs::Look::Quiet, this);
    tab_row->addWidget(tabs_);
    tab_row->addStretch(1);
    column->addLayout(tab_row);
    connect(tabs_, &SegmentedTabs::currentChanged, this, &ObjectPage::sectionShown);
    const auto paint = [this] { picture_->setPixmap(icon(iconFor(object_.kind), colors().accent_ink).pixmap(20, 20)); };
    connect(&ThemeNotifier::instance(), &ThemeNotifier::themeChanged, this, paint);
    paint();
}

void ObjectPage::addPage(Section section, const QString &label, QWidget *page)
{
    const QString id = idOf(section);
    sections_.insert(id, page);
    pages_->addWidget(page);
    tabs_->addSegment(id, label);
}

void ObjectPage::addTable(Section section, const QString &label, const QString &accessible)
{
    auto *model = new FactsModel(this);
    tables_.insert(idOf(section), model);
    addPage(section, label, factsView(model, accessible, pages_));
}

void ObjectPage::buildSections()
{
    if (isRelation()) {
        addTable(Section::Columns, tr("Columns"), tr("Columns"));
        addTable(Section::Indexes, tr("Indexes"), tr("Indexes"));
        addTable(Section::Constraints, tr("Constraints"), tr("Constraints"));
        addTable(Section::Triggers, tr("Triggers"), tr("Triggers"));
        storage_ = new QWidget(pages_);
        addPage(Section::Storage, tr("Storage"), storage_);
        addTable(Section::Statistics, tr("Statistics"), tr("Statistics"));
        addTable(Section::Partitions, tr("Partitions"), tr("Partitions"));
        auto *partitions = static_cast<QTreeView *>(sections_.value(idOf(Section::Partitions)));
        connect(partitions, &QTreeView::activated, this, [this](const QModelIndex &index) {
            const int at = tables_.value(idOf(Section::Partitions))->original(index.row());
            if (details_ && at < static_cast<int>(details_->partitions.size()))
                Q_EMIT objectChosen({"pg_class", details_->partitions[static_cast<std::size_t>(at)].oid, "table", details_->partitions[static_cast<std::size_t>(at)].name});
        });
    }
    dependencies_ = new QTreeView(pages_);
    dependencies_->setModel(new DependencyModel(dependencies_));
    dependencies_->setUniformRowHeights(true);
    dependencies_->setFrameShape(QFrame::NoFrame);
    dependencies_->setAccessibleName(tr("Dependencies"));
    connect(dependencies_, &QTreeView::activated, this, [this](const QModelIndex &index) {
        const auto *node = static_cast<DependencyModel *>(dependencies_->model())->node(index);
        if (node != nullptr)
            Q_EMIT objectChosen(node->object);
    });
    addPage(Section::Dependencies, tr("Dependencies"), dependencies_);

    auto *sql = new QWidget(pages_);
    auto *column = new QVBoxLayout(sql);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(spacing::page, spacing::control, spacing::page, spacing::control);
    auto *hint = new QLabel(tr("As pg_dump writes it"));
    hint->setProperty("role", QStringLiteral("dim"));
    auto *copy = new QPushButton(icon(QStringLiteral("copy")), tr("Copy"));
    auto *open = new QPushButton(icon(QStringLiteral("sql")), tr("Open in editor"));
    bar->addWidget(hint);
    bar->addStretch(1);
    bar->addWidget(copy);
    bar->addWidget(open);
    column->addLayout(bar);
    definition_ = new SqlEditor(sql);
    definition_->setReadOnly(true);
    definition_->setAccessibleName(tr("Definition"));
    column->addWidget(definition_, 1);
    connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(text(definition_->utf8())); });
    connect(open, &QPushButton::clicked, this, [this] { Q_EMIT sqlRequested(title(), text(definition_->utf8())); });
    addPage(Section::Definition, tr("DDL"), sql);
    if (isRelation())
        addTable(Section::Privileges, tr("Privileges"), tr("Privileges"));
    showSection(isRelation() ? Section::Columns : Section::Definition);
}

void ObjectPage::showSection(Section section)
{
    if (sections_.contains(idOf(section))) {
        tabs_->setCurrent(idOf(section));
        sectionShown(idOf(section));
    }
}

void ObjectPage::sectionShown(const QString &id)
{
    pages_->setCurrentWidget(sections_.value(id));
    if (id == idOf(Section::Definition) && !definition_read_)
        loadDefinition();
    else if (id == idOf(Section::Dependencies) && !dependencies_read_)
        loadDependencies();
}

void ObjectPage::refresh()
{
    ++generation_;
    banner_->dismiss();
    definition_read_ = dependencies_read_ = false;
    loadObject();
    if (isRelation())
        loadDetails();
    sectionShown(tabs_->current());
}

void ObjectPage::post(std::function<void(pg::Connection &)> task)
{
    if (!session_)
        return;
    session_->post(std::move(task), onGui<Error>(this, [this](const Error &error) { showFailure(error); }));
}

void ObjectPage::loadObject()
{
    if (!object_.kind.empty() && !object_.identity.empty())
        return;
    auto done = onGui<Result<ddl::ObjectRef>>(this, [this](const Result<ddl::ObjectRef> &found) {
        if (!found)
            return showFailure(found.error());
        object_ = *found;
        name_->setText(text(object_.identity));
        kind_->setText(text(object_.kind));
        picture_->setPixmap(icon(iconFor(object_.kind), colors().accent_ink).pixmap(20, 20));
        Q_EMIT titleChanged(title());
    });
    post([object = object_, done](pg::Connection &connection) { done(ddl::objectAt(connection, object.catalog, object.oid)); });
}

void ObjectPage::loadDetails()
{
    auto done = onGui<Result<inspect::RelationDetails>>(this, [this, generation = generation_](const Result<inspect::RelationDetails> &found) {
        if (generation != generation_)
            return;
        if (!found)
            return showFailure(found.error());
        accept(*found);
    });
    post([oid = object_.oid, done](pg::Connection &connection) { done(inspect::relationDetails(connection, oid)); });
}

void ObjectPage::loadDefinition()
{
    definition_read_ = true;
    auto done = onGui<Result<ddl::Ddl>>(this, [this, generation = generation_](const Result<ddl::Ddl> &written) {
        if (generation != generation_)
            return;
        if (!written)
            return showFailure(written.error());
        definition_->setReadOnly(false);
        definition_->setContent(written->text(), true);
        definition_->setReadOnly(true);
        Q_EMIT loaded();
    });
    post([object = object_, done](pg::Connection &connection) { done(ddl::ddlOf(connection, object)); });
}

void ObjectPage::loadDependencies()
{
    dependencies_read_ = true;
    auto done = onGui<Result<ddl::Dependencies>>(this, [this, generation = generation_](const Result<ddl::Dependencies> &found) {
        if (generation != generation_)
            return;
        if (!found)
            return showFailure(found.error());
        fillDependencies(*found);
        Q_EMIT loaded();
    });
    post([object = object_, done](pg::Connection &connection) { done(ddl::dependenciesOf(connection, object)); });
}

void ObjectPage::fillDependencies(const ddl::Dependencies &found)
{
    static_cast<DependencyModel *>(dependencies_->model())->setDependencies(found);
    dependencies_->expandToDepth(1);
    dependencies_->resizeColumnToContents(0);
}

void ObjectPage::showFailure(const Error &error)
{
    if (error.kind != ErrorKind::Cancelled)
        banner_->showMessage(Tone::Bad, text(error.message), text(error.detail.empty() ? error.hint : error.detail));
}

} // namespace howdah::ui
