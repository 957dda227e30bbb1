// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/connections/connection_test.h"

#include <algorithm>
#include <chrono>

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QThreadPool>
#include <QVBoxLayout>

#include "core/base/human.h"
#include "core/pg/session.h"
#include "ui/base/bridge.h"
#include "ui/base/card.h"
#include "ui/base/palette.h"

namespace howdah::ui {

namespace {

constexpr int round_trips = 5;

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// The shortest of a few: what the network needs, not what the machines happened to do beside.
double roundTrip(pg::Connection &connection)
{
    double best = -1;
    for (int i = 0; i < round_trips; ++i) {
        const auto start = Clock::now();
        if (!connection.query("SELECT 1"))
            break;
        const double took = since(start);
        best = best < 0 ? took : std::min(best, took);
    }
    return best;
}

QString fromUtf8(const std::string &utf8)
{
    return QString::fromStdString(utf8);
}

} // namespace

ConnectionTest::ConnectionTest(QWidget *parent)
    : QWidget(parent), card_(new Card(this)), title_(new QLabel(card_)), details_(new QLabel(card_)),
      cancel_(new QPushButton(tr("Cancel"), card_))
{
    QFont bold = textFont();
    bold.setWeight(QFont::DemiBold);
    title_->setFont(bold);
    for (QLabel *label : {title_, details_}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    cancel_->setToolTip(tr("Stop trying (Esc)"));
    connect(cancel_, &QPushButton::clicked, this, &ConnectionTest::cancel);
    auto *first = new QHBoxLayout;
    first->addWidget(title_, 1);
    first->addWidget(cancel_);
    card_->body()->addLayout(first);
    card_->body()->addWidget(details_);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(card_);
    hide();
}

ConnectionTest::~ConnectionTest()
{
    letGo();
}

void ConnectionTest::letGo()
{
    ++run_;
    if (!session_)
        return;
    // Ending a session waits for its worker, and a worker that resolves a name cannot be interrupted.
    session_->cancelAll();
    QThreadPool::globalInstance()->start([session = std::shared_ptr<pg::Session>(std::move(session_))]() mutable { session.reset(); });
}

void ConnectionTest::start(const pg::ConnectionSpec &spec)
{
    letGo();
    const int run = run_;
    session_ = std::make_unique<pg::Session>(spec);
    card_->setEdge(Tone::Accent);
    title_->setText(tr("Connecting…"));
    details_->hide();
    cancel_->show();
    show();
    Q_EMIT started();
    const std::function<void(Result<Outcome>)> answer = [this, run](const Result<Outcome> &outcome) { answered(run, outcome); };
    const auto tell = onGui(this, answer);
    const auto begin = Clock::now();
    session_->post(
        [tell, begin](pg::Connection &connection) {
            Outcome outcome;
            outcome.connect_ms = since(begin);
            outcome.facts = connection.facts();
            outcome.round_trip_ms = roundTrip(connection);
            tell(outcome);
        },
        [tell](Error error) { tell(tl::unexpected<Error>(std::move(error))); });
}

void ConnectionTest::cancel()
{
    if (!session_)
        return;
    letGo();
    say(Tone::Neutral, tr("Stopped before the server answered"), {});
    Q_EMIT finished(false);
}

void ConnectionTest::clear()
{
    const bool was_running = isRunning();
    letGo();
    hide();
    if (was_running)
        Q_EMIT finished(false);
}

void ConnectionTest::say(Tone tone, const QString &title, const QString &details)
{
    card_->setEdge(tone);
    title_->setText(title);
    details_->setText(details);
    details_->setVisible(!details.isEmpty());
    cancel_->hide();
    card_->setAccessibleName(title);
    card_->setAccessibleDescription(details);
    show();
}

void ConnectionTest::answered(int run, const Result<Outcome> &outcome)
{
    if (run != run_)
        return;
    letGo();
    if (!outcome) {
        const Error &error = outcome.error();
        QStringList details;
        for (const QString &line : fromUtf8(error.message).split(QLatin1Char('\n'), Qt::SkipEmptyParts))
            details << line.simplified(); // libpq indents its second line with a tab
        if (!error.detail.empty())
            details << fromUtf8(error.detail);
        if (!error.hint.empty())
            details << fromUtf8(error.hint);
        say(Tone::Bad,
            error.sqlstate.empty() ? tr("Not connected") : tr("Not connected · SQLSTATE %1").arg(fromUtf8(error.sqlstate)),
            details.join(QLatin1Char('\n')));
        Q_EMIT finished(false);
        return;
    }
    const pg::ServerFacts &facts = outcome->facts;
    QStringList lines;
    lines << tr("Database %1 as %2%3").arg(fromUtf8(facts.database), fromUtf8(facts.role), facts.is_superuser ? tr(" (superuser)") : QString());
    const bool is_socket = facts.host.starts_with('/');
    lines << (!facts.tls.empty() ? tr("Encrypted: %1").arg(fromUtf8(facts.tls))
              : is_socket        ? tr("Over a socket of this machine")
                                 : tr("Not encrypted"));
    if (facts.in_recovery)
        lines << tr("This is a standby: it can only be read");
    else if (facts.read_only)
        lines << tr("Transactions start read-only");
    lines << tr("Connected in %1, a round trip takes %2").arg(fromUtf8(human::duration(outcome->connect_ms)), fromUtf8(human::duration(outcome->round_trip_ms)));
    say(Tone::Good, tr("PostgreSQL %1 answers").arg(fromUtf8(facts.version)), lines.join(QLatin1Char('\n')));
    Q_EMIT finished(true);
}

QString ConnectionTest::text() const
{
    return isVisibleTo(parentWidget()) ? title_->text() + (details_->text().isEmpty() ? QString() : QLatin1Char('\n') + details_->text()) : QString();
}

} // namespace howdah::ui
