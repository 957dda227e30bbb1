// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QWidget>

#include "core/base/error.h"
#include "core/pg/connection.h"
#include "core/pg/connection_spec.h"
#include "ui/base/tone.h"

class QLabel;
class QPushButton;

namespace howdah::pg {
class Session;
}

namespace howdah::ui {

class Card;

/// Tries a connection and says what came of it: server, TLS, role and latency, or what is wrong and what to do.
/// Hidden until it has something to say.
class ConnectionTest : public QWidget
{
    Q_OBJECT
public:
    explicit ConnectionTest(QWidget *parent = nullptr);
    ~ConnectionTest() override;

    void start(const pg::ConnectionSpec &spec);
    void cancel();
    void clear();
    [[nodiscard]] bool isRunning() const { return session_ != nullptr; }
    /// What it says, for those who cannot see it.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void started();
    void finished(bool connected);

private:
    struct Outcome {
        pg::ServerFacts facts;
        double connect_ms = 0;
        double round_trip_ms = 0;
    };
    void answered(int run, const Result<Outcome> &outcome);
    void say(Tone tone, const QString &title, const QString &details);
    void letGo();

    Card *card_;
    QLabel *title_;
    QLabel *details_;
    QPushButton *cancel_;
    std::unique_ptr<pg::Session> session_;
    int run_ = 0;
};

} // namespace howdah::ui
