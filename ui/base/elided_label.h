// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace howdah::ui {

/// A label of one line that gives up its end ("orders_user_id_created_…") instead of widening what it is in;
/// the whole text is the tooltip then. `role` properties of the style sheet work as on any label.
class ElidedLabel : public QLabel
{
    Q_OBJECT
public:
    explicit ElidedLabel(QWidget *parent = nullptr);
    explicit ElidedLabel(const QString &text, QWidget *parent = nullptr);
    void setElideMode(Qt::TextElideMode mode);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    Qt::TextElideMode mode_ = Qt::ElideRight;
};

} // namespace howdah::ui
