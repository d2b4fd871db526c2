"""The list of pages, in the order of the menu."""

from consumers.console.page import Page
from consumers.console.pages import alert as one_alert
from consumers.console.pages import alerts, now

PAGES: tuple[Page, ...] = (
    now.PAGE,
    alerts.PAGE,
    one_alert.PAGE,
)
