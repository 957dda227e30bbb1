// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <vector>

#include <QPointer>
#include <QString>
#include <QStringList>
#include <QWidget>

#include "ui/actions/palette_source.h"

class QFrame;
class QLabel;
class QLineEdit;
class QListView;

namespace howdah::ui {

class PaletteModel;

/// The field that finds everything, at the top middle of its window. It closes when the focus goes elsewhere, gives
/// the focus back when it closes, and remembers recent choices.
class CommandPalette : public QWidget
{
    Q_OBJECT
public:
    explicit CommandPalette(QWidget *window);
    ~CommandPalette() override;

    /// In the order in which they are listed before anything is typed; actions first.
    void addSource(std::unique_ptr<PaletteSource> source);
    /// Opens with this text in the field, or closes when it is open (so that one shortcut does both).
    void popUp(const QString &typed = {});
    void dismiss();
    /// Recent choices, the latest first; the shell keeps them over runs (Settings::remember).
    void setRecent(const QStringList &keys);
    [[nodiscard]] QStringList recent() const { return recent_; }
    [[nodiscard]] PaletteModel *model() const { return model_; }

Q_SIGNALS:
    void recentChanged(const QStringList &keys);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void build();
    void askNextSource();
    void search(const QString &typed);
    /// The sign that the text begins with; null when no source has it.
    [[nodiscard]] QChar signOf(const QString &typed) const;
    void askSource(std::size_t place);
    /// Sources that are found by their sign alone, when it is typed.
    void askSources(QChar sign);
    void showSigns();
    void choose(int row);
    void moveBy(int rows);
    void moveTo(int row);
    bool keyPressed(int key, Qt::KeyboardModifiers modifiers);
    void adapt(); ///< to the window's size and to the rows found

    std::vector<std::unique_ptr<PaletteSource>> sources_;
    std::size_t next_source_ = 0;
    std::vector<std::size_t> asked_by_sign_;
    quint64 opening_ = 0; ///< answers of an earlier opening are not waited for
    PaletteModel *model_ = nullptr;
    QLineEdit *field_ = nullptr;
    QListView *list_ = nullptr;
    QLabel *nothing_ = nullptr;
    QLabel *count_ = nullptr;
    QLabel *signs_ = nullptr;
    QFrame *footer_ = nullptr;
    QPointer<QWidget> focus_before_;
    QStringList recent_;
};

} // namespace howdah::ui
