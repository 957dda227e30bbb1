// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QButtonGroup;
class QToolButton;

namespace howdah::ui {

/// A connection's colour: its environment's, one of a few that can be told apart, or any other.
class ColorSwatches : public QWidget
{
    Q_OBJECT
public:
    explicit ColorSwatches(QWidget *parent = nullptr);
    /// "#rrggbb", "" for the environment's.
    void setColor(const QString &color);
    [[nodiscard]] QString color() const { return color_; }
    /// What "the environment's" means now.
    void setEnvironmentColor(const QColor &color);

Q_SIGNALS:
    void colorChanged();

private:
    QToolButton *addSwatch(const QString &color, const QString &name);
    void choose(const QString &color);
    void chooseOther();
    void repaintSwatches();

    QButtonGroup *group_;
    QToolButton *environment_ = nullptr;
    QToolButton *other_ = nullptr;
    QString color_;
    QColor environment_color_;
};

} // namespace howdah::ui
