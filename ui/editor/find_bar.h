// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QRegularExpression>
#include <QTimer>
#include <QWidget>

#include "core/base/text_offset.h"

class QLabel;
class QLineEdit;
class QToolButton;

namespace howdah::ui {

class SqlEditor;

/// Find and replace over an editor. Searching goes on another thread; the newest request wins.
class FindBar : public QWidget
{
    Q_OBJECT
public:
    explicit FindBar(SqlEditor *editor, QWidget *parent = nullptr);
    /// Shows the bar with the selected word in it.
    void open(bool with_replace);
    void close();
    void findNext();
    void findPrevious();
    void replaceOne();
    void replaceAll();
    [[nodiscard]] int matchCount() const { return static_cast<int>(matches_.size()); }

Q_SIGNALS:
    void searched();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    QToolButton *addToggle(const QString &text, const QString &tooltip);
    QToolButton *addTool(const QString &icon_name, const QString &tooltip);
    void search();
    void accept(quint64 request, std::vector<ByteSpan> matches, bool complete);
    void show(std::size_t match);
    void showCount();
    [[nodiscard]] QRegularExpression pattern() const;
    [[nodiscard]] QString replacementFor(const QString &found) const;

    SqlEditor *editor_;
    QLineEdit *find_ = nullptr;
    QLineEdit *replace_ = nullptr;
    QWidget *replace_row_ = nullptr;
    QLabel *count_ = nullptr;
    QToolButton *match_case_ = nullptr;
    QToolButton *whole_words_ = nullptr;
    QToolButton *regex_ = nullptr;
    QTimer timer_;
    std::vector<ByteSpan> matches_;
    bool complete_ = true;
    bool jump_ = false;     ///< go to the first match behind the cursor once they are known
    quint64 request_ = 0;
};

} // namespace howdah::ui
