// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QScrollArea>

#include "core/pg/connection.h"

class QGridLayout;
class QLabel;

namespace howdah::ui {

/// What the statements of a run did where none of them returned rows: "UPDATE 3 · 12 ms".
class RunStatus : public QScrollArea
{
    Q_OBJECT
public:
    explicit RunStatus(QWidget *parent = nullptr);
    void begin();
    void add(const pg::StatementOutcome &outcome, const QString &sql);
    void end();
    [[nodiscard]] bool isEmpty() const { return statements_ == 0; }
    [[nodiscard]] QString text() const;

private:
    void addRow(const QString &icon_name, bool failed, const QString &head, const QString &more);
    void clear();

    QWidget *page_;
    QLabel *title_;
    QGridLayout *rows_;
    QStringList texts_;
    int statements_ = 0;
};

} // namespace howdah::ui
