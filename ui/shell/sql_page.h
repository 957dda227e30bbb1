// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>

#include <QByteArray>
#include <QHash>
#include <QPointer>
#include <QTimer>
#include <QWidget>

#include "core/workspace/buffers.h"
#include "core/sql/error_place.h"
#include "ui/base/tone.h"
#include "ui/plugin/tool_context.h"
#include "ui/shell/history_keeper.h"
#include "ui/shell/sql_runner.h"

class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QAction;
class QToolButton;

namespace howdah::ui {

class ActionRegistry;
class Banner;
class FindBar;
class Link;
class MessagesPane;
class PageDocument;
class ParameterBar;
class ResultGrid;
class ResultsPane;
class SecondView;
class SegmentedTabs;
class SqlEditor;

/// A tab to work in: the editor, and under it what a run gave (Result, Messages, and the panes that tools put there).
/// Has a session of its own; running never blocks, and everything it does can be cancelled.
class SqlPage : public QWidget
{
    Q_OBJECT
public:
    explicit SqlPage(ActionRegistry *actions, QWidget *parent = nullptr);
    ~SqlPage() override;

    // What it holds.
    void setBuffer(const workspace::Buffer &buffer);
    /// As it is to be kept; `position` is the window's to fill in.
    [[nodiscard]] workspace::Buffer buffer() const;
    [[nodiscard]] const std::string &id() const { return id_; } ///< of its buffer
    [[nodiscard]] const QString &title() const { return title_; }
    void setTitle(const QString &title);
    [[nodiscard]] const QString &file() const { return file_; }
    [[nodiscard]] bool isModified() const; ///< differs from its file; a page without a file never does
    [[nodiscard]] bool isBlank() const;    ///< nothing typed, no file
    bool openFile(const QString &path);
    bool saveFile(const QString &path);

    // Whom it speaks to.
    void setLink(const std::shared_ptr<Link> &link);
    [[nodiscard]] const std::shared_ptr<Link> &link() const { return runner_->link(); }
    /// The saved connection it was used with before there was a link.
    [[nodiscard]] const QString &connectionName() const { return connection_name_; }
    [[nodiscard]] SqlRunner *runner() const { return runner_; }

    enum class Scope { Current, All };
    void run(Scope scope);
    void setLimits(const pg::RowStoreLimits &limits) { limits_ = limits; }
    /// What is run is recorded there; null: nowhere.
    void setHistory(HistoryKeeper *history) { history_ = history; }
    void setStopOnError(bool stop) { stop_on_error_ = stop; }
    /// Manual commit: a BEGIN goes before what is run outside a transaction. Kept with the text.
    void setManualCommit(bool manual);
    [[nodiscard]] bool isManualCommit() const { return manual_commit_; }
    /// COMMIT or ROLLBACK; `ended` is called when no transaction is open any more, and not when it could not be ended.
    void endTransaction(bool commit, std::function<void()> ended = {});
    void setIdleTransactionLimit(int seconds) { idle_limit_s_ = seconds; }
    /// Mode and state: "Autocommit", "In transaction 00:42 · 3 statements". `tone` is set to go with it.
    [[nodiscard]] QString transactionText(Tone &tone) const;
    [[nodiscard]] Banner *transactionBanner() const { return transaction_banner_; }
    void setFontSize(int pixels);
    [[nodiscard]] QByteArray splitterState() const;
    void restoreSplitter(const QByteArray &state);
    void setConfirmOnProduction(bool confirm) { confirm_on_production_ = confirm; }

    [[nodiscard]] SqlDocument *document() const;
    [[nodiscard]] SqlEditor *editor() const { return editor_; }
    [[nodiscard]] FindBar *findBar() const { return find_bar_; }
    [[nodiscard]] ResultsPane *results() const { return results_; }
    [[nodiscard]] MessagesPane *messages() const { return messages_; }
    [[nodiscard]] Banner *banner() const { return banner_; }
    [[nodiscard]] ParameterBar *parameterBar() const { return parameter_bar_; }
    /// Whether :name and $1 are asked for; else they go to the server as they stand.
    [[nodiscard]] bool asksParameters() const { return asks_parameters_; }
    void setAsksParameters(bool asks);
    /// Begins to edit the rows of the result in front, or ends it.
    void editResult();
    /// Shows the text a second time beside the editor, or takes that view away.
    void setSplit(bool split);
    [[nodiscard]] bool isSplit() const { return second_ != nullptr; }
    /// Lays the selection, the statement under the cursor or everything out anew.
    void format(Scope scope);
    void showPane(const QString &id);
    [[nodiscard]] QString currentPane() const;

    // For the status bar.
    [[nodiscard]] QString timing() const { return timing_; }
    [[nodiscard]] QString place() const { return place_; }
    [[nodiscard]] QString selectionSummary() const { return summary_; }

Q_SIGNALS:
    void edited();        ///< to be kept soon
    void aboutToRun();    ///< to be kept now
    void titleChanged();
    void statusChanged();
    void connectRequested();
    void ddlFinished();   ///< a statement changed the catalog

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    friend class PageDocument;

    // What a finished statement left to say about the run.
    struct RunTally {
        int statements = 0;
        std::int64_t rows = 0;
        bool changed_catalog = false;
    };

    void buildLayout(ActionRegistry *actions);
    QWidget *buildToolbar(ActionRegistry *actions);
    QWidget *buildPanes();
    void connectRunner();
    void applyEdits(ResultGrid *grid);
    /// `all_rows`: what was run before, again, without the limit on rows.
    /// False when a value has to be given first; the run begins again when it has been.
    bool haveParameters(std::string_view script, Scope scope);
    bool haveParameters(std::string_view script, std::function<void()> then);
    void start(std::string script, ByteOffset base, const QString &title, bool all_rows = false);
    /// True when a person is asked whether that may run at all; it runs when the answer is yes.
    bool askFirst(const std::string &script, ByteOffset base, const QString &title);
    void onStatementFinished(const pg::StatementOutcome &outcome);
    void onFinished(const pg::RunOutcome &outcome);
    void onFailed(const Error &error);
    void recordEnd(const pg::RunOutcome &outcome);
    void markError(const Error &error, ByteSpan within);
    void refreshState();
    void takeCatalog();
    void refreshElapsed();
    void refreshMessageCount();
    void offerReconnect();
    QWidget *buildTransactionChip(QWidget *parent);
    void refreshTransaction();
    void warnOfIdleTransaction();
    void offerStrongerCancel();
    void strongerCancel(pg::BackendSignal signal);
    [[nodiscard]] pg::StatementOutcome placed(const pg::StatementOutcome &outcome);
    [[nodiscard]] QString sqlOf(ByteSpan span) const;
    void addPane(const QString &id, const QString &title, QWidget *widget);
    void makeRoom();
    [[nodiscard]] QWidget *pane(const QString &id) const { return panes_.value(id); }

    std::unique_ptr<PageDocument> document_;
    SqlRunner *runner_;
    SqlEditor *editor_ = nullptr;
    QSplitter *editors_ = nullptr;
    SecondView *second_ = nullptr; ///< while split
    FindBar *find_bar_ = nullptr;
    Banner *banner_ = nullptr;
    ParameterBar *parameter_bar_ = nullptr;
    QSplitter *splitter_ = nullptr;
    SegmentedTabs *tabs_ = nullptr;
    QStackedWidget *stack_ = nullptr;
    QHash<QString, QWidget *> panes_;
    ResultsPane *results_ = nullptr;
    MessagesPane *messages_ = nullptr;
    QLabel *activity_ = nullptr;
    QPushButton *stop_ = nullptr;
    Banner *transaction_banner_ = nullptr;
    QToolButton *transaction_chip_ = nullptr;
    QAction *autocommit_entry_ = nullptr, *manual_entry_ = nullptr, *commit_entry_ = nullptr, *rollback_entry_ = nullptr;
    QTimer transaction_tick_;
    int idle_limit_s_ = 60;
    bool manual_commit_ = false;
    bool idle_told_ = false;       ///< the user has seen how long the transaction is idle, until it is used again
    std::vector<std::string> created_routines_; ///< texts of CREATE FUNCTION and PROCEDURE that this page ran, the last ones
    QTimer elapsed_;

    std::string id_;
    QString title_, file_, connection_name_;
    pg::RowStoreLimits limits_;
    bool stop_on_error_ = true;
    bool confirm_on_production_ = true;
    bool asks_parameters_ = true;
    Scope asked_scope_ = Scope::Current; ///< what waits for the values of parameters
    std::function<void()> asked_then_;   ///< what waits for them instead, when it is no run
    std::string run_text_;   ///< the editor's text that the run's spans count in
    bool text_moved_ = false; ///< edited since: spans no longer fit the editor
    std::map<std::size_t, ByteSpan> spans_; ///< of the statements that the run has finished
    RunTally tally_;
    QPointer<HistoryKeeper> history_;
    quint64 history_token_ = 0;
    QString task_title_, timing_, place_, summary_;
};

} // namespace howdah::ui
