// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QWidget>

class QButtonGroup;
class QHBoxLayout;
class QPushButton;

namespace howdah::ui {

/// A choice of one among a few, as buttons in a row: "Result | Plan | Messages", or quieter "Tree Flame Text".
/// Arrow keys move the choice; Tab enters and leaves it as one.
class SegmentedTabs : public QWidget
{
    Q_OBJECT
public:
    enum class Look { Buttons, Quiet };
    explicit SegmentedTabs(Look look = Look::Buttons, QWidget *parent = nullptr);

    void addSegment(const QString &id, const QString &text, const QString &tooltip = {});
    void removeSegment(const QString &id);
    void setText(const QString &id, const QString &text);
    void setSegmentEnabled(const QString &id, bool enabled);
    [[nodiscard]] bool contains(const QString &id) const;
    [[nodiscard]] QString current() const;
    /// Unknown ids change nothing. Emits currentChanged when it changes something.
    void setCurrent(const QString &id);

Q_SIGNALS:
    void currentChanged(const QString &id);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QPushButton *button(const QString &id) const;

    Look look_;
    QHBoxLayout *layout_ = nullptr;
    QButtonGroup *group_ = nullptr;
    QList<QPushButton *> buttons_;
};

} // namespace howdah::ui
