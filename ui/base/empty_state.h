// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QString>
#include <QWidget>

class QLabel;
class QHBoxLayout;
class QPushButton;

namespace howdah::ui {

/// What an empty page shows: a picture, one sentence that teaches, and the buttons to go on with.
class EmptyState : public QWidget
{
    Q_OBJECT
public:
    EmptyState(const QString &icon_name, const QString &title, const QString &sentence, QWidget *parent = nullptr);
    void setTexts(const QString &title, const QString &sentence);
    /// The first button is the primary one.
    QPushButton *addButton(const QString &text, const QString &icon_name, std::function<void()> clicked);

private:
    void paintPicture();
    void fitSentence();

    QString icon_name_;
    QLabel *picture_ = nullptr;
    QLabel *title_ = nullptr;
    QLabel *sentence_ = nullptr;
    QHBoxLayout *buttons_ = nullptr;
};

} // namespace howdah::ui
