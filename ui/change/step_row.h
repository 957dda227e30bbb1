// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QWidget>

#include "core/migration/change_script.h"
#include "ui/base/tone.h"

class QLabel;
class QPushButton;
class QTimer;
class QVBoxLayout;

namespace howdah::ui {

class Pill;

/// One statement of a change script: number, SQL, what to expect, lock, way back, state and time.
class StepRow : public QWidget
{
    Q_OBJECT
public:
    StepRow(std::size_t number, const migration::ChangeStep &step, QWidget *parent = nullptr);
    void setOutcome(const migration::StepOutcome &outcome);
    /// Another word for the state than setOutcome() has, until it is called again.
    void setMark(const QString &text, const QString &icon_name, Tone tone);
    [[nodiscard]] migration::StepState state() const { return state_; }

private:
    void addTexts(QVBoxLayout *texts, const migration::ChangeStep &step);
    void addSql(QVBoxLayout *texts, const QString &sql);
    void addWayBack(QVBoxLayout *texts, const migration::ChangeStep &step);
    void showTime(double milliseconds);

    migration::StepState state_ = migration::StepState::Waiting;
    Pill *number_ = nullptr;
    Pill *pill_ = nullptr;
    QLabel *time_ = nullptr;
    QLabel *error_ = nullptr;
    QTimer *ticking_ = nullptr;
    QElapsedTimer since_;
};

} // namespace howdah::ui
