// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimer>
#include <QWidget>

class QCheckBox;
class QLineEdit;
class QListView;
class QStackedWidget;

namespace howdah::ui {

class EmptyState;
class HistoryKeeper;
class HistoryModel;

/// What was run, as it was sent: found by its words, opened again with Enter. Nothing is run from here.
class HistoryPage : public QWidget
{
    Q_OBJECT
public:
    explicit HistoryPage(HistoryKeeper *keeper, QWidget *parent = nullptr);
    [[nodiscard]] HistoryModel *model() const { return model_; }
    [[nodiscard]] QLineEdit *searchField() const { return search_; }

Q_SIGNALS:
    void openRequested(const QString &text);   ///< in a page of its own
    void insertRequested(const QString &text); ///< into the page that was in front

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *buildBar();
    void ask(qint64 before_id = 0);
    void showMenu(const QPoint &at);
    [[nodiscard]] QString currentText() const;

    HistoryKeeper *keeper_;
    HistoryModel *model_;
    QLineEdit *search_ = nullptr;
    QCheckBox *failed_ = nullptr;
    QListView *list_ = nullptr;
    QStackedWidget *stack_ = nullptr;
    EmptyState *empty_ = nullptr;
    QTimer timer_;
    quint64 request_ = 0;
};

} // namespace howdah::ui
