// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QPointer>
#include <QSet>
#include <QString>
#include <QWidget>

#include "core/index/advise.h"
#include "ui/plugin/tool_context.h"

class QCheckBox;
class QComboBox;
class QFrame;
class QMenu;
class QPushButton;
class QSpinBox;
class QStackedWidget;
class QToolButton;

namespace howdah::ui {
class ElidedLabel;
class SqlEditor;
} // namespace howdah::ui

namespace howdah::index_tool {

/// Where a workload comes from.
enum class WorkloadSource { Statements, File, Kept, Log };

/// What is asked for: which workload, within which limits.
struct AdviceWish {
    WorkloadSource source = WorkloadSource::Statements;
    std::string text; ///< of Statements
    QString file;     ///< of File and Log
    QString schema, relation; ///< only what names this one; "" for all
    index::AdviseOptions options;
};

/// The choice of a workload and of limits, and the button that begins.
class WorkloadBar : public QWidget
{
    Q_OBJECT
public:
    explicit WorkloadBar(ui::ToolContext *context, QWidget *parent = nullptr);

    [[nodiscard]] AdviceWish wish() const;
    void setSource(WorkloadSource source);
    [[nodiscard]] WorkloadSource source() const;
    void setStatements(const QString &sql);
    void setFile(const QString &path);
    void setRelation(const QString &schema, const QString &name);
    void setRunning(bool running);
    /// Of the catalog, for the menu: btree, gin …; extensions' methods too.
    void setMethods(const QStringList &methods);
    /// Why nothing can be measured here; "" when it can.
    void setMeasureHindrance(const QString &reason);
    void chooseFile();
    /// Takes the statement under the cursor of the SQL page that was in front last.
    void takeFromEditor();

    [[nodiscard]] QComboBox *sourceBox() const { return source_; }
    [[nodiscard]] QSpinBox *budgetBox() const { return budget_; }
    [[nodiscard]] QSpinBox *mostBox() const { return most_; }
    [[nodiscard]] QSpinBox *writesBox() const { return writes_; }
    [[nodiscard]] QCheckBox *measureBox() const { return measure_; }
    [[nodiscard]] QToolButton *methodsButton() const { return methods_; }
    [[nodiscard]] QPushButton *adviseButton() const { return advise_; }

Q_SIGNALS:
    void adviseRequested();
    void sourceChanged();

private:
    QWidget *makeLimits();
    void showSource();
    void showMethods();
    void trackDocument();

    ui::ToolContext *context_;
    QPointer<ui::SqlDocument> document_; ///< the SQL page that was in front last
    QString file_, schema_, relation_;
    QSet<QString> unwanted_;             ///< methods
    QComboBox *source_ = nullptr;
    QPushButton *open_ = nullptr, *from_editor_ = nullptr, *relation_button_ = nullptr, *advise_ = nullptr;
    ui::ElidedLabel *about_ = nullptr;
    ui::SqlEditor *editor_ = nullptr;
    QFrame *frame_ = nullptr;
    QSpinBox *budget_ = nullptr, *most_ = nullptr, *writes_ = nullptr;
    QToolButton *methods_ = nullptr;
    QMenu *methods_menu_ = nullptr;
    QCheckBox *measure_ = nullptr;
};

} // namespace howdah::index_tool
