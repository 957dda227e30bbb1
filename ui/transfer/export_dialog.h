// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include <QDialog>
#include <QElapsedTimer>

#include "core/pg/session.h"
#include "core/result/row_source.h"
#include "core/transfer/export.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QRadioButton;

namespace howdah::ui {

class Banner;
class TaskProgress;

/// What can be exported: rows that are loaded, a statement that gives them, or both.
struct ExportSubject {
    QString title;                              ///< "orders"; the file's name is proposed from it
    QString statement;                          ///< "" when only loaded rows can be had
    sql::ParameterValues values;                ///< of the statement's parameters
    std::optional<result::RowView> rows;        ///< loaded ones
    std::vector<std::size_t> columns;           ///< of the loaded rows, in the order shown
    bool rows_are_all = true;                   ///< false: the server has more
    std::string table = "table_name";           ///< that INSERT names
};

/// Writes rows to a file: chosen format and file, progress, cancel; what was written, or why not, at the end.
class ExportDialog : public QDialog
{
    Q_OBJECT
public:
    /// `session` runs the statement; null when there is only what is loaded.
    ExportDialog(ExportSubject subject, std::shared_ptr<pg::Session> session, QWidget *parent = nullptr);
    ~ExportDialog() override;

    void setFile(const QString &file);
    void setFormat(transfer::FileFormat format);
    void chooseLoaded(bool loaded);
    void start();
    [[nodiscard]] bool isRunning() const { return running_; }

Q_SIGNALS:
    /// After the file was written; also when nothing could be.
    void ended(bool written);

public Q_SLOTS:
    void reject() override;

private:
    void build();
    QWidget *buildSource();
    void formatChosen();
    void browse();
    void refresh();
    void showProgress(std::int64_t rows, std::int64_t bytes);
    void finish(const Result<transfer::ExportOutcome> &outcome);
    [[nodiscard]] transfer::FileFormat format() const;

    ExportSubject subject_;
    std::shared_ptr<pg::Session> session_;
    QRadioButton *loaded_ = nullptr;
    QRadioButton *again_ = nullptr;
    QComboBox *format_ = nullptr;
    QLineEdit *file_ = nullptr;
    QCheckBox *header_ = nullptr;
    QComboBox *delimiter_ = nullptr;
    QLineEdit *null_text_ = nullptr;
    QLabel *note_ = nullptr;
    Banner *banner_ = nullptr;
    TaskProgress *progress_ = nullptr;
    QPushButton *start_ = nullptr;
    QPushButton *close_ = nullptr;
    QElapsedTimer clock_;
    std::stop_source stop_;
    bool running_ = false;
};

} // namespace howdah::ui
