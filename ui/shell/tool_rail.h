// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QWidget>

class QVBoxLayout;

namespace howdah::ui {

class RailButton;

/// The dark strip of tools at the left edge. One of them is lit: the tool whose page is in front.
class ToolRail : public QWidget
{
    Q_OBJECT
public:
    explicit ToolRail(QWidget *parent = nullptr);
    /// Sorted by `order`; those from 1,000 on stand at the lower end.
    void addTool(const QString &id, const QString &text, const QString &tooltip, const QString &icon_name, int order);
    void setCurrent(const QString &id);
    [[nodiscard]] QString current() const { return current_; }

Q_SIGNALS:
    void chosen(const QString &id);

protected:
    void paintEvent(QPaintEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void rebuild();

    QVBoxLayout *layout_ = nullptr;
    QList<RailButton *> buttons_;
    QString current_;
};

} // namespace howdah::ui
