// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QDialog>

#include "core/partition/convert.h"
#include "ui/plugin/tool_context.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace howdah::partition_tool {

/// Asks how a plain table is to be partitioned, looks at it, and says what it means: keys that change, what is in the way, the
/// ways to do it with their cost. The script is shown afterwards.
class ConvertDialog : public QDialog
{
    Q_OBJECT
public:
    ConvertDialog(ui::ToolContext *context, const QString &table, QWidget *parent = nullptr);
    ~ConvertDialog() override;

Q_SIGNALS:
    void scriptReady(const howdah::migration::ChangeScript &script);
    void looked(); ///< what it found, or why it could not, is on the page

public:
    [[nodiscard]] QComboBox *strategyBox() const { return strategy_; }
    [[nodiscard]] QPushButton *lookButton() const { return look_; }
    [[nodiscard]] QPushButton *showButton() const { return show_; }
    [[nodiscard]] QString reportText() const;

private:
    void fillTables(const QString &table);
    void fillColumns();
    void formChanged();
    void look();
    void showConversion(const partition::Conversion &conversion);
    [[nodiscard]] std::optional<partition::ConvertWish> wish(QString &error) const;

    ui::ToolContext *context_;
    std::shared_ptr<pg::Session> session_;
    std::optional<partition::Conversion> conversion_;
    QComboBox *table_ = nullptr, *column_ = nullptr, *by_ = nullptr, *keys_ = nullptr, *incoming_ = nullptr, *strategy_ = nullptr;
    QLineEdit *interval_ = nullptr;
    QLabel *interval_label_ = nullptr, *report_ = nullptr;
    QPushButton *look_ = nullptr, *show_ = nullptr;
};

} // namespace howdah::partition_tool
