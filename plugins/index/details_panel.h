// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/base/tone.h"

class QGridLayout;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QVBoxLayout;

namespace howdah::ui {
class Pill;
}

namespace howdah::index_tool {

/// What is chosen, in full: a title with a pill, sentences, the statements with their way back, and facts under each other.
class DetailsPanel : public QWidget
{
    Q_OBJECT
public:
    /// `invitation`: what stands there while nothing is chosen.
    explicit DetailsPanel(const QString &invitation, QWidget *parent = nullptr);
    void clear();
    /// Why nothing can be applied here; "" when it can.
    void setHindrance(const QString &reason);
    [[nodiscard]] QPushButton *applyButton() const { return apply_; }
    [[nodiscard]] QString sql() const;
    [[nodiscard]] QString title() const;
    [[nodiscard]] QString text() const; ///< the sentences

Q_SIGNALS:
    void applyRequested();
    void openRequested(const QString &sql);

protected:
    void begin(const QString &title, const QString &pill, ui::Tone tone, const QString &message, const QString &why);
    void addFact(const QString &name, const QString &value);
    QPushButton *addLink(const QString &text, const QString &tooltip);
    void setStatements(const QString &sql, const QString &undo);
    void setCaption(const QString &text); ///< over the statements

private:
    QStackedWidget *stack_ = nullptr;
    QLabel *title_ = nullptr;
    ui::Pill *pill_ = nullptr;
    QLabel *message_ = nullptr;
    QLabel *why_ = nullptr;
    QGridLayout *facts_ = nullptr;
    int fact_rows_ = 0;
    QWidget *statements_ = nullptr;
    QLabel *caption_ = nullptr;
    QPlainTextEdit *sql_ = nullptr;
    QLabel *undo_caption_ = nullptr;
    QPlainTextEdit *undo_ = nullptr;
    QWidget *links_ = nullptr;
    QVBoxLayout *links_layout_ = nullptr;
    QPushButton *apply_ = nullptr;
    QString hindrance_;
};

} // namespace howdah::index_tool
