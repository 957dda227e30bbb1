// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QHash>
#include <QWidget>

#include "core/ddl/ddl.h"
#include "core/ddl/dependencies.h"
#include "core/inspect/relation_details.h"
#include "core/pg/session.h"

class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QTreeView;

namespace howdah::ui {

class Banner;
class FactsModel;
class Pill;
class SegmentedTabs;
class SqlEditor;

/// Everything about one object: of a relation its columns, indexes, constraints, triggers, storage, partitions and
/// privileges; of every object what it depends on and the SQL that makes it. A tab is read when it is first shown.
class ObjectPage : public QWidget
{
    Q_OBJECT
public:
    enum class Section { Columns, Indexes, Constraints, Triggers, Storage, Statistics, Partitions, Dependencies, Definition, Privileges };

    /// `session`: the connection's metadata session, shared. `object.kind` and `identity` may be empty: they are read.
    ObjectPage(std::shared_ptr<pg::Session> session, ddl::ObjectRef object, QWidget *parent = nullptr);

    void showSection(Section section);
    /// Reads everything that is shown again.
    void refresh();
    [[nodiscard]] const ddl::ObjectRef &object() const { return object_; }
    [[nodiscard]] QString title() const;  ///< the bare name

Q_SIGNALS:
    void objectChosen(const howdah::ddl::ObjectRef &object);
    void sqlRequested(const QString &title, const QString &sql);
    /// The rows of the relation.
    void dataRequested(const QString &schema, const QString &name);
    void diagramRequested(quint32 relation_oid);
    void titleChanged(const QString &title);
    void loaded();                          ///< a section's facts have arrived (tests wait for it)

private:
    void buildHead();
    void buildSections();
    void addTable(Section section, const QString &text, const QString &accessible);
    void addPage(Section section, const QString &text, QWidget *page);
    void sectionShown(const QString &id);
    void post(std::function<void(pg::Connection &)> task);
    void loadObject();
    void loadDetails();
    void loadDefinition();
    void loadDependencies();
    void accept(const inspect::RelationDetails &details);
    void fillHead(const inspect::RelationDetails &details);
    void fillColumns(const inspect::RelationDetails &details);
    void fillIndexes(const inspect::RelationDetails &details);
    void fillConstraints(const inspect::RelationDetails &details);
    void fillTriggers(const inspect::RelationDetails &details);
    void fillStorage(const inspect::RelationDetails &details);
    void fillStatistics(const inspect::RelationDetails &details);
    void fillPartitions(const inspect::RelationDetails &details);
    void fillPrivileges(const inspect::RelationDetails &details);
    void fillDependencies(const ddl::Dependencies &found);
    void showFailure(const Error &error);
    [[nodiscard]] bool isRelation() const { return object_.catalog == "pg_class" && object_.kind.find("index") == std::string::npos; }

    std::shared_ptr<pg::Session> session_;
    ddl::ObjectRef object_;
    std::optional<inspect::RelationDetails> details_;
    QLabel *picture_ = nullptr;
    QLabel *name_ = nullptr;
    QLabel *comment_ = nullptr;
    Pill *kind_ = nullptr;
    Pill *rows_ = nullptr;
    Pill *size_ = nullptr;
    QWidget *relation_buttons_ = nullptr;
    SegmentedTabs *tabs_ = nullptr;
    QStackedWidget *pages_ = nullptr;
    Banner *banner_ = nullptr;
    QHash<QString, QWidget *> sections_;
    QHash<QString, FactsModel *> tables_;
    QWidget *storage_ = nullptr;
    QTreeView *dependencies_ = nullptr;
    SqlEditor *definition_ = nullptr;
    bool definition_read_ = false;
    bool dependencies_read_ = false;
    quint64 generation_ = 0;
};

} // namespace howdah::ui
