// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QCoreApplication>
#include <QString>

#include "core/index/advise.h"
#include "core/index/ledger.h"
#include "ui/base/tone.h"

namespace howdah::index_tool {

/// How the Advise and Verify tabs say what they show.
class AdviseWords
{
    Q_DECLARE_TR_FUNCTIONS(howdah::index_tool::AdviseWords)
public:
    static QString qt(const std::string &text) { return QString::fromStdString(text); }
    static QString bytes(double bytes);
    static QString cost(double cost);       ///< the planner's units, shortened
    static QString share(double part, double whole); ///< "61 %"
    static QString duration(double ms);
    static QString change(double before, double after); ///< "12× less", "same"
    static ui::Tone changeTone(double before, double after);

    static QString proof(index::Proof proof);
    static QString shortProof(index::Proof proof); ///< a word
    static QString proofMeaning(index::Proof proof);
    static ui::Tone proofTone(index::Proof proof);
    static QString step(const char *step);  ///< of AdviseProgress
    static QString size(const index::AdvisedIndex &index);
    static QString verdict(const std::string &verdict); ///< of Applied
    static ui::Tone verdictTone(const std::string &verdict);
    static QString time(std::int64_t at_ms);

    /// "orders (customer_id, created_at DESC)": a CREATE INDEX without what all of them have.
    static QString shortDdl(const std::string &ddl);
};

} // namespace howdah::index_tool
