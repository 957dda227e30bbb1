// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>
#include <QPointer>

#include "core/complete/complete.h"

class QKeyEvent;
class QsciScintilla;

namespace howdah::ui {

class CompletionPopup;
class SignatureTip;
class SqlEditor;

/// Completion in an editor: asks for it (by Ctrl+Space, or while typing), shows the list and puts in what is chosen.
/// Computed on another thread from a snapshot; the newest request wins, and typing never waits. A list that came by
/// itself takes Enter only after something was chosen in it.
class CompletionSession : public QObject
{
    Q_OBJECT
public:
    explicit CompletionSession(SqlEditor &editor);
    /// In another view of that editor's text; catalog and settings are those of the editor's own session.
    CompletionSession(SqlEditor &editor, QsciScintilla &view);
    ~CompletionSession() override;

    /// Null: without a connection, keywords, built-in functions and the text's own words.
    void setCatalog(std::shared_ptr<const pg::Catalog> catalog);
    /// Whether the list comes by itself.
    void setAutomatic(bool automatic) { automatic_ = automatic; }

    /// Ctrl+Space; in the view that has the keyboard.
    void request();
    /// True when the key was dealt with. To be asked before the editor takes it.
    [[nodiscard]] bool keyPressed(const QKeyEvent &event);
    /// Whether Tab belongs to the list rather than to a snippet.
    [[nodiscard]] bool wantsTab() const;
    /// A character was put in, also where the editor did so in its own way.
    void typed(int character);
    void hide();
    [[nodiscard]] bool isShown() const;
    [[nodiscard]] CompletionPopup *popup() const;
    [[nodiscard]] SignatureTip *tip() const;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Answer;
    void onUpdate(int updated);
    void compute();
    void accept(const std::shared_ptr<Answer> &answer);
    void showTip(const std::optional<complete::SignatureHelp> &help);
    void place();
    void choose();
    void ensureWidgets();
    void watch();
    [[nodiscard]] int wordLength() const;
    [[nodiscard]] std::size_t cursor() const;
    [[nodiscard]] bool automatic() const { return first_ ? first_->automatic_ : automatic_; }
    [[nodiscard]] const std::shared_ptr<const pg::Catalog> &catalog() const { return first_ ? first_->catalog_ : catalog_; }

    SqlEditor &editor_;
    QsciScintilla &view_;
    QPointer<CompletionSession> first_;  ///< of the editor itself, when this one is another view's
    QPointer<CompletionSession> second_; ///< the reverse
    QPointer<CompletionPopup> popup_;
    QPointer<SignatureTip> tip_;
    std::shared_ptr<const pg::Catalog> catalog_;
    std::shared_ptr<const complete::Snapshot> snapshot_; ///< of it, once made
    bool automatic_ = true;
    bool manual_ = false;   ///< the list was asked for
    bool chosen_ = false;   ///< and something was chosen in it
    bool list_wanted_ = false;
    bool computing_ = false, again_ = false;
    bool changed_ = false;  ///< the text, since the last update
    bool typing_ = false;   ///< a character was just put in
    quint64 generation_ = 0;
    ByteSpan replaced_;     ///< as of answered_at_
    std::size_t answered_at_ = 0;
};

} // namespace howdah::ui
