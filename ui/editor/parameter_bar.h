// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

#include <QString>
#include <QStringList>
#include <QWidget>

#include "core/sql/parameters.h"

class QGridLayout;
class QLineEdit;
class QToolButton;

namespace howdah::ui {

/// Asks for the values of a statement's parameters, above the editor: a field a name and a NULL button beside it.
/// Values are remembered for the page, so that they are asked for once and can be changed before the next run.
class ParameterBar : public QWidget
{
    Q_OBJECT
public:
    explicit ParameterBar(QWidget *parent = nullptr);

    /// Shows a field for each; those seen before keep their values.
    void ask(const std::vector<std::string> &names);
    /// Names of `names` that no value has been given for. An empty text counts as given once the user has run with it.
    [[nodiscard]] std::vector<std::string> unknown(const std::vector<std::string> &names) const;
    /// Everything known, also of statements before.
    [[nodiscard]] const sql::ParameterValues &values() const { return values_; }
    void focusFirst(const std::string &name);

Q_SIGNALS:
    void runRequested();
    /// Parameters are to be left alone: ":name" goes to the server as it stands.
    void switchedOff();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    struct Row {
        std::string name;
        QLineEdit *field;
        QToolButton *null;
    };
    void addRow(const std::string &name, int position);
    void accept();
    void remember(const Row &row);

    QGridLayout *grid_;
    std::vector<Row> rows_;
    sql::ParameterValues values_;
};

} // namespace howdah::ui
