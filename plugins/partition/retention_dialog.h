// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "core/partition/maintain.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace howdah::partition_tool {

/// Asks how long rows are kept and what becomes of partitions that are older. The script is shown afterwards.
class RetentionDialog : public QDialog
{
    Q_OBJECT
public:
    RetentionDialog(const QString &table, QWidget *parent = nullptr);

Q_SIGNALS:
    void chosen(const howdah::partition::RetentionOptions &options);

private:
    void check();

    QLineEdit *keep_ = nullptr;
    QComboBox *action_ = nullptr;
    QLineEdit *schema_ = nullptr;
    QLabel *error_ = nullptr;
    QPushButton *show_ = nullptr;
};

} // namespace howdah::partition_tool
