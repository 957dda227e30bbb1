// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTabWidget>

namespace howdah::ui {

/// The open pages. Closing is asked for, never done here: the window knows what would be lost.
class DocumentTabs : public QTabWidget
{
    Q_OBJECT
public:
    explicit DocumentTabs(QWidget *parent = nullptr);
    /// A dot before the title says that the text differs from its file.
    void setTitle(QWidget *page, const QString &title, bool modified, const QString &tooltip);
    void step(int way);

Q_SIGNALS:
    void newPageRequested();
    void closeRequested(QWidget *page);
    void renameRequested(QWidget *page);
    void orderChanged();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void showMenu(const QPoint &at);
    void closeAll(QWidget *except);
};

} // namespace howdah::ui
