// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "core/pg/connection.h"
#include "ui/base/tone.h"

class QLabel;

namespace howdah::ui {

class ElidedLabel;
class Pill;

/// The line at the bottom of the window: server, database, role, transaction, rows and time; at the right what the
/// page has to say of the selection and the cursor.
class StatusStrip : public QFrame
{
    Q_OBJECT
public:
    explicit StatusStrip(QWidget *parent = nullptr);
    /// `text` is what stands beside the dot; the dot takes the tone.
    void setServer(const QString &text, Tone tone, const QString &tooltip);
    /// `text` says it in full: "In transaction 00:42 · 3 statements".
    void setTransaction(pg::TransactionState state, bool has_session, const QString &text, Tone tone);
    void setTiming(const QString &text);
    void setSummary(const QString &text);
    void setPlace(const QString &text);
    void setEncoding(const QString &text);
    /// A sentence that goes by itself after some seconds.
    void showMessage(const QString &text);
    [[nodiscard]] QString serverText() const;
    [[nodiscard]] QString transactionText() const;
    [[nodiscard]] QString timingText() const;

private:
    QLabel *dot_ = nullptr;
    ElidedLabel *server_ = nullptr;
    Pill *transaction_ = nullptr;
    ElidedLabel *timing_ = nullptr, *message_ = nullptr;
    QLabel *summary_ = nullptr, *place_ = nullptr, *encoding_ = nullptr;
    QTimer *message_timer_ = nullptr;
};

} // namespace howdah::ui
