// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

#include "core/pg/connection.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace howdah::ui {

class ElidedLabel;
class Pill;

/// The line under a grid: "500 000 rows · 1.2 s · first row 8 ms · 41 MB", live while rows arrive, with what the
/// selection adds up to on the right.
class GridFooter : public QWidget
{
    Q_OBJECT
public:
    explicit GridFooter(QWidget *parent = nullptr);
    void begin();
    void setRows(qint64 rows, qint64 bytes);
    /// How many of the rows a filter shows; nullopt: no filter.
    void setFiltered(std::optional<qint64> shown);
    /// `outcome` null: nothing more is known than that it ended.
    void finish(const pg::StatementOutcome *outcome);
    void setSorted(const QString &text);
    void setSummary(const QString &text);
    /// Something done, said for a few seconds where the summary stands.
    void say(const QString &text);
    void setPinned(bool pinned);
    void setEditing(bool editing);
    void setCharted(bool charted);
    [[nodiscard]] QString text() const;
    [[nodiscard]] QString note() const;

Q_SIGNALS:
    void loadAllRequested();
    void serverOrderRequested();
    void pinToggled(bool pinned);
    void editRequested();
    void chartToggled(bool charted);

private:
    void refresh();

    ElidedLabel *figures_;
    Pill *state_;
    ElidedLabel *note_;
    QPushButton *load_all_;
    QPushButton *sorted_;
    ElidedLabel *summary_;
    QToolButton *chart_;
    QToolButton *edit_;
    QToolButton *pin_;
    QTimer clock_;
    QTimer said_timer_;
    QElapsedTimer running_;
    QString summary_text_;
    qint64 rows_ = 0;
    qint64 bytes_ = 0;
    std::optional<qint64> filtered_;
    double duration_ms_ = -1;
    double first_row_ms_ = -1;
    bool live_ = false;
};

} // namespace howdah::ui
