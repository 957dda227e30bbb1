// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "plugins/index/health_models.h"

class QFormLayout;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace howdah::ui {
class Pill;
}

namespace howdah::index_tool {

/// What is chosen, in full: why, by which evidence, which statements would change it and which bring it back.
class FindingDetails : public QWidget
{
    Q_OBJECT
public:
    explicit FindingDetails(QWidget *parent = nullptr);
    void clear();
    void showFinding(const FindingRow &row);
    void showIndex(const IndexRow &row);
    /// Several findings: their sum.
    void showFindings(const std::vector<FindingRow> &rows);
    /// Why nothing can be applied here; "" when it can.
    void setHindrance(const QString &reason);
    [[nodiscard]] QPushButton *applyButton() const { return apply_; }
    [[nodiscard]] QString sql() const;

Q_SIGNALS:
    void applyRequested();
    void openRequested(const QString &sql);
    void findingRequested(std::size_t at); ///< of the report, from an index's facts

private:
    void begin(const QString &title, const QString &pill, ui::Tone tone, const QString &message, const QString &why);
    void addFact(const QString &name, const QString &value);
    void setStatements(const QString &sql, const QString &undo);

    QStackedWidget *stack_ = nullptr;
    QLabel *title_ = nullptr;
    ui::Pill *pill_ = nullptr;
    QLabel *message_ = nullptr;
    QLabel *why_ = nullptr;
    QFormLayout *facts_ = nullptr;
    QWidget *statements_ = nullptr;
    QPlainTextEdit *sql_ = nullptr;
    QLabel *undo_caption_ = nullptr;
    QPlainTextEdit *undo_ = nullptr;
    QWidget *links_ = nullptr;
    QVBoxLayout *links_layout_ = nullptr;
    QPushButton *apply_ = nullptr;
    QString hindrance_;
};

} // namespace howdah::index_tool
