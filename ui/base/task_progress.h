// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace howdah::ui {

class ElidedLabel;

/// A thin bar that says what, how far and how long yet, with a cancel button: "Loading orders · 62 % · 40 s left".
class TaskProgress : public QWidget
{
    Q_OBJECT
public:
    explicit TaskProgress(QWidget *parent = nullptr);
    /// `fraction` 0..1, or negative when nobody knows; `seconds_left` negative when nobody knows.
    void setProgress(const QString &what, double fraction, double seconds_left);
    void setCancellable(bool cancellable);
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void cancelRequested();

private:
    ElidedLabel *what_ = nullptr;
    QLabel *how_far_ = nullptr;
    QProgressBar *bar_ = nullptr;
    QPushButton *cancel_ = nullptr;
};

} // namespace howdah::ui
