"""What Alertmanager's file may say and this program does not do: refused by name, with what to do instead."""

from collections.abc import Iterable, Mapping
from typing import Any

from backoffice.config.problems import Location

Found = tuple[Location, str]

GO_TEMPLATE = "Go templates are not supported (remove it; for texts of your own, see alerting.templates)"

_INTEGRATIONS = {
    "discord": "Discord",
    "incidentio": "incident.io",
    "jira": "Jira",
    "mattermost": "Mattermost",
    "msteams": "Microsoft Teams",
    "msteamsv2": "Microsoft Teams",
    "opsgenie": "OpsGenie",
    "pushover": "Pushover",
    "rocketchat": "Rocket.Chat",
    "sns": "Amazon SNS",
    "telegram": "Telegram",
    "victorops": "VictorOps",
    "webex": "Webex",
    "wechat": "WeChat",
}
_KEYS_OF_INTEGRATIONS = (
    *("opsgenie_api_url", "opsgenie_api_key", "opsgenie_api_key_file"),
    *("wechat_api_url", "wechat_api_secret", "wechat_api_corp_id"),
    *("victorops_api_url", "victorops_api_key", "victorops_api_key_file"),
    *("telegram_api_url", "webex_api_url", "jira_api_url", "rocketchat_api_url"),
    *("rocketchat_token", "rocketchat_token_file", "rocketchat_token_id", "rocketchat_token_id_file"),
)

_OWN_TEXTS = "texts of notices are ours (remove it; for texts of your own, see alerting.templates)"
_FROM_LABELS = "is taken from the alerts' labels (remove it)"
_NO_PROXY = "is not read from here (remove it, and set HTTPS_PROXY or NO_PROXY for the notifier)"
_NO_CRAM = "mail servers are logged in to with a password (use auth_password)"

_BY_PARENT: Mapping[str, Mapping[str, str]] = {
    "http_config": {
        **dict.fromkeys(("proxy_url", "no_proxy", "proxy_connect_header"), _NO_PROXY),
        "oauth2": "is not supported (write basic_auth or authorization)",
        "http_headers": "own headers are not sent (remove it, or put a gateway between)",
        "follow_redirects": "redirects are not followed (remove it, and write the final address)",
        "tls_config": "servers need a certificate that this machine trusts (add it to the system's, and remove this)",
    },
    "tls_config": {
        "insecure_skip_verify": "servers are always verified (write ca_file: the certificate that they show)",
        **dict.fromkeys(("cert", "cert_file", "key", "key_file"), "no certificate of our own is shown (remove it)"),
        **dict.fromkeys(("ca", "ca_ref", "cert_ref", "key_ref"), "is not supported (write ca_file)"),
        "server_name": "is that of the smarthost (remove it)",
        **dict.fromkeys(("min_version", "max_version"), "is what this machine allows (remove it)"),
    },
    "email_configs": {
        **dict.fromkeys(("html", "text", "headers"), _OWN_TEXTS),
        **dict.fromkeys(("auth_secret", "auth_secret_file"), _NO_CRAM),
        "auth_identity": "is the user's own (remove it)",
    },
    "pagerduty_configs": {
        **dict.fromkeys(
            ("service_key", "service_key_file"), "is of an older API (use routing_key, of the Events API v2)"
        ),
        **dict.fromkeys(("class", "component", "group", "severity", "source"), _FROM_LABELS),
        **dict.fromkeys(("client", "client_url", "description", "details", "images", "links"), _OWN_TEXTS),
    },
    "slack_configs": {
        **dict.fromkeys(("title", "title_link", "pretext", "text", "fields", "short_fields", "footer"), _OWN_TEXTS),
        **dict.fromkeys(("fallback", "callback_id", "color", "image_url", "thumb_url"), _OWN_TEXTS),
        **dict.fromkeys(("link_names", "mrkdwn_in", "actions", "message_text", "edit_messages"), _OWN_TEXTS),
        **dict.fromkeys(("app_token", "app_token_file", "app_url"), "is not supported (use api_url, of a webhook)"),
    },
    "receivers": {
        f"{name}_configs": f"{what} is not supported from here (name the receiver under alerting.receivers of our "
        "configuration instead, with an apprise channel)"
        for name, what in _INTEGRATIONS.items()
    },
    "global": {
        **{
            key: f"belongs to {_INTEGRATIONS[key.partition('_')[0]]}, which is not supported from here (remove it)"
            for key in _KEYS_OF_INTEGRATIONS
        },
        **dict.fromkeys(("smtp_auth_secret", "smtp_auth_secret_file"), _NO_CRAM),
        "smtp_auth_identity": "is the user's own (remove it)",
        **dict.fromkeys(("slack_app_token", "slack_app_token_file", "slack_app_url"), "is not supported (remove it)"),
    },
    "": {"templates": GO_TEMPLATE},
}
"""Why a key is refused, by what it stands in: a mapping, or a list of mappings. "": the file itself."""

_ALIASES = {"smtp_tls_config": "tls_config"}
_WITH_TEXTS = ("receivers", "global")
"""The parts of the file in which Alertmanager reads templates, or hands values on to them."""

_FALSE = ("false", "no", "off", "n")


def take_out(values: Any, here: Location = ()) -> tuple[Any, list[Found]]:
    """The file's values without what is not supported, and what that was. What is empty, or says no to
    something that is not done, counts as not written."""
    if isinstance(values, list):
        parts = [take_out(value, (*here, i)) for i, value in enumerate(values)]
        return [kept for kept, _ in parts], [one for _, found in parts for one in found]
    if not isinstance(values, dict):
        return values, []
    kept, problems = {}, []
    refused = _BY_PARENT.get(_parent(here), {})
    for name, value in values.items():
        place = (*here, name)
        if _is_go_template(place, value):
            problems.append((place, GO_TEMPLATE))
        elif name not in refused:
            kept[name], found = take_out(None if _says_nothing(place, value) else value, place)
            problems += found
        elif value not in ("", [], {}) and not (isinstance(value, str) and value.lower() in _FALSE):
            problems.append((place, refused[name]))
    return kept, problems


def about_others(found: Iterable[Found], refused: Iterable[Found]) -> list[Found]:
    """Without what only follows from something that was taken out of the same integration."""
    around = {place[:-1] for place, _ in refused if len(place) > len(("receivers", 0, "webhook_configs", 0))}
    return [(place, what) for place, what in found if place not in around and place[:-1] not in around]


def _parent(here: Location) -> str:
    names = [part for part in here if isinstance(part, str)]
    return _ALIASES.get(names[-1], names[-1]) if names else ""


def _says_nothing(place: Location, value: Any) -> bool:
    """Only routing tells an empty text from none."""
    return value == "" and place[0] in _WITH_TEXTS


def _is_go_template(place: Location, value: Any) -> bool:
    return isinstance(value, str) and "{{" in value and place[0] in _WITH_TEXTS
