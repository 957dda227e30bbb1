// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QAbstractButton>
#include <QWidget>

#include "ui/base/tone.h"

namespace howdah::ui {

/// A figure with its name over it; where it belongs to something that can be shown, a button to go there.
class Stat : public QAbstractButton
{
    Q_OBJECT
public:
    Stat(const QString &caption, const QString &value, const QString &detail, Tone tone, QWidget *parent);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    void setLink(bool link);

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QString value_, detail_;
    Tone tone_;
    bool link_ = false;
};

/// Figures in a row; those that do not fit are left out from the right.
class StatStrip : public QWidget
{
    Q_OBJECT
public:
    explicit StatStrip(QWidget *parent = nullptr);
    void clear();
    /// `clicked` empty: a figure only.
    void add(const QString &caption, const QString &value, const QString &detail = {}, Tone tone = Tone::Neutral,
             std::function<void()> clicked = {});

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void arrange();
    QList<Stat *> stats_;
};

} // namespace howdah::ui
