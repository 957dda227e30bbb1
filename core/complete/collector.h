// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/complete/complete.h"
#include "core/complete/place.h"

namespace howdah::complete {

/// Gathers candidates for a place: each is offered with a weight, and taken when what was typed fits it.
class Collector
{
public:
    Collector(const Statement &statement, const Snapshot &snapshot, const Place &place, const Request &request)
        : statement_(statement), snapshot_(snapshot), place_(place), request_(request)
    {
    }

    void collect();
    [[nodiscard]] std::vector<Candidate> take();

private:
    /// `name` is what is matched and shown; `insert` is made from it where it is empty.
    Candidate *offer(Kind kind, std::string_view name, std::string detail, int weight, std::string insert = {});
    [[nodiscard]] int scoreOf(Kind kind, std::string_view name, int weight) const;
    void keepTheBest();
    void offerKeywords();
    void offerQualified();
    void offerColumns();
    void offerColumnsOfAll();
    void offerColumn(const Column &column, const Source &source, bool ambiguous, int weight);
    void offerOutputs();
    void offerCommonColumns();
    void offerRelation(const pg::CatalogRelation &relation, int weight, bool qualify);
    void offerRelations(std::uint32_t wants, std::string_view schema);
    void offerSchemas(int weight);
    void offerFunctions(std::uint32_t wants, std::string_view schema);
    void offerFunction(const pg::CatalogFunction &function, std::size_t more, int weight, bool qualify);
    void offerTypes(std::string_view schema);
    void offerSettings();
    void offerSettingValues();
    void offerOfRelation();
    void offerLists();
    void offerNamed();
    void offerWords();
    // joins.cpp
    void offerJoins();
    void offerConditions();
    [[nodiscard]] std::string condition(const ForeignKey &key, bool outgoing, std::string_view mine, std::string_view theirs) const;
    [[nodiscard]] std::string newAlias(std::string_view name) const;

    [[nodiscard]] std::string quoted(std::string_view name) const;
    [[nodiscard]] std::string qualifiedName(const pg::CatalogRelation &relation) const;
    [[nodiscard]] bool wants(std::uint32_t what) const { return (place_.wants & what) != 0; }
    [[nodiscard]] bool lowerKeywords(bool typed = false) const;

    const Statement &statement_;
    const Snapshot &snapshot_;
    const Place &place_;
    const Request &request_;
    std::vector<Candidate> candidates_;
    int floor_ = 0; ///< what scores no more is not taken any more
};

} // namespace howdah::complete
