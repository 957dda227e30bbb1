// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QDialog>

class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace howdah::ui {

class Settings;
struct SettingInfo;

/// Every setting, made from Settings::all(): groups, a search field, each with its own way back to the default.
/// What is changed holds at once; there is nothing to apply. open() only.
class SettingsDialog : public QDialog
{
    Q_OBJECT
public:
    explicit SettingsDialog(Settings &settings, QWidget *parent = nullptr);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Row {
        const SettingInfo *info;
        QWidget *widget;
        QWidget *control;
        QPushButton *restore;
    };
    struct Group {
        QString name;
        QWidget *widget;
        std::vector<Row> rows;
    };
    Group &groupOf(const QString &name, QVBoxLayout *page);
    void addRow(const SettingInfo &info, QVBoxLayout *page);
    [[nodiscard]] QWidget *makeControl(const SettingInfo &info);
    void showValue(const Row &row);
    void showAll();
    void filter(const QString &typed);

    Settings &settings_;
    std::vector<Group> groups_;
    QLineEdit *search_ = nullptr;
    QLabel *nothing_ = nullptr;
};

} // namespace howdah::ui
