// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QFrame>
#include <QString>

#include "ui/base/tone.h"

class QHBoxLayout;
class QLabel;
class QTimer;

namespace howdah::ui {

/// A message inside a page: an icon, one sentence, details under it, what can be done about it. Hidden until
/// it has something to say. With `seconds` it goes by itself (a toast), unless the pointer rests on it.
class Banner : public QFrame
{
    Q_OBJECT
public:
    explicit Banner(QWidget *parent = nullptr);
    void showMessage(Tone tone, const QString &sentence, const QString &details = {}, int seconds = 0);
    /// Buttons belong to the message shown: the next message starts without any.
    void addButton(const QString &text, std::function<void()> clicked);
    void dismiss();
    [[nodiscard]] QString sentence() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void enterEvent(QEnterEvent *event) override;
    void leaveEvent(QEvent *event) override;

private:
    void refresh();

    Tone tone_ = Tone::Neutral;
    QLabel *picture_ = nullptr;
    QLabel *sentence_ = nullptr;
    QLabel *details_ = nullptr;
    QHBoxLayout *buttons_ = nullptr;
    QTimer *timer_ = nullptr;
};

} // namespace howdah::ui
