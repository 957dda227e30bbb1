// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLineEdit;
class QPushButton;

namespace howdah::ui {

/// One statement to be confirmed, as a person reads it.
struct ConfirmItem {
    QString sql;
    QString reason; ///< "DELETE without WHERE: every row of orders, ~1.2 million"
};

/// Asks before statements that cannot be taken back run: shows each with what it reaches, and wants a name typed where
/// `typed_name` is not empty. accepted() means run.
class ConfirmRunDialog : public QDialog
{
    Q_OBJECT
public:
    ConfirmRunDialog(const QString &target, const QList<ConfirmItem> &items, const QString &typed_name, QWidget *parent = nullptr);
    [[nodiscard]] QPushButton *runButton() const { return run_; }
    [[nodiscard]] QLineEdit *nameField() const { return name_; }

private:
    QLineEdit *name_ = nullptr;
    QPushButton *run_ = nullptr;
};

} // namespace howdah::ui
