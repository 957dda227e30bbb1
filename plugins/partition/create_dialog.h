// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QDialog>

#include "core/partition/create.h"
#include "core/pg/session.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QSpinBox;

namespace howdah::ui {
class ToolContext;
}

namespace howdah::partition_tool {

/// A new partitioned table: columns, key, partitions. The server is asked first whether it takes it.
class CreateDialog : public QDialog
{
    Q_OBJECT
public:
    explicit CreateDialog(ui::ToolContext *context, QWidget *parent = nullptr);

Q_SIGNALS:
    void scriptReady(const howdah::migration::ChangeScript &script);
    void refused(const QString &why);

private:
    void build();
    void formChanged();
    void make();
    [[nodiscard]] std::optional<partition::CreateWish> wish(QString &error) const;

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    QFormLayout *form_ = nullptr;
    QLineEdit *name_ = nullptr;
    QComboBox *source_ = nullptr;   ///< columns written here, or those of a table
    QPlainTextEdit *columns_ = nullptr;
    QComboBox *like_ = nullptr;
    QLineEdit *key_ = nullptr;
    QComboBox *by_ = nullptr;
    QLineEdit *interval_ = nullptr;
    QLineEdit *from_ = nullptr;
    QSpinBox *ahead_ = nullptr;
    QSpinBox *modulus_ = nullptr;
    QLineEdit *values_ = nullptr;
    QCheckBox *default_ = nullptr;
    QLabel *error_ = nullptr;
    QPushButton *show_ = nullptr;
};

} // namespace howdah::partition_tool
