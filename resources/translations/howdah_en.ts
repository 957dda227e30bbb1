<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
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
</TS>
