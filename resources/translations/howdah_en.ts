<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>howdah::index_tool::AdviceDetails</name>
    <message numerus="yes">
        <source>%n query(ies)</source>
        <translation>
            <numerusform>%n query</numerusform>
            <numerusform>%n queries</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::index_tool::AdviseTab</name>
    <message numerus="yes">
        <source>%n index(es) built: %1</source>
        <translation>
            <numerusform>%n index built: %1</numerusform>
            <numerusform>%n indexes built: %1</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Apply %n index(es)…</source>
        <translation>
            <numerusform>Apply %n index…</numerusform>
            <numerusform>Apply %n indexes…</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n index(es), %1: %2 of the cost</source>
        <translation>
            <numerusform>%n index, %1: %2 of the cost</numerusform>
            <numerusform>%n indexes, %1: %2 of the cost</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n query(ies)</source>
        <translation>
            <numerusform>%n query</numerusform>
            <numerusform>%n queries</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n candidate(s)</source>
        <translation>
            <numerusform>%n candidate</numerusform>
            <numerusform>%n candidates</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n plan(s)</source>
        <translation>
            <numerusform>%n plan</numerusform>
            <numerusform>%n plans</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::CommandPalette</name>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::ConfirmRunDialog</name>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>… and %n more</numerusform>
            <numerusform>… and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::ErView</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::GridEditing</name>
    <message numerus="yes">
        <source>%n row(s) changed</source>
        <translation>
            <numerusform>%n row changed</numerusform>
            <numerusform>%n rows changed</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::index_tool::HealthTab</name>
    <message numerus="yes">
        <source>%1: %n index(es), %2</source>
        <translation>
            <numerusform>%1: %n index, %2</numerusform>
            <numerusform>%1: %n indexes, %2</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::ImportDialog</name>
    <message numerus="yes">
        <source>%1 rows are in %2, %n row(s) were left out.</source>
        <translation>
            <numerusform>%1 rows are in %2, %n row was left out.</numerusform>
            <numerusform>%1 rows are in %2, %n rows were left out.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::index_tool::IndexTool</name>
    <message numerus="yes">
        <source>%n index(es) built from advice are a day old: did they help?</source>
        <translation>
            <numerusform>%n index built from advice is a day old: did it help?</numerusform>
            <numerusform>%n indexes built from advice are a day old: did they help?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::plan_tool::JudgedView</name>
    <message numerus="yes">
        <source>%n finding(s)</source>
        <translation>
            <numerusform>%n finding</numerusform>
            <numerusform>%n findings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::LintTip</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::replication_tool::LogicalView</name>
    <message numerus="yes">
        <source>%n without</source>
        <translation>
            <numerusform>%n without</numerusform>
            <numerusform>%n without</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::migration_tool::MigrationPage</name>
    <message numerus="yes">
        <source>Run these %n step(s) on this database?</source>
        <translation>
            <numerusform>Run this step on this database?</numerusform>
            <numerusform>Run these %n steps on this database?</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::partition_tool::PartitionPage</name>
    <message numerus="yes">
        <source>%1 · %n partition(s) · about %2 rows · %3</source>
        <translation>
            <numerusform>%1 · %n partition · about %2 rows · %3</numerusform>
            <numerusform>%1 · %n partitions · about %2 rows · %3</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::migration_tool::PhaseStrip</name>
    <message numerus="yes">
        <source>%1: %n step(s)</source>
        <translation>
            <numerusform>%1: %n step</numerusform>
            <numerusform>%1: %n steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::plan_tool::PlanHistoryPage</name>
    <message numerus="yes">
        <source>%n plan(s) added</source>
        <translation>
            <numerusform>%n plan added</numerusform>
            <numerusform>%n plans added</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::PlanView</name>
    <message numerus="yes">
        <source>%n finding(s) in the change as written</source>
        <translation>
            <numerusform>%n finding in the change as written</numerusform>
            <numerusform>%n findings in the change as written</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>… and %n more</source>
        <translation>
            <numerusform>… and %n more</numerusform>
            <numerusform>… and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::replication_tool::ReplicationPage</name>
    <message numerus="yes">
        <source>%n critical</source>
        <translation>
            <numerusform>%n critical</numerusform>
            <numerusform>%n critical</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n warnings</source>
        <translation>
            <numerusform>%n warning</numerusform>
            <numerusform>%n warnings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n nodes looked at</source>
        <translation>
            <numerusform>%n node looked at</numerusform>
            <numerusform>%n nodes looked at</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n lost</source>
        <translation>
            <numerusform>%n lost</numerusform>
            <numerusform>%n lost</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::partition_tool::RunPane</name>
    <message numerus="yes">
        <source>Run these %n step(s)</source>
        <translation>
            <numerusform>Run this step</numerusform>
            <numerusform>Run these %n steps</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::replication_tool::SetupPage</name>
    <message numerus="yes">
        <source>%n checks hold</source>
        <translation>
            <numerusform>%n check holds</numerusform>
            <numerusform>%n checks hold</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::SignatureTip</name>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::SqlPage</name>
    <message numerus="yes">
        <source>Line %1, column %2 · %n selected</source>
        <translation>
            <numerusform>Line %1, column %2 · %n selected</numerusform>
            <numerusform>Line %1, column %2 · %n selected</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Messages · %n error(s)</source>
        <translation>
            <numerusform>Messages · %n error</numerusform>
            <numerusform>Messages · %n errors</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Messages · %n warning(s)</source>
        <translation>
            <numerusform>Messages · %n warning</numerusform>
            <numerusform>Messages · %n warnings</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n statement(s) after it were not run.</source>
        <translation>
            <numerusform>%n statement after it were not run.</numerusform>
            <numerusform>%n statements after it were not run.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n statement(s) were left as they are.</source>
        <translation>
            <numerusform>%n statement was left as it is.</numerusform>
            <numerusform>%n statements were left as they are.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n statement(s)</source>
        <translation>
            <numerusform>%n statement</numerusform>
            <numerusform>%n statements</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::StepRow</name>
    <message numerus="yes">
        <source>Show all %n line(s)</source>
        <translation>
            <numerusform>Show all %n line</numerusform>
            <numerusform>Show all %n lines</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::index_tool::VerifyTab</name>
    <message numerus="yes">
        <source>%n set(s) built from advice</source>
        <translation>
            <numerusform>%n set built from advice</numerusform>
            <numerusform>%n sets built from advice</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>howdah::ui::WhatIfView</name>
    <message numerus="yes">
        <source>median of %n warm run(s)</source>
        <translation>
            <numerusform>median of %n warm run</numerusform>
            <numerusform>median of %n warm runs</numerusform>
        </translation>
    </message>
</context>
</TS>
