// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include <QTime>
#include <QTimer>
#include <QWidget>

#include "core/pg/connection.h"
#include "ui/base/tone.h"

class QPlainTextEdit;
class QTextCursor;

namespace howdah::ui {

/// What happened, in order: notices, statements with rows and time, errors with all that the server said. A click
/// (or Enter) on a statement or an error tells where it stands in the script.
class MessagesPane : public QWidget
{
    Q_OBJECT
public:
    explicit MessagesPane(QWidget *parent = nullptr);
    void beginRun(const QString &title);
    void addNotice(const pg::Notice &notice);
    /// Tag, rows and time, or the error of the statement.
    void addOutcome(const pg::StatementOutcome &outcome, const QString &sql);
    void addError(const Error &error);
    void addText(const QString &text, Tone tone);
    void clear();
    /// Since the run began.
    [[nodiscard]] int errorCount() const { return errors_; }
    [[nodiscard]] int warningCount() const { return warnings_; }
    /// All of it, as it is copied.
    [[nodiscard]] QString plainText() const;

Q_SIGNALS:
    void countsChanged();
    void statementActivated(howdah::ByteSpan span);
    void errorActivated(howdah::ByteOffset at);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    using Target = std::variant<std::monostate, ByteSpan, ByteOffset>;
    struct Entry {
        QTime time;
        QString word;  ///< "ERROR", "NOTICE", "UPDATE 3"
        QString text;
        QString more;  ///< further lines: detail, hint, context
        Tone tone = Tone::Neutral;
        bool title = false;
        Target target;
    };

    void add(Entry entry);
    void count(int errors, int warnings);
    void flush();
    void render();
    void write(QTextCursor &cursor, const Entry &entry, qint64 number) const;
    void activate(const Target &target);
    [[nodiscard]] const Entry *entryAt(const QPoint &at) const;
    void contextMenu(const QPoint &at);

    QPlainTextEdit *edit_;
    std::deque<Entry> entries_;
    qint64 first_ = 0;      ///< number of the oldest entry kept
    qint64 written_ = 0;    ///< number of the next entry to write
    QTimer timer_;
    int errors_ = 0;
    int warnings_ = 0;
    qint64 dropped_ = 0;
};

} // namespace howdah::ui
