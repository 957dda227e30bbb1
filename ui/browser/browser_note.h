// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace howdah::ui {

/// What stands in the narrow dock while there is no tree: a picture, a word, a sentence, one button.
class BrowserNote : public QWidget
{
    Q_OBJECT
public:
    explicit BrowserNote(QWidget *parent = nullptr);
    /// An empty `button` shows none.
    void say(const QString &icon_name, const QString &title, const QString &sentence, const QString &button = {});

Q_SIGNALS:
    void clicked();

private:
    void paintPicture();

    QString icon_name_;
    QLabel *picture_;
    QLabel *title_;
    QLabel *sentence_;
    QPushButton *button_;
};

} // namespace howdah::ui
