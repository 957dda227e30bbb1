// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "core/migration/change_script.h"

class QPlainTextEdit;

namespace howdah::migration_tool {

/// The SQL of a step and its way back, to be written otherwise before it runs.
class StepEditor : public QWidget
{
    Q_OBJECT
public:
    StepEditor(std::size_t step, const migration::ChangeStep &what, QWidget *parent = nullptr);
    [[nodiscard]] QString sql() const;
    [[nodiscard]] QString undo() const;
    void setSql(const QString &sql);

Q_SIGNALS:
    void accepted(std::size_t step, const QString &sql, const QString &undo);
    void cancelled();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void accept();
    std::size_t step_;
    QPlainTextEdit *sql_ = nullptr;
    QPlainTextEdit *undo_ = nullptr;
};

} // namespace howdah::migration_tool
