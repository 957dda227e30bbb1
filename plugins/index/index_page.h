// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QList>
#include <QString>
#include <QWidget>

#include "ui/plugin/tool_context.h"

class QLabel;
class QStackedWidget;

namespace howdah::ui {
class EmptyState;
class SegmentedTabs;
} // namespace howdah::ui

namespace howdah::index_tool {

/// One question about the indexes of a database: a tab of the page.
class IndexTab : public QWidget
{
    Q_OBJECT
public:
    using QWidget::QWidget;
    /// The tab comes to the front of a page that is seen, or the connection changed while it is: read what is missing.
    virtual void activate() = 0;
    /// Only about this relation; an empty name is about all of them.
    virtual void setRelation(const QString &schema, const QString &name) = 0;
    /// What the header says of this tab beside the page's title.
    [[nodiscard]] virtual QString summary() const { return {}; }

Q_SIGNALS:
    void summaryChanged();
};

/// "Indexes" of a connection: title, tabs, and the tab in front.
class IndexPage : public QWidget
{
    Q_OBJECT
public:
    explicit IndexPage(ui::ToolContext *context, QWidget *parent = nullptr);

    /// In the order added; the first one is in front until another is chosen. A tab is made when it is first needed: three
    /// of them at once are a turn that one can feel.
    void addTab(const QString &id, const QString &title, const QString &tooltip, std::function<IndexTab *()> make);
    [[nodiscard]] IndexTab *tab(const QString &id);
    /// Null when it was not needed yet.
    [[nodiscard]] IndexTab *madeTab(const QString &id) const;
    void showTab(const QString &id);
    [[nodiscard]] QString currentTab() const;
    void setRelation(const QString &schema, const QString &name);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void activateCurrent();
    void showSummary();

    struct Tab {
        QString id;
        std::function<IndexTab *()> make;
        IndexTab *widget = nullptr;
    };
    ui::ToolContext *context_;
    QList<Tab> added_;
    QString relation_schema_, relation_name_; ///< what a tab that is made later is about
    QStackedWidget *stack_ = nullptr; ///< not connected, or the page
    ui::SegmentedTabs *tabs_ = nullptr;
    QLabel *summary_ = nullptr;
    QStackedWidget *views_ = nullptr;
};

} // namespace howdah::index_tool
