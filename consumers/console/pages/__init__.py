"""The list of pages, in the order of the menu."""

from consumers.console.page import Page
from consumers.console.pages import alert as one_alert
from consumers.console.pages import (
    alerts,
    dead_letter,
    dead_letters,
    look_up,
    now,
    on_call,
    reports,
    rules,
    silences,
    streams,
    system,
)
from consumers.console.pages import rule as one_rule

PAGES: tuple[Page, ...] = (
    now.PAGE,
    alerts.PAGE,
    one_alert.PAGE,
    silences.PAGE,
    on_call.PAGE,
    look_up.PAGE,
    streams.PAGE,
    dead_letters.PAGE,
    dead_letter.PAGE,
    rules.PAGE,
    one_rule.PAGE,
    reports.PAGE,
    reports.RECORDS,
    system.PAGE,
)
