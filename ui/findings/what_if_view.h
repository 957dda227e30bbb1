// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QWidget>

#include "core/plan/what_if.h"

class QComboBox;
class QLabel;
class QPushButton;
class QSpinBox;
class QToolButton;

namespace howdah::ui {

class Pill;
class PlanCompare;
class SqlEditor;

/// What tries have shown, one at a time: the verdict with its figures and its level of proof, the lock that was held,
/// what changed, and both plans side by side. The statement can be reworded here and tried against the original.
class WhatIfView : public QWidget
{
    Q_OBJECT
public:
    explicit WhatIfView(QWidget *parent = nullptr);
    /// The statement that is tried; its text is what rewording begins with.
    void setStatement(const QString &sql);
    void setTrials(std::vector<plan::WhatIfTrial> trials);
    void setCanApply(bool can_apply);
    /// Shows (and focuses) the editor in which the statement is reworded.
    void startRewording();

    /// What the user chose for the next try: runs, and up to which size of its table an index is built.
    [[nodiscard]] int runs() const;
    [[nodiscard]] qint64 buildUpToBytes() const;
    [[nodiscard]] QString rewording() const;
    [[nodiscard]] QString verdict() const;
    [[nodiscard]] QString figures() const;
    [[nodiscard]] QString changes() const;
    void setTrial(int index);
    /// What was tried in the trial in front.
    [[nodiscard]] std::vector<std::string> shownStatements() const;
    [[nodiscard]] const std::vector<plan::WhatIfTrial> &trials() const { return trials_; }
    [[nodiscard]] PlanCompare *compare() const { return compare_; }

Q_SIGNALS:
    void applyRequested();
    void rewordingRequested();
    void againRequested(); ///< the same with what runs() and buildUpToBytes() say now

private:
    QWidget *buildHead();
    QWidget *buildOptions();
    QWidget *buildEditor();
    void showTrial();
    void showOutcome(const plan::WhatIfTrial &trial);

    std::vector<plan::WhatIfTrial> trials_;
    QLabel *verdict_ = nullptr, *figures_ = nullptr, *changes_ = nullptr;
    Pill *proof_ = nullptr;
    QPushButton *apply_ = nullptr, *again_ = nullptr, *measure_ = nullptr;
    QToolButton *reword_ = nullptr;
    QComboBox *choice_ = nullptr;
    QSpinBox *runs_ = nullptr, *build_ = nullptr;
    QWidget *wording_ = nullptr;
    SqlEditor *editor_ = nullptr;
    PlanCompare *compare_ = nullptr;
};

} // namespace howdah::ui
