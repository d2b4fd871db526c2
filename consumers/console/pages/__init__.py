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
    streams,
    system,
)
from consumers.console.pages import rule as one_rule

PAGES: tuple[Page, ...] = (
    now.PAGE,
    alerts.PAGE,
    one_alert.PAGE,
    streams.PAGE,
    dead_letters.PAGE,
    dead_letter.PAGE,
    look_up.PAGE,
    reports.PAGE,
    reports.RECORDS,
    on_call.PAGE,
    rules.PAGE,
    one_rule.PAGE,
    system.PAGE,
)
