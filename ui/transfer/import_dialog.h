// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QDialog>
#include <QElapsedTimer>

#include "core/pg/catalog.h"
#include "core/pg/session.h"
#include "core/transfer/import.h"
#include "ui/grid/latest_job.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;
class QTableWidget;

namespace howdah::ui {

class Banner;
class TaskProgress;

/// Reads a CSV file into a table: shows what the file looks like and where its columns go, the statements that will be
/// sent, then how far it is, and the rows that were refused.
class ImportDialog : public QDialog
{
    Q_OBJECT
public:
    /// `table` preselected, as "schema.name" in SQL's writing; "" for a new one.
    ImportDialog(std::shared_ptr<pg::Session> session, std::shared_ptr<const pg::Catalog> catalog, const QString &table,
                 QWidget *parent = nullptr);
    ~ImportDialog() override;

    void setFile(const QString &file);
    /// On production: the database's name, which has to be typed before anything is imported.
    void setConfirmName(const QString &name);
    [[nodiscard]] transfer::ImportPlan plan() const;
    void start();
    [[nodiscard]] bool isRunning() const { return running_; }

Q_SIGNALS:
    void previewed();
    void ended(bool imported);

public Q_SLOTS:
    void reject() override;

private:
    void build();
    QWidget *buildFileRow();
    QWidget *buildDialect();
    void browse();
    void preview(bool guess);
    void accept(const Result<transfer::ImportPreview> &preview);
    void fillTable();
    void mapColumns();
    void refreshSql();
    void finish(const Result<transfer::ImportOutcome> &outcome);
    void showBadRows(const std::vector<transfer::BadRow> &rows);
    [[nodiscard]] bool isConfirmed() const;
    [[nodiscard]] const pg::CatalogRelation *target() const;
    [[nodiscard]] transfer::CsvDialect dialect() const;

    std::shared_ptr<pg::Session> session_;
    std::shared_ptr<const pg::Catalog> catalog_;
    QLineEdit *file_ = nullptr;
    QComboBox *delimiter_ = nullptr;
    QCheckBox *header_ = nullptr;
    QComboBox *table_ = nullptr;
    QCheckBox *skip_ = nullptr;
    QLabel *facts_ = nullptr;
    QTableWidget *columns_ = nullptr;
    QPlainTextEdit *sql_ = nullptr;
    Banner *banner_ = nullptr;
    TaskProgress *progress_ = nullptr;
    QPushButton *start_ = nullptr;
    QLineEdit *confirmation_ = nullptr; ///< only on production
    QString confirm_name_;
    LatestJob preview_job_;
    transfer::ImportPreview preview_;
    QElapsedTimer clock_;
    bool running_ = false;
    bool filling_ = false;
};

} // namespace howdah::ui
